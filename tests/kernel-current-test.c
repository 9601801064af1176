// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a slot of the region "current" says, read as the uapi header tells it: the task that runs
 * is found after every single store of a switch, in any order of stores that the barriers allow,
 * and without what the caches held.
 */
#include <linux/sched.h>
#include "linux/files/kernel/meminspect/internal.h"
#include "shim.h"
#include "tap.h"

#define NR_TASKS	5
#define STACK_PAGES	(THREAD_SIZE / PAGE_SIZE)
#define LINE_BYTES	64

static struct task_struct *tasks[NR_TASKS];
static struct meminspect_current *slots[SHIM_CPU_NUMBERS];
static unsigned int nr_regions;

/* The rest of meminspect, as far as current_slots.c sees it. */
static bool class_is_on;
static const char *denied_name;
static u64 denied_first = 1, denied_last;

bool meminspect_class_enabled(enum meminspect_class class)
{
	return class == MEMINSPECT_CLASS_CURRENT && class_is_on;
}

bool meminspect_denies(const struct inspect_entry *entry)
{
	return denied_name && !strcmp(denied_name, entry->name);
}

bool meminspect_denies_memory(u64 first, u64 last)
{
	return first <= denied_last && denied_first <= last;
}

int meminspect_reserve(unsigned int nr_rows)
{
	return 0;
}

s64 meminspect_register_owned(const struct inspect_entry *want, struct module *owner)
{
	if (want->id != MEMINSPECT_ID_current || want->key_kind != MEMINSPECT_KEY_CPU ||
	    want->key >= SHIM_CPU_NUMBERS || slots[want->key] ||
	    want->size != sizeof(struct meminspect_current))
		shim_die("a region that nobody knows is marked");
	slots[want->key] = want->va;
	return nr_regions++;
}

static struct task_struct *new_task(int pid)
{
	static struct page *stack_pages[NR_TASKS + SHIM_CPU_NUMBERS][STACK_PAGES];
	static struct vm_struct areas[NR_TASKS + SHIM_CPU_NUMBERS];
	static unsigned int nr;
	struct task_struct *task = phys_to_virt(shim_take_pages(1));
	phys_addr_t pages[STACK_PAGES], first = shim_take_pages(2 * STACK_PAGES);
	unsigned int i;

	task->pid = pid;
	task->stack_vm_area = &areas[nr];
	task->stack_vm_area->pages = stack_pages[nr++];
	for (i = 0; i < STACK_PAGES; i++) {
		pages[i] = first + 2 * (STACK_PAGES - 1 - i) * PAGE_SIZE;
		task->stack_vm_area->pages[i] = shim_page(pages[i]);
	}
	task->stack = shim_vmap(pages, STACK_PAGES);
	return task;
}

/* By the words of the uapi header. */
static bool is_complete(const struct meminspect_current_half *half)
{
	const __u64 *words = (const __u64 *)half;
	const unsigned int last = sizeof(*half) / sizeof(*words) - 1;
	__u64 check = MEMINSPECT_CURRENT_SEED;
	unsigned int i;

	for (i = 0; i < last; i++)
		check ^= i ? words[i] << i | words[i] >> (64 - i) : words[i];
	return half->task && half->check == check;
}

static bool names(const struct meminspect_current_half *half, const struct task_struct *task)
{
	return is_complete(half) && half->task == (unsigned long)task;
}

/* It says where the task is, and no more than that. */
static bool is_true(const struct meminspect_current_half *half, const struct task_struct *task)
{
	bool is_static = task == &init_task;
	phys_addr_t pa = is_static ? shim_image_paddr(task) :
			 (unsigned long)task - PAGE_OFFSET + SHIM_RAM_PADDR;
	unsigned int i;

	if (!names(half, task) || half->task_paddr != pa ||
	    half->task_size != sizeof(struct task_struct) || half->pid != (unsigned int)task->pid ||
	    half->stack != (unsigned long)task->stack || half->stack_size != THREAD_SIZE ||
	    half->nr_extents != STACK_PAGES)
		return false;
	for (i = 0; i < MEMINSPECT_CURRENT_EXTENTS; i++) {
		__u64 page = 0;

		if (i < STACK_PAGES)
			page = is_static ?
			       shim_image_paddr(task->stack) + i * PAGE_SIZE :
			       shim_vmapped((char *)task->stack + i * PAGE_SIZE);
		if (half->extents[i] != page)
			return false;
	}
	return true;
}

/* Half 1 or 2, or 0 if no half tells of the task. */
static unsigned int half_with(const struct meminspect_current *slot,
			      const struct task_struct *task)
{
	return is_true(&slot->half[0], task) ? 1 : is_true(&slot->half[1], task) ? 2 : 0;
}

