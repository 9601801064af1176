// SPDX-License-Identifier: GPL-2.0-only
#include "expected-regions.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "linux/files/kernel/meminspect/internal.h"
#include "shim.h"

static char difference[512];

static struct expected_region *find(const struct expected_regions *list, const char *name,
				    unsigned int key, size_t first)
{
	size_t i;

	/* The reader gives regions in the order of rows, which mostly is this order. */
	for (i = 0; i < list->nr; i++) {
		struct expected_region *region = &list->regions[(first + i) % list->nr];

		if (region->key == key && !strcmp(region->name, name))
			return region;
	}
	return NULL;
}

void expect_region(struct expected_regions *list, const struct expected_region *region)
{
	struct meminspect_extent *extents;

	if (find(list, region->name, region->key, 0))
		shim_die("the test marks %s twice", region->name);
	list->regions = reallocarray(list->regions, list->nr + 1, sizeof(*list->regions));
	extents = calloc(region->nr_extents, sizeof(*extents));
	if (!list->regions || !extents)
		shim_die("out of memory");
	if (region->nr_extents)
		memcpy(extents, region->extents, region->nr_extents * sizeof(*extents));
	list->regions[list->nr] = *region;
	list->regions[list->nr++].extents = extents;
}

void expect_no_region(struct expected_regions *list, const char *name, unsigned int key)
{
	struct expected_region *region = find(list, name, key, 0);

	if (!region)
		shim_die("the test unmarks %s, which it did not mark", name);
	free((void *)region->extents);
	*region = list->regions[--list->nr];
}

struct expected_regions expected_copy(const struct expected_regions *list)
{
	struct expected_regions copy = { 0 };
	size_t i;

	for (i = 0; i < list->nr; i++)
		expect_region(&copy, &list->regions[i]);
	return copy;
}

void expected_free(struct expected_regions *list)
{
	size_t i;

	for (i = 0; i < list->nr; i++)
		free((void *)list->regions[i].extents);
	free(list->regions);
}

static bool number_differs(const char *name, const char *what, uint64_t got, uint64_t expected)
{
	if (got == expected)
		return false;
	snprintf(difference, sizeof(difference), "%s: %s is %#" PRIx64 ", not %#" PRIx64, name,
		 what, got, expected);
	return true;
}

static bool region_differs(const struct directory_region *got, const struct expected_region *region)
{
	const char *name = region->name;
	uint64_t size = region->left_out ? region->size : 0;
	size_t i;

	if (got->lost) {
		snprintf(difference, sizeof(difference), "%s is lost: %s", name, got->why);
		return true;
	}
	for (i = 0; i < region->nr_extents; i++)
		size += region->extents[i].length;
	if (number_differs(name, "class", got->class, region->class) ||
	    number_differs(name, "kind of key", got->key_kind, region->key_kind) ||
	    number_differs(name, "virtual address", got->vaddr, region->vaddr) ||
	    number_differs(name, "size", got->size, size) ||
	    number_differs(name, "reason to leave it out", got->left_out, region->left_out) ||
	    number_differs(name, "number of extents", got->nr_extents, region->nr_extents))
		return true;
	for (i = 0; i < region->nr_extents; i++)
		if (number_differs(name, "address of an extent", got->extents[i].paddr,
				   region->extents[i].paddr) ||
		    number_differs(name, "length of an extent", got->extents[i].length,
				   region->extents[i].length))
			return true;
	return false;
}

const char *regions_differ(const struct directory *directory, const struct expected_regions *list)
{
	const struct directory_region *got;
	struct expected_region *expected;
	static unsigned long round;
	size_t i;

	round++;
	for (i = 0; i < directory->nr_regions; i++) {
		got = &directory->regions[i];
		expected = find(list, got->name, got->key, i);
		if (!expected) {
			snprintf(difference, sizeof(difference), "%s, key %u, is not expected",
				 got->name, got->key);
			return difference;
		}
		if (expected->seen == round) {
			snprintf(difference, sizeof(difference), "%s is there twice", got->name);
			return difference;
		}
		expected->seen = round;
		if (region_differs(got, expected))
			return difference;
	}
	/* Each was expected, and once: where the numbers agree, none is missing. */
	if (directory->nr_regions != list->nr) {
		snprintf(difference, sizeof(difference), "there are %zu regions, not %zu",
			 directory->nr_regions, list->nr);
		return difference;
	}
	return NULL;
}

const char *directory_complaint(const struct directory *directory)
{
	if (directory->nr_problems)
		return directory->problems[0];
	if (directory->nr_lost_rows)
		return "rows are lost";
	return NULL;
}

struct directory *read_published(void)
{
	const struct meminspect_chunk *head = meminspect_get_chunk(0);
	struct meminspect_context *context = meminspect_context_new();
	uint64_t addresses[MEMINSPECT_COPIES];
	struct directory *directory;

	if (!head || !context)
		shim_die("there is no directory");
	addresses[0] = head->pa[0];
	addresses[1] = head->pa[1];
	if (directory_read(context, shim_read_physical, NULL, addresses, &directory))
		shim_die("there is no directory: %s", meminspect_error(context));
	meminspect_context_free(context);
	return directory;
}

const char *published_differs(const struct expected_regions *list)
{
	struct directory *directory = read_published();
	const char *why = regions_differ(directory, list);

	if (!why && directory_complaint(directory)) {
		snprintf(difference, sizeof(difference), "%s", directory_complaint(directory));
		why = difference;
	}
	directory_free(directory);
	return why;
}
