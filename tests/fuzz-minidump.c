// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes what is read of a minidump's files. The first byte of the input says
 * what the rest is: the header by itself, or a folder. A folder is made of a
 * good one by edits: its header's bytes, or a file's name and size.
 */
#include "minidump.h"
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NR_ROWS		12
#define ROW_PADDR(i)	(0x80000000ULL + 0x10000 * (i))
#define ROW_SIZE(i)	((i) % 3 ? 256U : 64U * ((i) + 1))
#define HEADER_SIZE	1024U

/* Every row's bytes are its number: so each byte that is read tells whether it is right. */
static uint8_t row_byte(size_t row)
{
	return 0x40 + row;
}

static size_t make_header(uint8_t *bytes, bool split)
{
	static const char text[] = "OSRELEASE=6.12\n";
	Elf64_Ehdr elf = {
		.e_ident = ELFMAG, .e_type = ET_CORE, .e_machine = EM_AARCH64, .e_phoff = sizeof(elf),
		.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = NR_ROWS + 1,
	};
	size_t at = sizeof(elf), notes = sizeof(elf) + (NR_ROWS + 1) * sizeof(Elf64_Phdr);
	Elf64_Phdr program = { .p_type = PT_NOTE, .p_offset = notes, .p_filesz = 24 + 16 };
	Elf64_Nhdr note = { 11, 16, 0 };
	size_t header = split ? notes + 24 : HEADER_SIZE;
	uint64_t offset = split ? header + 16 : header;

	memset(bytes, 0, HEADER_SIZE);
	elf.e_ident[EI_CLASS] = ELFCLASS64;
	elf.e_ident[EI_DATA] = ELFDATA2LSB;
	memcpy(bytes, &elf, sizeof(elf));
	memcpy(bytes + at, &program, sizeof(program));
	for (size_t i = 0; i < NR_ROWS; i++) {
		program = (Elf64_Phdr) {
			.p_type = PT_LOAD, .p_offset = offset, .p_paddr = ROW_PADDR(i),
			.p_vaddr = ROW_PADDR(i), .p_filesz = ROW_SIZE(i),
		};
		offset += ROW_SIZE(i);
		memcpy(bytes + (at += sizeof(program)), &program, sizeof(program));
	}
	memcpy(bytes + notes, &note, sizeof(note));
	memcpy(bytes + notes + sizeof(note), "VMCOREINFO", 11);
	if (!split)
		memcpy(bytes + notes + 24, text, sizeof(text));
	return header;
}

static void check_rows(const struct minidump *minidump)
{
	bool taken[64] = { false };

	for (size_t i = 0; i < minidump->header.nr_rows; i++) {
		const struct minidump_row *row = &minidump->header.rows[i];

		if (row->file == MINIDUMP_NO_FILE || row->offset)
			continue;
		if (row->lost || row->file >= minidump->files.nr || taken[row->file % 64])
			abort();
		taken[row->file % 64] = true;
	}
}

static void parse_header(const uint8_t *data, size_t size)
{
	struct meminspect_memory memory = { .context = meminspect_context_new() };
	struct minidump_header header;
	/* Of their exact size, so that the sanitizers see a read behind the end. */
	uint8_t *bytes = malloc(size ? size : 1);

	memcpy(bytes, data, size);
	if (!minidump_header_parse(&memory, "header", bytes, size, &header)) {
		if (header.nr_rows > MAX_MINIDUMP_ROWS || header.style == MINIDUMP_NO_HEADER)
			abort();
		for (size_t i = 0; i < header.nr_rows; i++)
			if (!header.rows[i].lost &&
			    header.rows[i].paddr + header.rows[i].size < header.rows[i].paddr)
				abort();
		minidump_header_release(&header);
	}
	free(bytes);
	memory_release(&memory);
	meminspect_context_free(memory.context);
}

