// SPDX-License-Identifier: GPL-2.0-only
#include "guest.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

static int console = -1;

void console_open(void)
{
	console = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/*
 * The kernel writes its messages past the terminal's queue. What is still queued then would be
 * split by them, so leave nothing there.
 */
void console_write(const char *text, size_t length)
{
	while (length > 0) {
		ssize_t done = write(console, text, length);

		if (done <= 0)
			return;
		tcdrain(console);
		text += done;
		length -= (size_t)done;
	}
}

void lab_say(const char *format, ...)
{
	char line[4096];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line) - 1, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	if ((size_t)length > sizeof(line) - 2)
		length = sizeof(line) - 2;
	line[length++] = '\n';
	console_write(line, (size_t)length);
}
