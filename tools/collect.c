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
	"Usage: meminspect collect SOURCE -o CORE\n\n"
	"Finds the directory of marked regions in the memory of a machine, reads only\n"
	"these regions, and writes them as the new file CORE. SOURCE is one of\n\n"
	"  --qmp SOCKET           guest of the QEMU whose QMP monitor listens on the Unix\n"
	"                         socket SOCKET (QEMU: -qmp unix:SOCKET,server=on,wait=off)\n"
	"  --ram FILE[@ADDRESS]   image of RAM, whose first byte was at the physical address\n"
	"                         ADDRESS; without it, the directory tells\n"
	"  --minidump DIR         folder with the files md_*.BIN that qdl or edl fetched from\n"
	"                         a Qualcomm device; they may be damaged or incomplete\n"
	"  --rawdump FILE         copy of a partition \"rawdump\" of such a device\n"
	"  --sahara SOCKET        such a device itself, in memory debug, behind a Unix socket;\n"
	"                         its files are kept\n"
	"  --pstore DIR           what a dying kernel wrote to pstore: a file, or a folder of\n"
	"                         files, as /sys/fs/pstore or /var/lib/systemd/pstore\n\n"
	"  -o, --output CORE      file to write; it must not exist\n"
	"  --vmlinux FILE         add what crash asks for and vmlinux has: text, unwind tables,\n"
	"                         constants; the core opens in crash without flags then, if\n"
	"                         tasks and stacks were marked\n"
	"  --level LEVEL          small or default: less than what is marked; rich, with --qmp\n"
	"                         or --ram, and --vmlinux: what pointers lead to as well\n"
	"  --keep DIR             with --sahara: new folder for the device's files, instead of\n"
	"                         CORE.minidump\n"
	"  --reset                with --sahara: restart the device also if something could not\n"
	"                         be read; its memory is gone then\n\n"
	"Exit status: 0 all is there, 1 something is missing or damaged, 2 no core.\n";

struct source {
	char *qmp, *ram, *minidump, *rawdump, *sahara, *pstore;
	char *vmlinux;
	char *keep;	/* of a device's files, NULL: beside the core */
	bool reset;	/* whatever is lost by it */
	int level;
	bool lost;	/* something that is in no region, or the guest is left stopped */
};

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

static int open_source(struct meminspect_context *context, const struct source *source,
		       struct meminspect_memory **memory)
{
	uint64_t address;

	if (source->qmp)
		return meminspect_memory_open_qmp(context, source->qmp, memory);
	if (source->minidump)
		return meminspect_memory_open_minidump(context, source->minidump, memory);
	if (source->rawdump)
		return meminspect_memory_open_rawdump(context, source->rawdump, memory);
	if (source->pstore)
		return meminspect_memory_open_pstore(context, source->pstore, memory);
	address = take_address(source->ram);
	return meminspect_memory_open_ram(context, source->ram, address, memory);
}

static struct meminspect_dump *collect_unhurried(struct meminspect_context *context,
						 struct source *source)
{
	struct meminspect_dump *dump = NULL;
	struct meminspect_memory *memory;

	if (open_source(context, source, &memory)) {
		tool_error("%s", meminspect_error(context));
		return NULL;
	}
	/* What was collected is kept also if this is the wrong vmlinux. */
	if (meminspect_collect(context, memory, &dump))
		tool_error("%s", meminspect_error(context));
	else if (!tool_apply_level(context, dump, source->qmp || source->ram ? memory : NULL,
				   source->level, source->vmlinux) ||
		 !tool_complete(context, dump, memory, source->vmlinux))
		source->lost = true;
	/* Also if the core is whole: the guest is not as it was. */
	if (meminspect_memory_close(memory)) {
		tool_error("%s", meminspect_error(context));
		source->lost = true;
	}
	return dump;
}

/*
 * The source is closed before the core is written: a guest that ran goes on. It
 * also does when the user loses patience: signals wait until it is closed. A
 * file needs no such care.
 */
static struct meminspect_dump *collect(struct meminspect_context *context, struct source *source)
{
	struct meminspect_dump *dump;
	sigset_t signals, before;

	sigemptyset(&signals);
	if (source->qmp) {
		sigaddset(&signals, SIGINT);
		sigaddset(&signals, SIGTERM);
		sigaddset(&signals, SIGHUP);
	}
	sigprocmask(SIG_BLOCK, &signals, &before);
	dump = collect_unhurried(context, source);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return dump;
}

