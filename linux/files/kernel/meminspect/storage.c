// SPDX-License-Identifier: GPL-2.0-only
/*
 * Storage for rows. Chunks come from a static pool until memory can be
 * allocated, and from a worker that keeps rows free from then on, so that
 * taking a row never allocates.
 */
#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/cache.h>
#include <linux/kernel.h>
#include <linux/kmemleak.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <asm/barrier.h>
#include <asm/sections.h>

#include "internal.h"

#define BOOT_CHUNKS		4
#define ROWS_KEPT_FREE		64U

/* Pointers to chunks stand in blocks of a page: nothing ever moves. */
#define CHUNKS_PER_BLOCK	(PAGE_SIZE / sizeof(struct meminspect_chunk *))
#define MAX_BLOCKS		1024
#define MAX_ROWS		(MAX_BLOCKS * CHUNKS_PER_BLOCK * \
				 MEMINSPECT_ROWS_PER_CHUNK)

struct chunk_memory {
	u8 bytes[MEMINSPECT_CHUNK_SIZE];
} __aligned(MEMINSPECT_CHUNK_SIZE);

static struct chunk_memory boot_memory[BOOT_CHUNKS][MEMINSPECT_COPIES];
static struct meminspect_chunk boot_chunks[BOOT_CHUNKS];
static struct meminspect_chunk *boot_block[CHUNKS_PER_BLOCK];
static struct meminspect_chunk **blocks[MAX_BLOCKS] = { boot_block };

/* The table lock protects these; readers may look at them without. */
unsigned int meminspect_nr_free_rows;
unsigned int meminspect_nr_chunks;
static u32 first_free_row = MEMINSPECT_NO_ROW;
static unsigned int rows_wanted;
static bool can_allocate;

/* Serialises those that allocate. */
static DEFINE_MUTEX(growth_mutex);

/**
 * meminspect_get_chunk - look up a chunk
 * @index: number in the chain, less than meminspect_nr_chunks
 *
 * Context: Any; needs no lock.
 *
 * Return: the chunk.
 */
struct meminspect_chunk *meminspect_get_chunk(u32 index)
{
	return blocks[index / CHUNKS_PER_BLOCK][index % CHUNKS_PER_BLOCK];
}

static u32 chunk_of_row(u32 row, u32 *within)
{
	if (row < MEMINSPECT_ROWS_IN_HEAD) {
		*within = row;
		return 0;
	}
	row -= MEMINSPECT_ROWS_IN_HEAD;
	*within = row % MEMINSPECT_ROWS_PER_CHUNK;
	return 1 + row / MEMINSPECT_ROWS_PER_CHUNK;
}

/**
 * meminspect_get_slot - what the kernel knows of a row
 * @row: its number
 *
 * Context: Any; needs no lock.
 *
 * Return: the slot, or NULL if there is no such row.
 */
struct meminspect_slot *meminspect_get_slot(u32 row)
{
	u32 within, index = chunk_of_row(row, &within);

	/* Pairs with the release in append_chunk(): the chunk is there. */
	if (index >= smp_load_acquire(&meminspect_nr_chunks))
		return NULL;
	return &meminspect_get_chunk(index)->slots[within];
}

/**
 * meminspect_get_row - where both copies of a row stand
 * @row: its number; the row exists
 * @copy: set to the addresses
 *
 * Context: Any; needs no lock.
 */
void meminspect_get_row(u32 row, void *copy[MEMINSPECT_COPIES])
{
	u32 within, index = chunk_of_row(row, &within);
	u32 offset = index ? MEMINSPECT_ROWS_OFFSET : MEMINSPECT_HEAD_ROWS_OFFSET;
	struct meminspect_chunk *chunk = meminspect_get_chunk(index);
	unsigned int i;

	for (i = 0; i < MEMINSPECT_COPIES; i++)
		copy[i] = chunk->copy[i] + offset + within * MEMINSPECT_ROW_SIZE;
}

static u32 first_row_of(const struct meminspect_chunk *chunk)
{
	if (!chunk->index)
		return 0;
	return MEMINSPECT_ROWS_IN_HEAD +
	       (chunk->index - 1) * MEMINSPECT_ROWS_PER_CHUNK;
}

