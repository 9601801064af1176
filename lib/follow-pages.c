// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The memory of a dead machine by virtual addresses, as far as pointers are
 * followed in it: pages are read once, and those that are taken become regions.
 */
#include "complete.h"
#include "follow.h"
#include "little-endian.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define GRANULE		4096U
#define MAX_PAGES	(256U << 20 >> 12)
/* What is looked at, and what is looked up: a hostile machine can lead anywhere for long. */
#define MAX_KNOWN	(2 * MAX_PAGES)
#define MAX_LOOKUPS	(1U << 26)

/* A page, by the address that it was reached at. */
struct page {
	uint64_t key;		/* vaddr; or paddr + 1: page tables, and what lies under them */
	uint64_t paddr;		/* UINT64_MAX if page tables lead nowhere */
	uint8_t *data;		/* NULL if the source has no memory there */
	const char *owner;	/* name of the region that it is for; NULL: nobody wants it */
};

/* A region that was collected */
struct marked {
	uint64_t vaddr;
	const char *name;
};

struct follow_pages {
	const struct completion *completion;
	const struct table_format *format;
	/* Page tables are read through it */
	struct table_memory {
		struct meminspect_memory memory;
		struct follow_pages *pages;
	} tables;
	/* Hashed by their keys, with open addresses; the size is a power of two */
	uint64_t multiplier;
	size_t nr, size;
	struct page *array;
	struct marked *marked;	/* sorted; completion->nr_collected of them */
	size_t nr_taken, nr_lookups;
	bool too_much;
	int error;
};

const char follow_page_table[] = "page_table";
const char follow_task_stack[] = "task_stack";

uint64_t follow_random(void)
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		number = 0x9e3779b97f4a7c15ULL;
	return number | 1;
}

static struct page *page_slot(const struct follow_pages *pages, struct page *array, size_t size,
			      uint64_t key)
{
	size_t i = follow_hash(key, pages->multiplier, size);

	while (array[i].key && array[i].key != key)
		i = (i + 1) & (size - 1);
	return &array[i];
}

static bool grow(struct follow_pages *pages)
{
	size_t size = pages->size ? 2 * pages->size : 1024;
	struct page *array = calloc(size, sizeof(*array));

	if (!array)
		return false;
	for (size_t i = 0; i < pages->size; i++)
		if (pages->array[i].key)
			*page_slot(pages, array, size, pages->array[i].key) = pages->array[i];
	free(pages->array);
	pages->array = array;
	pages->size = size;
	return true;
}

/* What is known of the page, which is nothing but its key at first; NULL if memory is short. */
static struct page *get_page(struct follow_pages *pages, uint64_t key)
{
	struct page *page;

	if (2 * pages->nr >= pages->size && !grow(pages)) {
		pages->error = -ENOMEM;
		return NULL;
	}
	page = page_slot(pages, pages->array, pages->size, key);
	if (!page->key) {
		page->key = key;
		pages->nr++;
	}
	return page;
}

static uint8_t *read_page(struct follow_pages *pages, uint64_t paddr)
{
	uint8_t *data = malloc(GRANULE);

	if (!data) {
		pages->error = -ENOMEM;
		return NULL;
	}
	if (meminspect_memory_read(pages->completion->memory, paddr, data, GRANULE) == GRANULE)
		return data;
	free(data);
	return NULL;
}

static void take_page(struct follow_pages *pages, struct page *page, const char *owner)
{
	/* A stack is looked through for functions, also where a timer on it came first. */
	if (page->owner && owner == follow_task_stack)
		page->owner = owner;
	/* What a pointer leads to that nothing is mapped at is no memory that is missing. */
	if (page->owner || page->paddr == UINT64_MAX)
		return;
	if (pages->nr_taken == MAX_PAGES) {
		pages->too_much = true;
		return;
	}
	pages->nr_taken++;
	page->owner = owner;
}

/* Page tables are read by their physical addresses, and are wanted where they lead to something. */
static int64_t read_table(struct meminspect_memory *memory, uint64_t paddr, void *buffer, size_t length)
{
	struct follow_pages *pages = ((struct table_memory *)memory)->pages;
	uint64_t start = paddr & ~(uint64_t)(GRANULE - 1);
	struct page *page = get_page(pages, start + 1);

	if (!page || paddr - start + length > GRANULE)
		return 0;
	/* The first page is at 0. */
	if (!page->paddr && !page->data) {
		page->paddr = start;
		page->data = read_page(pages, start);
	}
	take_page(pages, page, follow_page_table);
	if (!page->data)
		return 0;
	memcpy(buffer, page->data + (paddr - start), length);
	return length;
}