static void print_saved(const struct meminspect_sahara *saved)
{
	tool_progress_clear();
	tool_print_escaped(stdout, saved->folder, strlen(saved->folder));
	printf(": %zu files", saved->nr_files);
	if (saved->nr_lost)
		printf(", %zu not or not all read", saved->nr_lost);
	puts(saved->reset ? "; the device restarts" :
	     saved->nr_lost ? "; the device was not restarted: try again, or use --reset" :
			      "; the device did not agree to restart");
}

/* The device's memory becomes a folder first: it can't be had twice. */
static bool save_device(struct meminspect_context *context, struct source *source,
			const char *output)
{
	struct meminspect_sahara saved;
	char *folder = NULL;
	int error;

	if (!source->keep && asprintf(&folder, "%s.minidump", output) < 0) {
		tool_error("out of memory");
		return false;
	}
	error = meminspect_sahara_save(context, source->sahara,
				       source->keep ? source->keep : folder, source->reset, &saved);
	free(folder);
	if (error) {
		tool_error("%s", meminspect_error(context));
		if (saved.folder)
			tool_error("%s: has what was read before; the device was not restarted",
				   saved.folder);
		free(saved.folder);
		return false;
	}
	print_saved(&saved);
	source->minidump = saved.folder;
	source->lost = saved.nr_lost != 0;
	return true;
}

static bool take_options(int argc, char **argv, struct source *source, char **output)
{
	static const struct option options[] = {
		{ "qmp", required_argument, NULL, 'q' },
		{ "ram", required_argument, NULL, 'r' },
		{ "minidump", required_argument, NULL, 'm' },
		{ "rawdump", required_argument, NULL, 'w' },
		{ "sahara", required_argument, NULL, 's' },
		{ "pstore", required_argument, NULL, 'p' },
		{ "vmlinux", required_argument, NULL, 'v' },
		{ "level", required_argument, NULL, 'l' },
		{ "keep", required_argument, NULL, 'k' },
		{ "reset", no_argument, NULL, 'R' },
		{ "output", required_argument, NULL, 'o' },
		{ 0 }
	};
	int option, nr;

	while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
		switch (option) {
		case 'q': source->qmp = optarg; break;
		case 'r': source->ram = optarg; break;
		case 'm': source->minidump = optarg; break;
		case 'w': source->rawdump = optarg; break;
		case 's': source->sahara = optarg; break;
		case 'p': source->pstore = optarg; break;
		case 'v': source->vmlinux = optarg; break;
		case 'l':
			if (!tool_take_level(optarg, &source->level))
				return false;
			break;
		case 'k': source->keep = optarg; break;
		case 'R': source->reset = true; break;
		case 'o': *output = optarg; break;
		default: return false;
		}
	}
	nr = !!source->qmp + !!source->ram + !!source->minidump + !!source->rawdump +
	     !!source->sahara + !!source->pstore;
	if (optind != argc || nr != 1 || !*output) {
		tool_error("collect: expected one of --qmp, --ram, --minidump, --rawdump, --sahara and --pstore, and -o CORE");
		return false;
	}
	if (source->level == MEMINSPECT_LEVEL_RICH &&
	    (!source->vmlinux || !(source->qmp || source->ram))) {
		tool_error("collect: --level rich needs --vmlinux, and --qmp or --ram: pointers are followed where all of RAM is seen");
		return false;
	}
	if (!source->sahara && (source->keep || source->reset)) {
		tool_error("collect: --keep and --reset go with --sahara only");
		return false;
	}
	return true;
}

int command_collect(int argc, char **argv)
{
	struct source source = { .level = TOOL_NO_LEVEL };
	struct meminspect_context *context;
	struct meminspect_dump *dump;
	struct timespec start;
	char *output = NULL;
	int status;

	if (tool_help_wanted(argc, argv, help, &status))
		return status;
	if (!take_options(argc, argv, &source, &output))
		return tool_usage_error(argv[0]);
	if (!tool_may_create(output))
		return TOOL_FAILED;
	clock_gettime(CLOCK_MONOTONIC, &start);
	context = tool_context();
	dump = source.sahara && !save_device(context, &source, output) ? NULL :
								       collect(context, &source);
	status = dump ? tool_write_core(context, dump, meminspect_core_write, output, &start) : TOOL_FAILED;
	if (status == TOOL_COMPLETE && source.lost)
		status = TOOL_INCOMPLETE;
	if (source.sahara)
		free(source.minidump);
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	return status;
}
