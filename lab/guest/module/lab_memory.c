// SPDX-License-Identifier: GPL-2.0-only
/*
 * Adds memory that the command line's mem= left out. Where the memory of the
 * boot can't go offline, this can.
 */
#include <linux/memory_hotplug.h>
#include <linux/module.h>

static ulong start;
module_param(start, ulong, 0400);
static ulong size;
module_param(size, ulong, 0400);

static int __init lab_memory_init(void)
{
	return add_memory(0, start, size, MHP_NONE);
}
module_init(lab_memory_init);

MODULE_DESCRIPTION("Memory that comes later");
MODULE_LICENSE("GPL");
