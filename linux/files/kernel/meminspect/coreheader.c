// SPDX-License-Identifier: GPL-2.0-only
/*
 * The header of the ELF core that the runs of a consumer are when they are put
 * behind each other, in their order and the header first.
 */
#include <linux/elf.h>
#include <linux/elfcore.h>
#include <linux/export.h>
#include <linux/meminspect_namespace.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/vmcore_info.h>

#include "corefile.h"
#include "internal.h"

/**
 * meminspect_core_vmcoreinfo_size - how much of VMCOREINFO may be in a core
 *
 * Context: Any, when policy is settled.
 *
 * Return: its size in bytes, or 0 if it is denied or its class was turned off.
 */
size_t meminspect_core_vmcoreinfo_size(void)
{
	struct inspect_entry entry = {
		.name = "vmcoreinfo",
		.type = MEMINSPECT_CLASS_IDENTITY,
		.pa = __pa(vmcoreinfo_data),
		.size = vmcoreinfo_size,
	};

	return meminspect_may_tell(&entry) ? entry.size : 0;
}

/**
 * __meminspect_write_core_header - write the header of a core of some runs
 * @header: where to; aligned to 8 bytes
 * @room: bytes that there are
 * @fit: the runs
 * @caller: the caller's module, NULL for built-in code
 *
 * Callers use meminspect_write_core_header(), which knows the module.
 *
 * Context: As meminspect_write_core_header().
 *
 * Return: As meminspect_write_core_header().
 */
ssize_t __meminspect_write_core_header(void *header, size_t room,
				       const struct meminspect_fit *fit,
				       const struct module *caller)
{
	const struct meminspect_left_out_note left_out = {
		.bytes = fit->bytes_left_out,
		.nr_ranges = fit->nr_left_out,
	};
	size_t text_size, size;
	struct elf64_phdr *program;
	unsigned int i;
	void *note;
	u64 offset;

	if (!meminspect_may_consume(caller))
		return -EPERM;
	if (!vmcoreinfo_data)
		return -ENODATA;
	text_size = meminspect_core_vmcoreinfo_size();
	size = meminspect_core_notes_offset(fit->nr_runs) +
	       meminspect_core_note_size(MEMINSPECT_NOTE_NAME, sizeof(left_out));
	if (text_size)
		size += meminspect_core_note_size(VMCOREINFO_NOTE_NAME, text_size);
	if (fit->nr_runs > MEMINSPECT_MAX_SEGMENTS || PAGE_ALIGN(size) > room)
		return -E2BIG;
	offset = PAGE_ALIGN(size);

	memset(header, 0, offset);
	program = meminspect_core_write_elf(header, fit->nr_runs, size);
	for (i = 0; i < fit->nr_runs; i++) {
		meminspect_core_write_segment(program++, fit->runs[i].va, fit->runs[i].pa,
					      fit->runs[i].size, offset);
		offset += fit->runs[i].size;
	}
	note = header + meminspect_core_notes_offset(fit->nr_runs);
	note = meminspect_core_write_note(note, MEMINSPECT_NOTE_NAME,
					  MEMINSPECT_NOTE_LEFT_OUT,
					  &left_out, sizeof(left_out));
	if (text_size)
		meminspect_core_write_note(note, VMCOREINFO_NOTE_NAME, 0,
					   vmcoreinfo_data, text_size);
	return PAGE_ALIGN(size);
}
EXPORT_SYMBOL_NS_GPL(__meminspect_write_core_header, MEMINSPECT_NAMESPACE);
