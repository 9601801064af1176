// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared memory as boot firmware of version 12 leaves it: a header that only says so, a partition
 * that belongs to all processors, and in the last page the table of partitions. In the partition
 * items follow each other, each behind a header of its own.
 */
#include "bytes.h"
#include "firmware.h"
#include "map.h"

enum {
	HEADER_SIZE = 8400,
	HEADER_VERSION_OF_BOOT_LOADER = 64 + 7 * 4,
	HEADER_INITIALIZED = 192,
	HEADER_FREE_OFFSET = 196,
	HEADER_AVAILABLE = 200,
	VERSION_WITH_PARTITIONS = 12,

	TABLE_SIZE = 4096,
	TABLE_OFFSET = SMEM_SIZE - TABLE_SIZE,
	TABLE_HEADER_SIZE = 32,
	TABLE_ROW_SIZE = 48,
	TABLE_VERSION = 1,
	INFO_SIZE = 18,
	/* Above 602: without the info 512 items would be all there are */
	ITEMS = 1024,
	HOST_GLOBAL = 0xfffe,

	PARTITION_OFFSET = 0x10000,
	PARTITION_SIZE = 0x80000,
	PARTITION_HEADER_SIZE = 32,
	CACHE_LINE = 32,

	ITEM_HEADER_SIZE = 16,
	ITEM_CANARY = 0xa5a5,
	ITEM_ALIGNMENT = 8,

	ITEM_SOC_INFO = 137,
	SOC_INFO_SIZE = 44,
	SOC_INFO_FORMAT = 1,
	SOC_ID_SA8775P = 534,
};

static const char table_magic[4] = { '$', 'T', 'O', 'C' };
static const char info_magic[4] = { 'S', 'I', 'I', 'I' };
static const char partition_magic[4] = { '$', 'P', 'R', 'T' };

static uint8_t *add_item(uint8_t *partition, unsigned int item, uint32_t size)
{
	uint32_t used = get32(partition + 12);
	uint32_t padded = (size + ITEM_ALIGNMENT - 1) / ITEM_ALIGNMENT * ITEM_ALIGNMENT;
	uint8_t *header = partition + used;

	put16(header, ITEM_CANARY);
	put16(header + 2, (uint16_t)item);
	put32(header + 4, padded);
	put16(header + 8, (uint16_t)(padded - size));
	put32(partition + 12, used + ITEM_HEADER_SIZE + padded);
	return header + ITEM_HEADER_SIZE;
}

/* Firmware says that it has minidump; subsystems enter themselves. */
static void add_minidump(uint8_t *partition, unsigned int subsystems)
{
	uint8_t *toc = add_item(partition, MINIDUMP_ITEM,
				MINIDUMP_HEADER_SIZE + subsystems * MINIDUMP_SUBSYSTEM_SIZE);

	put32(toc, 1);		/* status */
	put32(toc + 4, 1);	/* revision */
	put32(toc + 8, 1);	/* enabled */
}

/* What a kernel with a driver for it asks for when it finds shared memory */
static void add_soc_info(uint8_t *partition)
{
	static const char build[] = "MODEL.OF.BOOT.FIRMWARE";
	uint8_t *info = add_item(partition, ITEM_SOC_INFO, SOC_INFO_SIZE);

	put32(info, SOC_INFO_FORMAT);
	put32(info + 4, SOC_ID_SA8775P);
	put32(info + 8, 0x10000);	/* revision 1.0 */
	memcpy(info + 12, build, sizeof(build));
}

void smem_build(uint8_t *smem, unsigned int subsystems)
{
	uint8_t *table = smem + TABLE_OFFSET, *row = table + TABLE_HEADER_SIZE;
	uint8_t *info = row + TABLE_ROW_SIZE;
	uint8_t *partition = smem + PARTITION_OFFSET;

	memset(smem, 0, SMEM_SIZE);
	put32(smem + HEADER_VERSION_OF_BOOT_LOADER, VERSION_WITH_PARTITIONS << 16);
	put32(smem + HEADER_INITIALIZED, 1);
	put32(smem + HEADER_FREE_OFFSET, HEADER_SIZE);
	put32(smem + HEADER_AVAILABLE, PARTITION_OFFSET - HEADER_SIZE);

	memcpy(table, table_magic, sizeof(table_magic));
	put32(table + 4, TABLE_VERSION);
	put32(table + 8, 1);
	put32(row, PARTITION_OFFSET);
	put32(row + 4, PARTITION_SIZE);
	put16(row + 12, HOST_GLOBAL);
	put16(row + 14, HOST_GLOBAL);
	put32(row + 16, CACHE_LINE);
	memcpy(info, info_magic, sizeof(info_magic));
	put32(info + 4, SMEM_SIZE);
	put32(info + 8, SMEM_BASE);
	put16(info + 16, ITEMS);

	memcpy(partition, partition_magic, sizeof(partition_magic));
	put16(partition + 4, HOST_GLOBAL);
	put16(partition + 6, HOST_GLOBAL);
	put32(partition + 8, PARTITION_SIZE);
	put32(partition + 12, PARTITION_HEADER_SIZE);
	put32(partition + 16, PARTITION_SIZE);
	add_soc_info(partition);
	add_minidump(partition, subsystems);
}

