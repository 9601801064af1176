// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Page tables for what only page tables lead to: stacks, modules and all else that is
 * neither in the kernel's image nor in the linear map. A kernel marks its own. Where it
 * did not, or they were lost, these map exactly the pages of the core, and nothing else.
 * A table that another one leads to stands where that says; others stand at physical
 * addresses where no machine has memory. Those are still in the linear map, through which
 * crash for arm64 reads tables.
 */
#include "complete.h"
#include "little-endian.h"

#include <elf.h>
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SHIFT	12U
#define PAGE		(1U << PAGE_SHIFT)
#define LEVEL_BITS	9U
#define ENTRIES		(1U << LEVEL_BITS)
/* More than 8 GiB of scattered pages ask for; a hostile dump could ask for one a page. */
#define MAX_TABLES	4096U

/* Present, writable, accessed, dirty; as large a page as there is at that level. */
#define X86_ENTRY	0x063ULL
/* Valid; of the last level: normal memory, shareable, accessed */
#define ARM64_TABLE	0x003ULL
#define ARM64_PAGE	0x703ULL
#define VALID		0x001ULL
#define X86_LARGE	0x080ULL
#define ARM64_NO_BLOCK	0x002ULL
#define ADDRESS		0x0000fffffffff000ULL

struct made_table {
	uint64_t paddr;
	uint64_t entries[ENTRIES];
};

struct vmap {
	struct completion *completion;
	bool arm64;
	unsigned int levels;
	uint64_t spare;		/* where the next table of no known place is put */
	size_t nr;
	struct made_table *made[MAX_TABLES];	/* in the order that they were made */
	void *tree;		/* of them, by address; it owns them */
};

static int compare_tables(const void *a, const void *b)
{
	const struct made_table *left = a, *right = b;

	return left->paddr < right->paddr ? -1 : left->paddr > right->paddr;
}

static struct made_table *find_made(const struct vmap *vmap, uint64_t paddr)
{
	const struct made_table key = { .paddr = paddr };
	struct made_table **found = tfind(&key, &vmap->tree, compare_tables);

	return found ? *found : NULL;
}

/* NULL if there are too many, or memory is short. */
static struct made_table *make_table(struct vmap *vmap, uint64_t paddr)
{
	struct made_table *table;

	if (vmap->nr == MAX_TABLES) {
		vmap->completion->too_much = true;
		return NULL;
	}
	table = calloc(1, sizeof(*table));
	if (!table)
		return NULL;
	table->paddr = paddr;
	if (!tsearch(table, &vmap->tree, compare_tables)) {
		free(table);
		return NULL;
	}
	return vmap->made[vmap->nr++] = table;
}

static unsigned int index_of(uint64_t vaddr, unsigned int level)
{
	return vaddr >> (PAGE_SHIFT + LEVEL_BITS * level) & (ENTRIES - 1);
}

/*
 * The table that an entry of one that was collected leads to, made if it was not collected
 * itself; 0 if the page is not mapped, or by a larger one.
 */
static uint64_t next_of_collected(const struct vmap *vmap, uint64_t entry)
{
	bool is_table = entry & VALID && (vmap->arm64 ? entry & ARM64_NO_BLOCK : !(entry & X86_LARGE));

	return is_table ? entry & ADDRESS : 0;
}

static uint64_t next_of_made(struct vmap *vmap, struct made_table *table, unsigned int index)
{
	if (!table->entries[index]) {
		if (!make_table(vmap, vmap->spare))
			return 0;
		table->entries[index] = htole64(vmap->spare | (vmap->arm64 ? ARM64_TABLE : X86_ENTRY));
		vmap->spare += PAGE;
	}
	return le64toh(table->entries[index]) & ADDRESS;
}

