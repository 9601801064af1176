// SPDX-License-Identifier: GPL-2.0-only
/* meminspect check: says what a core lacks. */
#include "tool.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>

static const char help[] =
	"Usage: meminspect check [OPTION]... CORE\n\n"
	"Prints a verdict on each region in CORE, and why, if one is not present, and what to\n"
	"expect of crash, drgn and gdb.\n"
	"      --vmlinux FILE  of the kernel that died: also list objects that are\n"
	"                      shorter than their type, behind which tools read something else\n"
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

static void print_straddling(void *priv, const struct meminspect_straddling *straddling)
{
	size_t *nr = priv;

	if (!(*nr)++)
		puts("\nShorter than their type: behind them, crash reads what comes next in the file");
	printf("  %s: %zu of %zu; %" PRIu64 " bytes, struct %s has %" PRIu64 "\n", straddling->region,
	       straddling->nr, straddling->nr_objects, straddling->least, straddling->type,
	       straddling->type_size);
}

static bool list_straddling(struct meminspect_context *context, const struct meminspect_dump *dump,
			    const char *vmlinux)
{
	size_t nr = 0;

	if (!meminspect_find_straddling(context, dump, vmlinux, print_straddling, &nr)) {
		if (!nr)
			puts("\nNo object is shorter than its type.");
		return true;
	}
	tool_error("%s", meminspect_error(context));
	return false;
}

static bool check(struct meminspect_context *context, const struct meminspect_dump *dump,
		  const char *vmlinux)
{
	struct tool_verdicts verdicts;

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
	if (vmlinux && !list_straddling(context, dump, vmlinux))
		return false;
	printf("\nExpected of the tools:\n");
	tool_print_questions(context, dump);
	return true;
}

int command_check(int argc, char **argv)
{
	static const struct option options[] = {
		{ "vmlinux", required_argument, NULL, 'v' },
		{ 0 }
	};
	struct meminspect_context *context;
	const char *path, *vmlinux = NULL;
	struct meminspect_dump *dump;
	int option, status;

	if (tool_help_wanted(argc, argv, help, &status))
		return status;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'v')
			return tool_usage_error(argv[0]);
		vmlinux = optarg;
	}
	path = tool_operand(argc, argv, "CORE");
	if (!path)
		return TOOL_FAILED;
	context = tool_context();
	dump = tool_open_dump(context, path);
	status = dump && check(context, dump, vmlinux) ? tool_finish(tool_status(dump)) : TOOL_FAILED;
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	return status;
}
