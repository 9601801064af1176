/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_MUTEX_H
#define SHIM_LINUX_MUTEX_H

#include <linux/types.h>

struct mutex {
	bool held;
};

#define DEFINE_MUTEX(name)		struct mutex name

/* Called instead of waiting for ever for who holds a mutex, if a test sets it; does not return. */
extern void (*shim_on_wait)(void);

void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

#endif