static bool is_named(const struct meminspect_current *slot, const struct task_struct *task)
{
	return names(&slot->half[0], task) || names(&slot->half[1], task);
}

/* What a reader has to find after each store, and what must not be there then. */
static const struct meminspect_current *watched;
static const struct task_struct *running;
static unsigned int stores, bad_stores;

static void look(void)
{
	stores++;
	bad_stores += !half_with(watched, running);
}

static void switch_tasks(struct task_struct *prev, struct task_struct *next)
{
	watched = slots[shim_cpu];
	running = prev;
	shim_on_store = look;
	shim_on_switch(NULL, false, prev, next, 0);
	shim_on_store = NULL;
	/* The switch itself has no stores that anybody could wait for. */
	bad_stores += !half_with(watched, prev) || !half_with(watched, next);
}

static void off(void)
{
	shim_run_initcalls();
	ok(!shim_on_switch && !shim_cpu_comes && !nr_regions, "the class is off: nothing is done");

	class_is_on = true;
	denied_name = "task_stack";
	shim_run_initcalls();
	ok(!shim_on_switch && !shim_cpu_comes && !nr_regions && shim_warnings == 1,
	   "stacks are denied: nothing is done, and the reason is said");
	denied_name = "init_stack";
	shim_run_initcalls();
	ok(!shim_on_switch && !nr_regions && shim_warnings == 2, "that of the first task is denied: the same");
	denied_name = NULL;
}

static void start(void)
{
	shim_run_initcalls();
	ok(shim_on_switch && shim_cpu_comes && shim_cpu_is_gone,
	   "the class is on: switches and CPUs are followed");
	is_number(nr_regions, SHIM_POSSIBLE_CPUS, "there is a region for each CPU that can be");
	is_number(half_with(slots[0], shim_current), 1, "the boot CPU runs what it runs already");
	ok(!is_complete(&slots[1]->half[0]) && !is_complete(&slots[1]->half[1]),
	   "a CPU that does not run has no task");
}

static void many_switches(void)
{
	struct task_struct *prev = shim_current, *next;
	unsigned int i;

	stores = bad_stores = 0;
	for (i = 0; i < 1000; i++) {
		next = tasks[(i * 7 + i / 11) % NR_TASKS];
		if (next == prev)
			continue;
		switch_tasks(prev, next);
		prev = next;
	}
	ok(stores > 1000, "switches make stores");
	is_number(bad_stores, 0, "the task that runs is found after each of %u stores", stores);
	/* As after a switch that nobody told of. */
	switch_tasks(prev, tasks[0]);
	bad_stores = 0;
	shim_on_switch(NULL, false, tasks[3], tasks[4], 0);
	ok(half_with(slots[0], tasks[4]), "the next task is found whatever was there before");
}

/* Stores that may or may not have reached RAM. */
struct pending {
	size_t offset;
	__u64 value;
	unsigned int group;	/* barriers that came before */
};

static struct pending pending[64];
static size_t nr_pending;
static union {
	struct meminspect_current slot;
	unsigned char bytes[sizeof(struct meminspect_current)];
} ram, stopped;
static unsigned long nr_states, bad_states, bad_orders;

static void take(const struct pending *store)
{
	memcpy(&stopped.bytes[store->offset], &store->value, sizeof(store->value));
}

/* A line in RAM has all stores of a group before it has any of the next one. */
static bool can_be(const bool *set)
{
	size_t i, j;

	for (i = 0; i < nr_pending; i++)
		for (j = 0; j < nr_pending; j++)
			if (set[j] && !set[i] && pending[i].group < pending[j].group &&
			    pending[i].offset / LINE_BYTES == pending[j].offset / LINE_BYTES)
				return false;
	return true;
}

static void stop_with(const bool *set)
{
	size_t i;

	if (!can_be(set))
		return;
	stopped = ram;
	for (i = 0; i < nr_pending; i++)
		if (set[i])
			take(&pending[i]);
	nr_states++;
	bad_states += !half_with(&stopped.slot, running);
}

static void stop_with_any(void)
{
	static unsigned long long random = 88172645463325252ULL;
	bool set[64];
	size_t i, j;

	if (nr_pending <= 12) {
		for (i = 0; i < 1UL << nr_pending; i++) {
			for (j = 0; j < nr_pending; j++)
				set[j] = i >> j & 1;
			stop_with(set);
		}
		return;
	}
	for (i = 0; i < 2 * nr_pending + 1000; i++) {
		for (j = 0; j < nr_pending; j++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			set[j] = i < nr_pending ? i == j :
				 i < 2 * nr_pending ? i - nr_pending != j : random >> 63;
		}
		stop_with(set);
	}
}