static struct page *page_at(struct follow_pages *pages, uint64_t vaddr)
{
	static const struct memory_operations operations = { .read = read_table };
	const struct meminspect_ident *ident = pages->completion->ident;
	uint64_t paddr;
	struct page *page;

	vaddr &= ~(uint64_t)(GRANULE - 1);
	if (!vaddr)
		return NULL;
	if (pages->nr_lookups == MAX_LOOKUPS || pages->nr >= MAX_KNOWN) {
		pages->too_much = true;
		return NULL;
	}
	pages->nr_lookups++;
	page = get_page(pages, vaddr);
	if (!page || page->paddr || page->data)
		return page;
	pages->tables.memory.operations = &operations;
	pages->tables.pages = pages;
	if (page_tables_translate(&pages->tables.memory, ident->swapper_pg_dir, pages->format,
				  vaddr, &paddr))
		paddr = UINT64_MAX;
	/* Page tables may have made the hash table grow. */
	page = get_page(pages, vaddr);
	if (!page)
		return NULL;
	page->paddr = paddr;
	if (paddr != UINT64_MAX)
		page->data = read_page(pages, paddr);
	return page;
}

bool follow_read(struct follow_pages *pages, uint64_t vaddr, void *buffer, size_t length)
{
	uint8_t *to = buffer;

	while (length) {
		struct page *page = page_at(pages, vaddr);
		size_t within = vaddr % GRANULE, part = GRANULE - within;

		if (!page || !page->data)
			return false;
		if (part > length)
			part = length;
		memcpy(to, page->data + within, part);
		to += part;
		vaddr += part;
		length -= part;
	}
	return true;
}

void follow_take(struct follow_pages *pages, uint64_t vaddr, uint64_t length, const char *owner)
{
	uint64_t within = vaddr % GRANULE, nr = (within + length + GRANULE - 1) / GRANULE;

	for (vaddr -= within; nr; nr--, vaddr += GRANULE) {
		struct page *page = page_at(pages, vaddr);

		/* A limit was met, or vaddr is 0: behind the last address is nothing. */
		if (!page)
			return;
		take_page(pages, page, owner);
	}
}

static int compare_pages(const void *a, const void *b)
{
	const struct page *x = a, *y = b;

	int order = strcmp(x->owner, y->owner);

	if (order)
		return order;
	return x->key < y->key ? -1 : x->key > y->key;
}

/* Of page tables nobody knows another address than that in the linear map. */
static uint64_t vaddr_of_page(const struct follow_pages *pages, const struct page *page)
{
	const struct meminspect_ident *ident = pages->completion->ident;

	if (page->owner != follow_page_table)
		return page->key;
	return page->paddr - ident->phys_offset + ident->page_offset;
}

static bool is_collected(const struct follow_pages *pages, const struct page *page)
{
	uint8_t bytes[GRANULE];

	return completion_read(pages->completion, page->paddr, bytes, GRANULE);
}

/* Whether @page goes on where the @nr pages from @first on end. */
static bool is_behind(const struct page *page, const struct page *first, size_t nr)
{
	return page->key == first->key + nr * GRANULE && page->paddr == first->paddr + nr * GRANULE &&
	       !page->data == !first->data;
}

/* Pages of one owner that lie behind each other are one piece. */
static int add_run(const struct follow_pages *pages, const struct page *first, size_t nr,
		   struct pieces *pieces)
{
	uint8_t *data;

	if (!first->data)
		return completion_add_missing(pieces, vaddr_of_page(pages, first), first->paddr,
					      nr * GRANULE);
	data = malloc(nr * GRANULE);
	for (size_t i = 0; data && i < nr; i++)
		memcpy(data + i * GRANULE, first[i].data, GRANULE);
	return completion_add_piece_at(pages->completion, pieces, vaddr_of_page(pages, first),
				       first->paddr, data, nr * GRANULE);
}

static int add_owner(struct completion *completion, const struct follow_pages *pages,
		     const struct page *first, size_t nr)
{
	const struct meminspect_dump *dump = completion->dump;
	size_t i, run = 0, nr_regions = dump->nr_regions;
	struct meminspect_region *region;
	struct pieces pieces = { 0 };
	int error = 0;

	for (i = 0; i < nr && !error; i += run) {
		run = 1;
		while (i + run < nr && is_behind(&first[i + run], &first[i], run))
			run++;
		error = add_run(pages, first + i, run, &pieces);
	}
	if (!error)
		error = completion_add_region(completion, first->owner, MEMINSPECT_DERIVED, &pieces);
	completion_release(&pieces);
	if (error || dump->nr_regions == nr_regions)
		return error;
	region = &dump->regions[nr_regions];
	if (!strcmp(first->owner, follow_task_stack))
		region->class = MEMINSPECT_CLASS_TASK;
	return region_judge(completion->memory, region, NULL);
}

