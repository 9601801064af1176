/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_PAGEMAP_H
#define SHIM_LINUX_PAGEMAP_H

#include <linux/mm.h>

struct address_space {
	bool of_a_file;
};

static inline struct address_space *folio_mapping(const struct folio *folio)
{
	if (folio_test_slab(folio))
		shim_die("a slab page has no mapping");
	return folio->page.mapping;
}

#endif
