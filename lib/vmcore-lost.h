/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What a dump of memory promises and its file has not: as it was cut off, by a full
 * disk, or a copy that ended early; or as who wrote an ELF dump left pages out at the
 * end of a segment. libkdumpfile reads zeros there.
 */
#ifndef MEMINSPECT_VMCORE_LOST_H
#define MEMINSPECT_VMCORE_LOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Physical addresses, [start, end) */
struct lost_range {
	uint64_t start, end;
};

struct lost_ranges {
	size_t nr, room;
	struct lost_range *array;	/* sorted, without overlaps */
};

struct vmcore_lost {
	uint64_t size, promised;	/* of the file, in bytes */
	struct lost_ranges cut_off, left_out;
};

/*
 * @fd: ELF or kdump-compressed; of other formats nothing is known to be lost. -ENOMEM, or -EFBIG if it claims
 * more pages than any machine has.
 */
int vmcore_find_lost(int fd, struct vmcore_lost *lost);
void vmcore_lost_release(struct vmcore_lost *lost);
/* Whether it is lost as the file was cut off. */
bool vmcore_is_cut_off(const struct vmcore_lost *lost, uint64_t paddr);
/* How many of the @length bytes from @paddr on come before what is lost. */
uint64_t vmcore_before_lost(const struct vmcore_lost *lost, uint64_t paddr, uint64_t length);

#endif /* MEMINSPECT_VMCORE_LOST_H */
