// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The task to look at first where nobody panicked: what the CPU ran that looks most
 * guilty of a hang. A CPU that idles does less harm than one that is in a task or in an
 * interrupt; of these, one with interrupts off is worse. (On arm64, one that idles has
 * them off; and with pseudo-NMIs, one that has them off may not say so in PSTATE.)
 */
#include "core-format.h"
#include "live-stack.h"
#include "little-endian.h"
#include "sorted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* struct elf_prstatus of both machines: pr_reg is here, in words. */
#define REGISTERS	112U
#define X86_64_FLAGS	18U
#define X86_64_SP	19U
#define ARM64_FP	29U
#define ARM64_SP	31U
#define ARM64_PSTATE	33U

#define X86_64_IF	0x200U	/* interrupts are on */
#define ARM64_I		0x80U	/* interrupts are off */

/* More than a stack of interrupts has room for */
#define MAX_FRAMES	1024
/* Bytes: what tells where its stack starts is one of the first members of a task_struct. */
#define STACK_MEMBER_END	1024

struct registers {
	uint64_t sp;
	uint64_t fp;	/* 0: nothing tells */
	bool interrupts_off;
};

static uint64_t word(const struct meminspect_registers *registers, unsigned int index)
{
	return get64(registers->prstatus + REGISTERS + 8 * index);
}

/* False if nobody saved them, or nothing is known of their layout. */
static bool read_registers(const struct meminspect_registers *from, struct registers *registers)
{
	*registers = (struct registers) { 0 };
	if (!from->prstatus)
		return false;
	if (from->size == CORE_PRSTATUS_X86_64) {
		registers->sp = word(from, X86_64_SP);
		registers->interrupts_off = !(word(from, X86_64_FLAGS) & X86_64_IF);
	} else if (from->size == CORE_PRSTATUS_ARM64) {
		registers->sp = word(from, ARM64_SP);
		registers->fp = word(from, ARM64_FP);
		registers->interrupts_off = word(from, ARM64_PSTATE) & ARM64_I;
	} else {
		return false;
	}
	return true;
}

/* Regions by where they start: sorted.h */
struct place {
	uint64_t vaddr;
	const struct meminspect_region *region;
};

struct places {
	size_t nr;
	struct place *array;
};

/* What a CPU ran. One without a task was in user mode, or nothing tells. */
struct candidate {
	uint64_t stack;		/* where that of its task starts: sorted.h; 0 if nothing tells */
	const struct meminspect_region *task;
	uint32_t cpu;
	bool in_interrupt;
	bool interrupts_off;
};

struct search {
	const struct meminspect_dump *dump;
	struct places stacks, tasks;
	size_t nr_candidates;
	struct candidate *candidates;
};

static bool is_task(const struct meminspect_region *region)
{
	/* x86 has a variable for each CPU of the name that a task of the class current has. */
	return region->verdict == MEMINSPECT_PRESENT && region->key_kind != MEMINSPECT_KEY_CPU &&
	       (!strcmp(region->name, "task_struct") || !strcmp(region->name, "current_task") ||
		!strcmp(region->name, "init_task"));
}

/* Idle tasks of all CPUs but the first are forked, too, as PID 0. */
static bool is_idle(const struct meminspect_region *task)
{
	return task->key_kind != MEMINSPECT_KEY_PID || !task->key;
}

/* Of interrupts, NMIs or exceptions: such a stack belongs to a CPU, not to a task. */
static bool is_of_cpu(const struct meminspect_region *stack)
{
	return stack->key_kind == MEMINSPECT_KEY_CPU;
}

static int find_places(const struct meminspect_dump *dump, bool (*is_one)(const struct meminspect_region *),
		       struct places *places)
{
	places->array = calloc(dump->nr_regions + 1, sizeof(*places->array));
	if (!places->array)
		return -ENOMEM;
	for (size_t i = 0; i < dump->nr_regions; i++)
		if (dump->regions[i].vaddr && is_one(&dump->regions[i]))
			places->array[places->nr++] = (struct place) {
				dump->regions[i].vaddr, &dump->regions[i],
			};
	qsort(places->array, places->nr, sizeof(*places->array), sorted_compare);
	return 0;
}

/* The region that the address is in; NULL if in none, as a user's stack pointer is. */
static const struct meminspect_region *region_around(const struct places *places, uint64_t vaddr)
{
	size_t next = sorted_up_to(places->array, places->nr, sizeof(*places->array), vaddr);
	const struct place *place = next ? &places->array[next - 1] : NULL;

	return place && vaddr - place->vaddr < place->region->size ? place->region : NULL;
}

