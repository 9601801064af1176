// SPDX-License-Identifier: LGPL-2.1-only
#include "vmcore-lost.h"
#include "kdump-format.h"
#include "sorted.h"

#include <endian.h>
#include <errno.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGES_AT_ONCE	1024U
/* Of 32 TiB of pages of 4 KiB; both bitmaps are as large. */
#define MAX_BITMAP	(1ULL << 30)
#define MAX_RANGES	(1U << 20)

static int add(struct lost_ranges *ranges, uint64_t start, uint64_t end)
{
	struct lost_range *array;

	if (start >= end)
		return 0;
	if (ranges->nr && ranges->array[ranges->nr - 1].end == start) {
		ranges->array[ranges->nr - 1].end = end;
		return 0;
	}
	/* What is lost of a dump that was cut off is all that comes behind. */
	if (ranges->nr == MAX_RANGES) {
		struct lost_range *last = &ranges->array[ranges->nr - 1];

		last->start = start < last->start ? start : last->start;
		last->end = end > last->end ? end : last->end;
		return 0;
	}
	if (ranges->nr == ranges->room) {
		array = reallocarray(ranges->array, 2 * ranges->room + 16, sizeof(*array));
		if (!array)
			return -ENOMEM;
		ranges->array = array;
		ranges->room = 2 * ranges->room + 16;
	}
	ranges->array[ranges->nr++] = (struct lost_range) { start, end };
	return 0;
}

/* Takes note of how long the file should be; whether it is shorter than @end. */
static bool is_short(struct vmcore_lost *lost, uint64_t end)
{
	if (end > lost->promised)
		lost->promised = end;
	return end > lost->size;
}

/* What of a segment the file has not. */
static int add_segment(struct vmcore_lost *lost, const GElf_Phdr *phdr)
{
	uint64_t present;

	if (phdr->p_type != PT_LOAD || phdr->p_filesz > UINT64_MAX - phdr->p_offset ||
	    phdr->p_filesz > UINT64_MAX - phdr->p_paddr)
		return 0;
	/* Where another segment has the same, libkdumpfile may go by either. */
	if (phdr->p_memsz <= UINT64_MAX - phdr->p_paddr &&
	    add(&lost->left_out, phdr->p_paddr + phdr->p_filesz, phdr->p_paddr + phdr->p_memsz))
		return -ENOMEM;
	if (!is_short(lost, phdr->p_offset + phdr->p_filesz))
		return 0;
	present = phdr->p_offset < lost->size ? lost->size - phdr->p_offset : 0;
	return add(&lost->cut_off, phdr->p_paddr + present, phdr->p_paddr + phdr->p_filesz);
}

static int find_in_elf(int fd, struct vmcore_lost *lost)
{
	size_t nr = 0;
	int error = 0;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || elf_getphdrnum(elf, &nr))
		nr = 0;
	for (size_t i = 0; i < nr && !error; i++) {
		GElf_Phdr phdr;

		if (gelf_getphdr(elf, (int)i, &phdr))
			error = add_segment(lost, &phdr);
	}
	elf_end(elf);
	return error;
}

/* The descriptors of pages whose bits are set come one behind the other. */
struct descriptors {
	int fd;
	uint64_t position;
	bool ended;
	size_t nr, next;
	struct kdump_page pages[PAGES_AT_ONCE];
};

/* False where the file has none any more. */
static bool next_descriptor(struct descriptors *descriptors, struct kdump_page *page)
{
	ssize_t got;

	if (descriptors->next == descriptors->nr && !descriptors->ended) {
		got = pread(descriptors->fd, descriptors->pages, sizeof(descriptors->pages),
			    (off_t)descriptors->position);
		descriptors->next = 0;
		descriptors->nr = got > 0 ? (size_t)got / sizeof(*page) : 0;
		descriptors->position += descriptors->nr * sizeof(*page);
		descriptors->ended = !descriptors->nr;
	}
	if (descriptors->ended)
		return false;
	*page = descriptors->pages[descriptors->next++];
	return true;
}

static int find_pages(struct descriptors *descriptors, const uint8_t *bitmap, uint64_t nr_frames,
		      uint64_t page_size, struct vmcore_lost *lost)
{
	struct kdump_page page;
	int error = 0;

	for (uint64_t frame = 0; frame < nr_frames && !error; frame++) {
		uint64_t offset, size;

		if (!(bitmap[frame / 8] & 1U << frame % 8))
			continue;
		if (next_descriptor(descriptors, &page)) {
			offset = le64toh(page.offset);
			size = le32toh(page.size);
			if (offset > UINT64_MAX - size || !is_short(lost, offset + size))
				continue;
		} else {
			is_short(lost, descriptors->position + sizeof(page));
		}
		error = add(&lost->cut_off, frame * page_size, (frame + 1) * page_size);
	}
	return error;
}

