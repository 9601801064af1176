// SPDX-License-Identifier: LGPL-2.1-only
/* Opens a core that core-write.c wrote, and holds each piece against its checksum. */
#include "core-format.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Contents, two pages for each piece, headers and notes have less. */
#define MAX_CORE_BYTES	(4ULL << 30)
/* That of notes, and one for each piece */
#define MAX_HEADERS	(1 + MAX_PIECES)
/* The table, and registers and VMCOREINFO, which have less. */
#define MAX_NOTES_BYTES	(CORE_TABLE_MAX_BYTES + (64U << 20))

struct reader {
	struct meminspect_context *context;
	const char *path;
	int fd;
	Elf *elf;
	uint64_t size;			/* of the file */
	uint16_t machine;
	GElf_Phdr note;			/* the PT_NOTE */
	Elf_Data *notes;		/* its contents */
	const char *table;
	size_t table_length;
	bool has_checksum;
	uint32_t checksum;
	uint64_t checksum_offset;	/* and what it covers, in the file */
	struct core_piece *pieces;
	bool *has_registers;		/* a note for each of the dump's registers was found */
	size_t nr_register_notes;
	uint64_t used;			/* bytes of pieces read so far */
	uint64_t end;			/* of all of them, in the file */
};

static int read_at(struct reader *reader, uint64_t offset, void *buffer, size_t length)
{
	uint8_t *to = buffer;

	while (length) {
		ssize_t got = pread(reader->fd, to, length, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			int error = got ? -errno : -EIO;

			return fail(reader->context, error, "%s: can't read at offset %llu: %s",
				    reader->path, (unsigned long long)offset, strerror(-error));
		}
		to += got;
		offset += got;
		length -= got;
	}
	return 0;
}

/* What a file that meminspect did not write may be, and what to do with it. */
static int refuse_format(struct reader *reader)
{
	char magic[8] = "";

	if (reader->size >= sizeof(magic) && read_at(reader, 0, magic, sizeof(magic)))
		return -EIO;
	if (!reader->size)
		return fail(reader->context, -ENOEXEC, "%s: is empty; expected an ELF core",
			    reader->path);
	if (!memcmp(magic, "KDUMP   ", 8) || !memcmp(magic, "DISKDUMP", 8))
		return fail(reader->context, -ENOEXEC,
			    "%s: is a kdump-compressed dump, not an ELF core of meminspect: open it with crash or drgn",
			    reader->path);
	return fail(reader->context, -ENOEXEC,
		    "%s: no ELF file: expected 7f 45 4c 46 at offset 0; an image of RAM is read by 'meminspect collect --ram'",
		    reader->path);
}

static int check_header(struct reader *reader)
{
	GElf_Ehdr header;

	if (elf_kind(reader->elf) != ELF_K_ELF)
		return refuse_format(reader);
	if (!gelf_getehdr(reader->elf, &header))
		return fail(reader->context, -ENOEXEC,
			    "%s: its ELF header is damaged or cut off (%llu bytes in the file): %s",
			    reader->path, (unsigned long long)reader->size, elf_errmsg(-1));
	if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
	    header.e_type != ET_CORE)
		return fail(reader->context, -ENOEXEC,
			    "%s: is ELF, but no 64-bit little-endian core file", reader->path);
	reader->machine = header.e_machine;
	return 0;
}

static int find_notes(struct reader *reader)
{
	size_t nr;

	if (elf_getphdrnum(reader->elf, &nr))
		goto damaged;
	if (nr > MAX_HEADERS)
		return fail(reader->context, -ENOEXEC,
			    "%s: has %zu program headers, expected %u at most: not written by meminspect",
			    reader->path, nr, MAX_HEADERS);
	for (size_t i = 0; i < nr; i++) {
		if (!gelf_getphdr(reader->elf, i, &reader->note))
			goto damaged;
		if (reader->note.p_type == PT_NOTE)
			break;
	}
	if (!nr || reader->note.p_type != PT_NOTE)
		return fail(reader->context, -ENOEXEC,
			    "%s: an ELF core without notes: not written by meminspect",
			    reader->path);
	if (reader->note.p_offset > reader->size ||
	    reader->note.p_filesz > reader->size - reader->note.p_offset)
		return fail(reader->context, -EBADMSG,
			    "%s: ends at offset %llu, within its notes at %llu of %llu bytes: copied incompletely? copy it again",
			    reader->path, (unsigned long long)reader->size,
			    (unsigned long long)reader->note.p_offset,
			    (unsigned long long)reader->note.p_filesz);
	if (reader->note.p_filesz > MAX_NOTES_BYTES)
		return fail(reader->context, -ENOEXEC,
			    "%s: has %llu bytes of notes at offset %llu, expected %u at most: not written by meminspect",
			    reader->path, (unsigned long long)reader->note.p_filesz,
			    (unsigned long long)reader->note.p_offset, MAX_NOTES_BYTES);
	reader->notes = elf_getdata_rawchunk(reader->elf, reader->note.p_offset,
					     reader->note.p_filesz, ELF_T_NHDR);
	if (reader->notes)
		return 0;
damaged:
	return fail(reader->context, -EBADMSG, "%s: its program headers are damaged or cut off: %s",
		    reader->path, elf_errmsg(-1));
}

