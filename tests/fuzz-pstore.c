// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes what joins records of pstore: the input is a file of records. Those
 * whose checksum is wrong get the right one, so that what lies behind it is
 * reached.
 */
#include "internal.h"
#include <linux/meminspect_pstore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CRC_END offsetof(struct meminspect_pstore_record, version)

/* Makes headers plausible where a record starts, whatever the fuzzer made of them. */
static void seal(uint8_t *bytes, size_t length)
{
	struct meminspect_pstore_record header;
	size_t at = 0;

	while (at + sizeof(header) <= length) {
		memcpy(&header, bytes + at, sizeof(header));
		/* A damaged one now and then */
		if (header.magic[0] != 0xff) {
			memcpy(header.magic, MEMINSPECT_PSTORE_MAGIC, sizeof(header.magic));
			header.version = MEMINSPECT_PSTORE_VERSION;
			header.byte_order = MEMINSPECT_PSTORE_BYTE_ORDER;
			header.header_size = sizeof(header);
			header.kind = 1 + header.kind % 3;
			header.sequence %= 8;
			header.stored %= 512;
			header.flags &= MEMINSPECT_PSTORE_DEFLATED;
			header.crash &= 1;
			header.time = 1700000000000000000ULL;
			if (!header.flags)
				header.size = header.stored;
		}
		if (header.stored > length - at - sizeof(header))
			header.stored = header.size = length - at - sizeof(header);
		memcpy(bytes + at, &header, sizeof(header));
		header.crc = crc32(0, bytes + at + CRC_END,
				   sizeof(header) - CRC_END + header.stored);
		memcpy(bytes + at, &header, sizeof(header));
		at += sizeof(header) + header.stored;
	}
}

static void check(const struct meminspect_dump *dump)
{
	size_t i, j;

	for (i = 0; i < dump->nr_regions; i++) {
		const struct meminspect_region *region = &dump->regions[i];

		for (j = 0; j < region->nr_pieces; j++)
			if (region->pieces[j].present > region->pieces[j].length)
				abort();
		if ((region->verdict == MEMINSPECT_PRESENT) != !*region->why)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct meminspect_context *context = meminspect_context_new();
	struct meminspect_memory *memory;
	struct meminspect_dump *dump;
	uint8_t *bytes;
	char path[32];
	uint8_t page[4096];
	int file = memfd_create("records", 0);

	if (file < 0 || !size)
		goto out;
	bytes = malloc(size);
	memcpy(bytes, data, size);
	/* The first bit tells whether the input is taken as it is. */
	if (bytes[size - 1] & 1)
		seal(bytes, size);
	if (write(file, bytes, size) != (ssize_t)size)
		abort();
	free(bytes);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (meminspect_memory_open_pstore(context, path, &memory))
		goto out;
	/* What is at the edges of the address space, and at its start */
	meminspect_memory_read(memory, 0, page, sizeof(page));
	meminspect_memory_read(memory, UINT64_MAX - 100, page, sizeof(page));
	if (!meminspect_collect(context, memory, &dump)) {
		check(dump);
		meminspect_dump_free(dump);
	}
	meminspect_memory_close(memory);
out:
	if (file >= 0)
		close(file);
	meminspect_context_free(context);
	return 0;
}
