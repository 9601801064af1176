# SPDX-License-Identifier: GPL-2.0-only
"""Walks a full dump by types and lists the objects that a post-mortem needs.

Run as: drgn -q -c DUMP -s VMLINUX --no-default-symbols cut.py OBJECTS

OBJECTS gets JSON. The first line is about the machine: by how much addresses in the linear
map and in the image differ from physical ones, what runs on each CPU, which CPU panicked.
Then a line for each object: class, name, address, size, and the physically contiguous
extents [address, length] behind it. A key tells a CPU, a node, a task or an interrupt
apart. sparse-core.py writes cores of chosen classes from it.
"""
from bisect import bisect_right
import json
import sys

from drgn import FaultError, Object, ObjectNotFoundError, cast, container_of, sizeof
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.list import list_for_each_entry, hlist_for_each_entry
from drgn.helpers.linux.mapletree import mt_for_each
from drgn.helpers.linux.mm import follow_phys, phys_to_virt
from drgn.helpers.linux.percpu import per_cpu, per_cpu_ptr
from drgn.helpers.linux.pid import for_each_task
from drgn.helpers.linux.rbtree import rbtree_inorder_for_each_entry

PAGE = prog["PAGE_SIZE"].value_()
X86 = prog.platform.arch.name == "X86_64"
THREAD_SIZE = prog.symbol("__end_init_stack").address - prog.symbol("__start_init_stack").address
CPUS = list(for_each_possible_cpu(prog))
INIT_MM = prog["init_mm"].address_of_()

pages = {}
seen = set()
output = open(sys.argv[1], "w")


def physical(address):
    page = address & -PAGE
    if page not in pages:
        pages[page] = follow_phys(INIT_MM, page).value_()
    return pages[page] + address - page


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


def mark(kind, name, address, size, key=None):
    address = int(address)
    if size == 0 or (kind, address, size) in seen:
        return
    seen.add((kind, address, size))
    try:
        pieces = extents(address, size)
    except FaultError as error:
        print(f"cut: {name} at {address:#x}: {error}", file=sys.stderr)
        return
    json.dump({"class": kind, "name": name, "key": key, "address": address, "size": size,
               "extents": pieces}, output)
    output.write("\n")


def mark_object(kind, name, what, key=None):
    mark(kind, name, what.address_, sizeof(what), key)


def mark_pointed(kind, name, pointer, key=None):
    if pointer:
        mark_object(kind, name, pointer[0], key)


def mark_string(kind, name, pointer, key=None):
    if pointer:
        mark(kind, name, pointer, len(pointer.string_()) + 1, key)


def variable(name):
    try:
        return prog[name]
    except (KeyError, ObjectNotFoundError):
        return None


def mark_variables(kind, *names):
    for name in names:
        found = variable(name)
        if found is not None:
            mark_object(kind, name, found)


def mark_per_cpu(kind, *names):
    for name in names:
        found = variable(name)
        if found is not None:
            for cpu in CPUS:
                mark_object(kind, name, per_cpu(found, cpu), cpu)


def symbol(name):
    try:
        return prog.symbol(name).address
    except LookupError:
        return None


def mark_between(kind, name, first, last):
    if symbol(first) and symbol(last):
        mark(kind, name, symbol(first), symbol(last) - symbol(first))


def log():
    ring = prog["prb"]
    mark_variables("log", "prb", "printk_rb_static", "printk_rb_dynamic", "clear_seq")
    records = 1 << ring.desc_ring.count_bits.value_()
    for name in ("descs", "infos"):
        array = getattr(ring.desc_ring, name)
        mark("log", "prb_" + name, array, records * sizeof(array[0]))
    mark("log", "prb_data", ring.text_data_ring.data, 1 << ring.text_data_ring.size_bits.value_())


def identity():
    mark_variables("identity", "init_uts_ns", "tainted_mask", "saved_command_line")
    mark_string("identity", "saved_command_line_text", prog["saved_command_line"])
    mark("constant", "linux_banner", symbol("linux_banner"), len(prog["linux_banner"].string_()) + 1)
    mark_variables("constant", "taint_flags", "task_state_array", "mt_slots", "mt_pivots", "pageflag_names")
    for text in prog["task_state_array"]:
        mark_string("constant", "task_state_array_text", text)
    # crash looks for a null pointer after the last name
    states = prog["task_state_array"]
    mark("constant", "task_state_array_rest", states.address_ + sizeof(states), 8)
    for flag in prog["pageflag_names"]:
        mark_string("constant", "pageflag_names_text", flag.name)


def cpu():
    mark_variables("cpu", "__cpu_possible_mask", "__cpu_present_mask", "__cpu_online_mask",
                   "__cpu_active_mask", "nr_cpu_ids", "__per_cpu_offset", "crashing_cpu", "panic_cpu",
                   "crash_notes", "kexec_crash_image")
    notes = variable("crash_notes")
    if notes is not None and notes:
        for number in CPUS:
            mark_object("cpu", "crash_note", per_cpu_ptr(notes, number)[0], number)
    mark_per_cpu("cpu", "pcpu_hot", "current_task", "cpu_number", "hardirq_stack_ptr")
    mark_per_cpu("cpu", "irq_stack_ptr")


