// SPDX-License-Identifier: LGPL-2.1-only
/* Makes regions of the directory's rows. */
#include "directory-reader.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void copy_name(char *out, const uint8_t *name)
{
	size_t i;

	for (i = 0; i < MEMINSPECT_NAME_SIZE && name[i]; i++) {
		if (name[i] < ' ' || name[i] > '~' || name[i] == '\\') {
			/* A name without a NUL leaves no room for the last escape's NUL. */
			if (i == MEMINSPECT_NAME_SIZE - 1)
				break;
			out += sprintf(out, "\\x%02x", name[i]);
		} else {
			*out++ = name[i];
		}
	}
	*out = '\0';
}

__attribute__((format(printf, 3, 4)))
static void region_lost(struct directory_reader *reader, struct directory_region *region,
			const char *format, ...)
{
	va_list arguments;

	free(region->extents);
	region->extents = NULL;
	region->nr_extents = 0;
	region->lost = true;
	va_start(arguments, format);
	if (vasprintf(&region->why, format, arguments) < 0) {
		region->why = NULL;
		reader->no_memory = true;
	}
	va_end(arguments);
}

static int extent_add(struct directory_reader *reader, struct directory_region *region,
		      const struct meminspect_extent *extent)
{
	struct meminspect_extent *extents;
	size_t nr = region->nr_extents;

	/* Powers of two: the row's own number may be a lie. */
	if (!(nr & (nr - 1))) {
		extents = reallocarray(region->extents, nr ? 2 * nr : 1, sizeof(*extents));
		if (!extents) {
			reader->no_memory = true;
			return -ENOMEM;
		}
		region->extents = extents;
	}
	region->extents[region->nr_extents++] = *extent;
	reader->nr_extents++;
	return 0;
}

/*
 * Follows the list of extents rows. False, with the region marked lost, if it
 * isn't what the region row says.
 */
static bool read_extents_rows(struct directory_reader *reader, struct directory_region *region,
			      uint32_t number, const struct meminspect_region_row *owner)
{
	uint32_t missing = owner->nr_extents - 1;
	uint32_t next = owner->extents_row;
	struct directory_row *row;
	uint32_t i;

	while (missing) {
		if (next == MEMINSPECT_NO_ROW) {
			region_lost(reader, region, "its list of extents ends %u too early",
				    missing);
			return false;
		}
		if (next >= reader->directory->nr_rows) {
			region_lost(reader, region, "its extents continue in row %u, but the directory has %zu rows that can be read",
				    next, reader->directory->nr_rows);
			return false;
		}
		row = &reader->rows[next];
		if (row->status != ROW_VALID) {
			region_lost(reader, region, "its extents continue in row %u (copies at %#llx and %#llx), which is %s",
				    next, (unsigned long long)row->paddr[0],
				    (unsigned long long)row->paddr[1],
				    row->status == ROW_LOST ? "lost" : "empty");
			return false;
		}
		if (row->taken) {
			region_lost(reader, region, "its list of extents comes twice to row %u",
				    next);
			return false;
		}
		if (row->extents.kind != MEMINSPECT_ROW_EXTENTS || row->extents.owner != number ||
		    row->extents.serial != owner->serial) {
			region_lost(reader, region, "its extents continue in row %u (copies at %#llx and %#llx), which does not belong to it",
				    next, (unsigned long long)row->paddr[0],
				    (unsigned long long)row->paddr[1]);
			return false;
		}
		if (!row->extents.nr_extents ||
		    row->extents.nr_extents > MEMINSPECT_EXTENTS_PER_ROW ||
		    row->extents.nr_extents > missing) {
			region_lost(reader, region, "its extents row %u holds %u extents, but 1 to %u are expected",
				    next, row->extents.nr_extents,
				    missing < MEMINSPECT_EXTENTS_PER_ROW ?
				    missing : MEMINSPECT_EXTENTS_PER_ROW);
			return false;
		}
		row->taken = true;
		for (i = 0; i < row->extents.nr_extents; i++)
			if (extent_add(reader, region, &row->extents.extents[i]))
				return false;
		missing -= row->extents.nr_extents;
		next = row->extents.next;
	}
	if (next != MEMINSPECT_NO_ROW) {
		region_lost(reader, region, "its list of extents goes on, in row %u, behind the last of %u extents",
			    next, owner->nr_extents);
		return false;
	}
	return true;
}

