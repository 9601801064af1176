// SPDX-License-Identifier: LGPL-2.1-only
/*
 * How much says that a file has a row: its size, its number, its name. Of all
 * ways to give each row one file, the best is taken, as far as no other comes
 * near it.
 */
#include "minidump.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The work grows with its third power; no boot firmware has more rows. */
#define MAX_MATCHED	512U

enum {
	SCORE_NAME	= 60,	/* a section's, as far as names of this minidump go */
	SCORE_NUMBER	= 40,	/* all digits at the end of the file's name */
	SCORE_DIGITS	= 20,	/* the last of them */
	SCORE_SIZE	= 30,
	SCORE_FITS	= 25,	/* the directory has something of that name there */
	SCORE_DAMAGED	= 15,	/* less: the directory should have told */
	SCORE_NOTHING	= 5,	/* the file's name has no number */
	MARGIN		= 10,
};

struct matcher {
	struct minidump *minidump;
	size_t longest;		/* name of a file */
	uint64_t head[MEMINSPECT_COPIES];	/* of the directory, as VMCOREINFO has it, or 0 */
	size_t nr_files, nr_rows;
	size_t files[MAX_MATCHED], rows[MAX_MATCHED];
	bool *siblings;		/* the file's name without its number starts another's */
};

/*
 * "Kcpu5" and "Kcpu16": names that differ in digits only were told apart by
 * digits. One of them must have a possible number, or they are of another dump.
 */
static void find_siblings(struct matcher *matcher)
{
	const struct minidump_files *files = &matcher->minidump->files;
	size_t nr_rows = matcher->minidump->header.nr_rows;

	for (size_t i = 0; i < files->nr; i++) {
		const char *full = files->files[i].name.full;
		size_t length = strlen(full);
		uint32_t number;

		while (length && isdigit((unsigned char)full[length - 1]))
			length--;
		for (size_t j = 0; j < files->nr && !matcher->siblings[i]; j++) {
			const char *other = files->files[j].name.full;

			matcher->siblings[i] = j != i && !strncasecmp(full, other, length) &&
					       strcasecmp(full, other) != 0 &&
					       isdigit((unsigned char)other[length]) &&
					       strspn(other + length, "0123456789") ==
					       strlen(other + length) &&
					       minidump_name_number(other, &number) &&
					       number <= nr_rows + 1;
		}
	}
}

static unsigned int score_section(const struct matcher *matcher, const char *full,
				  const struct minidump_row *row)
{
	size_t length = strlen(full), wanted = strlen(row->name);
	uint32_t number;

	if (!strcasecmp(full, row->name))
		return SCORE_NAME;
	/* All names were cut at the same length: this one could be any that starts like it. */
	if (length == matcher->longest && wanted > length && !strncasecmp(full, row->name, length))
		return SCORE_NAME;
	if (length > wanted && !strncasecmp(full, row->name, wanted) &&
	    minidump_name_number(full + wanted - 1, &number) &&
	    minidump_name_ends_in(full, number) == length - wanted)
		return SCORE_NUMBER;
	return 0;
}

static unsigned int score_number(const struct matcher *matcher, size_t file, size_t row)
{
	const struct minidump *minidump = matcher->minidump;
	const char *full = minidump->files.files[file].name.full;
	const struct minidump_row *to = &minidump->header.rows[row];
	bool same_size = minidump->files.files[file].size == to->size;
	size_t digits = minidump_name_ends_in(full, to->number);
	size_t length = strlen(full) - digits;
	unsigned int score = SCORE_NOTHING;
	uint32_t number = 0;

	if (minidump_name_number(full, &number)) {
		if (digits)
			score = number == to->number || matcher->siblings[file] ? SCORE_NUMBER :
										  SCORE_DIGITS;
		else if (minidump->header.style != MINIDUMP_NO_HEADER)
			return 0;
	}
	/* Digits that make it unique are no part of the region's name. */
	while (length > 2 && isdigit((unsigned char)full[length - 1]))
		length--;
	/* Part of a number, or none, says too little of a file that is damaged as well. */
	if (!same_size && (score == SCORE_NOTHING || (digits && number != to->number)))
		return 0;
	if (length > 1 && minidump_row_has(minidump, row, full + 1, length - 1))
		return score + SCORE_FITS;
	/* Neither size nor name is what it should be. */
	if (!same_size && to->nr_regions && to->nr_regions < ARRAY_SIZE(to->regions))
		return 0;
	/* Files that hold the directory were told by that; it must be damaged in this one. */
	if (score != SCORE_NOTHING && to->paddr &&
	    (to->paddr == matcher->head[0] || to->paddr == matcher->head[1]))
		return number == to->number ? score - SCORE_DAMAGED : 0;
	/* The size alone is no reason, nor are some digits. */
	return score == SCORE_NUMBER ? score : 0;
}

