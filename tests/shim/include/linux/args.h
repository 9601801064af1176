/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_ARGS_H
#define SHIM_LINUX_ARGS_H

/* As many as a test gives, 0 included. */
#define SHIM_FIFTH(unused, a, b, c, d, nr, ...) nr
#define COUNT_ARGS(...)			SHIM_FIFTH(unused, ##__VA_ARGS__, 4, 3, 2, 1, 0)

#define SHIM_CONCATENATE(a, b)		a##b
#define CONCATENATE(a, b)		SHIM_CONCATENATE(a, b)

#endif
