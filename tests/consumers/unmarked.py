# SPDX-License-Identifier: GPL-2.0-only
"""Lists what crash reads of a full dump and the kernel does not mark: docs/what-suffices.md says why.

Run as: drgn -q -c DUMP -s VMLINUX --no-default-symbols unmarked.py OBJECTS

OBJECTS gets JSON. The first line is about the machine: by how much addresses in the linear map and
in the image differ from physical ones, which task to start with, on which CPU. Then a line for each
object: class, name, address, size, and the physically contiguous extents [address, length] behind it.
sparse-core.py makes a core of them and of what is marked.
"""
import json
import sys

from drgn import sizeof
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.list import hlist_for_each_entry, list_for_each_entry
from drgn.helpers.linux.mm import follow_phys, phys_to_virt
from drgn.helpers.linux.percpu import per_cpu

PAGE = prog["PAGE_SIZE"].value_()
X86 = prog.platform.arch.name == "X86_64"
CPUS = list(for_each_possible_cpu(prog))
INIT_MM = prog["init_mm"].address_of_()

seen = set()
output = open(sys.argv[1], "w")


def write(what):
    json.dump(what, output)
    output.write("\n")


def physical(address):
    return follow_phys(INIT_MM, address).value_()


def extents(address, size):
    found = []
    end = address + size
    while address < end:
        length = min(end, (address & -PAGE) + PAGE) - address
        paddr = physical(address)
        if found and sum(found[-1]) == paddr:
            found[-1][1] += length
        else:
            found.append([paddr, length])
        address += length
    return found


def need(kind, name, address, size):
    address = int(address)
    if size and (address, size) not in seen:
        seen.add((address, size))
        write({"class": kind, "name": name, "address": address, "size": size, "extents": extents(address, size)})


def need_object(kind, name, what):
    need(kind, name, what.address_, sizeof(what))


def need_string(kind, name, pointer):
    if pointer:
        need(kind, name, pointer, len(pointer.string_()) + 1)


def symbol(name):
    return prog.symbol(name).address


def machine():
    cpu = max(prog["panic_cpu"].counter.value_(), 0)
    write({"linear": phys_to_virt(prog, 0).value_(), "image": symbol("_stext") - physical(symbol("_stext")),
           "cpu": cpu, "task": per_cpu(prog["runqueues"], cpu).curr.value_()})


# --- what the kernel does not mark ---
def timer():
    for cpu in CPUS:
        for base in per_cpu(prog["timer_bases"], cpu):
            for vector in base.vectors:
                for entry in hlist_for_each_entry("struct timer_list", vector.address_of_(), "entry"):
                    need_object("time", "timer_list", entry[0])


def module():
    for one in list_for_each_entry("struct module", prog["modules"].address_of_(), "list"):
        # crash reads all of it, but what is not marked need not be right
        data = one.mem[prog.constant("MOD_DATA")]
        need("poison", "module_data", data.base, data.size.value_())


def config():
    # crash reads 32 KiB of the configuration, or twice as much until its end is in it
    start, end = symbol("kernel_config_data"), symbol("kernel_config_data_end")
    ask = 32 << 10
    while start + ask < end + 8:
        ask *= 2
    need("poison", "kernel_config_rest", end + 8, start + ask - end - 8)


# --- what the host knows from vmlinux ---
def constants():
    for name in ("task_state_array", "pageflag_names", "mt_slots", "mt_pivots"):
        need_object("constant", name, prog[name])
    # crash looks for a null pointer after the last state
    states = prog["task_state_array"]
    need("constant", "task_state_array_rest", states.address_ + sizeof(states), 8)
    for text in states:
        need_string("constant", "task_state_array_text", text)
    for flag in prog["pageflag_names"]:
        need_string("constant", "pageflag_names_text", flag.name)


def x86():
    need_string("constant", "pv_info_name", prog["pv_info"].name)
    need_object("constant", "lookup_num_blocks", prog["lookup_num_blocks"])
    need("constant", "text", symbol("_stext"), symbol("_etext") - symbol("_stext"))


for walk in (machine, timer, module, config, constants):
    walk()
if X86:
    x86()
output.close()
