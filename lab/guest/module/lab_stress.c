// SPDX-License-Identifier: GPL-2.0-only
/*
 * Marks and unmarks memory from threads and hard interrupts of all CPUs, as
 * fast as it goes, while a consumer counts what it is told.
 */
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/meminspect.h>
#include <linux/meminspect_namespace.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "lab_stress.h"
#include "lab_timer.h"

#define THREAD_OBJECTS		48
#define INTERRUPT_OBJECTS	16
#define INTERRUPT_SIZE		192
#define THREAD_REGION		"stress thread"
#define INTERRUPT_REGION	"stress interrupt"
#define NICENESS		10
#define PERIOD_NS		(300 * NSEC_PER_USEC)
#define WORK_SHARE		8	/* of the time, interrupts have one part in so many */

struct object {
	void *memory;
	size_t size;
	s64 handle;
};

/**
 * struct interrupts - what interrupts of a CPU mark
 * @timer: expires there, as long as the CPU is online
 * @random: which object is next
 * @objects: what it marks and unmarks
 * @nr_starts: how often the CPU came
 * @marked: how often any timer marked something on this CPU
 * @marked_before: of them, before the CPU first came back
 */
struct interrupts {
	struct hrtimer timer;
	struct rnd_state random;
	struct object objects[INTERRUPT_OBJECTS];
	unsigned int nr_starts;
	unsigned long marked;
	unsigned long marked_before;
};

static DEFINE_PER_CPU(struct interrupts, interrupts);
static enum cpuhp_state online_state;
static struct task_struct **threads;
static unsigned int nr_threads;
static atomic_long_t marked, unmarked, refused, added, removed;

static void mark(struct object *object, const char *name, u64 tag)
{
	const struct inspect_entry entry = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = name,
		.va = object->memory,
		.size = object->size,
	};

	stress_fill(object->memory, object->size, tag);
	object->handle = meminspect_register(&entry);
	atomic_long_inc(object->handle < 0 ? &refused : &marked);
	if (object->handle < 0)
		stress_scribble(object->memory, object->size);
}

static void unmark(struct object *object)
{
	if (object->handle < 0)
		return;
	if (meminspect_unregister(object->handle))
		pr_err("lab: a region cannot be unmarked\n");
	else
		atomic_long_inc(&unmarked);
	object->handle = -1;
	stress_scribble(object->memory, object->size);
}

static enum hrtimer_restart take_turn(struct hrtimer *timer)
{
	struct interrupts *mine = container_of(timer, struct interrupts, timer);
	u32 random = prandom_u32_state(&mine->random);
	struct object *object = &mine->objects[random % INTERRUPT_OBJECTS];
	u64 start = ktime_get_ns(), period;

	if (object->handle < 0) {
		mark(object, INTERRUPT_REGION, (u64)random << 8 | 1);
		if (object->handle >= 0)
			this_cpu_inc(interrupts.marked);
	} else {
		unmark(object);
	}
	/* A slow machine, too, has to have time for threads. */
	period = max_t(u64, PERIOD_NS, WORK_SHARE * (ktime_get_ns() - start));
	hrtimer_forward_now(timer, ns_to_ktime(period));
	return HRTIMER_RESTART;
}

static void *allocate(size_t *size, u32 random)
{
	static const size_t sizes[] = { 64, 72, 512, 4096, 8192 };

	if (random % 4 == 0) {
		/* Pages that are rarely next to each other */
		*size = (2 + random / 4 % 12) * PAGE_SIZE - 40;
		return vmalloc(*size);
	}
	*size = sizes[random / 4 % ARRAY_SIZE(sizes)];
	return kmalloc(*size, GFP_KERNEL);
}

static void drop(struct object *object)
{
	unmark(object);
	kvfree(object->memory);
	object->memory = NULL;
}

static int in_thread(void *unused)
{
	struct object *objects = kcalloc(THREAD_OBJECTS, sizeof(*objects), GFP_KERNEL);
	struct rnd_state random;
	unsigned int turn, i;

	/* What comes and goes needs threads of the kernel, and a slow machine has no time left for them. */
	set_user_nice(current, NICENESS);
	prandom_seed_state(&random, get_random_u64());
	for (turn = 0; objects && !kthread_should_stop(); turn++) {
		struct object *object = &objects[prandom_u32_state(&random) % THREAD_OBJECTS];
		u32 number = prandom_u32_state(&random);

		if (object->memory) {
			drop(object);
		} else {
			object->memory = allocate(&object->size, number);
			object->handle = -1;
			if (object->memory)
				mark(object, THREAD_REGION, (u64)number << 8 | 3);
		}
		if (turn % 64 == 0)
			msleep(1);
		cond_resched();
	}
	for (i = 0; objects && i < THREAD_OBJECTS; i++)
		if (objects[i].memory)
			drop(&objects[i]);
	kfree(objects);
	while (!kthread_should_stop())
		msleep(1);
	return 0;
}

