/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_MATH_H
#define SHIM_LINUX_MATH_H

/* @to is a power of two. */
#define round_down(n, to)	((n) & ~((to) - 1))
#define round_up(n, to)		round_down((n) + (to) - 1, to)

#endif
