/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_VMALLOC_H
#define SHIM_LINUX_VMALLOC_H

#include <linux/mm.h>

struct vm_struct {
	struct page **pages;
};

struct page *vmalloc_to_page(const void *va);

/* For what nobody translates */
#define vmalloc(size)			kzalloc(size, 0)
#define vfree(memory)			kfree(memory)

#endif
