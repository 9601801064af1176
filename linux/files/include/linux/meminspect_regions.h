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
	R(taint_flags, IDENTITY, "the object",				\
	  "Letters of the bits in tainted_mask")			\
	R(vmcoreinfo_note, IDENTITY, "a page and a note's header",	\
	  "VMCOREINFO with the time of the crash, if a crash kernel was started") \
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
	R(timer_bases, TIME, "the object, for each CPU",		\
	  "Timer wheels: when each was last run, and the timers that wait") \
	R(hrtimer_bases, TIME, "the object, for each CPU",		\
	  "Queues of high resolution timers, and when the next one is due") \
	R(cpu_khz, TIME, "the object",					\
	  "x86: what turns cycles into time; crash wants it to start")	\
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
	R(panic_cpu, CPU, "the object",					\
	  "The CPU that panicked, or -1")				\
	R(crashing_cpu, CPU, "the object",				\
	  "x86: the CPU that starts the crash kernel, or -1")		\
	R(kexec_crash_image, CPU, "the object",				\
	  "Whether a crash kernel is loaded; crash wants it to start")	\
	R(pv_info, CPU, "the object",					\
	  "x86: whether the machine is a guest; crash wants it to start") \
	R(idt_table, CPU, "the object",					\
	  "x86: where each exception and interrupt goes")		\
	R(cpu_tss_rw, CPU, "104 bytes for each CPU",			\
	  "x86: addresses of the exception stacks")			\
	R(pcpu_hot, CPU, "the object, for each CPU",			\
	  "x86: running task, CPU number, interrupt stack")		\
	R(current_task, CPU, "the object, for each CPU",		\
	  "x86: running task")						\
	R(cpu_number, CPU, "the object, for each CPU",			\
	  "x86: number of the CPU")					\
	R(hardirq_stack_ptr, CPU, "the object, for each CPU",		\
	  "x86: where the interrupt stack is")				\
	R(irq_stack_ptr, CPU, "the object, for each CPU",		\
	  "arm64: where the interrupt stack is")			\
	R(nr_threads, SCHED, "the object",				\
	  "Number of threads")						\
	R(arch_task_struct_size, SCHED, "the object",			\
	  "x86: size of each task_struct, less than that of its type")	\
	R(init_task, TASK, "the object",				\
	  "First task; each list of tasks starts here")			\
	R(task_struct, TASK, "8 KiB a task, more or less",		\
	  "A task, keyed by the PID that it was forked with")		\
	R(task_stack, TASK, "16 KiB a task, more or less",		\
	  "Kernel stack of a task, keyed by the PID that it was forked with") \
	R(init_pid_ns, TASK, "the object",				\
	  "Root of the tree that PIDs are looked up in")		\
	R(pid_node, TASK, "576 bytes for 64 PIDs",			\
	  "Node of that tree, keyed by the first PID that it covers")	\
	R(pid, TASK, "112 bytes a PID and more",			\
	  "Where a PID leads to its tasks, keyed by it")		\
	R(mm_struct, TASK, "1.2 KiB an address space, more or less",	\
	  "A user's address space, keyed by the PID of the task that made it") \
	R(rss_stat, TASK, "16 bytes for each CPU of an address space",	\
	  "What that CPU counted of its memory, keyed as mm_struct is")	\
	R(current, CURRENT, "384 bytes a CPU",				\
	  "Where task_struct and stack are of what a CPU runs, keyed by CPU") \
	R(init_stack, STACK, "16 KiB, more or less",			\
	  "Kernel stack of the first task, which is the idle one of its CPU") \
	R(nr_irqs, IRQ, "the object",					\
	  "Number of interrupts")					\
	R(total_nr_irqs, IRQ, "the object",				\
	  "Number of interrupts, as newer kernels name it")		\
	R(sparse_irqs, IRQ, "the object",				\
	  "Root of the tree of interrupt descriptors")			\
	R(irq_tree_node, IRQ, "256 bytes for 10 interrupts, more or less", \
	  "Node of that tree, keyed by the first interrupt below it")	\
	R(irq_desc, IRQ, "a descriptor for each interrupt",		\
	  "Counts, state and handlers of one interrupt, keyed by its number") \
	R(irqaction, IRQ, "the object, for each handler",		\
	  "Handler of an interrupt, keyed by the interrupt's number")	\
	R(irqaction_name, IRQ, "its length",				\
	  "Whose interrupt it is")					\
	R(runqueues, SCHED, "the object, for each CPU",			\
	  "Running, idle and waiting tasks of each CPU")		\
	R(avenrun, SCHED, "the object",					\
	  "Load averages")						\
	R(node_states, MM, "the object",				\
	  "Which nodes are possible, online and have memory")		\
	R(_totalram_pages, MM, "the object",				\
	  "Size of memory in pages")					\
	R(page_offset_base, MM, "the object",				\
	  "Start of the linear map, randomised")			\
	R(vmalloc_base, MM, "the object",				\
	  "Start of the vmalloc area, randomised")			\
	R(vmemmap_base, MM, "the object",				\
	  "Start of the array of struct page, randomised")		\
	R(high_memory, MM, "the object",				\
	  "End of the linear map; crash checks addresses against it")	\
	R(nr_swapfiles, MM, "the object",				\
	  "How many swap areas there were; crash wants it to start")	\
	R(init_mm, MM, "the object with its mask of CPUs",		\
	  "The kernel's own address space")				\
	R(node_data, MM, "8 bytes a node number",			\
	  "Pointers to the nodes")					\
	R(contig_page_data, MM, "the object",				\
	  "The only node of a kernel without NUMA")			\
	R(pglist_data, MM, "the object, for each node",			\
	  "Zones of a node, and how much of each is free")		\
	R(mem_section, MM, "the object",				\
	  "Sections of memory, or the pointer to their roots")		\
	R(mem_section_roots, MM, "8 bytes a root",			\
	  "Pointers to the leaves")					\
	R(mem_section_leaf, MM, "a page, for each root in use",		\
	  "Sections, which lead to struct page, keyed by root")		\
	R(swapper_pg_dir, PAGETABLE, "a top level table",		\
	  "Where every translation of a kernel address starts")		\
	R(page_table, PAGETABLE, "a page",				\
	  "Leads to what is marked in the vmalloc area, keyed by its level from 1 on") \
	R(irq_stack, STACK, "IRQ_STACK_SIZE, for each CPU",		\
	  "Stack of interrupts")					\
	R(overflow_stack, STACK, "4 KiB for each CPU",			\
	  "arm64: stack for when another one was too small")		\
	R(sdei_stack_normal, STACK, "SDEI_STACK_SIZE, for each CPU",	\
	  "arm64: stack of events from firmware")			\
	R(sdei_stack_critical, STACK, "SDEI_STACK_SIZE, for each CPU",	\
	  "arm64: stack of urgent events from firmware")		\
	R(exception_stack_DF, STACK, "EXCEPTION_STKSZ, for each CPU",	\
	  "x86: stack of double faults")				\
	R(exception_stack_NMI, STACK, "EXCEPTION_STKSZ, for each CPU",	\
	  "x86: stack of NMIs")						\
	R(exception_stack_DB, STACK, "EXCEPTION_STKSZ, for each CPU",	\
	  "x86: stack of debug exceptions")				\
	R(exception_stack_MCE, STACK, "EXCEPTION_STKSZ, for each CPU",	\
	  "x86: stack of machine checks")				\
	R(exception_stack_VC, STACK, "EXCEPTION_STKSZ, for each CPU",	\
	  "x86: stack of #VC, under SEV-ES only")			\
	R(exception_stack_VC2, STACK, "EXCEPTION_STKSZ, for each CPU",	\
	  "x86: stack that #VC falls back to")				\
	R(modules, MODULE, "the object",				\
	  "List of loaded modules")					\
	R(kernel_config_data, CONFIG, "its length",			\
	  "How the kernel was built, compressed, between its markers")	\
	R(kallsyms_num_syms, SYMBOLS, "the object",			\
	  "Number of symbols in the tables below")			\
	R(kallsyms_relative_base, SYMBOLS, "the object",		\
	  "What addresses of symbols are relative to")			\
	R(kallsyms_offsets, SYMBOLS, "4 bytes a symbol",		\
	  "Addresses of symbols")					\
	R(kallsyms_names, SYMBOLS, "its length",			\
	  "Names of symbols, compressed")				\
	R(kallsyms_markers, SYMBOLS, "4 bytes for 256 symbols",		\
	  "Where in the names every 256th one is")			\
	R(kallsyms_token_table, SYMBOLS, "its length",			\
	  "What the bytes of a compressed name stand for")		\
	R(kallsyms_token_index, SYMBOLS, "512 bytes",			\
	  "Where in the table each token is")				\
	R(kallsyms_seqs_of_names, SYMBOLS, "3 bytes a symbol",		\
	  "Symbols in the order of their names")			\
	R(btf, TYPES, "its length",					\
	  "Types of the kernel, for debuggers without vmlinux")

#endif /* _LINUX_MEMINSPECT_REGIONS_H */
