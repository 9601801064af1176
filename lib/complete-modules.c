// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The data of modules. crash reads all of a module's writable data to get at its
 * symbols, of which the kernel marks the tables. What is around them is poison.
 */
#include "complete.h"
#include "little-endian.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE		4096U
#define MAX_DATA	(16U << 20)
/* Of all modules; a hostile dump can have a row for one in 128 bytes. */
#define MAX_ALL_DATA	(256U << 20)
#define MAX_MODULE	65536U
/* Behind the address of a kind of a module's memory there is its size, soon. */
#define SIZE_WITHIN	32U

/* Physical memory as far as the dump has it. */
struct dump_memory {
	struct meminspect_memory memory;
	const struct completion *completion;
};

static int64_t read_dump(struct meminspect_memory *memory, uint64_t paddr, void *buffer, size_t length)
{
	const struct completion *completion = ((struct dump_memory *)memory)->completion;

	return completion_read(completion, paddr, buffer, length) ? (int64_t)length : 0;
}

/*
 * struct module stands in the data, and has its address: the highest address of
 * a page in it that is not behind it. Its size follows, and reaches over it.
 */
static bool find_data(const uint8_t *module, uint64_t vaddr, uint64_t size, uint64_t *start,
		      uint64_t *length)
{
	uint64_t best = 0, at, size_at;

	for (at = 0; at + 8 <= size; at += 8) {
		uint64_t word = get64(module + at);

		if (word % PAGE == 0 && word <= vaddr && vaddr - word < MAX_DATA && word > best) {
			best = word;
			size_at = at + 8;
		}
	}
	for (at = 0; best && at < SIZE_WITHIN && size_at + at + 4 <= size; at += 4) {
		*length = get32(module + size_at + at);
		if (*length >= vaddr - best + size && *length <= MAX_DATA) {
			*start = best;
			return true;
		}
	}
	return false;
}

/* False if all of them have more than any machine. */
static bool claim(struct completion *completion, uint64_t length)
{
	if (length > MAX_ALL_DATA - completion->module_data) {
		completion->too_much = true;
		return false;
	}
	completion->module_data += length;
	return true;
}

/* Where a page is not known to be, crash says so. */
static int add_data(struct completion *completion, struct pieces *pieces, uint64_t start,
		    uint64_t length)
{
	static const struct memory_operations operations = { .read = read_dump };
	struct dump_memory memory = { .memory.operations = &operations, .completion = completion };
	const struct table_format *format = page_tables_format(completion->ident);
	uint64_t end = start + length, paddr, step;
	int error = 0;

	for (; format && start < end && !error; start += step) {
		step = end - start < PAGE ? end - start : PAGE;
		if (page_tables_translate(&memory.memory, completion->ident->swapper_pg_dir, format,
					  start, &paddr))
			continue;
		error = completion_add_piece_at(completion, pieces, start, paddr,
						completion_filler(start, step), step);
	}
	return error;
}

static int complete_module(struct completion *completion, size_t index, struct pieces *pieces)
{
	const struct meminspect_region *region = &completion->dump->regions[index];
	uint64_t start, length;
	uint8_t *module;
	int error = 0;

	if (region->class != MEMINSPECT_CLASS_MODULE || strncmp(region->name, "module:", 7) ||
	    region->verdict != MEMINSPECT_PRESENT || region->size > MAX_MODULE)
		return 0;
	module = malloc(region->size);
	if (!module)
		return -ENOMEM;
	if (!meminspect_dump_read(completion->dump, region->vaddr, module, region->size) &&
	    find_data(module, region->vaddr, region->size, &start, &length) &&
	    claim(completion, length))
		error = add_data(completion, pieces, start, length);
	free(module);
	return error;
}

int complete_modules(struct completion *completion)
{
	struct pieces pieces = { 0 };
	int error = 0;

	for (size_t i = 0; i < completion->nr_collected && !error; i++)
		error = complete_module(completion, i, &pieces);
	if (!error)
		error = completion_add_region(completion, "module_data", MEMINSPECT_FILLER, &pieces);
	completion_release(&pieces);
	return error;
}
