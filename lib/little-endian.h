/* SPDX-License-Identifier: LGPL-2.1-only */
/* Numbers of little-endian formats, at any address. */
#ifndef MEMINSPECT_LITTLE_ENDIAN_H
#define MEMINSPECT_LITTLE_ENDIAN_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t get32(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return le32toh(value);
}

static inline uint64_t get64(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return le64toh(value);
}

#endif /* MEMINSPECT_LITTLE_ENDIAN_H */
