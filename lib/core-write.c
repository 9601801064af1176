// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Writes a dump as an ELF core: ELF header, program headers, notes, and the
 * present bytes of all pieces, in pages of the file as they were in memory. docs/core-format.md says
 * which consumer asks for what.
 */
#include "core-format.h"

#include <endian.h>
#include <errno.h>
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
	uint64_t present;		/* bytes of all pieces, shared ones for each */
	struct core_piece *pieces;
	size_t nr_places;
	struct core_place *places;	/* of those that have bytes, each with a PT_LOAD */
	struct core_notes notes;
	uint8_t poison[2 * CORE_PAGE_SIZE];
	uint64_t notes_offset;
	uint64_t data_offset;
};

static void count_pieces(struct layout *layout)
{
	for (size_t i = 0; i < layout->dump->nr_regions; i++) {
		const struct meminspect_region *region = &layout->dump->regions[i];

		layout->nr_pieces += region->nr_pieces;
		for (size_t j = 0; j < region->nr_pieces; j++)
			layout->present += region->pieces[j].present;
	}
}

/*
 * Regions may overlap. crash takes the first segment that holds the first byte
 * of what it wants: the one that reaches farthest must come first, or it reads
 * poison that another segment has bytes for.
 */
static int farthest_first(const void *a, const void *b)
{
	const struct core_place *left = a, *right = b;
	uint64_t left_end = left->piece->paddr + left->piece->present;
	uint64_t right_end = right->piece->paddr + right->piece->present;

	if (left_end != right_end)
		return left_end > right_end ? -1 : 1;
	return left->index < right->index ? -1 : 1;
}

/* One for each piece that has bytes. */
static bool make_places(struct layout *layout)
{
	size_t index = 0;

	layout->pieces = calloc(layout->nr_pieces + 1, sizeof(*layout->pieces));
	layout->places = calloc(layout->nr_pieces + 1, sizeof(*layout->places));
	if (!layout->pieces || !layout->places)
		return false;
	for (size_t i = 0; i < layout->dump->nr_regions; i++) {
		const struct meminspect_region *region = &layout->dump->regions[i];

		for (size_t j = 0; j < region->nr_pieces; j++, index++)
			if (region->pieces[j].present)
				layout->places[layout->nr_places++] = (struct core_place) {
					.piece = &region->pieces[j], .index = index,
				};
	}
	qsort(layout->places, layout->nr_places, sizeof(*layout->places), farthest_first);
	for (size_t i = 0; i < layout->nr_places; i++) {
		const struct core_place *place = &layout->places[i];

		layout->pieces[place->index] = (struct core_piece) {
			.load = 1 + i, .crc = crc32_z(0, place->piece->data, place->piece->present),
		};
	}
	return true;
}

/* With those that cover no byte. */
static size_t nr_headers(const struct layout *layout)
{
	return 1 + (layout->nr_places < MIN_LOADS ? MIN_LOADS : layout->nr_places);
}

/* More program headers than e_phnum can count: section header 0 does. */
static bool needs_section(const struct layout *layout)
{
	return nr_headers(layout) >= PN_XNUM;
}

static int make_layout(struct layout *layout)
{
	size_t length;
	char *table;

	count_pieces(layout);
	if (layout->nr_pieces > MAX_PIECES)
		return fail(layout->context, -E2BIG,
			    "%s: its regions have %zu pieces; a core holds %u pieces at most",
			    layout->path, layout->nr_pieces, MAX_PIECES);
	if (layout->present > MAX_COLLECTED_BYTES)
		return fail(layout->context, -EFBIG,
			    "%s: its regions have %llu bytes; a core holds %llu at most: collect a smaller level",
			    layout->path, (unsigned long long)layout->present, MAX_COLLECTED_BYTES);
	if (!make_places(layout))
		goto out_of_memory;
	table = core_table_encode(layout->dump, layout->pieces);
	if (!table)
		goto out_of_memory;
	core_notes_make(&layout->notes, layout->dump, table);
	length = strlen(table);
	free(table);
	if (length > CORE_TABLE_MAX_BYTES)
		return fail(layout->context, -E2BIG,
			    "%s: the table of %zu regions has %zu bytes; a core holds %u at most",
			    layout->path, layout->dump->nr_regions, length, CORE_TABLE_MAX_BYTES);
	layout->notes_offset = sizeof(Elf64_Ehdr) + nr_headers(layout) * sizeof(Elf64_Phdr);
	if (needs_section(layout))
		layout->notes_offset += sizeof(Elf64_Shdr);
	layout->data_offset = core_align_up(layout->notes_offset + layout->notes.length);
	if (!layout->notes.failed &&
	    !core_lay_out(layout->places, layout->nr_places, layout->data_offset))
		return 0;
out_of_memory:
	return fail(layout->context, -ENOMEM, "%s: out of memory", layout->path);
}

