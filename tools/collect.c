// SPDX-License-Identifier: GPL-2.0-only
/* meminspect collect: reads the marked regions of a dead machine into a core. */
#include "tool.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"Usage: meminspect collect --qmp SOCKET -o CORE\n"
	"       meminspect collect --ram FILE[@ADDRESS] -o CORE\n"
	"       meminspect collect --pstore DIR -o CORE\n\n"
	"Finds the directory of marked regions in the RAM of a machine, reads only these\n"
	"regions, and writes them as the new file CORE.\n\n"
	"  --qmp SOCKET           guest of the QEMU whose QMP monitor listens on the Unix\n"
	"                         socket SOCKET (QEMU: -qmp unix:SOCKET,server=on,wait=off)\n"
	"  --ram FILE[@ADDRESS]   image of RAM, whose first byte was at the physical address\n"
	"                         ADDRESS; without it, the directory tells\n"
	"  --pstore DIR           what a dying kernel wrote to pstore: a file, or a folder of\n"
	"                         files, as /sys/fs/pstore or /var/lib/systemd/pstore\n"
	"  -o, --output CORE      file to write; it must not exist\n\n"
	"Exit status: 0 all is there, 1 something is missing or damaged, 2 no core.\n";

/* Cuts the address off FILE@ADDRESS, unless a file has all of that as its name. */
static uint64_t take_address(char *name)
{
	char *at = strrchr(name, '@'), *end;
	unsigned long long address;

	if (!access(name, F_OK) || !at || at[1] < '0' || at[1] > '9')
		return MEMINSPECT_BASE_FROM_DIRECTORY;
	errno = 0;
	address = strtoull(at + 1, &end, 0);
	if (errno || *end)
		return MEMINSPECT_BASE_FROM_DIRECTORY;
	*at = '\0';
	return address;
}

/*
 * The source is closed before the core is written: a guest that ran goes on. It
 * also does when the user loses patience: signals wait until it is closed. An
 * image needs no such care.
 */
static struct meminspect_dump *collect(struct meminspect_context *context, const char *socket,
				       char *ram, const char *pstore)
{
	struct meminspect_memory *memory;
	struct meminspect_dump *dump;
	sigset_t signals, before;
	int error;

	sigemptyset(&signals);
	if (socket) {
		sigaddset(&signals, SIGINT);
		sigaddset(&signals, SIGTERM);
		sigaddset(&signals, SIGHUP);
	}
	sigprocmask(SIG_BLOCK, &signals, &before);
	if (socket) {
		error = meminspect_memory_open_qmp(context, socket, &memory);
	} else if (pstore) {
		error = meminspect_memory_open_pstore(context, pstore, &memory);
	} else {
		uint64_t address = take_address(ram);

		error = meminspect_memory_open_ram(context, ram, address, &memory);
	}
	if (!error) {
		error = meminspect_collect(context, memory, &dump);
		meminspect_memory_close(memory);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (!error)
		return dump;
	tool_error("%s", meminspect_error(context));
	return NULL;
}

int command_collect(int argc, char **argv)
{
	static const struct option options[] = {
		{ "qmp", required_argument, NULL, 'q' },
		{ "ram", required_argument, NULL, 'r' },
		{ "pstore", required_argument, NULL, 'p' },
		{ "output", required_argument, NULL, 'o' },
		{ 0 }
	};
	char *socket = NULL, *ram = NULL, *pstore = NULL, *output = NULL;
	struct meminspect_context *context;
	struct meminspect_dump *dump;
	struct timespec start;
	int option, status;

	if (tool_help_wanted(argc, argv, help, &status))
		return status;
	while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
		if (option == 'q')
			socket = optarg;
		else if (option == 'r')
			ram = optarg;
		else if (option == 'p')
			pstore = optarg;
		else if (option == 'o')
			output = optarg;
		else
			return tool_usage_error(argv[0]);
	}
	if (optind != argc || !!socket + !!ram + !!pstore != 1 || !output) {
		tool_error("collect: expected one of --qmp SOCKET, --ram FILE and --pstore DIR, and -o CORE");
		return tool_usage_error(argv[0]);
	}
	if (!tool_may_create(output))
		return TOOL_FAILED;
	clock_gettime(CLOCK_MONOTONIC, &start);
	context = tool_context();
	dump = collect(context, socket, ram, pstore);
	status = dump ? tool_write_core(context, dump, output, &start) : TOOL_FAILED;
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	return status;
}
