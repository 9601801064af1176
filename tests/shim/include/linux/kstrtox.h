/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_KSTRTOX_H
#define SHIM_LINUX_KSTRTOX_H

#include <linux/types.h>

/* 0, or a negative errno: nothing but a number may stand in the text. */
int kstrtou64(const char *text, unsigned int base, u64 *number);

#endif
