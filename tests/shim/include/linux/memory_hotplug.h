/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_MEMORY_HOTPLUG_H
#define SHIM_LINUX_MEMORY_HOTPLUG_H

#include <linux/mm.h>

/* A hole stands for a block that is offline. */
#define pfn_to_online_page(pfn)	(pfn_valid(pfn) ? pfn_to_page(pfn) : NULL)

#endif
