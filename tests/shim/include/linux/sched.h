/* SPDX-License-Identifier: GPL-2.0-only */
/* What tells tasks apart, and where their stacks are. */
#ifndef SHIM_LINUX_SCHED_H
#define SHIM_LINUX_SCHED_H

#include <linux/thread_info.h>
#include <linux/vmalloc.h>
#include "shim.h"

struct task_struct {
	int pid;
	void *stack;
	struct vm_struct *stack_vm_area;
	char more[700];
};

extern struct task_struct init_task;

#define current				shim_current
#define idle_task(cpu)			shim_idle_tasks[cpu]
#define arch_task_struct_size		sizeof(struct task_struct)
#define task_stack_page(task)		((task)->stack)
#define task_stack_vm_area(task)	((task)->stack_vm_area)

#endif
