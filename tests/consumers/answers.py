# SPDX-License-Identifier: GPL-2.0-only
"""For drgn: which of the questions that `meminspect check` predicts it answers, with a comma in between."""
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.percpu import per_cpu
from drgn.helpers.linux.pid import for_each_task
from drgn.helpers.linux.printk import get_dmesg


def cpus():
    return for_each_possible_cpu(prog)


def runqueue(cpu):
    return per_cpu(prog["runqueues"], cpu)


def stack_traces():
    for cpu in cpus():
        # A CPU in user mode has no frame of the kernel but the one that it came by.
        if not len(prog.stack_trace(runqueue(cpu).curr)):
            raise ValueError("no frame")
        runqueue(cpu).curr.comm.string_()


questions = {
    "get_dmesg": lambda: get_dmesg(prog),
    "crashed_thread": lambda: prog.crashed_thread().object.comm.string_(),
    "stack_trace of each CPU": stack_traces,
    "for_each_task": lambda: [task.comm.string_() for task in for_each_task(prog)],
    "per_cpu(runqueues)": lambda: [runqueue(cpu).nr_running.value_() for cpu in cpus()],
}
answered = []
for question, ask in questions.items():
    try:
        ask()
        answered.append(question)
    except Exception as error:
        print(f"{question}: {error}", file=__import__("sys").stderr)
print(", ".join(answered))
