// SPDX-License-Identifier: GPL-2.0-only
/* The identification block: which kernel this is and how it maps memory. */
#include <linux/buildid.h>
#include <linux/cpumask.h>
#include <linux/elf.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/meminspect_namespace.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/utsname.h>
#include <asm/sections.h>
#ifdef CONFIG_X86
#include <asm/setup.h>
#endif

#include "internal.h"

/* The parts that each architecture calls by other names. */
static void describe_mapping(struct meminspect_ident *ident)
{
#if defined(CONFIG_X86) && defined(CONFIG_X86_64)
	ident->kaslr_offset = kaslr_offset();
	ident->phys_base = phys_base;
	ident->va_bits = pgtable_l5_enabled() ? 57 : 48;
	ident->pgtable_levels = pgtable_l5_enabled() ? 5 : 4;
	ident->swapper_pg_dir = __pa_symbol(swapper_pg_dir);
#elif defined(CONFIG_ARM64)
	ident->kaslr_offset = kaslr_offset();
	ident->kimage_voffset = kimage_voffset;
	ident->va_bits = vabits_actual;
	ident->pgtable_levels = CONFIG_PGTABLE_LEVELS;
	ident->swapper_pg_dir = __pa_symbol(swapper_pg_dir);
	if (system_supports_address_auth())
		ident->pac_mask = ptrauth_kernel_pac_mask();
#else
	ident->va_bits = BITS_PER_LONG;
#endif
}

/**
 * __meminspect_kaslr_offset - how far the kernel was moved
 * @offset: set to the run time address of a kernel symbol minus its address in
 *	vmlinux
 * @caller: the caller's module, NULL for built-in code
 *
 * Callers use meminspect_kaslr_offset(), which knows the module.
 *
 * Context: As meminspect_kaslr_offset().
 *
 * Return: As meminspect_kaslr_offset().
 */
int __meminspect_kaslr_offset(u64 *offset, const struct module *caller)
{
	struct meminspect_ident ident = {};

	if (!meminspect_may_consume(caller))
		return -EPERM;
	describe_mapping(&ident);
	*offset = ident.kaslr_offset;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(__meminspect_kaslr_offset, MEMINSPECT_NAMESPACE);

/**
 * meminspect_write_ident - publish what is known of this kernel
 *
 * Context: Boot. Some things are known late only: it is called again then.
 */
void meminspect_write_ident(void)
{
	void *copies[MEMINSPECT_COPIES];
	const struct meminspect_chunk *head;
	unsigned long flags;
	struct meminspect_ident ident = {
		.machine = ELF_ARCH,
		.page_size = PAGE_SIZE,
		.nr_cpus = nr_cpu_ids,
		.image_va = (unsigned long)_text,
		.image_pa = __pa_symbol(_text),
		.page_offset = PAGE_OFFSET,
		.phys_offset = __pa(PAGE_OFFSET),
	};

	describe_mapping(&ident);
	if (ktime_get_real_seconds())
		ident.boot_time = ktime_get_real_ns() - ktime_get_boottime_ns();
	BUILD_BUG_ON(BUILD_ID_SIZE_MAX > MEMINSPECT_BUILD_ID_SIZE);
	memcpy(ident.build_id, vmlinux_build_id, BUILD_ID_SIZE_MAX);
	if (memchr_inv(ident.build_id, 0, BUILD_ID_SIZE_MAX))
		ident.build_id_size = BUILD_ID_SIZE_MAX;
	strscpy(ident.release, init_uts_ns.name.release, sizeof(ident.release));
	/* Makes the head chunk, if nobody needed it before. */
	if (!meminspect_table_trylock(&flags))
		return;
	head = meminspect_get_chunk(0);
	copies[0] = head->copy[0] + MEMINSPECT_IDENT_OFFSET;
	copies[1] = head->copy[1] + MEMINSPECT_IDENT_OFFSET;
	meminspect_write_record(copies, &ident, sizeof(ident));
	meminspect_table_release(flags);
}

static int __init write_ident_again(void)
{
	meminspect_write_ident();
	return 0;
}
late_initcall(write_ident_again);
