/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FIND_VMLINUX_H
#define FIND_VMLINUX_H

#include "tool.h"

/*
 * The vmlinux of the kernel that died, by its build-id, for free(). NULL, after an
 * error that says where it was looked for, if there is none.
 */
char *find_vmlinux(struct meminspect_context *context, const struct meminspect_dump *dump,
		   const char *core, const char *debug_directory);

#endif /* FIND_VMLINUX_H */
