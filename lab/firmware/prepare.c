// SPDX-License-Identifier: GPL-2.0-only
/*
 * What firmware leaves in memory before it starts the kernel: a file for each of its areas, and on
 * the standard output the options with which QEMU loads them (again after each reset).
 */
#include "firmware.h"
#include "map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No kernel may take it for a page that it has filled. */
enum { KINFO_GARBAGE = 0xdb };

static void write_area(const char *directory, const char *name, uint64_t address,
		       const uint8_t *bytes, size_t size)
{
	struct output output;

	output_open(&output, directory, name);
	output_write(&output, bytes, size);
	output_close(&output);
	printf("-device loader,file=%s/%s,addr=0x%llx,force-raw=on\n", directory, name,
	       (unsigned long long)address);
}

enum outcome prepare(const struct options *options)
{
	/* SMEM is the largest of them. */
	uint8_t *bytes = calloc(1, SMEM_SIZE);

	if (!bytes)
		fail(OUTCOME_TROUBLE, "out of memory");
	make_directory(options->output);
	/* No lock is held, and IMEM has neither a dump table nor an offset of KASLR. */
	write_area(options->output, "tcsr-mutex", TCSR_MUTEX_BASE, bytes, TCSR_MUTEX_SIZE);
	write_area(options->output, "imem", IMEM_BASE, bytes, IMEM_SIZE);
	smem_build(bytes, options->subsystems);
	write_area(options->output, "smem", SMEM_BASE, bytes, SMEM_SIZE);
	memset(bytes, KINFO_GARBAGE, KINFO_SIZE);
	write_area(options->output, "kinfo", KINFO_BASE, bytes, KINFO_SIZE);
	free(bytes);
	return OUTCOME_DONE;
}
