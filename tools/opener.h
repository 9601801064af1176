/* SPDX-License-Identifier: GPL-2.0-only */
/* How crash, drgn and gdb are started on a core. */
#ifndef OPENER_H
#define OPENER_H

#include "tool.h"

enum opener_tool {
	OPENER_CRASH,
	OPENER_DRGN,
	OPENER_GDB,
};

#define OPENER_ARGUMENTS 10

struct opener {
	size_t nr;
	char *arguments[OPENER_ARGUMENTS + 1];	/* the first is the program; then NULL */
	const char *lacks;			/* what will not work, and why; or NULL */
};

/* Without @vmlinux, the line is as for most kernels, with a name for it. Exits if memory is short. */
void opener_make(struct opener *opener, enum opener_tool tool, const struct meminspect_dump *dump,
		 const char *vmlinux, const char *core);
/* gdb finds callers in the kernel then. The line is too long for people to read. */
void opener_add_gdb_frames(struct opener *opener, const struct meminspect_dump *dump);
void opener_free(struct opener *opener);
/* A line for a shell, on stdout. */
void opener_print(const struct opener *opener);

/* gdb-frames.c: tools/frames.py */
const char *opener_gdb_frames(void);

#endif /* OPENER_H */