struct edit {
	uint8_t what;		/* bit 7: the header; else which file */
	uint8_t place;		/* of the header, in units of 4; or what to do with the file */
	uint8_t value[6];	/* bytes, or of the name */
};

static void edit_file(struct minidump *minidump, size_t index, const struct edit *edit)
{
	struct minidump_file *file = &minidump->files.files[index];
	char name[32];

	switch (edit->place % 4) {
	case 0:
		file->size = edit->value[0];
		break;
	case 1:
		file->has_address = edit->value[0] & 1;
		file->address = ROW_PADDR(edit->value[1] % (NR_ROWS + 2));
		break;
	default:
		snprintf(name, sizeof(name), "md_%.6s.BIN", (const char *)edit->value);
		minidump_name_parse(name, &file->name);
	}
}

static void match_folder(const uint8_t *data, size_t size, bool split)
{
	struct minidump minidump = {
		.memory.context = meminspect_context_new(),
		.files = { .memory = &minidump.memory, .folder = -1, .where = strdup("folder") },
	};
	uint8_t header[HEADER_SIZE], content[(NR_ROWS + 2) * 4096], read[64];
	size_t header_size = make_header(header, split);
	struct edit edit;

	minidump.files.container = memfd_create("fuzz", 0);
	memset(content, 0, sizeof(content));
	for (size_t i = 0; i < NR_ROWS + 2; i++) {
		struct minidump_file *file;
		char name[32];

		snprintf(name, sizeof(name), i ? "md_Krow%zu.BIN" : "md_KELF%zu.BIN", i + 1);
		file = minidump_files_add(&minidump.files, name);
		minidump_name_parse(name, &file->name);
		file->position = 4096 * i;
		if (i > split)
			file->size = ROW_SIZE(i - 1 - split);
		if (i > split)
			memset(content + 4096 * i, row_byte(i - 1 - split), file->size);
	}
	if (split) {
		memcpy(content + 4096, "OSRELEASE=6.12\n", 16);
		minidump.files.files[1].size = 16;
	} else {
		minidump.files.nr--;
		free(minidump.files.files[minidump.files.nr].path);
	}
	minidump.files.files[0].size = header_size;
	for (; size >= sizeof(edit); data += sizeof(edit), size -= sizeof(edit)) {
		memcpy(&edit, data, sizeof(edit));
		if (edit.what & 0x80)
			memcpy(header + 4 * edit.place % (HEADER_SIZE - 8), edit.value, sizeof(edit.value));
		else
			edit_file(&minidump, edit.what % minidump.files.nr, &edit);
	}
	if (pwrite(minidump.files.container, content, sizeof(content), 0) < 0)
		abort();
	minidump.header_file = 0;
	minidump.files.files[0].used = true;
	if (!minidump_header_parse(&minidump.memory, "header", header, header_size, &minidump.header)) {
		if (minidump_match(&minidump) || minidump_registers(&minidump) ||
		    minidump_report_unused(&minidump))
			abort();
		check_rows(&minidump);
		for (size_t i = 0; i < NR_ROWS; i++)
			minidump_read(&minidump, ROW_PADDR(i), read, sizeof(read));
		minidump_header_release(&minidump.header);
	}
	minidump_files_close(&minidump.files);
	directory_free(minidump.directory);
	memory_release(&minidump.memory);
	meminspect_context_free(minidump.memory.context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct minidump_name name;
	uint32_t number;

	if (!size)
		return 0;
	if (data[0] % 4 == 0) {
		parse_header(data + 1, size - 1);
	} else if (data[0] % 4 == 1) {
		char *text = strndup((const char *)data + 1, size - 1);

		if (minidump_name_parse(text, &name) && minidump_name_number(name.full, &number) &&
		    !minidump_name_ends_in(name.full, number))
			abort();
		free(text);
	} else {
		match_folder(data + 1, size - 1, data[0] % 4 == 3);
	}
	return 0;
}
