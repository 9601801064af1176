/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_KMEMLEAK_H
#define SHIM_LINUX_KMEMLEAK_H

/* The sanitizer that tests run under finds what leaks */
static inline void kmemleak_not_leak(const void *memory)
{
	(void)memory;
}

#endif
