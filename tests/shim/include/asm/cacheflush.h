/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_ASM_CACHEFLUSH_H
#define SHIM_ASM_CACHEFLUSH_H

#include "shim.h"

static inline void dcache_clean_poc(unsigned long start, unsigned long end)
{
	shim_cleaned((const void *)start, end - start);
}

#endif
