// SPDX-License-Identifier: GPL-2.0-only
/* meminspect check: says what a core lacks. */
#include "tool.h"

static const char help[] =
	"Usage: meminspect check CORE\n\n"
	"Prints a verdict on each region in CORE, and why, if one is not present.\n"
	"Exit status: 0 all is there, 1 something is missing or damaged, 2 no answer.\n";

static void check(struct meminspect_context *context, const struct meminspect_dump *dump,
		  const char *path)
{
	(void)context;
	(void)path;
	tool_print_regions(stdout, dump);
	if (tool_status(dump) != TOOL_COMPLETE)
		printf("\nMissing or damaged:\n");
	tool_print_problems(stdout, dump);
	putchar('\n');
	tool_print_verdicts(stdout, dump);
	putchar('\n');
}

int command_check(int argc, char **argv)
{
	return tool_command_on_dump(argc, argv, help, check);
}
