/* SPDX-License-Identifier: GPL-2.0-only */
/* Many live regions, for what is measured or counted: in no order of addresses, each of its own. */
#ifndef TESTS_TABLE_LOAD_H
#define TESTS_TABLE_LOAD_H

#include <linux/mm.h>
#include <linux/slab.h>
#include <stdlib.h>
#include "linux/files/kernel/meminspect/internal.h"
#include "shim.h"

#define LOAD_BYTES	64	/* of each region */

static char *load_memory;
static unsigned int *load_order;
static s64 *load_handles;
static unsigned int load_capacity;

static uint64_t load_random(void)
{
	static uint64_t bits = 0x2545f4914f6cdd1dULL;

	bits ^= bits << 13;
	bits ^= bits >> 7;
	bits ^= bits << 17;
	return bits >> 11;
}

static void *load_address(unsigned int nr)
{
	return load_memory + (size_t)load_order[nr] * LOAD_BYTES;
}

static void load_mark(unsigned int nr)
{
	const struct inspect_entry want = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.type = MEMINSPECT_CLASS_DRIVER,
		.va = load_address(nr),
		.size = LOAD_BYTES,
		.name = "an object of a driver",
	};

	load_handles[nr] = meminspect_register(&want);
	if (load_handles[nr] < 0)
		shim_die("region %u is refused: %d", nr, (int)load_handles[nr]);
}

static void load_unmark(unsigned int nr)
{
	if (meminspect_unregister(load_handles[nr]))
		shim_die("region %u is gone", nr);
}

/* Room for that many regions, none of which is marked */
static void load_begin(unsigned int capacity)
{
	unsigned int i, other, last;

	load_capacity = capacity;
	load_memory = phys_to_virt(shim_take_pages(DIV_ROUND_UP(capacity * LOAD_BYTES, PAGE_SIZE)));
	load_order = calloc(capacity, sizeof(*load_order));
	load_handles = calloc(capacity, sizeof(*load_handles));
	if (!load_order || !load_handles)
		shim_die("out of memory");
	for (i = 0; i < capacity; i++) {
		other = load_random() % (i + 1);
		last = load_order[other];
		load_order[other] = i;
		if (other != i)
			load_order[i] = last;
	}
	/* Boot marks regions before anything can be allocated. */
	load_mark(0);
	load_unmark(0);
	shim_slab_available = true;
	shim_run_initcalls();
	if (meminspect_reserve(capacity))
		shim_die("no rows for %u regions", capacity);
}

static void load_unmark_va(unsigned int nr)
{
	if (meminspect_unregister_va(load_address(nr), LOAD_BYTES))
		shim_die("region %u is not found", nr);
}

/* Looks for what is not there, beside what is. */
static void load_look_up(unsigned int nr)
{
	if (meminspect_unregister_va(load_address(nr), LOAD_BYTES - 1) != -ENOENT)
		shim_die("what is not marked is found");
}

#endif /* TESTS_TABLE_LOAD_H */
