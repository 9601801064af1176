/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_TIME64_H
#define SHIM_LINUX_TIME64_H

#define ns_to_timespec64(ns)		((struct timespec){ .tv_sec = (ns) / 1000000000 })

#endif
