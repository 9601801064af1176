// SPDX-License-Identifier: GPL-2.0-only
/* Writes a core and says what is in it. */
#include "tool.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool tool_may_create(const char *path)
{
	if (*path && faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW))
		return true;
	tool_error(*path ? "%s: exists; give the name of a new file" :
			   "'%s' is no name of a file to write", path);
	return false;
}

bool tool_complete(struct meminspect_context *context, struct meminspect_dump *dump,
		   struct meminspect_memory *memory, const char *vmlinux)
{
	if (!vmlinux || !meminspect_complete(context, dump, memory, vmlinux))
		return true;
	tool_error("%s", meminspect_error(context));
	return false;
}

int tool_write_core(struct meminspect_context *context, const struct meminspect_dump *dump,
		    tool_write_function write, const char *path, const struct timespec *start)
{
	struct timespec now;

	if (write(context, dump, path)) {
		tool_error("%s", meminspect_error(context));
		return TOOL_FAILED;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	tool_progress_clear();
	tool_print_escaped(stdout, path, strlen(path));
	fputs(": ", stdout);
	tool_print_verdicts(stdout, dump);
	printf(" in %.2f s\n", (double)(now.tv_sec - start->tv_sec) +
	       (now.tv_nsec - start->tv_nsec) / 1e9);
	tool_print_problems(stdout, dump);
	tool_print_left_out(stdout, dump);
	return tool_finish(tool_status(dump));
}
