// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the kernel's table of regions as firmware does after a reset: it trusts the kernel to have
 * said when the table is to be taken, takes rows that are marked valid, and gives away RAM only.
 */
#include "bytes.h"
#include "firmware.h"
#include "map.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	ROW_SIZE = 40,
	ROW_NAME_SIZE = 16,
};

#define ENABLED FOURCC('E', 'N', 'B', 'L')
#define ENCRYPTION_DONE FOURCC('D', 'O', 'N', 'E')
#define ENCRYPTION_NOT_REQUIRED FOURCC(0, 0, 'N', 'R')
#define VALID FOURCC('V', 'A', 'L', 'I')

/* Fields of the kernel's row in the table of contents; it is subsystem 0. */
struct subsystem {
	uint32_t status;
	uint32_t enabled;
	uint32_t encryption_status;
	uint32_t encryption_required;
	uint32_t region_count;
	uint64_t regions;
};

static void read_subsystem(struct subsystem *subsystem, const struct ram *ram)
{
	size_t size;
	const uint8_t *smem = ram_at(ram, SMEM_BASE, SMEM_SIZE);
	const uint8_t *toc = smem_find(smem, MINIDUMP_ITEM, &size);
	const uint8_t *row = toc + MINIDUMP_HEADER_SIZE;

	if (size < MINIDUMP_HEADER_SIZE + MINIDUMP_SUBSYSTEM_SIZE)
		fail(OUTCOME_REFUSED, "minidump: the table of contents has %zu bytes, and no row "
		     "for the kernel", size);
	if (get32(toc) != 1)
		fail(OUTCOME_REFUSED, "minidump: the table of contents has status %" PRIu32
		     ", not 1", get32(toc));
	subsystem->status = get32(row);
	subsystem->enabled = get32(row + 4);
	subsystem->encryption_status = get32(row + 8);
	subsystem->encryption_required = get32(row + 12);
	subsystem->region_count = get32(row + 16);
	subsystem->regions = get64(row + 24);
}

/* Whether firmware may take the table; its rows */
static const uint8_t *check_subsystem(const struct subsystem *subsystem, const struct ram *ram)
{
	const uint8_t *rows;

	if (!subsystem->regions)
		fail(OUTCOME_REFUSED, "minidump: the kernel has entered no table");
	if (subsystem->status != 1)
		fail(OUTCOME_REFUSED, "minidump: the kernel's table has status %" PRIu32 ", not 1",
		     subsystem->status);
	if (subsystem->enabled != ENABLED)
		fail(OUTCOME_REFUSED, "minidump: the kernel's table is not enabled: 0x%" PRIx32
		     ", not ENBL", subsystem->enabled);
	if (subsystem->encryption_status != ENCRYPTION_DONE)
		fail(OUTCOME_REFUSED, "minidump: encryption of the kernel's regions is not over: "
		     "0x%" PRIx32 ", not DONE", subsystem->encryption_status);
	if (subsystem->encryption_required != ENCRYPTION_NOT_REQUIRED)
		fail(OUTCOME_REFUSED, "minidump: the kernel's regions are to be encrypted, and "
		     "there is no key: 0x%" PRIx32 ", not NR", subsystem->encryption_required);
	if (subsystem->region_count > MINIDUMP_MAX_REGIONS)
		fail(OUTCOME_REFUSED, "minidump: the kernel's table has %" PRIu32 " rows, firmware "
		     "has room for %d", subsystem->region_count, MINIDUMP_MAX_REGIONS);
	rows = ram_at(ram, subsystem->regions, (uint64_t)subsystem->region_count * ROW_SIZE);
	if (!rows)
		fail(OUTCOME_REFUSED, "minidump: the kernel's table, 0x%" PRIx64 " with %" PRIu32
		     " rows, is not in RAM", subsystem->regions, subsystem->region_count);
	return rows;
}

/* Why firmware does not give a region away, or NULL */
static const char *check_region(const struct region *region, const struct ram *ram)
{
	if (!region->size)
		return "it has no bytes";
	if (region->size % 4)
		return "its size is no multiple of 4";
	if (region->address + region->size < region->address)
		return "it goes beyond the end of all addresses";
	if (!ram_at(ram, region->address, region->size))
		return "it is not in RAM";
	return NULL;
}

/* A name of a row for a message, whatever is in it */
static const char *printable(const uint8_t *field)
{
	static char text[ROW_NAME_SIZE + 1];
	unsigned int i;

	for (i = 0; i < ROW_NAME_SIZE && field[i]; i++)
		text[i] = field[i] >= ' ' && field[i] <= '~' ? (char)field[i] : '?';
	text[i] = '\0';
	return text;
}

static void take_row(struct regions *regions, const struct ram *ram, const uint8_t *row,
		     unsigned int index, bool lower_case)
{
	struct region *region = &regions->list[regions->count];
	const char *why;

	if (get32(row + 20) != VALID) {
		warn("minidump: row %u, '%s', is not valid: 0x%" PRIx32, index, printable(row),
		     get32(row + 20));
		return;
	}
	if (strnlen((const char *)row, ROW_NAME_SIZE) > NAME_SIZE)
		warn("minidump: row %u, '%s': the name is cut to %d characters", index,
		     printable(row), NAME_SIZE);
	region->address = get64(row + 24);
	region->size = get64(row + 32);
	why = check_region(region, ram);
	if (!why)
		why = name_region(region, row, get32(row + 16), lower_case);
	if (why) {
		warn("minidump: row %u, '%s', address 0x%" PRIx64 ", size 0x%" PRIx64
		     ", is left out: %s", index, printable(row), region->address, region->size,
		     why);
		regions->refused++;
		return;
	}
	regions->count++;
}

/* Firmware gives this to every host: the kernel left there where it is, and its dump table. */
static void add_imem(struct regions *regions, bool lower_case)
{
	struct region *region = &regions->list[regions->count++];

	name_region(region, (const uint8_t *)"SHRDIMEM", 0, lower_case);
	region->address = IMEM_BASE;
	region->size = IMEM_SIZE;
}

void minidump_read(struct regions *regions, const struct ram *ram, bool lower_case)
{
	struct subsystem subsystem;
	const uint8_t *rows;

	read_subsystem(&subsystem, ram);
	rows = check_subsystem(&subsystem, ram);
	regions->count = 0;
	regions->refused = 0;
	for (unsigned int i = 0; i < subsystem.region_count; i++)
		take_row(regions, ram, rows + (size_t)i * ROW_SIZE, i, lower_case);
	if (!regions->count)
		warn("minidump: no row of the kernel's table is taken");
	add_imem(regions, lower_case);
}
