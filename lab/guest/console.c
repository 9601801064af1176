// SPDX-License-Identifier: GPL-2.0-only
#include "guest.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int console = -1;

/* All that was said, for the host to read undisturbed */
static char said[65536];
static size_t said_length;

void console_open(void)
{
	console = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/*
 * The kernel writes its messages past the terminal's queue. What is still queued then would be
 * split by them, so leave nothing there.
 */
static void console_write(const char *text, size_t length)
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
	if ((size_t)length <= sizeof(said) - said_length) {
		memcpy(said + said_length, line, (size_t)length);
		said_length += (size_t)length;
	}
}

/* Through the kernel's log, which prints whole lines: for what the runner waits for */
void lab_mark(const char *text)
{
	char line[64];

	snprintf(line, sizeof(line), "LAB: %s\n", text);
	if (write_text("/dev/kmsg", line) < 0)
		lab_say("LAB: %s", text);
}

void console_hand_over(void)
{
	int port = port_open("facts");

	if (port < 0)
		return;
	port_write(port, said, said_length);
	close(port);
}
