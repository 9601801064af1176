// SPDX-License-Identifier: GPL-2.0-only
/*
 * Marks memory of every kind of address, filled so that a test that reads it
 * from a core knows what to expect: word n of a region is its letter in the
 * upper half, and n in the lower one.
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/meminspect.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "lab_timer.h"

#define PERCPU_WORDS	64

struct percpu_words {
	u64 words[PERCPU_WORDS];
};

static u64 module_words[700];
static u64 irq_words[100];
static struct hrtimer timer;

static void *fill(void *region, size_t size, char letter)
{
	u64 *words = region;
	size_t i;

	for (i = 0; words && i < size / sizeof(*words); i++)
		words[i] = (u64)letter << 32 | i;
	return region;
}

static void mark(const char *name, void *va, size_t size)
{
	const struct inspect_entry entry = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = name,
		.va = va,
		.size = size,
	};
	s64 handle = meminspect_register(&entry);

	pr_info("lab: %s %s\n", name, handle < 0 ? "not marked" : "marked");
}

static void mark_percpu(void)
{
	struct percpu_words __percpu *words = alloc_percpu(struct percpu_words);
	struct inspect_entry entry = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = "lab_percpu",
		.size = sizeof(*words),
		.key_kind = MEMINSPECT_KEY_CPU,
	};
	unsigned int cpu;

	if (!words)
		return;
	for_each_possible_cpu(cpu) {
		entry.key = cpu;
		entry.va = fill(per_cpu_ptr(words, cpu), sizeof(*words), 'a' + cpu);
		meminspect_register(&entry);
	}
}

static DECLARE_COMPLETION(stack_is_marked);

/* A stack is mapped page by page where VMAP_STACK is on. */
static int mark_stack(void *unused)
{
	u64 words[32];

	fill(words, sizeof(words), 'S');
	OPTIMIZER_HIDE_VAR(words[0]);
	mark("lab_stack", task_stack_page(current), THREAD_SIZE);
	complete(&stack_is_marked);
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		schedule();
		barrier_data(words);
	}
	return 0;
}

static enum hrtimer_restart mark_in_interrupt(struct hrtimer *unused)
{
	mark("lab_irq", fill(irq_words, sizeof(irq_words), 'I'), sizeof(irq_words));
	return HRTIMER_NORESTART;
}

/* Refused, every one of them: the counts in debugfs tell. */
static void mark_nonsense(void)
{
	mark("lab_nothing", module_words, 0);
	mark("lab_wrap", (void *)-PAGE_SIZE, 2 * PAGE_SIZE);
	mark("lab_user", (void *)PAGE_SIZE, 8);
	mark("lab_module", module_words, sizeof(module_words));
}

static int __init lab_regions_init(void)
{
	size_t size = 40 * PAGE_SIZE + 24;

	mark("lab_vmalloc", fill(vmalloc(size), size, 'V'), size);
	mark("lab_kmalloc", fill(kmalloc(1000, GFP_KERNEL), 1000, 'K'), 1000);
	mark("lab_module", fill(module_words, sizeof(module_words), 'M'), sizeof(module_words));
	mark_percpu();
	/* Of two refusals at the same time only one may be printed: one after the other. */
	if (!IS_ERR(kthread_run(mark_stack, NULL, "lab_stack")))
		wait_for_completion(&stack_is_marked);
	hrtimer_setup(&timer, mark_in_interrupt, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	hrtimer_start(&timer, NSEC_PER_MSEC, HRTIMER_MODE_REL_HARD);
	mark_nonsense();
	return 0;
}
module_init(lab_regions_init);

MODULE_DESCRIPTION("Regions of every kind of address for the lab");
MODULE_LICENSE("GPL");
