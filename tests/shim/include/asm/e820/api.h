/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_ASM_E820_API_H
#define SHIM_ASM_E820_API_H

#include <linux/types.h>

#define E820_TYPE_RAM			1

bool e820__mapped_any(u64 start, u64 end, int type);

#endif
