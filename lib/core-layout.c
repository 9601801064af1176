// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Where in a core the bytes of each piece stand: in pages of the file as they were in pages of
 * memory, and pages that are alike once.
 */
#include "core-format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* What is larger is hardly alike, and would be held in memory twice to find out. */
#define MAX_LIKE_SIZE	(1U << 20)

/* Pieces in the same pages, or in pages behind each other */
struct run {
	size_t first;		/* lowest index of a piece */
	uint64_t paddr;		/* of its first page */
	uint64_t length;	/* bytes up to the end of its last piece */
	size_t place, nr_places;	/* its pieces */
	uint32_t crc;		/* of its pages, as they stand in the file */
	const struct run *like;	/* has the same pages, and comes before it; NULL if none */
	uint64_t offset;
};

/* What reaches farther comes first: it may hold the other. */
static int compare_places(const void *a, const void *b)
{
	const struct core_place *left = a, *right = b;

	if (left->piece->paddr != right->piece->paddr)
		return left->piece->paddr < right->piece->paddr ? -1 : 1;
	if (left->piece->present != right->piece->present)
		return left->piece->present > right->piece->present ? -1 : 1;
	return left->index < right->index ? -1 : 1;
}

static uint64_t end_of(const struct meminspect_piece *piece)
{
	return piece->paddr + piece->present;
}

/* A source that is alive may have read them differently. */
static bool holds(const struct core_place *place, const struct meminspect_piece *piece)
{
	const struct meminspect_piece *other = place->piece;

	return piece->paddr >= other->paddr && end_of(piece) <= end_of(other) &&
	       !memcmp(other->data + (piece->paddr - other->paddr), piece->data, piece->present);
}

/* In the order of physical addresses; returns the number of runs. */
static size_t find_runs(struct core_place *places, size_t nr, struct run *runs)
{
	struct core_place *last = NULL;	/* that reaches farthest */
	struct run *run = runs - 1;

	for (size_t i = 0; i < nr; i++) {
		struct core_place *place = &places[i];
		uint64_t paddr = place->piece->paddr;

		place->shared = last && holds(last, place->piece);
		if (!last || (!place->shared &&
			      (paddr < end_of(last->piece) ||
			       paddr / CORE_PAGE_SIZE > (end_of(last->piece) - 1) / CORE_PAGE_SIZE)))
			*++run = (struct run) {
				.first = place->index, .paddr = paddr & ~(uint64_t)(CORE_PAGE_SIZE - 1),
				.place = i,
			};
		if (place->index < run->first)
			run->first = place->index;
		run->nr_places++;
		if (place->shared)
			continue;
		run->length = end_of(place->piece) - run->paddr;
		last = place;
	}
	return run + 1 - runs;
}

static uint64_t size_of(const struct run *run)
{
	return core_align_up(run->length);
}

/* The pages of a run, for free(); NULL if memory is short. */
static uint8_t *make_pages(const struct core_place *places, const struct run *run)
{
	uint8_t *pages = malloc(size_of(run));

	if (!pages)
		return NULL;
	core_poison(pages, size_of(run));
	for (size_t i = run->place; i < run->place + run->nr_places; i++) {
		const struct meminspect_piece *piece = places[i].piece;

		memcpy(pages + (piece->paddr - run->paddr), piece->data, piece->present);
	}
	return pages;
}

/* Those that may be alike stand together, the first in the file first. */
static int compare_likeness(const void *a, const void *b)
{
	const struct run *left = *(struct run *const *)a, *right = *(struct run *const *)b;

	if (size_of(left) != size_of(right))
		return size_of(left) < size_of(right) ? -1 : 1;
	if (left->crc != right->crc)
		return left->crc < right->crc ? -1 : 1;
	return left->first < right->first ? -1 : left->first > right->first;
}

static int compare_first(const void *a, const void *b)
{
	const struct run *left = *(struct run *const *)a, *right = *(struct run *const *)b;

	return left->first < right->first ? -1 : left->first > right->first;
}

/* Returns 1 if they are, 0 if not, or -ENOMEM. */
static int are_alike(const struct core_place *places, const struct run *one, const struct run *other)
{
	uint8_t *pages, *others;
	int alike;

	if (size_of(one) > MAX_LIKE_SIZE || size_of(one) != size_of(other) ||
	    one->crc != other->crc)
		return 0;
	pages = make_pages(places, one);
	others = make_pages(places, other);
	alike = pages && others ? !memcmp(pages, others, size_of(one)) : -ENOMEM;
	free(pages);
	free(others);
	return alike;
}

/* Unused stacks have thousands of zeros for each CPU, and stacks of each task the same far end. */
static int find_likes(const struct core_place *places, struct run **order, size_t nr)
{
	const struct run *leader = NULL;

	for (size_t i = 0; i < nr; i++) {
		uint8_t *pages;

		if (size_of(order[i]) > MAX_LIKE_SIZE)
			continue;
		pages = make_pages(places, order[i]);
		if (!pages)
			return -ENOMEM;
		order[i]->crc = crc32_z(0, pages, size_of(order[i]));
		free(pages);
	}
	qsort(order, nr, sizeof(*order), compare_likeness);
	for (size_t i = 0; i < nr; i++) {
		int alike = leader ? are_alike(places, leader, order[i]) : 0;

		if (alike < 0)
			return alike;
		if (alike)
			order[i]->like = leader;
		else
			leader = order[i];
	}
	return 0;
}

static int compare_offsets(const void *a, const void *b)
{
	const struct core_place *left = a, *right = b;

	if (left->offset != right->offset)
		return left->offset < right->offset ? -1 : 1;
	return left->shared - right->shared;
}

static void set_offsets(struct core_place *places, struct run **order, size_t nr, uint64_t end)
{
	qsort(order, nr, sizeof(*order), compare_first);
	for (size_t i = 0; i < nr; i++) {
		struct run *run = order[i];

		run->offset = run->like ? run->like->offset : end;
		if (!run->like)
			end += size_of(run);
		for (size_t j = run->place; j < run->place + run->nr_places; j++) {
			struct core_place *place = &places[j];

			place->offset = run->offset + (place->piece->paddr - run->paddr);
			place->shared |= run->like != NULL;
		}
	}
}

/*
 * crash reads physical pages as pages of the file. Pieces of one page share it,
 * which makes thousands of small ones small. A file that loses its end loses
 * what comes last in the directory.
 */
int core_lay_out(struct core_place *places, size_t nr, uint64_t offset)
{
	struct run *runs = calloc(nr + 1, sizeof(*runs));
	struct run **order = calloc(nr + 1, sizeof(*order));
	int error = -ENOMEM;
	size_t nr_runs;

	if (!runs || !order)
		goto out;
	qsort(places, nr, sizeof(*places), compare_places);
	nr_runs = find_runs(places, nr, runs);
	for (size_t i = 0; i < nr_runs; i++)
		order[i] = &runs[i];
	error = find_likes(places, order, nr_runs);
	if (!error)
		set_offsets(places, order, nr_runs, offset);
	qsort(places, nr, sizeof(*places), compare_offsets);
out:
	free(runs);
	free(order);
	return error;
}
