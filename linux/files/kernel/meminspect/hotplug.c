// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that is taken offline.
 *
 * There is nothing to do for CPUs: per-CPU memory, run queues, idle tasks and
 * interrupt stacks of every CPU that may ever come are there from boot on, or
 * from its first start on, and stay where they are while the CPU is away.
 */
#include <linux/init.h>
#include <linux/memory.h>
#include <linux/notifier.h>
#include <linux/pfn.h>

#include "internal.h"

/*
 * Memory in use either keeps its block online or moves to another one. What is
 * still marked when the block is offline was freed, and its owner forgot to
 * unmark it. Before that the kernel may change its mind.
 */
static int on_memory(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct memory_notify *memory = data;

	if (event == MEM_OFFLINE)
		meminspect_drop_range(PFN_PHYS(memory->start_pfn),
				      PFN_PHYS(memory->nr_pages));
	return NOTIFY_OK;
}

static int __init follow_memory(void)
{
	return hotplug_memory_notifier(on_memory, DEFAULT_CALLBACK_PRI);
}
core_initcall(follow_memory);
