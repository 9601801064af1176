// SPDX-License-Identifier: GPL-2.0-only
/* The script for gdb that finds callers in a kernel. */
#include "opener.h"

__asm__(".pushsection .rodata\n"
	"gdb_frames: .incbin \"tools/frames.py\"\n"
	".byte 0\n"
	".popsection\n");

extern const char gdb_frames[];

const char *opener_gdb_frames(void)
{
	return gdb_frames;
}
