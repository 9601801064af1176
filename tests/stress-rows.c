// SPDX-License-Identifier: GPL-2.0-only
/*
 * stress-rows SOCKET ROUNDS: stops a machine that runs the lab's stress at random moments, reads
 * its directory each time, and tells whether every row of the stress is true: lab_stress.h says
 * what its memory holds as long as it is marked.
 */
#include <inttypes.h>
#include <meminspect.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static unsigned long long seen;

/* The words of a region, from all its pieces */
static uint64_t *join(const struct meminspect_region *region)
{
	uint8_t *bytes = malloc(region->size);
	size_t done = 0;

	for (size_t i = 0; bytes && i < region->nr_pieces; i++) {
		const struct meminspect_piece *piece = &region->pieces[i];

		if (piece->present != piece->length || piece->length > region->size - done) {
			free(bytes);
			return NULL;
		}
		memcpy(bytes + done, piece->data, piece->length);
		done += piece->length;
	}
	return (uint64_t *)bytes;
}

static const char *falsehood(const struct meminspect_region *region)
{
	uint64_t *words;
	const char *why = NULL;

	if (region->verdict != MEMINSPECT_PRESENT)
		return region->why;
	words = join(region);
	if (!words)
		return "its pieces are not its size";
	if (words[1] != region->size || words[2] != region->vaddr)
		why = "its memory is another region's, or nobody's";
	for (size_t i = 3; !why && i < region->size / sizeof(*words); i++)
		if (words[i] != words[0] * i)
			why = "its memory changed";
	if (why)
		printf("# words %#" PRIx64 " %#" PRIx64 " %#" PRIx64 "\n", words[0], words[1],
		       words[2]);
	free(words);
	return why;
}

static int check_round(struct meminspect_context *context, const char *socket, unsigned int round)
{
	struct meminspect_memory *memory;
	struct meminspect_dump *dump;
	int bad = 0;

	if (meminspect_memory_open_qmp(context, socket, &memory) ||
	    meminspect_collect(context, memory, &dump)) {
		printf("# stop %u: %s\n", round, meminspect_error(context));
		return 1;
	}
	for (size_t i = 0; i < meminspect_dump_nr_problems(dump); i++) {
		printf("# stop %u: %s\n", round, meminspect_dump_problem(dump, i));
		bad++;
	}
	for (size_t i = 0; i < meminspect_dump_nr_regions(dump); i++) {
		const struct meminspect_region *region = meminspect_dump_region(dump, i);
		const char *why;

		if (strncmp(region->name, "stress ", 7) != 0)
			continue;
		seen++;
		why = falsehood(region);
		if (!why)
			continue;
		printf("# stop %u: %s, %" PRIu64 " bytes at %#" PRIx64 ": %s\n", round,
		       region->name, region->size, region->vaddr, why);
		bad++;
	}
	meminspect_dump_free(dump);
	meminspect_memory_close(memory);
	return bad > 0;
}

int main(int argc, char **argv)
{
	struct meminspect_context *context = meminspect_context_new();
	unsigned int rounds = argc == 3 ? (unsigned int)atoi(argv[2]) : 0;
	unsigned int bad = 0;

	if (!context || rounds == 0)
		return 2;
	srandom((unsigned int)time(NULL));
	for (unsigned int round = 0; round < rounds; round++) {
		nanosleep(&(struct timespec){ .tv_nsec = random() % 150000000 }, NULL);
		bad += (unsigned int)check_round(context, argv[1], round);
	}
	printf("%u stops, %u of them bad, %llu rows of the stress seen\n", rounds, bad, seen);
	meminspect_context_free(context);
	return bad > 0 || seen == 0;
}
