// SPDX-License-Identifier: LGPL-2.1-only
/* What each CPU runs: the regions "current" name tasks and stacks, which become regions too. */
#include "internal.h"
#include "sorted.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

/* Far more than any configuration has: a half with more is hostile. */
#define MAX_TASK_SIZE		(1U << 20)
#define MAX_STACK_SIZE		(1U << 20)

#define HALF_WORDS		(sizeof(struct meminspect_current_half) / sizeof(uint64_t))
/* A task and its stack of each half. */
#define REGIONS_PER_CPU		(2 * MEMINSPECT_CURRENT_HALVES)

struct search {
	struct meminspect_dump *dump;
	struct directory *found;
	void *in_directory;	/* tree of the dump's regions, by virtual range */
	void *in_found;		/* tree of the found ones, by virtual range and extents */
	bool seen[MAX_CPUS];
};

static bool is_current(const struct meminspect_region *region)
{
	return region->class == MEMINSPECT_CLASS_CURRENT &&
	       region->key_kind == MEMINSPECT_KEY_CPU && !strcmp(region->name, "current");
}

static uint64_t half_check(const struct meminspect_current_half *half)
{
	uint64_t words[HALF_WORDS], check = MEMINSPECT_CURRENT_SEED;
	unsigned int i;

	memcpy(words, half, sizeof(words));
	for (i = 0; i < HALF_WORDS - 1; i++)
		check ^= i ? words[i] << i | words[i] >> (64 - i) : words[i];
	return check;
}

static bool range_possible(uint64_t start, uint64_t size, uint64_t most)
{
	return start && size && size <= most && start <= UINT64_MAX - size;
}

