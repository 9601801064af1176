/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_ASM_BARRIER_H
#define SHIM_ASM_BARRIER_H

#include "shim.h"

#define wmb()				shim_barrier()
/* Orders what CPUs see, which a reader behind the caches is not. */
#define smp_wmb()			__asm__ volatile("" ::: "memory")
#define smp_rmb()			__asm__ volatile("" ::: "memory")

#define smp_store_release(to, value)	WRITE_ONCE(*(to), value)
/* Whoever looks up a row starts with this: it counts as a step. */
#define smp_load_acquire(from)		(shim_steps++, READ_ONCE(*(from)))

#endif
