/* SPDX-License-Identifier: LGPL-2.1-only */
/* Arrays sorted by an address, a uint64_t that is the first member of each element. */
#ifndef MEMINSPECT_SORTED_H
#define MEMINSPECT_SORTED_H

#include <stddef.h>
#include <stdint.h>

/* For qsort() and bsearch() */
static inline int sorted_compare(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* How many of the @nr elements, of @size bytes each, have an address up to @address. */
static inline size_t sorted_up_to(const void *array, size_t nr, size_t size, uint64_t address)
{
	size_t low = 0, high = nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (*(const uint64_t *)((const uint8_t *)array + middle * size) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#endif /* MEMINSPECT_SORTED_H */
