// SPDX-License-Identifier: LGPL-2.1-only
/* The notes of a core, in the order in which they stand in the file. */
#include "core-format.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

uint32_t prstatus_pid(const uint8_t *prstatus)
{
	uint32_t pid;

	memcpy(&pid, prstatus + CORE_PID_OFFSET, sizeof(pid));
	return le32toh(pid);
}

void prstatus_set_pid(uint8_t *prstatus, uint32_t pid)
{
	pid = htole32(pid);
	memcpy(prstatus + CORE_PID_OFFSET, &pid, sizeof(pid));
}

/* Name and description are padded with zeros to a multiple of 4 each. */
static void add_note(struct core_notes *notes, const char *name, uint32_t type,
		     const void *description, size_t length)
{
	size_t name_size = strlen(name) + 1;
	size_t name_room = (name_size + 3) & ~3UL, room = (length + 3) & ~3UL;
	Elf64_Nhdr header = { htole32(name_size), htole32(length), htole32(type) };
	uint8_t *bytes;

	if (notes->failed || length > UINT32_MAX - 3)
		goto failed;
	bytes = realloc(notes->bytes, notes->length + sizeof(header) + name_room + room);
	if (!bytes)
		goto failed;
	notes->bytes = bytes;
	bytes += notes->length;
	notes->length += sizeof(header) + name_room + room;
	memset(bytes, 0, sizeof(header) + name_room + room);
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + sizeof(header), name, name_size);
	if (length)
		memcpy(bytes + sizeof(header) + name_room, description, length);
	return;
failed:
	notes->failed = true;
}

static void add_registers(struct core_notes *notes, const struct meminspect_registers *registers,
			  const char *name, uint32_t type)
{
	uint8_t *prstatus;

	/* A CPU whose registers nobody saved has no note: zeros would be a lie. */
	if (!registers->prstatus || registers->size < CORE_PRSTATUS_MIN)
		return;
	prstatus = malloc(registers->size);
	if (!prstatus) {
		notes->failed = true;
		return;
	}
	memcpy(prstatus, registers->prstatus, registers->size);
	/* drgn finds a CPU by this number, gdb wants it to differ. The table has the true one. */
	prstatus_set_pid(prstatus, registers->cpu + 1);
	add_note(notes, name, type, prstatus, registers->size);
	free(prstatus);
}

static void add_vmcoreinfo(struct core_notes *notes, const char *text)
{
	size_t length = strlen(text);
	char *lines;

	/* drgn wants the end of the last line. */
	if (asprintf(&lines, "%s%s", text, length && text[length - 1] == '\n' ? "" : "\n") < 0) {
		notes->failed = true;
		return;
	}
	add_note(notes, CORE_NOTE_VMCOREINFO, CORE_TYPE_VMCOREINFO, lines, strlen(lines));
	free(lines);
}

/* crash counts notes: behind one that is missing, it takes those of another CPU. */
static size_t nr_before_gap(const struct meminspect_dump *dump)
{
	size_t nr = 0;

	while (nr < dump->nr_registers && dump->registers[nr].prstatus && dump->registers[nr].cpu == nr)
		nr++;
	return nr;
}

/*
 * Of x86_64, crash does not believe a stack pointer that is not in the task's stack. Of arm64, it
 * asks the kernel's own buffers first, if the kernel has any.
 */
static bool crash_sees_gap(const struct meminspect_dump *dump)
{
	return core_machine(dump) != EM_AARCH64 || meminspect_dump_find(dump, "crash_notes", -1);
}

void core_notes_make(struct core_notes *notes, const struct meminspect_dump *dump,
		     const char *table)
{
	uint64_t task = dump->has_capture ? dump->capture.task : 0;
	size_t nr_usable = nr_before_gap(dump), nr_public;
	uint32_t checksum = 0;

	if (!task && suspect_task(dump, &task))
		notes->failed = true;
	nr_public = crash_sees_gap(dump) ? dump->nr_registers : nr_usable;
	for (size_t i = 0; i < nr_public; i++)
		add_registers(notes, &dump->registers[i], CORE_NOTE_REGISTERS, NT_PRSTATUS);
	if (dump->vmcoreinfo)
		add_vmcoreinfo(notes, dump->vmcoreinfo);
	if (task) {
		task = htole64(task);
		add_note(notes, CORE_NOTE_TASK, NT_TASKSTRUCT, &task, sizeof(task));
	}
	if (nr_usable && nr_usable == dump->nr_registers)
		add_note(notes, CORE_NOTE_QEMU, 0, NULL, 0);
	for (size_t i = nr_public; i < dump->nr_registers; i++)
		add_registers(notes, &dump->registers[i], CORE_NOTE_PRIVATE, CORE_TYPE_REGISTERS);
	add_note(notes, CORE_NOTE_PRIVATE, CORE_TYPE_TABLE, table, strlen(table));
	add_note(notes, CORE_NOTE_PRIVATE, CORE_TYPE_CHECKSUM, &checksum, sizeof(checksum));
}

void core_notes_set_checksum(struct core_notes *notes, uint32_t headers)
{
	size_t length = notes->length - sizeof(uint32_t);
	uint32_t checksum = htole32(crc32_z(headers, notes->bytes, length));

	memcpy(notes->bytes + length, &checksum, sizeof(checksum));
}
