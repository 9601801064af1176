// SPDX-License-Identifier: GPL-2.0-only
/* What firmware calls a region: md_, its name, its number unless that is 0, and .BIN */
#include "firmware.h"

#include <stdio.h>
#include <string.h>

const char *name_region(struct region *region, const uint8_t *field, uint32_t sequence,
			bool lower_case)
{
	char name[NAME_SIZE + 1] = "", number[16] = "", file[64];
	int length;

	/* Ends at a NUL, or with the field */
	memcpy(name, field, strnlen((const char *)field, NAME_SIZE));
	if (!*name)
		return "it has no name";
	for (const char *c = name; *c; c++)
		if (*c <= ' ' || *c > '~' || *c == '/' || *c == '\\')
			return "its name is none that a file can have";
	if (sequence)
		snprintf(number, sizeof(number), "%u", sequence);
	length = snprintf(file, sizeof(file), "md_%s%s", name, number);
	if (length + (int)strlen(".BIN") >= FILE_NAME_SIZE)
		return "its name and number are too long for the table that a host gets";
	memcpy(region->name, file, (size_t)length + 1);
	snprintf(region->file, sizeof(region->file), "%.15s%s", file, lower_case ? ".bin" : ".BIN");
	return NULL;
}
