// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Where a guest of QEMU has RAM. QEMU saves memory that isn't there as zeros,
 * and reading a device can change it: so nothing else may be asked for.
 */
#include "qemu-ram.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define COMMAND_SECONDS 10

static int by_address(const void *left, const void *right)
{
	const struct meminspect_extent *a = left, *b = right;

	return a->paddr < b->paddr ? -1 : a->paddr > b->paddr;
}

size_t merge_ranges(struct meminspect_extent *ranges, size_t nr, uint64_t distance)
{
	size_t last = 0;
	size_t i;

	if (!nr)
		return 0;
	qsort(ranges, nr, sizeof(*ranges), by_address);
	for (i = 1; i < nr; i++) {
		uint64_t end = ranges[last].paddr + ranges[last].length;

		if (ranges[i].paddr > end && ranges[i].paddr - end > distance)
			ranges[++last] = ranges[i];
		else if (ranges[i].paddr + ranges[i].length > end)
			ranges[last].length = ranges[i].paddr + ranges[i].length -
					      ranges[last].paddr;
	}
	return last + 1;
}

/*
 * The memory map has one line for each range:
 *   0000000040000000-00000000bfffffff (prio 0, ram): mach-virt.ram
 * in paragraphs, each of which names the address spaces that see it.
 */
static size_t parse_memory_map(char *text, struct meminspect_extent *ranges)
{
	bool system = false;
	char *line, *rest;
	size_t nr = 0;

	for (line = strtok_r(text, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest)) {
		uint64_t start, end;

		if (!strncmp(line, "FlatView", strlen("FlatView")))
			system = false;
		if (strstr(line, "AS \"memory\""))
			system = true;
		if (!system || sscanf(line, " %" SCNx64 "-%" SCNx64 " (prio ", &start, &end) != 2)
			continue;
		if ((!strstr(line, ", ram)") && !strstr(line, ", rom)")) || end < start ||
		    end >= INT64_MAX || nr == MAX_RAM_RANGES)
			continue;
		ranges[nr].paddr = start;
		ranges[nr++].length = end - start + 1;
	}
	return merge_ranges(ranges, nr, 0);
}

int qemu_ram_ranges(struct meminspect_context *context, struct qmp *qmp,
		    struct meminspect_extent *ranges, size_t *nr_ranges)
{
	char *text;
	int error = qmp_monitor_command(qmp, "info mtree -f", COMMAND_SECONDS, &text);

	if (error)
		return error;
	*nr_ranges = parse_memory_map(text, ranges);
	free(text);
	if (!*nr_ranges)
		return fail(context, -EPROTO,
			    "QEMU's answer to 'info mtree -f' names no RAM of the guest");
	return 0;
}
