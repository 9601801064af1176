// SPDX-License-Identifier: GPL-2.0-only
/* A binary tree that nobody balances. */
#include <linux/rbtree.h>

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

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *next;

	if (!node->rb_left) {
		replace(node, node->rb_right, root);
	} else if (!node->rb_right) {
		replace(node, node->rb_left, root);
	} else {
		next = rb_next(node);
		rb_erase(next, root);
		replace(node, next, root);
		next->rb_left = node->rb_left;
		next->rb_right = node->rb_right;
		if (next->rb_left)
			next->rb_left->parent = next;
		if (next->rb_right)
			next->rb_right->parent = next;
	}
}

struct rb_node *rb_next(const struct rb_node *node)
{
	struct rb_node *next = node->rb_right;

	if (next) {
		while (next->rb_left)
			next = next->rb_left;
		return next;
	}
	for (next = node->parent; next && node == next->rb_right; next = next->parent)
		node = next;
	return next;
}
