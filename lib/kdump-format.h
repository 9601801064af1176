/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The kdump-compressed format of 64-bit machines, version 6: a header, a sub-header
 * with notes, two bitmaps of page frames, a descriptor for each page, the pages.
 * Source: makedumpfile's IMPLEMENTATION and diskdump_mod.h. All is little-endian here.
 */
#ifndef MEMINSPECT_KDUMP_FORMAT_H
#define MEMINSPECT_KDUMP_FORMAT_H

#include <stdint.h>

#define KDUMP_SIGNATURE		"KDUMP   "
#define UTS_LENGTH		65

struct kdump_header {
	char signature[8];
	uint32_t version;
	char utsname[6][UTS_LENGTH];	/* sysname, nodename, release, version, machine, domainname */
	uint8_t padding[6];
	uint64_t seconds, microseconds;	/* when it was written */
	uint32_t status;
	uint32_t block_size;
	uint32_t sub_header_blocks;
	uint32_t bitmap_blocks;		/* of both bitmaps */
	uint32_t max_frame;
	uint32_t ram_blocks, device_blocks, written_blocks;
	uint32_t current_cpu;
	uint32_t nr_cpus;
};

_Static_assert(sizeof(struct kdump_header) == 464, "struct disk_dump_header of 64-bit machines");

struct kdump_sub_header {
	uint64_t phys_base;
	uint32_t dump_level;
	uint32_t split;
	uint64_t start_frame, end_frame;	/* of a split dump */
	uint64_t vmcoreinfo_offset, vmcoreinfo_size;
	uint64_t notes_offset, notes_size;
	uint64_t eraseinfo_offset, eraseinfo_size;
	uint64_t start_frame_64, end_frame_64, max_frame_64;
};

_Static_assert(sizeof(struct kdump_sub_header) == 104, "struct kdump_sub_header of 64-bit machines");

struct kdump_page {
	uint64_t offset;
	uint32_t size;
	uint32_t flags;
	uint64_t page_flags;	/* 0 */
};

#endif /* MEMINSPECT_KDUMP_FORMAT_H */
