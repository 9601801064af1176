// SPDX-License-Identifier: GPL-2.0-only
#include "seen-states.h"

#include "row-truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODULES, CPUS, MEMORY, NR_KINDS };
static const char *const kinds[NR_KINDS] = {
	[MODULES] = "modules",
	[CPUS] = "online CPUs",
	[MEMORY] = "memory",
};

struct seen_states {
	size_t nr_stops, nr_taken;
	uint64_t *numbers[NR_KINDS];	/* of each stop; equal ones are of equal states */
};

struct seen_states *seen_states_new(size_t nr_stops)
{
	struct seen_states *states = calloc(1, sizeof(*states));
	bool whole = states;

	for (unsigned int kind = 0; whole && kind < NR_KINDS; kind++) {
		states->numbers[kind] = calloc(nr_stops, sizeof(uint64_t));
		whole = states->numbers[kind];
	}
	if (whole) {
		states->nr_stops = nr_stops;
		return states;
	}
	seen_states_free(states);
	return NULL;
}

void seen_states_free(struct seen_states *states)
{
	if (!states)
		return;
	for (unsigned int kind = 0; kind < NR_KINDS; kind++)
		free(states->numbers[kind]);
	free(states);
}

/* FNV-1a */
static uint64_t hash(const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	uint64_t number = 0xcbf29ce484222325;

	while (length--)
		number = (number ^ *at++) * 0x100000001b3;
	return number;
}

/* In whichever order their rows stand */
static uint64_t number_of_modules(const struct meminspect_dump *dump)
{
	uint64_t number = 0;

	for (size_t i = 0; i < meminspect_dump_nr_regions(dump); i++) {
		const char *name = meminspect_dump_region(dump, i)->name;

		if (strncmp(name, "module:", strlen("module:")) == 0)
			number += hash(name, strlen(name));
	}
	return number;
}

static bool number_of_region(const struct meminspect_dump *dump, const char *name, uint64_t *number)
{
	const struct meminspect_region *region = meminspect_dump_find(dump, name, -1);
	uint8_t bytes[1024];

	if (!region || region->size > sizeof(bytes) || !region_bytes(region, 0, bytes, region->size))
		return false;
	*number = hash(bytes, region->size);
	return true;
}

bool seen_states_take(struct seen_states *states, const struct meminspect_dump *dump)
{
	const size_t stop = states->nr_taken;

	if (stop == states->nr_stops)
		return false;
	states->numbers[MODULES][stop] = number_of_modules(dump);
	/* The pages of a block that is offline are not counted. */
	if (!number_of_region(dump, "__cpu_online_mask", &states->numbers[CPUS][stop]) ||
	    !number_of_region(dump, "_totalram_pages", &states->numbers[MEMORY][stop]))
		return false;
	states->nr_taken++;
	return true;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

void seen_states_print(struct seen_states *states)
{
	for (unsigned int kind = 0; kind < NR_KINDS; kind++) {
		uint64_t *numbers = states->numbers[kind];
		size_t changes = 0, different = states->nr_taken > 0;

		for (size_t i = 1; i < states->nr_taken; i++)
			changes += numbers[i] != numbers[i - 1];
		qsort(numbers, states->nr_taken, sizeof(*numbers), compare);
		for (size_t i = 1; i < states->nr_taken; i++)
			different += numbers[i] != numbers[i - 1];
		printf("# %s: %zu states seen, other than at the stop before %zu times\n", kinds[kind],
		       different, changes);
	}
	states->nr_taken = 0;
}
