// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every task_struct, kernel stack, mm_struct and struct pid, from fork to free,
 * and the nodes of the tree that tools look PIDs up in.
 *
 * All is marked before anybody can find it, and unmarked before its memory is
 * anything else: the hooks stand in kernel/fork.c, kernel/pid.c and
 * lib/radix-tree.c.
 */
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/kconfig.h>
#include <linux/meminspect_task.h>
#include <linux/mm_types.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/radix-tree.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/thread_info.h>

#include "internal.h"

MEMINSPECT_SIMPLE_ENTRY(init_task);
MEMINSPECT_SIMPLE_ENTRY(init_stack);
MEMINSPECT_SIMPLE_ENTRY(init_pid_ns);

/* Off unless there is a class that follows tasks. */
DEFINE_STATIC_KEY_FALSE(meminspect_follows_tasks);

/*
 * A row each for the task_struct, the struct pid and a node for it, and those
 * of a stack every page of which is an extent.
 */
#define ROWS_PER_TASK	(4 + DIV_ROUND_UP(THREAD_SIZE / PAGE_SIZE,	\
					  MEMINSPECT_EXTENTS_IN_SLOT))

static bool marks_tasks(void)
{
	return meminspect_class_followed(MEMINSPECT_CLASS_TASK);
}

static void mark(enum meminspect_uid id, void *va, size_t size, pid_t pid)
{
	const struct inspect_entry want = {
		.id = id,
		.va = va,
		.size = size,
		.key_kind = MEMINSPECT_KEY_PID,
		.key = pid,
	};

	/* What is refused is counted, and the fork goes on. */
	meminspect_register(&want);
}

/*
 * Has rows ready for the forks to come, too: in alloc_pid() nothing can be
 * allocated, and a burst of forks is faster than the worker that keeps rows
 * free. As many as there are CPUs may get there before one gets here again.
 */
static void make_room(void)
{
	unsigned int nr_rows = (1 + num_online_cpus()) * ROWS_PER_TASK;

	if (READ_ONCE(meminspect_nr_free_rows) < nr_rows)
		meminspect_reserve(nr_rows);
}

/**
 * __meminspect_task_forked - mark a task_struct and its stack
 * @task: the task
 *
 * The key is the PID at fork. A thread that executes a program takes over the
 * PID of its leader, but the region keeps its key.
 *
 * Context: Process context. May sleep.
 */
void __meminspect_task_forked(struct task_struct *task)
{
	if (!marks_tasks())
		return;
	make_room();
	mark(MEMINSPECT_ID_task_struct, task, arch_task_struct_size, task->pid);
	mark(MEMINSPECT_ID_task_stack, task_stack_page(task), THREAD_SIZE,
	     task->pid);
}

/**
 * __meminspect_task_freed - unmark a task_struct
 * @task: the task
 *
 * Context: Any but NMI.
 */
void __meminspect_task_freed(struct task_struct *task)
{
	if (marks_tasks())
		meminspect_unregister_va(task, arch_task_struct_size);
}

/**
 * __meminspect_stack_freed - unmark the stack of a task, which runs no more
 * @task: the task
 *
 * Context: Any but NMI.
 */
void __meminspect_stack_freed(struct task_struct *task)
{
	meminspect_forget_current(task);
	if (marks_tasks())
		meminspect_unregister_va(task_stack_page(task), THREAD_SIZE);
}

/* With the mask of CPUs that it ends with */
static size_t size_of_mm(void)
{
	return sizeof(struct mm_struct) + cpumask_size();
}

#ifdef CONFIG_SMP

/* All of them are one allocation. */
static size_t size_of_counters(const struct mm_struct *mm)
{
	return NR_MM_COUNTERS * sizeof(*mm->rss_stat[0].counters);
}

static void mark_counters(struct mm_struct *mm)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		make_room();
		mark(MEMINSPECT_ID_rss_stat,
		     per_cpu_ptr(mm->rss_stat[0].counters, cpu),
		     size_of_counters(mm), current->pid);
	}
}

static void unmark_counters(struct mm_struct *mm)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		meminspect_unregister_va(per_cpu_ptr(mm->rss_stat[0].counters, cpu),
					 size_of_counters(mm));
}

