/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_PANIC_H
#define SHIM_LINUX_PANIC_H

#include "shim.h"

static inline bool panic_in_progress(void)
{
	return shim_in_panic;
}

#endif
