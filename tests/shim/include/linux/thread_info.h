/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_THREAD_INFO_H
#define SHIM_LINUX_THREAD_INFO_H

#include <linux/mm.h>

#define CONFIG_VMAP_STACK		1
#define THREAD_SIZE			(4 * PAGE_SIZE)

#endif
