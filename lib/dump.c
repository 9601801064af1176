// SPDX-License-Identifier: LGPL-2.1-only
/* What is known of a dead machine, held in memory. */
#include "internal.h"
#include "sorted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A run of addresses and the collected bytes behind it. */
struct interval {
	uint64_t start;
	uint64_t length;
	const uint8_t *data;
};

struct meminspect_dump *dump_new(void)
{
	struct meminspect_dump *dump = calloc(1, sizeof(*dump));

	if (!dump)
		return NULL;
	dump->index = calloc(1, sizeof(*dump->index));
	if (!dump->index) {
		free(dump);
		return NULL;
	}
	return dump;
}

void region_release(struct meminspect_region *region)
{
	for (size_t i = 0; i < region->nr_pieces; i++)
		free((void *)region->pieces[i].data);
	free((void *)region->pieces);
	free((void *)region->name);
	free((void *)region->why);
}

void meminspect_dump_free(struct meminspect_dump *dump)
{
	if (!dump)
		return;
	for (size_t i = 0; i < dump->nr_regions; i++)
		region_release(&dump->regions[i]);
	free(dump->regions);
	for (size_t i = 0; i < dump->nr_registers; i++)
		free((void *)dump->registers[i].prstatus);
	free(dump->registers);
	for (size_t i = 0; i < dump->nr_problems; i++)
		free(dump->problems[i]);
	free(dump->problems);
	dump_index_release(dump->index);
	free(dump->index);
	free(dump->vmcoreinfo);
	free(dump->level);
	free(dump->source);
	free(dump);
}

int dump_add_problem(struct meminspect_dump *dump, const char *format, ...)
{
	char **problems;
	va_list arguments;
	char *problem;
	int length;

	va_start(arguments, format);
	length = vasprintf(&problem, format, arguments);
	va_end(arguments);
	if (length < 0)
		return -ENOMEM;
	problems = reallocarray(dump->problems, dump->nr_problems + 1, sizeof(*problems));
	if (!problems) {
		free(problem);
		return -ENOMEM;
	}
	dump->problems = problems;
	dump->problems[dump->nr_problems++] = problem;
	return 0;
}

int region_set_verdict(struct meminspect_region *region, enum meminspect_verdict verdict,
		       const char *format, ...)
{
	char *why = (char *)region->why;
	va_list arguments;
	int error;

	va_start(arguments, format);
	error = replace_text(&why, format, arguments);
	va_end(arguments);
	if (error)
		return error;
	region->verdict = verdict;
	region->why = why;
	return 0;
}

const struct meminspect_ident *meminspect_dump_ident(const struct meminspect_dump *dump)
{
	return dump->has_ident ? &dump->ident : NULL;
}

const struct meminspect_capture *meminspect_dump_capture(const struct meminspect_dump *dump)
{
	return dump->has_capture ? &dump->capture : NULL;
}

const char *meminspect_dump_vmcoreinfo(const struct meminspect_dump *dump)
{
	return dump->vmcoreinfo;
}

int meminspect_dump_kaslr_offset(const struct meminspect_dump *dump, uint64_t *offset)
{
	if (dump->has_ident) {
		*offset = dump->ident.kaslr_offset;
		return 0;
	}
	if (dump->vmcoreinfo &&
	    !meminspect_vmcoreinfo_number(dump->vmcoreinfo, "KERNELOFFSET", 16, offset))
		return 0;
	*offset = dump->kaslr_offset;
	return dump->has_kaslr_offset ? 0 : -ENODATA;
}

const char *meminspect_dump_source(const struct meminspect_dump *dump)
{
	return dump->source ? dump->source : "";
}

int64_t meminspect_dump_collected(const struct meminspect_dump *dump)
{
	return dump->collected;
}

size_t meminspect_dump_nr_regions(const struct meminspect_dump *dump)
{
	return dump->nr_regions;
}

const struct meminspect_region *meminspect_dump_region(const struct meminspect_dump *dump,
						       size_t index)
{
	return index < dump->nr_regions ? &dump->regions[index] : NULL;
}

const struct meminspect_region *meminspect_dump_find(const struct meminspect_dump *dump,
						     const char *name, int64_t key)
{
	for (size_t i = 0; i < dump->nr_regions; i++) {
		const struct meminspect_region *region = &dump->regions[i];

		if (!strcmp(region->name, name) && (key < 0 || region->key == key))
			return region;
	}
	return NULL;
}

size_t meminspect_dump_nr_registers(const struct meminspect_dump *dump)
{
	return dump->nr_registers;
}

const struct meminspect_registers *meminspect_dump_registers(const struct meminspect_dump *dump,
							     size_t index)
{
	return index < dump->nr_registers ? &dump->registers[index] : NULL;
}

