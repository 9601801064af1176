/* SPDX-License-Identifier: GPL-2.0-only */
/* The test program is the kernel image. */
#ifndef SHIM_ASM_SECTIONS_H
#define SHIM_ASM_SECTIONS_H

extern const char __executable_start[], _end[];

#define _text				__executable_start

#endif
