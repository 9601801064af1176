// SPDX-License-Identifier: GPL-2.0-only
/* Output for people: what comes from a dump is never trusted with the terminal. */
#include "tool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void tool_print_escaped(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = text[i];

		if ((byte >= 0x20 && byte < 0x7f) || byte == '\t')
			putc(byte, out);
		else
			fprintf(out, "\\x%02x", byte);
	}
}

void tool_print_column(FILE *out, const char *text, int width)
{
	for (; *text; text++) {
		bool plain = *text >= 0x20 && *text < 0x7f;

		tool_print_escaped(out, text, 1);
		width -= plain ? 1 : 4;
	}
	fprintf(out, "%*s", width > 0 ? width : 0, "");
}

void tool_error(const char *format, ...)
{
	va_list arguments;
	char *text;

	tool_progress_clear();
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	fputs("meminspect: ", stderr);
	tool_print_escaped(stderr, text ? text : "out of memory",
			   strlen(text ? text : "out of memory"));
	putc('\n', stderr);
	free(text);
}

void tool_out_of_memory(void)
{
	tool_error("out of memory");
	exit(TOOL_FAILED);
}

const char *tool_size(char buffer[TOOL_SIZE_LENGTH], uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double size = bytes / 1024.0;
	unsigned int unit = 0;

	if (bytes < 1024) {
		snprintf(buffer, TOOL_SIZE_LENGTH, "%u B", (unsigned int)bytes);
		return buffer;
	}
	while (size >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		size /= 1024;
		unit++;
	}
	snprintf(buffer, TOOL_SIZE_LENGTH, "%.1f %s", size, units[unit]);
	return buffer;
}

const char *tool_time(char buffer[TOOL_TIME_LENGTH], int64_t seconds)
{
	time_t wall = seconds;
	struct tm parts;

	/* A dump may claim any time. */
	if (!gmtime_r(&wall, &parts) ||
	    !strftime(buffer, TOOL_TIME_LENGTH, "%Y-%m-%d %H:%M:%S UTC", &parts))
		snprintf(buffer, TOOL_TIME_LENGTH, "%lld s after 1970", (long long)seconds);
	return buffer;
}

static const char *sequence(FILE *out, const char *text)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(fileno(out)) && !(no_color && *no_color) ? text : "";
}

const char *tool_bold(FILE *out)
{
	return sequence(out, "\033[1m");
}

const char *tool_red(FILE *out)
{
	return sequence(out, "\033[31m");
}

const char *tool_plain(FILE *out)
{
	return sequence(out, "\033[0m");
}

int tool_finish(int status)
{
	int error;

	errno = 0;
	if (!ferror(stdout) && !fflush(stdout))
		return status;
	error = errno;
	tool_error("standard output: can't write: %s", error ? strerror(error) : "an earlier error");
	return TOOL_FAILED;
}
