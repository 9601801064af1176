/* SPDX-License-Identifier: GPL-2.0-only */
/* A per-CPU variable is a copy in the image, at which nobody looks, and one for each CPU. */
#ifndef SHIM_LINUX_PERCPU_H
#define SHIM_LINUX_PERCPU_H

#include <linux/cache.h>
#include "shim.h"

#define DEFINE_PER_CPU(type, name)					\
	__attribute__((section("shim_percpu"))) typeof(type) name

#define DEFINE_PER_CPU_ALIGNED(type, name)				\
	__attribute__((aligned(SMP_CACHE_BYTES))) DEFINE_PER_CPU(type, name)

#define per_cpu_ptr(variable, cpu)					\
	((typeof(variable))((unsigned long)(variable) + shim_per_cpu_offset[cpu]))

#define per_cpu(variable, cpu)		(*per_cpu_ptr(&(variable), cpu))
#define this_cpu_ptr(variable)		per_cpu_ptr(variable, shim_cpu)

#endif
