# SPDX-License-Identifier: GPL-2.0-only
"""Where regions have to be, and how large they have to be, from what drgn knows of the kernel.

Run as: drgn -q -c CORE -s VMLINUX --no-default-symbols regions.py REGIONS

Sizes come from the debugging information and the symbol table of vmlinux, addresses of what is
allocated from pointers in the dump. REGIONS is what the dump has, as JSON. Prints a line for each region
that is not as it has to be, and for each that nothing here knows; then how many were as they have
to be, by name, how many are of tasks that come or go, and what VMCOREINFO says of the layout of the image.
"""
import bisect
import collections
import json
import sys

from drgn import Object, cast, sizeof
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.list import list_for_each_entry
from drgn.helpers.linux.mapletree import mt_for_each
from drgn.helpers.linux.percpu import per_cpu, per_cpu_ptr
from drgn.helpers.linux.pid import for_each_pid, for_each_task

cpus = list(for_each_possible_cpu(prog))
arm64 = prog.platform.arch.name == "AARCH64"
vmcoreinfo = dict(
    line.split("=", 1) for line in prog["VMCOREINFO"].string_().decode().splitlines() if "=" in line
)
regions = json.load(open(sys.argv[1]))["regions"]
expected = {}  # (name, key, address): (smallest size, largest size)


def expect(name, key, address, smallest, largest=None):
    expected[name, key, address] = (smallest, largest or smallest)


# One symbol is what its symbol says, if it says something
STATIC = """
    init_uts_ns saved_command_line tainted_mask taint_flags prb printk_rb_static printk_rb_dynamic
    clear_seq jiffies_64 tk_core shadow_timekeeper timekeeper_data cpu_khz nr_cpu_ids
    __cpu_possible_mask __cpu_present_mask __cpu_online_mask __cpu_active_mask __per_cpu_offset
    crash_notes panic_cpu crashing_cpu idt_table nr_threads nr_irqs total_nr_irqs sparse_irqs
    avenrun node_states _totalram_pages page_offset_base vmalloc_base vmemmap_base high_memory
    nr_swapfiles init_mm node_data contig_page_data mem_section modules kexec_crash_image pv_info
    arch_task_struct_size
    init_task init_pid_ns
""".split()
RENAMED = {
    "prb_descs": "_printk_rb_static_descs",
    "prb_infos": "_printk_rb_static_infos",
    "prb_data": "__log_buf",
}
symbols = collections.defaultdict(list)
for symbol in prog.symbols():
    symbols[symbol.name].append(symbol)
for name in STATIC + list(RENAMED):
    for symbol in symbols[RENAMED.get(name, name)]:
        if symbol.size:
            expect(name, "-", symbol.address, symbol.size)

start = symbols["__start_init_stack"][0].address
expect("init_stack", "-", start, symbols["__end_init_stack"][0].address - start)

for cpu in cpus:
    for name in (
        "runqueues timer_bases hrtimer_bases pcpu_hot current_task cpu_number hardirq_stack_ptr "
        "irq_stack_ptr overflow_stack"
    ).split():
        if name in symbols and symbols[name][0].size:
            variable = per_cpu(prog[name], cpu)
            expect(name, f"cpu={cpu}", variable.address_, symbols[name][0].size)
    if arm64:
        size = 4 * 4096
        expect("irq_stack", f"cpu={cpu}", per_cpu(prog["irq_stack_ptr"], cpu).value_(), size)
    else:
        tss = per_cpu(prog["cpu_tss_rw"], cpu)
        expect("cpu_tss_rw", f"cpu={cpu}", tss.address_, sizeof(prog.type("struct x86_hw_tss")))
        if "pcpu_hot" in symbols:
            top = per_cpu(prog["pcpu_hot"], cpu).hardirq_stack_ptr.value_()
        else:
            top = per_cpu(prog["hardirq_stack_ptr"], cpu).value_()
        size = sizeof(prog.type("struct irq_stack"))
        expect("irq_stack", f"cpu={cpu}", top + 8 - size, size)
        stacks = prog.type("struct exception_stacks")
        # The processor is told where the stacks end
        for index, name in enumerate(("DF", "NMI", "DB", "MCE")):
            size = sizeof(stacks.member(f"{name}_stack").type)
            end = tss.x86_tss.ist[index].value_()
            expect(f"exception_stack_{name}", f"cpu={cpu}", end - size, size)

node_data = prog["node_data"]
for node in range(len(node_data)):
    if node_data[node]:
        expect("pglist_data", f"node={node}", node_data[node].value_(),
               sizeof(prog.type("struct pglist_data")))

