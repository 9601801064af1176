// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The task to look at first where nobody panicked: what runs on the CPU that
 * looks most guilty of a hang. A stack that holds a CPU's stack pointer tells
 * what it ran.
 */
#include "core-format.h"
#include "little-endian.h"

#include <string.h>

/* struct elf_prstatus of both machines: pr_reg is here, in words. */
#define REGISTERS	112U
#define X86_64_FLAGS	18U
#define X86_64_SP	19U
#define ARM64_SP	31U
#define ARM64_PSTATE	33U

#define X86_64_IF	0x200U	/* interrupts are on */
#define ARM64_I		0x80U	/* interrupts are off */

static uint64_t word(const struct meminspect_registers *registers, unsigned int index)
{
	return get64(registers->prstatus + REGISTERS + 8 * index);
}

/* False if nobody saved them, or nothing is known of their layout. */
static bool read_registers(const struct meminspect_registers *registers, uint64_t *sp,
			   bool *interrupts_off)
{
	if (!registers->prstatus)
		return false;
	if (registers->size == CORE_PRSTATUS_X86_64) {
		*sp = word(registers, X86_64_SP);
		*interrupts_off = !(word(registers, X86_64_FLAGS) & X86_64_IF);
	} else if (registers->size == CORE_PRSTATUS_ARM64) {
		*sp = word(registers, ARM64_SP);
		*interrupts_off = word(registers, ARM64_PSTATE) & ARM64_I;
	} else {
		return false;
	}
	return true;
}

static const struct meminspect_region *find_stack(const struct meminspect_dump *dump, uint64_t sp)
{
	for (size_t i = 0; i < dump->nr_regions; i++) {
		const struct meminspect_region *region = &dump->regions[i];

		if (region->key_kind == MEMINSPECT_KEY_PID && sp >= region->vaddr &&
		    sp - region->vaddr < region->size &&
		    (!strcmp(region->name, "task_stack") || !strcmp(region->name, "current_stack")))
			return region;
	}
	return NULL;
}

static uint64_t find_task(const struct meminspect_dump *dump, uint32_t pid)
{
	for (size_t i = 0; i < dump->nr_regions; i++) {
		const struct meminspect_region *region = &dump->regions[i];

		if (region->key_kind == MEMINSPECT_KEY_PID && region->key == pid &&
		    region->verdict == MEMINSPECT_PRESENT &&
		    (!strcmp(region->name, "task_struct") || !strcmp(region->name, "current_task")))
			return region->vaddr;
	}
	return 0;
}

uint64_t suspect_task(const struct meminspect_dump *dump)
{
	unsigned int worst = 0;
	uint64_t suspect = 0;

	for (size_t i = 0; i < dump->nr_registers; i++) {
		const struct meminspect_region *stack;
		unsigned int guilt = 1;
		bool interrupts_off;
		uint64_t sp, task;

		if (!read_registers(&dump->registers[i], &sp, &interrupts_off))
			continue;
		stack = find_stack(dump, sp);
		task = stack ? find_task(dump, stack->key) : 0;
		guilt += 2 * interrupts_off + (stack && stack->key);
		if (task && guilt > worst) {
			worst = guilt;
			suspect = task;
		}
	}
	return suspect;
}
