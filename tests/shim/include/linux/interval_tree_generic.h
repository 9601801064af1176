/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel's template defines, as far as it is used. */
#ifndef SHIM_LINUX_INTERVAL_TREE_GENERIC_H
#define SHIM_LINUX_INTERVAL_TREE_GENERIC_H

#include <linux/rbtree_augmented.h>

#define INTERVAL_TREE_DEFINE(type, rb, value, last_below, first_of, last_of, storage, prefix)	\
static void prefix##_update(struct rb_node *rb_node)						\
{												\
	type *node = container_of(rb_node, type, rb);						\
	struct rb_node *child[] = { rb_node->rb_left, rb_node->rb_right };			\
	unsigned int i;										\
												\
	node->last_below = last_of(node);							\
	for (i = 0; i < 2; i++)									\
		if (child[i] && container_of(child[i], type, rb)->last_below > node->last_below) \
			node->last_below = container_of(child[i], type, rb)->last_below;	\
}												\
												\
static const struct rb_augment_callbacks prefix##_augment = { prefix##_update };		\
												\
storage void prefix##_remove(type *node, struct rb_root_cached *root)				\
{												\
	rb_erase_augmented_cached(&node->rb, root, &prefix##_augment);				\
}												\
												\
/* The first in order, at @rb_node or below, that overlaps; only what may have one is looked at. */ \
static type *prefix##_below(struct rb_node *rb_node, value first, value last)			\
{												\
	type *node;										\
												\
	while (rb_node) {									\
		node = rb_entry(rb_node, type, rb);						\
		if (node->last_below < first)							\
			return NULL;								\
		if (rb_node->rb_left &&								\
		    container_of(rb_node->rb_left, type, rb)->last_below >= first) {		\
			rb_node = rb_node->rb_left;						\
			continue;								\
		}										\
		if (first_of(node) > last)							\
			return NULL;								\
		if (last_of(node) >= first)							\
			return node;								\
		rb_node = rb_node->rb_right;							\
	}											\
	return NULL;										\
}												\
												\
storage type *prefix##_iter_first(struct rb_root_cached *root, value first, value last)	\
{												\
	return prefix##_below(root->rb_root.rb_node, first, last);				\
}												\
												\
storage type *prefix##_iter_next(type *node, value first, value last)				\
{												\
	struct rb_node *below, *rb_node = &node->rb;						\
	type *next = prefix##_below(rb_node->rb_right, first, last);				\
												\
	while (!next && (below = rb_node, rb_node = rb_node->parent)) {			\
		if (below == rb_node->rb_right)							\
			continue;								\
		node = rb_entry(rb_node, type, rb);						\
		if (first_of(node) > last)							\
			return NULL;								\
		next = last_of(node) >= first ? node :						\
		       prefix##_below(rb_node->rb_right, first, last);				\
	}											\
	return next;										\
}

#endif /* SHIM_LINUX_INTERVAL_TREE_GENERIC_H */
