/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_STRING_H
#define SHIM_LINUX_STRING_H

#include <linux/errno.h>
#include <string.h>
#include <sys/types.h>

/* Copies what fits. The length, or an error if the text was cut. */
static inline ssize_t strscpy(void *to, const char *from, size_t size)
{
	size_t length = strnlen(from, size - 1);

	memmove(to, from, length);
	((char *)to)[length] = '\0';
	return from[length] ? -E2BIG : (ssize_t)length;
}

/* Where the first byte is that is another one, NULL if none is */
static inline const void *memchr_inv(const void *bytes, int byte, size_t size)
{
	const unsigned char *at = bytes;

	for (; size; at++, size--)
		if (*at != (unsigned char)byte)
			return at;
	return NULL;
}

#endif
