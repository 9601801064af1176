/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_BUILD_BUG_H
#define SHIM_LINUX_BUILD_BUG_H

#define BUILD_BUG_ON(condition) static_assert(!(condition))
#define static_assert(condition) _Static_assert(condition, #condition)

#endif
