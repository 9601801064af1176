// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The header of a minidump: the start of an ELF core, in a file of its own. Its
 * program headers tell the physical address of each row. It was written by a
 * kernel that died, perhaps while it did so.
 */
#include "minidump.h"
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <linux/meminspect.h>
#include <stdlib.h>
#include <string.h>

#define VMCOREINFO_NAME "VMCOREINFO"

struct parser {
	struct meminspect_memory *memory;
	const char *path;
	const uint8_t *bytes;
	size_t size;
	Elf64_Ehdr elf;
	struct minidump_header *header;
};

static int refuse(struct parser *parser, const char *why)
{
	return fail(parser->memory->context, -ENOEXEC, "%s", why);
}

static int read_elf_header(struct parser *parser)
{
	Elf64_Ehdr *elf = &parser->elf;

	if (parser->size < sizeof(*elf))
		return refuse(parser, "too short for an ELF header");
	memcpy(elf, parser->bytes, sizeof(*elf));
	if (memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0)
		return refuse(parser, "no ELF header");
	if (elf->e_ident[EI_CLASS] != ELFCLASS64 || elf->e_ident[EI_DATA] != ELFDATA2LSB)
		return refuse(parser, "an ELF header, but not of a 64-bit little-endian machine");
	if (le16toh(elf->e_type) != ET_CORE)
		return refuse(parser, "an ELF header, but not of a core");
	if (le16toh(elf->e_phentsize) != sizeof(Elf64_Phdr))
		return refuse(parser, "an ELF header whose program headers have a wrong size");
	if (le64toh(elf->e_phoff) > parser->size)
		return refuse(parser, "an ELF header whose program headers are behind its end");
	return 0;
}

static Elf64_Phdr program_at(const struct parser *parser, size_t index)
{
	Elf64_Phdr program;

	memcpy(&program, parser->bytes + le64toh(parser->elf.e_phoff) + index * sizeof(program),
	       sizeof(program));
	program.p_type = le32toh(program.p_type);
	program.p_offset = le64toh(program.p_offset);
	program.p_vaddr = le64toh(program.p_vaddr);
	program.p_paddr = le64toh(program.p_paddr);
	program.p_filesz = le64toh(program.p_filesz);
	return program;
}

/* Program headers that are there; a problem if some are not. */
static int count_programs(struct parser *parser, size_t *nr)
{
	size_t room = (parser->size - le64toh(parser->elf.e_phoff)) / sizeof(Elf64_Phdr);

	*nr = le16toh(parser->elf.e_phnum);
	if (*nr > MAX_MINIDUMP_ROWS)
		return refuse(parser, "an ELF header with more program headers than any boot firmware has rows");
	if (*nr <= room)
		return 0;
	if (memory_add_problem(parser->memory, "%s: ends at offset %zu, within its %zu program headers: the rows of the last %zu are not known",
			       parser->path, parser->size, *nr, *nr - room))
		return -ENOMEM;
	*nr = room;
	return 0;
}

static int add_row(struct parser *parser, const Elf64_Phdr *program)
{
	struct minidump_header *header = parser->header;
	struct minidump_row *row = &header->rows[header->nr_rows++];

	row->paddr = program->p_paddr;
	row->vaddr = program->p_vaddr;
	row->size = program->p_filesz;
	row->file = MINIDUMP_NO_FILE;
	/* No machine has memory there: such a row holds nothing that can be read. */
	if (row->size > UINT64_MAX - row->paddr || row->paddr >> 52) {
		row->lost = true;
		return minidump_row_fault(row, "its program header is damaged: %#llx bytes at physical address %#llx",
					  (unsigned long long)row->size,
					  (unsigned long long)row->paddr);
	}
	return 0;
}

static int take_vmcoreinfo(struct parser *parser, const uint8_t *text, size_t length)
{
	if (length > MAX_VMCOREINFO)
		length = MAX_VMCOREINFO;
	parser->header->vmcoreinfo = strndup((const char *)text, length);
	return parser->header->vmcoreinfo ? 0 : -ENOMEM;
}

/*
 * Where its text would be: @length bytes are there of @size. If the text is not
 * among them, it is in the next file: what follows it says that there is room
 * for nothing else.
 */
static int read_vmcoreinfo(struct parser *parser, size_t offset, uint64_t size,
			   uint64_t first_row)
{
	static const char start[] = "OSRELEASE=";
	size_t length = offset < parser->size ? parser->size - offset : 0, known;

	if (length > size)
		length = size;
	known = length < strlen(start) ? length : strlen(start);
	if (known && !memcmp(parser->bytes + offset, start, known)) {
		parser->header->style = MINIDUMP_WHOLE;
		if (take_vmcoreinfo(parser, parser->bytes + offset, length))
			return -ENOMEM;
		if (length == size)
			return 0;
	} else if (first_row - offset >= size && first_row - offset - size < 4) {
		parser->header->style = MINIDUMP_SPLIT;
		parser->header->vmcoreinfo_size = size;
		if (length)
			return memory_add_problem(parser->memory, "%s: has %zu bytes, but the header ends at offset %zu: what is behind it is not used",
						  parser->path, parser->size, offset);
		return 0;
	}
	return memory_add_problem(parser->memory, "%s: VMCOREINFO, which should be at offset %zu, is %s",
				  parser->path, offset,
				  parser->header->vmcoreinfo ? "cut off" : "missing");
}