static void __attribute__((noreturn)) broken(size_t offset, const char *expected)
{
	fail(OUTCOME_REFUSED, "shared memory at 0x%llx: expected %s",
	     (unsigned long long)SMEM_BASE + offset, expected);
}

/* The row of the partition that belongs to all processors */
static const uint8_t *find_row(const uint8_t *smem)
{
	const uint8_t *table = smem + TABLE_OFFSET;
	const uint8_t *row = table + TABLE_HEADER_SIZE;
	uint32_t rows = get32(table + 8);

	if (get32(smem + HEADER_INITIALIZED) != 1)
		broken(HEADER_INITIALIZED, "1, for initialized");
	if (get32(smem + HEADER_VERSION_OF_BOOT_LOADER) >> 16 != VERSION_WITH_PARTITIONS)
		broken(HEADER_VERSION_OF_BOOT_LOADER, "version 12");
	if (memcmp(table, table_magic, sizeof(table_magic)) != 0)
		broken(TABLE_OFFSET, "$TOC");
	if (get32(table + 4) != TABLE_VERSION)
		broken(TABLE_OFFSET + 4, "version 1 of the partition table");
	if (rows > (TABLE_SIZE - TABLE_HEADER_SIZE - INFO_SIZE) / TABLE_ROW_SIZE)
		broken(TABLE_OFFSET + 8, "no more partitions than fit into a page");
	for (; rows; rows--, row += TABLE_ROW_SIZE)
		if (get32(row) && get32(row + 4) && get16(row + 12) == HOST_GLOBAL &&
		    get16(row + 14) == HOST_GLOBAL)
			return row;
	broken(TABLE_OFFSET, "a partition for all hosts");
}

static const uint8_t *find_partition(const uint8_t *smem, uint32_t *used)
{
	const uint8_t *row = find_row(smem);
	uint32_t offset = get32(row), size = get32(row + 4);
	const uint8_t *partition = smem + offset;

	if (offset >= TABLE_OFFSET || size > TABLE_OFFSET - offset || size < PARTITION_HEADER_SIZE)
		broken((size_t)(row - smem), "a partition inside the shared memory");
	if (memcmp(partition, partition_magic, sizeof(partition_magic)) != 0)
		broken(offset, "$PRT");
	if (get16(partition + 4) != HOST_GLOBAL || get16(partition + 6) != HOST_GLOBAL)
		broken(offset + 4, "the hosts that the partition table says");
	if (get32(partition + 8) != size)
		broken(offset + 8, "the size that the partition table says");
	*used = get32(partition + 12);
	if (*used > size || *used < PARTITION_HEADER_SIZE)
		broken(offset + 12, "the end of the items inside the partition");
	return partition;
}

const uint8_t *smem_find(const uint8_t *smem, unsigned int item, size_t *size)
{
	uint32_t used, at = PARTITION_HEADER_SIZE;
	const uint8_t *partition = find_partition(smem, &used);

	while (at < used) {
		const uint8_t *header = partition + at;
		size_t offset = (size_t)(header - smem);
		uint32_t padded, before;

		if (used - at < ITEM_HEADER_SIZE)
			broken(offset, "room for the header of an item");
		if (get16(header) != ITEM_CANARY)
			broken(offset, "0xa5a5 before an item");
		padded = get32(header + 4);
		before = get16(header + 10);
		at += ITEM_HEADER_SIZE;
		if (before > used - at || padded > used - at - before)
			broken(offset + 4, "an item that ends inside the partition");
		if (get16(header + 2) == item) {
			if (get16(header + 8) > padded)
				broken(offset + 8, "less padding than the item has bytes");
			*size = padded - get16(header + 8);
			return partition + at + before;
		}
		at += before + padded;
	}
	fail(OUTCOME_REFUSED, "shared memory at 0x%x has no item %u", SMEM_BASE, item);
}
