# SPDX-License-Identifier: GPL-2.0-only
"""Asks drgn what the guest printed about itself; one KEY=VALUE a line.

Run as: drgn -q -c CORE -s VMLINUX --no-default-symbols questions.py
"""
from drgn.helpers.linux.cpumask import for_each_possible_cpu, for_each_present_cpu
from drgn.helpers.linux.printk import get_dmesg

name = prog["init_uts_ns"].name
for field in ("release", "version", "machine", "nodename"):
    print(f"{field}={getattr(name, field).string_().decode()}")
print("banner=" + prog["linux_banner"].string_().decode().rstrip("\n"))
print("command_line=" + prog["saved_command_line"].string_().decode())
print("jiffies=%d" % prog["jiffies_64"].value_())
# By its name in newer kernels, or in older ones
print("nr_irqs=%d" % prog["total_nr_irqs" if "total_nr_irqs" in prog else "nr_irqs"].value_())
print("nr_threads=%d" % prog["nr_threads"].value_())
print("totalram_pages=%d" % prog["_totalram_pages"].counter.value_())
print("tainted=%d" % prog["tainted_mask"].value_())
print("possible=" + ",".join(str(cpu) for cpu in for_each_possible_cpu(prog)))
print("present=" + ",".join(str(cpu) for cpu in for_each_present_cpu(prog)))
states = prog["node_states"]
print("nodes_online=0x%x" % states[prog.constant("N_ONLINE")].bits[0].value_())
print("nodes_memory=0x%x" % states[prog.constant("N_MEMORY")].bits[0].value_())
print("percpu_offset0=0x%x" % prog["__per_cpu_offset"][0].value_())
for line in get_dmesg(prog).decode(errors="replace").splitlines():
    print("dmesg=" + line)
