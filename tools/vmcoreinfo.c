// SPDX-License-Identifier: GPL-2.0-only
/* meminspect vmcoreinfo: what the kernel says of itself to post-mortem tools. */
#include "tool.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"Usage: meminspect vmcoreinfo [--explain] CORE [KEY...]\n\n"
	"Prints VMCOREINFO, the note in which the kernel tells post-mortem tools its\n"
	"layout, as KEY=VALUE; only those with KEY, if any is given. A KEY is whole, as\n"
	"'SYMBOL(prb)', or a name that stands in several, as 'mem_section'.\n\n"
	"  -e, --explain  say what each key means and which architectures have it; also\n"
	"                 for a KEY that the core lacks\n"
	"  -h, --help     show this\n\n"
	"Exit status: 0 all is there, 1 a KEY or a part of the note is missing, 2 no note.\n";

/* Forms of keys: what can be said of one that nobody explains. */
static const struct form {
	const char *prefix;
	const char *meaning;
} forms[] = {
	{ "SYMBOL(", "address of the symbol" },
	{ "SIZE(", "bytes in the structure or type" },
	{ "OFFSET(", "offset of the member in its structure, in bytes" },
	{ "LENGTH(", "number of elements of the array" },
	{ "NUMBER(", "value of the variable or constant" },
	{ "CONFIG_", "the kernel was built with this option" },
};

static void print_meaning(const char *key)
{
	const char *used_by;
	const char *meaning = meminspect_vmcoreinfo_explain(key, &used_by);

	if (meaning) {
		printf("    %s\n    Architectures: %s.\n", meaning, used_by);
		return;
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (strncmp(key, forms[i].prefix, strlen(forms[i].prefix)))
			continue;
		printf("    Unknown to meminspect; by its form: %s.\n", forms[i].meaning);
		return;
	}
	printf("    Unknown to meminspect.\n");
}

/* What a KEY would mean if the core had it. A name is tried in every form. */
static void print_absent(const char *wanted)
{
	const char *used_by;
	bool any = false;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && !strchr(wanted, '('); i++) {
		bool open = strchr(forms[i].prefix, '(');
		char *key;

		if (asprintf(&key, "%s%s%s", forms[i].prefix, wanted, open ? ")" : "") < 0)
			tool_out_of_memory();
		if (meminspect_vmcoreinfo_explain(key, &used_by)) {
			printf("%s is not in this core\n", key);
			print_meaning(key);
			any = true;
		}
		free(key);
	}
	if (any)
		return;
	tool_print_escaped(stdout, wanted, strlen(wanted));
	printf(" is not in this core\n");
	print_meaning(wanted);
}

/* The whole key, or what stands in its parentheses before a dot, or behind CONFIG_. */
static bool key_matches(const char *key, const char *wanted)
{
	size_t length = strlen(wanted);
	const char *name = strchr(key, '(');

	if (!strcmp(key, wanted))
		return true;
	if (!length)
		return false;
	if (name)
		return !strncmp(name + 1, wanted, length) && strchr(".)", name[1 + length]) &&
		       name[1 + length];
	return !strncmp(key, "CONFIG_", 7) && !strcmp(key + 7, wanted);
}

static bool is_wanted(const char *key, char **wanted, bool *found, int nr_wanted)
{
	bool any = !nr_wanted;

	for (int i = 0; i < nr_wanted; i++) {
		if (!key_matches(key, wanted[i]))
			continue;
		found[i] = true;
		any = true;
	}
	return any;
}

/* Returns whether the line is one that a kernel writes. */
static bool print_line(const char *line, size_t length, bool cut, bool explain, char **wanted,
		       bool *found, int nr_wanted)
{
	const char *equals = memchr(line, '=', length);
	char *key = strndup(line, equals ? (size_t)(equals - line) : length);
	bool good = equals && !cut;

	if (!key)
		tool_out_of_memory();
	if (is_wanted(key, wanted, found, nr_wanted)) {
		tool_print_escaped(stdout, line, length);
		putchar('\n');
		if (explain && good)
			print_meaning(key);
		else if (explain)
			printf("    Damaged: %s.\n", cut ? "the note ends within this line" :
			       "not of the form KEY=VALUE");
	}
	free(key);
	return good;
}

/* Returns the exit status. */
static int print_note(const char *path, const char *text, bool explain, char **wanted,
		      int nr_wanted)
{
	bool *found = calloc((size_t)nr_wanted + 1, sizeof(*found));
	size_t damaged = 0;
	int status;

	if (!found) {
		tool_error("out of memory");
		return TOOL_FAILED;
	}
	while (*text) {
		size_t length = strcspn(text, "\n");

		damaged += !print_line(text, length, !text[length], explain, wanted, found,
				       nr_wanted);
		text += length + (text[length] == '\n');
	}
	status = damaged ? TOOL_INCOMPLETE : TOOL_COMPLETE;
	if (damaged)
		tool_error("%s: %zu lines of VMCOREINFO are damaged", path, damaged);
	for (int i = 0; i < nr_wanted; i++) {
		if (found[i])
			continue;
		tool_error("%s: VMCOREINFO has no '%s'", path, wanted[i]);
		status = TOOL_INCOMPLETE;
		if (explain)
			print_absent(wanted[i]);
	}
	free(found);
	return status;
}

/* Any of them may be about the note: its bytes have no checksum of their own. */
static bool tell_problems(const struct meminspect_dump *dump)
{
	size_t nr = meminspect_dump_nr_problems(dump);

	for (size_t i = 0; i < nr; i++)
		tool_error("%s", meminspect_dump_problem(dump, i));
	return nr;
}

int command_vmcoreinfo(int argc, char **argv)
{
	static const struct option options[] = {
		{ "explain", no_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	struct meminspect_context *context;
	struct meminspect_dump *dump;
	int status = TOOL_FAILED, option;
	const char *path, *text;
	bool explain = false;

	if (tool_help_wanted(argc, argv, help, &status))
		return status;
	while ((option = getopt_long(argc, argv, "eh", options, NULL)) != -1) {
		if (option != 'e')
			return tool_usage_error(argv[0]);
		explain = true;
	}
	if (optind == argc) {
		tool_error("vmcoreinfo: expected a core");
		return tool_usage_error(argv[0]);
	}
	path = argv[optind++];
	context = tool_context();
	dump = tool_open_dump(context, path);
	if (dump) {
		text = meminspect_dump_vmcoreinfo(dump);
		if (text && *text)
			status = print_note(path, text, explain, argv + optind, argc - optind);
		else
			tool_error("%s: this core has no VMCOREINFO", path);
		if (tell_problems(dump) && status == TOOL_COMPLETE)
			status = TOOL_INCOMPLETE;
		status = tool_finish(status);
	}
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	return status;
}
