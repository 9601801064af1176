// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every update of the directory is stopped after every store, in every order
 * of stores that the barriers allow, and without what the caches held. The
 * library, which shares no code with the kernel, must find each record in the
 * old state or in the new one, and no damage.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <stdlib.h>
#include "crash-checks.h"
#include "linux/files/kernel/meminspect/internal.h"
#include "shim.h"
#include "tap.h"

static struct state now;	/* what has been published so far */
static bool record_written;	/* of those that are written without the table */

static void check_update(const struct update *update)
{
	const char *name = update->name;
	size_t nr_stores = 0, i;
	unsigned long before;

	for (i = 0; i < update->nr_steps; i++)
		nr_stores += update->steps[i].store;
	ok(nr_stores, "%s: there are stores", name);
	ok(each_store_is_recorded(update), "%s: each store is made by the primitive", name);
	ok(each_group_is_cleaned(update), "%s: each group of stores is cleaned", name);
	if (!update->unlocked)
		ok(stores_are_locked(update), "%s: the table is locked", name);
	ok(copies_take_turns(update), "%s: copy 0 is complete before copy 1 begins", name);
	ok(stop_after_each_store(update), "%s: a stop after each store", name);
	before = crash_states;
	ok(stop_in_any_order(update), "%s: a stop after every order of stores", name);
	diag("%s: %zu stores, %lu orders", name, nr_stores, crash_states - before);
	before = crash_states;
	ok(stop_without_caches(update), "%s: a stop that loses the caches", name);
	diag("%s: %lu states of RAM without caches", name, crash_states - before);
}

/* The state, as it was up to here, is one that the update goes through. */
static void goes_through(struct update *update)
{
	struct state *state = &update->states[update->nr_states++];

	*state = now;
	state->regions = expected_copy(&now.regions);
}

/* The last state is what has been published now. */
static void end(struct update *update)
{
	update_end(update);
	goes_through(update);
	check_update(update);
}

static s64 mark(const struct expected_region *region, size_t size)
{
	const struct inspect_entry want = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.type = region->class,
		.va = (void *)region->vaddr,
		.size = size,
		.name = region->name,
		.key_kind = region->key_kind,
		.key = region->key,
	};
	s64 handle = meminspect_register(&want);

	if (handle < 0)
		shim_die("marking %s failed: %d", region->name, (int)handle);
	expect_region(&now.regions, region);
	return handle;
}

static void unmark(s64 handle, const char *name)
{
	if (meminspect_unregister(handle))
		shim_die("unmarking %s failed", name);
	expect_no_region(&now.regions, name, 0);
}

/* One extent in the linear map. */
static s64 mark_small(const char *name, unsigned int class, size_t size)
{
	const struct meminspect_extent extent = {
		.paddr = shim_take_pages(DIV_ROUND_UP(size, PAGE_SIZE)),
		.length = size,
	};

	return mark(&(struct expected_region){
		.name = name,
		.class = class,
		.vaddr = (unsigned long)phys_to_virt(extent.paddr),
		.nr_extents = 1,
		.extents = &extent,
	}, size);
}

/* Every second page, so that each is an extent. */
static s64 mark_scattered(const char *name, unsigned int nr_extents)
{
	struct meminspect_extent *extents = calloc(nr_extents, sizeof(*extents));
	phys_addr_t *pages = calloc(nr_extents, sizeof(*pages));
	phys_addr_t first = shim_take_pages(2 * nr_extents);
	char *va;
	unsigned int i;
	s64 handle;

	for (i = 0; i < nr_extents; i++) {
		pages[i] = first + 2 * i * PAGE_SIZE;
		extents[i].paddr = pages[i];
		extents[i].length = PAGE_SIZE;
	}
	extents[0].paddr += 0x123;
	extents[0].length -= 0x123;
	va = shim_vmap(pages, nr_extents);
	handle = mark(&(struct expected_region){
		.name = name,
		.class = MEMINSPECT_CLASS_SCHED,
		.vaddr = (unsigned long)va + 0x123,
		.nr_extents = nr_extents,
		.extents = extents,
	}, nr_extents * PAGE_SIZE - 0x123);
	free(extents);
	free(pages);
	return handle;
}

