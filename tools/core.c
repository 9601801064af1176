// SPDX-License-Identifier: GPL-2.0-only
/* meminspect core: writes a core anew. */
#include "tool.h"

#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"Usage: meminspect core INPUT -o CORE\n\n"
	"Writes the new file CORE from INPUT: a core, perhaps damaged or cut off, or an\n"
	"image of RAM in which the directory of marked regions is searched.\n\n"
	"  -o, --output CORE    file to write; it must not exist\n"
	"      --format FORMAT  elf, or kdump: kdump-compressed, for crash and makedumpfile; it is\n"
	"                       smaller, has whole pages only, and this tool does not read it\n"
	"      --level LEVEL    small or default: less than there is in INPUT\n"
	"      --vmlinux FILE   add what crash asks for and vmlinux has: text, constants\n\n"
	"Exit status: 0 all is there, 1 something is missing or damaged, 2 no core.\n";

/* Anything but ELF is taken for an image of RAM. */
static bool is_elf(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char magic[4] = "";
	bool elf;

	if (fd < 0)
		return false;
	elf = pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	      !memcmp(magic, "\177ELF", 4);
	close(fd);
	return elf;
}

static struct meminspect_dump *collect_from_image(struct meminspect_context *context,
						  const char *path)
{
	struct meminspect_memory *memory;
	struct meminspect_dump *dump = NULL;
	int error = meminspect_memory_open_ram(context, path, MEMINSPECT_BASE_FROM_DIRECTORY,
					       &memory);

	if (!error) {
		error = meminspect_collect(context, memory, &dump);
		meminspect_memory_close(memory);
	}
	if (!error)
		return dump;
	tool_error("%s", meminspect_error(context));
	return NULL;
}

static bool take_format(const char *name, tool_write_function *write)
{
	if (!strcmp(name, "kdump"))
		*write = meminspect_kdump_write;
	else if (!strcmp(name, "elf"))
		*write = meminspect_core_write;
	else
		return tool_error("core: no format '%s': expected elf or kdump", name), false;
	return true;
}

int command_core(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "format", required_argument, NULL, 'f' },
		{ "vmlinux", required_argument, NULL, 'v' },
		{ "level", required_argument, NULL, 'l' },
		{ 0 }
	};
	const char *input, *output = NULL, *vmlinux = NULL;
	struct meminspect_context *context;
	struct meminspect_dump *dump;
	tool_write_function write = meminspect_core_write;
	struct timespec start;
	int option, status, level = TOOL_NO_LEVEL;

	if (tool_help_wanted(argc, argv, help, &status))
		return status;
	while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
		if (option == 'o')
			output = optarg;
		else if (option == 'v')
			vmlinux = optarg;
		else if (option == 'l' && tool_take_level(optarg, &level))
			continue;
		else if (option != 'f' || !take_format(optarg, &write))
			return tool_usage_error(argv[0]);
	}
	if (level == MEMINSPECT_LEVEL_RICH) {
		tool_error("core: INPUT has no more than what is marked: see 'meminspect extract' and 'meminspect collect'");
		return TOOL_FAILED;
	}
	input = tool_operand(argc, argv, "INPUT");
	if (!input)
		return TOOL_FAILED;
	if (!output) {
		tool_error("core: -o CORE is missing");
		return tool_usage_error(argv[0]);
	}
	if (!tool_may_create(output))
		return TOOL_FAILED;
	clock_gettime(CLOCK_MONOTONIC, &start);
	context = tool_context();
	dump = is_elf(input) ? tool_open_dump(context, input) :
			       collect_from_image(context, input);
	status = dump && tool_apply_level(context, dump, NULL, level, NULL) &&
		 tool_complete(context, dump, NULL, vmlinux) ?
		 tool_write_core(context, dump, write, output, &start) : TOOL_FAILED;
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	return status;
}
