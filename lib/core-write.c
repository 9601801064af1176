// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Writes a dump as an ELF core: ELF header, program headers, notes, and the
 * present bytes of each piece in pages of their own. docs/core-format.md says
 * which consumer asks for what.
 */
#include "core-format.h"

#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* What crash needs to see; with fewer, it takes the file for a flat one. */
#define MIN_LOADS	2

struct layout {
	struct meminspect_context *context;
	const struct meminspect_dump *dump;
	const char *path;
	size_t nr_pieces;		/* of all regions, absent ones as well */
	size_t nr_loads;		/* present pieces, but at least MIN_LOADS */
	struct core_piece *pieces;
	struct core_notes notes;
	uint64_t notes_offset;
	uint64_t data_offset;
};

/* Calls @function for each piece, absent ones as well, until it returns other than 0. */
static int for_each_piece(struct layout *layout,
			  int (*function)(struct layout *layout, size_t index,
					  const struct meminspect_piece *piece, void *priv),
			  void *priv)
{
	size_t index = 0;
	int result = 0;

	for (size_t i = 0; i < layout->dump->nr_regions; i++) {
		const struct meminspect_region *region = &layout->dump->regions[i];

		for (size_t j = 0; j < region->nr_pieces && !result; j++)
			result = function(layout, index++, &region->pieces[j], priv);
	}
	return result;
}

static int count_piece(struct layout *layout, size_t index, const struct meminspect_piece *piece,
		       void *priv)
{
	(void)index;
	(void)priv;
	layout->nr_pieces++;
	layout->nr_loads += piece->present != 0;
	return 0;
}

static uint64_t align_up(uint64_t offset)
{
	return (offset + CORE_PAGE_SIZE - 1) & ~(uint64_t)(CORE_PAGE_SIZE - 1);
}

static int checksum_piece(struct layout *layout, size_t index,
			  const struct meminspect_piece *piece, void *priv)
{
	(void)priv;
	layout->pieces[index].crc = crc32_z(0, piece->data, piece->present);
	return 0;
}

/* Gives a piece its place in the file; crash reads physical pages as pages of the file. */
static int place_piece(struct layout *layout, size_t index, const struct meminspect_piece *piece,
		       void *priv)
{
	uint64_t *end = priv, start = piece->paddr % CORE_PAGE_SIZE;

	if (!piece->present)
		return 0;
	layout->pieces[index].offset = *end + start;
	*end = align_up(*end + start + piece->present);
	return 0;
}

static int make_layout(struct layout *layout)
{
	uint64_t end;
	char *table;

	for_each_piece(layout, count_piece, NULL);
	if (layout->nr_loads < MIN_LOADS)
		layout->nr_loads = MIN_LOADS;
	if (layout->nr_pieces > MAX_PIECES || layout->dump->nr_regions > MAX_PIECES)
		return fail(layout->context, -E2BIG,
			    "%s: %zu regions in %zu pieces; a core holds %u pieces at most",
			    layout->path, layout->dump->nr_regions, layout->nr_pieces, MAX_PIECES);
	layout->pieces = calloc(layout->nr_pieces + 1, sizeof(*layout->pieces));
	if (!layout->pieces)
		goto out_of_memory;
	for_each_piece(layout, checksum_piece, NULL);
	/* The table has the same length with offsets: numbers in it are of fixed width. */
	table = core_table_encode(layout->dump, layout->pieces);
	if (!table)
		goto out_of_memory;
	core_notes_make(&layout->notes, layout->dump, table);
	if (!layout->notes.failed && !core_table_is_bounded(table, strlen(table))) {
		free(table);
		return fail(layout->context, -E2BIG,
			    "%s: the table of regions would be larger than a reader accepts",
			    layout->path);
	}
	free(table);
	layout->notes_offset = sizeof(Elf64_Ehdr) + (1 + layout->nr_loads) * sizeof(Elf64_Phdr);
	layout->data_offset = align_up(layout->notes_offset + layout->notes.length);
	end = layout->data_offset;
	for_each_piece(layout, place_piece, &end);

	free(layout->notes.bytes);
	layout->notes = (struct core_notes) { .failed = layout->notes.failed };
	table = core_table_encode(layout->dump, layout->pieces);
	if (!table)
		goto out_of_memory;
	core_notes_make(&layout->notes, layout->dump, table);
	free(table);
	if (!layout->notes.failed)
		return 0;
out_of_memory:
	return fail(layout->context, -ENOMEM, "%s: out of memory", layout->path);
}

