/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_KERNEL_H
#define SHIM_LINUX_KERNEL_H

#include <linux/compiler.h>
#include <linux/kconfig.h>
#include <linux/types.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define DIV_ROUND_UP(n, d)		(((n) + (d) - 1) / (d))
#define lower_32_bits(n)		((u32)(n))
#define upper_32_bits(n)		((u32)((u64)(n) >> 32))
#define U8_MAX				UINT8_MAX
#define S32_MAX				INT32_MAX
#define S64_MAX				INT64_MAX
#define HZ				250
#define min(a, b)			((a) < (b) ? (a) : (b))
#define max(a, b)			((a) > (b) ? (a) : (b))
#define container_of(pointer, type, member)				\
	((type *)((char *)(pointer) - offsetof(type, member)))

#define cpu_relax()			shim_die("cpu_relax() waits for ever")

/* A number with a suffix that multiplies it; *@end is set behind them. */
unsigned long long memparse(const char *text, char **end);

static inline void cond_resched(void)
{
	if (shim_locks_held || shim_in_nmi)
		shim_die("cond_resched() sleeps where it can't");
}

static inline bool in_nmi(void)
{
	return shim_in_nmi;
}

#endif /* SHIM_LINUX_KERNEL_H */
