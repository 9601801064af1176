/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_TIMEKEEPING_H
#define SHIM_LINUX_TIMEKEEPING_H

#define ktime_get_real_fast_ns()	(1700000000ULL * 1000000000)
#define ktime_get_real_ns()		ktime_get_real_fast_ns()
#define ktime_get_real_seconds()	1700000000ULL
#define ktime_get_boottime_ns()		1000000000ULL

#endif