/* ELF number of the machine; the identification block may be lost. */
static uint16_t machine_of(const struct meminspect_dump *dump)
{
	size_t length;

	if (dump->has_ident)
		return dump->ident.machine;
	for (size_t i = 0; i < dump->nr_registers; i++) {
		if (dump->registers[i].size == CORE_PRSTATUS_X86_64)
			return EM_X86_64;
		if (dump->registers[i].size == CORE_PRSTATUS_ARM64)
			return EM_AARCH64;
	}
	if (!dump->vmcoreinfo)
		return EM_NONE;
	if (meminspect_vmcoreinfo_value(dump->vmcoreinfo, "NUMBER(kimage_voffset)", &length))
		return EM_AARCH64;
	if (meminspect_vmcoreinfo_value(dump->vmcoreinfo, "NUMBER(phys_base)", &length))
		return EM_X86_64;
	return EM_NONE;
}

/* drgn and gdb go by virtual addresses only: no piece may be without. */
static uint64_t vaddr_of(const struct meminspect_dump *dump, const struct meminspect_piece *piece)
{
	const struct meminspect_ident *ident = &dump->ident;

	if (piece->vaddr)
		return piece->vaddr;
	if (dump->has_ident && ident->page_offset && piece->paddr >= ident->phys_offset &&
	    piece->paddr - ident->phys_offset < UINT64_MAX - ident->page_offset - piece->length)
		return ident->page_offset + (piece->paddr - ident->phys_offset);
	return CORE_NO_VADDR + piece->paddr;
}

/* PT_LOADs as they are made. */
struct loads {
	size_t nr;
	GElf_Phdr *headers;
};

static int make_load(struct layout *layout, size_t index, const struct meminspect_piece *piece,
		     void *priv)
{
	struct loads *loads = priv;

	if (!piece->present)
		return 0;
	loads->headers[loads->nr++] = (GElf_Phdr) {
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W,
		.p_offset = layout->pieces[index].offset,
		.p_vaddr = vaddr_of(layout->dump, piece),
		.p_paddr = piece->paddr,
		.p_filesz = piece->present,
		/* Not more than there is: what goes beyond would be read as zeros. */
		.p_memsz = piece->present,
	};
	return 0;
}

/*
 * Regions may overlap. crash takes the first segment that holds the first byte
 * of what it wants: the one that reaches farthest must come first, or it reads
 * poison that another segment has bytes for.
 */
static int farthest_first(const void *a, const void *b)
{
	const GElf_Phdr *left = a, *right = b;
	uint64_t left_end = left->p_paddr + left->p_filesz;
	uint64_t right_end = right->p_paddr + right->p_filesz;

	if (left_end != right_end)
		return left_end > right_end ? -1 : 1;
	return left->p_offset < right->p_offset ? -1 : 1;
}

/* For free(); NULL if memory is short. */
static GElf_Phdr *make_loads(struct layout *layout)
{
	struct loads loads = { .headers = calloc(layout->nr_loads, sizeof(GElf_Phdr)) };

	if (!loads.headers)
		return NULL;
	for_each_piece(layout, make_load, &loads);
	qsort(loads.headers, loads.nr, sizeof(*loads.headers), farthest_first);
	/* These cover no byte. */
	for (; loads.nr < layout->nr_loads; loads.nr++)
		loads.headers[loads.nr] = (GElf_Phdr) {
			.p_type = PT_LOAD, .p_flags = PF_R, .p_offset = layout->data_offset,
			.p_vaddr = CORE_NO_VADDR,
		};
	return loads.headers;
}

