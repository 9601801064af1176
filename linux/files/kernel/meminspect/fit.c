// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fits the regions to a consumer whose medium has a limited number of rows, or
 * knows only ranges of a certain alignment: neighbours become one run, and what
 * matters least goes when there are too many.
 */
#include <linux/export.h>
#include <linux/math.h>
#include <linux/meminspect_namespace.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <asm/sections.h>

#include "internal.h"

/* The directory itself: without it nobody knows what the other runs are. */
#define RANK_OF_DIRECTORY	0
#define RANK_OF_CLASS(class)	(1 + meminspect_class_rank(class))

struct fitting {
	const struct meminspect_limits *limits;
	struct meminspect_fit *fit;
	unsigned int room;
	bool overflow;
};

/* Runs in different mappings never become one: a run has one virtual address. */
static u64 mapping_of(const struct meminspect_run *run)
{
	return run->va - run->pa;
}

static u64 end_of(const struct meminspect_run *run)
{
	return run->pa + run->size;
}

static void widen(struct meminspect_run *run, u64 first, u64 end)
{
	run->va -= run->pa - first;
	run->pa = first;
	run->size = end - first;
}

/* Rounds outwards, as far as policy allows. */
static bool round_run(const struct meminspect_limits *limits, struct meminspect_run *run)
{
	size_t alignment[] = { limits->preferred_alignment, limits->alignment };
	u64 first, end;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(alignment); i++) {
		first = round_down(run->pa, (u64)alignment[i]);
		end = round_up(end_of(run), (u64)alignment[i]);
		if (meminspect_may_dump(first, end - first)) {
			widen(run, first, end);
			return true;
		}
	}
	return false;
}

static void add_run(struct fitting *fitting, u64 va, u64 pa, u64 size,
		    unsigned int rank, const char *name)
{
	struct meminspect_fit *fit = fitting->fit;
	struct meminspect_run *run;

	if (fit->nr_runs == fitting->room) {
		fitting->overflow = true;
		return;
	}
	run = &fit->runs[fit->nr_runs];
	run->va = va;
	run->pa = pa;
	run->size = size;
	run->rank = rank;
	strscpy(run->name, name, sizeof(run->name));
	if (!round_run(fitting->limits, run)) {
		fit->nr_left_out++;
		fit->bytes_left_out += size;
		return;
	}
	fit->nr_runs++;
}

static void add_directory(struct fitting *fitting)
{
	unsigned int i, copy, nr_chunks = READ_ONCE(meminspect_nr_chunks);
	const struct meminspect_chunk *chunk;

	for (i = 0; i < nr_chunks; i++) {
		chunk = meminspect_get_chunk(i);
		for (copy = 0; copy < MEMINSPECT_COPIES; copy++)
			add_run(fitting, (unsigned long)chunk->copy[copy],
				chunk->pa[copy], MEMINSPECT_CHUNK_SIZE,
				RANK_OF_DIRECTORY, "directory");
	}
}

static void add_region(void *priv, const struct inspect_entry *entry)
{
	struct meminspect_extents extents = { };

	while (meminspect_next_extent(entry, &extents))
		add_run(priv, (unsigned long)extents.va, extents.pa,
			extents.length, RANK_OF_CLASS(entry->type), entry->name);
}

static int compare_addresses(const void *a, const void *b)
{
	const struct meminspect_run *x = a, *y = b;

	if (mapping_of(x) != mapping_of(y))
		return mapping_of(x) < mapping_of(y) ? -1 : 1;
	return x->pa < y->pa ? -1 : x->pa > y->pa;
}

static int compare_ranks(const void *a, const void *b)
{
	const struct meminspect_run *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return compare_addresses(a, b);
}

/*
 * All of a gap is data of the kernel's image: no memory of users, and never
 * freed. What is between the sections, and init memory, is.
 */
static bool is_in_image(u64 first, u64 end)
{
	static const struct {
		const char *start, *stop;
	} sections[] = {
		{ __start_rodata, __end_rodata },
		{ _sdata, _edata },
		{ __bss_start, __bss_stop },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sections); i++)
		if (first >= __pa_symbol(sections[i].start) &&
		    end <= __pa_symbol(sections[i].stop))
			return true;
	return false;
}

static bool may_take(u64 first, u64 end)
{
	unsigned long flags;
	bool may;

	if (!meminspect_table_trylock(&flags))
		return false;
	may = meminspect_may_dump(first, end - first);
	meminspect_table_release(flags);
	return may;
}

