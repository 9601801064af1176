/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that says what it is, so that a reader who stops the machine can tell
 * whether a row of the table is true: word 0 is a tag, word 1 the size, word 2
 * the address; word n behind them is the tag times n. Marked memory holds this
 * whenever it is marked, and something else at all other times.
 */
#ifndef LAB_STRESS_H
#define LAB_STRESS_H

#include <linux/types.h>

static inline void stress_fill(void *memory, size_t size, u64 tag)
{
	u64 *words = memory;
	size_t i;

	words[0] = tag;
	words[1] = size;
	words[2] = (unsigned long)memory;
	for (i = 3; i < size / sizeof(*words); i++)
		words[i] = tag * i;
}

static inline void stress_scribble(void *memory, size_t size)
{
	memset(memory, 0x5a, size);
}

#endif
