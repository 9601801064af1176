// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where regions are found: by physical address, and by id and key. The caller
 * holds the table lock.
 *
 * Each extent is in the tree by address, so that whoever asks what memory is
 * denied, or goes away, finds all that overlaps.
 */
#include <linux/interval_tree_generic.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/rbtree_augmented.h>

#include "internal.h"

static struct rb_root_cached extents_by_pa = RB_ROOT_CACHED;
static struct rb_root regions_by_id = RB_ROOT;

static u64 first_of(const struct meminspect_extent_node *node)
{
	return node->first;
}

static u64 last_of(const struct meminspect_extent_node *node)
{
	return node->last;
}

INTERVAL_TREE_DEFINE(struct meminspect_extent_node, by_pa, u64, last_below,
		     first_of, last_of, static __maybe_unused, extent_tree)

/**
 * meminspect_next_node - go on with the extents of a region
 * @extents: where one is; to begin with, its slot and the number of its extents
 *
 * Context: Any. The region is listed, or the caller holds the table lock.
 *
 * Return: the next, or NULL behind the last.
 */
struct meminspect_extent_node *
meminspect_next_node(struct meminspect_extents *extents)
{
	unsigned int within;

	if (extents->nr == extents->nr_extents)
		return NULL;
	if (!extents->nr++)
		return &extents->slot->first_extent;
	within = (extents->nr - 2) % MEMINSPECT_EXTENTS_IN_SLOT;
	if (!within)
		extents->slot = meminspect_get_slot(extents->slot->next);
	return &extents->slot->more_extents[within];
}

static bool begins_region(const struct meminspect_extent_node *node)
{
	return node == &node->slot->first_extent;
}

/* Of those at one address the extents that regions begin with come first. */
static int compare_pa(const struct inspect_entry *entry, u64 first, bool begins,
		      const struct meminspect_extent_node *other)
{
	const struct inspect_entry *others = &other->slot->entry;

	if (first != other->first)
		return first < other->first ? -1 : 1;
	if (begins != begins_region(other))
		return begins ? -1 : 1;
	if (entry->size != others->size)
		return entry->size < others->size ? -1 : 1;
	if (entry->va != others->va)
		return entry->va < others->va ? -1 : 1;
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
	const struct inspect_entry wanted = { .size = size, .va = va };
	struct rb_node *node = extents_by_pa.rb_root.rb_node;
	struct meminspect_extent_node *extent, *found = NULL;

	/* The first one that does not come before what is wanted */
	while (node) {
		extent = rb_entry(node, struct meminspect_extent_node, by_pa);
		if (compare_pa(&wanted, pa, true, extent) <= 0) {
			found = extent;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	if (!found || found->first != pa || !begins_region(found) ||
	    found->slot->entry.size != size ||
	    (va && found->slot->entry.va != va))
		return NULL;
	return found->slot;
}

/**
 * meminspect_index_first_overlap - look up what is in a range of memory
 * @first: its first byte, physical
 * @last: its last byte
 *
 * Return: the first extent that has a byte in it, or NULL.
 */
struct meminspect_extent_node *meminspect_index_first_overlap(u64 first, u64 last)
{
	return extent_tree_iter_first(&extents_by_pa, first, last);
}

/**
 * meminspect_index_next_overlap - what else is in a range of memory
 * @node: the extent that was last
 * @first: first byte of the range, physical
 * @last: its last byte
 *
 * Return: the next extent that has a byte in it, or NULL.
 */
struct meminspect_extent_node *
meminspect_index_next_overlap(struct meminspect_extent_node *node, u64 first,
			      u64 last)
{
	return extent_tree_iter_next(node, first, last);
}

static void insert_extent(struct meminspect_extent_node *extent)
{
	struct rb_node **link = &extents_by_pa.rb_root.rb_node, *parent = NULL;
	bool begins = begins_region(extent), leftmost = true;
	struct meminspect_extent_node *other;

	while (*link) {
		parent = *link;
		other = rb_entry(parent, struct meminspect_extent_node, by_pa);
		other->last_below = max(other->last_below, extent->last);
		if (compare_pa(&extent->slot->entry, extent->first, begins,
			       other) < 0) {
			link = &parent->rb_left;
		} else {
			link = &parent->rb_right;
			leftmost = false;
		}
	}
	extent->last_below = extent->last;
	rb_link_node(&extent->by_pa, parent, link);
	rb_insert_augmented_cached(&extent->by_pa, &extents_by_pa, leftmost,
				   &extent_tree_augment);
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
 * @slot: its slot, with the entry and its extents filled in
 */
void meminspect_index_insert(struct meminspect_slot *slot)
{
	struct meminspect_extents extents = {
		.slot = slot,
		.nr_extents = slot->entry.nr_extents,
	};
	struct meminspect_extent_node *extent;

	while ((extent = meminspect_next_node(&extents)))
		insert_extent(extent);
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
	struct meminspect_extents extents = {
		.slot = slot,
		.nr_extents = slot->entry.nr_extents,
	};
	struct meminspect_extent_node *extent;

	meminspect_debug_remove(slot);
	while ((extent = meminspect_next_node(&extents)))
		extent_tree_remove(extent, &extents_by_pa);
	if (is_unique(&slot->entry))
		rb_erase(&slot->by_id, &regions_by_id);
}
