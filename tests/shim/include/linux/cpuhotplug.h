/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_CPUHOTPLUG_H
#define SHIM_LINUX_CPUHOTPLUG_H

#include "shim.h"

enum {
	CPUHP_BP_PREPARE_DYN = 1,
};

static inline int cpuhp_setup_state_nocalls(int state, const char *name,
					    int (*startup)(unsigned int cpu),
					    int (*teardown)(unsigned int cpu))
{
	shim_cpu_comes = startup;
	shim_cpu_is_gone = teardown;
	return state;
}

static inline void cpuhp_remove_state_nocalls(int state)
{
	shim_cpu_comes = NULL;
	shim_cpu_is_gone = NULL;
}

#endif
