// SPDX-License-Identifier: GPL-2.0-only
/*
 * Layout of an ELF core of all marked regions: the header, then each run in
 * pages of its own.
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

#include "corefile.h"
#include "coreimage.h"
#include "internal.h"

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
	struct meminspect_extents extents = { };

	while (meminspect_next_extent(entry, &extents)) {
		if (image->nr_segments == layout->capacity) {
			layout->overflow = true;
			return;
		}
		segment = &image->segments[image->nr_segments++];
		segment->va = extents.va;
		segment->pa = extents.pa;
		segment->length = extents.length;
		segment->row = slot->row;
		segment->serial = slot->serial;
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
	struct elf64_phdr *program;
	unsigned int i;

	program = meminspect_core_write_elf(image->header, image->nr_segments,
					    image->header_size);
	for (i = 0; i < image->nr_segments; i++)
		meminspect_core_write_segment(program++,
					      (unsigned long)image->segments[i].va,
					      image->segments[i].pa,
					      image->segments[i].length,
					      image->segments[i].offset);
	if (text_size)
		meminspect_core_write_note(image->header +
					   meminspect_core_notes_offset(image->nr_segments),
					   VMCOREINFO_NOTE_NAME, 0, vmcoreinfo_data,
					   text_size);
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
	size_t text_size;
	int ret = -ENOMEM;

	memset(image, 0, sizeof(*image));
	if (!vmcoreinfo_data)
		return -ENODATA;

	meminspect_traverse(&layout.capacity, count_segments);
	if (layout.capacity > MEMINSPECT_MAX_SEGMENTS)
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

	text_size = meminspect_core_vmcoreinfo_size();
	image->header_size = meminspect_core_notes_offset(image->nr_segments);
	if (text_size)
		image->header_size += meminspect_core_note_size(VMCOREINFO_NOTE_NAME,
								text_size);
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
