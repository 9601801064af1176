// SPDX-License-Identifier: GPL-2.0-only
/* Stops an update after each store, and after every order of stores that barriers allow. */
#include "crash-checks.h"
#include <stdlib.h>
#include "linux/files/include/linux/meminspect.h"
#include "shim.h"
#include "tap.h"

#define RANDOM_SUBSETS		3000
#define MAX_GROUP		4096

/* xorshift64, with the same seed in every run */
uint64_t random_bits(void)
{
	static uint64_t bits = 0x9e3779b97f4a7c15ULL;

	bits ^= bits << 13;
	bits ^= bits >> 7;
	bits ^= bits << 17;
	return bits;
}

void apply_step(struct ram *ram, const struct step *step)
{
	memcpy(&ram->bytes[step->page][step->offset], &step->value, sizeof(step->value));
}

struct ram *copy_of(const struct ram *ram)
{
	struct ram *copy = malloc(sizeof(*copy));

	if (!copy)
		shim_die("out of memory");
	*copy = *ram;
	return copy;
}

/* ---- what the recorded steps look like */

bool each_store_is_recorded(const struct update *update)
{
	struct ram *ram = copy_of(&update->before), *after = ram_now();
	bool same = true;
	size_t i;

	for (i = 0; i < update->nr_steps; i++) {
		const struct step *step = &update->steps[i];

		if (!step->store)
			continue;
		if (step->size != sizeof(uint32_t) || step->offset % sizeof(uint32_t)) {
			diag("a store of %u bytes at %#x", step->size, step->offset);
			same = false;
		}
		apply_step(ram, step);
	}
	for (i = 0; i < ram->nr_pages; i++)
		same &= !memcmp(ram->bytes[i], after->bytes[i], PAGE_BYTES);
	free(ram);
	free(after);
	return same;
}

/* After each group a barrier, then cleans that cover it, then the next group. */
bool each_group_is_cleaned(const struct update *update)
{
	uint8_t (*dirty)[PAGE_BYTES] = calloc(MAX_PAGES, sizeof(*dirty));
	size_t nr_dirty = 0, i, j;
	bool settled = true;

	for (i = 0; i < update->nr_steps; i++) {
		const struct step *step = &update->steps[i];

		if (step->page < 0) {
			settled = true;
		} else if (step->store) {
			if (settled && nr_dirty)
				break;
			settled = false;
			for (j = 0; j < step->size; j++)
				nr_dirty += !dirty[step->page][step->offset + j]++;
		} else if (settled) {
			for (j = 0; j < step->size; j++) {
				nr_dirty -= dirty[step->page][step->offset + j] != 0;
				dirty[step->page][step->offset + j] = 0;
			}
		}
	}
	if (i < update->nr_steps || nr_dirty)
		diag("%zu bytes are not cleaned before step %zu of %zu", nr_dirty, i,
		     update->nr_steps);
	free(dirty);
	return settled && !nr_dirty;
}

/* Number of the record in its chunk. */
static unsigned int record_of(const struct step *step)
{
	bool head = step->page < MEMINSPECT_COPIES;

	if (head && step->offset >= MEMINSPECT_IDENT_OFFSET &&
	    step->offset < MEMINSPECT_HEAD_ROWS_OFFSET)
		return step->offset < MEMINSPECT_CAPTURE_OFFSET ? 1 : 2;
	return step->offset / MEMINSPECT_ROW_SIZE * MEMINSPECT_ROW_SIZE;
}

/* In the chain, a record's copy 0 is written to the end, then copy 1, then the next record. */
bool copies_take_turns(const struct update *update)
{
	unsigned int stores[MEMINSPECT_COPIES] = { 0 };
	const struct step *last = NULL;
	size_t i;

	for (i = 0; i < update->nr_steps; i++) {
		const struct step *step = &update->steps[i];
		unsigned int copy = step->page % MEMINSPECT_COPIES;

		if (!step->store || (size_t)step->page >= update->nr_old_pages)
			continue;
		if (last && (step->page / 2 != last->page / 2 ||
			     record_of(step) != record_of(last) || (copy == 0 && stores[1]))) {
			if (stores[0] != stores[1])
				break;
			stores[0] = stores[1] = 0;
		}
		stores[copy]++;
		if (stores[1] > stores[0])
			break;
		last = step;
	}
	return i == update->nr_steps && stores[0] == stores[1];
}

/* A chunk is made ready before it becomes part of the chain: nobody else writes to it. */
bool stores_are_locked(const struct update *update)
{
	size_t i;

	for (i = 0; i < update->nr_steps; i++)
		if (update->steps[i].store && !update->steps[i].locked &&
		    (size_t)update->steps[i].page < update->nr_old_pages)
			return false;
	return true;
}

/* ---- stops */

bool stop_here(const struct stop *stop)
{
	const struct update *update = stop->update;
	const char *why = NULL;
	int found = judge(stop->ram, update->states, update->nr_states, &why);

	if (found >= 0 && (found == stop->old || found == stop->new))
		return true;
	if (found < 0)
		diag("%s at step %zu of %zu: %s", stop->what, stop->step, update->nr_steps,
		     why ? why : "no state");
	else
		diag("%s at step %zu of %zu: state %d, where %d or %d is right", stop->what,
		     stop->step, update->nr_steps, found, stop->old, stop->new);
	return false;
}

