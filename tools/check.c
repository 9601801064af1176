// SPDX-License-Identifier: GPL-2.0-only
/* meminspect check: says what a core lacks. */
#include "tool.h"

static const char help[] =
	"Usage: meminspect check CORE\n\n"
	"Prints a verdict on each region in CORE, and why, if one is not present.\n"
	"Exit status: 0 all is there, 1 something is missing or damaged, 2 no answer.\n";

/* A CPU that was never stopped, or could not be, is no damage, but must be known. */
static void print_registers(const struct meminspect_dump *dump)
{
	size_t nr[MEMINSPECT_REGISTERS_FIRMWARE + 1] = { 0 };

	for (size_t i = 0; i < meminspect_dump_nr_registers(dump); i++)
		nr[meminspect_dump_registers(dump, i)->source]++;
	printf("%zu CPUs: registers of %zu saved by the kernel, of %zu by QEMU, ",
	       meminspect_dump_nr_registers(dump), nr[MEMINSPECT_REGISTERS_KERNEL],
	       nr[MEMINSPECT_REGISTERS_QEMU]);
	if (nr[MEMINSPECT_REGISTERS_FIRMWARE])
		printf("of %zu by boot firmware, ", nr[MEMINSPECT_REGISTERS_FIRMWARE]);
	printf("of %zu by nobody\n", nr[MEMINSPECT_REGISTERS_NONE]);
}

static void check(struct meminspect_context *context, const struct meminspect_dump *dump,
		  const char *path)
{
	struct tool_verdicts verdicts;

	(void)path;
	tool_print_regions(stdout, dump);
	if (tool_status(dump) != TOOL_COMPLETE)
		printf("\nMissing or damaged:\n");
	tool_print_problems(stdout, dump);
	tool_count_verdicts(dump, &verdicts);
	if (verdicts.regions[MEMINSPECT_LEFT_OUT])
		printf("\nLeft out by policy:\n");
	tool_print_left_out(stdout, dump);
	putchar('\n');
	tool_print_verdicts(stdout, dump);
	putchar('\n');
	print_registers(dump);
	printf("\nExpected of the tools:\n");
	tool_print_questions(context, dump);
}

int command_check(int argc, char **argv)
{
	return tool_command_on_dump(argc, argv, help, check);
}
