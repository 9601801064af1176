/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_SECRETMEM_H
#define SHIM_LINUX_SECRETMEM_H

#include <linux/pagemap.h>

static inline bool secretmem_mapping(const struct address_space *mapping)
{
	return mapping->secret;
}

#endif
