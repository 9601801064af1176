/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hooks that follow tasks and address spaces from fork to free, and the
 * tree that PIDs are looked up in. Apart because they want headers that few files do.
 */
#ifndef _LINUX_MEMINSPECT_TASK_H
#define _LINUX_MEMINSPECT_TASK_H

struct mm_struct;
struct pid;
struct task_struct;
struct xa_node;
struct xarray;

#ifdef CONFIG_MEMINSPECT

#include <linux/jump_label.h>

DECLARE_STATIC_KEY_FALSE(meminspect_follows_tasks);

void __meminspect_task_forked(struct task_struct *task);
void __meminspect_task_freed(struct task_struct *task);
void __meminspect_stack_freed(struct task_struct *task);
void __meminspect_mm_made(struct mm_struct *mm);
void __meminspect_mm_freed(struct mm_struct *mm);
void __meminspect_pid_added(struct pid *pid);
void __meminspect_pid_freed(struct pid *pid);
void __meminspect_node_added(struct xarray *tree, struct xa_node *node);
void __meminspect_node_freed(struct xarray *tree, struct xa_node *node);

/* @task has memory, a stack and a PID, and nobody finds it yet. */
static inline void meminspect_task_forked(struct task_struct *task)
{
	if (static_branch_unlikely(&meminspect_follows_tasks))
		__meminspect_task_forked(task);
}

/* The task_struct is about to be freed; it may never have got a PID. */
static inline void meminspect_task_freed(struct task_struct *task)
{
	if (static_branch_unlikely(&meminspect_follows_tasks))
		__meminspect_task_freed(task);
}

/* The stack of @task is about to be freed or cached; nothing runs on it. */
static inline void meminspect_stack_freed(struct task_struct *task)
{
	if (static_branch_unlikely(&meminspect_follows_tasks))
		__meminspect_stack_freed(task);
}

/* @mm has its counters, and nobody finds it yet. */
static inline void meminspect_mm_made(struct mm_struct *mm)
{
	if (static_branch_unlikely(&meminspect_follows_tasks))
		__meminspect_mm_made(mm);
}

/* The counters of @mm, and then it, are about to be freed. */
static inline void meminspect_mm_freed(struct mm_struct *mm)
{
	if (static_branch_unlikely(&meminspect_follows_tasks))
		__meminspect_mm_freed(mm);
}

/* @pid has all its numbers, and nobody finds it yet. */
static inline void meminspect_pid_added(struct pid *pid)
{
	if (static_branch_unlikely(&meminspect_follows_tasks))
		__meminspect_pid_added(pid);
}

/* @pid is about to be freed. */
static inline void meminspect_pid_freed(struct pid *pid)
{
	if (static_branch_unlikely(&meminspect_follows_tasks))
		__meminspect_pid_freed(pid);
}

/* @node knows its place in the radix tree @tree, which does not know it yet. */
static inline void meminspect_node_added(struct xarray *tree,
					 struct xa_node *node)
{
	if (static_branch_unlikely(&meminspect_follows_tasks))
		__meminspect_node_added(tree, node);
}

/* @node is no longer in @tree, and is about to be freed. */
static inline void meminspect_node_freed(struct xarray *tree,
					 struct xa_node *node)
{
	if (static_branch_unlikely(&meminspect_follows_tasks))
		__meminspect_node_freed(tree, node);
}

#else /* !CONFIG_MEMINSPECT */

static inline void meminspect_task_forked(struct task_struct *task) { }
static inline void meminspect_task_freed(struct task_struct *task) { }
static inline void meminspect_stack_freed(struct task_struct *task) { }
static inline void meminspect_mm_made(struct mm_struct *mm) { }
static inline void meminspect_mm_freed(struct mm_struct *mm) { }
static inline void meminspect_pid_added(struct pid *pid) { }
static inline void meminspect_pid_freed(struct pid *pid) { }
static inline void meminspect_node_added(struct xarray *tree,
					 struct xa_node *node) { }
static inline void meminspect_node_freed(struct xarray *tree,
					 struct xa_node *node) { }

#endif /* CONFIG_MEMINSPECT */

#endif /* _LINUX_MEMINSPECT_TASK_H */
