/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_PAGEMAP_H
#define SHIM_LINUX_PAGEMAP_H

#include <linux/mm.h>

struct address_space {
	bool secret;
};

static inline struct address_space *folio_mapping(const struct folio *folio)
{
	return folio->page.mapping;
}

#endif
