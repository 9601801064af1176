// SPDX-License-Identifier: GPL-2.0-only
/* Which task a core of a hang starts with. */
#include "core-format.h"
#include "tap.h"

#include <stdlib.h>

/* struct elf_prstatus and user_regs_struct of x86_64, user_pt_regs of arm64 */
#define X86_64_FLAGS	(112 + 18 * 8)
#define X86_64_RSP	(112 + 19 * 8)
#define ARM64_FP	(112 + 29 * 8)
#define ARM64_SP	(112 + 31 * 8)
#define ARM64_PSTATE	(112 + 33 * 8)
#define X86_64_ON	0x246U	/* RFLAGS: IF */
#define X86_64_OFF	0x46U
#define ARM64_ON	0x05U	/* EL1h */
#define ARM64_OFF	0x85U	/* and PSTATE.I */

#define NR_CPUS		4
#define STACK_SIZE	0x4000
#define STACK(cpu)	(0xffffc90000000000ULL + (cpu) * 0x10000ULL)
#define TASK(cpu)	(0xffff888000000000ULL + (cpu) * 0x4000ULL)
#define IRQ_STACK(cpu)	(0xffffc90001000000ULL + (cpu) * 0x10000ULL)
#define VARIABLE(cpu)	(0xffff888001000000ULL + (cpu) * 0x1000ULL)
#define TASK_STACK_AT	0x20	/* offset of task_struct.stack */

/* Regions of each CPU */
enum { TASK_STACK, TASK_STRUCT, INTERRUPT_STACK, CPU_VARIABLE, NR_REGIONS };

static uint8_t prstatus[NR_CPUS][CORE_PRSTATUS_ARM64];
static struct meminspect_registers registers[NR_CPUS];
static struct meminspect_region regions[NR_CPUS][NR_REGIONS];
static struct meminspect_piece pieces[NR_CPUS][NR_REGIONS];
static uint8_t contents[NR_CPUS][NR_REGIONS][STACK_SIZE];
static struct meminspect_dump *dump;

static void put(uint8_t *bytes, uint64_t word)
{
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(word >> 8 * i);
}

static void mark(uint32_t cpu, unsigned int which, const char *name, uint16_t class, uint16_t key_kind,
		 uint32_t key, uint64_t vaddr, uint64_t size)
{
	pieces[cpu][which] = (struct meminspect_piece) {
		.vaddr = vaddr, .length = size, .present = size, .data = contents[cpu][which],
	};
	regions[cpu][which] = (struct meminspect_region) {
		.name = name, .class = class, .key_kind = key_kind, .key = key, .vaddr = vaddr,
		.size = size, .nr_pieces = 1, .pieces = &pieces[cpu][which],
	};
}

static void set_sp(uint32_t cpu, uint64_t sp)
{
	put(prstatus[cpu] + (registers[cpu].size == CORE_PRSTATUS_ARM64 ? ARM64_SP : X86_64_RSP), sp);
}

static void set_interrupts(uint32_t cpu, bool on)
{
	if (registers[cpu].size == CORE_PRSTATUS_ARM64)
		put(prstatus[cpu] + ARM64_PSTATE, on ? ARM64_ON : ARM64_OFF);
	else
		put(prstatus[cpu] + X86_64_FLAGS, on ? X86_64_ON : X86_64_OFF);
}

