// SPDX-License-Identifier: GPL-2.0-only
/* Opens what the user named, and shows how far long work has come. */
#include "tool.h"

#include <getopt.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Work that takes less than this is not worth a line, nor is a more frequent one. */
#define INTERVAL_MS	200

static bool line_shown;

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void show_progress(void *priv, const char *what, uint64_t done, uint64_t total)
{
	int64_t *last = priv, now = now_ms();

	if (now - *last < INTERVAL_MS)
		return;
	*last = now;
	line_shown = true;
	if (total)
		fprintf(stderr, "\r\033[K%s: %.0f%%", what, 100.0 * done / total);
	else
		fprintf(stderr, "\r\033[K%s: %llu", what, (unsigned long long)done);
	fflush(stderr);
}

void tool_progress_clear(void)
{
	if (line_shown)
		fputs("\r\033[K", stderr);
	line_shown = false;
}

struct meminspect_context *tool_context(void)
{
	static int64_t last;
	struct meminspect_context *context = meminspect_context_new();

	if (!context)
		tool_out_of_memory();
	last = now_ms();
	if (isatty(STDERR_FILENO))
		meminspect_set_progress(context, show_progress, &last);
	return context;
}

struct meminspect_dump *tool_open_dump(struct meminspect_context *context, const char *path)
{
	struct meminspect_dump *dump;

	if (meminspect_core_open(context, path, &dump)) {
		tool_error("%s", meminspect_error(context));
		return NULL;
	}
	tool_progress_clear();
	return dump;
}

int tool_command_on_dump(int argc, char **argv, const char *help, tool_dump_function function)
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
		function(context, dump, path);
		status = tool_finish(tool_status(dump));
	}
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	return status;
}
