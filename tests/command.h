/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands, as a user gives them, and what they print. */
#ifndef TESTS_COMMAND_H
#define TESTS_COMMAND_H

#include "tap.h"

#include <stdlib.h>
#include <sys/wait.h>

static char output[1 << 20];

/* Runs a command of a shell, which leaves what it printed in @output; returns its exit status. */
__attribute__((format(printf, 1, 2)))
static int run(const char *format, ...)
{
	char command[4096];
	va_list arguments;
	size_t length;
	FILE *stream;
	int status;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	stream = popen(command, "r");
	length = fread(output, 1, sizeof(output) - 1, stream);
	output[length] = '\0';
	status = pclose(stream);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void prints(const char *text)
{
	if (!ok(strstr(output, text) != NULL, "... prints '%s'", text))
		diag("%s", output);
}

#endif /* TESTS_COMMAND_H */
