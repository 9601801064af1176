/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The well-known regions, of all kernels and configurations. Each line gives
 * name, class, size, and the reason why a post-mortem needs the region. The
 * ids, the names and the classes in the directory come from here, and the
 * documentation shows this file.
 *
 * R(name, class, size, reason)
 */
#ifndef _LINUX_MEMINSPECT_REGIONS_H
#define _LINUX_MEMINSPECT_REGIONS_H

#define MEMINSPECT_WELL_KNOWN_REGIONS(R)				\
	R(linux_banner, IDENTITY, "its length",				\
	  "Version string; tools match it against vmlinux")		\
	R(init_uts_ns, IDENTITY, "the object",				\
	  "Release, version, machine and host name")			\
	R(vmcoreinfo, IDENTITY, "a page",				\
	  "Symbols, sizes and offsets that tools decode memory with")	\
	R(saved_command_line, IDENTITY, "the object",			\
	  "Pointer to the command line")				\
	R(saved_command_line_text, IDENTITY, "its length",		\
	  "The command line that the kernel was booted with")		\
	R(tainted_mask, IDENTITY, "the object",				\
	  "What makes this kernel differ from one built and used as usual") \
	R(prb, LOG, "the object",					\
	  "Pointer to the ringbuffer in use")				\
	R(printk_rb_static, LOG, "the object",				\
	  "Ringbuffer used from the first message on")			\
	R(printk_rb_dynamic, LOG, "the object",				\
	  "Ringbuffer that replaces the static one when log_buf_len asks for more") \
	R(prb_descs, LOG, "24 bytes a record",				\
	  "Descriptors of the static ringbuffer")			\
	R(prb_infos, LOG, "88 bytes a record",				\
	  "Time, level and length of each message in the static ringbuffer") \
	R(prb_data, LOG, "CONFIG_LOG_BUF_SHIFT",			\
	  "Text of the static ringbuffer")				\
	R(prb_dynamic_descs, LOG, "24 bytes a record",			\
	  "Descriptors of the dynamic ringbuffer")			\
	R(prb_dynamic_infos, LOG, "88 bytes a record",			\
	  "Time, level and length of each message in the dynamic ringbuffer") \
	R(prb_dynamic_data, LOG, "log_buf_len",				\
	  "Text of the dynamic ringbuffer")				\
	R(clear_seq, LOG, "the object",					\
	  "First message after the last dmesg -c")			\
	R(jiffies_64, TIME, "the object",				\
	  "Uptime in ticks")						\
	R(tk_core, TIME, "the object",					\
	  "Timekeeper: wall clock at death")				\
	R(shadow_timekeeper, TIME, "the object",			\
	  "Timekeeper copy that crash reads the date from")		\
	R(timekeeper_data, TIME, "the object",				\
	  "Timekeepers and the shadow copies of them, as newer kernels name them")	\
	R(nr_cpu_ids, CPU, "the object",				\
	  "Number of CPU numbers; ends every walk over a mask")		\
	R(__cpu_possible_mask, CPU, "the object",			\
	  "CPUs that can exist")					\
	R(__cpu_present_mask, CPU, "the object",			\
	  "CPUs that exist")						\
	R(__cpu_online_mask, CPU, "the object",				\
	  "CPUs that run; a panic takes CPUs off it as it stops them")	\
	R(__cpu_active_mask, CPU, "the object",				\
	  "CPUs that tasks may be moved to")				\
	R(cpu_online_at_panic, CPU, "the object",			\
	  "CPUs that ran when the panic started")			\
	R(__per_cpu_offset, CPU, "8 bytes a CPU number",		\
	  "Where the per-CPU variables of each CPU are")		\
	R(crash_notes, CPU, "the object",				\
	  "Per-CPU pointer to the register notes")			\
	R(crash_note, CPU, "a note for each CPU",			\
	  "Registers of one CPU at the panic, keyed by CPU")		\
	R(nr_threads, SCHED, "the object",				\
	  "Number of threads")						\
	R(nr_irqs, IRQ, "the object",					\
	  "Number of interrupts")					\
	R(total_nr_irqs, IRQ, "the object",				\
	  "Number of interrupts, as newer kernels name it")		\
	R(node_states, MM, "the object",				\
	  "Which nodes are possible, online and have memory")		\
	R(_totalram_pages, MM, "the object",				\
	  "Size of memory in pages")					\
	R(page_offset_base, MM, "the object",				\
	  "Start of the linear map, randomised")			\
	R(vmalloc_base, MM, "the object",				\
	  "Start of the vmalloc area, randomised")			\
	R(vmemmap_base, MM, "the object",				\
	  "Start of the array of struct page, randomised")

#endif /* _LINUX_MEMINSPECT_REGIONS_H */