/* CPU n runs the task of PID n on its stack, with interrupts on. */
static void start(bool arm64)
{
	memset(contents, 0, sizeof(contents));
	memset(prstatus, 0, sizeof(prstatus));
	for (uint32_t cpu = 0; cpu < NR_CPUS; cpu++) {
		registers[cpu] = (struct meminspect_registers) {
			.cpu = cpu, .source = MEMINSPECT_REGISTERS_QEMU, .prstatus = prstatus[cpu],
			.size = arm64 ? CORE_PRSTATUS_ARM64 : CORE_PRSTATUS_X86_64,
		};
		mark(cpu, TASK_STACK, "task_stack", MEMINSPECT_CLASS_TASK, MEMINSPECT_KEY_PID, cpu,
		     STACK(cpu), STACK_SIZE);
		mark(cpu, TASK_STRUCT, "task_struct", MEMINSPECT_CLASS_TASK, MEMINSPECT_KEY_PID, cpu,
		     TASK(cpu), 0x1000);
		mark(cpu, INTERRUPT_STACK, "irq_stack", MEMINSPECT_CLASS_STACK, MEMINSPECT_KEY_CPU, cpu,
		     IRQ_STACK(cpu), STACK_SIZE);
		mark(cpu, CPU_VARIABLE, arm64 ? "irq_stack_ptr" : "pcpu_hot", MEMINSPECT_CLASS_CPU,
		     MEMINSPECT_KEY_CPU, cpu, VARIABLE(cpu), 8);
		put(contents[cpu][TASK_STRUCT] + TASK_STACK_AT, STACK(cpu));
		put(contents[cpu][CPU_VARIABLE], arm64 ? IRQ_STACK(cpu) : TASK(cpu));
		set_sp(cpu, STACK(cpu) + 0x3f00);
		set_interrupts(cpu, true);
	}
	dump->nr_regions = NR_CPUS * NR_REGIONS;
	dump->regions = &regions[0][0];
	dump->nr_registers = NR_CPUS;
	dump->registers = registers;
	dump_changed(dump);
}

/* As all idle tasks, by PID 0 */
static void idle(uint32_t cpu)
{
	regions[cpu][TASK_STACK].key = 0;
	regions[cpu][TASK_STRUCT].key = 0;
}

static uint64_t suspect(void)
{
	uint64_t task = 1;

	return suspect_task(dump, &task) ? 1 : task;
}

static void test_both(bool arm64)
{
	const char *board = arm64 ? "arm64" : "x86_64";

	start(arm64);
	is_number(suspect(), TASK(1), "%s: the first CPU that does not idle", board);
	set_interrupts(2, false);
	is_number(suspect(), TASK(2), "%s: one with interrupts off goes before it", board);
	set_interrupts(3, false);
	is_number(suspect(), TASK(2), "%s: of two, the first", board);
	registers[2].prstatus = NULL;
	is_number(suspect(), TASK(3), "%s: one without registers tells nothing", board);
	regions[3][TASK_STRUCT].verdict = MEMINSPECT_ABSENT;
	is_number(suspect(), TASK(1), "%s: nor does one whose task is missing", board);
	set_sp(1, 0x7ffd00000000);
	is_number(suspect(), TASK(0), "%s: nor one in user mode; an idle one will do", board);
	dump->nr_registers = 0;
	is_number(suspect(), 0, "%s: nobody saved registers", board);

	start(arm64);
	idle(1);
	idle(3);
	set_interrupts(0, false);
	set_interrupts(1, false);
	is_number(suspect(), TASK(2), "%s: one that idles with interrupts off goes behind one in a task", board);
	idle(2);
	set_interrupts(0, true);
	is_number(suspect(), TASK(1), "%s: of idle ones, which all have the same PID, that with interrupts off", board);

	/* CPU 3 idled when an interrupt came that does not end. */
	set_interrupts(1, true);
	set_interrupts(3, false);
	regions[2][TASK_STACK].key = 7;
	regions[2][TASK_STRUCT].key = 7;
	set_sp(3, IRQ_STACK(3) + 0x3800);
	put(prstatus[3] + ARM64_FP, IRQ_STACK(3) + 0x3810);
	put(contents[3][INTERRUPT_STACK] + 0x3810, IRQ_STACK(3) + 0x3900);
	put(contents[3][INTERRUPT_STACK] + 0x3900, STACK(3) + 0x3e00);
	is_number(suspect(), TASK(3), "%s: one that is in an interrupt goes before one in a task", board);
	put(contents[3][INTERRUPT_STACK] + 0x3900, IRQ_STACK(3) + 0x3810);
	put(contents[3][CPU_VARIABLE], 0);
	is_number(suspect(), TASK(2), "%s: but not if nothing tells what it ran", board);
}

int main(void)
{
	dump = dump_new();
	if (!dump)
		return 1;
	test_both(false);
	test_both(true);
	return done_testing();
}
