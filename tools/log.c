// SPDX-License-Identifier: GPL-2.0-only
/* meminspect log: the kernel's log, in the form that dmesg has. */
#include "tool.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char help[] =
	"Usage: meminspect log [--level=LEVEL] [--last=N] CORE\n\n"
	"Prints the kernel's log, oldest message first, as dmesg does. No vmlinux is\n"
	"needed. Bytes that are no printable ASCII are written as \\xHH.\n\n"
	"  -l, --level=LEVEL  only messages of this level or a more severe one: emerg,\n"
	"                     alert, crit, err, warn, notice, info or debug, or 0 to 7\n"
	"  -n, --last=N       only the last N of these\n"
	"  -h, --help         show this\n\n"
	"Exit status: 0 all is there, 1 messages are missing or damaged, 2 no log was found.\n";

static const char *const level_names[] = {
	"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug",
};

#define MOST_VERBOSE 7

struct selection {
	uint8_t level;		/* the least severe that is wanted */
	uint64_t skip;		/* that many of the wanted come too early */
	uint64_t wanted;	/* seen so far */
};

static bool parse_level(const char *text, uint8_t *level)
{
	for (uint8_t i = 0; i <= MOST_VERBOSE; i++) {
		char digit[2] = { (char)('0' + i), '\0' };

		if (strcasecmp(text, level_names[i]) && strcmp(text, digit))
			continue;
		*level = i;
		return true;
	}
	tool_error("--level=%s: expected emerg, alert, crit, err, warn, notice, info or debug, "
		   "or 0 to 7", text);
	return false;
}

static bool parse_count(const char *text, uint64_t *count)
{
	char *end;

	errno = 0;
	*count = strtoull(text, &end, 10);
	if (!errno && end != text && !*end && text[0] >= '0' && text[0] <= '9')
		return true;
	tool_error("--last=%s: expected a number of messages", text);
	return false;
}

static int count_record(void *priv, const struct meminspect_log_record *record)
{
	struct selection *selection = priv;

	selection->wanted += record->level <= selection->level;
	return 0;
}

static int print_record(void *priv, const struct meminspect_log_record *record)
{
	struct selection *selection = priv;
	const char *line = record->text, *end = line + record->length;
	int indent;

	if (record->level > selection->level || selection->wanted++ < selection->skip)
		return 0;
	indent = printf("[%5" PRIu64 ".%06" PRIu64 "] ", record->time / 1000000000,
			record->time % 1000000000 / 1000);
	for (;;) {
		const char *next = memchr(line, '\n', (size_t)(end - line));

		tool_print_escaped(stdout, line, (size_t)((next ? next : end) - line));
		putchar('\n');
		if (!next)
			break;
		line = next + 1;
		printf("%*s", indent, "");
	}
	return ferror(stdout);
}

/* What is not in the output, on stderr; returns the exit status. */
static int tell_missing(const struct meminspect_log_summary *summary)
{
	/* A ring that is overwritten is no damage. */
	if (summary->first)
		tool_error("the log starts with message %" PRIu64
			   ": the kernel had overwritten older ones", summary->first);
	if (summary->lost)
		tool_error("%" PRIu64 " messages are lost: their memory is missing or damaged",
			   summary->lost);
	if (!summary->records)
		tool_error("the log holds no message");
	return summary->lost || !summary->records ? TOOL_INCOMPLETE : TOOL_COMPLETE;
}

/* A message can be there and yet be damaged: then its region is not present. */
static bool tell_damaged(const struct meminspect_dump *dump)
{
	bool damaged = false;

	for (size_t i = 0; i < meminspect_dump_nr_regions(dump); i++) {
		const struct meminspect_region *region = meminspect_dump_region(dump, i);

		if (region->class != MEMINSPECT_CLASS_LOG ||
		    region->verdict == MEMINSPECT_PRESENT)
			continue;
		tool_error("%s: %s: %s", region->name, meminspect_verdict_name(region->verdict),
			   region->why);
		/* What policy left out is no damage; without it there may be no log. */
		damaged |= region->verdict != MEMINSPECT_LEFT_OUT;
	}
	return damaged;
}

static int print_log(const char *path, uint8_t level, bool has_last, uint64_t last)
{
	struct meminspect_context *context = tool_context();
	struct meminspect_dump *dump = tool_open_dump(context, path);
	struct selection selection = { .level = level };
	struct meminspect_log_summary summary;
	int status = TOOL_FAILED, error = 0;

	if (!dump)
		goto out;
	if (has_last) {
		error = meminspect_log(context, dump, count_record, &selection, &summary);
		selection.skip = selection.wanted > last ? selection.wanted - last : 0;
		selection.wanted = 0;
	}
	if (!error)
		error = meminspect_log(context, dump, print_record, &selection, &summary);
	if (error < 0)
		tool_error("%s: %s", path, meminspect_error(context));
	else
		status = tool_finish(tell_missing(&summary));
	if (tell_damaged(dump) && status == TOOL_COMPLETE)
		status = TOOL_INCOMPLETE;
out:
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	return status;
}

int command_log(int argc, char **argv)
{
	static const struct option options[] = {
		{ "level", required_argument, NULL, 'l' },
		{ "last", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	uint8_t level = MOST_VERBOSE;
	bool has_last = false;
	uint64_t last = 0;
	int status, option;

	if (tool_help_wanted(argc, argv, help, &status))
		return status;
	while ((option = getopt_long(argc, argv, "l:n:h", options, NULL)) != -1) {
		if (option == 'l' && parse_level(optarg, &level))
			continue;
		if (option == 'n' && parse_count(optarg, &last)) {
			has_last = true;
			continue;
		}
		return tool_usage_error(argv[0]);
	}
	if (argc - optind != 1) {
		tool_error("log: expected one core");
		return tool_usage_error(argv[0]);
	}
	return print_log(argv[optind], level, has_last, last);
}
