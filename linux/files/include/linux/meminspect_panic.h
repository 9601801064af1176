/* SPDX-License-Identifier: GPL-2.0-only */
/* The hook of panic(), apart because it wants headers that few files do. */
#ifndef _LINUX_MEMINSPECT_PANIC_H
#define _LINUX_MEMINSPECT_PANIC_H

#ifdef CONFIG_MEMINSPECT

#include <linux/compiler.h>
#include <linux/ptrace.h>

/*
 * Only these have crash_setup_regs() whether or not kexec is built. Elsewhere
 * the panicking CPU is saved when an oops left registers.
 */
#if defined(CONFIG_KEXEC_CORE) || defined(CONFIG_X86) || defined(CONFIG_ARM64)
#include <linux/kexec.h>
#include <asm/kexec.h>
#define meminspect_have_panic_regs	1
#else
#define meminspect_have_panic_regs	0
static inline void crash_setup_regs(struct pt_regs *newregs,
				    struct pt_regs *oldregs) { }
#endif

extern struct pt_regs meminspect_panic_regs;

void meminspect_panic_capture(const char *text);

/*
 * Inline, so that the registers are those of panic(): its frame stays, that of
 * a function that returns to it does not.
 */
static __always_inline void meminspect_panic(const char *text)
{
	crash_setup_regs(&meminspect_panic_regs, NULL);
	meminspect_panic_capture(text);
}

#else /* !CONFIG_MEMINSPECT */

static inline void meminspect_panic(const char *text) { }

#endif /* CONFIG_MEMINSPECT */

#endif /* _LINUX_MEMINSPECT_PANIC_H */