/* What was stored before the last barrier, and has been cleaned since, is in RAM for sure. */
static void clean(const struct shim_event *event, const char *slot, unsigned int group)
{
	size_t first = event->start - slot, i, kept = 0;

	for (i = 0; i < nr_pending; i++) {
		if (pending[i].group < group &&
		    pending[i].offset / LINE_BYTES >= first / LINE_BYTES &&
		    pending[i].offset / LINE_BYTES <= (first + event->size - 1) / LINE_BYTES)
			memcpy(&ram.bytes[pending[i].offset], &pending[i].value,
			       sizeof(pending[i].value));
		else
			pending[kept++] = pending[i];
	}
	nr_pending = kept;
}

/* The task is cleared first and written last, and not in between. */
static bool is_in_order(const char *slot, const struct task_struct *task)
{
	unsigned int nr_stores = 0, nr_of_task = 0;
	__u64 first = ~0ULL, last = 0;
	size_t i;

	for (i = 0; i < shim_nr_events; i++) {
		const struct shim_event *event = &shim_events[i];
		size_t offset = event->start - slot;

		if (event->type != SHIM_STORE)
			continue;
		last = 0;
		if (offset % sizeof(struct meminspect_current_half) == 0) {
			nr_of_task++;
			last = event->value;
			first = nr_stores ? first : last;
		}
		nr_stores++;
	}
	return nr_of_task == 2 && !first && last == (unsigned long)task;
}

static void without_caches(struct task_struct *prev, struct task_struct *next)
{
	const char *slot = (const char *)slots[shim_cpu];
	unsigned int group = 0;
	size_t i;

	ram.slot = *slots[shim_cpu];
	nr_pending = 0;
	running = prev;
	shim_record();
	shim_on_switch(NULL, false, prev, next, 0);
	shim_recording = false;
	for (i = 0; i < shim_nr_events; i++) {
		const struct shim_event *event = &shim_events[i];

		if (event->type == SHIM_CLEAN) {
			clean(event, slot, group);
		} else if (event->type == SHIM_BARRIER) {
			/* No store of the next group starts before this one is done. */
			stop_with_any();
			group++;
		} else {
			if (event->size != sizeof(__u64) || nr_pending == 64)
				shim_die("a store of %zu bytes", event->size);
			pending[nr_pending++] = (struct pending){
				.offset = event->start - slot,
				.value = event->value,
				.group = group,
			};
		}
	}
	bad_orders += !is_in_order(slot, next);
	stop_with_any();
	bad_states += nr_pending || memcmp(&ram, slot, sizeof(ram));
	running = next;
	stop_with_any();
}

static void lost_caches(void)
{
	unsigned int i;

	nr_states = bad_states = 0;
	/* From a slot that has nothing but the task that runs, on. */
	switch_tasks(tasks[4], tasks[0]);
	for (i = 0; i < 20; i++)
		without_caches(tasks[i % NR_TASKS], tasks[(i + 1) % NR_TASKS]);
	ok(nr_states > 1000, "a switch goes through states of RAM");
	is_number(bad_orders, 0, "the task is cleared first and written last");
	is_number(bad_states, 0, "the task that runs is found in each of %lu states of RAM", nr_states);
}

static bool is_cleaned(size_t store)
{
	const struct shim_event *event = &shim_events[store];

	return event[0].type == SHIM_STORE && event[1].type == SHIM_BARRIER &&
	       event[2].type == SHIM_CLEAN && event[2].start <= event[0].start &&
	       event[0].start + event[0].size <= event[2].start + event[2].size;
}

static struct task_struct *dead;

static void die_elsewhere(void)
{
	look();
	meminspect_forget_current(dead);
}

static void switch_meanwhile(void)
{
	shim_on_exchange = NULL;
	shim_on_switch(NULL, false, tasks[2], tasks[3], 0);
}

