// SPDX-License-Identifier: GPL-2.0-only
/* How each tool is started on a core. */
#include "opener.h"

#include <elf.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

__attribute__((format(printf, 2, 3)))
static void add(struct opener *opener, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		tool_out_of_memory();
	va_end(arguments);
	opener->arguments[opener->nr++] = text;
}

/* What starts with a dash would be an option. */
static void add_path(struct opener *opener, const char *path)
{
	add(opener, "%s%s", *path == '-' ? "./" : "", path);
}

/* gdb takes its commands apart as a shell does. */
static char *quoted_for_gdb(const char *path)
{
	char *quoted = malloc(2 * strlen(path) + 1), *to = quoted;

	if (!quoted)
		tool_out_of_memory();
	for (; *path; path++) {
		if (strchr(" \t\\'\"", *path))
			*to++ = '\\';
		*to++ = *path;
	}
	*to = '\0';
	return quoted;
}

/*
 * The kernel's build leaves a script for gdb beside vmlinux: lx-dmesg, lx-ps and
 * others. gdb loads it by itself, from where it may: links are followed first.
 */
static void add_kernel_commands(struct opener *opener, const char *vmlinux)
{
	char *script, *target, *quoted;

	if (asprintf(&script, "%s-gdb.py", vmlinux) < 0)
		return;
	target = realpath(script, NULL);
	if (target) {
		quoted = quoted_for_gdb(target);
		add(opener, "-iex");
		add(opener, "add-auto-load-safe-path %s", quoted);
		free(quoted);
	}
	free(target);
	free(script);
}

static void add_gdb(struct opener *opener, const struct meminspect_dump *dump, const char *vmlinux,
		    const char *name, const char *core)
{
	char *quoted = quoted_for_gdb(name);
	uint64_t offset;

	add(opener, "%s", gdb_for(dump));
	if (vmlinux)
		add_kernel_commands(opener, vmlinux);
	/* gdb doesn't find out by itself how far symbols are away from vmlinux. */
	if (!meminspect_dump_kaslr_offset(dump, &offset)) {
		add(opener, "-ex");
		add(opener, "symbol-file -o 0x%" PRIx64 " %s", offset, quoted);
	} else {
		opener->lacks = "no symbols for gdb: by how much KASLR moved them is lost";
	}
	free(quoted);
	add(opener, "-c");
	add_path(opener, core);
}

/* crash 9 dies of a struct module that does not count its symbols, as that of Linux 7 does not. */
static bool crash_reads_modules(const struct meminspect_dump *dump, const char *vmlinux)
{
	struct meminspect_context *context;
	int has;

	if (!vmlinux)
		return tool_crash_knows_modules(dump);
	context = meminspect_context_new();
	if (!context)
		tool_out_of_memory();
	has = meminspect_has_member(context, vmlinux, "module", "num_gpl_syms");
	meminspect_context_free(context);
	/* One that is stripped does not tell. */
	return has < 0 ? tool_crash_knows_modules(dump) : has;
}

void opener_make(struct opener *opener, enum opener_tool tool, const struct meminspect_dump *dump,
		 const char *vmlinux, const char *core)
{
	const char *name = vmlinux ?: "vmlinux";

	memset(opener, 0, sizeof(*opener));
	switch (tool) {
	case OPENER_CRASH:
		add(opener, "crash");
		if (!tool_crash_starts(dump))
			add(opener, "--minimal");
		if (!crash_reads_modules(dump, vmlinux)) {
			add(opener, "--no_modules");
			opener->lacks = "no modules for crash: crash 9 does not know how this kernel describes them";
		}
		add_path(opener, name);
		add_path(opener, core);
		break;
	case OPENER_DRGN:
		add(opener, "drgn");
		add(opener, "-s");
		add_path(opener, name);
		add(opener, "-c");
		add_path(opener, core);
		break;
	case OPENER_GDB:
		add_gdb(opener, dump, vmlinux, name, core);
		break;
	}
}

void opener_add_gdb_frames(struct opener *opener, const struct meminspect_dump *dump)
{
	const struct meminspect_ident *ident = meminspect_dump_ident(dump);

	add(opener, "-iex");
	add(opener, "python PAC_MASK = 0x%" PRIx64 "\n%s", (uint64_t)(ident ? ident->pac_mask : 0),
	    opener_gdb_frames());
}

void opener_free(struct opener *opener)
{
	for (size_t i = 0; i < opener->nr; i++)
		free(opener->arguments[i]);
}

static void print_quoted(const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "_-./+:,@%=";

	if (*text && strspn(text, plain) == strlen(text)) {
		fputs(text, stdout);
		return;
	}
	putchar('\'');
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			tool_print_escaped(stdout, text, 1);
	}
	putchar('\'');
}

void opener_print(const struct opener *opener)
{
	for (size_t i = 0; i < opener->nr; i++) {
		if (i)
			putchar(' ');
		print_quoted(opener->arguments[i]);
	}
	putchar('\n');
}
