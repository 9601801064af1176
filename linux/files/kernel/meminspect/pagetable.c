// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page tables that lead to regions which nothing else leads to: those in
 * the vmalloc area and in the cpu_entry_area. For readers that can't make
 * tables of what the directory says.
 *
 * A table stays marked when the last region that it leads to goes, until it is
 * freed itself, which is rare: see meminspect_tables_replaced().
 */
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/pgtable.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>

#include "internal.h"

/* Whoever finds that a table is not marked yet is the one who marks it. */
static DEFINE_RAW_SPINLOCK(tables_lock);

static void *table_of(const void *entry)
{
	return (void *)((unsigned long)entry & PAGE_MASK);
}

static bool is_marked(void *table)
{
	struct meminspect_slot *slot;
	unsigned long flags;

	if (!meminspect_table_trylock(&flags))
		return true;
	slot = meminspect_index_find_pa(__pa(table), PAGE_SIZE, table);
	meminspect_table_release(flags);
	return slot;
}

/* A level that is folded has its entries in the table above. */
static void mark_table(const void *entry, const void *entry_above,
		       unsigned int level)
{
	void *table = table_of(entry);

	if (table != table_of(entry_above) && !is_marked(table))
		meminspect_register_keyed(MEMINSPECT_ID_page_table, table,
					  PAGE_SIZE, MEMINSPECT_KEY_INDEX, level);
}

/*
 * All levels but the first, which is marked from boot on. Pages that are made
 * one while this looks leave no table: the address that is read of it may be
 * their own.
 */
static void mark_tables_to(unsigned long va)
{
	pgd_t *pgd = pgd_offset_k(va);
	p4d_t *p4d;
	pud_t *pud, seen_pud;
	pmd_t *pmd, seen_pmd;
	pte_t *pte;

	if (pgd_none(*pgd))
		return;
	p4d = p4d_offset(pgd, va);
	mark_table(p4d, pgd, 4);
	if (!p4d_present(p4dp_get(p4d)) || p4d_leaf(p4dp_get(p4d)))
		return;
	pud = pud_offset(p4d, va);
	mark_table(pud, p4d, 3);
	seen_pud = pudp_get(pud);
	if (!pud_present(seen_pud) || pud_leaf(seen_pud))
		return;
	pmd = pmd_offset(pud, va);
	if (pud_val(pudp_get(pud)) != pud_val(seen_pud))
		return;
	mark_table(pmd, pud, 2);
	seen_pmd = pmdp_get(pmd);
	if (!pmd_present(seen_pmd) || pmd_leaf(seen_pmd))
		return;
	pte = pte_offset_kernel(pmd, va);
	if (pmd_val(pmdp_get(pmd)) != pmd_val(seen_pmd))
		return;
	mark_table(pte, pmd, 1);
}

/**
 * meminspect_mark_tables - mark the page tables that lead to a region
 * @entry: the region
 *
 * Context: Any; in an NMI and in a panic it does nothing. The region is mapped
 * and stays so. A table that leads to it goes away only if a huge page takes
 * its place: see meminspect_page_table_freed().
 */
void meminspect_mark_tables(const struct inspect_entry *entry)
{
	unsigned long va = (unsigned long)entry->va, last = va + entry->size - 1;
	unsigned long flags;

	if (!entry->va || !meminspect_class_followed(MEMINSPECT_CLASS_PAGETABLE) ||
	    !meminspect_needs_tables(entry->va) || in_nmi() || panic_in_progress())
		return;
	raw_spin_lock_irqsave(&tables_lock, flags);
	for (; va <= last; va = ALIGN_DOWN(va, PMD_SIZE) + PMD_SIZE)
		mark_tables_to(va);
	raw_spin_unlock_irqrestore(&tables_lock, flags);
}

/**
 * meminspect_page_table_freed - unmark a page table that is about to be freed
 * @table: the table, which no other leads to any more
 *
 * Context: Any but NMI.
 */
void meminspect_page_table_freed(void *table)
{
	unsigned long flags;

	if (!meminspect_class_followed(MEMINSPECT_CLASS_PAGETABLE))
		return;
	/* Who came to it before may be about to mark it. */
	raw_spin_lock_irqsave(&tables_lock, flags);
	meminspect_unregister_va(table, PAGE_SIZE);
	raw_spin_unlock_irqrestore(&tables_lock, flags);
}

/**
 * meminspect_tables_replaced - unmark page tables that a huge page replaces
 * @start: first address that it maps
 * @end: first address behind it
 *
 * Call it before the tables that map a part of that, and nothing else, are freed.
 *
 * Context: Any but NMI. Nothing is mapped there, and the tables are the caller's.
 */
void meminspect_tables_replaced(unsigned long start, unsigned long end)
{
	unsigned long va;
	pmd_t *pmd;

	if (!meminspect_class_followed(MEMINSPECT_CLASS_PAGETABLE))
		return;
	for (va = start; va < end; va += PMD_SIZE) {
		pmd = pmd_off_k(va);
		if (!pmd_present(pmdp_get(pmd)) || pmd_leaf(pmdp_get(pmd)))
			continue;
		meminspect_page_table_freed(table_of(pte_offset_kernel(pmd, va)));
	}
	if (end - start > PMD_SIZE)
		meminspect_page_table_freed(table_of(pmd_off_k(start)));
}
