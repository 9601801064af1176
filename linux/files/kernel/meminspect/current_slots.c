// SPDX-License-Identifier: GPL-2.0-only
/*
 * What each CPU runs, true at any instant, with nothing to be done at a death.
 *
 * A slot per CPU has two halves, each for the task_struct and the stack of one
 * task. The scheduler tells of a switch before it is made: the half that does
 * not have the task that still runs gets the one that comes next. Nothing has
 * to happen after the switch.
 *
 * A half keeps a task until the CPU has switched twice, or until the task is
 * freed: what a slot points to is always memory of a task.
 *
 * The other side of each barrier is a reader that stopped this machine.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/kasan.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/stddef.h>
#include <linux/thread_info.h>
#include <linux/vmalloc.h>
#include <trace/events/sched.h>
#include <asm/barrier.h>

#include "internal.h"

/* A stack is described page by page if it is mapped so. */
#define STACK_EXTENTS							\
	((unsigned int)(IS_ENABLED(CONFIG_VMAP_STACK) ?			\
			THREAD_SIZE / PAGE_SIZE : 1))
#define EXTENT_LENGTH	(THREAD_SIZE / STACK_EXTENTS)
#define NR_EXTENTS	min(STACK_EXTENTS, MEMINSPECT_CURRENT_EXTENTS)

#define WORDS_PER_HALF	(sizeof(struct meminspect_current_half) / sizeof(u64))

union half_words {
	struct meminspect_current_half half;
	u64 words[WORDS_PER_HALF];
};

static_assert(sizeof(union half_words) == sizeof(struct meminspect_current_half));
/* The first word and the last one are written by rules of their own. */
static_assert(!offsetof(struct meminspect_current_half, task));
static_assert(offsetofend(struct meminspect_current_half, check) ==
	      sizeof(struct meminspect_current_half));

static DEFINE_PER_CPU_ALIGNED(struct meminspect_current, slots);

static u64 address_of(const void *object)
{
	/* Tools know addresses without tags. */
	return (unsigned long)kasan_reset_tag(object);
}

static void settle(const void *start, size_t size)
{
	/* What came before is seen before what follows, also in RAM. */
	wmb();
	meminspect_clean(start, size);
}

static void set_task(struct meminspect_current_half *half, u64 task)
{
	WRITE_ONCE(half->task, task);
	settle(&half->task, sizeof(half->task));
}

static void find_stack(const struct task_struct *task,
		       struct meminspect_current_half *half)
{
	const struct vm_struct *area = task_stack_vm_area(task);
	void *stack = task_stack_page(task);
	phys_addr_t pa = 0;
	unsigned int i;

	half->stack = address_of(stack);
	half->stack_size = THREAD_SIZE;
	half->nr_extents = NR_EXTENTS;
	if (!area)
		pa = task == &init_task ? __pa_symbol(stack) : __pa(stack);
	for (i = 0; i < NR_EXTENTS; i++)
		half->extents[i] = area ? page_to_phys(area->pages[i]) :
					  pa + i * EXTENT_LENGTH;
}

/* Nothing else stands between memory that is denied and who takes a stack. */
static bool is_denied(const struct meminspect_current_half *half)
{
	unsigned int i;

	if (meminspect_denies_memory(half->task_paddr,
				     half->task_paddr + half->task_size - 1))
		return true;
	for (i = 0; i < NR_EXTENTS; i++)
		if (meminspect_denies_memory(half->extents[i],
					     half->extents[i] + EXTENT_LENGTH - 1))
			return true;
	return false;
}

/*
 * The reader finds no task in the half until the rest of it is complete: the
 * other half has the task that runs.
 */
static void write_half(struct meminspect_current_half *to,
		       struct task_struct *task)
{
	union half_words from = {
		.half = {
			.task = address_of(task),
			.task_size = arch_task_struct_size,
			.pid = task->pid,
			.check = MEMINSPECT_CURRENT_SEED,
		},
	};
	u64 *words = (u64 *)to;
	unsigned int i;

	if (task == &init_task) {
		from.half.task_paddr = __pa_symbol(task);
		/* No slab made it. */
		from.half.task_size = sizeof(init_task);
	} else {
		from.half.task_paddr = __pa(task);
	}
	find_stack(task, &from.half);
	for (i = 0; i < WORDS_PER_HALF - 1; i++)
		from.half.check ^= rol64(from.words[i], i);

	set_task(to, 0);
	if (is_denied(&from.half))
		return;
	for (i = 1; i < WORDS_PER_HALF; i++)
		WRITE_ONCE(words[i], from.words[i]);
	settle(to, sizeof(*to));
	set_task(to, from.half.task);
}

