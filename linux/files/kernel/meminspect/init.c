// SPDX-License-Identifier: GPL-2.0-only
/* What is marked at boot: annotated objects, and those that others own. */
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/vmcore_info.h>
#include <asm/sections.h>

#include "internal.h"
#include "../printk/printk_ringbuffer.h"

#define EARLY_ROWS		32
/* Stacks of interrupts and exceptions */
#define EARLY_ROWS_PER_CPU	(meminspect_class_followed(MEMINSPECT_CLASS_STACK) ? 7 : 0)

/**
 * meminspect_mark_annotated - mark what an annotation stands for
 * @entry: the annotation
 * @owner: module that it is in, NULL for built-in code
 *
 * Context: Any.
 */
void meminspect_mark_annotated(const struct inspect_entry *entry,
			       struct module *owner)
{
	struct inspect_entry want = *entry;
	unsigned int cpu;

	if (want.key_kind != MEMINSPECT_KEY_CPU) {
		meminspect_register_owned(&want, owner);
		return;
	}
	for_each_possible_cpu(cpu) {
		want.key = cpu;
		want.va = per_cpu_ptr((void __percpu __force *)entry->va, cpu);
		meminspect_register_owned(&want, owner);
	}
}

/* Per-CPU objects of a large machine are more than the static pool has rows for. */
static void __init make_room(void)
{
	unsigned int nr_rows = 0;
	const struct inspect_entry *entry;

	for_each_meminspect_entry(entry)
		nr_rows += entry->key_kind == MEMINSPECT_KEY_CPU ?
			   num_possible_cpus() : 1;
	meminspect_reserve_early(nr_rows);
}

/**
 * meminspect_init - take in the annotated objects
 *
 * Called once, as soon as the kernel's own addresses can be translated and the
 * command line was read. From here on a death leaves a directory behind.
 *
 * Context: Boot, one CPU, interrupts off.
 */
void __init meminspect_init(void)
{
	const struct inspect_entry *entry;

	meminspect_settle_policy();
	meminspect_apply_policy();
	make_room();
	for_each_meminspect_entry(entry)
		meminspect_mark_annotated(entry, NULL);

	/* Only here is the length known: the object is weak and incomplete. */
	meminspect_register_id_va(MEMINSPECT_ID_linux_banner,
				  (void *)linux_banner, strlen(linux_banner) + 1);
	meminspect_register_id_va(MEMINSPECT_ID_saved_command_line_text,
				  saved_command_line,
				  strlen(saved_command_line) + 1);
	meminspect_mark_symbols();
	meminspect_mark_memory();
	/* For what is marked until the page allocator is up */
	meminspect_reserve_early(EARLY_ROWS + num_possible_cpus() * EARLY_ROWS_PER_CPU);
	meminspect_write_ident();
	meminspect_follow_tasks();
}

/**
 * meminspect_mark_vmcoreinfo - mark VMCOREINFO, and be found through it
 *
 * The whole page is marked: text is appended to it at a crash. If there is a
 * crash kernel, that happens in a copy in the crash kernel's own memory, which
 * it may use for something else; but then the note is made anew. The layout of
 * the image stands there as text: what it consists of is not to be dumped.
 *
 * Context: Boot, before the note is made of the text.
 */
void __init meminspect_mark_vmcoreinfo(void)
{
	const struct meminspect_chunk *head = meminspect_get_chunk(0);

	vmcoreinfo_append_str(MEMINSPECT_VMCOREINFO_KEY0 "=0x%llx\n",
			      (unsigned long long)head->pa[0]);
	vmcoreinfo_append_str(MEMINSPECT_VMCOREINFO_KEY1 "=0x%llx\n",
			      (unsigned long long)head->pa[1]);
	VMCOREINFO_SYMBOL(_text);
	VMCOREINFO_SYMBOL(_etext);
	VMCOREINFO_SYMBOL(_sinittext);
	VMCOREINFO_SYMBOL(_einittext);
	VMCOREINFO_SYMBOL(_end);
	meminspect_register_id_va(MEMINSPECT_ID_vmcoreinfo, vmcoreinfo_data,
				  VMCOREINFO_BYTES);
	meminspect_register_id_va(MEMINSPECT_ID_vmcoreinfo_note, vmcoreinfo_note,
				  VMCOREINFO_NOTE_SIZE);
}

/**
 * meminspect_mark_log - mark the ringbuffer that replaces the static one
 * @rb: the ringbuffer, initialised
 *
 * Context: Boot.
 */
void __init meminspect_mark_log(const struct printk_ringbuffer *rb)
{
	size_t count = 1UL << rb->desc_ring.count_bits;

	meminspect_register_id_va(MEMINSPECT_ID_prb_dynamic_descs,
				  rb->desc_ring.descs,
				  count * sizeof(*rb->desc_ring.descs));
	meminspect_register_id_va(MEMINSPECT_ID_prb_dynamic_infos,
				  rb->desc_ring.infos,
				  count * sizeof(*rb->desc_ring.infos));
	meminspect_register_id_va(MEMINSPECT_ID_prb_dynamic_data,
				  rb->text_data_ring.data,
				  1UL << rb->text_data_ring.size_bits);
}