#else
/* They stand in the mm_struct. */
static void mark_counters(struct mm_struct *mm) { }
static void unmark_counters(struct mm_struct *mm) { }
#endif

/**
 * __meminspect_mm_made - mark an mm_struct and its per-CPU counters
 * @mm: the mm_struct
 *
 * Tools add up the counters of all CPUs, and take a dump for broken that lacks
 * them. The key is the PID of who forks or executes a program: a child has no
 * PID yet.
 *
 * Context: Process context. May sleep.
 */
void __meminspect_mm_made(struct mm_struct *mm)
{
	if (!marks_tasks())
		return;
	make_room();
	mark(MEMINSPECT_ID_mm_struct, mm, size_of_mm(), current->pid);
	mark_counters(mm);
}

/**
 * __meminspect_mm_freed - unmark an mm_struct and its per-CPU counters
 * @mm: the mm_struct
 *
 * Context: Any but NMI.
 */
void __meminspect_mm_freed(struct mm_struct *mm)
{
	if (!marks_tasks())
		return;
	unmark_counters(mm);
	meminspect_unregister_va(mm, size_of_mm());
}

static size_t size_of_pid(const struct pid *pid)
{
	return struct_size(pid, numbers, pid->level + 1);
}

/**
 * __meminspect_pid_added - mark a struct pid
 * @pid: it
 *
 * Context: Any but NMI.
 */
void __meminspect_pid_added(struct pid *pid)
{
	if (marks_tasks())
		mark(MEMINSPECT_ID_pid, pid, size_of_pid(pid),
		     pid->numbers[0].nr);
}

/**
 * __meminspect_pid_freed - unmark a struct pid
 * @pid: it
 *
 * Context: Any but NMI.
 */
void __meminspect_pid_freed(struct pid *pid)
{
	if (marks_tasks())
		meminspect_unregister_va(pid, size_of_pid(pid));
}

static bool is_pid_tree(const struct xarray *tree)
{
	return tree == &init_pid_ns.idr.idr_rt;
}

/* The lock is private to kernel/pid.c, which holds it. */
static const struct xa_node *parent_of(const struct xa_node *node)
{
	return rcu_dereference_raw(node->parent);
}

static pid_t first_pid(const struct xa_node *node)
{
	const struct xa_node *parent;
	pid_t first = 0;

	for (; (parent = parent_of(node)); node = parent)
		first |= node->offset << parent->shift;
	return first;
}

/**
 * __meminspect_node_added - mark a node of the tree of PIDs
 * @tree: the tree that it belongs to, which may be another one
 * @node: the node
 *
 * The key is the first PID that the node covers. It stays so: a tree grows
 * by nodes above, whose first child the tree as it was becomes.
 *
 * Context: Any but NMI.
 */
void __meminspect_node_added(struct xarray *tree, struct xa_node *node)
{
	if (is_pid_tree(tree) && marks_tasks())
		mark(MEMINSPECT_ID_pid_node, node, sizeof(*node),
		     first_pid(node));
}

/**
 * __meminspect_node_freed - unmark a node of the tree of PIDs
 * @tree: the tree that it belongs to, which may be another one
 * @node: the node
 *
 * Context: Any but NMI.
 */
void __meminspect_node_freed(struct xarray *tree, struct xa_node *node)
{
	if (is_pid_tree(tree) && marks_tasks())
		meminspect_unregister_va(node, sizeof(*node));
}

/**
 * meminspect_follow_tasks - start to follow tasks, if a class wants that
 *
 * Context: meminspect_init(), when classes are settled and before any fork.
 */
void __init meminspect_follow_tasks(void)
{
	if (marks_tasks())
		mark(MEMINSPECT_ID_pid, &init_struct_pid,
		     size_of_pid(&init_struct_pid), 0);
	else if (!IS_ENABLED(CONFIG_MEMINSPECT_CURRENT) ||
		 !meminspect_class_enabled(MEMINSPECT_CLASS_CURRENT))
		return;
	static_branch_enable(&meminspect_follows_tasks);
}
