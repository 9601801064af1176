// SPDX-License-Identifier: GPL-2.0-only
/*
 * Marks free pages of each block of memory that goes offline, and leaves it to the kernel to drop them. A
 * consumer counts what it is told.
 */
#include <linux/memory.h>
#include <linux/meminspect.h>
#include <linux/meminspect_namespace.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/pfn.h>
#include <linux/random.h>
#include <linux/string.h>

#define REGION		"lab_block"
#define MAX_PAGES	16

/* Memory goes one block at a time: all but what the consumer counts. */
static s64 handles[MAX_PAGES];
static unsigned int nr_handles;
static unsigned long nr_blocks, nr_dropped, nr_left;
static atomic_long_t added, removed;

/* Neither taken any more, as it is isolated, nor merged with others, as it is as large as can be */
static bool is_free(struct page *page)
{
	return PageBuddy(page) && page_private(page) == MAX_PAGE_ORDER;
}

static void mark_free_pages(const struct memory_notify *memory)
{
	const unsigned long end = memory->start_pfn + memory->nr_pages;
	struct inspect_entry entry = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = REGION,
		.size = PAGE_SIZE,
	};
	unsigned long pfn;
	s64 handle;

	nr_handles = 0;
	for (pfn = memory->start_pfn; pfn < end; pfn += MAX_ORDER_NR_PAGES) {
		if (nr_handles == MAX_PAGES)
			break;
		if (!is_free(pfn_to_page(pfn)))
			continue;
		entry.pa = PFN_PHYS(pfn + get_random_u32_below(MAX_ORDER_NR_PAGES));
		handle = meminspect_register(&entry);
		if (handle >= 0)
			handles[nr_handles++] = handle;
	}
}

/* The block stays. */
static void unmark_pages(void)
{
	while (nr_handles)
		if (meminspect_unregister(handles[--nr_handles]))
			pr_err("lab: a page of a block that stayed cannot be unmarked\n");
}

static bool is_ours(const struct inspect_entry *entry)
{
	return !strcmp(entry->name, REGION);
}

static void count_region(void *priv, const struct inspect_entry *entry)
{
	*(unsigned long *)priv += is_ours(entry);
}

static void look_for_pages(void)
{
	unsigned long left = 0;

	meminspect_traverse(&left, count_region);
	nr_blocks++;
	nr_dropped += nr_handles;
	nr_left += left;
	nr_handles = 0;
}

static int on_memory(struct notifier_block *nb, unsigned long event, void *data)
{
	if (event == MEM_GOING_OFFLINE)
		mark_free_pages(data);
	else if (event == MEM_CANCEL_OFFLINE)
		unmark_pages();
	else if (event == MEM_OFFLINE)
		look_for_pages();
	return NOTIFY_OK;
}

/* Behind those who may object, and behind the kernel when it drops */
static struct notifier_block memory_nb = {
	.notifier_call = on_memory,
	.priority = INT_MIN,
};

static int count(struct notifier_block *nb, unsigned long event, void *data)
{
	if (is_ours(data))
		atomic_long_inc(event == MEMINSPECT_NOTIFIER_ADD ? &added : &removed);
	return NOTIFY_DONE;
}

static struct notifier_block consumer = {
	.notifier_call = count,
};

static int __init lab_block_init(void)
{
	int ret = meminspect_notifier_register(&consumer);

	if (ret)
		return ret;
	meminspect_reserve(MAX_PAGES);
	ret = register_memory_notifier(&memory_nb);
	if (ret)
		meminspect_notifier_unregister(&consumer);
	return ret;
}
module_init(lab_block_init);

static void __exit lab_block_exit(void)
{
	unregister_memory_notifier(&memory_nb);
	meminspect_notifier_unregister(&consumer);
	pr_info("lab: block: %lu pages marked in %lu blocks that went offline, %lu left; consumer: %ld added, %ld removed\n",
		nr_dropped, nr_blocks, nr_left, atomic_long_read(&added),
		atomic_long_read(&removed));
}
module_exit(lab_block_exit);

MODULE_IMPORT_NS(MEMINSPECT_NAMESPACE);
MODULE_DESCRIPTION("Marks memory that goes offline");
MODULE_LICENSE("GPL");
