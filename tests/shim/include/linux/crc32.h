/* SPDX-License-Identifier: GPL-2.0-only */
/* zlib's implementation: the kernel's own is not under test. */
#ifndef SHIM_LINUX_CRC32_H
#define SHIM_LINUX_CRC32_H

#include <linux/types.h>
#include <zlib.h>

/* zlib complements its argument and its result, crc32_le() neither. */
static inline u32 crc32_le(u32 crc, const u8 *bytes, size_t length)
{
	return ~(u32)crc32(~crc, bytes, length);
}

#endif
