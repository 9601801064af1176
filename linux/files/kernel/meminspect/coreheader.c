// SPDX-License-Identifier: GPL-2.0-only
/*
 * The header of the ELF core that the runs of a consumer are when they are put
 * behind each other, in their order and the header first.
 */
#include <linux/elf.h>
#include <linux/elfcore.h>
#include <linux/export.h>
#include <linux/meminspect_namespace.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmcore_info.h>

#include "internal.h"

#define NOTE_NAME_SIZE	ALIGN(sizeof(VMCOREINFO_NOTE_NAME), 4)

/**
 * meminspect_write_core_header - write the header of a core of some runs
 * @header: where to; aligned to 8 bytes
 * @room: bytes that there are
 * @fit: the runs
 *
 * It has ELF header, program headers and VMCOREINFO as it is now. A line of it
 * that is appended at a crash is in the region of that name only.
 *
 * Context: Process context.
 *
 * Return: bytes of the header, a multiple of PAGE_SIZE, or -E2BIG, or -ENODATA
 * if there is no VMCOREINFO yet.
 */
ssize_t meminspect_write_core_header(void *header, size_t room,
				     const struct meminspect_fit *fit)
{
	size_t text_size = vmcoreinfo_size, note_offset, size;
	struct elf64_hdr *elf = header;
	struct elf64_phdr *program = (void *)(elf + 1);
	struct elf64_note *note;
	unsigned int i;
	u64 offset;

	if (!vmcoreinfo_data)
		return -ENODATA;
	note_offset = sizeof(*elf) + (1 + fit->nr_runs) * sizeof(*program);
	size = note_offset + sizeof(*note) + NOTE_NAME_SIZE + ALIGN(text_size, 4);
	if (fit->nr_runs > PN_XNUM - 2 || PAGE_ALIGN(size) > room)
		return -E2BIG;
	offset = PAGE_ALIGN(size);

	memset(header, 0, offset);
	memcpy(elf->e_ident, ELFMAG, SELFMAG);
	elf->e_ident[EI_CLASS] = ELFCLASS64;
	elf->e_ident[EI_DATA] = ELF_DATA;
	elf->e_ident[EI_VERSION] = EV_CURRENT;
	elf->e_type = ET_CORE;
	elf->e_machine = ELF_ARCH;
	elf->e_version = EV_CURRENT;
	elf->e_phoff = sizeof(*elf);
	elf->e_ehsize = sizeof(*elf);
	elf->e_phentsize = sizeof(*program);
	elf->e_phnum = 1 + fit->nr_runs;

	program->p_type = PT_NOTE;
	program->p_offset = note_offset;
	program->p_filesz = size - note_offset;
	for (i = 0; i < fit->nr_runs; i++) {
		program++;
		program->p_type = PT_LOAD;
		program->p_flags = PF_R | PF_W;
		program->p_offset = offset;
		program->p_vaddr = fit->runs[i].va;
		program->p_paddr = fit->runs[i].pa;
		program->p_filesz = fit->runs[i].size;
		program->p_memsz = fit->runs[i].size;
		offset += fit->runs[i].size;
	}

	note = header + note_offset;
	note->n_namesz = sizeof(VMCOREINFO_NOTE_NAME);
	note->n_descsz = text_size;
	memcpy(note + 1, VMCOREINFO_NOTE_NAME, sizeof(VMCOREINFO_NOTE_NAME));
	memcpy((void *)(note + 1) + NOTE_NAME_SIZE, vmcoreinfo_data, text_size);
	return PAGE_ALIGN(size);
}
EXPORT_SYMBOL_NS_GPL(meminspect_write_core_header, MEMINSPECT_NAMESPACE);
