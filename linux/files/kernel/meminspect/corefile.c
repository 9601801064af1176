// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every ELF core starts with: ELF header, program headers right behind it,
 * of which the first is that of the notes, and the notes.
 */
#include <linux/align.h>
#include <linux/elf.h>
#include <linux/elfcore.h>
#include <linux/string.h>

#include "corefile.h"

#define NOTE_ALIGNMENT	4

static size_t padded(size_t size)
{
	return ALIGN(size, NOTE_ALIGNMENT);
}

/**
 * meminspect_core_note_size - how much room a note takes
 * @name: its owner
 * @size: bytes of its contents
 *
 * Context: Any.
 *
 * Return: bytes.
 */
size_t meminspect_core_note_size(const char *name, size_t size)
{
	return sizeof(struct elf64_note) + padded(strlen(name) + 1) + padded(size);
}

/**
 * meminspect_core_write_note - write a note
 * @to: where to; zeros stand there
 * @name: its owner
 * @type: what it is to the owner
 * @contents: what it holds
 * @size: bytes of @contents
 *
 * Context: Any.
 *
 * Return: where the next note goes.
 */
void *meminspect_core_write_note(void *to, const char *name, u32 type,
				 const void *contents, size_t size)
{
	struct elf64_note *note = to;

	note->n_namesz = strlen(name) + 1;
	note->n_descsz = size;
	note->n_type = type;
	memcpy(note + 1, name, note->n_namesz);
	memcpy((void *)(note + 1) + padded(note->n_namesz), contents, size);
	return to + meminspect_core_note_size(name, size);
}

/**
 * meminspect_core_notes_offset - where the notes stand
 * @nr_segments: segments of the core
 *
 * Context: Any.
 *
 * Return: offset in the core.
 */
size_t meminspect_core_notes_offset(unsigned int nr_segments)
{
	return sizeof(struct elf64_hdr) + (1 + nr_segments) * sizeof(struct elf64_phdr);
}

/**
 * meminspect_core_write_elf - write ELF header and the notes' program header
 * @header: where to; zeros stand there
 * @nr_segments: segments of the core, at most MEMINSPECT_MAX_SEGMENTS
 * @header_size: bytes up to the end of the last note, padding included
 *
 * Context: Any.
 *
 * Return: the program header of the first segment.
 */
struct elf64_phdr *meminspect_core_write_elf(void *header, unsigned int nr_segments,
					     size_t header_size)
{
	struct elf64_hdr *elf = header;
	struct elf64_phdr *program = (void *)(elf + 1);

	memcpy(elf->e_ident, ELFMAG, SELFMAG);
	elf->e_ident[EI_CLASS] = ELFCLASS64;
	elf->e_ident[EI_DATA] = ELF_DATA;
	elf->e_ident[EI_VERSION] = EV_CURRENT;
	elf->e_ident[EI_OSABI] = ELFOSABI_NONE;
	elf->e_type = ET_CORE;
	elf->e_machine = ELF_ARCH;
	elf->e_version = EV_CURRENT;
	elf->e_phoff = sizeof(*elf);
	elf->e_ehsize = sizeof(*elf);
	elf->e_phentsize = sizeof(*program);
	elf->e_phnum = 1 + nr_segments;

	program->p_type = PT_NOTE;
	program->p_offset = meminspect_core_notes_offset(nr_segments);
	program->p_filesz = header_size - program->p_offset;
	return program + 1;
}

/**
 * meminspect_core_write_segment - write a program header
 * @program: where to; zeros stand there
 * @va: virtual address
 * @pa: physical address
 * @size: bytes
 * @offset: where they stand in the core
 *
 * Context: Any.
 */
void meminspect_core_write_segment(struct elf64_phdr *program, u64 va, u64 pa,
				   u64 size, u64 offset)
{
	program->p_type = PT_LOAD;
	program->p_flags = PF_R | PF_W;
	program->p_offset = offset;
	program->p_vaddr = va;
	program->p_paddr = pa;
	program->p_filesz = size;
	program->p_memsz = size;
}