static int fill_headers(struct layout *layout, Elf *elf)
{
	GElf_Phdr note = {
		.p_type = PT_NOTE,
		.p_offset = layout->notes_offset,
		.p_filesz = layout->notes.length,
		.p_align = 4,
	};
	GElf_Phdr *loads;
	GElf_Ehdr header;
	bool failed;

	if (!gelf_newehdr(elf, ELFCLASS64) || !gelf_getehdr(elf, &header))
		return -1;
	header.e_ident[EI_DATA] = ELFDATA2LSB;
	header.e_type = ET_CORE;
	header.e_machine = machine_of(layout->dump);
	header.e_version = EV_CURRENT;
	header.e_phoff = sizeof(Elf64_Ehdr);
	if (!gelf_update_ehdr(elf, &header) || !gelf_newphdr(elf, 1 + layout->nr_loads) ||
	    !gelf_update_phdr(elf, 0, &note))
		return -1;
	loads = make_loads(layout);
	failed = !loads;
	for (size_t i = 0; i < layout->nr_loads && !failed; i++)
		failed = !gelf_update_phdr(elf, (int)(1 + i), &loads[i]);
	free(loads);
	if (failed)
		return -1;
	elf_flagelf(elf, ELF_C_SET, ELF_F_LAYOUT);
	return elf_update(elf, ELF_C_WRITE) < 0 ? -1 : 0;
}

static int write_headers(struct layout *layout, struct output *output)
{
	Elf *elf;
	int result = -1;

	elf_version(EV_CURRENT);
	elf = elf_begin(output->fd, ELF_C_WRITE, NULL);
	if (elf)
		result = fill_headers(layout, elf);
	if (result)
		result = fail(layout->context, -EIO, "%s: can't write its ELF headers: %s",
			      layout->path, elf_errmsg(-1));
	elf_end(elf);
	output->offset = layout->notes_offset;
	return result;
}

static int write_notes(struct layout *layout, struct output *output)
{
	uint8_t *headers = malloc(layout->notes_offset);
	int error;

	if (!headers)
		return fail(layout->context, -ENOMEM, "%s: out of memory", layout->path);
	error = output_read(layout->context, output, headers, layout->notes_offset);
	if (!error) {
		core_notes_set_checksum(&layout->notes,
					crc32_z(0, headers, layout->notes_offset));
		error = output_write(layout->context, output, layout->notes.bytes,
				     layout->notes.length);
	}
	free(headers);
	return error;
}

/* Writes poison up to @end, less than two pages away. */
static int write_poison(struct layout *layout, struct output *output, uint64_t end)
{
	char poison[2 * CORE_PAGE_SIZE];

	for (size_t i = 0; i < sizeof(poison); i++)
		poison[i] = CORE_POISON[i % CORE_POISON_SIZE];
	return output_write(layout->context, output, poison + output->offset % CORE_POISON_SIZE,
			    end - output->offset);
}

static int write_piece(struct layout *layout, size_t index, const struct meminspect_piece *piece,
		       void *priv)
{
	struct output *output = priv;
	int error;

	progress(layout->context, "writing", index, layout->nr_pieces);
	if (!piece->present)
		return 0;
	error = write_poison(layout, output, layout->pieces[index].offset);
	if (!error)
		error = output_write(layout->context, output, piece->data, piece->present);
	if (!error)
		error = write_poison(layout, output, align_up(output->offset));
	return error;
}

static int write_file(struct layout *layout)
{
	struct output output;
	int error = output_create(layout->context, layout->path, &output);

	if (error)
		return error;
	error = write_headers(layout, &output);
	if (!error)
		error = write_notes(layout, &output);
	if (!error)
		error = write_poison(layout, &output, layout->data_offset);
	if (!error)
		error = for_each_piece(layout, write_piece, &output);
	if (!error)
		return output_commit(layout->context, &output);
	output_discard(&output);
	return error;
}

int meminspect_core_write(struct meminspect_context *context, const struct meminspect_dump *dump,
			  const char *path)
{
	struct layout layout = { .context = context, .dump = dump, .path = path };
	int error = make_layout(&layout);

	if (!error)
		error = write_file(&layout);
	free(layout.notes.bytes);
	free(layout.pieces);
	return error;
}
