/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_TYPES_H
#define SHIM_LINUX_TYPES_H

#include <asm/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;
typedef u64 phys_addr_t;

/* System headers that come by <linux/...> want these of the real one. */
#define __bitwise
#define __aligned_u64 __u64 __attribute__((aligned(8)))

#endif /* SHIM_LINUX_TYPES_H */
