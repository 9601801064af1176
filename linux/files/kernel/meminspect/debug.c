// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds memory that is freed while it is marked.
 *
 * All that is freed comes along here, so a filter lets most of it pass at
 * once: it counts the marked pages, by a hash of their addresses. For what is
 * left a tree has the regions by their addresses.
 *
 * Addresses are virtual ones: those of the linear map for slab objects and
 * pages, and of the vmalloc area for what is unmapped there.
 */
#include <linux/hash.h>
#include <linux/interval_tree_generic.h>
#include <linux/irqflags.h>
#include <linux/kasan.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "internal.h"

#define FILTER_BITS	14

/* The table lock protects both; the filter is read without it. */
static u32 filter[1 << FILTER_BITS];
static struct rb_root_cached regions_by_va = RB_ROOT_CACHED;

static unsigned long first_byte(const struct meminspect_slot *slot)
{
	return (unsigned long)slot->entry.va;
}

static unsigned long last_byte(const struct meminspect_slot *slot)
{
	return first_byte(slot) + slot->entry.size - 1;
}

INTERVAL_TREE_DEFINE(struct meminspect_slot, by_va, unsigned long, last_below,
		     first_byte, last_byte, static __maybe_unused, va_tree)

static void count_pages(const struct meminspect_slot *slot, int by)
{
	unsigned long page = first_byte(slot) >> PAGE_SHIFT;
	u32 *counter;

	for (; page <= last_byte(slot) >> PAGE_SHIFT; page++) {
		counter = &filter[hash_long(page, FILTER_BITS)];
		WRITE_ONCE(*counter, *counter + by);
	}
}

static bool may_be_marked(unsigned long first, unsigned long last)
{
	unsigned long page = first >> PAGE_SHIFT;

	for (; page <= last >> PAGE_SHIFT; page++)
		if (READ_ONCE(filter[hash_long(page, FILTER_BITS)]))
			return true;
	return false;
}

/**
 * meminspect_debug_insert - watch the memory of a region
 * @slot: its slot
 *
 * Context: Any. The caller holds the table lock.
 */
void meminspect_debug_insert(struct meminspect_slot *slot)
{
	va_tree_insert(slot, &regions_by_va);
	count_pages(slot, 1);
}

/**
 * meminspect_debug_remove - the region is unmarked
 * @slot: its slot, unchanged since it was inserted
 *
 * Context: Any. The caller holds the table lock.
 */
void meminspect_debug_remove(struct meminspect_slot *slot)
{
	va_tree_remove(slot, &regions_by_va);
	count_pages(slot, -1);
}

/* What is told of a region after the table is unlocked. */
struct found {
	s64 handle;
	char name[MEMINSPECT_NAME_SIZE];
	char owner[MODULE_NAME_LEN];
};

static bool find(unsigned long first, unsigned long last, struct found *found)
{
	const struct meminspect_slot *slot;
	const char *owner = "built-in code";
	unsigned long flags;

	if (!meminspect_table_trylock(&flags))
		return false;
	slot = va_tree_iter_first(&regions_by_va, first, last);
	if (slot) {
		found->handle = meminspect_slot_handle(slot);
		strscpy(found->name, slot->entry.name, sizeof(found->name));
#ifdef CONFIG_MODULES
		if (slot->entry.owner)
			owner = slot->entry.owner->name;
#endif
		strscpy(found->owner, owner, sizeof(found->owner));
	}
	meminspect_table_release(flags);
	return slot;
}

static void complain(const struct found *found)
{
	unsigned long flags;

	/* Whoever frees may hold locks that a console needs. */
	local_irq_save(flags);
	printk_deferred_enter();
	WARN(1, "meminspect: region %s is freed while it is marked; owner: %s\n",
	     found->name, found->owner);
	printk_deferred_exit();
	local_irq_restore(flags);
}

/**
 * meminspect_check_freed - memory is freed, or unmapped in the vmalloc area
 * @va: its virtual address
 * @size: bytes
 *
 * Warns of a region that is still marked there, once, as the region is dropped.
 *
 * Context: Any.
 */
void meminspect_check_freed(const void *va, size_t size)
{
	unsigned long first = (unsigned long)kasan_reset_tag(va);
	unsigned long last = first + size - 1;
	struct found found;

	if (!may_be_marked(first, last))
		return;
	/* A consumer that is told of a region frees what it kept of it. */
	if (meminspect_table_is_held_here())
		return;
	while (find(first, last, &found)) {
		complain(&found);
		if (meminspect_unregister(found.handle))
			return;
	}
}
