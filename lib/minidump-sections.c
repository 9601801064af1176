// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A header of the older kind: it has no notes, but a section for each region,
 * whose name is the name of a file. A program header with the section's virtual
 * address tells the physical one. What the header holds itself, as a copy of
 * the banner, has no file.
 */
#include "minidump.h"
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct sections {
	struct meminspect_memory *memory;
	const char *path;
	const uint8_t *bytes;
	size_t size;
	Elf64_Ehdr elf;
	size_t nr, nr_programs;
	uint64_t names, names_size;	/* the table of strings */
	struct minidump_header *header;
};

static Elf64_Shdr section_at(const struct sections *sections, size_t index)
{
	Elf64_Shdr section;

	memcpy(&section, sections->bytes + le64toh(sections->elf.e_shoff) +
	       index * sizeof(section), sizeof(section));
	section.sh_name = le32toh(section.sh_name);
	section.sh_type = le32toh(section.sh_type);
	section.sh_addr = le64toh(section.sh_addr);
	section.sh_offset = le64toh(section.sh_offset);
	section.sh_size = le64toh(section.sh_size);
	return section;
}

/* Sections or program headers that are in the file, of as many as it says. */
static size_t headers_there(const struct sections *sections, uint64_t offset, size_t nr,
			    size_t size)
{
	size_t room = offset > sections->size ? 0 : (sections->size - offset) / size;

	if (nr > MAX_MINIDUMP_ROWS)
		nr = MAX_MINIDUMP_ROWS;
	return nr < room ? nr : room;
}

static bool find_names(struct sections *sections)
{
	size_t index = le16toh(sections->elf.e_shstrndx);
	Elf64_Shdr section;

	if (!index || index >= sections->nr)
		return false;
	section = section_at(sections, index);
	if (section.sh_type != SHT_STRTAB || section.sh_offset > sections->size)
		return false;
	sections->names = section.sh_offset;
	sections->names_size = section.sh_size;
	if (sections->names_size > sections->size - sections->names)
		sections->names_size = sections->size - sections->names;
	return sections->names_size != 0;
}

/* "" if the name is not what a kernel writes. */
static void copy_name(const struct sections *sections, uint32_t at, char *name, size_t size)
{
	const char *from = (const char *)sections->bytes + sections->names + at;
	size_t length = 0;

	name[0] = '\0';
	if (at >= sections->names_size)
		return;
	while (length < size && length < sections->names_size - at && from[length])
		if (from[length] < ' ' || from[length++] > '~')
			return;
	if (length == size || length == sections->names_size - at)
		return;
	memcpy(name, from, length + 1);
}

static bool find_program(const struct sections *sections, const Elf64_Shdr *section,
			 uint64_t *paddr)
{
	Elf64_Phdr program;

	for (size_t i = 0; i < sections->nr_programs; i++) {
		memcpy(&program, sections->bytes + le64toh(sections->elf.e_phoff) +
		       i * sizeof(program), sizeof(program));
		/* Sizes there are multiples of 4. */
		if (le32toh(program.p_type) != PT_LOAD ||
		    le64toh(program.p_vaddr) != section->sh_addr ||
		    le64toh(program.p_filesz) - section->sh_size >= 4)
			continue;
		*paddr = le64toh(program.p_paddr);
		return true;
	}
	return false;
}

static int add_section(struct sections *sections, size_t index)
{
	struct minidump_header *header = sections->header;
	struct minidump_row *row = &header->rows[header->nr_rows];
	Elf64_Shdr section = section_at(sections, index);

	if (section.sh_type != SHT_PROGBITS || !section.sh_size)
		return 0;
	copy_name(sections, section.sh_name, row->name, sizeof(row->name));
	/* Not a region: it tells other tools an address. */
	if (!strcmp(row->name, "minidump_table")) {
		row->name[0] = '\0';
		return 0;
	}
	if (!row->name[0])
		return memory_add_problem(sections->memory, "%s: the name of section %zu, %#llx bytes at virtual address %#llx, is damaged: its file can't be told",
					  sections->path, index,
					  (unsigned long long)section.sh_size,
					  (unsigned long long)section.sh_addr);
	header->nr_rows++;
	row->vaddr = section.sh_addr;
	row->size = section.sh_size;
	row->file = MINIDUMP_NO_FILE;
	if (!find_program(sections, &section, &row->paddr) ||
	    row->size > UINT64_MAX - row->paddr || row->paddr >> 52) {
		row->lost = true;
		return minidump_row_fault(row, "the header has no program header for it: where it was in physical memory is not known");
	}
	/* In the header itself. */
	if (section.sh_offset < sections->size &&
	    section.sh_size <= sections->size - section.sh_offset)
		row->offset = section.sh_offset;
	return 0;
}

int minidump_sections_parse(struct meminspect_memory *memory, const char *path,
			    const uint8_t *bytes, size_t size, struct minidump_header *header)
{
	struct sections sections = {
		.memory = memory, .path = path, .bytes = bytes, .size = size, .header = header,
	};
	int error = 0;

	memcpy(&sections.elf, bytes, sizeof(sections.elf));
	if (le16toh(sections.elf.e_shentsize) != sizeof(Elf64_Shdr) ||
	    le16toh(sections.elf.e_shnum) < 2 || !le16toh(sections.elf.e_shstrndx))
		return 0;
	sections.nr = headers_there(&sections, le64toh(sections.elf.e_shoff),
				    le16toh(sections.elf.e_shnum), sizeof(Elf64_Shdr));
	sections.nr_programs = headers_there(&sections, le64toh(sections.elf.e_phoff),
					     le16toh(sections.elf.e_phnum), sizeof(Elf64_Phdr));
	header->style = MINIDUMP_SECTIONS;
	if (!find_names(&sections))
		return memory_add_problem(memory, "%s: its table of names is missing: it has %zu bytes; no file can be told",
					  path, size);
	header->rows = calloc(sections.nr + 1, sizeof(*header->rows));
	if (!header->rows)
		return -ENOMEM;
	if (sections.nr < le16toh(sections.elf.e_shnum))
		error = memory_add_problem(memory, "%s: ends at offset %zu, within its %u section headers: the last %zu regions are not known",
					   path, size, le16toh(sections.elf.e_shnum),
					   le16toh(sections.elf.e_shnum) - sections.nr);
	for (size_t i = 1; i < sections.nr && !error; i++)
		error = add_section(&sections, i);
	return error;
}
