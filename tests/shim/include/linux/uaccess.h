/* SPDX-License-Identifier: GPL-2.0-only */
/* Nobody maps the vmalloc area: its pages are read where they are. */
#ifndef SHIM_LINUX_UACCESS_H
#define SHIM_LINUX_UACCESS_H

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include <string.h>

/* Within a page. */
static inline int copy_from_kernel_nofault(void *to, const void *from, size_t length)
{
	struct page *page;

	if (is_vmalloc_or_module_addr(from)) {
		page = vmalloc_to_page(from);
		if (!page)
			return -EFAULT;
		from = phys_to_virt(page_to_phys(page) + offset_in_page(from));
	}
	memcpy(to, from, length);
	return 0;
}

#endif
