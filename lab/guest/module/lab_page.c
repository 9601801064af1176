// SPDX-License-Identifier: GPL-2.0-only
/*
 * Marks a page by its frame number, of whomever it is, or one of its own
 * without. It is not loaded if the kernel refuses.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/meminspect.h>
#include <linux/mm.h>
#include <linux/module.h>

static unsigned long pfn;
module_param(pfn, ulong, 0);

static struct page *own;
static s64 handle;

static int __init lab_page_init(void)
{
	struct inspect_entry entry = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = "lab_page",
		.size = PAGE_SIZE,
	};

	if (!pfn)
		own = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!pfn && !own)
		return -ENOMEM;
	entry.pa = own ? page_to_phys(own) : PFN_PHYS(pfn);
	handle = meminspect_register(&entry);
	if (handle >= 0)
		return 0;
	if (own)
		__free_page(own);
	return handle;
}
module_init(lab_page_init);

static void __exit lab_page_exit(void)
{
	meminspect_unregister(handle);
	if (own)
		__free_page(own);
}
module_exit(lab_page_exit);

MODULE_DESCRIPTION("A page that is marked by its frame number");
MODULE_LICENSE("GPL");