uint64_t *follow_pages_taken(const struct follow_pages *pages, size_t *nr)
{
	uint64_t *paddrs = calloc(pages->nr_taken + 1, sizeof(*paddrs));

	*nr = 0;
	for (size_t i = 0; paddrs && i < pages->size; i++)
		if (pages->array[i].owner)
			paddrs[(*nr)++] = pages->array[i].paddr;
	return paddrs;
}

int follow_pages_add(struct follow_pages *pages, struct completion *completion)
{
	struct page *taken = calloc(pages->nr_taken + 1, sizeof(*taken));
	size_t nr = 0, first, next;
	int error = 0;

	if (!taken)
		return -ENOMEM;
	for (size_t i = 0; i < pages->size; i++)
		if (pages->array[i].owner && !is_collected(pages, &pages->array[i]))
			taken[nr++] = pages->array[i];
	qsort(taken, nr, sizeof(*taken), compare_pages);
	for (first = 0; first < nr && !error; first = next) {
		for (next = first; next < nr && !strcmp(taken[next].owner, taken[first].owner); )
			next++;
		error = add_owner(completion, pages, taken + first, next - first);
	}
	free(taken);
	return error;
}

/* Part of a variable, within one page */
static int add_part(struct follow_pages *pages, struct pieces *pieces, uint64_t vaddr, uint64_t length)
{
	const struct page *page = page_at(pages, vaddr);
	uint64_t paddr;
	uint8_t *data;

	if (!page || page->paddr == UINT64_MAX)
		return 0;
	paddr = page->paddr + vaddr % GRANULE;
	if (!page->data)
		return completion_add_missing(pieces, vaddr, paddr, length);
	data = malloc(length);
	if (data)
		memcpy(data, page->data + vaddr % GRANULE, length);
	return completion_add_piece_at(pages->completion, pieces, vaddr, paddr, data, length);
}

static int compare_marked(const void *a, const void *b)
{
	const struct marked *x = a, *y = b;

	if (x->vaddr != y->vaddr)
		return x->vaddr < y->vaddr ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Whether the kernel marked it: then it is in the dump under its name, or said to be missing. */
static bool is_marked(const struct follow_pages *pages, const char *name, uint64_t vaddr)
{
	const struct marked wanted = { vaddr, name };

	return bsearch(&wanted, pages->marked, pages->completion->nr_collected, sizeof(wanted),
		       compare_marked);
}

int follow_add_variable(struct follow_pages *pages, struct completion *completion, const char *name,
			const unsigned int *cpu, uint64_t vaddr, uint64_t size)
{
	const struct meminspect_dump *dump = completion->dump;
	size_t nr_regions = dump->nr_regions;
	struct meminspect_region *region;
	struct pieces pieces = { 0 };
	uint64_t at, part;
	int error = 0;

	if (is_marked(pages, name, vaddr))
		return 0;
	for (at = 0; at < size && !error; at += part) {
		part = GRANULE - (vaddr + at) % GRANULE;
		if (part > size - at)
			part = size - at;
		error = add_part(pages, &pieces, vaddr + at, part);
	}
	if (!error)
		error = completion_add_region(completion, name, MEMINSPECT_DERIVED, &pieces);
	completion_release(&pieces);
	if (error || dump->nr_regions == nr_regions)
		return error;
	region = &dump->regions[nr_regions];
	if (cpu) {
		region->key_kind = MEMINSPECT_KEY_CPU;
		region->key = *cpu;
	}
	return region_judge(completion->memory, region, NULL);
}

struct follow_pages *follow_pages_new(const struct completion *completion,
				      const struct table_format *format)
{
	struct follow_pages *pages = calloc(1, sizeof(*pages));

	if (!pages)
		return NULL;
	pages->completion = completion;
	pages->format = format;
	pages->multiplier = follow_random();
	pages->marked = calloc(completion->nr_collected + 1, sizeof(*pages->marked));
	if (!pages->marked) {
		free(pages);
		return NULL;
	}
	for (size_t i = 0; i < completion->nr_collected; i++)
		pages->marked[i] = (struct marked) {
			completion->dump->regions[i].vaddr, completion->dump->regions[i].name,
		};
	qsort(pages->marked, completion->nr_collected, sizeof(*pages->marked), compare_marked);
	return pages;
}

void follow_pages_free(struct follow_pages *pages)
{
	for (size_t i = 0; pages && i < pages->size; i++)
		free(pages->array[i].data);
	if (pages) {
		free(pages->array);
		free(pages->marked);
	}
	free(pages);
}

int follow_pages_error(const struct follow_pages *pages)
{
	return pages->error;
}

bool follow_pages_too_much(const struct follow_pages *pages)
{
	return pages->too_much;
}
