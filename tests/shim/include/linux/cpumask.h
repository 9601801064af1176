/* SPDX-License-Identifier: GPL-2.0-only */
/* Of the numbers that CPUs can have some are not used. */
#ifndef SHIM_LINUX_CPUMASK_H
#define SHIM_LINUX_CPUMASK_H

#include "shim.h"

#define nr_cpu_ids			((unsigned int)SHIM_CPU_NUMBERS)
#define num_possible_cpus()		SHIM_POSSIBLE_CPUS
#define for_each_possible_cpu(cpu)					\
	for ((cpu) = 0; (cpu) < SHIM_CPU_NUMBERS; (cpu)++)		\
		if (shim_cpu_possible(cpu))

#endif