static void forget(void)
{
	unsigned int store, bad = 0;

	/* tasks[1] ran here, and runs elsewhere now. */
	switch_tasks(tasks[0], tasks[1]);
	switch_tasks(tasks[1], tasks[2]);
	ok(is_named(slots[0], tasks[1]), "a CPU that is idle names what it ran before");
	shim_cpu = 1;
	shim_cpu_comes(1);
	switch_tasks(shim_idle_tasks[1], tasks[1]);
	switch_tasks(tasks[1], shim_idle_tasks[1]);
	stores = bad_stores = 0;
	watched = slots[0];
	running = tasks[2];
	shim_on_store = look;
	shim_record();
	meminspect_forget_current(tasks[1]);
	shim_recording = false;
	shim_on_store = NULL;
	ok(!is_named(slots[0], tasks[1]) && !is_named(slots[1], tasks[1]),
	   "a dead task is named by no CPU");
	ok(shim_nr_events == 6 && is_cleaned(0) && is_cleaned(3), "in RAM, too");
	ok(stores == 2 && !bad_stores && half_with(slots[1], shim_idle_tasks[1]),
	   "what runs is found all the time");

	/* The other CPU writes the half meanwhile. */
	shim_cpu = 0;
	for (store = 0; store < 3; store++) {
		switch_tasks(tasks[2], tasks[1]);
		switch_tasks(tasks[1], tasks[2]);
		dead = tasks[1];
		watched = slots[0];
		running = tasks[2];
		shim_on_store = die_elsewhere;
		shim_on_switch(NULL, false, tasks[2], tasks[3], 0);
		shim_on_store = NULL;
		bad += is_named(slots[0], tasks[1]) || !half_with(slots[0], tasks[2]) ||
		       !half_with(slots[0], tasks[3]);
		switch_tasks(tasks[3], tasks[2]);
	}
	ok(!bad && !bad_stores, "a dead task is forgotten after each store of a switch");

	/* The half is written between the look at it and the store to it. */
	switch_tasks(tasks[2], tasks[1]);
	switch_tasks(tasks[1], tasks[2]);
	shim_on_exchange = switch_meanwhile;
	meminspect_forget_current(tasks[1]);
	ok(!shim_on_exchange && half_with(slots[0], tasks[2]) && half_with(slots[0], tasks[3]),
	   "a half that is written meanwhile keeps its task");
	switch_tasks(tasks[3], tasks[2]);
}

static void hotplug(void)
{
	shim_cpu_comes(3);
	ok(half_with(slots[3], shim_idle_tasks[3]), "a CPU that comes runs its idle task");
	shim_cpu = 3;
	switch_tasks(shim_idle_tasks[3], tasks[2]);
	switch_tasks(tasks[2], shim_idle_tasks[3]);
	shim_cpu = 0;
	shim_cpu_is_gone(3);
	ok(!is_complete(&slots[3]->half[0]) && !is_complete(&slots[3]->half[1]),
	   "a CPU that is gone runs nothing");
	shim_cpu_comes(3);
	ok(half_with(slots[3], shim_idle_tasks[3]), "and its idle task when it is back");
}

static void denied_ranges(void)
{
	unsigned int i;

	/* A page in the middle of a stack. */
	denied_first = denied_last = shim_vmapped((char *)tasks[3]->stack + 2 * PAGE_SIZE) + 5;
	stores = bad_stores = 0;
	watched = slots[0];
	for (i = 0; i < 4; i++) {
		running = tasks[2];
		shim_on_store = look;
		shim_on_switch(NULL, false, tasks[2], tasks[3], 0);
		shim_on_store = NULL;
		bad_stores += is_named(slots[0], tasks[3]);
		shim_on_switch(NULL, false, tasks[3], tasks[2], 0);
		bad_stores += is_named(slots[0], tasks[3]) || !half_with(slots[0], tasks[2]);
	}
	is_number(bad_stores, 0, "a task in denied memory is not named, others are");
	denied_first = denied_last = __pa(tasks[3]) + sizeof(*tasks[3]) - 1;
	shim_on_switch(NULL, false, tasks[2], tasks[3], 0);
	ok(!is_named(slots[0], tasks[3]), "nor is one whose last byte is denied");
	denied_first = denied_last = __pa(tasks[3]) + sizeof(*tasks[3]);
	shim_on_switch(NULL, false, tasks[2], tasks[3], 0);
	ok(half_with(slots[0], tasks[3]), "but one is that ends before it");
}

int main(void)
{
	static char init_stack[THREAD_SIZE] __attribute__((aligned(4096)));
	unsigned int i;

	shim_set_up_per_cpu();
	shim_slab_available = true;
	init_task.stack = init_stack;
	for (i = 0; i < NR_TASKS; i++)
		tasks[i] = i ? new_task(100 + i) : &init_task;
	for (i = 1; i < SHIM_CPU_NUMBERS; i++)
		shim_idle_tasks[i] = new_task(0);
	shim_idle_tasks[0] = shim_current = &init_task;

	off();
	start();
	many_switches();
	lost_caches();
	forget();
	hotplug();
	denied_ranges();
	return done_testing();
}
