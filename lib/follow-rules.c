// SPDX-License-Identifier: LGPL-2.1-only
/*
 * What is followed for a core of a level. Each block is there for
 * commands of crash, and for what drgn has for the same.
 */
#include "follow.h"
#include "internal.h"

#define RICH	MEMINSPECT_LEVEL_RICH
#define DEFAULT	MEMINSPECT_LEVEL_DEFAULT

const struct follow_root follow_roots[] = {
	/* ps, foreach bt, task; files and mount by way of them */
	{ RICH, "init_task", false, { NULL, NULL, FOLLOW_OBJECT, "task_struct", NULL } },
	{ RICH, "init_task", false, { "task_struct", "tasks", FOLLOW_LIST, "task_struct", "tasks" } },
	{ RICH, "runqueues", true, { NULL, NULL, FOLLOW_OBJECT, "rq", NULL } },
	{ RICH, "init_pid_ns", false, { NULL, NULL, FOLLOW_OBJECT, "pid_namespace", NULL } },
	/* bt of what an interrupt or an exception interrupted */
	{ RICH, "cea_exception_stacks", true, { NULL, NULL, FOLLOW_POINTER, "cea_exception_stacks", NULL } },
	{ RICH, "pcpu_hot", true, { "pcpu_hot", "hardirq_stack_ptr", FOLLOW_STACK_TOP, NULL, NULL } },
	{ RICH, "hardirq_stack_ptr", true, { NULL, NULL, FOLLOW_STACK_TOP, NULL, NULL } },
	{ RICH, "irq_stack_ptr", true, { NULL, NULL, FOLLOW_STACK, NULL, NULL } },
	/* mount */
	{ RICH, "super_blocks", false, { NULL, NULL, FOLLOW_LIST, "super_block", "s_list" } },
	/* timer, timer -r */
	{ DEFAULT, "timer_bases", true, { NULL, NULL, FOLLOW_OBJECT, "timer_base", NULL } },
	{ DEFAULT, "hrtimer_bases", true, { NULL, NULL, FOLLOW_OBJECT, "hrtimer_cpu_base", NULL } },
	/* kmem -s */
	{ RICH, "slab_caches", false, { NULL, NULL, FOLLOW_LIST, "kmem_cache", "list" } },
	/* kmem -i, -z, -v */
	{ RICH, "node_data", false, { NULL, NULL, FOLLOW_POINTER, "pglist_data", NULL } },
	{ RICH, "contig_page_data", false, { NULL, NULL, FOLLOW_OBJECT, "pglist_data", NULL } },
	{ RICH, "sysctl_overcommit_kbytes", false, { NULL, NULL, FOLLOW_OBJECT, NULL, NULL } },
	{ RICH, "sysctl_overcommit_ratio", false, { NULL, NULL, FOLLOW_OBJECT, NULL, NULL } },
	{ RICH, "sysctl_overcommit_memory", false, { NULL, NULL, FOLLOW_OBJECT, NULL, NULL } },
	{ RICH, "vm_committed_as", false, { NULL, NULL, FOLLOW_OBJECT, "percpu_counter", NULL } },
	{ RICH, "vm_zone_stat", false, { NULL, NULL, FOLLOW_OBJECT, NULL, NULL } },
	{ RICH, "vm_node_stat", false, { NULL, NULL, FOLLOW_OBJECT, NULL, NULL } },
	{ RICH, "vm_event_states", true, { NULL, NULL, FOLLOW_OBJECT, NULL, NULL } },
	{ RICH, "nr_node_ids", false, { NULL, NULL, FOLLOW_OBJECT, NULL, NULL } },
	/* irq, irq -s */
	{ RICH, "sparse_irqs", false, { "maple_tree", "ma_root", FOLLOW_MAPLE, "irq_desc", NULL } },
	{ RICH, "kstat", true, { NULL, NULL, FOLLOW_OBJECT, NULL, NULL } },
	/* mach -c, sys -i */
	{ RICH, "cpu_info", true, { NULL, NULL, FOLLOW_OBJECT, NULL, NULL } },
	{ RICH, "dmi_ident", false, { NULL, NULL, FOLLOW_STRING, NULL, NULL } },
	/* bt through functions of modules */
	{ RICH, "modules", false, { NULL, NULL, FOLLOW_LIST, "module", "list" } },
	/* swap */
	{ RICH, "swap_info", false, { NULL, NULL, FOLLOW_POINTER, "swap_info_struct", NULL } },
	/* net */
	{ RICH, "init_net", false, { NULL, NULL, FOLLOW_OBJECT, "net", NULL } },
	/* dev, dev -p */
	{ RICH, "pci_root_buses", false, { NULL, NULL, FOLLOW_LIST, "pci_bus", "node" } },
	{ RICH, "chrdevs", false, { NULL, NULL, FOLLOW_POINTER, "char_device_struct", NULL } },
	{ RICH, "cdev_map", false, { NULL, NULL, FOLLOW_POINTER, "kobj_map", NULL } },
	{ RICH, "major_names", false, { NULL, NULL, FOLLOW_POINTER, "blk_major_name", NULL } },
};

