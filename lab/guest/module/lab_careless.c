// SPDX-License-Identifier: GPL-2.0-only
/*
 * Marks memory of every kind that goes away, and unmarks none of it; some of it it frees.
 */
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/meminspect.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

static bool fail;
module_param(fail, bool, 0400);
MODULE_PARM_DESC(fail, "init fails, after it marked everything");

static unsigned long mark_only;
module_param(mark_only, ulong, 0400);
MODULE_PARM_DESC(mark_only, "physical address: try to mark this page, and nothing else");

static unsigned long page_address_given;
module_param_named(page, page_address_given, ulong, 0400);
MODULE_PARM_DESC(page, "tells the physical address of the page of movable memory");

static u64 careless_annotated[200];
MEMINSPECT_DYNAMIC_ENTRY(careless_annotated);
static DEFINE_PER_CPU(u64, careless_percpu[20]);
MEMINSPECT_DYNAMIC_PERCPU_ENTRY(careless_percpu);

static u64 careless_other[100];
static u64 careless_init[100] __initdata;

/* So that there are tables of what is exported */
int careless_exported, careless_exported_gpl;
EXPORT_SYMBOL(careless_exported);
EXPORT_SYMBOL_GPL(careless_exported_gpl);

static void __init mark(const char *name, void *va, phys_addr_t pa, size_t size,
			struct module *owner)
{
	const struct inspect_entry entry = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = name,
		.va = va,
		.pa = pa,
		.size = size,
	};
	s64 handle = meminspect_register_owned(&entry, owner);

	pr_info("lab: %s %s\n", name, handle < 0 ? "not marked" : "marked");
}

/*
 * Nobody owns it: it stays marked until its memory is taken offline. On a PC the last block of
 * memory stays online, as it has holes, and on arm64 all memory of the boot does: pages are taken until
 * these have no more.
 */
static void __init mark_page(void)
{
	struct page *page = NULL, *taken[56];
	unsigned int i, nr_taken = 0;

	for (i = 0; i < ARRAY_SIZE(taken); i++) {
		taken[nr_taken] = alloc_pages(GFP_HIGHUSER_MOVABLE, MAX_PAGE_ORDER);
		if (taken[nr_taken])
			page = taken[nr_taken++];
	}
	if (page) {
		page_address_given = page_to_phys(page);
		mark("careless_page", NULL, page_to_phys(page), PAGE_SIZE, NULL);
	}
	while (nr_taken--)
		__free_pages(taken[nr_taken], MAX_PAGE_ORDER);
}

static int __init lab_careless_init(void)
{
	void *freed, *unmapped;

	if (mark_only) {
		mark("careless_only", NULL, mark_only, PAGE_SIZE, NULL);
		return -ENODEV;
	}
	freed = kmalloc(300, GFP_KERNEL);
	unmapped = vmalloc(3 * PAGE_SIZE);
	mark("careless_owned", kmalloc(500, GFP_KERNEL), 0, 500, THIS_MODULE);
	mark("careless_other", careless_other, 0, sizeof(careless_other), NULL);
	mark("careless_init", careless_init, 0, sizeof(careless_init), THIS_MODULE);
	mark("careless_freed", freed, 0, 300, THIS_MODULE);
	kfree(freed);
	mark("careless_unmapped", unmapped, 0, 3 * PAGE_SIZE, THIS_MODULE);
	vfree(unmapped);
	if (fail)
		return -ENODEV;
	mark_page();
	return 0;
}
module_init(lab_careless_init);

static void __exit lab_careless_exit(void)
{
}
module_exit(lab_careless_exit);

MODULE_DESCRIPTION("Marks memory and forgets about it");
MODULE_LICENSE("GPL");
