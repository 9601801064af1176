// SPDX-License-Identifier: GPL-2.0-only
/* meminspect open: starts crash, drgn or gdb with what this core needs. */
#include "find-vmlinux.h"
#include "opener.h"

#include <elf.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char help[] =
	"Usage: meminspect open [--crash | --drgn | --gdb] CORE [-- ARGUMENT...]\n\n"
	"Starts crash, or another tool, on CORE, with the vmlinux that belongs to it. crash\n"
	"gets a copy of CORE with what vmlinux has besides, unless CORE has it; so does gdb\n"
	"where it unwinds stacks by that.\n\n"
	"      --crash[=PROGRAM]   crash; PROGRAM if another one is built for this machine\n"
	"      --drgn[=PROGRAM]    drgn\n"
	"      --gdb[=PROGRAM]     gdb, with callers where it finds none by itself, and with the\n"
	"                          kernel's own commands if its build made them\n"
	"      --vmlinux FILE      vmlinux; without it, it is looked for by its build-id: beside\n"
	"                          CORE, here, where distributions and builds keep it, and on\n"
	"                          the servers in DEBUGINFOD_URLS\n"
	"      --debug-directory DIR  where distributions keep it, instead of /usr/lib/debug\n"
	"  ARGUMENT...             for the tool\n\n"
	"Exit status: 0 or another one as the tool has it, 2 no core, vmlinux or tool.\n";

struct arguments {
	enum opener_tool tool;
	const char *program;		/* or NULL */
	const char *vmlinux;		/* or NULL */
	const char *debug_directory;
	const char *core;
	char **others;			/* for the tool, then NULL */
};

static volatile sig_atomic_t child;

static void pass_on(int number)
{
	if (child > 0)
		kill(child, number);
}