def time():
    mark_variables("time", "jiffies_64", "tk_core", "shadow_timekeeper", "timekeeper_data", "cpu_khz",
                   "avenrun")


def mm():
    mark_variables("mm", "page_offset_base", "vmalloc_base", "vmemmap_base", "high_memory",
                   "_totalram_pages", "nr_swapfiles", "node_states", "node_data", "contig_page_data",
                   "init_mm", "mem_section", "zero_pfn", "huge_zero_pfn", "vm_node_stat")
    mark("mm", "swapper_pg_dir", symbol("init_top_pgt" if X86 else "swapper_pg_dir"), PAGE)
    roots = prog["mem_section"]
    per_root = PAGE // sizeof(prog.type("struct mem_section"))
    section_bits = int(prog["VMCOREINFO"].string_().decode().split("NUMBER(SECTION_SIZE_BITS)=")[1].split()[0])
    address_bits = int(prog["VMCOREINFO"].string_().decode().split("NUMBER(MAX_PHYSMEM_BITS)=")[1].split()[0])
    count = -(-(1 << (address_bits - section_bits)) // per_root)
    mark("mm", "mem_section_roots", roots, count * sizeof(roots[0]))
    for root in range(count):
        if roots[root]:
            mark("mm", "mem_section_leaf", roots[root], PAGE, root)
    nodes = variable("node_data")
    if nodes is not None:
        for node, data in enumerate(nodes):
            mark_pointed("mm", "pglist_data", data, node)
    data = prog["contig_page_data"].address_of_() if nodes is None else nodes[0]
    for zone in data.node_zones:
        mark_string("constant", "zone_name", zone.name)


def sched():
    mark_per_cpu("sched", "runqueues")
    mark_variables("sched", "root_task_group")


def maple_nodes(entry):
    """The node that an entry of a maple tree is, and all below it."""
    node = Object(prog, "struct maple_node *", entry & ~0xFF)
    yield node
    kind = (entry >> 3) & 0xF
    if kind == prog.constant("maple_range_64"):
        slots = node.mr64.slot
    elif kind == prog.constant("maple_arange_64"):
        slots = node.ma64.slot
    else:
        return
    for slot in slots:
        # What is no node (the last slot can hold the number of slots in use) lacks this bit
        if slot.value_() & 7 == 4:
            yield from maple_nodes(slot.value_())


def irq():
    mark_variables("irq", "nr_irqs", "total_nr_irqs", "sparse_irqs")
    tree = prog["sparse_irqs"]
    root = tree.ma_root.value_()
    if root & 3 == 2:
        for node in maple_nodes(root):
            mark_pointed("irq", "irq_tree_node", node)
    for number, _, entry in mt_for_each(tree.address_of_()):
        desc = cast("struct irq_desc *", entry)
        mark_pointed("irq", "irq_desc", desc, number)
        mark_string("constant", "irq_desc_name", desc.name, number)
        chip = desc.irq_data.chip
        mark_pointed("irq-chip", "irq_chip", chip, number)
        if chip:
            mark_string("irq-chip", "irq_chip_name", chip.name, number)
        action = desc.action
        while action:
            mark_pointed("irq", "irqaction", action, number)
            mark_string("irq", "irqaction_name", action.name, number)
            action = action.next
        for processor in CPUS:
            if desc.kstat_irqs:
                mark_object("irq-chip", "kstat_irqs", per_cpu_ptr(desc.kstat_irqs, processor)[0],
                            number * 1000 + processor)


def timer():
    mark_per_cpu("timer", "timer_bases", "hrtimer_bases")
    for processor in CPUS:
        for base in per_cpu(prog["timer_bases"], processor):
            for vector in base.vectors:
                for entry in hlist_for_each_entry("struct timer_list", vector.address_of_(), "entry"):
                    mark_pointed("timer-entry", "timer_list", entry, processor)
        for base in per_cpu(prog["hrtimer_bases"], processor).clock_base:
            root = base.active.rb_root.rb_root
            for entry in rbtree_inorder_for_each_entry("struct timerqueue_node", root.address_of_(), "node"):
                mark_pointed("timer-entry", "hrtimer",
                             container_of(entry, "struct hrtimer", "node"), processor)


def current():
    for processor in CPUS:
        task = per_cpu(prog["runqueues"], processor).curr
        mark_pointed("current", "current_task", task, processor)
        mark("current", "current_stack", task.stack, THREAD_SIZE, processor)


def idle():
    for processor in CPUS:
        task = per_cpu(prog["runqueues"], processor).idle
        mark_pointed("task", "idle_task", task, processor)
        mark("task-stack", "idle_stack", task.stack, THREAD_SIZE, processor)


def xarray_nodes(entry):
    if entry & 3 != 2 or entry <= 4096:
        return
    node = Object(prog, "struct xa_node *", entry - 2)
    yield node
    if node.shift:
        for slot in node.slots:
            yield from xarray_nodes(slot.value_())


def task():
    idle()
    mark_variables("task", "nr_threads", "init_pid_ns", "init_struct_pid", "arch_task_struct_size")
    for node in xarray_nodes(prog["init_pid_ns"].idr.idr_rt.xa_head.value_()):
        mark_pointed("task", "pid_tree_node", node)
    pid_size = prog.type("struct pid").size + sizeof(prog.type("struct upid"))
    for one in for_each_task(prog):
        mark_pointed("task", "task_struct", one, one.pid.value_())
        mark("task-stack", "task_stack", one.stack, THREAD_SIZE, one.pid.value_())
        pid = one.thread_pid
        mark("task", "pid", pid, pid_size + pid.level.value_() * sizeof(prog.type("struct upid")),
             one.pid.value_())
        memory = one.mm
        if memory:
            mark_pointed("task", "mm_struct", memory, one.pid.value_())
            for counter in memory.rss_stat:
                for processor in CPUS:
                    mark_object("task", "rss_stat", per_cpu_ptr(counter.counters, processor)[0],
                                one.pid.value_())


def stack():
    mark("stack", "init_stack", prog["init_task"].stack, THREAD_SIZE)
    if not X86:
        mark_per_cpu("stack", "overflow_stack")
        for processor in CPUS:
            mark("stack", "irq_stack", per_cpu(prog["irq_stack_ptr"], processor), THREAD_SIZE, processor)
        return
    for processor in CPUS:
        hot = variable("pcpu_hot")
        top = per_cpu(prog["hardirq_stack_ptr"] if hot is None else hot, processor)
        top = top.hardirq_stack_ptr if hot is not None else top
        # The pointer is to the last word of the stack
        mark("stack", "irq_stack", top.value_() + 8 - THREAD_SIZE, THREAD_SIZE, processor)
        mark_object("stack", "irq_stack_backing_store",
                    per_cpu(prog["irq_stack_backing_store"], processor), processor)
        area = per_cpu(prog["cea_exception_stacks"], processor)[0]
        for member in area.type_.members:
            if not member.name.endswith("_guard"):
                mark_object("stack", "exception_" + member.name, getattr(area, member.name), processor)


def fatal():
    if X86:
        mark_variables("x86", "idt_table", "pv_ops")
        mark_per_cpu("x86", "cpu_tss_rw")
        mark_variables("orc", "lookup_num_blocks")
        mark_between("orc", "orc_unwind_ip", "__start_orc_unwind_ip", "__stop_orc_unwind_ip")
        mark_between("orc", "orc_unwind", "__start_orc_unwind", "__stop_orc_unwind")
        mark_between("orc", "orc_lookup", "orc_lookup", "orc_lookup_end")
    mark_between("text", "text", "_stext", "_etext")


def module():
    mark_variables("module", "modules")
    for one in list_for_each_entry("struct module", prog["modules"].address_of_(), "list"):
        name = one.name.string_().decode()
        mark_pointed("module", "module", one, name)
        symbol_size = sizeof(prog.type("struct kernel_symbol"))
        for table, count in ((one.syms, one.num_syms), (one.gpl_syms, one.num_gpl_syms)):
            mark("module", "module_symbols", table, count.value_() * symbol_size, name)
        for memory in one.mem:
            mark("module-image", "module_memory", memory.base, memory.size.value_(), name)


def symbols():
    """What kallsyms puts into .rodata has no sizes: each ends where the next symbol starts."""
    addresses = sorted({one.address for one in prog.symbols()})
    for name in ("num_syms", "names", "markers", "token_table", "token_index", "offsets",
                 "relative_base", "seqs_of_names"):
        start = symbol("kallsyms_" + name)
        if start:
            end = addresses[bisect_right(addresses, start)]
            mark("symbols", "kallsyms_" + name, start, end - start)


def build():
    # With the markers IKCFG_ST and IKCFG_ED, which tools look for
    start, end = symbol("kernel_config_data"), symbol("kernel_config_data_end")
    if start:
        mark("config", "kernel_config_data", start - 8, end - start + 16)
        # crash reads 32 KiB, or twice as much until the end is in it
        ask = 32 << 10
        while start + ask < end + 8:
            ask *= 2
        mark("constant", "kernel_config_rest", end + 8, start + ask - end - 8)
    mark_between("types", "BTF", "__start_BTF", "__stop_BTF")


def machine():
    panicked = prog["panic_cpu"].counter.value_()
    json.dump({"linear": phys_to_virt(prog, 0).value_(),
               "image": symbol("_stext") - physical(symbol("_stext")),
               "current": [per_cpu(prog["runqueues"], cpu).curr.value_() for cpu in CPUS],
               "panicked": panicked if panicked >= 0 else None}, output)
    output.write("\n")


for walk in (machine, log, identity, cpu, time, mm, sched, irq, timer, current, task, stack, fatal, module, symbols,
             build):
    walk()
output.close()
