# SPDX-License-Identifier: GPL-2.0-only
"""For drgn: of each CPU, the task that its runqueue says it runs, its process ID, and its stack."""
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.percpu import per_cpu

for cpu in for_each_possible_cpu(prog):
    task = per_cpu(prog["runqueues"], cpu).curr
    print(f"{cpu} {task.value_():x} {task.pid.value_()} {task.stack.value_():x}")
