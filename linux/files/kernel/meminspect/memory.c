// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the kernel knows its memory: top level page table, nodes, sections. Most
 * of it is made before the command line is read, and is marked when that is.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/pgtable.h>
#include <linux/slab.h>

#include "internal.h"

#ifdef CONFIG_SPARSEMEM_EXTREME

static void mark_sections(unsigned long root)
{
	meminspect_register_keyed(MEMINSPECT_ID_mem_section_leaf,
				  mem_section[root],
				  SECTIONS_PER_ROOT * sizeof(struct mem_section),
				  MEMINSPECT_KEY_INDEX, root);
}

static unsigned long __init nr_leaves(void)
{
	unsigned long root, nr = 0;

	for (root = 0; root < NR_SECTION_ROOTS; root++)
		nr += !!mem_section[root];
	return nr;
}

static void __init mark_all_sections(void)
{
	unsigned long root;

	meminspect_register_id_va(MEMINSPECT_ID_mem_section_roots, mem_section,
				  NR_SECTION_ROOTS * sizeof(*mem_section));
	for (root = 0; root < NR_SECTION_ROOTS; root++)
		if (mem_section[root])
			mark_sections(root);
}

/**
 * meminspect_mark_mem_section - mark sections of memory that was added
 * @root: index in mem_section
 *
 * Context: Process context. In boot it does nothing: they are marked later.
 */
void meminspect_mark_mem_section(unsigned long root)
{
	if (slab_is_available())
		mark_sections(root);
}

#else
static unsigned long __init nr_leaves(void) { return 0; }
static void __init mark_all_sections(void) { }
#endif

static void __init mark_nodes(void)
{
	int node;

	/* Without NUMA the only one is in the kernel image, and annotated. */
	if (!IS_ENABLED(CONFIG_NUMA))
		return;
	for_each_node(node)
		if (NODE_DATA(node))
			meminspect_register_keyed(MEMINSPECT_ID_pglist_data,
						  NODE_DATA(node), sizeof(pg_data_t),
						  MEMINSPECT_KEY_NODE, node);
}

/**
 * meminspect_mark_memory - mark what describes memory
 *
 * Context: Boot, one CPU, the sections are there and memblock is.
 */
void __init meminspect_mark_memory(void)
{
	meminspect_reserve_early(num_possible_nodes() + nr_leaves() + 2);
	/* The symbol may be a macro, and must not be taken the address of. */
	meminspect_register_id_va(MEMINSPECT_ID_swapper_pg_dir, init_mm.pgd,
				  PTRS_PER_PGD * sizeof(pgd_t));
	mark_nodes();
	mark_all_sections();
}
