// SPDX-License-Identifier: GPL-2.0-only
#include "crash-states.h"
#include <errno.h>
#include <stdlib.h>
#include "linux/files/kernel/meminspect/internal.h"
#include "shim.h"
#include "tap.h"

unsigned long crash_states;

static struct meminspect_context *context;

static int64_t read_pages(void *priv, uint64_t paddr, void *buffer, size_t length)
{
	const struct ram *ram = priv;
	size_t i;

	for (i = 0; i < ram->nr_pages; i++) {
		if (paddr == ram->paddr[i] && length == PAGE_BYTES) {
			memcpy(buffer, ram->bytes[i], length);
			return length;
		}
	}
	return 0;
}

struct ram *ram_now(void)
{
	struct ram *ram = calloc(1, sizeof(*ram));
	const struct meminspect_chunk *chunk;
	unsigned int i;

	if (!ram || 2 * meminspect_nr_chunks > MAX_PAGES)
		shim_die("the directory is too large for the test");
	for (i = 0; i < 2 * meminspect_nr_chunks; i++) {
		chunk = meminspect_get_chunk(i / 2);
		ram->paddr[i] = chunk->pa[i % 2];
		ram->va[i] = chunk->copy[i % 2];
		memcpy(ram->bytes[i], ram->va[i], PAGE_BYTES);
	}
	ram->nr_pages = i;
	return ram;
}

struct directory *read_ram(const struct ram *ram, const char **why)
{
	struct directory *directory;

	if (!context)
		context = meminspect_context_new();
	crash_states++;
	if (!directory_read(context, read_pages, (void *)ram, ram->paddr, &directory))
		return directory;
	*why = meminspect_error(context);
	return NULL;
}

/* All but state and checksum, which are the reader's business. */
static bool record_differs(bool has, const void *got, bool expected_it, const void *expected,
			   size_t size)
{
	size_t skip = sizeof(struct meminspect_record);

	return has != expected_it ||
	       (has && memcmp((const char *)got + skip, (const char *)expected + skip, size - skip));
}

const char *state_differs(const struct directory *directory, const struct state *state)
{
	if (state->none)
		return "there should be no directory";
	if (record_differs(directory->has_ident, &directory->ident, state->has_ident,
			   &state->ident, sizeof(state->ident)))
		return "the identification block differs";
	if (record_differs(directory->has_capture, &directory->capture, state->has_capture,
			   &state->capture, sizeof(state->capture)))
		return "the capture block differs";
	if (directory->nr_chunks != state->nr_chunks)
		return "the number of chunks differs";
	return regions_differ(directory, &state->regions);
}

int judge(const struct ram *ram, const struct state *states, size_t nr_states, const char **why)
{
	struct directory *directory = read_ram(ram, why);
	static char complaint[1024];
	int found = -1;
	size_t i;

	if (!directory) {
		for (i = 0; i < nr_states; i++)
			if (states[i].none)
				return i;
		return -1;
	}
	*why = directory_complaint(directory);
	if (*why) {
		snprintf(complaint, sizeof(complaint), "%s", *why);
		*why = complaint;
	} else {
		for (i = 0; i < nr_states && found < 0; i++) {
			*why = state_differs(directory, &states[i]);
			if (!*why)
				found = i;
		}
	}
	directory_free(directory);
	return found;
}

void update_begin(struct update *update, const char *name)
{
	struct ram *ram = ram_now();

	memset(update, 0, sizeof(*update));
	update->name = name;
	update->nr_old_pages = ram->nr_pages;
	update->before = *ram;
	free(ram);
	shim_record();
}

/* False for what isn't in the directory. */
static bool locate(const struct ram *ram, const struct shim_event *event, struct step *step)
{
	size_t i;

	for (i = 0; i < ram->nr_pages; i++) {
		if (event->start < ram->va[i] || event->start >= ram->va[i] + PAGE_BYTES)
			continue;
		*step = (struct step){
			.store = event->type == SHIM_STORE,
			.locked = event->locked,
			.page = i,
			.offset = event->start - ram->va[i],
			.size = event->size,
			.value = event->value,
		};
		if (step->offset + step->size > PAGE_BYTES)
			shim_die("a store or clean reaches beyond its chunk");
		return true;
	}
	return false;
}

void update_end(struct update *update)
{
	struct ram *after = ram_now();
	size_t i;

	shim_recording = false;
	for (i = update->before.nr_pages; i < after->nr_pages; i++) {
		update->before.paddr[i] = after->paddr[i];
		update->before.va[i] = after->va[i];
	}
	update->before.nr_pages = after->nr_pages;

	update->steps = calloc(shim_nr_events + 1, sizeof(*update->steps));
	if (!update->steps)
		shim_die("out of memory");
	for (i = 0; i < shim_nr_events; i++) {
		struct step *step = &update->steps[update->nr_steps];

		if (shim_events[i].type == SHIM_BARRIER)
			*step = (struct step){ .page = -1 };
		else if (shim_events[i].type == SHIM_ALLOCATED ||
			 !locate(after, &shim_events[i], step))
			continue;
		update->nr_steps++;
	}
	free(after);
}

void update_free(struct update *update)
{
	size_t i;

	for (i = 0; i < update->nr_states; i++)
		expected_free(&update->states[i].regions);
	free(update->steps);
}
