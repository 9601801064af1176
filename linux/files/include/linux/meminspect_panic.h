/* SPDX-License-Identifier: GPL-2.0-only */
/* The hook of panic(), apart because it wants headers that few files do. */
#ifndef _LINUX_MEMINSPECT_PANIC_H
#define _LINUX_MEMINSPECT_PANIC_H

#ifdef CONFIG_MEMINSPECT

#include <linux/compiler.h>
#include <linux/ptrace.h>

/*
 * x86 and arm64 have crash_setup_regs() whether or not kdump is built, others
 * with it, and with some it does nothing. Elsewhere the panicking CPU is saved
 * when an oops left registers.
 */
#if defined(CONFIG_X86) || defined(CONFIG_ARM64) ||			\
	(defined(CONFIG_CRASH_DUMP) && !defined(CONFIG_S390) &&		\
	 !defined(CONFIG_M68K) && !defined(CONFIG_PARISC))
#include <linux/kexec.h>
#include <asm/kexec.h>
#define meminspect_have_panic_regs	1
#else
#define meminspect_have_panic_regs	0
#endif

extern struct pt_regs meminspect_panic_regs;

void meminspect_panic_capture(const char *text);

/*
 * Inline, so that the registers are those of panic(): its frame stays, that of
 * a function that returns to it does not.
 */
static __always_inline void meminspect_panic(const char *text)
{
#if meminspect_have_panic_regs
	crash_setup_regs(&meminspect_panic_regs, NULL);
#endif
	meminspect_panic_capture(text);
}

#else /* !CONFIG_MEMINSPECT */

static inline void meminspect_panic(const char *text) { }

#endif /* CONFIG_MEMINSPECT */

#endif /* _LINUX_MEMINSPECT_PANIC_H */
