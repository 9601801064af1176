/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_TRACE_EVENTS_SCHED_H
#define SHIM_TRACE_EVENTS_SCHED_H

#include <linux/sched.h>

static inline int register_trace_sched_switch(void (*probe)(void *data, bool preempt,
							     struct task_struct *prev,
							     struct task_struct *next,
							     unsigned int prev_state),
					      void *data)
{
	shim_on_switch = probe;
	return 0;
}

#endif
