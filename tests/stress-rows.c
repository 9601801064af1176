// SPDX-License-Identifier: GPL-2.0-only
/*
 * stress-rows SOCKET ROUNDS VMLINUX CONSOLE: stops a machine that runs the lab's stress at random moments,
 * reads its directory each time, and tells whether every row is true. Rows of the stress: lab_stress.h
 * says what their memory holds as long as it is marked. Rows of the kernel: row-truth.h. All rows:
 * their memory is where the machine's own page tables say.
 */
#include "row-truth.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CACHED_SIZE	4096U
#define NR_CACHED	4096U

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

static int check_round(struct meminspect_context *context, struct row_truth *truth,
		       const char *socket, unsigned int round)
{
	const char *unknown, *missing;
	struct meminspect_memory *memory;
	struct meminspect_dump *dump;
	struct machine machine = { 0 };
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
	if (!prepare(&machine, memory, dump)) {
		printf("# stop %u: nothing tells where page tables are\n", round);
		bad++;
	}
	unknown = row_truth_take(truth, dump);
	missing = unknown ?: missing_task(truth);
	if (missing) {
		printf("# stop %u: %s\n", round, missing);
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
		       round, region->name, meminspect_class_name(region->class),
		       meminspect_key_name(region->key_kind), region->key,
		       meminspect_origin_name(region->origin), region->size, region->vaddr, why);
		bad++;
	}
	free(machine.cache);
	meminspect_dump_free(dump);
	meminspect_memory_close(memory);
	return bad > 0;
}

int main(int argc, char **argv)
{
	struct meminspect_context *context = meminspect_context_new();
	unsigned int rounds = argc == 5 ? (unsigned int)atoi(argv[2]) : 0;
	struct row_truth *truth = rounds && context ? row_truth_open(context, argv[3], argv[4]) : NULL;
	unsigned long long all_checked = 0;
	unsigned int bad = 0;
	bool all_applied;

	if (!truth)
		return 2;
	srandom((unsigned int)time(NULL));
	for (unsigned int round = 0; round < rounds; round++) {
		nanosleep(&(struct timespec){ .tv_nsec = random() % 150000000 }, NULL);
		bad += (unsigned int)check_round(context, truth, argv[1], round);
	}
	for (uint16_t class = 0; class < MEMINSPECT_CLASS_MAX; class++) {
		all_checked += checked[class];
		if (checked[class])
			printf("# class %s: %llu rows checked\n", meminspect_class_name(class),
			       checked[class]);
	}
	all_applied = row_truth_print(truth);
	printf("%u stops, %u of them bad, %llu rows of the stress seen, %llu of %llu rows of all classes looked up in page tables, %llu have no address\n",
	       rounds, bad, seen, all_checked, rows, without_address);
	row_truth_close(truth);
	meminspect_context_free(context);
	return bad > 0 || seen == 0 || !all_applied;
}
