// SPDX-License-Identifier: GPL-2.0-only
/*
 * A treap: a node's priority is a hash of its address, and no node has a lower
 * one than its parent. That balances the tree, whatever order nodes come in.
 */
#include <linux/rbtree_augmented.h>

static u64 priority(const struct rb_node *node)
{
	u64 hash = (unsigned long)node;

	hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9ULL;
	hash = (hash ^ hash >> 27) * 0x94d049bb133111ebULL;
	return hash ^ hash >> 31;
}

/* What stood below @old's parent is @with now. */
static void replace(struct rb_node *old, struct rb_node *with, struct rb_root *root)
{
	struct rb_node *parent = old->parent;

	if (with)
		with->parent = parent;
	if (!parent)
		root->rb_node = with;
	else if (parent->rb_left == old)
		parent->rb_left = with;
	else
		parent->rb_right = with;
}

/* Puts a node in the place of its parent, which goes down to the other side. */
static void rotate_up(struct rb_node *node, struct rb_root *root,
		      const struct rb_augment_callbacks *augment)
{
	struct rb_node *parent = node->parent, *between;

	replace(parent, node, root);
	if (parent->rb_left == node) {
		between = node->rb_right;
		parent->rb_left = between;
		node->rb_right = parent;
	} else {
		between = node->rb_left;
		parent->rb_right = between;
		node->rb_left = parent;
	}
	parent->parent = node;
	if (between)
		between->parent = parent;
	if (augment) {
		augment->update(parent);
		augment->update(node);
	}
}

static void insert(struct rb_node *node, struct rb_root *root,
		   const struct rb_augment_callbacks *augment)
{
	while (node->parent && priority(node) < priority(node->parent))
		rotate_up(node, root, augment);
}

static void erase(struct rb_node *node, struct rb_root *root,
		  const struct rb_augment_callbacks *augment)
{
	struct rb_node *above;

	while (node->rb_left && node->rb_right)
		rotate_up(priority(node->rb_left) < priority(node->rb_right) ?
			  node->rb_left : node->rb_right, root, augment);
	replace(node, node->rb_left ? node->rb_left : node->rb_right, root);
	for (above = node->parent; augment && above; above = above->parent)
		augment->update(above);
}

void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	insert(node, root, NULL);
}

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	erase(node, root, NULL);
}

void rb_insert_augmented_cached(struct rb_node *node, struct rb_root_cached *root,
				bool leftmost,
				const struct rb_augment_callbacks *augment)
{
	insert(node, &root->rb_root, augment);
}

void rb_erase_augmented_cached(struct rb_node *node, struct rb_root_cached *root,
			       const struct rb_augment_callbacks *augment)
{
	erase(node, &root->rb_root, augment);
}