static void check_extents(struct directory_reader *reader, struct directory_region *region)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < region->nr_extents; i++) {
		const struct meminspect_extent *extent = &region->extents[i];

		if (!extent->length) {
			region_lost(reader, region, "its extent %zu has length 0", i);
			return;
		}
		if (extent->paddr + (extent->length - 1) < extent->paddr) {
			region_lost(reader, region, "its extent %zu, %#llx bytes at %#llx, wraps around the end of addresses",
				    i, (unsigned long long)extent->length,
				    (unsigned long long)extent->paddr);
			return;
		}
		if (__builtin_add_overflow(sum, extent->length, &sum)) {
			region_lost(reader, region, "its extents have more than 2^64 bytes");
			return;
		}
	}
	if (sum != region->size)
		region_lost(reader, region, "its extents have %llu bytes, but its size is %llu",
			    (unsigned long long)sum, (unsigned long long)region->size);
	else if (region->vaddr && region->vaddr + (region->size - 1) < region->vaddr)
		region_lost(reader, region, "its virtual range, %#llx bytes at %#llx, wraps around the end of addresses",
			    (unsigned long long)region->size, (unsigned long long)region->vaddr);
}

static void read_region(struct directory_reader *reader, struct directory_region *region,
			uint32_t number)
{
	const struct meminspect_region_row *row = &reader->rows[number].region;
	const struct meminspect_extent first = { .paddr = row->paddr, .length = row->length };

	copy_name(region->name, row->name);
	region->class = row->class;
	region->key_kind = row->key_kind;
	region->key = row->key;
	region->vaddr = row->vaddr;
	region->size = row->size;

	if (!memchr(row->name, '\0', sizeof(row->name))) {
		region_lost(reader, region, "its name has no end");
		return;
	}
	if (!row->nr_extents) {
		region_lost(reader, region, "it has no extents");
		return;
	}
	if (row->nr_extents > MAX_EXTENTS - reader->nr_extents) {
		region_lost(reader, region, "it has %u extents, with which the directory has more than %u",
			    row->nr_extents, MAX_EXTENTS);
		return;
	}
	if (extent_add(reader, region, &first))
		return;
	if (read_extents_rows(reader, region, number, row))
		check_extents(reader, region);
}

static void read_left_out(struct directory_reader *reader, struct directory_region *region,
			  uint32_t number)
{
	const struct meminspect_left_out_row *row = &reader->rows[number].left_out;

	copy_name(region->name, row->name);
	region->class = row->class;
	region->key_kind = row->key_kind;
	region->key = row->key;
	region->size = row->size;
	if (!memchr(row->name, '\0', sizeof(row->name)))
		region_lost(reader, region, "its name has no end");
	else if (row->reason == MEMINSPECT_NOT_LEFT_OUT || row->reason >= MEMINSPECT_LEFT_OUT_MAX)
		region_lost(reader, region, "it is left out for reason %u, which is unknown",
			    row->reason);
	else if (!row->size)
		region_lost(reader, region, "it is left out, but its size is 0");
	else
		region->left_out = row->reason;
}

static bool is_region(const struct directory_row *row)
{
	return row->status == ROW_VALID && (row->region.kind == MEMINSPECT_ROW_REGION ||
					    row->region.kind == MEMINSPECT_ROW_LEFT_OUT);
}

int directory_regions(struct directory_reader *reader)
{
	struct directory *directory = reader->directory;
	size_t nr_regions = 0;
	size_t i;

	for (i = 0; i < directory->nr_rows; i++) {
		const struct directory_row *row = &reader->rows[i];

		if (is_region(row))
			nr_regions++;
		else if (row->status == ROW_VALID && row->region.kind != MEMINSPECT_ROW_EXTENTS)
			reader_problem(reader, "row %zu, copies at %#llx and %#llx: its kind is %u, which is neither region, extents nor left out",
				       i, (unsigned long long)row->paddr[0],
				       (unsigned long long)row->paddr[1], row->region.kind);
	}
	if (nr_regions > MAX_REGIONS) {
		reader_problem(reader, "the directory has %zu regions: only the first %u are read",
			       nr_regions, MAX_REGIONS);
		nr_regions = MAX_REGIONS;
	}
	directory->regions = calloc(nr_regions + 1, sizeof(*directory->regions));
	if (!directory->regions)
		return -ENOMEM;
	for (i = 0; directory->nr_regions < nr_regions; i++) {
		struct directory_region *region = &directory->regions[directory->nr_regions];

		if (!is_region(&reader->rows[i]))
			continue;
		directory->nr_regions++;
		if (reader->rows[i].region.kind == MEMINSPECT_ROW_REGION)
			read_region(reader, region, i);
		else
			read_left_out(reader, region, i);
		if (reader->no_memory)
			return -ENOMEM;
	}
	return 0;
}