/* What no table leads to stays so: the machine's own say that it was not mapped any more. */
static void map_page(struct vmap *vmap, uint64_t vaddr, uint64_t paddr)
{
	const struct completion *completion = vmap->completion;
	uint64_t at = completion->ident->swapper_pg_dir;
	uint8_t entry[8];

	for (unsigned int level = vmap->levels - 1; at; level--) {
		unsigned int index = index_of(vaddr, level);
		struct made_table *table = find_made(vmap, at);

		if (!table && completion_read(completion, at + index * sizeof(entry), entry, sizeof(entry))) {
			at = level ? next_of_collected(vmap, get64(entry)) : 0;
			continue;
		}
		/* Where somebody else has made it, that one says what is mapped there. */
		if (!table && !completion_has_added(completion, at))
			table = make_table(vmap, at);
		if (!table)
			return;
		if (!level) {
			table->entries[index] = htole64(paddr | (vmap->arm64 ? ARM64_PAGE : X86_ENTRY));
			return;
		}
		at = next_of_made(vmap, table, index);
	}
}

static bool needs_tables(const struct completion *completion, const struct meminspect_piece *piece)
{
	const struct meminspect_ident *ident = completion->ident;
	uint64_t distance = piece->vaddr - piece->paddr;

	return piece->present && piece->vaddr >> 63 && distance != ident->page_offset - ident->phys_offset &&
	       distance != ident->image_va - ident->image_pa && distance % PAGE == 0;
}

static void map_piece(struct vmap *vmap, const struct meminspect_piece *piece)
{
	uint64_t first = piece->vaddr & -(uint64_t)PAGE, last = piece->vaddr + piece->present - 1;
	uint64_t distance = piece->vaddr - piece->paddr;

	for (uint64_t vaddr = first; vaddr <= last && !vmap->completion->too_much; vaddr += PAGE) {
		map_page(vmap, vaddr, vaddr - distance);
		if (vaddr > UINT64_MAX - PAGE)
			return;
	}
}

static int add_made(struct vmap *vmap)
{
	const struct meminspect_ident *ident = vmap->completion->ident;
	struct pieces top = { 0 }, others = { 0 };
	int error = 0;

	for (size_t i = 0; i < vmap->nr && !error; i++) {
		const struct made_table *table = vmap->made[i];
		bool is_top = table->paddr == ident->swapper_pg_dir;
		uint8_t *data = malloc(PAGE);

		if (data)
			memcpy(data, table->entries, PAGE);
		/* The top one is part of the image. Of others, no virtual address is the kernel's. */
		error = completion_add_piece_at(vmap->completion, is_top ? &top : &others,
						is_top ? table->paddr + ident->image_va - ident->image_pa : 0,
						table->paddr, data, PAGE);
	}
	if (!error)
		error = completion_add_region(vmap->completion, "swapper_pg_dir", MEMINSPECT_MADE, &top);
	if (!error)
		error = completion_add_region(vmap->completion, "page_table", MEMINSPECT_MADE, &others);
	completion_release(&top);
	completion_release(&others);
	return error;
}

int complete_vmap(struct completion *completion)
{
	const struct meminspect_ident *ident = completion->ident;
	struct vmap *vmap;
	int error;

	/* Others have entries of another format, or were not tried. */
	if (ident->page_size != PAGE || ident->pgtable_levels < 3 ||
	    ident->pgtable_levels > (ident->machine == EM_AARCH64 ? 4 : 5) || !ident->swapper_pg_dir)
		return 0;
	vmap = calloc(1, sizeof(*vmap));
	if (!vmap)
		return -ENOMEM;
	vmap->completion = completion;
	vmap->arm64 = ident->machine == EM_AARCH64;
	vmap->levels = ident->pgtable_levels;
	/* At the end of what the linear map has room for, and of what entries reach */
	vmap->spare = ident->phys_offset + (1ULL << (ident->pgtable_levels == 3 ? 37 : 46)) -
		      (uint64_t)MAX_TABLES * PAGE;
	for (size_t i = 0; i < completion->nr_collected; i++)
		for (size_t j = 0; j < completion->dump->regions[i].nr_pieces; j++)
			if (needs_tables(completion, &completion->dump->regions[i].pieces[j]))
				map_piece(vmap, &completion->dump->regions[i].pieces[j]);
	error = add_made(vmap);
	tdestroy(vmap->tree, free);
	free(vmap);
	return error;
}
