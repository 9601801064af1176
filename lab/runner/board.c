// SPDX-License-Identifier: GPL-2.0-only
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The value of a line key=value or key="value", or NULL when the line is for another key */
static char *value_of(const char *line, const char *key)
{
	size_t length = strlen(key);
	char *value;

	if (strncmp(line, key, length) != 0 || line[length] != '=')
		return NULL;
	value = strdup(line + length + 1);
	value[strcspn(value, "\n")] = '\0';
	length = strlen(value);
	if (length >= 2 && value[0] == '"' && value[length - 1] == '"') {
		memmove(value, value + 1, length - 2);
		value[length - 2] = '\0';
	}
	return value;
}

void board_load(struct board *board, const char *top, const char *name)
{
	const struct {
		const char *key;
		char **value;
	} keys[] = {
		{ "kernel_image", &board->kernel_image },
		{ "qemu", &board->qemu },
		{ "qemu_arguments", &board->qemu_arguments },
		{ "cmdline", &board->cmdline },
		{ "ram_base", &board->ram_base },
	};
	char *path, *line = NULL, *value;
	size_t size = 0;
	FILE *file;

	if (asprintf(&path, "%s/lab/board/%s/board", top, name) < 0)
		fail("no memory");
	file = fopen(path, "re");
	if (!file)
		fail("no board '%s': cannot open %s", name, path);
	board->name = strdup(name);
	while (getline(&line, &size, file) >= 0) {
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			value = value_of(line, keys[i].key);
			if (value)
				*keys[i].value = value;
		}
	}
	fclose(file);
	free(line);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!*keys[i].value)
			fail("%s does not set %s", path, keys[i].key);
	free(path);
}
