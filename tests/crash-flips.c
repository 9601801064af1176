// SPDX-License-Identifier: GPL-2.0-only
/* Flips every bit of the directory, one at a time. */
#include "crash-checks.h"
#include <stdlib.h>
#include "tap.h"

static bool flip_is_found(const struct ram *ram, const struct state *state, const char **why)
{
	struct directory *directory = read_ram(ram, why);

	if (!directory)
		return false;
	*why = state_differs(directory, state);
	if (!*why && !directory->nr_problems)
		*why = "nothing is said of it";
	directory_free(directory);
	return !*why;
}

/* As in an image of RAM of which nothing else is known. */
static int64_t read_image(void *priv, uint64_t position, void *buffer, size_t length)
{
	const struct ram *ram = priv;
	size_t i;

	for (i = 0; i < ram->nr_pages; i++) {
		if (position < ram->paddr[i] || position - ram->paddr[i] > PAGE_BYTES - length)
			continue;
		memcpy(buffer, &ram->bytes[i][position - ram->paddr[i]], length);
		return length;
	}
	return 0;
}

static bool head_is_found(const struct ram *ram, const char **why)
{
	struct meminspect_context *context = meminspect_context_new();
	struct head_search *search = head_search_new(context);
	struct meminspect_memory memory = { .context = context };
	uint64_t base = 0, head[MEMINSPECT_COPIES];
	bool good = false;
	size_t i;

	for (i = 0; i < ram->nr_pages; i++)
		head_search_window(search, ram->bytes[i], PAGE_BYTES, ram->paddr[i]);
	if (head_search_result(search, &memory, read_image, (void *)ram, &base, head))
		*why = "a search does not find the head";
	else if (head[0] != ram->paddr[0] || head[1] != ram->paddr[1])
		*why = "a search finds the head elsewhere";
	else
		good = true;
	head_search_free(search);
	memory_release(&memory);
	meminspect_context_free(context);
	return good;
}

bool each_flip_is_found(const struct update *update)
{
	struct ram *ram = ram_now();
	const struct state *state = &update->states[update->nr_states - 1];
	unsigned long nr_flips = 0;
	const char *why = NULL;
	bool good = true;
	size_t page, bit;

	for (page = 0; page < ram->nr_pages && good; page++) {
		for (bit = 0; bit < 8 * PAGE_BYTES && good; bit++) {
			bool in_head = page < MEMINSPECT_COPIES &&
				       bit / 8 < sizeof(struct meminspect_chunk_header);

			ram->bytes[page][bit / 8] ^= 1 << bit % 8;
			good = flip_is_found(ram, state, &why) &&
			       (!in_head || head_is_found(ram, &why));
			ram->bytes[page][bit / 8] ^= 1 << bit % 8;
			nr_flips++;
		}
	}
	if (good)
		diag("%lu bits flipped, in both copies of %zu chunks", nr_flips, ram->nr_pages / 2);
	else
		diag("chunk %zu, copy %zu, byte %#zx, bit %zu: %s", (page - 1) / 2, (page - 1) % 2,
		     (bit - 1) / 8, (bit - 1) % 8, why);
	free(ram);
	return good;
}
