// SPDX-License-Identifier: GPL-2.0-only
/*
 * The nodes of the tree that interrupt descriptors are looked up in. A change
 * of the tree replaces nodes, as many and as high up as the tree likes, and
 * frees them. So none is marked while it changes. Those of a large tree are
 * marked when it has come to rest: once for each of thousands of interrupts
 * would take seconds of boot.
 */
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/maple_tree.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "internal.h"

struct tree_node {
	struct maple_node *node;
	bool has_children;
	unsigned int first_irq;
};

/* More levels have more than the root and ten leaves. */
#define LEVELS_OF_SMALL_TREE	2

/* What is marked, and of what. The lock of the tree protects it. */
static const struct maple_tree *marked_tree;
static struct tree_node *nodes;
static size_t nr_nodes, room;

static bool make_room(void)
{
	size_t wanted = room ? 2 * room : 64;
	struct tree_node *more;

	more = krealloc(nodes, array_size(wanted, sizeof(*nodes)), GFP_KERNEL);
	if (!more)
		return false;
	nodes = more;
	room = wanted;
	return true;
}

/* What there is no memory for is not marked. */
static void append(const void *entry, unsigned int first_irq)
{
	unsigned long encoded = (unsigned long)entry;
	unsigned int type = (encoded >> MAPLE_NODE_TYPE_SHIFT) & MAPLE_NODE_TYPE_MASK;

	if (nr_nodes == room && !make_room())
		return;
	nodes[nr_nodes++] = (struct tree_node){
		.node = (void *)(encoded & ~MAPLE_NODE_MASK),
		/* With MT_FLAGS_ALLOC_RANGE no other type leads to nodes. */
		.has_children = type == maple_arange_64,
		.first_irq = first_irq,
	};
}

static void append_children(struct tree_node parent)
{
	const struct maple_arange_64 *node = &parent.node->ma64;
	unsigned int first_irq = parent.first_irq, i;

	for (i = 0; i <= node->meta.end && i < MAPLE_ARANGE64_SLOTS; i++) {
		append(rcu_dereference_raw(node->slot[i]), first_irq);
		if (i < MAPLE_ARANGE64_SLOTS - 1)
			first_irq = node->pivot[i] + 1;
	}
}

/**
 * meminspect_irq_tree_changing - unmark the nodes of the tree
 *
 * Who dies between this and meminspect_irq_tree_changed() leaves no node.
 *
 * Context: Process context. The caller holds the lock of the tree of interrupt
 * descriptors, and is about to change it.
 */
void meminspect_irq_tree_changing(void)
{
	while (nr_nodes) {
		nr_nodes--;
		meminspect_unregister_va(nodes[nr_nodes].node,
					 sizeof(struct maple_node));
	}
}

static void mark_nodes(void)
{
	const void *root = rcu_dereference_raw(marked_tree->ma_root);
	size_t i;

	/* A tree of one interrupt may have none. */
	if (xa_is_node(root))
		append(root, 0);
	for (i = 0; i < nr_nodes; i++)
		if (nodes[i].has_children)
			append_children(nodes[i]);
	meminspect_reserve(nr_nodes);
	for (i = 0; i < nr_nodes; i++)
		meminspect_register_keyed(MEMINSPECT_ID_irq_tree_node,
					  nodes[i].node,
					  sizeof(struct maple_node),
					  MEMINSPECT_KEY_INDEX,
					  nodes[i].first_irq);
}

static void mark_at_rest(struct work_struct *unused)
{
	irq_lock_sparse();
	/* It may have become small since then, and be marked. */
	if (!nr_nodes)
		mark_nodes();
	irq_unlock_sparse();
}

static DECLARE_DELAYED_WORK(marking, mark_at_rest);

/* Work can wait for a time as soon as tasks can. */
static bool can_wait(const struct maple_tree *tree)
{
	return IS_ENABLED(CONFIG_SPARSE_IRQ) &&
	       mt_height(tree) > LEVELS_OF_SMALL_TREE &&
	       system_state >= SYSTEM_SCHEDULING;
}

/**
 * meminspect_irq_tree_changed - mark the nodes of the tree
 * @tree: the tree of interrupt descriptors
 *
 * Those of a large tree are marked 100 ms later.
 *
 * Context: Process context. May sleep. The caller changed the tree since
 * meminspect_irq_tree_changing(), and holds its lock still.
 */
void meminspect_irq_tree_changed(const struct maple_tree *tree)
{
	if (!meminspect_class_followed(MEMINSPECT_CLASS_IRQ))
		return;
	marked_tree = tree;
	if (can_wait(tree))
		schedule_delayed_work(&marking, HZ / 10);
	else
		mark_nodes();
}
