// SPDX-License-Identifier: LGPL-2.1-only
/* Looks up keys in the text of VMCOREINFO: lines of KEY=VALUE, by a kernel that died. */
#include "internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *meminspect_vmcoreinfo_value(const char *text, const char *key, size_t *length)
{
	size_t key_length = strlen(key);

	/* Such a key would match across the border of a line or of a key. */
	if (!key_length || key[strcspn(key, "=\n")])
		return NULL;
	for (;;) {
		size_t line_length = strcspn(text, "\n");

		/* The kernel ends every line: one without an end was cut, its value may be too. */
		if (text[line_length] != '\n')
			return NULL;
		if (line_length > key_length && text[key_length] == '=' &&
		    !memcmp(text, key, key_length)) {
			*length = line_length - key_length - 1;
			return text + key_length + 1;
		}
		text += line_length + 1;
	}
}

int meminspect_vmcoreinfo_number(const char *text, const char *key, int base, uint64_t *value)
{
	char number[72];	/* 64 bits in any base, with sign and prefix */
	size_t length;
	const char *found = meminspect_vmcoreinfo_value(text, key, &length);
	unsigned long long result;
	const char *digits = number;
	char *end;

	if (!found)
		return -ENOENT;
	if (!length || length >= sizeof(number))
		return -EINVAL;
	memcpy(number, found, length);
	number[length] = '\0';

	/* The kernel prints many numbers as signed; what else strtoull() skips is no number. */
	digits += *digits == '-';
	if (!strchr("0123456789abcdefABCDEF", *digits) || !*digits)
		return -EINVAL;
	errno = 0;
	result = strtoull(number, &end, base);
	if (errno || end != number + length)
		return -EINVAL;
	*value = result;
	return 0;
}

/* The kernel ends every line. A cut one would look whole to whoever reads the core. */
int vmcoreinfo_drop_cut_line(struct meminspect_dump *dump)
{
	size_t length = strlen(dump->vmcoreinfo);
	int error;

	if (!length || dump->vmcoreinfo[length - 1] == '\n')
		return 0;
	while (length && dump->vmcoreinfo[length - 1] != '\n')
		length--;
	error = dump_add_problem(dump, "VMCOREINFO ends within a line, which is left out: %s",
				 dump->vmcoreinfo + length);
	dump->vmcoreinfo[length] = '\0';
	return error;
}
