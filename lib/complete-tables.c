// SPDX-License-Identifier: LGPL-2.1-only
/*
 * On x86_64, the page tables that map the kernel's image, and those of the linear
 * map. crash knows where these are without tables, and the kernel does not mark
 * them; makedumpfile asks for them before anything else. Format: Intel SDM, volume
 * 3, "4-level paging"; which table is where: arch/x86/kernel/head_64.S.
 */
#include "complete.h"
#include "little-endian.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_SIZE	4096U
#define ENTRIES		(TABLE_SIZE / sizeof(uint64_t))
#define LEVEL2_SHIFT	21
#define LEVEL3_SHIFT	30
#define LARGE_PAGE	(1ULL << LEVEL2_SHIFT)
#define HUGE_PAGE	(1ULL << LEVEL3_SHIFT)
/* Of the linear map, with 512 GiB each; a hostile dump can have a million regions far apart. */
#define MAX_LINEAR	512U

/* Present, writable, accessed, dirty; a table, or a large page that is global. */
#define TO_TABLE	0x063ULL
#define TO_LARGE_PAGE	0x1e3ULL
#define PRESENT		0x001ULL
#define LARGE		0x080ULL
#define ADDRESS		0x000ffffffffff000ULL
#define NO_EXECUTE	0x8000000000000000ULL

/* The kernel's own may lead to tables that are not in the core. */
static int add_table(struct completion *completion, const char *name, uint64_t vaddr, uint64_t paddr,
		     const uint64_t entries[ENTRIES])
{
	struct pieces pieces = { 0 };
	uint8_t *data = malloc(TABLE_SIZE);
	int error;

	if (data)
		memcpy(data, entries, TABLE_SIZE);
	error = completion_add_piece_at(completion, &pieces, vaddr, paddr, data, TABLE_SIZE);
	if (!error)
		error = completion_add_region(completion, name, MEMINSPECT_MADE, &pieces);
	completion_release(&pieces);
	return error;
}

/* They are part of the image, so that it is known where they are. */
static int add_image_tables(struct completion *completion)
{
	uint64_t level2[ENTRIES] = { 0 }, level3[ENTRIES] = { 0 };
	uint64_t level2_va, level3_va, start, text_end, end, size;
	int error;

	if (vmlinux_symbol(completion->vmlinux, "level2_kernel_pgt", &level2_va, &size) ||
	    vmlinux_symbol(completion->vmlinux, "level3_kernel_pgt", &level3_va, &size) ||
	    vmlinux_symbol(completion->vmlinux, "_text", &start, &size) ||
	    vmlinux_symbol(completion->vmlinux, "_etext", &text_end, &size) ||
	    vmlinux_symbol(completion->vmlinux, "_end", &end, &size))
		return 0;
	level2_va += completion->kaslr_offset;
	level3_va += completion->kaslr_offset;
	start += completion->kaslr_offset;
	text_end += completion->kaslr_offset;
	end += completion->kaslr_offset;
	/* One table covers all of it, by large pages. */
	if (start >= end || end > UINT64_MAX - LARGE_PAGE ||
	    start >> LEVEL3_SHIFT != (end - 1) >> LEVEL3_SHIFT ||
	    completion_paddr(completion, start) % LARGE_PAGE != start % LARGE_PAGE)
		return 0;
	for (uint64_t at = start - start % LARGE_PAGE; at < end; at += LARGE_PAGE)
		level2[at >> LEVEL2_SHIFT & (ENTRIES - 1)] =
			htole64(completion_paddr(completion, at) | TO_LARGE_PAGE |
				(at >= text_end ? NO_EXECUTE : 0));
	level3[start >> LEVEL3_SHIFT & (ENTRIES - 1)] =
		htole64(completion_paddr(completion, level2_va) | TO_TABLE);
	error = add_table(completion, "level2_kernel_pgt", level2_va,
			  completion_paddr(completion, level2_va), level2);
	return error ?: add_table(completion, "level3_kernel_pgt", level3_va,
				  completion_paddr(completion, level3_va), level3);
}

/*
 * Where the table is that has an entry for each GiB around a linear address; false
 * if nothing tells, or the kernel maps more with one entry.
 */
static bool find_level3(const struct completion *completion, uint64_t vaddr, uint64_t *table)
{
	uint64_t at = completion->ident->swapper_pg_dir;
	uint8_t entry[8];

	for (unsigned int level = completion->ident->pgtable_levels; level > 3; level--) {
		unsigned int shift = LEVEL3_SHIFT + 9 * (level - 3);

		at += (vaddr >> shift & (ENTRIES - 1)) * sizeof(entry);
		if (level > 5 || !completion_read(completion, at, entry, sizeof(entry)) ||
		    !(get64(entry) & PRESENT) || get64(entry) & LARGE)
			return false;
		at = get64(entry) & ADDRESS;
	}
	*table = at;
	return completion->ident->pgtable_levels > 3;
}

/* Makes the table at @table, which maps what was collected and stands in the linear map. */
static int add_level3(struct completion *completion, uint64_t vaddr, uint64_t table)
{
	const uint64_t linear = completion->ident->page_offset - completion->ident->phys_offset;
	const uint64_t first = vaddr & ~(HUGE_PAGE * ENTRIES - 1);
	uint64_t entries[ENTRIES] = { 0 };

	for (size_t i = 0; i < completion->nr_collected; i++) {
		const struct meminspect_region *region = &completion->dump->regions[i];

		for (size_t j = 0; j < region->nr_pieces; j++) {
			const struct meminspect_piece *piece = &region->pieces[j];
			uint64_t at = piece->vaddr & ~(HUGE_PAGE - 1);

			if (piece->vaddr - piece->paddr == linear && at - first < HUGE_PAGE * ENTRIES)
				entries[(at - first) >> LEVEL3_SHIFT] =
					htole64((at - linear) | TO_LARGE_PAGE);
		}
	}
	return add_table(completion, "linear_map_table", table + linear, table, entries);
}

static bool has_table(const struct completion *completion, uint64_t table)
{
	uint8_t contents[TABLE_SIZE];

	return completion_has_added(completion, table) ||
	       completion_read(completion, table, contents, sizeof(contents));
}

/* They are anywhere, but the table above them was collected, and tells where. */
static int add_linear_tables(struct completion *completion)
{
	const uint64_t linear = completion->ident->page_offset - completion->ident->phys_offset;
	unsigned int nr = 0;
	uint64_t table;
	int error = 0;

	if (linear % HUGE_PAGE)
		return 0;
	for (size_t i = 0; i < completion->nr_collected && !error && !completion->full; i++) {
		const struct meminspect_region *region = &completion->dump->regions[i];

		if (!region->nr_pieces || region->vaddr - region->pieces[0].paddr != linear ||
		    !find_level3(completion, region->vaddr, &table) || has_table(completion, table))
			continue;
		if (nr++ == MAX_LINEAR) {
			completion->too_much = true;
			break;
		}
		error = add_level3(completion, region->vaddr, table);
	}
	return error;
}

int complete_tables(struct completion *completion)
{
	int error = add_image_tables(completion);

	return error ?: add_linear_tables(completion);
}
