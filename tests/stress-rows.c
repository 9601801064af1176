// SPDX-License-Identifier: GPL-2.0-only
/*
 * stress-rows SOCKET STOPS SECONDS VMLINUX CONSOLE: stops a machine that runs the lab's stress at random
 * moments of so many seconds, reads its directory each time, and tells whether every row is true, and
 * in how many states the machine was. Rows of the stress: lab_stress.h says what their memory holds as
 * long as it is marked. Rows of the kernel: row-truth.h. All rows: their memory is where the machine's
 * own page tables say.
 */
#include "row-truth.h"
#include "seen-states.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CACHED_SIZE	4096U
#define NR_CACHED	4096U
#define NS_IN_SECOND	1000000000ULL

static unsigned long long seen, rows, without_address, checked[MEMINSPECT_CLASS_MAX];

/* A stopped machine, and what of its page tables was read: each request to QEMU is dear. */
struct machine {
	struct meminspect_memory tables;
	struct meminspect_memory *memory;
	const struct meminspect_ident *ident;
	const struct table_format *format;
	struct cached {
		bool valid;
		uint64_t paddr;
		uint8_t bytes[CACHED_SIZE];
	} *cache;
};

static const char *falsehood(const struct meminspect_region *region)
{
	uint64_t *words;
	uint8_t beyond;
	const char *why = NULL;

	if (region->verdict != MEMINSPECT_PRESENT)
		return region->why;
	words = malloc(region->size);
	if (!words || !region_bytes(region, 0, words, region->size) ||
	    region_bytes(region, region->size, &beyond, sizeof(beyond))) {
		free(words);
		return "its pieces are not its size";
	}
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

static int64_t read_cached(struct meminspect_memory *tables, uint64_t paddr, void *buffer,
			   size_t length)
{
	struct machine *machine = (struct machine *)tables;
	struct cached *cached = &machine->cache[paddr / CACHED_SIZE % NR_CACHED];
	uint64_t within = paddr % CACHED_SIZE;

	if (!cached->valid || cached->paddr != paddr - within) {
		cached->paddr = paddr - within;
		cached->valid = meminspect_memory_read(machine->memory, cached->paddr, cached->bytes,
						       CACHED_SIZE) == CACHED_SIZE;
	}
	if (!cached->valid || length > CACHED_SIZE - within)
		return 0;
	memcpy(buffer, cached->bytes + within, length);
	return length;
}

static const struct memory_operations cached_operations = { .read = read_cached };

static bool leads_to(struct machine *machine, uint64_t vaddr, uint64_t paddr)
{
	uint64_t found;

	if (page_tables_translate(&machine->tables, machine->ident->swapper_pg_dir, machine->format,
				  vaddr, &found)) {
		printf("# %#" PRIx64 " is not mapped; the row: %#" PRIx64 "\n", vaddr, paddr);
		return false;
	}
	if (found != paddr)
		printf("# %#" PRIx64 " is mapped to %#" PRIx64 "; the row: %#" PRIx64 "\n", vaddr,
		       found, paddr);
	return found == paddr;
}

/* What is there in one: between its ends are no other pages. */
static bool is_contiguous(const struct meminspect_ident *ident, const struct meminspect_piece *piece)
{
	uint64_t distance = piece->vaddr - piece->paddr;

	return distance == ident->page_offset - ident->phys_offset ||
	       distance == ident->image_va - ident->image_pa;
}

static bool is_mapped(struct machine *machine, const struct meminspect_piece *piece)
{
	const uint64_t page = machine->ident->page_size, last = piece->length - 1;
	uint64_t at = is_contiguous(machine->ident, piece) ? last : 0;

	for (; at < last; at += page - (piece->vaddr + at) % page)
		if (!leads_to(machine, piece->vaddr + at, piece->paddr + at))
			return false;
	return leads_to(machine, piece->vaddr, piece->paddr) &&
	       leads_to(machine, piece->vaddr + last, piece->paddr + last);
}

static const char *misplacement(struct machine *machine, const struct meminspect_region *region)
{
	rows++;
	if (region->verdict != MEMINSPECT_PRESENT && region->verdict != MEMINSPECT_LEFT_OUT)
		return region->why;
	if (!region->vaddr) {
		without_address++;
		return NULL;
	}
	checked[region->class < MEMINSPECT_CLASS_MAX ? region->class : MEMINSPECT_CLASS_OTHER]++;
	for (size_t i = 0; i < region->nr_pieces; i++)
		if (!is_mapped(machine, &region->pieces[i]))
			return "its memory is not where page tables say";
	return NULL;
}

/* Whether the machine's page tables can be read; its cache is empty then. */
static bool prepare(struct machine *machine, struct meminspect_memory *memory,
		    const struct meminspect_dump *dump)
{
	machine->tables.operations = &cached_operations;
	machine->memory = memory;
	machine->ident = meminspect_dump_ident(dump);
	machine->format = machine->ident ? page_tables_format(machine->ident) : NULL;
	machine->cache = machine->format ? calloc(NR_CACHED, sizeof(*machine->cache)) : NULL;
	return machine->cache;
}

static int check_stop(struct meminspect_context *context, struct row_truth *truth,
		      struct seen_states *states, const char *socket, unsigned int stop)
{
	const unsigned long long seen_before = seen;
	const char *unknown, *missing;
	struct meminspect_memory *memory;
	struct meminspect_dump *dump;
	struct machine machine = { 0 };
	int bad = 0;

	if (meminspect_memory_open_qmp(context, socket, &memory) ||
	    meminspect_collect(context, memory, &dump)) {
		printf("# stop %u: %s\n", stop, meminspect_error(context));
		return 1;
	}
	for (size_t i = 0; i < meminspect_dump_nr_problems(dump); i++) {
		printf("# stop %u: %s\n", stop, meminspect_dump_problem(dump, i));
		bad++;
	}
	if (!prepare(&machine, memory, dump)) {
		printf("# stop %u: nothing tells where page tables are\n", stop);
		bad++;
	}
	unknown = row_truth_take(truth, dump);
	missing = unknown ?: missing_task(truth);
	if (missing) {
		printf("# stop %u: %s\n", stop, missing);
		bad++;
	}
	for (size_t i = 0; machine.cache && i < meminspect_dump_nr_regions(dump); i++) {
		const struct meminspect_region *region = meminspect_dump_region(dump, i);
		const char *why = misplacement(&machine, region);

		if (strncmp(region->name, "stress ", 7) == 0) {
			seen++;
			why = why ?: falsehood(region);
		}
		why = why || unknown ? why : row_falsehood(truth, region);
		if (!why)
			continue;
		printf("# stop %u: %s, class %s, %s %" PRIu32 ", %s, %" PRIu64 " bytes at %#" PRIx64 ": %s\n",
		       stop, region->name, meminspect_class_name(region->class),
		       meminspect_key_name(region->key_kind), region->key,
		       meminspect_origin_name(region->origin), region->size, region->vaddr, why);
		bad++;
	}
	if (!seen_states_take(states, dump)) {
		printf("# stop %u: nothing tells which CPUs and how much memory are online\n", stop);
		bad++;
	}
	if (seen == seen_before) {
		printf("# stop %u: there is no row of the stress\n", stop);
		bad++;
	}
	free(machine.cache);
	meminspect_dump_free(dump);
	meminspect_memory_close(memory);
	return bad > 0;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * NS_IN_SECOND + (uint64_t)time.tv_nsec;
}

static int compare_moments(const void *a, const void *b)
{
	const uint64_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

/* Random ones, in order, in nanoseconds of the machine's own time; for free() */
static uint64_t *draw_moments(unsigned int stops, unsigned int seconds)
{
	uint64_t *moments = calloc(stops, sizeof(*moments));

	srandom((unsigned int)time(NULL));
	for (unsigned int stop = 0; moments && stop < stops; stop++)
		moments[stop] = (uint64_t)random() % (seconds * 1000000ULL) * 1000;
	if (moments)
		qsort(moments, stops, sizeof(*moments), compare_moments);
	return moments;
}

/* The clock of a machine that is stopped stands still. */
static unsigned int check_stops(struct meminspect_context *context, struct row_truth *truth,
				struct seen_states *states, const char *socket, unsigned int stops,
				const uint64_t *moments)
{
	uint64_t stopped = 0, start = now();
	unsigned int bad = 0;

	for (unsigned int stop = 0; stop < stops; stop++) {
		uint64_t ran = now() - start - stopped, before;

		if (ran < moments[stop]) {
			uint64_t left = moments[stop] - ran;

			nanosleep(&(struct timespec){ .tv_sec = (time_t)(left / NS_IN_SECOND),
						      .tv_nsec = (long)(left % NS_IN_SECOND) },
				  NULL);
		}
		before = now();
		bad += (unsigned int)check_stop(context, truth, states, socket, stop);
		stopped += now() - before;
	}
	printf("# the machine ran for %.1f s, and was stopped for %.1f s\n",
	       (double)(now() - start - stopped) / NS_IN_SECOND, (double)stopped / NS_IN_SECOND);
	return bad;
}

int main(int argc, char **argv)
{
	struct meminspect_context *context = meminspect_context_new();
	unsigned int stops = argc == 6 ? (unsigned int)atoi(argv[2]) : 0;
	unsigned int seconds = argc == 6 ? (unsigned int)atoi(argv[3]) : 0;
	struct row_truth *truth = stops && seconds && context ?
				  row_truth_open(context, argv[4], argv[5]) : NULL;
	struct seen_states *states = truth ? seen_states_new(stops) : NULL;
	uint64_t *moments = states ? draw_moments(stops, seconds) : NULL;
	unsigned long long all_checked = 0;
	unsigned int bad;
	bool all_applied;

	if (!moments)
		return 2;
	bad = check_stops(context, truth, states, argv[1], stops, moments);
	for (uint16_t class = 0; class < MEMINSPECT_CLASS_MAX; class++) {
		all_checked += checked[class];
		if (checked[class])
			printf("# class %s: %llu rows checked\n", meminspect_class_name(class),
			       checked[class]);
	}
	all_applied = row_truth_print(truth);
	seen_states_print(states);
	printf("%u stops, %u of them bad, %llu rows of the stress seen, %llu of %llu rows of all classes looked up in page tables, %llu have no address\n",
	       stops, bad, seen, all_checked, rows, without_address);
	free(moments);
	seen_states_free(states);
	row_truth_close(truth);
	meminspect_context_free(context);
	return bad > 0 || !all_applied;
}
