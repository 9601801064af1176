// SPDX-License-Identifier: LGPL-2.1-only
/* VMCOREINFO and registers, as the notes of QEMU's dump-guest-memory have them. */
#include "core-format.h"
#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

/* A thousand CPUs have some megabytes of notes. */
#define MAX_NOTES	(64U << 20)

static bool is_named(const struct note *note, const char *name)
{
	/* QEMU has written VMCOREINFO with and without its NUL in the size. */
	return note->name_size >= strlen(name) && note->name_size <= strlen(name) + 1 &&
	       !memcmp(note->name, name, strlen(name));
}

static int take_vmcoreinfo(struct meminspect_memory *memory, const struct note *note)
{
	if (memory->vmcoreinfo)
		return 0;
	memory->vmcoreinfo = strndup((const char *)note->description, note->description_size);
	return memory->vmcoreinfo ? 0 : -ENOMEM;
}

static int take_prstatus(struct meminspect_memory *memory, const struct note *note)
{
	struct meminspect_registers *registers;
	uint32_t pid;
	uint8_t *copy;

	if (!prstatus_size_possible(note->description_size, 0))
		return 0;
	/* struct elf_prstatus starts alike on all 64-bit machines; QEMU writes CPU + 1 there. */
	pid = prstatus_pid(note->description);
	if (!pid)
		return 0;
	registers = reallocarray(memory->registers, memory->nr_registers + 1, sizeof(*registers));
	if (!registers)
		return -ENOMEM;
	memory->registers = registers;
	copy = malloc(note->description_size);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, note->description, note->description_size);
	registers[memory->nr_registers++] = (struct meminspect_registers){
		.cpu = pid - 1,
		.source = MEMINSPECT_REGISTERS_QEMU,
		.size = note->description_size,
		.prstatus = copy,
	};
	return 0;
}

static int take_notes(struct meminspect_memory *memory, const uint8_t *bytes, size_t length)
{
	size_t offset = 0;
	struct note note;
	int found, error = 0;

	while (!error && (found = note_next(bytes, length, &offset, &note)) > 0) {
		if (is_named(&note, "VMCOREINFO"))
			error = take_vmcoreinfo(memory, &note);
		else if (is_named(&note, "CORE") && note.type == NT_PRSTATUS)
			error = take_prstatus(memory, &note);
	}
	return error ? error : found;
}

int qemu_notes_read(struct meminspect_memory *memory, int fd, const char *path)
{
	Elf_Data *data = NULL;
	GElf_Phdr header;
	Elf *elf;
	int i, error;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF) {
		elf_end(elf);
		return fail(memory->context, -EBADMSG, "%s: what QEMU dumped is no ELF file", path);
	}
	for (i = 0; gelf_getphdr(elf, i, &header); i++) {
		if (header.p_type == PT_NOTE && header.p_filesz <= MAX_NOTES) {
			data = elf_getdata_rawchunk(elf, header.p_offset, header.p_filesz,
						    ELF_T_BYTE);
			break;
		}
	}
	error = data ? take_notes(memory, data->d_buf, data->d_size) : -EBADMSG;
	elf_end(elf);
	if (error == -EBADMSG)
		return fail(memory->context, error,
			    "%s: what QEMU dumped has no notes that can be read", path);
	return error ? fail(memory->context, error, "out of memory") : 0;
}