static int find_in_kdump(int fd, const struct kdump_header *header, struct vmcore_lost *lost)
{
	const uint64_t block = le32toh(header->block_size);
	const uint64_t bitmaps = block * (1 + (uint64_t)le32toh(header->sub_header_blocks));
	uint64_t size = block * le32toh(header->bitmap_blocks), nr_frames = le32toh(header->max_frame);
	struct descriptors descriptors = { .fd = fd };
	struct kdump_sub_header sub_header;
	uint8_t *bitmap;
	int error = 0;

	if (block < sizeof(*header) ||
	    pread(fd, &sub_header, sizeof(sub_header), (off_t)block) != sizeof(sub_header))
		return 0;
	if (le32toh(header->version) >= 6)
		nr_frames = le64toh(sub_header.max_frame_64);
	/* libkdumpfile sees no page where the file has no bitmap. */
	if (size > lost->size || bitmaps > lost->size - size)
		return 0;
	if (size / 2 > MAX_BITMAP)
		return -EFBIG;
	descriptors.position = bitmaps + size;
	/* The second tells which pages are in the file; some dumps have one alone. */
	if (nr_frames <= size / 2 * 8)
		size /= 2;
	if (nr_frames > size * 8)
		nr_frames = size * 8;
	bitmap = malloc(size + 1);
	if (!bitmap)
		return -ENOMEM;
	if (pread(fd, bitmap, size, (off_t)(descriptors.position - size)) == (ssize_t)size) {
		/* Of several files with a part each, this one has these only. */
		if (sub_header.split)
			for (uint64_t frame = 0; frame < nr_frames; frame++)
				if (frame < le64toh(sub_header.start_frame_64) ||
				    frame >= le64toh(sub_header.end_frame_64))
					bitmap[frame / 8] &= ~(1U << frame % 8);
		error = find_pages(&descriptors, bitmap, nr_frames, block, lost);
	}
	free(bitmap);
	return error;
}

static void sort(struct lost_ranges *ranges)
{
	struct lost_range *array = ranges->array;
	size_t nr = 0;

	if (!ranges->nr)
		return;
	qsort(array, ranges->nr, sizeof(*array), sorted_compare);
	for (size_t i = 0; i < ranges->nr; i++) {
		if (nr && array[i].start <= array[nr - 1].end) {
			if (array[i].end > array[nr - 1].end)
				array[nr - 1].end = array[i].end;
		} else {
			array[nr++] = array[i];
		}
	}
	ranges->nr = nr;
}

int vmcore_find_lost(int fd, struct vmcore_lost *lost)
{
	struct kdump_header header;
	struct stat status;
	int error;

	/* The size of a device is not that of the dump on it. */
	if (fstat(fd, &status) || !S_ISREG(status.st_mode) ||
	    pread(fd, &header, sizeof(header), 0) != sizeof(header))
		return 0;
	lost->size = (uint64_t)status.st_size;
	if (!memcmp(header.signature, KDUMP_SIGNATURE, sizeof(header.signature)))
		error = find_in_kdump(fd, &header, lost);
	else
		error = find_in_elf(fd, lost);
	sort(&lost->cut_off);
	sort(&lost->left_out);
	return error;
}

void vmcore_lost_release(struct vmcore_lost *lost)
{
	free(lost->cut_off.array);
	free(lost->left_out.array);
}

static uint64_t before(const struct lost_ranges *ranges, uint64_t paddr, uint64_t length)
{
	size_t next = sorted_up_to(ranges->array, ranges->nr, sizeof(*ranges->array), paddr);

	if (next && paddr < ranges->array[next - 1].end)
		return 0;
	if (next < ranges->nr && ranges->array[next].start - paddr < length)
		return ranges->array[next].start - paddr;
	return length;
}

bool vmcore_is_cut_off(const struct vmcore_lost *lost, uint64_t paddr)
{
	return !before(&lost->cut_off, paddr, 1);
}

uint64_t vmcore_before_lost(const struct vmcore_lost *lost, uint64_t paddr, uint64_t length)
{
	return before(&lost->left_out, paddr, before(&lost->cut_off, paddr, length));
}