struct core_note {
	GElf_Nhdr header;
	const char *name;
	const uint8_t *description;
	size_t description_offset;	/* in the notes */
};

/* Steps through the notes; false at the end. */
static bool next_note(const struct reader *reader, size_t *offset, struct core_note *note)
{
	size_t name_offset, next;

	next = gelf_getnote(reader->notes, *offset, &note->header, &name_offset,
			    &note->description_offset);
	if (!next)
		return false;
	*offset = next;
	note->name = (const char *)reader->notes->d_buf + name_offset;
	note->description = (const uint8_t *)reader->notes->d_buf + note->description_offset;
	return true;
}

static bool is_note(const struct core_note *note, const char *name, uint32_t type)
{
	return note->header.n_type == type && note->header.n_namesz == strlen(name) + 1 &&
	       !memcmp(note->name, name, note->header.n_namesz);
}

static int find_table(struct reader *reader)
{
	struct core_note note;
	bool is_kernel = false;

	for (size_t offset = 0; next_note(reader, &offset, &note);) {
		if (is_note(&note, CORE_NOTE_VMCOREINFO, CORE_TYPE_VMCOREINFO))
			is_kernel = true;
		if (is_note(&note, CORE_NOTE_PRIVATE, CORE_TYPE_TABLE)) {
			reader->table = (const char *)note.description;
			reader->table_length = note.header.n_descsz;
		}
		if (is_note(&note, CORE_NOTE_PRIVATE, CORE_TYPE_CHECKSUM) &&
		    note.header.n_descsz == sizeof(reader->checksum)) {
			memcpy(&reader->checksum, note.description, sizeof(reader->checksum));
			reader->checksum = le32toh(reader->checksum);
			reader->checksum_offset = reader->note.p_offset + note.description_offset;
			reader->has_checksum = true;
		}
	}
	if (reader->table)
		return 0;
	if (is_kernel)
		return fail(reader->context, -ENOEXEC,
			    "%s: a core of a kernel, but without the note \"" CORE_NOTE_PRIVATE
			    "\" that meminspect writes (a full vmcore?): open it with crash or drgn",
			    reader->path);
	return fail(reader->context, -ENOEXEC, "%s: an ELF core without the note \""
		    CORE_NOTE_PRIVATE "\" that meminspect writes (of a process, or a dump of all memory?)", reader->path);
}

/* Of what stands in the file before @length. */
static int crc_up_to(struct reader *reader, uint64_t length, uint32_t *crc)
{
	uint8_t bytes[64 << 10];
	uint64_t offset = 0;
	int error = 0;

	*crc = 0;
	while (offset < length && !error) {
		size_t step = length - offset < sizeof(bytes) ? length - offset : sizeof(bytes);

		error = read_at(reader, offset, bytes, step);
		if (!error)
			*crc = crc32_z(*crc, bytes, step);
		offset += step;
	}
	return error;
}

/* Whether headers and notes are as they were written. */
static int check_headers(struct reader *reader, struct meminspect_dump *dump)
{
	uint32_t crc;
	int error;

	if (!reader->has_checksum)
		return dump_add_problem(dump, "%s: the note with the checksum of its headers is missing",
					reader->path);
	error = crc_up_to(reader, reader->checksum_offset, &crc);
	if (!error && crc != reader->checksum)
		error = dump_add_problem(dump, "%s: headers or notes, offset 0 to %llu, were damaged after they had been written: checksum",
					 reader->path, (unsigned long long)reader->checksum_offset);
	return error;
}

/* The registers in a note, for the CPU that its pr_pid names. */
static void take_registers(struct reader *reader, struct meminspect_dump *dump,
			   const struct core_note *note)
{
	uint32_t pid;

	/* More notes than CPUs would only cost time. */
	if (note->header.n_descsz < CORE_PRSTATUS_MIN ||
	    reader->nr_register_notes++ >= dump->nr_registers)
		return;
	for (size_t i = 0; i < dump->nr_registers; i++) {
		const struct meminspect_registers *registers = &dump->registers[i];

		if (registers->size != note->header.n_descsz ||
		    registers->cpu + 1 != prstatus_pid(note->description))
			continue;
		pid = prstatus_pid(registers->prstatus);
		memcpy((uint8_t *)registers->prstatus, note->description, registers->size);
		prstatus_set_pid((uint8_t *)registers->prstatus, pid);
		reader->has_registers[i] = true;
	}
}

