// SPDX-License-Identifier: GPL-2.0-only
/* The last lines of the log, for the report. */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NR_LINES	15
/* printk() makes no longer ones, but a dump may hold anything. */
#define LINE_LENGTH	1024

struct line {
	uint64_t time;
	size_t length;
	char text[LINE_LENGTH];
};

/* The line of number n is at n % NR_LINES. */
struct tail {
	uint64_t nr;
	struct line lines[NR_LINES];
};

static int take_record(void *priv, const struct meminspect_log_record *record)
{
	const char *text = record->text, *end = text + record->length;
	struct tail *tail = priv;

	do {
		const char *newline = memchr(text, '\n', end - text);
		struct line *line = &tail->lines[tail->nr++ % NR_LINES];
		size_t length = (newline ? newline : end) - text;

		line->time = record->time;
		line->length = length < LINE_LENGTH ? length : LINE_LENGTH;
		memcpy(line->text, text, line->length);
		text = newline ? newline + 1 : end;
	} while (text < end);
	return 0;
}

void report_log(struct meminspect_context *context, const struct meminspect_dump *dump)
{
	struct meminspect_log_summary summary;
	struct tail *tail = calloc(1, sizeof(*tail));
	int error;

	report_heading("Log, its last lines");
	if (!tail)
		tool_out_of_memory();
	error = meminspect_log(context, dump, take_record, tail, &summary);
	for (uint64_t n = tail->nr > NR_LINES ? tail->nr - NR_LINES : 0; n < tail->nr; n++) {
		const struct line *line = &tail->lines[n % NR_LINES];

		printf("  [%5" PRIu64 ".%06" PRIu64 "] ", line->time / 1000000000,
		       line->time / 1000 % 1000000);
		tool_print_escaped(stdout, line->text, line->length);
		putchar('\n');
	}
	if (error) {
		fputs("  can't be decoded: ", stdout);
		tool_print_escaped(stdout, meminspect_error(context),
				   strlen(meminspect_error(context)));
		putchar('\n');
	} else {
		printf("  %" PRIu64 " records in all, %" PRIu64 " lost\n", summary.records,
		       summary.lost);
	}
	free(tail);
}
