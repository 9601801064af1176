// SPDX-License-Identifier: GPL-2.0-only
/* meminspect extract: makes a core of a dump of all memory. */
#include "tool.h"

#include <getopt.h>
#include <stdlib.h>
#include <time.h>

static const char help[] =
	"Usage: meminspect extract VMCORE --vmlinux FILE -o CORE\n\n"
	"Takes from VMCORE, a dump of all memory, what a post-mortem needs, and writes it as\n"
	"the new file CORE. VMCORE is what libkdumpfile reads: an ELF or kdump-compressed file\n"
	"of kdump, makedumpfile, QEMU or virsh dump, or /proc/kcore.\n\n"
	"  -o, --output CORE    file to write; it must not exist\n"
	"      --vmlinux FILE   vmlinux of the kernel that died, with BTF or DWARF for the level rich\n"
	"      --level LEVEL    small, default, or rich, which it is without this option: what\n"
	"                       pointers lead to, as well as what the kernel marked\n\n"
	"Exit status: 0 all is there, 1 something is missing or damaged, 2 no core.\n";

static struct meminspect_dump *extract(struct meminspect_context *context, const char *vmcore,
				       int level, const char *vmlinux, bool *lost)
{
	struct meminspect_memory *memory;
	struct meminspect_dump *dump = NULL;

	if (meminspect_memory_open_vmcore(context, vmcore, &memory)) {
		tool_error("%s", meminspect_error(context));
		return NULL;
	}
	if (meminspect_collect(context, memory, &dump))
		tool_error("%s", meminspect_error(context));
	else
		*lost = !tool_apply_level(context, dump, memory, level, vmlinux) ||
			!tool_complete(context, dump, memory, vmlinux);
	meminspect_memory_close(memory);
	return dump;
}

int command_extract(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "vmlinux", required_argument, NULL, 'v' },
		{ "level", required_argument, NULL, 'l' },
		{ 0 }
	};
	const char *vmcore, *output = NULL, *vmlinux = NULL;
	int option, status, level = MEMINSPECT_LEVEL_RICH;
	struct meminspect_context *context;
	struct meminspect_dump *dump;
	struct timespec start;
	bool lost = false;

	if (tool_help_wanted(argc, argv, help, &status))
		return status;
	while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
		if (option == 'o')
			output = optarg;
		else if (option == 'v')
			vmlinux = optarg;
		else if (option != 'l' || !tool_take_level(optarg, &level))
			return tool_usage_error(argv[0]);
	}
	vmcore = tool_operand(argc, argv, "VMCORE");
	if (!vmcore)
		return TOOL_FAILED;
	if (!output || !vmlinux) {
		tool_error("extract: %s is missing", output ? "--vmlinux FILE" : "-o CORE");
		return tool_usage_error(argv[0]);
	}
	if (!tool_may_create(output))
		return TOOL_FAILED;
	clock_gettime(CLOCK_MONOTONIC, &start);
	context = tool_context();
	dump = extract(context, vmcore, level, vmlinux, &lost);
	status = dump ? tool_write_core(context, dump, meminspect_core_write, output, &start) :
			TOOL_FAILED;
	if (status == TOOL_COMPLETE && lost)
		status = TOOL_INCOMPLETE;
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	return status;
}