/* Those of others come and go after the last look as well: tasks, for one. */
static bool is_ours(const struct inspect_entry *entry)
{
	return !strcmp(entry->name, THREAD_REGION) || !strcmp(entry->name, INTERRUPT_REGION);
}

static int count(struct notifier_block *nb, unsigned long event, void *data)
{
	if (is_ours(data))
		atomic_long_inc(event == MEMINSPECT_NOTIFIER_ADD ? &added : &removed);
	return NOTIFY_DONE;
}

static struct notifier_block consumer = {
	.notifier_call = count,
};

static void count_region(void *priv, const struct inspect_entry *entry)
{
	*(long *)priv += is_ours(entry);
}

/* A timer that a CPU leaves behind when it goes would stay with another one for good. */
static int start_interrupts(unsigned int cpu)
{
	struct interrupts *mine = per_cpu_ptr(&interrupts, cpu);

	if (++mine->nr_starts == 2)
		mine->marked_before = mine->marked;
	hrtimer_start(&mine->timer, ns_to_ktime(PERIOD_NS), HRTIMER_MODE_REL_PINNED_HARD);
	return 0;
}

static int stop_interrupts(unsigned int cpu)
{
	hrtimer_cancel(&per_cpu_ptr(&interrupts, cpu)->timer);
	return 0;
}

static void report_interrupts(unsigned int cpu)
{
	const struct interrupts *theirs = per_cpu_ptr(&interrupts, cpu);
	unsigned int nr_returns = theirs->nr_starts ? theirs->nr_starts - 1 : 0;

	pr_info("lab: stress-cpu %u: %lu marked in interrupts, %lu of them after it came back (%u times)\n",
		cpu, theirs->marked,
		nr_returns ? theirs->marked - theirs->marked_before : 0,
		nr_returns);
}

static int __init prepare_interrupts(unsigned int cpu)
{
	struct interrupts *theirs = per_cpu_ptr(&interrupts, cpu);
	unsigned int i;

	prandom_seed_state(&theirs->random, get_random_u64());
	hrtimer_setup(&theirs->timer, take_turn, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	for (i = 0; i < INTERRUPT_OBJECTS; i++) {
		theirs->objects[i].size = INTERRUPT_SIZE;
		theirs->objects[i].handle = -1;
		theirs->objects[i].memory = kzalloc(INTERRUPT_SIZE, GFP_KERNEL);
		if (!theirs->objects[i].memory)
			return -ENOMEM;
	}
	return 0;
}

static int __init lab_stress_init(void)
{
	unsigned int cpu;
	int ret = meminspect_notifier_register(&consumer);

	if (ret)
		return ret;
	nr_threads = 2 * num_online_cpus();
	threads = kcalloc(nr_threads, sizeof(*threads), GFP_KERNEL);
	if (!threads)
		return -ENOMEM;
	meminspect_reserve(2 * nr_threads * THREAD_OBJECTS);
	for_each_possible_cpu(cpu) {
		ret = prepare_interrupts(cpu);
		if (ret)
			return ret;
	}
	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "lab/stress:online", start_interrupts,
				stop_interrupts);
	if (ret < 0)
		return ret;
	online_state = ret;
	for (cpu = 0; cpu < nr_threads; cpu++)
		threads[cpu] = kthread_run(in_thread, NULL, "lab_stress/%u", cpu);
	return 0;
}
module_init(lab_stress_init);

static void __exit lab_stress_exit(void)
{
	unsigned int cpu, i;
	long left = 0;

	for (i = 0; i < nr_threads; i++)
		if (!IS_ERR(threads[i]))
			kthread_stop(threads[i]);
	cpuhp_remove_state(online_state);
	for_each_possible_cpu(cpu) {
		struct interrupts *theirs = per_cpu_ptr(&interrupts, cpu);

		report_interrupts(cpu);
		for (i = 0; i < INTERRUPT_OBJECTS; i++) {
			unmark(&theirs->objects[i]);
			kfree(theirs->objects[i].memory);
		}
	}
	meminspect_notifier_unregister(&consumer);
	meminspect_traverse(&left, count_region);
	pr_info("lab: stress: %ld marked, %ld unmarked, %ld refused; consumer: %ld added, %ld removed, %ld there\n",
		atomic_long_read(&marked), atomic_long_read(&unmarked), atomic_long_read(&refused),
		atomic_long_read(&added), atomic_long_read(&removed), left);
	kfree(threads);
}
module_exit(lab_stress_exit);

MODULE_IMPORT_NS(MEMINSPECT_NAMESPACE);
MODULE_DESCRIPTION("Marks and unmarks memory from everywhere");
MODULE_LICENSE("GPL");
