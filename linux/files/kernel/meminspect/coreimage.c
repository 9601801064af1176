// SPDX-License-Identifier: GPL-2.0-only
/*
 * Layout of an ELF core of all marked regions: ELF header, program headers
 * right behind it, notes, then each run in pages of its own.
 *
 * The offset of a run is congruent to its address modulo the page size, and
 * nothing else is in its pages: tools that read on within a page past the end
 * of a run must not meet another one.
 */
#include <linux/elf.h>
#include <linux/elfcore.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmcore_info.h>

#include "coreimage.h"
#include "internal.h"

/* Program headers beyond this need an extension that few tools know. */
#define MAX_SEGMENTS	(PN_XNUM - 2)

static void count_segments(void *priv, const struct inspect_entry *entry)
{
	unsigned int *count = priv;

	*count += entry->nr_extents;
}

struct layout {
	struct meminspect_core_image *image;
	unsigned int capacity;
	bool overflow;
};

static void add_segments(void *priv, const struct inspect_entry *entry)
{
	struct layout *layout = priv;
	struct meminspect_core_image *image = layout->image;
	struct meminspect_segment *segment;
	const struct meminspect_slot *slot =
		container_of(entry, struct meminspect_slot, entry);
	struct meminspect_extent extent;
	const void *va = entry->va;
	unsigned int i;

	for (i = 0; i < entry->nr_extents; i++) {
		if (image->nr_segments == layout->capacity) {
			layout->overflow = true;
			return;
		}
		if (meminspect_entry_extent(entry, i, &extent))
			return;
		segment = &image->segments[image->nr_segments++];
		segment->va = va;
		segment->pa = extent.paddr;
		segment->length = extent.length;
		segment->row = slot->row;
		segment->serial = slot->serial;
		va += extent.length;
	}
}

static void place_segments(struct meminspect_core_image *image)
{
	loff_t offset = PAGE_ALIGN(image->header_size);
	struct meminspect_segment *segment;
	unsigned int i;

	for (i = 0; i < image->nr_segments; i++) {
		segment = &image->segments[i];
		segment->offset = offset + offset_in_page(segment->pa);
		offset = PAGE_ALIGN(segment->offset + segment->length);
	}
	image->size = offset;
}

static void write_header(struct meminspect_core_image *image, size_t text_size)
{
	struct elf64_hdr *elf = image->header;
	struct elf64_phdr *program = (void *)(elf + 1);
	struct elf64_note *note;
	unsigned int i;

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
	elf->e_phnum = 1 + image->nr_segments;

	program->p_type = PT_NOTE;
	program->p_offset = sizeof(*elf) + elf->e_phnum * sizeof(*program);
	program->p_filesz = image->header_size - program->p_offset;
	note = image->header + program->p_offset;

	for (i = 0; i < image->nr_segments; i++) {
		program++;
		program->p_type = PT_LOAD;
		program->p_flags = PF_R | PF_W;
		program->p_offset = image->segments[i].offset;
		program->p_vaddr = (unsigned long)image->segments[i].va;
		program->p_paddr = image->segments[i].pa;
		program->p_filesz = image->segments[i].length;
		program->p_memsz = image->segments[i].length;
	}

	note->n_namesz = sizeof(VMCOREINFO_NOTE_NAME);
	note->n_descsz = text_size;
	memcpy(note + 1, VMCOREINFO_NOTE_NAME, sizeof(VMCOREINFO_NOTE_NAME));
	memcpy((void *)(note + 1) + ALIGN(sizeof(VMCOREINFO_NOTE_NAME), 4),
	       vmcoreinfo_data, text_size);
}

/**
 * meminspect_core_image_build - lay out a core of what is marked now
 * @image: filled in
 *
 * Context: Process context. May sleep.
 *
 * Return: 0, -ENOMEM, -ENODATA if VMCOREINFO is not there yet, -E2BIG if there
 * are more runs than program headers, or -EAGAIN if regions came in meanwhile.
 */
int meminspect_core_image_build(struct meminspect_core_image *image)
{
	struct layout layout = { .image = image };
	size_t text_size = vmcoreinfo_size;
	int ret = -ENOMEM;

	memset(image, 0, sizeof(*image));
	if (!vmcoreinfo_data)
		return -ENODATA;

	meminspect_traverse(&layout.capacity, count_segments);
	if (layout.capacity > MAX_SEGMENTS)
		return -E2BIG;
	image->segments = kvcalloc(layout.capacity, sizeof(*image->segments),
				   GFP_KERNEL);
	if (!image->segments)
		return -ENOMEM;
	meminspect_traverse(&layout, add_segments);
	if (layout.overflow) {
		ret = -EAGAIN;
		goto free;
	}

	image->header_size = sizeof(struct elf64_hdr) +
			     (1 + image->nr_segments) * sizeof(struct elf64_phdr) +
			     sizeof(struct elf64_note) +
			     ALIGN(sizeof(VMCOREINFO_NOTE_NAME), 4) +
			     ALIGN(text_size, 4);
	image->header = kvzalloc(image->header_size, GFP_KERNEL);
	if (!image->header)
		goto free;
	place_segments(image);
	write_header(image, text_size);
	return 0;
free:
	meminspect_core_image_free(image);
	return ret;
}

/**
 * meminspect_core_image_free - free a layout
 * @image: the layout
 *
 * Context: Process context.
 */
void meminspect_core_image_free(struct meminspect_core_image *image)
{
	kvfree(image->segments);
	kvfree(image->header);
}
