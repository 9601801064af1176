/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_ATOMIC_H
#define SHIM_LINUX_ATOMIC_H

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

#define xchg(at, value)	__atomic_exchange_n(at, value, __ATOMIC_SEQ_CST)

#endif
