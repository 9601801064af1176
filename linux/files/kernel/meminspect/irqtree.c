// SPDX-License-Identifier: GPL-2.0-only
/*
 * The nodes of the tree that interrupt descriptors are looked up in. A change
 * of the tree replaces nodes, as many and as high up as the tree likes. So
 * after each change the whole tree is compared with what is marked.
 */
#include <linux/kernel.h>
#include <linux/maple_tree.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/xarray.h>

#include "internal.h"

/* What a change may add, and more. */
#define SPARE_NODES	64
#define FIRST_NODES	(2 * SPARE_NODES)

struct tree_node {
	struct maple_node *node;
	bool has_children;
	unsigned int first_irq;
};

/* The lock of the tree protects all of this. */
static struct tree_node first_lists[2][FIRST_NODES];
static struct tree_node *marked = first_lists[0], *found = first_lists[1];
static unsigned int nr_marked, nr_found, room = FIRST_NODES;

static void append(const void *entry, unsigned int first_irq)
{
	unsigned long encoded = (unsigned long)entry;
	unsigned int type = (encoded >> MAPLE_NODE_TYPE_SHIFT) & MAPLE_NODE_TYPE_MASK;

	if (nr_found == room)
		return;
	found[nr_found].node = (void *)(encoded & ~MAPLE_NODE_MASK);
	/* The tree has MT_FLAGS_ALLOC_RANGE: no other type leads to nodes. */
	found[nr_found].has_children = type == maple_arange_64;
	found[nr_found++].first_irq = first_irq;
}

static void append_children(const struct tree_node *parent)
{
	const struct maple_arange_64 *node = &parent->node->ma64;
	unsigned int first_irq = parent->first_irq, i;

	for (i = 0; i <= node->meta.end && i < MAPLE_ARANGE64_SLOTS; i++) {
		append(rcu_dereference_raw(node->slot[i]), first_irq);
		if (i < MAPLE_ARANGE64_SLOTS - 1)
			first_irq = node->pivot[i] + 1;
	}
}

static int compare_nodes(const void *a, const void *b)
{
	const struct tree_node *x = a, *y = b;

	return x->node < y->node ? -1 : x->node > y->node;
}

static void find_all(const struct maple_tree *tree)
{
	const void *root = rcu_dereference_raw(tree->ma_root);
	unsigned int i;

	nr_found = 0;
	/* A tree of one interrupt may have none. */
	if (xa_is_node(root))
		append(root, 0);
	for (i = 0; i < nr_found; i++)
		if (found[i].has_children)
			append_children(&found[i]);
	sort(found, nr_found, sizeof(*found), compare_nodes, NULL);
}

static void unmark(const struct tree_node *old)
{
	meminspect_unregister_va(old->node, sizeof(*old->node));
}

static void mark(const struct tree_node *new)
{
	meminspect_register_keyed(MEMINSPECT_ID_irq_tree_node, new->node,
				  sizeof(*new->node), MEMINSPECT_KEY_INDEX,
				  new->first_irq);
}

static void mark_what_differs(void)
{
	unsigned int i = 0, j = 0;
	int order;

	while (i < nr_marked || j < nr_found) {
		if (i == nr_marked)
			order = 1;
		else if (j == nr_found)
			order = -1;
		else
			order = compare_nodes(&marked[i], &found[j]);
		if (order < 0)
			unmark(&marked[i]);
		else if (order > 0)
			mark(&found[j]);
		i += order <= 0;
		j += order >= 0;
	}
}

/* What does not fit is not marked. */
static void make_room(void)
{
	unsigned int wanted = 2 * room;
	struct tree_node *lists[2];

	if (room - nr_marked >= SPARE_NODES)
		return;
	lists[0] = kcalloc(wanted, sizeof(**lists), GFP_KERNEL);
	lists[1] = kcalloc(wanted, sizeof(**lists), GFP_KERNEL);
	if (!lists[0] || !lists[1]) {
		kfree(lists[0]);
		kfree(lists[1]);
		return;
	}
	memcpy(lists[0], marked, nr_marked * sizeof(*marked));
	if (room > FIRST_NODES) {
		kfree(marked);
		kfree(found);
	}
	marked = lists[0];
	found = lists[1];
	room = wanted;
}

/**
 * meminspect_irq_tree_changed - mark the nodes of the tree, and no others
 * @tree: the tree of interrupt descriptors
 *
 * The tree frees a node that it replaced after a grace period. A change may
 * sleep, so the period cannot be held off from there to here: if the caller is
 * preempted for as long just before this, a node is marked too long.
 *
 * Context: Process context. May sleep. The caller changed the tree and holds
 * its lock still.
 */
void meminspect_irq_tree_changed(const struct maple_tree *tree)
{
	if (!meminspect_class_enabled(MEMINSPECT_CLASS_IRQ))
		return;
	rcu_read_lock();
	find_all(tree);
	mark_what_differs();
	rcu_read_unlock();
	swap(marked, found);
	nr_marked = nr_found;
	make_room();
}
