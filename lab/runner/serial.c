// SPDX-License-Identifier: GPL-2.0-only
#include "machine.h"

#include <string.h>
#include <unistd.h>

/*
 * Puts the next whole line into serial->line. A line longer than the buffer is given in pieces;
 * what the guest sends is not to be trusted, so zeros in it become spaces.
 */
bool serial_next_line(struct serial *serial)
{
	char byte;

	while (read(serial->file, &byte, 1) == 1) {
		if (byte == '\n' || serial->length == sizeof(serial->line) - 1) {
			serial->line[serial->length] = '\0';
			serial->length = 0;
			return true;
		}
		serial->line[serial->length++] = byte ? byte : ' ';
	}
	return false;
}
