/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MEMINSPECT_COREFILE_H
#define _MEMINSPECT_COREFILE_H

#include <linux/types.h>

struct elf64_phdr;

/* e_phnum of more needs an extension that few tools know; one is for notes. */
#define MEMINSPECT_MAX_SEGMENTS	(PN_XNUM - 2)

size_t meminspect_core_vmcoreinfo_size(void);
size_t meminspect_core_note_size(const char *name, size_t size);
void *meminspect_core_write_note(void *to, const char *name, u32 type,
				 const void *contents, size_t size);
size_t meminspect_core_notes_offset(unsigned int nr_segments);
struct elf64_phdr *meminspect_core_write_elf(void *header, unsigned int nr_segments,
					     size_t header_size);
void meminspect_core_write_segment(struct elf64_phdr *program, u64 va, u64 pa,
				   u64 size, u64 offset);

#endif /* _MEMINSPECT_COREFILE_H */