/* Why a half that names a task can't be what a kernel wrote; NULL if it can. */
static const char *half_fault(const struct meminspect_current_half *half)
{
	if (half->check != half_check(half))
		return "its check word is wrong";
	if (half->pid > UINT32_MAX)
		return "its process ID is impossible";
	if (!range_possible(half->task, half->task_size, MAX_TASK_SIZE))
		return "its task_struct has an impossible place or size";
	if (!range_possible(half->stack, half->stack_size, MAX_STACK_SIZE))
		return "its stack has an impossible place or size";
	if (!half->nr_extents || half->nr_extents > MEMINSPECT_CURRENT_EXTENTS)
		return "its stack has an impossible number of extents";
	if (half->stack_size % half->nr_extents)
		return "its stack can't be divided by the number of its extents";
	return NULL;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_in_directory(const void *a, const void *b)
{
	const struct meminspect_region *left = a, *right = b;
	int result = compare_numbers(left->vaddr, right->vaddr);

	return result ? result : compare_numbers(left->size, right->size);
}

/*
 * The stack of a task that is gone can have had the virtual range of a newer
 * one, but other memory: both are kept then.
 */
static int compare_found(const void *a, const void *b)
{
	const struct directory_region *left = a, *right = b;
	int result = compare_numbers(left->vaddr, right->vaddr);

	if (!result)
		result = compare_numbers(left->size, right->size);
	if (!result)
		result = compare_numbers(left->nr_extents, right->nr_extents);
	return result ? result : memcmp(left->extents, right->extents,
					left->nr_extents * sizeof(*left->extents));
}

static int add_region(struct search *search, const char *name,
		      const struct meminspect_current_half *half, uint64_t vaddr, uint64_t size,
		      const __u64 *paddr, size_t nr_extents)
{
	const struct meminspect_region in_directory = { .vaddr = vaddr, .size = size };
	struct directory *found = search->found;
	struct directory_region *region = &found->regions[found->nr_regions], **known;
	size_t i;

	if (tfind(&in_directory, &search->in_directory, compare_in_directory))
		return 0;
	region->extents = calloc(nr_extents, sizeof(*region->extents));
	if (!region->extents)
		return -ENOMEM;
	strcpy(region->name, name);
	region->class = MEMINSPECT_CLASS_CURRENT;
	region->key_kind = MEMINSPECT_KEY_PID;
	region->key = half->pid;
	region->vaddr = vaddr;
	region->size = size;
	region->nr_extents = nr_extents;
	for (i = 0; i < nr_extents; i++) {
		region->extents[i].paddr = paddr[i];
		region->extents[i].length = size / nr_extents;
	}
	known = tsearch(region, &search->in_found, compare_found);
	if (!known || *known != region) {
		free(region->extents);
		*region = (struct directory_region) { 0 };
		return known ? 0 : -ENOMEM;
	}
	found->nr_regions++;
	return 0;
}

static int take_half(struct search *search, struct meminspect_region *region, unsigned int number,
		     const struct meminspect_current_half *half)
{
	const char *fault;
	int error;

	/* It was being written, or never was: the other half tells. */
	if (!half->task)
		return 0;
	fault = half_fault(half);
	if (fault)
		return region_set_verdict(region, MEMINSPECT_CORRUPT,
					  "half %u, task %#llx: %s", number,
					  (unsigned long long)half->task, fault);
	error = add_region(search, "current_task", half, half->task, half->task_size,
			   &half->task_paddr, 1);
	if (error)
		return error;
	return add_region(search, "current_stack", half, half->stack, half->stack_size,
			  half->extents, half->nr_extents);
}

static int take_region(struct search *search, struct meminspect_region *region)
{
	struct meminspect_current_half half;
	unsigned int i;
	uint8_t *bytes;
	size_t length;
	int error = 0;

	if (region->verdict != MEMINSPECT_PRESENT && region->verdict != MEMINSPECT_TRUNCATED)
		return 0;
	if (region->size != sizeof(struct meminspect_current))
		return region_set_verdict(region, MEMINSPECT_CORRUPT,
					  "its size is %llu, but that of struct meminspect_current is %zu",
					  (unsigned long long)region->size,
					  sizeof(struct meminspect_current));
	if (region->key >= MAX_CPUS || search->seen[region->key])
		return region_set_verdict(region, MEMINSPECT_CORRUPT, "CPU %u %s", region->key,
					  region->key < MAX_CPUS ? "has another region of this name" :
					  "can't be");
	search->seen[region->key] = true;
	bytes = region_contents(region, &length);
	if (!bytes)
		return -ENOMEM;
	for (i = 0; !error && (i + 1) * sizeof(half) <= length; i++) {
		memcpy(&half, bytes + i * sizeof(half), sizeof(half));
		error = take_half(search, region, i, &half);
	}
	free(bytes);
	return error;
}

static size_t nr_currents(const struct meminspect_dump *dump)
{
	size_t nr = 0;

	for (size_t i = 0; i < dump->nr_regions; i++)
		nr += is_current(&dump->regions[i]);
	return nr;
}

uint64_t *current_addresses(const struct meminspect_dump *dump, size_t *nr)
{
	uint64_t *addresses = calloc(nr_currents(dump) * REGIONS_PER_CPU + 1, sizeof(*addresses));
	struct meminspect_current_half halves[MEMINSPECT_CURRENT_HALVES];

	*nr = 0;
	for (size_t i = 0; addresses && i < dump->nr_regions; i++) {
		if (!is_current(&dump->regions[i]) ||
		    meminspect_dump_read(dump, dump->regions[i].vaddr, halves, sizeof(halves)))
			continue;
		for (size_t j = 0; j < MEMINSPECT_CURRENT_HALVES; j++) {
			if (!halves[j].task || half_fault(&halves[j]))
				continue;
			addresses[(*nr)++] = halves[j].task;
			addresses[(*nr)++] = halves[j].stack;
		}
	}
	if (addresses)
		qsort(addresses, *nr, sizeof(*addresses), sorted_compare);
	return addresses;
}

/* Both trees point to what others own. */
static void keep(void *node)
{
	(void)node;
}

static int search_all(struct search *search)
{
	struct meminspect_dump *dump = search->dump;
	size_t i, nr = nr_currents(dump);
	int error = 0;

	if (!nr)
		return 0;
	if (nr > MAX_CPUS)
		nr = MAX_CPUS;
	/* The trees point into it: it can't grow. */
	search->found->regions = calloc(nr * REGIONS_PER_CPU, sizeof(*search->found->regions));
	if (!search->found->regions)
		return -ENOMEM;
	for (i = 0; i < dump->nr_regions; i++)
		if (dump->regions[i].vaddr && dump->regions[i].nr_pieces &&
		    !tsearch(&dump->regions[i], &search->in_directory, compare_in_directory))
			return -ENOMEM;
	for (i = 0; i < dump->nr_regions && !error; i++)
		if (is_current(&dump->regions[i]))
			error = take_region(search, &dump->regions[i]);
	return error;
}

int current_regions(struct meminspect_dump *dump, struct directory **directory)
{
	struct search *search = calloc(1, sizeof(*search));
	int error = -ENOMEM;

	if (!search)
		return error;
	search->dump = dump;
	search->found = calloc(1, sizeof(*search->found));
	if (search->found)
		error = search_all(search);
	tdestroy(search->in_directory, keep);
	tdestroy(search->in_found, keep);
	if (error)
		directory_free(search->found);
	else
		*directory = search->found;
	free(search);
	return error;
}
