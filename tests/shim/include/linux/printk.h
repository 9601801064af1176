/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_PRINTK_H
#define SHIM_LINUX_PRINTK_H

#include "shim.h"

#define KERN_WARNING			""
#define printk_deferred(...)		shim_printk(__VA_ARGS__)
#define printk_deferred_once(...)					\
	do {								\
		static bool shim_done;					\
									\
		if (!shim_done)						\
			shim_printk(__VA_ARGS__);			\
		shim_done = true;					\
	} while (0)
#define pr_warn(...)			shim_printk(__VA_ARGS__)
#define pr_err(...)			shim_printk(__VA_ARGS__)
#define pr_info(...)			((void)0)

#endif
