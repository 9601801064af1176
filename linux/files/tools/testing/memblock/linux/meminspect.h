/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _MEMINSPECT_H
#define _MEMINSPECT_H

#include <linux/types.h>

/* The simulator has no table of regions: as with CONFIG_MEMINSPECT off. */
#define MEMINSPECT_SIMPLE_ENTRY(sym)	struct inspect_entry

static inline void meminspect_drop_range(phys_addr_t pa, phys_addr_t size)
{
}

#endif
