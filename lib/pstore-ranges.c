// SPDX-License-Identifier: LGPL-2.1-only
/* Physical memory of which some ranges are known. */
#include "pstore.h"
#include <errno.h>
#include <stdlib.h>

#define MAX_RANGES (1U << 21)

int pstore_ranges_add(struct pstore_ranges *ranges, uint64_t paddr, uint64_t length,
		      const uint8_t *data)
{
	if (ranges->nr == MAX_RANGES)
		return -E2BIG;
	if (ranges->nr == ranges->capacity) {
		size_t capacity = 2 * ranges->capacity + 64;
		struct pstore_range *list = reallocarray(ranges->list, capacity, sizeof(*list));

		if (!list)
			return -ENOMEM;
		ranges->list = list;
		ranges->capacity = capacity;
	}
	ranges->list[ranges->nr++] = (struct pstore_range){ paddr, length, data };
	return 0;
}

/* The one that reaches further comes first: others add nothing to it. */
static int compare(const void *left, const void *right)
{
	const struct pstore_range *a = left, *b = right;

	if (a->paddr != b->paddr)
		return a->paddr < b->paddr ? -1 : 1;
	return (a->length < b->length) - (a->length > b->length);
}

void pstore_ranges_settle(struct pstore_ranges *ranges)
{
	uint64_t end = 0;
	size_t i, nr = 0;

	if (ranges->nr)
		qsort(ranges->list, ranges->nr, sizeof(*ranges->list), compare);
	for (i = 0; i < ranges->nr; i++) {
		struct pstore_range range = ranges->list[i];
		uint64_t skip = range.paddr < end ? end - range.paddr : 0;

		if (skip >= range.length)
			continue;
		range.paddr += skip;
		range.length -= skip;
		if (range.data)
			range.data += skip;
		end = range.paddr + range.length;
		ranges->list[nr++] = range;
	}
	ranges->nr = nr;
}

const struct pstore_range *pstore_ranges_find(const struct pstore_ranges *ranges, uint64_t paddr)
{
	size_t low = 0, high = ranges->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct pstore_range *range = &ranges->list[middle];

		if (paddr < range->paddr)
			high = middle;
		else if (paddr - range->paddr >= range->length)
			low = middle + 1;
		else
			return range;
	}
	return NULL;
}