/* A half that may be written while @task runs. */
static struct meminspect_current_half *
half_beside(struct meminspect_current *slot, const struct task_struct *task)
{
	return &slot->half[READ_ONCE(slot->half[0].task) == address_of(task)];
}

/* Runs with interrupts off and the lock of the run queue held. */
static void follow_switch(void *data, bool preempt, struct task_struct *prev,
			  struct task_struct *next, unsigned int prev_state)
{
	write_half(half_beside(this_cpu_ptr(&slots), prev), next);
}

/**
 * meminspect_forget_current - have no slot name a task that is being freed
 * @task: the task, which has run for the last time
 *
 * A CPU that ran it last, and is idle since, still has it in its slot.
 *
 * Context: Any but NMI.
 */
void meminspect_forget_current(const struct task_struct *task)
{
	u64 address = address_of(task);
	struct meminspect_current_half *half;
	unsigned int cpu, i;

	if (!meminspect_class_enabled(MEMINSPECT_CLASS_CURRENT))
		return;
	/* CPUs that go offline have to forget it, too. */
	for_each_possible_cpu(cpu) {
		for (i = 0; i < MEMINSPECT_CURRENT_HALVES; i++) {
			half = &per_cpu(slots, cpu).half[i];
			if (READ_ONCE(half->task) != address)
				continue;
			/* The CPU may write the half for another task now. */
			if (cmpxchg64(&half->task, address, 0) == address)
				settle(&half->task, sizeof(half->task));
		}
	}
}

/* The CPU starts in its idle task, long before it switches for the first time. */
static int cpu_comes(unsigned int cpu)
{
	write_half(&per_cpu(slots, cpu).half[0], idle_task(cpu));
	return 0;
}

static int cpu_is_gone(unsigned int cpu)
{
	unsigned int i;

	for (i = 0; i < MEMINSPECT_CURRENT_HALVES; i++)
		set_task(&per_cpu(slots, cpu).half[i], 0);
	return 0;
}

static int __init start_following(void)
{
	struct meminspect_current *slot;
	unsigned long flags;
	int state, ret;

	state = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN,
					  "meminspect/current:prepare",
					  cpu_comes, cpu_is_gone);
	if (state < 0)
		return state;
	ret = register_trace_sched_switch(follow_switch, NULL);
	if (ret) {
		cpuhp_remove_state_nocalls(state);
		return ret;
	}
	/* What runs now may never switch. */
	local_irq_save(flags);
	slot = this_cpu_ptr(&slots);
	write_half(half_beside(slot, current), current);
	local_irq_restore(flags);
	return 0;
}

static void __init mark_slots(void)
{
	struct inspect_entry entry = {
		.id = MEMINSPECT_ID_current,
		.size = sizeof(struct meminspect_current),
		.key_kind = MEMINSPECT_KEY_CPU,
	};
	unsigned int cpu;

	/* What is refused nevertheless is counted. */
	meminspect_reserve(num_possible_cpus());
	for_each_possible_cpu(cpu) {
		entry.key = cpu;
		entry.va = &per_cpu(slots, cpu);
		meminspect_register(&entry);
	}
}

/* Whoever denies one of these does not want to find it through a slot. */
static const char *__init denied_region(void)
{
	static const struct inspect_entry entries[] __initconst = {
		{ .name = "current", .type = MEMINSPECT_CLASS_CURRENT },
		{ .name = "task_struct", .type = MEMINSPECT_CLASS_TASK },
		{ .name = "task_stack", .type = MEMINSPECT_CLASS_TASK },
		{ .name = "init_task", .type = MEMINSPECT_CLASS_TASK },
		{ .name = "init_stack", .type = MEMINSPECT_CLASS_STACK },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(entries); i++)
		if (meminspect_denies(&entries[i]))
			return entries[i].name;
	return NULL;
}

/* As early as tracepoints work: only the boot CPU runs yet. */
static int __init follow_current(void)
{
	const char *name;
	int ret;

	if (!meminspect_class_enabled(MEMINSPECT_CLASS_CURRENT))
		return 0;
	name = denied_region();
	if (name) {
		pr_warn("meminspect: class current stays off: %s is denied\n",
			name);
		return 0;
	}
	if (STACK_EXTENTS > MEMINSPECT_CURRENT_EXTENTS) {
		pr_warn("meminspect: class current stays off: a stack has %u pages, a slot has room for %u\n",
			STACK_EXTENTS, MEMINSPECT_CURRENT_EXTENTS);
		return 0;
	}
	ret = start_following();
	if (ret)
		pr_warn("meminspect: class current stays off: error %d\n", ret);
	else
		mark_slots();
	return ret;
}
early_initcall(follow_current);