int meminspect_dump_add_problem(struct meminspect_dump *dump, const char *problem)
{
	return dump_add_problem(dump, "%s", problem);
}

size_t meminspect_dump_nr_problems(const struct meminspect_dump *dump)
{
	return dump->nr_problems;
}

const char *meminspect_dump_problem(const struct meminspect_dump *dump, size_t index)
{
	return index < dump->nr_problems ? dump->problems[index] : NULL;
}

static int compare_intervals(const void *a, const void *b)
{
	const struct interval *left = a, *right = b;

	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return left->length > right->length ? -1 : left->length < right->length;
}

/* Where intervals overlap, the one that starts first keeps the common part. */
static size_t remove_overlaps(struct interval *intervals, size_t nr)
{
	uint64_t end = 0;
	size_t kept = 0;

	for (size_t i = 0; i < nr; i++) {
		struct interval interval = intervals[i];

		if (interval.start < end) {
			uint64_t overlap = end - interval.start;

			if (overlap >= interval.length)
				continue;
			interval.start += overlap;
			interval.data += overlap;
			interval.length -= overlap;
		}
		end = interval.start + interval.length;
		intervals[kept++] = interval;
	}
	return kept;
}

int dump_index_build(struct dump_index *index, const struct meminspect_dump *dump,
		     size_t nr_regions, enum dump_index_kind kind)
{
	size_t nr = 0;

	for (size_t i = 0; i < nr_regions; i++)
		nr += dump->regions[i].nr_pieces;
	index->intervals = calloc(nr ? nr : 1, sizeof(*index->intervals));
	if (!index->intervals)
		return -ENOMEM;
	nr = 0;
	for (size_t i = 0; i < nr_regions; i++) {
		const struct meminspect_region *region = &dump->regions[i];

		for (size_t j = 0; j < region->nr_pieces; j++) {
			const struct meminspect_piece *piece = &region->pieces[j];
			uint64_t start = kind == BY_VADDR ? piece->vaddr : piece->paddr;

			/* Filler is no answer. No object of a kernel reaches the last byte of the address space. */
			if (region->origin == MEMINSPECT_FILLER || !piece->present ||
			    (kind == BY_VADDR && !start) || piece->present > UINT64_MAX - start)
				continue;
			index->intervals[nr++] = (struct interval) { start, piece->present, piece->data };
		}
	}
	qsort(index->intervals, nr, sizeof(*index->intervals), compare_intervals);
	index->nr = remove_overlaps(index->intervals, nr);
	index->built = true;
	return 0;
}

void dump_index_release(struct dump_index *index)
{
	free(index->intervals);
	*index = (struct dump_index) { 0 };
}

/* The first interval that ends behind @address */
static size_t first_behind(const struct dump_index *index, uint64_t address)
{
	size_t next = sorted_up_to(index->intervals, index->nr, sizeof(*index->intervals), address);
	const struct interval *last = next ? &index->intervals[next - 1] : NULL;

	return last && address - last->start < last->length ? next - 1 : next;
}

int dump_index_read(const struct dump_index *index, uint64_t address, void *buffer, size_t length)
{
	uint8_t *to = buffer;

	for (size_t i = first_behind(index, address); length; i++) {
		const struct interval *interval = &index->intervals[i];
		uint64_t offset, part;

		if (i == index->nr || address < interval->start)
			return -ENODATA;
		offset = address - interval->start;
		part = interval->length - offset;
		if (part > length)
			part = length;
		memcpy(to, interval->data + offset, part);
		to += part;
		address += part;
		length -= part;
	}
	return 0;
}

void dump_index_overlay(const struct dump_index *index, uint64_t address, void *buffer, size_t length)
{
	size_t i = first_behind(index, address);

	for (; i < index->nr && (index->intervals[i].start <= address ||
				 index->intervals[i].start - address < length); i++) {
		const struct interval *interval = &index->intervals[i];
		uint64_t skip = interval->start > address ? interval->start - address : 0;
		uint64_t offset = address + skip - interval->start;
		uint64_t part = interval->length - offset;

		memcpy((uint8_t *)buffer + skip, interval->data + offset,
		       part < length - skip ? part : length - skip);
	}
}

void dump_changed(struct meminspect_dump *dump)
{
	dump_index_release(dump->index);
}

int meminspect_dump_read(const struct meminspect_dump *dump, uint64_t vaddr,
			 void *buffer, size_t length)
{
	if (!dump->index->built && dump_index_build(dump->index, dump, dump->nr_regions, BY_VADDR))
		return -ENOMEM;
	return dump_index_read(dump->index, vaddr, buffer, length);
}