/* Stops after each store: the state goes from the first to the last, never back. */
bool stop_after_each_store(const struct update *update)
{
	struct stop stop = { .update = update, .ram = copy_of(&update->before),
			     .what = "after a store" };
	const char *why;
	bool good;
	size_t i;

	good = stop_here(&stop);
	for (i = 0; i < update->nr_steps && good; i++) {
		if (!update->steps[i].store)
			continue;
		apply_step(stop.ram, &update->steps[i]);
		stop.step = i;
		stop.new = stop.old + 1;
		good = stop_here(&stop);
		if (good)
			stop.old = judge(stop.ram, update->states, update->nr_states, &why);
	}
	if (good && stop.old != (int)update->nr_states - 1) {
		diag("the last state is never reached");
		good = false;
	}
	free(stop.ram);
	return good;
}

/* Makes the stores of a group that are in the set, reads, and takes them back. */
static bool stop_with_subset(const struct stop *stop, const struct step *const *group,
			     size_t size, const bool *set, const uint32_t *before)
{
	bool good;
	size_t i;

	for (i = 0; i < size; i++)
		if (set[i])
			apply_step(stop->ram, group[i]);
	good = stop_here(stop);
	for (i = size; i--; )
		memcpy(&stop->ram->bytes[group[i]->page][group[i]->offset], &before[i],
		       sizeof(before[i]));
	return good;
}

static bool stop_in_group(const struct stop *stop, const struct step *const *group, size_t size)
{
	static bool set[MAX_GROUP];
	uint32_t before[MAX_GROUP];
	bool good = true;
	size_t i, j, k, inverse;

	for (i = 0; i < size; i++)
		memcpy(&before[i], &stop->ram->bytes[group[i]->page][group[i]->offset],
		       sizeof(before[i]));
	if (size <= ALL_SUBSETS_UP_TO) {
		for (i = 0; i < 1U << size && good; i++) {
			for (j = 0; j < size; j++)
				set[j] = i >> j & 1;
			good = stop_with_subset(stop, group, size, set, before);
		}
		return good;
	}
	/* None or all, one, two; and all but these. */
	for (inverse = 0; inverse < 2; inverse++) {
		memset(set, inverse, sizeof(set));
		good = good && stop_with_subset(stop, group, size, set, before);
		for (i = 0; i < size && good; i++) {
			for (j = i; j < size && good; j++) {
				set[i] = set[j] = !inverse;
				good = stop_with_subset(stop, group, size, set, before);
				set[i] = set[j] = inverse;
			}
		}
	}
	for (k = 0; k < RANDOM_SUBSETS && good; k++) {
		for (i = 0; i < size; i++)
			set[i] = random_bits() >> 63;
		good = stop_with_subset(stop, group, size, set, before);
	}
	return good;
}

/* Between two barriers any of the stores may be seen, and any not. */
bool stop_in_any_order(const struct update *update)
{
	struct stop stop = { .update = update, .ram = copy_of(&update->before),
			     .what = "stores in another order" };
	const struct step *group[MAX_GROUP];
	struct ram *after = copy_of(&update->before);
	const char *why;
	size_t size = 0, i, j;
	bool good = true;

	for (i = 0; i <= update->nr_steps && good; i++) {
		if (i < update->nr_steps && update->steps[i].page >= 0) {
			if (!update->steps[i].store)
				continue;
			if (size == MAX_GROUP)
				shim_die("a group of more than %d stores", MAX_GROUP);
			group[size++] = &update->steps[i];
			apply_step(after, &update->steps[i]);
			continue;
		}
		if (!size)
			continue;
		stop.step = i;
		stop.new = judge(after, update->states, update->nr_states, &why);
		good = stop.new >= stop.old && stop.new <= stop.old + 1 &&
		       stop_in_group(&stop, group, size);
		stop.old = stop.new;
		for (j = 0; j < size; j++)
			apply_step(stop.ram, group[j]);
		size = 0;
	}
	if (good && stop.old != (int)update->nr_states - 1)
		good = false;
	free(stop.ram);
	free(after);
	return good;
}

/* Both at once: the regions of one state, the capture block of another. */
static size_t combine(const struct update *update, const struct update *other, struct state *states)
{
	size_t i, j, nr = 0;

	for (i = 0; i < update->nr_states; i++) {
		for (j = 0; j < other->nr_states; j++) {
			states[nr] = update->states[i];
			states[nr].has_capture = other->states[j].has_capture;
			states[nr++].capture = other->states[j].capture;
		}
	}
	return nr;
}

bool stop_for_another(const struct update *update, const struct update *other)
{
	struct state *states = calloc(MAX_STATES * MAX_STATES, sizeof(*states));
	size_t nr_states = combine(update, other, states);
	struct ram *ram = copy_of(&update->before), *both = NULL;
	int first = 0, second = 0, found = 0;
	const char *why = NULL;
	size_t i, j;

	for (i = 0; i < update->nr_steps && found >= 0; i++) {
		if (!update->steps[i].store)
			continue;
		apply_step(ram, &update->steps[i]);
		first = judge(ram, update->states, update->nr_states, &why);
		second = 0;
		free(both);
		both = copy_of(ram);
		for (j = 0; j < other->nr_steps && found >= 0; j++) {
			if (!other->steps[j].store)
				continue;
			apply_step(both, &other->steps[j]);
			found = judge(both, states, nr_states, &why);
			if (found < 0 || found / (int)other->nr_states != first ||
			    found % (int)other->nr_states < second) {
				diag("steps %zu and %zu: state %d: %s", i, j, found,
				     why ? why : "not the right one");
				found = -1;
			} else {
				second = found % (int)other->nr_states;
			}
		}
		if (found >= 0 && second != (int)other->nr_states - 1) {
			diag("step %zu: the second update is not seen", i);
			found = -1;
		}
	}
	free(ram);
	free(both);
	free(states);
	return found >= 0;
}
