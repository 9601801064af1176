/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a test has marked, to be compared with what the library reads in RAM.
 * Names are unique in a list, except that one name may stand once for each key.
 */
#ifndef TESTS_EXPECTED_REGIONS_H
#define TESTS_EXPECTED_REGIONS_H

#include "lib/internal.h"

struct expected_region {
	const char *name;
	unsigned int class, key_kind, key;
	uint64_t vaddr;
	size_t nr_extents;
	const struct meminspect_extent *extents;
	unsigned int left_out;	/* why there are no addresses; @size is set then */
	uint64_t size;
	unsigned long seen;	/* of regions_differ() */
};

struct expected_regions {
	size_t nr;
	struct expected_region *regions;
};

/* The list has its own copy of the extents, but not of the name. */
void expect_region(struct expected_regions *list, const struct expected_region *region);
/* Dies if it isn't expected. */
void expect_no_region(struct expected_regions *list, const char *name, unsigned int key);
struct expected_regions expected_copy(const struct expected_regions *list);
void expected_free(struct expected_regions *list);

/* How a directory's regions differ from the list; NULL if not. Good until the next call. */
const char *regions_differ(const struct directory *directory, const struct expected_regions *list);
/* The first thing that a reader has to complain of, NULL if there is none. */
const char *directory_complaint(const struct directory *directory);

/* Reads the memory of the shim, as it is now; dies if there is no directory. */
struct directory *read_published(void);
/* How it differs from the list, or is damaged; NULL if neither. Good until the next call. */
const char *published_differs(const struct expected_regions *list);

#endif /* TESTS_EXPECTED_REGIONS_H */
