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

/* Regions that policy takes out and lets in again, as they are when they are in */
static struct kept {
	struct expected_region region;
	struct meminspect_extent extents[16];
} kept[16];
static unsigned int nr_kept;
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

	struct kept *keep = &kept[nr_kept++];

	if (handle < 0)
		shim_die("marking %s failed: %d", region->name, (int)handle);
	expect_region(&now.regions, region);
	keep->region = *region;
	keep->region.size = size;
	keep->region.extents = memcpy(keep->extents, region->extents,
				      region->nr_extents * sizeof(*region->extents));
	return handle;
}

/* From now on a region is left out, or listed if @why is 0. */
static void expect_instead(const char *name, enum meminspect_left_out why)
{
	struct expected_region region = { 0 };
	unsigned int i;

	for (i = 0; i < nr_kept; i++)
		if (!strcmp(kept[i].region.name, name))
			region = kept[i].region;
	if (why)
		region = (struct expected_region){
			.name = name,
			.class = region.class,
			.left_out = why,
			.size = region.size,
		};
	expect_no_region(&now.regions, name, 0);
	expect_region(&now.regions, &region);
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
static s64 mark_scattered_of(const char *name, unsigned int class, unsigned int nr_extents)
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
		.class = class,
		.vaddr = (unsigned long)va + 0x123,
		.nr_extents = nr_extents,
		.extents = extents,
	}, nr_extents * PAGE_SIZE - 0x123);
	free(extents);
	free(pages);
	return handle;
}