const struct follow_rule follow_rules[] = {
	{ "rq", "curr", FOLLOW_POINTER, "task_struct", NULL },
	{ "rq", "idle", FOLLOW_POINTER, "task_struct", NULL },
	{ "rq", "stop", FOLLOW_POINTER, "task_struct", NULL },
	{ "pid_namespace", "idr.idr_rt.xa_head", FOLLOW_XARRAY, "pid", NULL },

	{ "task_struct", "stack", FOLLOW_STACK, NULL, NULL },
	{ "task_struct", "signal", FOLLOW_POINTER, "signal_struct", NULL },
	{ "task_struct", "sighand", FOLLOW_POINTER, "sighand_struct", NULL },
	{ "task_struct", "mm", FOLLOW_POINTER, "mm_struct", NULL },
	{ "task_struct", "active_mm", FOLLOW_POINTER, "mm_struct", NULL },
	{ "task_struct", "real_cred", FOLLOW_POINTER, "cred", NULL },
	{ "task_struct", "cred", FOLLOW_POINTER, "cred", NULL },
	{ "task_struct", "files", FOLLOW_POINTER, "files_struct", NULL },
	{ "task_struct", "fs", FOLLOW_POINTER, "fs_struct", NULL },
	{ "task_struct", "nsproxy", FOLLOW_POINTER, "nsproxy", NULL },
	{ "task_struct", "thread_pid", FOLLOW_POINTER, "pid", NULL },
	{ "signal_struct", "thread_head", FOLLOW_LIST, "task_struct", "thread_node" },
	{ "mm_struct", "rss_stat", FOLLOW_OBJECT, "percpu_counter", NULL },
	{ "mm_struct", "mm_mt.ma_root", FOLLOW_MAPLE, "vm_area_struct", NULL },
	{ "vm_area_struct", "vm_file", FOLLOW_POINTER, "file", NULL },
	{ "mm_struct", "exe_file", FOLLOW_POINTER, "file", NULL },
	{ "percpu_counter", "counters", FOLLOW_PERCPU, NULL, NULL },

	{ "fs_struct", "root.dentry", FOLLOW_POINTER, "dentry", NULL },
	{ "fs_struct", "root.mnt", FOLLOW_POINTER, "mount", "mnt" },
	{ "fs_struct", "pwd.dentry", FOLLOW_POINTER, "dentry", NULL },
	{ "fs_struct", "pwd.mnt", FOLLOW_POINTER, "mount", "mnt" },
	{ "files_struct", "fdt", FOLLOW_POINTER, "fdtable", NULL },
	{ "fdtable", "fd", FOLLOW_POINTERS, "file", "max_fds" },
	{ "fdtable", "open_fds", FOLLOW_BYTES, NULL, "max_fds" },
	{ "file", "f_path.dentry", FOLLOW_POINTER, "dentry", NULL },
	{ "file", "f_path.mnt", FOLLOW_POINTER, "mount", "mnt" },
	{ "file", "f_inode", FOLLOW_POINTER, "inode", NULL },
	{ "dentry", "d_parent", FOLLOW_POINTER, "dentry", NULL },
	{ "dentry", "d_name.name", FOLLOW_STRING, NULL, NULL },
	{ "dentry", "d_inode", FOLLOW_POINTER, "inode", NULL },
	{ "dentry", "d_sb", FOLLOW_POINTER, "super_block", NULL },
	{ "inode", "i_sb", FOLLOW_POINTER, "super_block", NULL },
	{ "super_block", "s_type", FOLLOW_POINTER, "file_system_type", NULL },
	{ "super_block", "s_root", FOLLOW_POINTER, "dentry", NULL },
	{ "file_system_type", "name", FOLLOW_STRING, NULL, NULL },

	{ "nsproxy", "mnt_ns", FOLLOW_POINTER, "mnt_namespace", NULL },
	{ "nsproxy", "uts_ns", FOLLOW_POINTER, "uts_namespace", NULL },
	{ "nsproxy", "net_ns", FOLLOW_POINTER, "net", NULL },
	{ "mnt_namespace", "root", FOLLOW_POINTER, "mount", NULL },
	{ "mnt_namespace", "mounts", FOLLOW_RBTREE, "mount", "mnt_node" },
	{ "mount", "mnt_parent", FOLLOW_POINTER, "mount", NULL },
	{ "mount", "mnt_mountpoint", FOLLOW_POINTER, "dentry", NULL },
	{ "mount", "mnt.mnt_root", FOLLOW_POINTER, "dentry", NULL },
	{ "mount", "mnt.mnt_sb", FOLLOW_POINTER, "super_block", NULL },
	{ "mount", "mnt_devname", FOLLOW_STRING, NULL, NULL },

	{ "timer_base", "vectors", FOLLOW_LIST, "timer_list", "entry" },
	{ "hrtimer_cpu_base", "clock_base", FOLLOW_OBJECT, "hrtimer_clock_base", NULL },
	{ "hrtimer_clock_base", "active.rb_root.rb_root", FOLLOW_RBTREE, "hrtimer", "node.node" },

	{ "kmem_cache", "name", FOLLOW_STRING, NULL, NULL },
	{ "kmem_cache", "node", FOLLOW_NODES, "kmem_cache_node", NULL },
	{ "kmem_cache", "cpu_slab", FOLLOW_PERCPU, "kmem_cache_cpu", NULL },
	{ "kmem_cache_cpu", "slab", FOLLOW_POINTER, "slab", NULL },
	{ "kmem_cache_cpu", "partial", FOLLOW_POINTER, "slab", NULL },
	{ "slab", "next", FOLLOW_POINTER, "slab", NULL },
	{ "slab", "slab_cache", FOLLOW_SLAB, "kmem_cache", "oo" },
	{ "kmem_cache_node", "partial", FOLLOW_LIST, "slab", "slab_list" },

	{ "pglist_data", "node_zones", FOLLOW_OBJECT, "zone", NULL },
	{ "zone", "name", FOLLOW_STRING, NULL, NULL },
	{ "zone", "per_cpu_pageset", FOLLOW_PERCPU, "per_cpu_pages", NULL },

	{ "module", "mem", FOLLOW_OBJECT, "module_memory", NULL },
	{ "module_memory", "base", FOLLOW_BYTES, NULL, "size" },

	{ "irq_desc", "action", FOLLOW_POINTER, "irqaction", NULL },
	{ "irq_desc", "kstat_irqs", FOLLOW_PERCPU, "irqstat", NULL },
	{ "irq_desc", "name", FOLLOW_STRING, NULL, NULL },
	{ "irq_desc", "irq_data.chip", FOLLOW_POINTER, "irq_chip", NULL },
	{ "irq_chip", "name", FOLLOW_STRING, NULL, NULL },
	{ "irqaction", "next", FOLLOW_POINTER, "irqaction", NULL },
	{ "irqaction", "name", FOLLOW_STRING, NULL, NULL },
	{ "pci_bus", "children", FOLLOW_LIST, "pci_bus", "node" },
	{ "pci_bus", "devices", FOLLOW_LIST, "pci_dev", "bus_list" },
	{ "pci_dev", "dev.kobj.name", FOLLOW_STRING, NULL, NULL },
	{ "pci_bus", "self", FOLLOW_POINTER, "pci_dev", NULL },

	{ "swap_info_struct", "swap_file", FOLLOW_POINTER, "file", NULL },

	{ "net", "dev_base_head", FOLLOW_LIST, "net_device", "dev_list" },
	{ "net_device", "ip_ptr", FOLLOW_POINTER, "in_device", NULL },
	{ "in_device", "ifa_list", FOLLOW_POINTER, "in_ifaddr", NULL },
	{ "in_ifaddr", "ifa_next", FOLLOW_POINTER, "in_ifaddr", NULL },

	{ "char_device_struct", "next", FOLLOW_POINTER, "char_device_struct", NULL },
	{ "char_device_struct", "cdev", FOLLOW_POINTER, "cdev", NULL },
	{ "kobj_map", "probes", FOLLOW_POINTER, "probe", NULL },
	{ "probe", "next", FOLLOW_POINTER, "probe", NULL },
	{ "probe", "data", FOLLOW_POINTER, "cdev", NULL },
	{ "blk_major_name", "next", FOLLOW_POINTER, "blk_major_name", NULL },
};

const size_t nr_follow_rules = ARRAY_SIZE(follow_rules);
const size_t nr_follow_roots = ARRAY_SIZE(follow_roots);
