// SPDX-License-Identifier: GPL-2.0-only
/* CPUs and the tasks that they run. */
#include <linux/sched.h>
#include "shim.h"

unsigned int shim_cpu;
struct task_struct init_task, *shim_current, *shim_idle_tasks[SHIM_CPU_NUMBERS];
int (*shim_cpu_comes)(unsigned int cpu), (*shim_cpu_is_gone)(unsigned int cpu);
void (*shim_on_switch)(void *data, bool preempt, struct task_struct *prev,
		       struct task_struct *next, unsigned int prev_state);
