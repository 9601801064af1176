/* SPDX-License-Identifier: GPL-2.0-only */
/* The interface of red-black trees over a treap; each node that is looked at counts as a step. */
#ifndef SHIM_LINUX_RBTREE_H
#define SHIM_LINUX_RBTREE_H

#include <linux/kernel.h>

struct rb_node {
	struct rb_node *parent, *rb_left, *rb_right;
};

struct rb_root {
	struct rb_node *rb_node;
};

struct rb_root_cached {
	struct rb_root rb_root;
};

#define RB_ROOT				{ NULL }
#define RB_ROOT_CACHED			{ RB_ROOT }
#define rb_entry(node, type, member)	(shim_steps++, container_of(node, type, member))

static inline void rb_link_node(struct rb_node *node, struct rb_node *parent,
				struct rb_node **link)
{
	*node = (struct rb_node){ .parent = parent };
	*link = node;
}

void rb_insert_color(struct rb_node *node, struct rb_root *root);
void rb_erase(struct rb_node *node, struct rb_root *root);

#endif /* SHIM_LINUX_RBTREE_H */
