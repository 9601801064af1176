# SPDX-License-Identifier: GPL-2.0-only
"""Answers the questions for drgn in a list as tests/bench/consumers.list, each as far as it gets.

Run as: drgn -q -c CORE -s VMLINUX --no-default-symbols ask-drgn.py LIST
"""
import sys

from drgn import Object
from drgn.helpers.common.memory import identify_address
from drgn.helpers.linux import *
from drgn.helpers.linux.boot import kaslr_offset
from drgn.helpers.linux.kconfig import get_kconfig
from drgn.helpers.linux.timekeeping import ktime_get_real_seconds, uptime


def stack(task, title):
    yield f"{title} PID: {task.pid.value_()} COMMAND: {task.comm.string_().decode()}"
    yield str(prog.stack_trace(task))


def stacks_of_cpus():
    for cpu in for_each_possible_cpu():
        yield from stack(cpu_curr(cpu), f"CPU: {cpu}")


def stacks_of_tasks():
    for task in for_each_task():
        if cpu_curr(task_cpu(task)) != task:
            yield from stack(task, "TASK")


def timers():
    for cpu in for_each_possible_cpu():
        for base in per_cpu(prog["timer_bases"], cpu):
            yield f"CPU: {cpu}"
            for timer in timer_base_for_each(base.address_of_()):
                yield timer.expires, timer.function


def hrtimers():
    for cpu in for_each_possible_cpu():
        for base in per_cpu(prog["hrtimer_bases"], cpu).clock_base:
            yield f"CPU: {cpu}"
            for timer in hrtimer_clock_base_for_each(base.address_of_()):
                yield timer.node.expires, timer.function


def shown(value):
    if isinstance(value, Object):
        return value.format_(dereference=False)
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, tuple):
        return ", ".join(map(shown, value))
    return str(value)


def answer(question):
    value = eval(question)
    for one in [value] if isinstance(value, (Object, bytes, str, tuple)) or not hasattr(value, "__iter__") else value:
        print(shown(one))


for line in open(sys.argv[1]):
    tool, _, question = line.rstrip("\n").partition("|")
    if tool != "drgn":
        continue
    print("drgn>", question)
    try:
        answer(question)
    except Exception as error:
        print(f"error: {type(error).__name__}: {error}")
    sys.stdout.flush()
print("drgn> quit")