uint16_t core_machine(const struct meminspect_dump *dump)
{
	size_t length;

	if (dump->has_ident)
		return dump->ident.machine;
	if (dump->machine)
		return dump->machine;
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

static Elf64_Phdr program_header(uint32_t type, uint64_t offset, uint64_t vaddr, uint64_t paddr,
				 uint64_t length)
{
	return (Elf64_Phdr) {
		.p_type = htole32(type),
		.p_flags = htole32(type == PT_LOAD ? PF_R | PF_W : 0),
		.p_offset = htole64(offset),
		.p_vaddr = htole64(vaddr),
		.p_paddr = htole64(paddr),
		.p_filesz = htole64(length),
		/* Not more than there is: what goes beyond would be read as zeros. */
		.p_memsz = htole64(type == PT_LOAD ? length : 0),
		.p_align = htole64(type == PT_NOTE ? 4 : 0),
	};
}

static void fill_loads(const struct layout *layout, Elf64_Phdr *headers)
{
	for (size_t i = 0; i < layout->nr_places; i++) {
		const struct core_place *place = &layout->places[i];
		const struct meminspect_piece *piece = place->piece;

		headers[layout->pieces[place->index].load] =
			program_header(PT_LOAD, place->offset, vaddr_of(layout->dump, piece),
				       piece->paddr, piece->present);
	}
	for (size_t i = 1 + layout->nr_places; i < nr_headers(layout); i++)
		headers[i] = program_header(PT_LOAD, layout->data_offset, CORE_NO_VADDR, 0, 0);
}

/* All that stands before the notes, for free(); NULL if memory is short. */
static uint8_t *make_headers(struct layout *layout)
{
	size_t nr = nr_headers(layout);
	uint8_t *bytes = calloc(1, layout->notes_offset);
	Elf64_Ehdr *header = (Elf64_Ehdr *)bytes;
	Elf64_Phdr *programs = (Elf64_Phdr *)(bytes + sizeof(*header));
	Elf64_Shdr *section = (Elf64_Shdr *)(bytes + sizeof(*header) + nr * sizeof(*programs));

	if (!bytes)
		return NULL;
	memcpy(header->e_ident, ELFMAG, SELFMAG);
	header->e_ident[EI_CLASS] = ELFCLASS64;
	header->e_ident[EI_DATA] = ELFDATA2LSB;
	header->e_ident[EI_VERSION] = EV_CURRENT;
	header->e_type = htole16(ET_CORE);
	header->e_machine = htole16(core_machine(layout->dump));
	header->e_version = htole32(EV_CURRENT);
	header->e_phoff = htole64(sizeof(*header));
	header->e_ehsize = htole16(sizeof(*header));
	header->e_phentsize = htole16(sizeof(*programs));
	header->e_phnum = htole16(needs_section(layout) ? PN_XNUM : nr);
	if (needs_section(layout)) {
		header->e_shoff = htole64((uint8_t *)section - bytes);
		header->e_shentsize = htole16(sizeof(*section));
		header->e_shnum = htole16(1);
		section->sh_info = htole32(nr);
	}
	programs[0] = program_header(PT_NOTE, layout->notes_offset, 0, 0, layout->notes.length);
	fill_loads(layout, programs);
	return bytes;
}

static int write_headers_and_notes(struct layout *layout, struct output *output)
{
	uint8_t *headers = make_headers(layout);
	int error;

	if (!headers)
		return fail(layout->context, -ENOMEM, "%s: out of memory", layout->path);
	core_notes_set_checksum(&layout->notes, crc32_z(0, headers, layout->notes_offset));
	error = output_write(layout->context, output, headers, layout->notes_offset);
	if (!error)
		error = output_write(layout->context, output, layout->notes.bytes,
				     layout->notes.length);
	free(headers);
	return error;
}

/* Writes poison up to @end, less than two pages away. */
static int write_poison(struct layout *layout, struct output *output, uint64_t end)
{
	return output_write(layout->context, output,
			    layout->poison + output->offset % CORE_POISON_SIZE,
			    end - output->offset);
}

static int write_pieces(struct layout *layout, struct output *output)
{
	int error = 0;

	for (size_t i = 0; i < layout->nr_places && !error; i++) {
		const struct core_place *place = &layout->places[i];

		progress(layout->context, "writing", i, layout->nr_places);
		if (place->shared)
			continue;
		error = write_poison(layout, output, place->offset);
		if (!error)
			error = output_write(layout->context, output, place->piece->data,
					     place->piece->present);
	}
	return error ? error : write_poison(layout, output, core_align_up(output->offset));
}

static int write_file(struct layout *layout)
{
	struct output output;
	int error = output_create(layout->context, layout->path, &output);

	if (error)
		return error;
	error = write_headers_and_notes(layout, &output);
	if (!error)
		error = write_poison(layout, &output, layout->data_offset);
	if (!error)
		error = write_pieces(layout, &output);
	if (!error)
		return output_commit(layout->context, &output);
	output_discard(&output);
	return error;
}

int meminspect_core_write(struct meminspect_context *context, const struct meminspect_dump *dump,
			  const char *path)
{
	struct layout layout = { .context = context, .dump = dump, .path = path };
	int error;

	core_poison(layout.poison, sizeof(layout.poison));
	error = make_layout(&layout);

	if (!error)
		error = write_file(&layout);
	free(layout.notes.bytes);
	free(layout.pieces);
	free(layout.places);
	return error;
}
