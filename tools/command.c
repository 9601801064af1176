// SPDX-License-Identifier: GPL-2.0-only
/* What all subcommands do with their options. */
#include "tool.h"

#include <getopt.h>
#include <string.h>

bool tool_help_wanted(int argc, char **argv, const char *help, int *status)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (strcmp(argv[i], "--help") && strcmp(argv[i], "-h"))
			continue;
		fputs(help, stdout);
		*status = tool_finish(TOOL_COMPLETE);
		return true;
	}
	return false;
}

int tool_usage_error(const char *command)
{
	fprintf(stderr, "Try 'meminspect %s --help'.\n", command);
	return TOOL_FAILED;
}

const char *tool_operand(int argc, char **argv, const char *what)
{
	if (argc - optind == 1)
		return argv[optind];
	if (argc == optind)
		tool_error("%s: %s is missing", argv[0], what);
	else
		tool_error("%s: '%s' is one argument too many", argv[0], argv[optind + 1]);
	tool_usage_error(argv[0]);
	return NULL;
}
