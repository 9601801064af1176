/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MEMINSPECT_COREIMAGE_H
#define _MEMINSPECT_COREIMAGE_H

#include <linux/types.h>

/**
 * struct meminspect_segment - one physically contiguous run in a core
 * @va: virtual address of its first byte
 * @pa: physical address of its first byte
 * @length: bytes
 * @offset: of its first byte in the core
 * @row: row of the region
 * @serial: serial of that row when the core was laid out
 */
struct meminspect_segment {
	const void *va;
	phys_addr_t pa;
	size_t length;
	loff_t offset;
	u32 row;
	u32 serial;
};

/**
 * struct meminspect_core_image - the layout of an ELF core of all regions
 * @header: ELF header, program headers and notes
 * @header_size: bytes of @header
 * @segments: in the order of @offset
 * @nr_segments: number of @segments
 * @size: bytes of the whole core
 */
struct meminspect_core_image {
	void *header;
	size_t header_size;
	struct meminspect_segment *segments;
	unsigned int nr_segments;
	loff_t size;
};

int meminspect_core_image_build(struct meminspect_core_image *image);
void meminspect_core_image_free(struct meminspect_core_image *image);

#endif /* _MEMINSPECT_COREIMAGE_H */
