/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_RANDOM_H
#define SHIM_LINUX_RANDOM_H

#include <string.h>

#define get_random_bytes(to, size)	memset(to, 0x5a, size)

#endif
