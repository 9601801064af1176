/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_MEMBLOCK_H
#define SHIM_LINUX_MEMBLOCK_H

#include <linux/types.h>

bool memblock_is_map_memory(phys_addr_t pa);
/* Whole pages, filled with zeros, whatever @align is up to that. */
void *memblock_alloc(phys_addr_t size, phys_addr_t align);

#endif
