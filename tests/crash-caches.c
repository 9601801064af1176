// SPDX-License-Identifier: GPL-2.0-only
/* Stops an update and loses what the caches held. */
#include "crash-checks.h"
#include <stdlib.h>
#include "tap.h"

#define LINE_BYTES		64
#define LINES_PER_PAGE		(PAGE_BYTES / LINE_BYTES)

/* RAM and caches; a line of the cache may be written back at any time. */
struct caches {
	struct ram *ram, *cpu;
	size_t nr_dirty;
	struct {
		uint16_t page, line;
	} dirty[MAX_PAGES * LINES_PER_PAGE];
};

static void copy_line(struct ram *to, const struct ram *from, size_t page, size_t line)
{
	memcpy(&to->bytes[page][line * LINE_BYTES], &from->bytes[page][line * LINE_BYTES],
	       LINE_BYTES);
}

static void find_dirty_lines(struct caches *caches)
{
	size_t page, line;

	caches->nr_dirty = 0;
	for (page = 0; page < caches->ram->nr_pages; page++) {
		if (!memcmp(caches->ram->bytes[page], caches->cpu->bytes[page], PAGE_BYTES))
			continue;
		for (line = 0; line < LINES_PER_PAGE; line++) {
			if (!memcmp(&caches->ram->bytes[page][line * LINE_BYTES],
				    &caches->cpu->bytes[page][line * LINE_BYTES], LINE_BYTES))
				continue;
			caches->dirty[caches->nr_dirty].page = page;
			caches->dirty[caches->nr_dirty++].line = line;
		}
	}
}

/* Of the dirty lines those in the set reached RAM. */
static bool stop_with_lines(struct stop *stop, const struct caches *caches, const bool *set)
{
	bool good;
	size_t i;

	for (i = 0; i < caches->nr_dirty; i++)
		if (set[i])
			copy_line(stop->ram, caches->cpu, caches->dirty[i].page,
				  caches->dirty[i].line);
	good = stop_here(stop);
	for (i = 0; i < caches->nr_dirty; i++)
		copy_line(stop->ram, caches->ram, caches->dirty[i].page, caches->dirty[i].line);
	return good;
}

static bool stop_with_any_lines(struct stop *stop, const struct caches *caches)
{
	static bool set[MAX_PAGES * LINES_PER_PAGE];
	size_t nr = caches->nr_dirty, i, j;
	bool good = true;

	if (nr <= ALL_SUBSETS_UP_TO) {
		for (i = 0; i < 1U << nr && good; i++) {
			for (j = 0; j < nr; j++)
				set[j] = i >> j & 1;
			good = stop_with_lines(stop, caches, set);
		}
		return good;
	}
	for (i = 0; i < 2 * nr + 200 && good; i++) {
		for (j = 0; j < nr; j++)
			set[j] = i < nr ? j == i : i < 2 * nr ? j != i - nr : random_bits() >> 63;
		good = stop_with_lines(stop, caches, set);
	}
	return good;
}

/* The power goes, or a cluster is reset: lines that were not cleaned are old, or are not. */
bool stop_without_caches(const struct update *update)
{
	static struct caches caches;
	struct stop stop = { .update = update, .what = "without caches" };
	bool good = true;
	const char *why;
	size_t i, j;

	caches.ram = copy_of(&update->before);
	caches.cpu = copy_of(&update->before);
	/* New memory was cleared by a CPU: RAM still holds what was there before. */
	for (i = update->nr_old_pages; i < caches.ram->nr_pages; i++)
		for (j = 0; j < PAGE_BYTES; j++)
			caches.ram->bytes[i][j] = random_bits();
	stop.ram = copy_of(caches.ram);

	for (i = 0; i < update->nr_steps && good; i++) {
		const struct step *step = &update->steps[i];

		if (step->page < 0)
			continue;
		if (step->store)
			apply_step(caches.cpu, step);
		for (j = step->offset / LINE_BYTES;
		     !step->store && j * LINE_BYTES < step->offset + step->size; j++) {
			copy_line(caches.ram, caches.cpu, step->page, j);
			copy_line(stop.ram, caches.cpu, step->page, j);
		}
		find_dirty_lines(&caches);
		stop.step = i;
		stop.old = judge(caches.ram, update->states, update->nr_states, &why);
		stop.new = judge(caches.cpu, update->states, update->nr_states, &why);
		if (stop.old < 0 || stop.new < 0) {
			diag("step %zu of %zu, RAM %s caches: %s", i, update->nr_steps,
			     stop.old < 0 ? "without" : "with", why);
			good = false;
		} else {
			good = stop.new <= stop.old + 1 && stop_with_any_lines(&stop, &caches);
		}
	}
	if (good && stop.old != (int)update->nr_states - 1)
		good = false;
	free(caches.ram);
	free(caches.cpu);
	free(stop.ram);
	return good;
}