/* The exit status of the tool. It has the terminal: what is typed is not for us. */
static int run(char **arguments)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, forward = { .sa_handler = pass_on };
	struct sigaction old_interrupt, old_quit;
	pid_t pid;
	int status;

	sigaction(SIGINT, &ignore, &old_interrupt);
	sigaction(SIGQUIT, &ignore, &old_quit);
	sigaction(SIGTERM, &forward, NULL);
	sigaction(SIGHUP, &forward, NULL);
	fflush(stdout);
	pid = fork();
	child = pid;
	if (!pid) {
		sigaction(SIGINT, &old_interrupt, NULL);
		sigaction(SIGQUIT, &old_quit, NULL);
		execvp(arguments[0], arguments);
		tool_error("%s: %s", arguments[0], errno == ENOENT ?
			   "not found: install it, or name another by --crash, --drgn or --gdb=PROGRAM" :
			   strerror(errno));
		_exit(TOOL_FAILED);
	}
	if (pid < 0) {
		tool_error("%s: %s", arguments[0], strerror(errno));
		return TOOL_FAILED;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int start(const struct arguments *arguments, const struct meminspect_dump *dump,
		 const char *vmlinux, const char *core)
{
	size_t nr_others = 0;
	struct opener opener;
	char **all;
	int status;

	while (arguments->others[nr_others])
		nr_others++;
	opener_make(&opener, arguments->tool, dump, vmlinux, core);
	if (arguments->tool == OPENER_GDB)
		opener_add_gdb_frames(&opener, dump);
	all = calloc(opener.nr + nr_others + 1, sizeof(*all));
	if (!all)
		tool_out_of_memory();
	memcpy(all, opener.arguments, opener.nr * sizeof(*all));
	memcpy(all + opener.nr, arguments->others, nr_others * sizeof(*all));
	if (arguments->program)
		all[0] = (char *)arguments->program;
	if (opener.lacks)
		tool_error("%s", opener.lacks);
	status = run(all);
	free(all);
	opener_free(&opener);
	return status;
}

/* On a copy of the core with what vmlinux has, which is not there longer than the tool is. */
static int start_on_copy(struct meminspect_context *context, const struct arguments *arguments,
			 const struct meminspect_dump *dump, const char *vmlinux)
{
	const char *parent = getenv("TMPDIR");
	char folder[PATH_MAX], core[PATH_MAX + sizeof("/core")];
	int status = TOOL_FAILED;

	snprintf(folder, sizeof(folder), "%s/meminspect-XXXXXX",
		 parent && *parent ? parent : "/tmp");
	if (!mkdtemp(folder)) {
		tool_error("%s: %s", folder, strerror(errno));
		return TOOL_FAILED;
	}
	snprintf(core, sizeof(core), "%s/core", folder);
	if (meminspect_core_write(context, dump, core)) {
		tool_error("%s", meminspect_error(context));
	} else {
		tool_progress_clear();
		status = start(arguments, dump, vmlinux, core);
		unlink(core);
	}
	rmdir(folder);
	return status;
}

static char *vmlinux_for(struct meminspect_context *context, const struct arguments *arguments,
			 const struct meminspect_dump *dump)
{
	int error;

	if (!arguments->vmlinux)
		return find_vmlinux(context, dump, arguments->core, arguments->debug_directory);
	error = meminspect_vmlinux_check(context, dump, arguments->vmlinux);
	if (error)
		tool_error("%s", meminspect_error(context));
	return !error || error == -ENODATA ? strdup(arguments->vmlinux) : NULL;
}

/* Of how stacks are unwound, which gdb is told by opener_add_gdb_frames() to look into. */
static bool needs_tables(const struct meminspect_dump *dump)
{
	const struct meminspect_ident *ident = meminspect_dump_ident(dump);

	return ident && ident->machine == EM_X86_64;
}

static int open_core(struct meminspect_context *context, const struct arguments *arguments,
		     struct meminspect_dump *dump)
{
	char *vmlinux = vmlinux_for(context, arguments, dump);
	int status = TOOL_FAILED, error = -EEXIST;

	if (!vmlinux)
		return status;
	if (!arguments->vmlinux)
		fprintf(stderr, "vmlinux is %s\n", vmlinux);
	if (arguments->tool == OPENER_CRASH || (arguments->tool == OPENER_GDB && needs_tables(dump)))
		error = meminspect_complete(context, dump, NULL, vmlinux);
	tool_progress_clear();
	if (!error)
		status = start_on_copy(context, arguments, dump, vmlinux);
	else if (error == -EEXIST || error == -ENODATA)
		status = start(arguments, dump, vmlinux, arguments->core);
	else
		tool_error("%s", meminspect_error(context));
	free(vmlinux);
	return status;
}

int command_open(int argc, char **argv)
{
	static const struct option options[] = {
		{ "crash", optional_argument, NULL, OPENER_CRASH },
		{ "drgn", optional_argument, NULL, OPENER_DRGN },
		{ "gdb", optional_argument, NULL, OPENER_GDB },
		{ "vmlinux", required_argument, NULL, 'v' },
		{ "debug-directory", required_argument, NULL, 'd' },
		{ 0 }
	};
	struct arguments arguments = { .tool = OPENER_CRASH, .debug_directory = "/usr/lib/debug" };
	struct meminspect_context *context;
	struct meminspect_dump *dump;
	int option, status;

	if (tool_help_wanted(argc, argv, help, &status))
		return status;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'v') {
			arguments.vmlinux = optarg;
		} else if (option == 'd') {
			arguments.debug_directory = optarg;
		} else if (option == OPENER_CRASH || option == OPENER_DRGN || option == OPENER_GDB) {
			arguments.tool = option;
			arguments.program = optarg;
		} else {
			return tool_usage_error(argv[0]);
		}
	}
	if (optind == argc) {
		tool_error("open: CORE is missing");
		return tool_usage_error(argv[0]);
	}
	arguments.core = argv[optind];
	arguments.others = argv + optind + 1;
	context = tool_context();
	dump = tool_open_dump(context, arguments.core);
	status = dump ? open_core(context, &arguments, dump) : TOOL_FAILED;
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	return status;
}
