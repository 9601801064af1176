// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names and types of the kernel: the tables of kallsyms, and BTF. The build
 * makes both after all code is compiled: only at run time is known how long
 * they are.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "internal.h"
#include "../kallsyms_internal.h"

#ifdef CONFIG_KALLSYMS

#define SYMBOLS_PER_MARKER	256
#define TOKENS			256
#define SEQUENCE_BYTES		3

/* A name is as many bytes as it says at its start, in one byte or in two. */
static const u8 *next_name(const u8 *name)
{
	unsigned int length = *name++;

	if (length & 0x80)
		length = (length & 0x7f) | *name++ << 7;
	return name + length;
}

static size_t names_size(unsigned int nr, unsigned int nr_markers)
{
	const u8 *end = kallsyms_names + kallsyms_markers[nr_markers - 1];
	unsigned int i;

	for (i = (nr_markers - 1) * SYMBOLS_PER_MARKER; i < nr; i++)
		end = next_name(end);
	return end - kallsyms_names;
}

/**
 * meminspect_kallsyms_size - size of a table of kallsyms
 * @id: the table
 *
 * Context: Any.
 *
 * Return: its bytes, 0 if there are no symbols.
 */
size_t meminspect_kallsyms_size(enum meminspect_uid id)
{
	unsigned int nr = kallsyms_num_syms;
	unsigned int nr_markers = DIV_ROUND_UP(nr, SYMBOLS_PER_MARKER);
	const char *last_token;

	if (!nr)
		return 0;
	switch (id) {
	case MEMINSPECT_ID_kallsyms_offsets:
		return nr * sizeof(*kallsyms_offsets);
	case MEMINSPECT_ID_kallsyms_names:
		return names_size(nr, nr_markers);
	case MEMINSPECT_ID_kallsyms_markers:
		return nr_markers * sizeof(*kallsyms_markers);
	case MEMINSPECT_ID_kallsyms_token_table:
		last_token = kallsyms_token_table +
			     kallsyms_token_index[TOKENS - 1];
		return last_token + strlen(last_token) + 1 - kallsyms_token_table;
	case MEMINSPECT_ID_kallsyms_token_index:
		return TOKENS * sizeof(*kallsyms_token_index);
	case MEMINSPECT_ID_kallsyms_seqs_of_names:
		return nr * SEQUENCE_BYTES;
	default:
		return 0;
	}
}

static void __init mark_table(enum meminspect_uid id, const void *table)
{
	size_t size = meminspect_kallsyms_size(id);

	if (size)
		meminspect_register_id_va(id, (void *)table, size);
}

static void __init mark_kallsyms(void)
{
	mark_table(MEMINSPECT_ID_kallsyms_offsets, kallsyms_offsets);
	mark_table(MEMINSPECT_ID_kallsyms_names, kallsyms_names);
	mark_table(MEMINSPECT_ID_kallsyms_markers, kallsyms_markers);
	mark_table(MEMINSPECT_ID_kallsyms_token_table, kallsyms_token_table);
	mark_table(MEMINSPECT_ID_kallsyms_token_index, kallsyms_token_index);
	mark_table(MEMINSPECT_ID_kallsyms_seqs_of_names, kallsyms_seqs_of_names);
}

#else
static inline void mark_kallsyms(void) { }
#endif

/**
 * meminspect_mark_symbols - mark the tables that the build made
 *
 * Context: Boot.
 */
void __init meminspect_mark_symbols(void)
{
	mark_kallsyms();
	if (IS_ENABLED(CONFIG_DEBUG_INFO_BTF))
		meminspect_register_id_va(MEMINSPECT_ID_btf, __start_BTF,
					  __stop_BTF - __start_BTF);
}
