// SPDX-License-Identifier: GPL-2.0-only
/* Where rows come from: many extents, many regions, no memory, and mappings that change. */
#include <limits.h>
#include <linux/errno.h>
#include "kernel-policy.h"

/* Each row is free, or holds a region or up to three of its further extents. */
static bool no_row_is_lost(void)
{
	size_t used = 0, i;

	for (i = 0; i < expected.nr; i++)
		used += 1 + (expected.regions[i].nr_extents - 1 + 2) / 3;
	return meminspect_nr_free_rows + used == 23 + 31 * (meminspect_nr_chunks - 1);
}

#define MANY 3000

/* With as many again the rows that are kept free beyond MANY come to an end. */
static struct inspect_entry many[2 * MANY];
static char names[2 * MANY][16];
static s64 many_handles[2 * MANY];

static struct {
	const struct inspect_entry *entry;
	bool right;
} visit;

/* Compares what a consumer is told with the entry that was registered. */
static void look(void *priv, const struct inspect_entry *entry)
{
	const struct inspect_entry *want = visit.entry;
	struct meminspect_extents extents = { };
	size_t offset = 0;

	(void)priv;
	if (strcmp(entry->name, want->name))
		return;
	visit.right = entry->va == want->va && entry->size == want->size;
	for (; meminspect_next_extent(entry, &extents); offset += PAGE_SIZE)
		if (extents.va != (char *)want->va + offset ||
		    extents.pa != shim_vmapped(extents.va) || extents.length != PAGE_SIZE)
			visit.right = false;
	if (offset != want->size || entry->nr_extents != offset / PAGE_SIZE ||
	    meminspect_next_extent(entry, &extents))
		visit.right = false;
}

static void many_extents(void)
{
	static const unsigned int numbers[] = { 1, 2, 6, 7, 8, 12, 13, 14, 19, 500 };
	struct inspect_entry entry;
	unsigned int i;
	s64 handle;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		entry = scattered_entry("scattered", numbers[i]);
		handle = mark(&entry);
		check_published("%u extents", numbers[i]);
		visit.entry = &entry;
		visit.right = false;
		shim_steps = 0;
		meminspect_traverse(NULL, look);
		ok(visit.right, "%u extents, as a consumer sees them", numbers[i]);
		ok(shim_steps <= 2 * meminspect_nr_chunks + numbers[i], "each of their rows once");
		unmark(handle, &entry);
	}
	check_published("no extents are left");
	ok(no_row_is_lost(), "all rows came back");
}

/* A burst as long as this between two runs of the worker is never refused. */
#define BURST 16