static unsigned int score(const struct matcher *matcher, size_t file, size_t row)
{
	const struct minidump *minidump = matcher->minidump;
	const struct minidump_row *to = &minidump->header.rows[row];
	const struct minidump_file *from = &minidump->files.files[file];
	unsigned int result;

	/* Nothing of it is there, whatever else is said. */
	if (to->lost || to->file != MINIDUMP_NO_FILE || !minidump_file_free(minidump, file))
		return 0;
	if (from->has_address)
		return 0;
	if (minidump->header.style == MINIDUMP_SECTIONS)
		result = score_section(matcher, from->name.full, to);
	else
		result = score_number(matcher, file, row);
	return result && from->size == to->size ? result + SCORE_SIZE : result;
}

/* The same file under two names: one is enough. */
static bool is_copy(const struct matcher *matcher, size_t file, size_t of)
{
	struct minidump_files *files = &matcher->minidump->files;
	const char *one = files->files[file].name.full, *other = files->files[of].name.full;
	uint32_t number, other_number;

	return files->files[file].size == files->files[of].size &&
	       (!strcasecmp(one, other) ||
		(minidump_name_number(one, &number) && minidump_name_number(other, &other_number) &&
		 number == other_number)) &&
	       minidump_files_same(files, file, of, files->files[of].size) == 1;
}

static void drop_copies(struct matcher *matcher)
{
	struct minidump *minidump = matcher->minidump;

	for (size_t i = 0; i < minidump->files.nr; i++) {
		struct minidump_file *files = minidump->files.files;

		for (size_t j = 0; j < minidump->files.nr && minidump_file_free(minidump, i); j++)
			if (j != i && !files[j].copy &&
			    (files[j].used || minidump_file_free(minidump, j)) &&
			    is_copy(matcher, i, j))
				files[i].used = files[i].copy = true;
	}
}

/* Files and rows that have no partner yet. */
static void gather(struct matcher *matcher)
{
	const struct minidump *minidump = matcher->minidump;

	for (size_t i = 0; i < minidump->files.nr && matcher->nr_files < MAX_MATCHED; i++)
		if (minidump_file_free(minidump, i) && !minidump->files.files[i].has_address)
			matcher->files[matcher->nr_files++] = i;
	for (size_t i = 0; i < minidump->header.nr_rows && matcher->nr_rows < MAX_MATCHED; i++)
		if (!minidump->header.rows[i].lost &&
		    minidump->header.rows[i].file == MINIDUMP_NO_FILE)
			matcher->rows[matcher->nr_rows++] = i;
}

static int match_all(struct matcher *matcher)
{
	unsigned int *weights = calloc(matcher->nr_files * matcher->nr_rows + 1, sizeof(*weights));
	size_t row_of[MAX_MATCHED];
	int error = weights ? 0 : -ENOMEM;

	for (size_t i = 0; !error && i < matcher->nr_files; i++)
		for (size_t j = 0; j < matcher->nr_rows; j++)
			weights[i * matcher->nr_rows + j] = score(matcher, matcher->files[i],
								  matcher->rows[j]);
	if (!error)
		error = assignment_solve(weights, matcher->nr_files, matcher->nr_rows, MARGIN,
					 row_of);
	for (size_t i = 0; !error && i < matcher->nr_files; i++)
		if (row_of[i] < matcher->nr_rows)
			error = minidump_assign(matcher->minidump, matcher->rows[row_of[i]],
						matcher->files[i]);
	free(weights);
	return error;
}

/* Rows that files are left for, but more than one, or files that fit other rows as well. */
static int explain_contested(struct matcher *matcher)
{
	struct minidump *minidump = matcher->minidump;

	for (size_t i = 0; i < minidump->header.nr_rows; i++) {
		struct minidump_row *row = &minidump->header.rows[i];

		for (size_t j = 0; j < minidump->files.nr && !row->why; j++)
			if (score(matcher, j, i) &&
			    minidump_row_fault(row, "unclear which file is its own: %s could be, but also another row's, or another file is as likely",
					       minidump->files.files[j].path))
				return -ENOMEM;
	}
	return 0;
}

int minidump_match_scores(struct minidump *minidump)
{
	struct matcher matcher = {
		.minidump = minidump,
		.siblings = calloc(minidump->files.nr + 1, sizeof(bool)),
	};
	int error;

	if (!matcher.siblings)
		return -ENOMEM;
	for (size_t i = 0; i < minidump->files.nr; i++) {
		size_t length = strlen(minidump->files.files[i].name.full);

		if (i != minidump->header_file && minidump_file_free(minidump, i) &&
		    length > matcher.longest)
			matcher.longest = length;
	}
	if (minidump->header.vmcoreinfo) {
		meminspect_vmcoreinfo_number(minidump->header.vmcoreinfo,
					     MEMINSPECT_VMCOREINFO_KEY0, 16, &matcher.head[0]);
		meminspect_vmcoreinfo_number(minidump->header.vmcoreinfo,
					     MEMINSPECT_VMCOREINFO_KEY1, 16, &matcher.head[1]);
	}
	find_siblings(&matcher);
	drop_copies(&matcher);
	gather(&matcher);
	error = match_all(&matcher);
	if (!error)
		error = explain_contested(&matcher);
	free(matcher.siblings);
	return error;
}