/* Frames of arm64 lead from the stack of an interrupt to that of the task. */
static const struct meminspect_region *interrupted_stack(const struct search *search, uint64_t fp)
{
	for (unsigned int i = 0; i < MAX_FRAMES; i++) {
		const struct meminspect_region *stack = region_around(&search->stacks, fp);
		uint8_t next[8];

		if (!stack || !is_of_cpu(stack))
			return stack;
		if (meminspect_dump_read(search->dump, fp, next, sizeof(next)))
			return NULL;
		fp = get64(next);
	}
	return NULL;
}

/* x86: the first word of a variable of the CPU leads to it. */
static const struct meminspect_region *task_by_variable(const struct search *search, uint32_t cpu)
{
	const struct meminspect_region *variable, *task;
	uint8_t word[8];

	variable = meminspect_dump_find(search->dump, "pcpu_hot", cpu);
	if (!variable)
		variable = meminspect_dump_find(search->dump, "current_task", cpu);
	if (!variable || variable->key_kind != MEMINSPECT_KEY_CPU ||
	    meminspect_dump_read(search->dump, variable->vaddr, word, sizeof(word)))
		return NULL;
	task = region_around(&search->tasks, get64(word));
	return task && task->vaddr == get64(word) ? task : NULL;
}

static void add_candidate(struct search *search, const struct meminspect_registers *from)
{
	struct candidate *candidate = &search->candidates[search->nr_candidates];
	const struct meminspect_region *stack;
	struct registers registers;

	if (!read_registers(from, &registers))
		return;
	stack = region_around(&search->stacks, registers.sp);
	if (!stack)
		return;
	search->nr_candidates++;
	candidate->cpu = from->cpu;
	candidate->in_interrupt = is_of_cpu(stack);
	candidate->interrupts_off = registers.interrupts_off;
	candidate->task = task_by_variable(search, from->cpu);
	if (candidate->in_interrupt)
		stack = interrupted_stack(search, registers.fp);
	candidate->stack = stack ? stack->vaddr : 0;
}

/* Where its stack starts stands in a task_struct. By their PID, idle tasks are not told apart. */
static void find_tasks_of_stacks(struct search *search)
{
	qsort(search->candidates, search->nr_candidates, sizeof(*search->candidates), sorted_compare);
	for (size_t i = 0; i < search->tasks.nr; i++) {
		const struct place *task = &search->tasks.array[i];
		uint8_t bytes[8];

		for (unsigned int at = 0; at < STACK_MEMBER_END; at += sizeof(bytes)) {
			struct candidate *candidate;
			uint64_t stack;

			if (meminspect_dump_read(search->dump, task->vaddr + at, bytes, sizeof(bytes)))
				break;
			stack = get64(bytes);
			candidate = stack ? bsearch(&stack, search->candidates, search->nr_candidates,
						    sizeof(*candidate), sorted_compare) : NULL;
			if (candidate && !candidate->task)
				candidate->task = task->region;
		}
	}
}

static unsigned int guilt_of(const struct candidate *candidate)
{
	return 1 + candidate->interrupts_off +
	       2 * (candidate->in_interrupt || !is_idle(candidate->task));
}

static uint64_t most_guilty(const struct search *search)
{
	const struct candidate *worst = NULL;

	for (size_t i = 0; i < search->nr_candidates; i++) {
		const struct candidate *candidate = &search->candidates[i];

		if (!candidate->task)
			continue;
		if (!worst || guilt_of(candidate) > guilt_of(worst) ||
		    (guilt_of(candidate) == guilt_of(worst) && candidate->cpu < worst->cpu))
			worst = candidate;
	}
	return worst ? worst->task->vaddr : 0;
}

int suspect_task(const struct meminspect_dump *dump, uint64_t *task)
{
	struct search search = {
		.dump = dump,
		.candidates = calloc(dump->nr_registers + 1, sizeof(*search.candidates)),
	};
	int error = search.candidates ? find_places(dump, live_is_stack, &search.stacks) : -ENOMEM;

	*task = 0;
	if (!error)
		error = find_places(dump, is_task, &search.tasks);
	for (size_t i = 0; !error && i < dump->nr_registers; i++)
		add_candidate(&search, &dump->registers[i]);
	if (!error) {
		find_tasks_of_stacks(&search);
		*task = most_guilty(&search);
	}
	free(search.stacks.array);
	free(search.tasks.array);
	free(search.candidates);
	return error;
}
