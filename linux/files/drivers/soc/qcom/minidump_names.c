// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of rows. Boot firmware makes names of files of them, "md_" + name +
 * number + ".BIN", for which the host gets 20 bytes with the NUL. So a name and
 * its number have 12 characters. The whole name is in the directory. No name
 * ends in a digit, so that people and scripts see where the number starts.
 */
#include <linux/ctype.h>
#include <linux/string.h>

#include "minidump.h"

#define NAME_LENGTH	9	/* what three digits leave */
#define SUFFIX_LENGTH	3
#define NR_LETTERS	26

static void shorten(char *to, const char *from, size_t length)
{
	size_t i;

	to[0] = 'K';
	for (i = 0; i < length - 1 && from[i]; i++)
		to[i + 1] = isalnum(from[i]) ? from[i] : '_';
	if (isdigit(to[i]))
		to[i] = '_';
	to[i + 1] = '\0';
}

static bool is_taken(char names[][MEMINSPECT_NAME_SIZE], unsigned int nr_names,
		     const char *name)
{
	unsigned int i;

	/* That of the core header */
	if (!strcasecmp(name, "KELF"))
		return true;
	for (i = 0; i < nr_names; i++)
		if (!strcasecmp(names[i], name))
			return true;
	return false;
}

/* There are more suffixes than names. */
static void make_unique(char names[][MEMINSPECT_NAME_SIZE], unsigned int nr_names,
			const char *from)
{
	char *name = names[nr_names];
	unsigned int suffix = 0;
	char *end;

	do {
		shorten(name, from, NAME_LENGTH - SUFFIX_LENGTH);
		end = name + strlen(name);
		*end++ = '_';
		*end++ = 'a' + suffix / NR_LETTERS;
		*end++ = 'a' + suffix % NR_LETTERS;
		*end = '\0';
		suffix++;
	} while (is_taken(names, nr_names, name));
}

/**
 * minidump_name_rows - make names of the names of regions
 * @fit: the runs, at most MINIDUMP_MAX_RUNS
 * @names: set to a name for each of them, at most 9 characters
 *
 * No two are the same, in upper or lower case, even if firmware leaves the
 * numbers out.
 */
void minidump_name_rows(const struct meminspect_fit *fit,
			char names[][MEMINSPECT_NAME_SIZE])
{
	unsigned int i;

	static_assert(NR_LETTERS * NR_LETTERS > MINIDUMP_MAX_RUNS);
	for (i = 0; i < fit->nr_runs; i++) {
		shorten(names[i], fit->runs[i].name, NAME_LENGTH);
		if (is_taken(names, i, names[i]))
			make_unique(names, i, fit->runs[i].name);
	}
}
