// SPDX-License-Identifier: GPL-2.0-only
/* meminspect check: says what a core lacks. */
#include "tool.h"

#include <getopt.h>

static const char help[] =
	"Usage: meminspect check CORE\n\n"
	"Prints a verdict on each region in CORE, and why, if one is not present.\n"
	"Exit status: 0 all is there, 1 something is missing or damaged, 2 no answer.\n";

int command_check(int argc, char **argv)
{
	static const struct option options[] = { { 0 } };
	struct meminspect_context *context;
	struct meminspect_dump *dump;
	const char *path;
	int status;

	if (tool_help_wanted(argc, argv, help, &status))
		return status;
	if (getopt_long(argc, argv, "", options, NULL) != -1)
		return tool_usage_error(argv[0]);
	path = tool_operand(argc, argv, "CORE");
	if (!path)
		return TOOL_FAILED;
	context = tool_context();
	dump = tool_open_dump(context, path);
	status = TOOL_FAILED;
	if (dump) {
		status = tool_status(dump);
		tool_print_regions(stdout, dump);
		if (status != TOOL_COMPLETE)
			printf("\nMissing or damaged:\n");
		tool_print_problems(stdout, dump);
		putchar('\n');
		tool_print_verdicts(stdout, dump);
		putchar('\n');
		status = tool_finish(status);
	}
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	return status;
}