static s64 mark_scattered(const char *name, unsigned int nr_extents)
{
	return mark_scattered_of(name, MEMINSPECT_CLASS_SCHED, nr_extents);
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
		struct update *made = calloc(1, sizeof(*made));	\
									\
		update_begin(made, name);					\
		record_written = false;					\
		goes_through(made);					\
		call;							\
		made->unlocked = record_written;			\
		end(made);						\
		update_free(made);					\
		free(made);						\
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

/* An update that takes several steps, each of which leaves a state that is right. */
static struct update *steps_begin(const char *name)
{
	struct update *update = calloc(1, sizeof(*update));

	update_begin(update, name);
	goes_through(update);
	return update;
}

static void steps_end(struct update *update)
{
	update_end(update);
	check_update(update);
	update_free(update);
	free(update);
}

/* A region of some bytes that are not listed elsewhere, that policy may leave out */
static struct inspect_entry plain_entry(const char *name, unsigned int class, size_t size)
{
	return (struct inspect_entry){
		.id = MEMINSPECT_ID_DYNAMIC,
		.type = class,
		.va = phys_to_virt(shim_take_pages(DIV_ROUND_UP(size, PAGE_SIZE))),
		.size = size,
		.name = name,
	};
}

static s64 register_entry(const struct inspect_entry *entry)
{
	s64 handle = meminspect_register(entry);

	if (handle < 0)
		shim_die("marking %s failed: %d", entry->name, (int)handle);
	return handle;
}

static void expect_left_out(const struct inspect_entry *entry, enum meminspect_left_out why)
{
	expect_region(&now.regions, &(struct expected_region){
		.name = entry->name,
		.class = entry->type,
		.left_out = why,
		.size = entry->size,
	});
}

static uint64_t bytes_listed(void)
{
	uint64_t bytes = 0;
	size_t i, j;

	for (i = 0; i < now.regions.nr; i++)
		for (j = 0; j < now.regions.regions[i].nr_extents; j++)
			bytes += now.regions.regions[i].extents[j].length;
	return bytes;
}

/* Rows change in place, and the rows of further extents come and go with that. */
static void budget(void)
{
	const struct meminspect_extent extent = {
		.paddr = shim_take_pages(7), .length = 7 * PAGE_SIZE,
	};
	const struct expected_region log = {
		.name = "more important",
		.class = MEMINSPECT_CLASS_LOG,
		.vaddr = (unsigned long)phys_to_virt(extent.paddr),
		.nr_extents = 1,
		.extents = &extent,
	};
	struct inspect_entry waits = plain_entry("waits", MEMINSPECT_CLASS_CONFIG, 100000);
	struct update *update;
	s64 victim, handle, waiting;

	victim = mark_scattered_of("gives way", MEMINSPECT_CLASS_CONFIG, 8);
	meminspect_budget = bytes_listed();

	update = steps_begin("one gives way to another");
	handle = mark(&log, extent.length);
	expect_no_region(&now.regions, log.name, 0);
	expect_instead("gives way", MEMINSPECT_LEFT_OUT_BUDGET);
	goes_through(update);
	expect_region(&now.regions, &log);
	goes_through(update);
	steps_end(update);

	CHECK_UPDATE("left out from the start", ({
		waiting = register_entry(&waits);
		expect_left_out(&waits, MEMINSPECT_LEFT_OUT_BUDGET);
	}));
	CHECK_UPDATE("unmarked while it is left out", unmark(waiting, "waits"));

	update = steps_begin("one goes, another comes back");
	unmark(handle, log.name);
	goes_through(update);
	expect_instead("gives way", MEMINSPECT_NOT_LEFT_OUT);
	goes_through(update);
	steps_end(update);
	unmark(victim, "gives way");
	meminspect_budget = 0;
}

static void denial(void)
{
	struct inspect_entry secret = plain_entry("secret", MEMINSPECT_CLASS_MM, 8), other;
	struct inspect_entry waits = plain_entry("waits", MEMINSPECT_CLASS_CONFIG, 64);
	struct update *update;
	s64 victim, handles[3];

	shim_boot_parameter("meminspect_deny", "name:secret*");
	victim = mark_scattered("has a secret", 9);
	meminspect_budget = bytes_listed();
	secret.va = phys_to_virt(kept[nr_kept - 1].extents[7].paddr + 100);

	update = steps_begin("a denial takes another one out");
	handles[0] = register_entry(&secret);
	expect_left_out(&secret, MEMINSPECT_LEFT_OUT_DENIED);
	goes_through(update);
	expect_instead("has a secret", MEMINSPECT_LEFT_OUT_DENIED);
	goes_through(update);
	steps_end(update);

	/* It is larger than what is left of the budget. */
	meminspect_budget = bytes_listed() + 63;
	handles[1] = register_entry(&waits);
	expect_left_out(&waits, MEMINSPECT_LEFT_OUT_BUDGET);
	other = waits;
	other.name = "secret, too";
	other.size = 1;
	update = steps_begin("one that waits for room is denied");
	handles[2] = register_entry(&other);
	expect_left_out(&other, MEMINSPECT_LEFT_OUT_DENIED);
	goes_through(update);
	expect_no_region(&now.regions, "waits", 0);
	expect_left_out(&waits, MEMINSPECT_LEFT_OUT_DENIED);
	goes_through(update);
	steps_end(update);

	meminspect_budget = 0;
	CHECK_UPDATE("unmarked while it is denied", unmark(victim, "has a secret"));
	unmark(handles[0], "secret");
	unmark(handles[1], "waits");
	unmark(handles[2], "secret, too");
}

/* In the order of rows; extents rows go with their regions. */
static void class_drop(void)
{
	const char *names[] = { "of a class", "another one of it" };
	struct update *update;
	s64 handles[2];
	unsigned int i;

	handles[0] = mark_small(names[0], MEMINSPECT_CLASS_IRQ, 64);
	mark_small("of another class", MEMINSPECT_CLASS_CONFIG, 64);
	handles[1] = mark_small(names[1], MEMINSPECT_CLASS_IRQ, 64);
	if ((u32)handles[0] > (u32)handles[1]) {
		names[0] = "another one of it";
		names[1] = "of a class";
	}
	shim_boot_parameter("meminspect", "-irq");
	update = steps_begin("a class is dropped");
	meminspect_apply_policy();
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		expect_no_region(&now.regions, names[i], 0);
		goes_through(update);
	}
	steps_end(update);
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
	budget();
	denial();
	class_drop();
	panic_during_update();
	diag("%lu states read", crash_states);
	return done_testing();
}
