/* SPDX-License-Identifier: GPL-2.0-only */
/* Rings of nodes with the kernel's names; each node that is looked at counts as a step. */
#ifndef SHIM_LINUX_LIST_H
#define SHIM_LINUX_LIST_H

#include <linux/kernel.h>

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD(name)			struct list_head name = { &(name), &(name) }

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list->prev = list;
}

static inline bool list_empty(const struct list_head *list)
{
	return list->next == list;
}

static inline void list_add(struct list_head *node, struct list_head *behind)
{
	*node = (struct list_head){ behind->next, behind };
	behind->next->prev = node;
	behind->next = node;
}

static inline void list_add_tail(struct list_head *node, struct list_head *list)
{
	list_add(node, list->prev);
}

static inline void list_del_init(struct list_head *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	INIT_LIST_HEAD(node);
}

static inline void list_move_tail(struct list_head *node, struct list_head *list)
{
	list_del_init(node);
	list_add_tail(node, list);
}

#define list_entry(node, type, member)	(shim_steps++, container_of(node, type, member))
#define list_first_entry(list, type, member)				\
	list_entry((list)->next, type, member)
#define list_last_entry(list, type, member)				\
	list_entry((list)->prev, type, member)
#define list_first_entry_or_null(list, type, member)			\
	(list_empty(list) ? NULL : list_first_entry(list, type, member))
#define list_next_entry(at, member)					\
	list_entry((at)->member.next, typeof(*(at)), member)
#define list_entry_is_head(at, list, member) (&(at)->member == (list))

#define list_for_each_entry(at, list, member)				\
	for ((at) = list_first_entry(list, typeof(*(at)), member);	\
	     !list_entry_is_head(at, list, member);			\
	     (at) = list_next_entry(at, member))
#define list_for_each_entry_safe(at, after, list, member)		\
	for ((at) = list_first_entry(list, typeof(*(at)), member),	\
	     (after) = list_next_entry(at, member);			\
	     !list_entry_is_head(at, list, member);			\
	     (at) = (after), (after) = list_next_entry(after, member))

#endif /* SHIM_LINUX_LIST_H */
