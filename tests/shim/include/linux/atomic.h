/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

#include <linux/compiler.h>

typedef struct {
	long counter;
} atomic_long_t;

static inline void atomic_long_inc(atomic_long_t *v)
{
	v->counter++;
}

static inline long atomic_long_read(const atomic_long_t *v)
{
	return v->counter;
}

/* A store as WRITE_ONCE() makes them, if it is made. */
#define cmpxchg64(at, old, new)						\
	({								\
		u64 shim_old;						\
									\
		if (shim_on_exchange)					\
			shim_on_exchange();				\
		shim_old = READ_ONCE(*(at));				\
		if (shim_old == (old))					\
			WRITE_ONCE(*(at), new);				\
		shim_old;						\
	})

#define xchg(at, value)	__atomic_exchange_n(at, value, __ATOMIC_SEQ_CST)

#endif
