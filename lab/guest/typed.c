// SPDX-License-Identifier: GPL-2.0-only
/*
 * lab.type=COMMAND;COMMAND...: what somebody types on the living machine, with a + for each blank:
 * ls DIRECTORY, cat FILE, echo WORD >FILE. There is no shell that could run more.
 */
#include "guest.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int list(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory)
		return -1;
	while ((entry = readdir(directory)))
		lab_say("LAB: typed=%s", entry->d_name);
	closedir(directory);
	return 0;
}

static int show(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[1024];

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		lab_say("LAB: typed=%s", line);
	}
	fclose(file);
	return 0;
}

static int run(const char *command)
{
	char word[64], path[256];

	if (sscanf(command, "ls %255s", path) == 1)
		return list(path);
	if (sscanf(command, "cat %255s", path) == 1)
		return show(path);
	if (sscanf(command, "echo %63s >%255s", word, path) == 2)
		return write_text(path, word);
	errno = ENOSYS;
	return -1;
}

void type(const char *commands)
{
	char *all = strdup(commands), *place, *command;

	for (char *at = all; at && *at; at++)
		if (*at == '+')
			*at = ' ';
	for (command = strtok_r(all, ";", &place); command; command = strtok_r(NULL, ";", &place)) {
		lab_say("LAB: type=%s", command);
		if (run(command) < 0)
			lab_say("LAB: error=%s: %s", command, strerror(errno));
	}
	free(all);
}
