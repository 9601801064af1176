/* SPDX-License-Identifier: GPL-2.0-only */
/* Nodes that hold something of all that are below them. */
#ifndef SHIM_LINUX_RBTREE_AUGMENTED_H
#define SHIM_LINUX_RBTREE_AUGMENTED_H

#include <linux/rbtree.h>

struct rb_augment_callbacks {
	/* Has the node hold what its children and itself say. */
	void (*update)(struct rb_node *node);
};

void rb_insert_augmented_cached(struct rb_node *node, struct rb_root_cached *root, bool leftmost,
				const struct rb_augment_callbacks *augment);
void rb_erase_augmented_cached(struct rb_node *node, struct rb_root_cached *root,
			       const struct rb_augment_callbacks *augment);

#endif /* SHIM_LINUX_RBTREE_AUGMENTED_H */
