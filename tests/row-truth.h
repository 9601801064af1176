/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether rows of a stopped machine tell the truth of memory: what is marked as a task, a stack or an
 * interrupt has to be one, by what the kernel itself keeps in it or leads to it. Where symbols are
 * comes from the guest's vmlinux, where members of types are from its console: lab_layout.ko.
 */
#ifndef TESTS_ROW_TRUTH_H
#define TESTS_ROW_TRUTH_H

#include "internal.h"

struct row_truth;

/* NULL if the guest did not say enough; that is printed. @vmlinux has to stay. */
struct row_truth *row_truth_open(struct meminspect_context *context, const char *vmlinux,
				 const char *console);
void row_truth_close(struct row_truth *truth);

/* Bytes of the region itself, from all its pieces; false if not all of them are there. */
bool region_bytes(const struct meminspect_region *region, uint64_t offset, void *buffer, size_t length);

/* What the rules are applied to from now on, and that the vmlinux is its; NULL, or why not. */
const char *row_truth_take(struct row_truth *truth, const struct meminspect_dump *dump);
/* NULL if it is true, or if no rule is about it; good until the next call. */
const char *row_falsehood(struct row_truth *truth, const struct meminspect_region *region);
/* NULL if each task of the kernel's own list has a row; good until the next call. */
const char *missing_task(struct row_truth *truth);
/* Prints how many rows each rule was applied to; false if one was to none. */
bool row_truth_print(const struct row_truth *truth);

#endif /* TESTS_ROW_TRUTH_H */
