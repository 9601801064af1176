/* SPDX-License-Identifier: GPL-2.0-only */
/* Every WRITE_ONCE() is told to the recorder: the directory is written by no other means. */
#ifndef SHIM_LINUX_COMPILER_H
#define SHIM_LINUX_COMPILER_H

#include "shim.h"

#define __used				__attribute__((used))
#define __section(name)			__attribute__((section(name)))
#define __aligned(n)			__attribute__((aligned(n)))
/* sparse checks these. */
#define __force
#define __percpu

#define __maybe_unused			__attribute__((unused))
#define __weak				__attribute__((weak))
#define SHIM_PASTE(a, b)		a##b
#define SHIM_UNIQUE(a, b)		SHIM_PASTE(a, b)
#define __UNIQUE_ID(prefix)		SHIM_UNIQUE(prefix, __COUNTER__)

#define READ_ONCE(x)			(*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, value)						\
	do {								\
		*(volatile typeof(x) *)&(x) = (value);			\
		shim_stored(&(x), sizeof(x));				\
	} while (0)

#endif /* SHIM_LINUX_COMPILER_H */
