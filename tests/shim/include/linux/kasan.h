/* SPDX-License-Identifier: GPL-2.0-only */
/* Tags are those of arm64: they stand in the highest byte, which hardware ignores. */
#ifndef SHIM_LINUX_KASAN_H
#define SHIM_LINUX_KASAN_H

/* Bit 55 tells addresses of the kernel from those of users: it takes the place of the tag. */
#define kasan_reset_tag(address)	((void *)((long)((unsigned long)(address) << 8) >> 8))
#define SHIM_TAGGED(address)		((void *)((unsigned long)(address) | 0xa5UL << 56))

#endif