mem_section = prog["mem_section"]
size = sizeof(prog.type("struct mem_section"))
nr_roots = int(vmcoreinfo["LENGTH(mem_section)"])
expect("mem_section_roots", "-", mem_section.value_(), 8 * nr_roots)
for root in range(nr_roots):
    if mem_section[root]:
        expect("mem_section_leaf", f"number={root}", mem_section[root].value_(), 4096 // size * size)

page_table = symbols["swapper_pg_dir" if arm64 else "init_top_pgt"][0]
expect("swapper_pg_dir", "-", page_table.address, 4096)

# The build aligns the tables of kallsyms to 8 bytes
addresses = sorted({symbol.address for found in symbols.values() for symbol in found})


def gap(name):
    address = symbols[name][0].address
    return address, addresses[bisect.bisect_right(addresses, address)] - address


nr_syms = prog.read_u32(symbols["kallsyms_num_syms"][0].address)
expect("kallsyms_num_syms", "-", symbols["kallsyms_num_syms"][0].address, 4)
if "kallsyms_relative_base" in symbols:
    expect("kallsyms_relative_base", "-", symbols["kallsyms_relative_base"][0].address, 8)
for name, size in (
    ("offsets", 4 * nr_syms),
    ("markers", 4 * ((nr_syms + 255) // 256)),
    ("token_index", 2 * 256),
    ("seqs_of_names", 3 * nr_syms),
):
    expect("kallsyms_" + name, "-", symbols["kallsyms_" + name][0].address, size)
for name in ("kallsyms_names", "kallsyms_token_table"):
    address, size = gap(name)
    expect(name, "-", address, size - 7, size)

start = symbols["kernel_config_data"][0].address
expect("kernel_config_data", "-", start - 8,
       symbols["kernel_config_data_end"][0].address - start + 16)
start = symbols["__start_BTF"][0].address
expect("btf", "-", start, symbols["__stop_BTF"][0].address - start)

# --- modules ---
symbol_type = prog.type("struct kernel_symbol")
for module in list_for_each_entry("struct module", prog["modules"].address_of_(), "list"):
    name = module.name.string_().decode()
    expect(f"module:{name}", "-", module.value_(), sizeof(module.type_.type))
    for table in ("syms", "gpl_syms"):
        # Newer kernels have one
        if module.type_.type.has_member(table) and module.member_("num_" + table):
            size = module.member_("num_" + table).value_() * sizeof(symbol_type)
            expect(f"ksymtab:{name}", "-", module.member_(table).value_(), size)
    kallsyms = module.core_kallsyms
    size = 0
    for index in range(kallsyms.num_symtab):
        # The symbol, its name, its type
        symbol = kallsyms.symtab[index]
        name_size = len((kallsyms.strtab + symbol.st_name).string_()) + 1
        size += sizeof(symbol.type_) + name_size + sizeof(kallsyms.typetab[index].type_)
    expect(f"kallsyms:{name}", "-", kallsyms.symtab.value_(), size)

# --- interrupts: a descriptor leads to its handlers ---
for number, _, entry in mt_for_each(prog["sparse_irqs"].address_of_()):
    desc = cast("struct irq_desc *", entry)
    key = f"number={number}"
    expect("irq_desc", key, desc.value_(), sizeof(desc.type_.type))
    action = desc.action
    while action:
        expect("irqaction", key, action.value_(), sizeof(action.type_.type))
        expect("irqaction_name", "-", action.name.value_(), len(action.name.string_()) + 1)
        action = action.next


def expect_maple_nodes(entry, first):
    node = Object(prog, "struct maple_node *", entry & ~0xFF)
    expect("irq_tree_node", f"number={first}", node.value_(), sizeof(node.type_.type))
    if (entry >> 3) & 0xF != prog.constant("maple_arange_64"):
        return
    for index, slot in enumerate(node.ma64.slot):
        # Only nodes have this bit, and all of them
        if slot.value_() & 4:
            expect_maple_nodes(slot.value_(), first)
        if index < len(node.ma64.pivot):
            first = node.ma64.pivot[index].value_() + 1


expect_maple_nodes(prog["sparse_irqs"].ma_root.value_(), 0)

# --- tasks ---
smallest = largest = sizeof(prog.type("struct task_struct"))
if not arm64:
    # What it ends with, or has behind it, is as long as the registers of this processor
    smallest -= sizeof(prog.type("union fpregs_state"))
    largest += sizeof(prog.type("struct fpu"))
stack_size = symbols["__end_init_stack"][0].address - symbols["__start_init_stack"][0].address
idle = [per_cpu(prog["runqueues"], cpu).idle for cpu in cpus]
tasks = list(for_each_task(prog)) + [task for task in idle if task != prog["init_task"].address_of_()]
mms = {task.active_mm.value_(): task.active_mm for task in tasks if task.active_mm}
for region in regions:
    # Made before there were processes: text_poke()'s own, which nothing in the dump points to
    if region["name"] == "mm_struct" and not arm64 and region["key"] == 0:
        mms[int(region["vaddr"], 16)] = Object(prog, "struct mm_struct *", int(region["vaddr"], 16))
mms.pop(prog["init_mm"].address_, None)
for task in tasks:
    key = f"pid={task.pid.value_()}"
    expect("task_struct", key, task.value_(), smallest, largest)
    # Who exited gives up the stack before the rest
    if task.stack:
        expect("task_stack", key, task.stack.value_(), stack_size)
for mm in mms.values():
    size = sizeof(mm.type_.type)
    # The mask of CPUs behind it is as long as it has to be
    expect("mm_struct", "-", mm.value_(), size + 8, size + 1024)
    counters = mm.rss_stat[0].counters
    for cpu in cpus:
        expect("rss_stat", "-", per_cpu_ptr(counters, cpu).value_(),
               len(mm.rss_stat) * sizeof(counters.type_.type))

upid_size = sizeof(prog.type("struct upid"))
for pid in [prog["init_struct_pid"].address_of_(), *for_each_pid(prog)]:
    size = sizeof(prog.type("struct pid")) + (pid.level.value_() + 1) * upid_size
    expect("pid", f"pid={pid.numbers[0].nr.value_()}", pid.value_(), size)


def expect_xarray_nodes(entry, first):
    if entry & 3 != 2 or entry <= 4096:
        return
    node = Object(prog, "struct xa_node *", entry - 2)
    expect("pid_node", f"pid={first}", node.value_(), sizeof(node.type_.type))
    for index, slot in enumerate(node.slots):
        expect_xarray_nodes(slot.value_(), first + (index << node.shift.value_()))


expect_xarray_nodes(prog["init_pid_ns"].idr.idr_rt.xa_head.value_(), 0)

# --- page tables: what leads to a region, read as the processor reads it ---
if arm64:
    levels = (int(vmcoreinfo["NUMBER(VA_BITS)"]) - 12 + 8) // 9
    first_by_tables = (1 << 64) - (1 << int(vmcoreinfo["NUMBER(VA_BITS)"]) - 1)
else:
    levels = 5 if vmcoreinfo.get("NUMBER(pgtable_l5_enabled)") == "1" else 4
    first_by_tables = prog["vmalloc_base"].value_()
image = range(*(int(vmcoreinfo[f"SYMBOL({name})"], 16) for name in ("_text", "_end")))
root = next(int(region["pieces"][0]["paddr"], 16) for region in regions if region["name"] == "swapper_pg_dir")


def translate(address):
    """Yields level and physical address of each table but the root, then 0 and that of the page."""
    table = root
    for level in range(levels - 1, -1, -1):
        entry = prog.read_u64(table + (address >> 12 + 9 * level & 511) * 8, True)
        is_page = not entry & 2 if arm64 else entry & 1 << 7
        if not entry & 1:
            return
        table = entry & 0xFFFFFFFFF000
        if not level or is_page:
            yield 0, table + (address & (1 << 12 + 9 * level) - 0x1000)
            return
        yield level, table


for region in regions:
    for piece in region["pieces"]:
        start = int(piece["vaddr"], 16)
        if start < first_by_tables or start in image:
            continue
        for address in range(start & -0x1000, start + piece["length"], 0x1000):
            for level, where in translate(address):
                if level:
                    expect("page_table", f"number={level}", where, 4096)
            if level or where != (int(piece["paddr"], 16) & -0x1000) + address - (start & -0x1000):
                print(f"wrong: page tables at {address:#x} in {region['name']}")

# --- what the kernel marked ---
# Other tests look at these, or they have no symbol and no pointer in the dump
ELSEWHERE = """
    linux_banner saved_command_line_text vmcoreinfo vmcoreinfo_note cpu_online_at_panic crash_note
    current prb_dynamic_descs prb_dynamic_infos prb_dynamic_data
""".split()
KEYS = ("-", "cpu={}", "node={}", "pid={}", "number={}")
# Handlers may share a name, and who made an address space may be gone
NO_KEY = ("irqaction_name", "mm_struct", "rss_stat")
# What is on its way in or out, which nothing leads to
PASSING = "page_table task_struct task_stack pid mm_struct rss_stat".split()
DRIVER = prog.constant("MEMINSPECT_CLASS_DRIVER")

right = collections.Counter()
passing = collections.Counter()
missing = dict(expected)
for region in regions:
    name, address, size = region["name"], int(region["vaddr"], 16), region["size"]
    key = "-" if name in NO_KEY else KEYS[region["key_kind"]].format(region["key"])
    if name == "page_table":
        address = int(region["pieces"][0]["paddr"], 16)
    what = name, key, address
    smallest, largest = missing.pop(what, (0, 0))
    if smallest <= size <= largest:
        right[name.split(":")[0]] += 1
    elif name in PASSING and what not in expected:
        passing[name] += 1
    elif not (name in ELSEWHERE or region["class"] == DRIVER or region["origin"] == "derived"
              or name.startswith("meminspect_directory")):
        print(f"wrong: {name} {key} at {address:#x}, {size} bytes")
for (name, key, address), (smallest, largest) in sorted(missing.items()):
    print(f"missing: {name} {key} at {address:#x}, {smallest} to {largest} bytes")
for name, number in sorted(right.items()):
    print(f"right: {name} {number}")
for name, number in sorted(passing.items()):
    print(f"passing: {name} {number}")
for name in ("_text", "_etext", "_sinittext", "_einittext", "_end"):
    print(f"layout: {name} {int(vmcoreinfo[f'SYMBOL({name})'], 16):x}")
