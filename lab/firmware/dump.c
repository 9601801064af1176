// SPDX-License-Identifier: GPL-2.0-only
/* The folder that a host has when it has fetched all regions, each as the file firmware names */
#include "firmware.h"

#include <stdio.h>
#include <string.h>

static bool is_taken(const struct regions *regions, unsigned int index)
{
	for (unsigned int i = 0; i < index; i++)
		if (strcmp(regions->list[i].file, regions->list[index].file) == 0)
			return true;
	return false;
}

static void write_region(const struct region *region, const struct ram *ram, const char *directory)
{
	struct output output;

	output_open(&output, directory, region->file);
	output_write(&output, ram_at(ram, region->address, region->size), region->size);
	output_close(&output);
}

enum outcome dump(const struct options *options)
{
	struct ram ram;
	struct regions regions;
	enum outcome outcome = dead_machine(&ram, &regions, options);
	unsigned int written = 0;

	make_directory(options->output);
	for (unsigned int i = 0; i < regions.count; i++) {
		if (is_taken(&regions, i)) {
			warn("minidump: a second %s, address 0x%llx, is left out: two files cannot "
			     "have one name", regions.list[i].file,
			     (unsigned long long)regions.list[i].address);
			outcome = OUTCOME_PARTIAL;
			continue;
		}
		write_region(&regions.list[i], &ram, options->output);
		written++;
	}
	printf("firmware: %u files in %s\n", written, options->output);
	return outcome;
}
