// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where regions are found: by physical address, and by id and key. The caller
 * holds the table lock.
 */
#include <linux/kernel.h>
#include <linux/rbtree.h>

#include "internal.h"

static struct rb_root regions_by_pa = RB_ROOT;
static struct rb_root regions_by_id = RB_ROOT;

static int compare_pa(const struct inspect_entry *a, const struct inspect_entry *b)
{
	if (a->pa != b->pa)
		return a->pa < b->pa ? -1 : 1;
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	return 0;
}

static int compare_id(const struct inspect_entry *a, const struct inspect_entry *b)
{
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	if (a->key_kind != b->key_kind)
		return a->key_kind < b->key_kind ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return 0;
}

/* A well-known name stands once, or once for each CPU or node. */
static bool is_unique(const struct inspect_entry *entry)
{
	return entry->id != MEMINSPECT_ID_DYNAMIC &&
	       entry->key_kind < MEMINSPECT_KEY_PID;
}

/**
 * meminspect_index_find_id - look up a region by its id and key
 * @entry: id, kind of key and key
 *
 * Return: its slot; NULL if there is none, or if there may be several.
 */
struct meminspect_slot *meminspect_index_find_id(const struct inspect_entry *entry)
{
	struct rb_node *node = regions_by_id.rb_node;
	struct meminspect_slot *slot;
	int order;

	if (!is_unique(entry))
		return NULL;
	while (node) {
		slot = rb_entry(node, struct meminspect_slot, by_id);
		order = compare_id(entry, &slot->entry);
		if (!order)
			return slot;
		node = order < 0 ? node->rb_left : node->rb_right;
	}
	return NULL;
}

/**
 * meminspect_index_find_pa - look up a region by its address
 * @pa: physical address of its first byte
 * @size: bytes
 * @va: its virtual address, or NULL for the first of any
 *
 * Return: its slot, or NULL.
 */
struct meminspect_slot *meminspect_index_find_pa(phys_addr_t pa, size_t size,
						 void *va)
{
	const struct inspect_entry wanted = { .pa = pa, .size = size, .va = va };
	struct rb_node *node = regions_by_pa.rb_node;
	struct meminspect_slot *slot, *found = NULL;

	/* The first one that does not come before what is wanted */
	while (node) {
		slot = rb_entry(node, struct meminspect_slot, by_pa);
		if (compare_pa(&wanted, &slot->entry) <= 0) {
			found = slot;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	if (!found || found->entry.pa != pa || found->entry.size != size ||
	    (va && found->entry.va != va))
		return NULL;
	return found;
}

static void insert_pa(struct meminspect_slot *slot)
{
	struct rb_node **link = &regions_by_pa.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		if (compare_pa(&slot->entry,
			       &rb_entry(parent, struct meminspect_slot, by_pa)->entry) < 0)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&slot->by_pa, parent, link);
	rb_insert_color(&slot->by_pa, &regions_by_pa);
}

static void insert_id(struct meminspect_slot *slot)
{
	struct rb_node **link = &regions_by_id.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		if (compare_id(&slot->entry,
			       &rb_entry(parent, struct meminspect_slot, by_id)->entry) < 0)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&slot->by_id, parent, link);
	rb_insert_color(&slot->by_id, &regions_by_id);
}

/**
 * meminspect_index_insert - have a region found
 * @slot: its slot, with the entry filled in
 */
void meminspect_index_insert(struct meminspect_slot *slot)
{
	insert_pa(slot);
	if (is_unique(&slot->entry))
		insert_id(slot);
	meminspect_debug_insert(slot);
}

/**
 * meminspect_index_remove - have a region found no more
 * @slot: its slot, unchanged since it was inserted
 */
void meminspect_index_remove(struct meminspect_slot *slot)
{
	meminspect_debug_remove(slot);
	rb_erase(&slot->by_pa, &regions_by_pa);
	if (is_unique(&slot->entry))
		rb_erase(&slot->by_id, &regions_by_id);
}
