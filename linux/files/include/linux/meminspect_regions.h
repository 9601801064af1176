/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The well-known regions. Each line gives name, class and the reason why a
 * post-mortem needs the region. The ids, the names and the classes in the
 * directory come from here.
 *
 * R(name, class, reason)
 */
#ifndef _LINUX_MEMINSPECT_REGIONS_H
#define _LINUX_MEMINSPECT_REGIONS_H

#define MEMINSPECT_WELL_KNOWN_REGIONS(R)				\
	R(linux_banner, IDENTITY,					\
	  "Version string; tools match it against vmlinux")		\
	R(init_uts_ns, IDENTITY,					\
	  "Release, version, machine and host name")			\
	R(vmcoreinfo, IDENTITY,						\
	  "Symbols, sizes and offsets that tools decode memory with")	\
	R(saved_command_line, IDENTITY,					\
	  "Pointer to the command line")				\
	R(saved_command_line_text, IDENTITY,				\
	  "The command line that the kernel was booted with")		\
	R(tainted_mask, IDENTITY,					\
	  "What makes this kernel differ from one built and used as usual") \
	R(prb, LOG,							\
	  "Pointer to the ringbuffer in use")				\
	R(printk_rb_static, LOG,					\
	  "Ringbuffer used from the first message on")			\
	R(printk_rb_dynamic, LOG,					\
	  "Ringbuffer that replaces the static one when log_buf_len asks for more") \
	R(prb_descs, LOG,						\
	  "Descriptors of the static ringbuffer")			\
	R(prb_infos, LOG,						\
	  "Time, level and length of each message in the static ringbuffer") \
	R(prb_data, LOG,						\
	  "Text of the static ringbuffer")				\
	R(prb_dynamic_descs, LOG,					\
	  "Descriptors of the dynamic ringbuffer")			\
	R(prb_dynamic_infos, LOG,					\
	  "Time, level and length of each message in the dynamic ringbuffer") \
	R(prb_dynamic_data, LOG,					\
	  "Text of the dynamic ringbuffer")				\
	R(clear_seq, LOG,						\
	  "First message after the last dmesg -c")			\
	R(jiffies_64, TIME,						\
	  "Uptime in ticks")						\
	R(tk_core, TIME,						\
	  "Timekeeper: wall clock at death")				\
	R(shadow_timekeeper, TIME,					\
	  "Timekeeper copy that crash reads the date from")		\
	R(nr_cpu_ids, CPU,						\
	  "Number of CPU numbers; ends every walk over a mask")		\
	R(__cpu_possible_mask, CPU,					\
	  "CPUs that can exist")					\
	R(__cpu_present_mask, CPU,					\
	  "CPUs that exist")						\
	R(__cpu_online_mask, CPU,					\
	  "CPUs that run; a panic takes CPUs off it as it stops them")	\
	R(__cpu_active_mask, CPU,					\
	  "CPUs that tasks may be moved to")				\
	R(cpu_online_at_panic, CPU,					\
	  "CPUs that ran when the panic started")			\
	R(__per_cpu_offset, CPU,					\
	  "Where the per-CPU variables of each CPU are")		\
	R(crash_notes, CPU,						\
	  "Per-CPU pointer to the register notes")			\
	R(crash_note, CPU,						\
	  "Registers of one CPU at the panic, keyed by CPU")		\
	R(nr_threads, TASK,						\
	  "Number of threads")						\
	R(nr_irqs, IRQ,							\
	  "Number of interrupts")					\
	R(node_states, MM,						\
	  "Which nodes are possible, online and have memory")		\
	R(_totalram_pages, MM,						\
	  "Size of memory in pages")					\
	R(page_offset_base, MM,						\
	  "Start of the linear map, randomised")			\
	R(vmalloc_base, MM,						\
	  "Start of the vmalloc area, randomised")			\
	R(vmemmap_base, MM,						\
	  "Start of the array of struct page, randomised")

#endif /* _LINUX_MEMINSPECT_REGIONS_H */
