// SPDX-License-Identifier: GPL-2.0-only
/* meminspect(1): finds the subcommand. */
#include "tool.h"

#include <string.h>

static const struct command {
	const char *name;
	int (*function)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "collect", command_collect, "read the marked regions of a dead machine into a core" },
	{ "extract", command_extract, "make a core of a dump of all memory" },
	{ "core", command_core, "write a core anew, from a core or an image of RAM" },
	{ "open", command_open, "start crash, drgn or gdb on a core" },
	{ "check", command_check, "say what a core lacks" },
	{ "report", command_report, "show what a core tells: why, when, CPUs, log, regions" },
	{ "regions", command_regions, "list the regions in a core" },
	{ "log", command_log, "print the kernel's log" },
	{ "vmcoreinfo", command_vmcoreinfo, "print and explain VMCOREINFO" },
	{ "kinfo", command_kinfo, "decode a page for boot firmware, name addresses by it" },
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *out)
{
	fputs("Usage: meminspect COMMAND [ARGUMENT...]\n\n"
	      "Reads what a kernel with meminspect left in RAM when it died, and writes it as\n"
	      "an ELF core that crash, drgn and gdb open.\n\nCommands:\n", out);
	for (size_t i = 0; i < NR_COMMANDS; i++)
		fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].summary);
	fputs("\n'meminspect COMMAND --help' tells more of each, meminspect(1) of all.\n"
	      "Exit status: 0 all is there, 1 something is missing or damaged, 2 no answer.\n", out);
}

/* Insertions, removals, replacements and swaps of neighbours that make @b of @a. */
static size_t distance(const char *a, const char *b)
{
	enum { LENGTH = 32 };
	size_t rows[LENGTH][LENGTH];
	size_t a_length = strlen(a), b_length = strlen(b);

	if (a_length >= LENGTH || b_length >= LENGTH)
		return LENGTH;
	for (size_t i = 0; i <= a_length; i++) {
		for (size_t j = 0; j <= b_length; j++) {
			size_t best;

			if (!i || !j) {
				rows[i][j] = i + j;
				continue;
			}
			best = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			if (rows[i - 1][j] + 1 < best)
				best = rows[i - 1][j] + 1;
			if (rows[i][j - 1] + 1 < best)
				best = rows[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    rows[i - 2][j - 2] + 1 < best)
				best = rows[i - 2][j - 2] + 1;
			rows[i][j] = best;
		}
	}
	return rows[a_length][b_length];
}

static int unknown_command(const char *name)
{
	const struct command *nearest = NULL;
	size_t least = 3;

	for (size_t i = 0; i < NR_COMMANDS; i++) {
		size_t far = distance(name, commands[i].name);

		if (far < least || !strncmp(name, commands[i].name, strlen(name))) {
			nearest = &commands[i];
			least = far < least ? far : least;
		}
	}
	if (nearest)
		tool_error("no command '%s'; did you mean '%s'?", name, nearest->name);
	else
		tool_error("no command '%s'; 'meminspect --help' lists them", name);
	return TOOL_FAILED;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return TOOL_FAILED;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return tool_finish(TOOL_COMPLETE);
	}
	if (!strcmp(argv[1], "--version")) {
		printf("meminspect %s\n", TOOL_VERSION);
		return tool_finish(TOOL_COMPLETE);
	}
	for (size_t i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].function(argc - 1, argv + 1);
	return unknown_command(argv[1]);
}
