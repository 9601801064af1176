/* SPDX-License-Identifier: LGPL-2.1-only */
/* Where a guest of QEMU has RAM. */
#ifndef MEMINSPECT_QEMU_RAM_H
#define MEMINSPECT_QEMU_RAM_H

#include "internal.h"
#include "qmp.h"

#define MAX_RAM_RANGES 1024

/* Sorts ranges and joins those at most @distance apart; returns how many are left. */
size_t merge_ranges(struct meminspect_extent *ranges, size_t nr, uint64_t distance);
/* Fills in up to MAX_RAM_RANGES ranges, sorted and apart. */
int qemu_ram_ranges(struct meminspect_context *context, struct qmp *qmp,
		    struct meminspect_extent *ranges, size_t *nr_ranges);

#endif /* MEMINSPECT_QEMU_RAM_H */
