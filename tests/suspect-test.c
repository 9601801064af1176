// SPDX-License-Identifier: GPL-2.0-only
/* Which task a core of a hang starts with. */
#include "core-format.h"
#include "tap.h"

#include <stdlib.h>

/* struct elf_prstatus and user_regs_struct of x86_64, user_pt_regs of arm64 */
#define X86_64_FLAGS	(112 + 18 * 8)
#define X86_64_RSP	(112 + 19 * 8)
#define ARM64_SP	(112 + 31 * 8)
#define ARM64_PSTATE	(112 + 33 * 8)

#define NR_CPUS 4
#define STACK(pid)	(0xffffc90000000000ULL + (pid) * 0x10000ULL)
#define TASK(pid)	(0xffff888000000000ULL + (pid) * 0x4000ULL)

static uint8_t prstatus[NR_CPUS][CORE_PRSTATUS_ARM64];
static struct meminspect_registers registers[NR_CPUS];
static struct meminspect_region regions[2 * 8];

static void put(uint8_t *bytes, uint64_t word)
{
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(word >> 8 * i);
}

/* CPU n runs the task of process n, whose stack and task_struct are regions 2n and 2n + 1. */
static struct meminspect_dump machine(bool arm64)
{
	for (uint32_t cpu = 0; cpu < NR_CPUS; cpu++) {
		registers[cpu] = (struct meminspect_registers) {
			.cpu = cpu, .source = MEMINSPECT_REGISTERS_QEMU, .prstatus = prstatus[cpu],
			.size = arm64 ? CORE_PRSTATUS_ARM64 : CORE_PRSTATUS_X86_64,
		};
		memset(prstatus[cpu], 0, sizeof(prstatus[cpu]));
		put(prstatus[cpu] + (arm64 ? ARM64_SP : X86_64_RSP), STACK(cpu) + 0x3f00);
		/* Interrupts on: IF on x86_64, no I on arm64 */
		put(prstatus[cpu] + (arm64 ? ARM64_PSTATE : X86_64_FLAGS), arm64 ? 5 : 0x246);
		regions[2 * cpu] = (struct meminspect_region) {
			.name = "task_stack", .key_kind = MEMINSPECT_KEY_PID, .key = cpu,
			.vaddr = STACK(cpu), .size = 0x4000,
		};
		regions[2 * cpu + 1] = (struct meminspect_region) {
			.name = "task_struct", .key_kind = MEMINSPECT_KEY_PID, .key = cpu,
			.vaddr = TASK(cpu), .size = 0x1000,
		};
	}
	return (struct meminspect_dump) {
		.nr_regions = 2 * NR_CPUS, .regions = regions,
		.nr_registers = NR_CPUS, .registers = registers,
	};
}

int main(void)
{
	struct meminspect_dump dump = machine(false);

	is_number(suspect_task(&dump), TASK(1), "the first CPU that does not idle");
	put(prstatus[2] + X86_64_FLAGS, 0x46);
	is_number(suspect_task(&dump), TASK(2), "one with interrupts off goes before it");
	put(prstatus[3] + X86_64_FLAGS, 0x46);
	is_number(suspect_task(&dump), TASK(2), "of two, the first");
	registers[2].prstatus = NULL;
	is_number(suspect_task(&dump), TASK(3), "one without registers tells nothing");
	regions[7].verdict = MEMINSPECT_ABSENT;
	is_number(suspect_task(&dump), TASK(1), "nor does one whose task is missing");
	put(prstatus[1] + X86_64_RSP, STACK(1) + 0x4000);
	is_number(suspect_task(&dump), TASK(0), "nor one that is on no stack of a task; an idle one will do");
	dump.nr_registers = 0;
	is_number(suspect_task(&dump), 0, "nobody saved registers");

	dump = machine(true);
	is_number(suspect_task(&dump), TASK(1), "arm64");
	put(prstatus[3] + ARM64_PSTATE, 0x85);
	is_number(suspect_task(&dump), TASK(3), "arm64, interrupts off");
	return done_testing();
}