static bool may_bridge(const struct meminspect_run *low, const struct meminspect_run *high,
		       u64 max_gap)
{
	u64 first = end_of(low), end = high->pa;

	if (mapping_of(low) != mapping_of(high))
		return false;
	if (end <= first)
		return true;
	return end - first <= max_gap && is_in_image(first, end) &&
	       may_take(first, end);
}

/* Neighbours that are not more than @max_gap apart become one. */
static void merge(struct meminspect_fit *fit, u64 max_gap)
{
	struct meminspect_run *run = fit->runs, *next;
	unsigned int i;

	if (!fit->nr_runs)
		return;
	for (i = 1; i < fit->nr_runs; i++) {
		next = &fit->runs[i];
		if (!may_bridge(run, next, max_gap)) {
			*++run = *next;
			continue;
		}
		run->size = max(end_of(run), end_of(next)) - run->pa;
		if (next->rank < run->rank) {
			run->rank = next->rank;
			memcpy(run->name, next->name, sizeof(run->name));
		}
	}
	fit->nr_runs = run + 1 - fit->runs;
}

static void fit_runs(const struct meminspect_limits *limits, struct meminspect_fit *fit)
{
	u64 gap;

	sort(fit->runs, fit->nr_runs, sizeof(*fit->runs), compare_addresses, NULL);
	merge(fit, 0);
	for (gap = limits->alignment; gap <= limits->max_gap && fit->nr_runs > limits->nr_runs;
	     gap *= 2)
		merge(fit, gap);
	sort(fit->runs, fit->nr_runs, sizeof(*fit->runs), compare_ranks, NULL);
	while (fit->nr_runs > limits->nr_runs) {
		fit->nr_left_out++;
		fit->bytes_left_out += fit->runs[--fit->nr_runs].size;
	}
}

static void count_extents(void *priv, const struct inspect_entry *entry)
{
	unsigned int *count = priv;

	*count += entry->nr_extents;
}

/* All runs as they are; -EAGAIN if more came meanwhile than there was room for. */
static int collect_runs(struct fitting *fitting)
{
	struct meminspect_fit *fit = fitting->fit;
	unsigned long flags;

	memset(fit, 0, sizeof(*fit));
	fitting->overflow = false;
	if (!meminspect_table_trylock(&flags))
		return -EBUSY;
	fitting->room = MEMINSPECT_COPIES * meminspect_nr_chunks;
	meminspect_visit(count_extents, &fitting->room);
	meminspect_table_release(flags);

	fit->runs = kvcalloc(fitting->room, sizeof(*fit->runs), GFP_KERNEL);
	if (!fit->runs)
		return -ENOMEM;
	if (!meminspect_table_trylock(&flags)) {
		kvfree(fit->runs);
		return -EBUSY;
	}
	add_directory(fitting);
	meminspect_visit(add_region, fitting);
	meminspect_table_release(flags);
	if (!fitting->overflow)
		return 0;
	kvfree(fit->runs);
	return -EAGAIN;
}

/**
 * __meminspect_fit_runs - fit the directory and all regions to a consumer
 * @limits: what the consumer can take; alignments are powers of two
 * @fit: filled in; meminspect_fit_free() frees it
 * @caller: the caller's module, NULL for built-in code
 *
 * Callers use meminspect_fit_runs(), which knows the module.
 *
 * Context: As meminspect_fit_runs().
 *
 * Return: As meminspect_fit_runs().
 */
int __meminspect_fit_runs(const struct meminspect_limits *limits, struct meminspect_fit *fit,
			  const struct module *caller)
{
	struct fitting fitting = { .limits = limits, .fit = fit };
	int ret;

	if (!meminspect_may_consume(caller))
		return -EPERM;
	ret = collect_runs(&fitting);
	if (!ret)
		fit_runs(limits, fit);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(__meminspect_fit_runs, MEMINSPECT_NAMESPACE);

/**
 * meminspect_fit_free - free what meminspect_fit_runs() filled in
 * @fit: the runs
 *
 * Context: Process context.
 */
void meminspect_fit_free(struct meminspect_fit *fit)
{
	kvfree(fit->runs);
}
EXPORT_SYMBOL_NS_GPL(meminspect_fit_free, MEMINSPECT_NAMESPACE);
