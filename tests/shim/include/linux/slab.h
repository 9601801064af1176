/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_SLAB_H
#define SHIM_LINUX_SLAB_H

#include <linux/gfp.h>
#include <linux/types.h>
#include "shim.h"

void *kzalloc(size_t size, int gfp);
void kfree(const void *memory);
#define kvcalloc(nr, size, gfp)	kzalloc((size_t)(nr) * (size), gfp)
#define kvfree(memory)		kfree(memory)

#define kvmalloc(size, gfp)		kzalloc(size, gfp)
#define kvfree(memory)			kfree(memory)

static inline bool slab_is_available(void)
{
	return shim_slab_available;
}

#endif