/* Registers that the table promises, but no note has. */
static int drop_registers(struct reader *reader, struct meminspect_dump *dump)
{
	int error = 0;

	for (size_t i = 0; i < dump->nr_registers && !error; i++) {
		struct meminspect_registers *registers = &dump->registers[i];

		if (!registers->prstatus || reader->has_registers[i])
			continue;
		free((void *)registers->prstatus);
		*registers = (struct meminspect_registers) { .cpu = registers->cpu };
		error = dump_add_problem(dump, "%s: the note with the registers of CPU %u is missing",
					 reader->path, registers->cpu);
	}
	return error;
}

static int read_notes(struct reader *reader, struct meminspect_dump *dump)
{
	struct core_note note;

	reader->has_registers = calloc(dump->nr_registers + 1, sizeof(*reader->has_registers));
	if (!reader->has_registers)
		return -ENOMEM;
	for (size_t offset = 0; next_note(reader, &offset, &note);) {
		if (is_note(&note, CORE_NOTE_REGISTERS, NT_PRSTATUS) ||
		    is_note(&note, CORE_NOTE_PRIVATE, CORE_TYPE_REGISTERS))
			take_registers(reader, dump, &note);
		if (is_note(&note, CORE_NOTE_VMCOREINFO, CORE_TYPE_VMCOREINFO) &&
		    !dump->vmcoreinfo) {
			dump->vmcoreinfo = strndup((const char *)note.description,
						   note.header.n_descsz);
			if (!dump->vmcoreinfo)
				return -ENOMEM;
		}
	}
	return drop_registers(reader, dump);
}

static int worsen(struct meminspect_region *region, enum meminspect_verdict verdict, char *why)
{
	if (!why)
		return -ENOMEM;
	region->verdict = verdict;
	free((void *)region->why);
	region->why = why;
	return 0;
}

/* Where its bytes are, in memory and in the file; false if there is no such program header. */
static bool find_bytes(const struct reader *reader, struct meminspect_piece *piece,
		       const struct core_piece *place, uint64_t *offset)
{
	GElf_Phdr load;

	if (place->load > INT_MAX || !gelf_getphdr(reader->elf, (int)place->load, &load) ||
	    load.p_type != PT_LOAD || load.p_filesz != piece->present ||
	    /* Nobody looks again whether a sum of both wraps around. */
	    load.p_filesz > UINT64_MAX - load.p_paddr)
		return false;
	piece->paddr = load.p_paddr;
	*offset = load.p_offset;
	return true;
}

/* Returns 1 if the piece is other than it was written. */
static int read_piece(struct reader *reader, struct meminspect_piece *piece,
		      const struct core_piece *place, char **why)
{
	uint64_t offset, room, present;
	uint8_t *data;
	int error;

	if (!piece->present)
		return 0;
	if (!find_bytes(reader, piece, place, &offset)) {
		piece->present = 0;
		if (asprintf(why, "program header %u does not lead to it: headers or table are damaged",
			     place->load) < 0)
			return -ENOMEM;
		return 1;
	}
	room = offset < reader->size ? reader->size - offset : 0;
	present = piece->present < room ? piece->present : room;
	if (piece->present > UINT64_MAX - CORE_PAGE_SIZE - offset)
		reader->end = UINT64_MAX;
	else if (offset + piece->present > reader->end)
		reader->end = offset + piece->present;
	/*
	 * We hold all pieces in memory, but a file with holes costs its maker
	 * nothing, and pieces may share bytes.
	 */
	if (present > MAX_COLLECTED_BYTES - reader->used)
		return fail(reader->context, -EFBIG,
			    "%s: its regions have more than %llu bytes: damaged, or not written by meminspect",
			    reader->path, MAX_COLLECTED_BYTES);
	reader->used += present;
	data = malloc(present ? present : 1);
	if (!data)
		return -ENOMEM;
	error = read_at(reader, offset, data, present);
	if (error || !present)
		free(data);
	else
		piece->data = data;
	if (error)
		return error;
	if (present < piece->present) {
		if (asprintf(why, "the file ends at offset %llu, its bytes go up to %llu: copied incompletely?",
			     (unsigned long long)reader->size,
			     (unsigned long long)offset + piece->present) < 0)
			return -ENOMEM;
		piece->present = present;
		return 1;
	}
	if (crc32_z(0, data, present) == place->crc)
		return 0;
	if (asprintf(why, "%llu bytes at offset %llu of the file were damaged after they had been written: checksum",
		     (unsigned long long)present, (unsigned long long)offset) < 0)
		return -ENOMEM;
	return 1;
}

