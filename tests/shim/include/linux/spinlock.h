/* SPDX-License-Identifier: GPL-2.0-only */
/* One thread: to wait for a lock that is held is a deadlock, and ends the test. */
#ifndef SHIM_LINUX_SPINLOCK_H
#define SHIM_LINUX_SPINLOCK_H

#include <linux/atomic.h>
#include <linux/types.h>
#include "shim.h"

typedef struct {
	bool held;
} raw_spinlock_t;

#define DEFINE_RAW_SPINLOCK(name)	raw_spinlock_t name

/* sparse checks these. */
#define __acquire(lock)			((void)(lock))
#define __release(lock)			((void)(lock))
#define __releases(lock)

static inline bool shim_trylock(raw_spinlock_t *lock)
{
	if (lock->held)
		return false;
	lock->held = true;
	shim_locks_held++;
	return true;
}

static inline void shim_lock(raw_spinlock_t *lock)
{
	if (!shim_trylock(lock))
		shim_die("deadlock: the lock is held");
}

static inline void shim_unlock(raw_spinlock_t *lock)
{
	if (!lock->held)
		shim_die("unlock: the lock is not held");
	lock->held = false;
	shim_locks_held--;
}

#define raw_spin_lock_irqsave(lock, flags)	((flags) = 1, shim_lock(lock))
#define raw_spin_trylock_irqsave(lock, flags)	((flags) = 1, shim_no_smp || shim_trylock(lock))
#define raw_spin_unlock_irqrestore(lock, flags)	((void)(flags), shim_unlock(lock))

#endif /* SHIM_LINUX_SPINLOCK_H */
