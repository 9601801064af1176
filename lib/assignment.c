// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Who gets what, if each of both sides has at most one partner and the sum of
 * weights is the highest: the Hungarian method, with potentials. Then, for each
 * pair, how much the sum falls if it must not be: the cheapest cycle of
 * exchanges through it.
 */
#include "minidump.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define FAR	(INT_MAX / 4)

struct assignment {
	size_t nr_files, nr_rows;
	size_t nr;		/* of either side, with partners that do not exist */
	const unsigned int *weights;
	size_t *row_of;		/* of each file */
};

static int weight(const struct assignment *assignment, size_t file, size_t row)
{
	if (file >= assignment->nr_files || row >= assignment->nr_rows)
		return 0;
	return assignment->weights[file * assignment->nr_rows + row];
}

/* What one search for a partner works on; index 0 of a row is nobody. */
struct search {
	int *file_potential, *row_potential, *slack;
	size_t *file_of, *from;
	bool *seen;
};

/* Gives @file a row, by a chain of exchanges. */
static void add_file(const struct assignment *assignment, struct search *search, size_t file)
{
	size_t nr = assignment->nr, row = 0;

	for (size_t i = 0; i <= nr; i++) {
		search->slack[i] = FAR;
		search->seen[i] = false;
	}
	search->file_of[0] = file;
	do {
		size_t nearest = 0, current = search->file_of[row];
		int step = FAR;

		search->seen[row] = true;
		for (size_t i = 1; i <= nr; i++) {
			int slack;

			if (search->seen[i])
				continue;
			slack = -weight(assignment, current - 1, i - 1) -
				search->file_potential[current] - search->row_potential[i];
			if (slack < search->slack[i]) {
				search->slack[i] = slack;
				search->from[i] = row;
			}
			if (search->slack[i] < step) {
				step = search->slack[i];
				nearest = i;
			}
		}
		for (size_t i = 0; i <= nr; i++) {
			if (search->seen[i]) {
				search->file_potential[search->file_of[i]] += step;
				search->row_potential[i] -= step;
			} else {
				search->slack[i] -= step;
			}
		}
		row = nearest;
	} while (search->file_of[row]);
	while (row) {
		search->file_of[row] = search->file_of[search->from[row]];
		row = search->from[row];
	}
}

static int find_best(struct assignment *assignment)
{
	size_t nr = assignment->nr;
	struct search search = {
		.file_potential = calloc(nr + 1, sizeof(int)),
		.row_potential = calloc(nr + 1, sizeof(int)),
		.slack = calloc(nr + 1, sizeof(int)),
		.file_of = calloc(nr + 1, sizeof(size_t)),
		.from = calloc(nr + 1, sizeof(size_t)),
		.seen = calloc(nr + 1, sizeof(bool)),
	};
	int error = 0;

	if (!search.file_potential || !search.row_potential || !search.slack || !search.file_of ||
	    !search.from || !search.seen)
		error = -ENOMEM;
	for (size_t i = 1; !error && i <= nr; i++)
		add_file(assignment, &search, i);
	for (size_t i = 1; !error && i <= nr; i++)
		assignment->row_of[search.file_of[i] - 1] = i - 1;
	free(search.file_potential);
	free(search.row_potential);
	free(search.slack);
	free(search.file_of);
	free(search.from);
	free(search.seen);
	return error;
}

/* Takes away what would be given for less than @margin. */
static int drop_unsure(struct assignment *assignment, int margin)
{
	size_t nr = assignment->nr;
	/* What it costs if the first takes the row of the second, over any others. */
	int *cost = calloc(nr * nr, sizeof(*cost));

	if (!cost)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++)
		for (size_t j = 0; j < nr; j++)
			cost[i * nr + j] = i == j ? FAR : weight(assignment, i, assignment->row_of[i]) -
							  weight(assignment, i, assignment->row_of[j]);
	for (size_t k = 0; k < nr; k++)
		for (size_t i = 0; i < nr; i++)
			for (size_t j = 0; cost[i * nr + k] < FAR && j < nr; j++) {
				int way = cost[i * nr + k] + cost[k * nr + j];

				if (cost[k * nr + j] < FAR && way < cost[i * nr + j])
					cost[i * nr + j] = way;
			}
	for (size_t i = 0; i < assignment->nr_files; i++)
		if (!weight(assignment, i, assignment->row_of[i]) || cost[i * nr + i] < margin)
			assignment->row_of[i] = SIZE_MAX;
	free(cost);
	return 0;
}

int assignment_solve(const unsigned int *weights, size_t nr_files, size_t nr_rows, int margin,
		     size_t *row_of)
{
	struct assignment assignment = {
		.nr_files = nr_files, .nr_rows = nr_rows, .weights = weights,
		/* One more, so that each can be left without a partner. */
		.nr = (nr_files > nr_rows ? nr_files : nr_rows) + 1,
	};
	int error;

	assignment.row_of = calloc(assignment.nr, sizeof(*assignment.row_of));
	if (!assignment.row_of)
		return -ENOMEM;
	error = find_best(&assignment);
	if (!error)
		error = drop_unsure(&assignment, margin);
	memcpy(row_of, assignment.row_of, nr_files * sizeof(*row_of));
	free(assignment.row_of);
	return error;
}
