// SPDX-License-Identifier: GPL-2.0-only
/*
 * The partition into which firmware writes when nobody fetches: a header, a header for each
 * section, and their contents. Nothing in the headers is padded. When the partition is too small,
 * firmware stops at the first section that does not fit, and says so.
 */
#include "bytes.h"
#include "firmware.h"

#include <stdio.h>

enum {
	HEADER_SIZE = 56,
	SECTION_HEADER_SIZE = 64,
	SECTION_NAME_SIZE = 20,
	VERSION = 0x1000,
	STATE_COMPLETE = 1,
	STATE_OUT_OF_SPACE = 2,
	TYPE_DDR_RANGE = 1,
};

/* How many sections fit with all their bytes; where the last of those ends, and where all would */
static unsigned int sections_that_fit(const struct regions *regions, uint64_t limit, uint64_t *end,
				      uint64_t *wanted)
{
	uint64_t at = HEADER_SIZE + (uint64_t)regions->count * SECTION_HEADER_SIZE;
	unsigned int fit = 0;

	if (at > limit)
		fail(OUTCOME_REFUSED, "rawdump: %llu bytes are not enough for the headers, which "
		     "have %llu", (unsigned long long)limit, (unsigned long long)at);
	*end = at;
	for (unsigned int i = 0; i < regions->count; i++) {
		at += regions->list[i].size;
		if (fit == i && at <= limit) {
			*end = at;
			fit++;
		}
	}
	*wanted = at;
	return fit;
}

static void write_header(struct output *output, const struct regions *regions, uint32_t state,
			 uint64_t end, uint64_t wanted)
{
	uint8_t header[HEADER_SIZE] = { 'R', 'a', 'w', '_', 'D', 'm', 'p', '!' };

	put32(header + 8, VERSION);
	put32(header + 12, state);
	put64(header + 36, end);
	put64(header + 44, wanted);
	put32(header + 52, regions->count);
	output_write(output, header, sizeof(header));
}

static void write_section(struct output *output, const struct region *region, uint32_t state,
			  uint64_t offset)
{
	uint8_t header[SECTION_HEADER_SIZE] = { 0 };

	put32(header, state);
	put32(header + 4, VERSION);
	put32(header + 8, TYPE_DDR_RANGE);
	put64(header + 12, offset);
	put64(header + 20, region->size);
	put64(header + 28, region->address);
	memcpy(header + 44, region->file, SECTION_NAME_SIZE);
	output_write(output, header, sizeof(header));
}

enum outcome rawdump(const struct options *options)
{
	struct ram ram;
	struct regions regions;
	struct output output;
	enum outcome outcome = dead_machine(&ram, &regions, options);
	uint64_t end, wanted, offset;
	unsigned int fit = sections_that_fit(&regions, options->partition_size, &end, &wanted);

	output_open(&output, NULL, options->output);
	write_header(&output, &regions, fit == regions.count ? STATE_COMPLETE : STATE_OUT_OF_SPACE,
		     end, wanted);
	offset = HEADER_SIZE + (uint64_t)regions.count * SECTION_HEADER_SIZE;
	for (unsigned int i = 0; i < regions.count; i++) {
		write_section(&output, &regions.list[i],
			      i < fit ? STATE_COMPLETE : STATE_OUT_OF_SPACE, offset);
		offset += regions.list[i].size;
	}
	for (unsigned int i = 0; i < fit; i++)
		output_write(&output, ram_at(&ram, regions.list[i].address, regions.list[i].size),
			     regions.list[i].size);
	output_close(&output);
	printf("firmware: %u of %u sections in %s\n", fit, regions.count, options->output);
	if (fit < regions.count) {
		warn("rawdump: the partition has no room for all: %llu bytes, %llu are wanted",
		     (unsigned long long)options->partition_size, (unsigned long long)wanted);
		return OUTCOME_PARTIAL;
	}
	return outcome;
}
