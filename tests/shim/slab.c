// SPDX-License-Identifier: GPL-2.0-only
/* Allocations, which fail when a test wants them to. */
#include <stdlib.h>
#include <linux/slab.h>

int shim_allocations_left = -1;
unsigned int shim_allocations;

void *kzalloc(size_t size, int gfp)
{
	(void)gfp;
	if (shim_locks_held || shim_in_nmi || !shim_slab_available)
		shim_die("kzalloc() is called where it can't");
	if (!shim_allocations_left)
		return NULL;
	shim_allocations_left -= shim_allocations_left > 0;
	shim_allocations++;
	return calloc(1, size);
}

void kfree(const void *memory)
{
	shim_allocations -= memory != NULL;
	free((void *)memory);
}
