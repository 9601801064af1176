# SPDX-License-Identifier: GPL-2.0-only
"""For drgn: which of the questions that `meminspect check` predicts it answers, with a comma in between."""
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.fs import for_each_mount, mount_dst, mount_fstype
from drgn.helpers.linux.irq import for_each_irq_desc, irq_desc_action_names
from drgn.helpers.linux.mm import for_each_vma
from drgn.helpers.linux.module import for_each_module
from drgn.helpers.linux.percpu import per_cpu
from drgn.helpers.linux.pid import find_task, for_each_task
from drgn.helpers.linux.printk import get_dmesg
from drgn.helpers.linux.slab import for_each_slab_cache


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
    "for_each_module": lambda: [(module.name, module.mem[0].base.value_()) for module in for_each_module(prog)],
    "for_each_irq_desc": lambda: [irq_desc_action_names(desc) for _, desc in for_each_irq_desc(prog)],
    "for_each_mount": lambda: [(mount_dst(mount), mount_fstype(mount)) for mount in for_each_mount(prog)],
    "for_each_vma": lambda: [vma.vm_start.value_() for vma in for_each_vma(find_task(prog, 1).mm)],
    "for_each_slab_cache": lambda: [cache.name.string_() for cache in for_each_slab_cache(prog)],
}
answered = []
for question, ask in questions.items():
    try:
        ask()
        answered.append(question)
    except Exception as error:
        print(f"{question}: {error}", file=__import__("sys").stderr)
print(", ".join(answered))
