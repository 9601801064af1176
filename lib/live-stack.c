// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A task that was switched out has its stack pointer in task_struct.thread, and there is
 * the frame that leads back to the scheduler. On the interrupt stack of a CPU that was stopped
 * is a function that never returns. All other stacks count as used as a whole: no register
 * tells where the frames end that came after it was saved.
 */
#include "live-stack.h"
#include "little-endian.h"
#include "sorted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SWITCH_FRAME	(16 * 8U)	/* bytes: registers that functions save, and a return address */

/* Whether it holds tasks or stacks, or both. */
static bool is_of_tasks(const struct meminspect_region *region)
{
	return region->class == MEMINSPECT_CLASS_TASK || region->class == MEMINSPECT_CLASS_STACK ||
	       region->class == MEMINSPECT_CLASS_CURRENT;
}

bool live_is_stack(const struct meminspect_region *region)
{
	return is_of_tasks(region) && strstr(region->name, "stack");
}

/* The stack that has the address, but not as its start; NULL if none has. */
static struct live_stack *stack_of(const struct live_stacks *stacks, uint64_t vaddr)
{
	size_t next = sorted_up_to(stacks->array, stacks->nr, sizeof(*stacks->array), vaddr);

	if (!next || vaddr == stacks->array[next - 1].start || vaddr >= stacks->array[next - 1].end)
		return NULL;
	return &stacks->array[next - 1];
}

/* Pieces that lie behind each other are one stack. */
static void merge(struct live_stacks *stacks)
{
	size_t nr = 0;

	qsort(stacks->array, stacks->nr, sizeof(*stacks->array), sorted_compare);
	for (size_t i = 0; i < stacks->nr; i++) {
		struct live_stack *last = nr ? &stacks->array[nr - 1] : NULL;

		if (!last || stacks->array[i].start > last->end)
			stacks->array[nr++] = stacks->array[i];
		else if (stacks->array[i].end > last->end)
			last->end = stacks->array[i].end;
	}
	stacks->nr = nr;
}

static void add_stack(struct live_stacks *stacks, const struct meminspect_piece *piece)
{
	if (piece->vaddr && piece->present)
		stacks->array[stacks->nr++] = (struct live_stack) {
			.start = piece->vaddr, .end = piece->vaddr + piece->present,
			.lowest = UINT64_MAX,
		};
}

static void find_pointers(struct live_stacks *stacks, const struct meminspect_piece *piece)
{
	for (uint64_t at = 0; at + 8 <= piece->present; at += 8) {
		struct live_stack *stack = stack_of(stacks, get64(piece->data + at));

		if (stack && get64(piece->data + at) < stack->lowest)
			stack->lowest = get64(piece->data + at);
	}
}

static void find_stop_frame(struct live_stacks *stacks, const struct meminspect_piece *piece,
			    uint64_t stop, uint64_t size)
{
	struct live_stack *stack = stack_of(stacks, piece->vaddr + 1);

	for (uint64_t at = 0; stack && !stack->is_cut && at + 8 <= piece->present; at += 8)
		if (get64(piece->data + at) - stop <= size) {
			stack->lowest = piece->vaddr + at;
			stack->is_cut = true;
		}
}

/* An interrupt's stack has the address in the task's at which it left that. */
static void find_interrupted(struct live_stacks *stacks, const struct meminspect_piece *piece)
{
	const struct live_stack *from = stack_of(stacks, piece->vaddr + 1);

	if (!from || !from->is_cut)
		return;
	for (uint64_t at = live_unused(stacks, piece); at + 8 <= piece->present; at += 8) {
		uint64_t vaddr = get64(piece->data + at);
		struct live_stack *stack = stack_of(stacks, vaddr);

		if (!stack || stack == from || vaddr % 8 || (stack->is_cut && stack->lowest < vaddr))
			continue;
		stack->lowest = vaddr;
		stack->is_cut = true;
	}
}

static void find_switch_frame(struct live_stacks *stacks, const struct meminspect_piece *piece,
			      uint64_t scheduler, uint64_t size)
{
	struct live_stack *stack = stack_of(stacks, piece->vaddr + 1);
	uint64_t at, end;

	if (!stack || stack->lowest % 8 || stack->lowest < piece->vaddr ||
	    stack->lowest - piece->vaddr >= piece->present)
		return;
	at = stack->lowest - piece->vaddr;
	end = piece->present - at < SWITCH_FRAME ? piece->present : at + SWITCH_FRAME;
	for (; at + 8 <= end; at += 8)
		stack->is_cut |= get64(piece->data + at) - scheduler <= size;
}

int live_stacks_find(const struct completion *completion, struct live_stacks *stacks)
{
	const struct meminspect_region *regions = completion->dump->regions;
	uint64_t scheduler, stop, size;
	size_t i, j, room = 1;

	for (i = 0; i < completion->nr_collected; i++)
		if (live_is_stack(&regions[i]))
			room += regions[i].nr_pieces;
	*stacks = (struct live_stacks) { .array = calloc(room, sizeof(*stacks->array)) };
	if (!stacks->array)
		return -ENOMEM;
	if (vmlinux_symbol(completion->vmlinux, "__schedule", &scheduler, &size))
		return 0;
	scheduler += completion->kaslr_offset;
	for (i = 0; i < completion->nr_collected; i++)
		for (j = 0; live_is_stack(&regions[i]) && j < regions[i].nr_pieces; j++)
			add_stack(stacks, &regions[i].pieces[j]);
	merge(stacks);
	for (i = 0; i < completion->nr_collected; i++)
		for (j = 0; is_of_tasks(&regions[i]) && !live_is_stack(&regions[i]) &&
			    j < regions[i].nr_pieces; j++)
			find_pointers(stacks, &regions[i].pieces[j]);
	for (i = 0; i < completion->nr_collected; i++)
		for (j = 0; live_is_stack(&regions[i]) && j < regions[i].nr_pieces; j++)
			find_switch_frame(stacks, &regions[i].pieces[j], scheduler, size);
	if (vmlinux_symbol(completion->vmlinux, "stop_this_cpu", &stop, &size))
		return 0;
	stop += completion->kaslr_offset;
	for (i = 0; i < completion->nr_collected; i++)
		for (j = 0; regions[i].class == MEMINSPECT_CLASS_STACK && j < regions[i].nr_pieces; j++)
			find_stop_frame(stacks, &regions[i].pieces[j], stop, size);
	for (i = 0; i < completion->nr_collected; i++)
		for (j = 0; regions[i].class == MEMINSPECT_CLASS_STACK && j < regions[i].nr_pieces; j++)
			find_interrupted(stacks, &regions[i].pieces[j]);
	return 0;
}

uint64_t live_unused(const struct live_stacks *stacks, const struct meminspect_piece *piece)
{
	const struct live_stack *stack = stack_of(stacks, piece->vaddr + 1);

	if (!stack || !stack->is_cut || stack->lowest <= piece->vaddr)
		return 0;
	return stack->lowest - piece->vaddr < piece->present ? stack->lowest - piece->vaddr :
								 piece->present;
}