/* The kernel counted what firmware's table had no room for: the rest is lost for another reason. */
static int report_left_out(struct parser *parser, size_t offset, uint32_t size)
{
	struct meminspect_left_out_note note;

	if (size < sizeof(note) || parser->size - offset < sizeof(note))
		return 0;
	memcpy(&note, parser->bytes + offset, sizeof(note));
	if (!note.nr_ranges)
		return 0;
	return memory_add_problem(parser->memory, "the kernel had no row for %u ranges of memory, %llu bytes in all",
				  le32toh(note.nr_ranges), (unsigned long long)le64toh(note.bytes));
}

static bool is_note_of(const struct parser *parser, size_t at, const Elf64_Nhdr *note, const char *owner)
{
	return le32toh(note->n_namesz) == strlen(owner) + 1 &&
	       !memcmp(parser->bytes + at + sizeof(*note), owner, strlen(owner) + 1);
}

static int read_notes(struct parser *parser, const Elf64_Phdr *program, uint64_t first_row)
{
	size_t at = program->p_offset;
	uint64_t end = program->p_offset + program->p_filesz;

	if (program->p_offset > parser->size || end < program->p_offset)
		at = parser->size;
	while (at < end && parser->size - at >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr note;
		uint64_t text;

		memcpy(&note, parser->bytes + at, sizeof(note));
		text = at + sizeof(note) + (((uint64_t)le32toh(note.n_namesz) + 3) & ~3ULL);
		if (text > parser->size)
			break;
		if (is_note_of(parser, at, &note, VMCOREINFO_NAME))
			return read_vmcoreinfo(parser, text, le32toh(note.n_descsz), first_row);
		if (is_note_of(parser, at, &note, MEMINSPECT_NOTE_NAME) &&
		    le32toh(note.n_type) == MEMINSPECT_NOTE_LEFT_OUT &&
		    report_left_out(parser, text, le32toh(note.n_descsz)))
			return -ENOMEM;
		text += ((uint64_t)le32toh(note.n_descsz) + 3) & ~3ULL;
		if (text > parser->size)
			break;
		at = text;
	}
	return memory_add_problem(parser->memory, "%s: its notes, at offset %llu, hold no VMCOREINFO, or are cut off: it has %zu bytes",
				  parser->path, (unsigned long long)program->p_offset,
				  parser->size);
}

/*
 * Rows follow each other in a core that cat makes of the files. Where they
 * don't, the kernel changed its header and died: nothing depends on it here.
 */
static int check_offsets(struct parser *parser, const Elf64_Phdr *first, uint64_t sum)
{
	uint64_t expected = parser->size + parser->header->vmcoreinfo_size;

	if (first->p_offset > expected)
		return memory_add_problem(parser->memory, "%s: has %zu bytes, but the first row stands at offset %llu of its core: the file was cut",
					  parser->path, parser->size,
					  (unsigned long long)first->p_offset);
	if (sum)
		return memory_add_problem(parser->memory, "%s: the offsets in its program headers do not follow each other from header %llu on: did the kernel die while it changed them?",
					  parser->path, (unsigned long long)sum);
	return 0;
}

static int read_programs(struct parser *parser)
{
	Elf64_Phdr first = { 0 }, notes = { 0 }, program;
	uint64_t end = 0, broken = 0;
	int error = 0;
	size_t nr, i;

	error = count_programs(parser, &nr);
	if (error)
		return error;
	parser->header->rows = calloc(le16toh(parser->elf.e_phnum) + 1,
				      sizeof(*parser->header->rows));
	if (!parser->header->rows)
		return -ENOMEM;
	for (i = 0; i < nr && !error; i++) {
		program = program_at(parser, i);
		if (program.p_type == PT_NOTE) {
			notes = program;
		} else if (program.p_type == PT_LOAD) {
			if (!parser->header->nr_rows)
				first = program;
			else if (program.p_offset != end && !broken)
				broken = i;
			end = program.p_offset + program.p_filesz;
			error = add_row(parser, &program);
		} else if (program.p_type == PT_NULL && parser->header->nr_rows) {
			/* A row that was given up: the others keep their numbers. */
			parser->header->rows[parser->header->nr_rows].file = MINIDUMP_NO_FILE;
			parser->header->rows[parser->header->nr_rows++].lost = true;
		}
	}
	/* Of the others, it is known that they were there: other rows are told by their order. */
	for (; i < le16toh(parser->elf.e_phnum) && parser->header->nr_rows; i++) {
		parser->header->rows[parser->header->nr_rows].file = MINIDUMP_NO_FILE;
		parser->header->rows[parser->header->nr_rows++].lost = true;
	}
	if (!error)
		error = read_notes(parser, &notes, first.p_offset);
	if (!error && parser->header->nr_rows)
		error = check_offsets(parser, &first, broken);
	return error;
}

int minidump_header_parse(struct meminspect_memory *memory, const char *path,
			  const uint8_t *bytes, size_t size, struct minidump_header *header)
{
	struct parser parser = {
		.memory = memory, .path = path, .bytes = bytes, .size = size, .header = header,
	};
	int error;

	*header = (struct minidump_header) { .style = MINIDUMP_UNDECIDED };
	error = read_elf_header(&parser);
	if (!error) {
		header->machine = le16toh(parser.elf.e_machine);
		/* Without sections, e_shnum is 0. */
		error = minidump_sections_parse(memory, path, bytes, size, header);
	}
	if (!error && header->style != MINIDUMP_SECTIONS)
		error = read_programs(&parser);
	if (error)
		minidump_header_release(header);
	return error;
}

void minidump_header_release(struct minidump_header *header)
{
	for (size_t i = 0; i < header->nr_rows; i++)
		free(header->rows[i].why);
	free(header->rows);
	free(header->vmcoreinfo);
	*header = (struct minidump_header) { .style = MINIDUMP_NO_HEADER };
}
