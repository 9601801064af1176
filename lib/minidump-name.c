// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Names of a minidump's files: md_NAMENUMBER.BIN. Boot firmware keeps few
 * characters of a name, leaves the number out if it is 0, and puts the number
 * of a virtual machine before it. Who fetches the files may change the case.
 */
#include "minidump.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PREFIX "md_"
#define SUFFIX ".bin"
/* A number has at most this many digits: it is the number of a row. */
#define MAX_DIGITS 4

/* As "2d_" of md_2d_KELF_HDR.BIN: hexadecimal, a few digits. Names of regions have a K first. */
static size_t machine_length(const char *text)
{
	size_t length = 0;

	while (length < 4 && isxdigit((unsigned char)text[length]))
		length++;
	return length && text[length] == '_' && toupper((unsigned char)text[length + 1]) == 'K' ?
	       length : 0;
}

bool minidump_name_parse(const char *file, struct minidump_name *name)
{
	size_t length = strlen(file);
	size_t machine;

	memset(name, 0, sizeof(*name));
	if (length <= strlen(PREFIX) + strlen(SUFFIX) ||
	    strncasecmp(file, PREFIX, strlen(PREFIX)) != 0 ||
	    strcasecmp(file + length - strlen(SUFFIX), SUFFIX) != 0)
		return false;
	file += strlen(PREFIX);
	length -= strlen(PREFIX) + strlen(SUFFIX);
	machine = machine_length(file);
	if (machine) {
		memcpy(name->machine, file, machine);
		file += machine + 1;
		length -= machine + 1;
	}
	if (length >= sizeof(name->full))
		return false;
	memcpy(name->full, file, length);
	for (size_t i = 0; i < length; i++)
		if (name->full[i] < ' ' || name->full[i] > '~')
			return false;
	return length != 0;
}

/* Not all of a name can be a number. */
static size_t digits_at_end(const char *full)
{
	size_t length = strlen(full), digits = 0;

	while (digits + 1 < length && isdigit((unsigned char)full[length - 1 - digits]))
		digits++;
	return digits;
}

size_t minidump_name_ends_in(const char *full, uint32_t number)
{
	char text[12];
	size_t digits = sprintf(text, "%u", number);

	if (!number || digits > digits_at_end(full) ||
	    strcmp(full + strlen(full) - digits, text) != 0)
		return 0;
	return digits;
}

bool minidump_name_number(const char *full, uint32_t *number)
{
	size_t digits = digits_at_end(full);
	const char *text;

	if (digits > MAX_DIGITS)
		digits = MAX_DIGITS;
	text = full + strlen(full) - digits;
	/* A number is written without zeros before it. */
	while (*text == '0')
		text++;
	*number = strtoul(text, NULL, 10);
	return *text != '\0';
}

/* "irq_s_ab": two letters at the end only tell it from others that begin alike. */
static bool has_serial(const char *short_name, size_t length)
{
	return length > 3 && short_name[length - 3] == '_' &&
	       isalpha((unsigned char)short_name[length - 2]) &&
	       isalpha((unsigned char)short_name[length - 1]);
}

static bool letters_fit(const char *short_name, size_t length, const char *name)
{
	bool first = true;

	/* Whoever made it shorter may have left out any but the first letter. */
	for (size_t i = 0; i < length; i++) {
		int wanted = tolower((unsigned char)short_name[i]);

		if (!isalnum(wanted))
			continue;
		for (; *name && tolower((unsigned char)*name) != wanted; name++)
			if (first && isalnum((unsigned char)*name))
				return false;
		if (!*name++)
			return false;
		first = false;
	}
	return !first;
}

bool minidump_name_fits(const char *short_name, size_t length, const char *name)
{
	return letters_fit(short_name, length, name) ||
	       (has_serial(short_name, length) && letters_fit(short_name, length - 3, name));
}