/* The block for the chunk exists, and the chunk is formatted. */
static void append_chunk(struct meminspect_chunk *chunk)
{
	u32 index = chunk->index;
	unsigned int i;

	blocks[index / CHUNKS_PER_BLOCK][index % CHUNKS_PER_BLOCK] = chunk;
	if (index)
		meminspect_link_chunk(meminspect_get_chunk(index - 1), chunk);
	/* Pairs with those who look without the lock. */
	smp_store_release(&meminspect_nr_chunks, index + 1);
	for (i = chunk->nr_rows; i--; )
		meminspect_return_row(first_row_of(chunk) + i);
}

static void prepare_chunk(struct meminspect_chunk *chunk, u32 index)
{
	chunk->index = index;
	chunk->nr_rows = index ? MEMINSPECT_ROWS_PER_CHUNK :
				 MEMINSPECT_ROWS_IN_HEAD;
	meminspect_format_chunk(chunk);
}

/**
 * meminspect_format_boot_chunks - make the static pool usable
 *
 * Context: Any. The caller holds the table lock, once.
 */
void meminspect_format_boot_chunks(void)
{
	unsigned int i, j;

	for (i = 0; i < BOOT_CHUNKS; i++) {
		for (j = 0; j < MEMINSPECT_COPIES; j++) {
			boot_chunks[i].copy[j] = &boot_memory[i][j];
			boot_chunks[i].pa[j] = __pa_symbol(&boot_memory[i][j]);
		}
		prepare_chunk(&boot_chunks[i], i);
		append_chunk(&boot_chunks[i]);
	}
}

static struct meminspect_chunk *allocate_chunk(void)
{
	struct meminspect_chunk *chunk;
	unsigned int i;

	chunk = kzalloc(sizeof(*chunk), GFP_KERNEL);
	if (!chunk)
		return NULL;
	for (i = 0; i < MEMINSPECT_COPIES; i++) {
		chunk->copy[i] = (void *)get_zeroed_page(GFP_KERNEL);
		if (!chunk->copy[i])
			goto free;
		chunk->pa[i] = __pa(chunk->copy[i]);
	}
	/* Its address stands in a page, which kmemleak does not scan. */
	kmemleak_not_leak(chunk);
	return chunk;
free:
	while (i--)
		free_page((unsigned long)chunk->copy[i]);
	kfree(chunk);
	return NULL;
}

/* Adds rows until @nr_rows are free. */
static int grow(unsigned int nr_rows)
{
	struct meminspect_chunk *chunk;
	unsigned long flags;
	int ret = 0;
	u32 index;

	mutex_lock(&growth_mutex);
	while (READ_ONCE(meminspect_nr_free_rows) < nr_rows) {
		index = meminspect_nr_chunks;
		ret = -ENOSPC;
		if (index / CHUNKS_PER_BLOCK >= MAX_BLOCKS)
			break;
		ret = -ENOMEM;
		if (!blocks[index / CHUNKS_PER_BLOCK])
			blocks[index / CHUNKS_PER_BLOCK] =
				(void *)get_zeroed_page(GFP_KERNEL);
		if (!blocks[index / CHUNKS_PER_BLOCK])
			break;
		chunk = allocate_chunk();
		if (!chunk)
			break;
		prepare_chunk(chunk, index);
		while (!meminspect_table_trylock(&flags))
			cpu_relax();
		append_chunk(chunk);
		meminspect_table_release(flags);
		ret = 0;
	}
	mutex_unlock(&growth_mutex);
	return ret;
}

/* A quarter of the table, so that a burst finds rows in proportion. */
static unsigned int rows_to_keep_free(void)
{
	unsigned int nr_rows = READ_ONCE(meminspect_nr_chunks) *
			       MEMINSPECT_ROWS_PER_CHUNK;

	return max(nr_rows / 4, ROWS_KEPT_FREE);
}

static void refill(struct work_struct *work)
{
	if (grow(rows_to_keep_free() + xchg(&rows_wanted, 0)))
		pr_warn("meminspect: no memory for more rows\n");
}

