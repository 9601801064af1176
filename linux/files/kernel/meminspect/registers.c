// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers of every CPU at a panic, in the layout of crash_notes: an ELF note
 * NT_PRSTATUS per CPU. A CPU that was not saved has an empty note.
 */
#include <linux/elf.h>
#include <linux/elfcore.h>
#include <linux/init.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/vmcore_info.h>

#include "internal.h"

/* The name of notes in a core. */
static const char note_name[] = "CORE";

#ifdef CONFIG_CRASH_DUMP
/* Tools look for the notes where kdump puts them. */
static u32 *note_of(unsigned int cpu)
{
	return crash_notes ? (u32 *)per_cpu_ptr(crash_notes, cpu) : NULL;
}
#else
static DEFINE_PER_CPU_ALIGNED(note_buf_t, notes);

static u32 *note_of(unsigned int cpu)
{
	return per_cpu(notes, cpu);
}
#endif

/**
 * meminspect_write_note - save the registers of a CPU
 * @cpu: its number
 * @regs: its registers
 *
 * The note starts at the start of the buffer, as crash_save_cpu()'s does: when
 * a crash kernel is started after all, its note takes the place of this one.
 *
 * Context: Panic, on the CPU itself or while it stands still.
 */
void meminspect_write_note(unsigned int cpu, const struct pt_regs *regs)
{
	struct elf_prstatus prstatus = {
		.common.pr_pid = task_pid_nr(current),
	};
	u32 *buffer = note_of(cpu);
	struct elf_note *note = (struct elf_note *)buffer;
	void *to;

	if (!buffer)
		return;
#ifndef ELF_CORE_COPY_REGS
	/* The architecture writes cores in another way. */
	if (sizeof(prstatus.pr_reg) != sizeof(*regs))
		return;
#endif
	elf_core_copy_regs(&prstatus.pr_reg, (struct pt_regs *)regs);

	WRITE_ONCE(note->n_namesz, 0);
	/* A reader takes a name of length zero for: no note. So first it is 0, */
	wmb();
	note->n_descsz = sizeof(prstatus);
	note->n_type = NT_PRSTATUS;
	to = note + 1;
	memcpy(to, note_name, sizeof(note_name));
	to += CRASH_CORE_NOTE_NAME_BYTES;
	memcpy(to, &prstatus, sizeof(prstatus));
	to += CRASH_CORE_NOTE_DESC_BYTES;
	memset(to, 0, sizeof(*note));
	/* and it gets its length when the rest is there. */
	wmb();
	meminspect_clean(buffer, sizeof(note_buf_t));
	WRITE_ONCE(note->n_namesz, sizeof(note_name));
	meminspect_clean(buffer, sizeof(*note));
}

/* Late enough for crash_notes to have been allocated. */
static int __init mark_notes(void)
{
	struct inspect_entry entry = {
		.id = MEMINSPECT_ID_crash_note,
		.size = sizeof(note_buf_t),
		.key_kind = MEMINSPECT_KEY_CPU,
	};
	unsigned int cpu;
	int ret;

	ret = meminspect_reserve(2 * num_possible_cpus());
	if (ret)
		return ret;
	for_each_possible_cpu(cpu) {
		entry.key = cpu;
		entry.va = note_of(cpu);
		if (entry.va)
			meminspect_register(&entry);
	}
	return 0;
}
fs_initcall(mark_notes);