static int read_region(struct reader *reader, struct meminspect_region *region,
		       const struct core_piece *places)
{
	bool damaged = false, lost = false, whole = true;
	uint64_t present = 0;
	char *why = NULL;
	int error = 0;

	for (size_t i = 0; i < region->nr_pieces && error >= 0; i++) {
		struct meminspect_piece *piece = (struct meminspect_piece *)&region->pieces[i];
		uint64_t promised = piece->present;
		char *reason = NULL;

		error = read_piece(reader, piece, &places[i], &reason);
		present += piece->present;
		whole &= piece->present == piece->length;
		lost |= piece->present < promised;
		damaged |= error > 0 && piece->present == promised;
		if (why)
			free(reason);
		else
			why = reason;
	}
	if (error < 0)
		goto out;
	if (region->verdict == MEMINSPECT_CORRUPT)
		goto out;
	if (region->verdict == MEMINSPECT_LEFT_OUT && region->nr_pieces) {
		free(why);
		return worsen(region, MEMINSPECT_CORRUPT,
			      strdup("the core's table calls it left out, but has pieces of it"));
	}
	if (damaged)
		return worsen(region, MEMINSPECT_CORRUPT, why);
	if (lost)
		return worsen(region, present ? MEMINSPECT_TRUNCATED : MEMINSPECT_ABSENT, why);
	/* Lengths may wrap around; bytes that are there can't. */
	if (region->verdict == MEMINSPECT_PRESENT && (!whole || present != region->size))
		return worsen(region, MEMINSPECT_CORRUPT,
			      strdup("the core's table calls it present, but has not all of its bytes"));
out:
	free(why);
	return error < 0 ? error : 0;
}

static int read_regions(struct reader *reader, struct meminspect_dump *dump)
{
	const struct core_piece *places = reader->pieces;
	uint64_t end;
	int error = 0;

	for (size_t i = 0; i < dump->nr_regions && !error; i++) {
		progress(reader->context, "reading", i, dump->nr_regions);
		error = read_region(reader, &dump->regions[i], places);
		places += dump->regions[i].nr_pieces;
	}
	end = core_align_up(reader->end);
	if (!error && reader->size < end)
		error = dump_add_problem(dump, "%s: ends at offset %llu, expected %llu: copied incompletely? copy it again",
					 reader->path, (unsigned long long)reader->size,
					 (unsigned long long)end);
	return error;
}

static int read_core(struct reader *reader, struct meminspect_dump **dump)
{
	int error = check_header(reader);

	if (!error)
		error = find_notes(reader);
	if (!error)
		error = find_table(reader);
	if (!error)
		error = core_table_decode(reader->context, reader->path, reader->table,
					  reader->table_length, dump, &reader->pieces);
	if (error)
		return error;
	(*dump)->machine = reader->machine;
	error = read_notes(reader, *dump);
	if (!error)
		error = check_headers(reader, *dump);
	if (!error)
		error = read_regions(reader, *dump);
	if (error == -ENOMEM)
		fail(reader->context, error, "%s: out of memory", reader->path);
	if (error) {
		meminspect_dump_free(*dump);
		*dump = NULL;
	}
	return error;
}

static int open_file(struct reader *reader)
{
	struct stat status;
	int error;

	reader->fd = open(reader->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (reader->fd < 0 || fstat(reader->fd, &status)) {
		error = -errno;
		return fail(reader->context, error, "%s: can't open it: %s", reader->path,
			    strerror(-error));
	}
	if (!S_ISREG(status.st_mode))
		return fail(reader->context, -EINVAL, "%s: not a regular file; expected an ELF core",
			    reader->path);
	reader->size = status.st_size;
	if (reader->size > MAX_CORE_BYTES)
		return fail(reader->context, -EFBIG,
			    "%s: has %llu bytes, meminspect writes no core of more than %llu: open a full vmcore with crash or drgn, collect from an image of RAM by 'meminspect collect --ram'",
			    reader->path, (unsigned long long)reader->size, MAX_CORE_BYTES);
	elf_version(EV_CURRENT);
	reader->elf = elf_begin(reader->fd, ELF_C_READ, NULL);
	if (!reader->elf)
		return fail(reader->context, -EIO, "%s: libelf can't read it: %s", reader->path,
			    elf_errmsg(-1));
	return 0;
}

int meminspect_core_open(struct meminspect_context *context, const char *path,
			 struct meminspect_dump **dump)
{
	struct reader reader = { .context = context, .path = path, .fd = -1 };
	int error;

	*dump = NULL;
	error = open_file(&reader);
	if (!error)
		error = read_core(&reader, dump);
	elf_end(reader.elf);
	if (reader.fd >= 0)
		close(reader.fd);
	free(reader.has_registers);
	free(reader.pieces);
	return error;
}