static DECLARE_WORK(refill_work, refill);

static void kick(struct irq_work *work)
{
	schedule_work(&refill_work);
}

/* The work may be wanted where schedule_work() may not be called. */
static DEFINE_IRQ_WORK(kick_work, kick);

/**
 * meminspect_want_rows - have the worker make room
 * @nr_rows: rows that were missing beyond those kept free anyway
 *
 * Context: Any. The caller holds the table lock.
 */
void meminspect_want_rows(unsigned int nr_rows)
{
	WRITE_ONCE(rows_wanted, max(rows_wanted, nr_rows));
	if (READ_ONCE(can_allocate) &&
	    meminspect_nr_free_rows < rows_to_keep_free() / 2 + nr_rows)
		irq_work_queue(&kick_work);
}

/**
 * meminspect_take_row - take a free row
 *
 * Context: Any. The caller holds the table lock and saw that there is one.
 *
 * Return: its number.
 */
u32 meminspect_take_row(void)
{
	u32 row = first_free_row;
	struct meminspect_slot *slot = meminspect_get_slot(row);

	first_free_row = slot->next;
	WRITE_ONCE(meminspect_nr_free_rows, meminspect_nr_free_rows - 1);
	slot->next = MEMINSPECT_NO_ROW;
	slot->serial++;
	return row;
}

/**
 * meminspect_return_row - give a row back
 * @row: its number; it is empty in the directory
 *
 * Context: Any. The caller holds the table lock.
 */
void meminspect_return_row(u32 row)
{
	struct meminspect_slot *slot = meminspect_get_slot(row);

	slot->row = row;
	slot->entry.id = MEMINSPECT_ID_NONE;
	slot->next = first_free_row;
	first_free_row = row;
	WRITE_ONCE(meminspect_nr_free_rows, meminspect_nr_free_rows + 1);
}

/**
 * meminspect_reserve - make room before many regions are registered
 * @nr_rows: rows; a region takes one, and one more for each three extents
 *	beyond the first
 *
 * Context: Process context. May sleep.
 *
 * Return: 0, -ENOMEM, or -ENOSPC if the table is as large as it can be.
 */
int meminspect_reserve(unsigned int nr_rows)
{
	if (nr_rows > MAX_ROWS - ROWS_KEPT_FREE)
		return -ENOSPC;
	return grow(nr_rows + ROWS_KEPT_FREE);
}
EXPORT_SYMBOL_GPL(meminspect_reserve);

/**
 * meminspect_reserve_early - make room before the page allocator is up
 * @nr_rows: rows that are to be free
 *
 * Context: Boot, one CPU, memblock is up.
 */
void __init meminspect_reserve_early(unsigned int nr_rows)
{
	struct meminspect_chunk ***block, *chunk;
	unsigned long flags;
	unsigned int i;

	while (meminspect_nr_free_rows < nr_rows) {
		block = &blocks[meminspect_nr_chunks / CHUNKS_PER_BLOCK];
		if (block == blocks + MAX_BLOCKS)
			return;
		if (!*block)
			*block = memblock_alloc(PAGE_SIZE, PAGE_SIZE);
		if (!*block)
			return;
		chunk = memblock_alloc(sizeof(*chunk), SMP_CACHE_BYTES);
		if (!chunk)
			return;
		for (i = 0; i < MEMINSPECT_COPIES; i++) {
			chunk->copy[i] = memblock_alloc(MEMINSPECT_CHUNK_SIZE,
							MEMINSPECT_CHUNK_SIZE);
			if (!chunk->copy[i])
				return;
			chunk->pa[i] = __pa(chunk->copy[i]);
		}
		if (!meminspect_table_trylock(&flags))
			return;
		prepare_chunk(chunk, meminspect_nr_chunks);
		append_chunk(chunk);
		meminspect_table_release(flags);
	}
}

static int __init start_refilling(void)
{
	WRITE_ONCE(can_allocate, true);
	schedule_work(&refill_work);
	return 0;
}
core_initcall(start_refilling);
