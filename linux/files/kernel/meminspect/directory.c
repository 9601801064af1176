// SPDX-License-Identifier: GPL-2.0-only
/*
 * The directory in RAM: every store to it is made in this file.
 *
 * Documentation/dev-tools/meminspect/directory.rst is the protocol. The other
 * side of each barrier here is a reader that stopped this machine, and reads
 * the state of a record before it believes the rest.
 */
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/crc32.h>
#include <linux/string.h>
#include <asm/barrier.h>

#include "internal.h"

static_assert(sizeof(struct meminspect_chunk_header) == MEMINSPECT_IDENT_OFFSET);
static_assert(MEMINSPECT_IDENT_OFFSET + sizeof(struct meminspect_ident) ==
	      MEMINSPECT_CAPTURE_OFFSET);
static_assert(MEMINSPECT_CAPTURE_OFFSET + sizeof(struct meminspect_capture) ==
	      MEMINSPECT_HEAD_ROWS_OFFSET);
static_assert(sizeof(struct meminspect_region_row) == MEMINSPECT_ROW_SIZE);
static_assert(sizeof(struct meminspect_extents_row) == MEMINSPECT_ROW_SIZE);
static_assert(sizeof(MEMINSPECT_HEAD_MAGIC) == MEMINSPECT_MAGIC_SIZE + 1);
static_assert(sizeof(MEMINSPECT_ROWS_MAGIC) == MEMINSPECT_MAGIC_SIZE + 1);

static void settle(const void *start, size_t size)
{
	/* What came before is seen before what follows, also in RAM. */
	wmb();
	meminspect_clean(start, size);
}

static void set_state(void *record, u32 state)
{
	u32 *word = record;

	WRITE_ONCE(*word, state);
	settle(word, sizeof(*word));
}

static void write_copy(void *copy, const u32 *words, size_t size)
{
	u32 *to = copy;
	size_t i;

	set_state(copy, MEMINSPECT_STATE_BUSY);
	for (i = 1; i < size / sizeof(*to); i++)
		WRITE_ONCE(to[i], words[i]);
	settle(copy, size);
	set_state(copy, MEMINSPECT_STATE_VALID);
}

/**
 * meminspect_write_record - publish a record in both copies
 * @copy: where the copies of the record are
 * @record: what it shall hold; state and checksum are filled in here
 * @size: its size in bytes, at most that of the largest record
 *
 * Context: Any. Callers are serialised, for each record.
 */
void meminspect_write_record(void *const copy[MEMINSPECT_COPIES],
			     const void *record, size_t size)
{
	u32 words[sizeof(struct meminspect_ident) / sizeof(u32)];
	size_t skip = sizeof(struct meminspect_record);

	memcpy(words, record, size);
	words[1] = ~crc32_le(~0U, (const u8 *)words + skip, size - skip);

	write_copy(copy[0], words, size);
	write_copy(copy[1], words, size);
}

/**
 * meminspect_empty_record - take a record away from both copies
 * @copy: where the copies of the record are
 *
 * Context: Any. Callers are serialised, for each record.
 */
void meminspect_empty_record(void *const copy[MEMINSPECT_COPIES])
{
	set_state(copy[0], MEMINSPECT_STATE_EMPTY);
	set_state(copy[1], MEMINSPECT_STATE_EMPTY);
}

static void write_header(const struct meminspect_chunk *chunk,
			 const struct meminspect_chunk *next)
{
	size_t record = offsetof(struct meminspect_chunk_header, record);
	struct meminspect_chunk_header header = {
		.version = MEMINSPECT_VERSION,
		.byte_order = MEMINSPECT_BYTE_ORDER,
		.index = chunk->index,
		.chunk_size = MEMINSPECT_CHUNK_SIZE,
		.row_size = MEMINSPECT_ROW_SIZE,
		.rows_offset = MEMINSPECT_ROWS_OFFSET,
		.nr_rows = chunk->nr_rows,
	};
	void *copies[MEMINSPECT_COPIES];
	unsigned int i;

	if (!chunk->index) {
		header.rows_offset = MEMINSPECT_HEAD_ROWS_OFFSET;
		header.ident_offset = MEMINSPECT_IDENT_OFFSET;
		header.ident_size = sizeof(struct meminspect_ident);
		header.capture_offset = MEMINSPECT_CAPTURE_OFFSET;
		header.capture_size = sizeof(struct meminspect_capture);
	}
	for (i = 0; i < MEMINSPECT_COPIES; i++) {
		header.self[i] = chunk->pa[i];
		if (next)
			header.next[i] = next->pa[i];
		copies[i] = chunk->copy[i] + record;
	}
	meminspect_write_record(copies, (void *)&header + record,
				sizeof(header) - record);
}

static void empty_copy(void *copy, const struct meminspect_chunk *chunk)
{
	size_t offset = MEMINSPECT_ROWS_OFFSET;
	const char *magic = MEMINSPECT_ROWS_MAGIC;
	u32 words[MEMINSPECT_MAGIC_SIZE / sizeof(u32)];
	u32 *to = copy;
	unsigned int i;

	if (!chunk->index) {
		magic = MEMINSPECT_HEAD_MAGIC;
		offset = MEMINSPECT_HEAD_ROWS_OFFSET;
		WRITE_ONCE(to[MEMINSPECT_IDENT_OFFSET / sizeof(*to)],
			   MEMINSPECT_STATE_EMPTY);
		WRITE_ONCE(to[MEMINSPECT_CAPTURE_OFFSET / sizeof(*to)],
			   MEMINSPECT_STATE_EMPTY);
	}
	for (i = 0; i < chunk->nr_rows; i++, offset += MEMINSPECT_ROW_SIZE)
		WRITE_ONCE(to[offset / sizeof(*to)], MEMINSPECT_STATE_EMPTY);

	memcpy(words, magic, sizeof(words));
	for (i = 0; i < ARRAY_SIZE(words); i++)
		WRITE_ONCE(to[i], words[i]);
	/* Zeros too may be in the caches only: copies that differ read as damaged. */
	settle(copy, MEMINSPECT_CHUNK_SIZE);
}

/**
 * meminspect_format_chunk - make an empty chunk of memory
 * @chunk: the chunk, filled with zeros; nothing points to it yet
 *
 * The header is empty until all else is there, so that neither a search nor
 * the first look at the head chunk finds half a chunk.
 *
 * Context: Any.
 */
void meminspect_format_chunk(const struct meminspect_chunk *chunk)
{
	size_t record = offsetof(struct meminspect_chunk_header, record);
	unsigned int i;

	for (i = 0; i < MEMINSPECT_COPIES; i++)
		set_state(chunk->copy[i] + record, MEMINSPECT_STATE_EMPTY);
	for (i = 0; i < MEMINSPECT_COPIES; i++)
		empty_copy(chunk->copy[i], chunk);
	write_header(chunk, NULL);
}

/**
 * meminspect_link_chunk - append a formatted chunk to the chain
 * @last: the last chunk of the chain
 * @next: the new one
 *
 * Context: Any. The caller holds the table lock.
 */
void meminspect_link_chunk(const struct meminspect_chunk *last,
			   const struct meminspect_chunk *next)
{
	write_header(last, next);
}