static void many_regions(void)
{
	unsigned int i, refused = 0;

	for (i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = linear_entry(names[i], 64);
	for (i = 0; i < MANY; i++) {
		many_handles[i] = meminspect_register(&many[i]);
		refused += many_handles[i] < 0;
		if (many_handles[i] >= 0)
			expect_entry(&many[i]);
		if (i % BURST == 0)
			shim_run_work();
	}
	is_number(refused, 0, "none of %u regions is refused", MANY);
	check_published("%u regions", MANY);
	ok(no_row_is_lost(), "%u regions have a row each", MANY);
	for (i = 0; i < MANY; i++)
		if (many_handles[i] >= 0)
			unmark(many_handles[i], &many[i]);
	check_published("none of them is left");
	ok(no_row_is_lost(), "all rows came back");
}

static void no_memory(void)
{
	unsigned int chunks, allocations, needed, i, warnings;

	/* A chunk takes three allocations: fail at each, and at the block of pointers. */
	for (i = 0; i < 3; i++) {
		chunks = meminspect_nr_chunks;
		allocations = shim_allocations;
		needed = meminspect_nr_free_rows + 1;
		shim_allocations_left = i;
		is_number(meminspect_reserve(needed), -ENOMEM, "%u allocations succeed", i);
		ok(meminspect_nr_chunks == chunks && shim_allocations == allocations,
		   "nothing is left of them");
	}
	shim_allocations_left = -1;

	/* A million regions are no question of limits, but what no table can hold is. */
	shim_allocations_left = 3;
	is_number(meminspect_reserve(1000000), -ENOMEM, "a million rows are a question of memory");
	is_number(shim_allocations_left, 0, "they are tried");
	shim_allocations_left = 3;
	is_number(meminspect_reserve(100000000), -ENOSPC, "a hundred million are too many");
	is_number(meminspect_reserve(UINT_MAX), -ENOSPC, "so is the largest number");
	is_number(shim_allocations_left, 3, "nothing is allocated for them");
	shim_allocations_left = -1;

	chunks = meminspect_nr_chunks;
	is_number(meminspect_reserve(0), 0, "what is free already need not be allocated");
	is_number(meminspect_nr_chunks, chunks, "and is not");
	needed = meminspect_nr_free_rows + 100;
	is_number(meminspect_reserve(needed), 0, "with memory it succeeds");
	ok(meminspect_nr_free_rows >= needed, "the rows are there");
	check_published("chunks were appended");

	/* The worker can't know what to do, but has to say so. */
	shim_allocations_left = 0;
	warnings = shim_warnings;
	for (i = 0; meminspect_nr_free_rows; i++)
		many_handles[i] = mark(&many[i]);
	is_number(meminspect_register(&many[i]), -ENOSPC, "the rows come to an end");
	warnings = shim_warnings;
	shim_run_work();
	is_number(shim_warnings, warnings + 1, "the worker says that there is no memory");
	check_published("all rows");
	shim_allocations_left = -1;
	is_number(meminspect_register(&many[i]), -ENOSPC, "it is tried again");
	shim_run_work();
	many_handles[i] = mark(&many[i]);
	check_published("with memory it succeeds");
	do {
		unmark(many_handles[i], &many[i]);
	} while (i--);
	ok(no_row_is_lost(), "all rows came back");
}

#define CHANGED_PAGES 8

/* What the last pages of a range are to map after the next store. */
static struct {
	char *va;
	phys_addr_t pages[CHANGED_PAGES];
} change;

static void change_mapping(void)
{
	unsigned int i;

	for (i = 0; change.va && i < CHANGED_PAGES; i++)
		shim_remap(change.va + i * PAGE_SIZE, change.pages[i]);
	change.va = NULL;
}

/* Extents are counted, then written: the mapping must not change in between, but may. */
static void mapping_changes(void)
{
	struct inspect_entry entry = scattered_entry("changes", 20), other = linear_entry("other", 8);
	char *end = (char *)entry.va + (20 - CHANGED_PAGES) * PAGE_SIZE;
	phys_addr_t scattered[CHANGED_PAGES], together[CHANGED_PAGES];
	s64 handle = mark(&other);
	unsigned int i;

	together[0] = shim_take_pages(CHANGED_PAGES);
	for (i = 0; i < CHANGED_PAGES; i++) {
		scattered[i] = shim_vmapped(end + i * PAGE_SIZE);
		together[i] = together[0] + i * PAGE_SIZE;
	}
	shim_on_store = change_mapping;

	change.va = end;
	memcpy(change.pages, scattered, sizeof(scattered));
	change.pages[3] = 0;
	is_number(meminspect_register(&entry), -EFAULT, "a page goes while it is marked");
	check_published("a page went");
	ok(no_row_is_lost(), "no row is lost");
	shim_remap(end + 3 * PAGE_SIZE, scattered[3]);

	change.va = end;
	memcpy(change.pages, together, sizeof(together));
	is_number(meminspect_register(&entry), -EFAULT, "there are fewer extents than were counted");
	check_published("fewer extents");
	ok(no_row_is_lost(), "no row is lost");

	change.va = end;
	memcpy(change.pages, scattered, sizeof(scattered));
	is_number(meminspect_register(&entry), -EFAULT, "there are more than there are rows for");
	check_published("more extents");
	ok(no_row_is_lost(), "no row is lost");

	shim_on_store = NULL;
	mark(&entry);
	check_published("the next try");
	is_number(meminspect_unregister_va(entry.va, entry.size), 0, "it is removed");
	expect_no_region(&expected, "changes", 0);
	unmark(handle, &other);
}

static unsigned int random_below(unsigned int limit)
{
	static uint64_t bits = 0x123456789abcdefULL;

	bits ^= bits << 13;
	bits ^= bits >> 7;
	bits ^= bits << 17;
	return bits % limit;
}

/* Marks and unmarks at random, at times without memory. */
static void churn(void)
{
	enum { REGIONS = 400, STEPS = 20000, LOOKS = 20 };
	unsigned int step, i, wrong = 0, refused = 0;

	for (i = 0; i < REGIONS; i++) {
		many[i] = i % 4 ? linear_entry(names[i], 1 + i) :
				  scattered_entry(names[i], 2 + i % 30);
		many_handles[i] = -1;
	}
	for (step = 0; step < STEPS; step++) {
		i = random_below(REGIONS);
		if (many_handles[i] >= 0) {
			unmark(many_handles[i], &many[i]);
			many_handles[i] = -1;
		} else {
			many_handles[i] = meminspect_register(&many[i]);
			if (many_handles[i] >= 0)
				expect_entry(&many[i]);
			else if (many_handles[i] == -ENOSPC)
				refused++;
			else
				wrong++;
		}
		shim_allocations_left = random_below(2) ? -1 : (int)random_below(4);
		if (!random_below(100))
			shim_run_work();
		wrong += !no_row_is_lost();
		if (step % (STEPS / LOOKS) == 0)
			check_published("after %u random steps", step);
	}
	shim_allocations_left = -1;
	is_number(wrong, 0, "no step went wrong");
	ok(refused, "some steps found no row");
	diag("%u of %u steps found no row; %u chunks", refused, STEPS, meminspect_nr_chunks);
	for (i = 0; i < REGIONS; i++)
		if (many_handles[i] >= 0)
			unmark(many_handles[i], &many[i]);
	check_published("at the end");
}

/* A large machine has more per-CPU objects than the static pool has rows for. */
static void reserved_at_boot(void)
{
	struct inspect_entry entry;
	unsigned int i, chunks;

	meminspect_reserve_early(500);
	ok(meminspect_nr_free_rows >= 500, "500 rows before anything can be allocated");
	for (i = 0; i < 450; i++) {
		entry = linear_entry(names[i], 8);
		mark(&entry);
	}
	check_published("450 regions of boot");
	ok(no_row_is_lost(), "no row is lost");
	for (i = 0; i < 3; i++) {
		chunks = meminspect_nr_chunks;
		shim_allocations_left = i;
		meminspect_reserve_early(meminspect_nr_free_rows + 1);
		is_number(meminspect_nr_chunks, chunks, "memblock gives %u times", i);
	}
	shim_allocations_left = -1;
	check_published("450 regions, no memory");
	have_memory();
	entry = linear_entry("later", 8);
	mark(&entry);
	check_published("451 regions");
	ok(no_row_is_lost(), "no row is lost");
}

int main(void)
{
	struct inspect_entry first = linear_entry("first", 8);
	unsigned int i;

	unmark(mark(&first), &first);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		snprintf(names[i], sizeof(names[i]), "region %u", i);
	in_child(reserved_at_boot);
	shim_slab_available = true;
	shim_run_initcalls();
	if (meminspect_reserve(100))
		shim_die("no memory");
	many_extents();
	mapping_changes();
	churn();
	many_regions();
	no_memory();
	ok(!shim_locks_held, "the table is unlocked");
	expected_free(&expected);
	return done_testing();
}