static void write_head_record(size_t offset, const void *record, size_t size)
{
	const struct meminspect_chunk *head = meminspect_get_chunk(0);
	void *const copies[] = {
		(char *)head->copy[0] + offset,
		(char *)head->copy[1] + offset,
	};

	record_written = true;
	meminspect_write_record(copies, record, size);
}

static void fill(void *record, size_t size, unsigned int seed)
{
	unsigned char *bytes = record;
	size_t i;

	for (i = sizeof(struct meminspect_record); i < size; i++)
		bytes[i] = seed + i * 7 + (i >> 8);
}

static void write_ident(unsigned int seed)
{
	fill(&now.ident, sizeof(now.ident), seed);
	now.has_ident = true;
	write_head_record(MEMINSPECT_IDENT_OFFSET, &now.ident, sizeof(now.ident));
}

static void write_capture(unsigned int seed)
{
	fill(&now.capture, sizeof(now.capture), seed);
	now.has_capture = true;
	write_head_record(MEMINSPECT_CAPTURE_OFFSET, &now.capture, sizeof(now.capture));
}

/* Tests of an update that is made with one call. */
#define CHECK_UPDATE(name, call)					\
	do {								\
		struct update *update = calloc(1, sizeof(*update));	\
									\
		update_begin(update, name);				\
		record_written = false;					\
		goes_through(update);					\
		call;							\
		update->unlocked = record_written;			\
		end(update);						\
		update_free(update);					\
		free(update);						\
	} while (0)

static void first_format(void)
{
	struct update *update = calloc(1, sizeof(*update));
	struct meminspect_extent extent;
	struct expected_region first;
	size_t nr_chunks;

	update_begin(update, "first registration");
	now.none = true;
	goes_through(update);
	mark_small("first", MEMINSPECT_CLASS_LOG, 300);
	now.none = false;
	nr_chunks = meminspect_nr_chunks;
	first = now.regions.regions[0];
	extent = first.extents[0];
	first.extents = &extent;
	expect_no_region(&now.regions, "first", 0);
	for (now.nr_chunks = 1; now.nr_chunks <= nr_chunks; now.nr_chunks++)
		goes_through(update);
	now.nr_chunks = nr_chunks;
	expect_region(&now.regions, &first);
	end(update);
	update_free(update);
	free(update);
}

/* A panic writes the capture block whatever the CPU that it stops was doing. */
static void panic_during_update(void)
{
	struct update *update = calloc(1, sizeof(*update)), *panic = calloc(1, sizeof(*panic));

	update_begin(update, "update that a panic stops");
	goes_through(update);
	mark_scattered("marked at the panic", 3);
	update_end(update);
	goes_through(update);

	update_begin(panic, "panic");
	goes_through(panic);
	write_capture(3);
	panic->unlocked = true;
	end(panic);

	ok(stop_for_another(update, panic), "a panic in the middle of an update");
	ok(each_flip_is_found(panic), "each flipped bit is found, and changes no answer");
	update_free(update);
	update_free(panic);
	free(update);
	free(panic);
}

int main(void)
{
	s64 small, scattered;

	first_format();
	CHECK_UPDATE("identification block", write_ident(1));
	CHECK_UPDATE("identification block again", write_ident(2));
	CHECK_UPDATE("one extent", small = mark_small("small", MEMINSPECT_CLASS_TIME, 8));
	CHECK_UPDATE("14 extents", scattered = mark_scattered("scattered", 14));
	CHECK_UPDATE("one extent unmarked", unmark(small, "small"));
	CHECK_UPDATE("row used again",
		     small = mark_small("other", MEMINSPECT_CLASS_MM, 10000));
	CHECK_UPDATE("14 extents unmarked", unmark(scattered, "scattered"));
	CHECK_UPDATE("extents rows used again", scattered = mark_scattered("again", 7));

	shim_slab_available = true;
	CHECK_UPDATE("chunk appended", ({
		if (meminspect_reserve(meminspect_nr_free_rows - 63))
			shim_die("no memory");
		now.nr_chunks++;
	}));
	CHECK_UPDATE("rows of the appended chunk",
		     mark_scattered("in the appended chunk", 9));
	panic_during_update();
	diag("%lu states read", crash_states);
	return done_testing();
}
