/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_GFP_H
#define SHIM_LINUX_GFP_H

#define GFP_KERNEL			0

unsigned long get_zeroed_page(int gfp);
void free_page(unsigned long address);

#endif
