/* SPDX-License-Identifier: LGPL-2.1-only */
/* How much of a stack is in use: below are words that functions left which have returned. */
#ifndef MEMINSPECT_LIVE_STACK_H
#define MEMINSPECT_LIVE_STACK_H

#include "complete.h"

struct live_stack {
	uint64_t start, end;	/* virtual addresses; it grows down from the end */
	uint64_t lowest;	/* of its frames, if that is known */
	bool is_cut;		/* it is */
};

struct live_stacks {
	size_t nr;
	struct live_stack *array;	/* sorted */
};

bool live_is_stack(const struct meminspect_region *region);
/* -ENOMEM; @stacks->array is for free(). */
int live_stacks_find(const struct completion *completion, struct live_stacks *stacks);
/* How many bytes of the piece of a stack, from its first on, hold only what returned functions left. */
uint64_t live_unused(const struct live_stacks *stacks, const struct meminspect_piece *piece);

#endif /* MEMINSPECT_LIVE_STACK_H */
