// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes the look-up of keys: the input is a key, a NUL, and the text to find it in. */
#include "meminspect.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of their exact size, so that the sanitizers see a read behind the end. */
	char *key = strndup((const char *)data, size), *text;
	size_t key_size = strlen(key) + 1, length;
	const char *value, *used_by;
	uint64_t number;

	text = key_size < size ? strndup((const char *)data + key_size, size - key_size) :
				 strdup("");
	value = meminspect_vmcoreinfo_value(text, key, &length);
	if (value) {
		size_t at = (size_t)(value - text);

		/* The value stands between "KEY=" at the start of a line and its end. */
		if (at < key_size || length > strlen(value) || value[length] != '\n' ||
		    memchr(value, '\n', length) || value[-1] != '=' ||
		    memcmp(value - key_size, key, key_size - 1) ||
		    (at > key_size && value[-(ptrdiff_t)key_size - 1] != '\n'))
			abort();
	}
	for (int base = 0; base <= 16; base += base == 0 ? 10 : 6)
		if (!meminspect_vmcoreinfo_number(text, key, base, &number) && !value)
			abort();
	meminspect_vmcoreinfo_explain(key, &used_by);
	free(key);
	free(text);
	return 0;
}
