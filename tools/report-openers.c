// SPDX-License-Identifier: GPL-2.0-only
/* The command lines that open the core, ready for a shell. */
#include "report.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

static void print_quoted(const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "_-./+:,@%=";

	/* What starts with a dash would be an option. */
	if (*path == '-')
		fputs("./", stdout);
	if (*path && strspn(path, plain) == strlen(path)) {
		fputs(path, stdout);
		return;
	}
	putchar('\'');
	for (; *path; path++) {
		if (*path == '\'')
			fputs("'\\''", stdout);
		else
			tool_print_escaped(stdout, path, 1);
	}
	putchar('\'');
}

/* A gdb for this machine alone knows no registers of another. */
static const char *gdb_for(const struct meminspect_dump *dump)
{
	const struct meminspect_ident *ident = meminspect_dump_ident(dump);
#if defined(__x86_64__)
	const uint32_t here = EM_X86_64;
#elif defined(__aarch64__)
	const uint32_t here = EM_AARCH64;
#else
	const uint32_t here = EM_NONE;
#endif

	return ident && ident->machine == here ? "gdb" : "gdb-multiarch";
}

/* Without its flag, crash wants tasks, and what the host added. */
static const char *flag_of_crash(const struct meminspect_dump *dump)
{
	return meminspect_dump_find(dump, "task_state_array", -1) &&
	       meminspect_dump_find(dump, "init_pid_ns", -1) &&
	       meminspect_dump_find(dump, "task_struct", -1) ? "" : "--minimal ";
}

void report_openers(const struct meminspect_dump *dump, const char *path)
{
	uint64_t offset;

	report_heading("Open it, with the vmlinux of this build-id, and a crash built for its machine, by");
	printf("  crash %svmlinux ", flag_of_crash(dump));
	print_quoted(path);
	printf("\n  drgn -s vmlinux -c ");
	print_quoted(path);
	/* gdb doesn't find out by itself how far symbols are away from vmlinux. */
	if (!meminspect_dump_kaslr_offset(dump, &offset))
		printf("\n  %s -ex 'symbol-file -o 0x%" PRIx64 " vmlinux' -c ", gdb_for(dump), offset);
	else
		printf("\n  no symbols for gdb: by how much KASLR moved them is lost\n  %s -c ",
		       gdb_for(dump));
	print_quoted(path);
	putchar('\n');
}
