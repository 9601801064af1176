// SPDX-License-Identifier: LGPL-2.1-only
/* Reads the directory: follows the chain of chunks and takes the records out of both copies. */
#include "directory-reader.h"
#include <byteswap.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ROWS	(2 * MAX_REGIONS)
#define MAX_CHUNKS	(MAX_ROWS / ((MEMINSPECT_CHUNK_SIZE - MEMINSPECT_ROWS_OFFSET) / \
				     MEMINSPECT_ROW_SIZE))

/* Both copies of a chunk, each read once. */
struct chunk {
	uint32_t index;
	uint64_t paddr[MEMINSPECT_COPIES];	/* 0 if unknown */
	bool readable[MEMINSPECT_COPIES];
	uint8_t page[MEMINSPECT_COPIES][MEMINSPECT_CHUNK_SIZE];
	struct meminspect_chunk_header header;	/* the chosen one */
};

static struct meminspect_chunk_header header_of(const uint8_t *page)
{
	struct meminspect_chunk_header header;

	memcpy(&header, page, sizeof(header));
	return header;
}

/* The record of a header starts behind the magic. */
#define HEADER_RECORD_OFFSET	offsetof(struct meminspect_chunk_header, record)
#define HEADER_RECORD_SIZE	(sizeof(struct meminspect_chunk_header) - HEADER_RECORD_OFFSET)

static bool header_good(const struct chunk *chunk, int copy)
{
	return chunk->readable[copy] &&
	       record_good(chunk->page[copy] + HEADER_RECORD_OFFSET, HEADER_RECORD_SIZE);
}

static bool block_fits(uint32_t offset, uint32_t size, uint32_t right_size,
		       const struct meminspect_chunk_header *header)
{
	uint64_t end = (uint64_t)offset + size;

	return size == right_size && offset % sizeof(uint64_t) == 0 &&
	       offset >= sizeof(struct meminspect_chunk_header) && end <= header->rows_offset;
}

/* Why a header with the right checksum can't be used all the same; NULL if it can. */
static const char *header_fault(const struct meminspect_chunk_header *header, uint32_t index,
				int copy, uint64_t paddr)
{
	uint64_t rows_end = header->rows_offset +
			    (uint64_t)header->nr_rows * header->row_size;

	if (header->version != MEMINSPECT_VERSION)
		return "its version is not the one of the head";
	if (header->byte_order != MEMINSPECT_BYTE_ORDER)
		return "its byte order mark is wrong";
	if (header->chunk_size != MEMINSPECT_CHUNK_SIZE)
		return "its chunk size is not 4096";
	if (header->row_size != MEMINSPECT_ROW_SIZE)
		return "its row size is not 128";
	if (header->rows_offset < sizeof(*header) || header->rows_offset % sizeof(uint64_t) ||
	    rows_end > MEMINSPECT_CHUNK_SIZE)
		return "its rows do not fit the chunk";
	if (!header->nr_rows)
		return "it has no rows";
	if (header->index < index)
		return "the chain comes back to a chunk that it passed";
	if (header->index != index)
		return "its index does not continue the chain";
	if (index && (header->ident_offset || header->capture_offset))
		return "it is not the head, but has an identification or capture block";
	if (header->ident_offset &&
	    !block_fits(header->ident_offset, header->ident_size,
			sizeof(struct meminspect_ident), header))
		return "its identification block has a wrong place or size";
	if (header->capture_offset &&
	    !block_fits(header->capture_offset, header->capture_size,
			sizeof(struct meminspect_capture), header))
		return "its capture block has a wrong place or size";
	if (header->ident_offset && header->capture_offset &&
	    header->ident_offset < (uint64_t)header->capture_offset + header->capture_size &&
	    header->capture_offset < (uint64_t)header->ident_offset + header->ident_size)
		return "its identification and capture blocks overlap";
	if (header->self[copy] != paddr)
		return "it names another address as its own";
	if (header->self[0] == header->self[1])
		return "both copies have the same address";
	if (!header->self[1 - copy] || header->self[1 - copy] % MEMINSPECT_CHUNK_SIZE)
		return "the address of its other copy is not that of a chunk";
	if (header->next[0] % MEMINSPECT_CHUNK_SIZE || header->next[1] % MEMINSPECT_CHUNK_SIZE ||
	    !header->next[0] != !header->next[1] ||
	    (header->next[0] && header->next[0] == header->next[1]))
		return "the addresses of the next chunk are not those of two chunks";
	return NULL;
}

static int chunk_read_copy(struct directory_reader *reader, struct chunk *chunk, int copy)
{
	uint64_t paddr = chunk->paddr[copy];
	int64_t length;

	chunk->readable[copy] = false;
	if (!paddr)
		return 0;
	if (paddr % MEMINSPECT_CHUNK_SIZE) {
		reader_problem(reader, "chunk %u, copy %d: its address %#llx is not a multiple of %d",
			       chunk->index, copy, (unsigned long long)paddr,
			       MEMINSPECT_CHUNK_SIZE);
		return 0;
	}
	length = reader->read(reader->priv, paddr, chunk->page[copy], MEMINSPECT_CHUNK_SIZE);
	if (length < 0 && length != -EIO)
		return length;
	if (length < 0)
		reader_problem(reader, "chunk %u, copy %d at %#llx: %s", chunk->index, copy,
			       (unsigned long long)paddr, meminspect_error(reader->context));
	else if (length < MEMINSPECT_CHUNK_SIZE)
		reader_problem(reader, "chunk %u, copy %d at %#llx: not in the memory that was searched",
			       chunk->index, copy, (unsigned long long)paddr);
	else
		chunk->readable[copy] = true;
	return 0;
}

/* A page that belongs to something else must not be taken for a copy of this chunk. */
static void reject_foreign_pages(struct directory_reader *reader, struct chunk *chunk)
{
	struct meminspect_chunk_header header;
	const char *fault;
	int i;

	for (i = 0; i < MEMINSPECT_COPIES; i++) {
		if (!header_good(chunk, i))
			continue;
		header = header_of(chunk->page[i]);
		fault = header_fault(&header, chunk->index, i, chunk->paddr[i]);
		if (!fault)
			continue;
		reader_problem(reader, "chunk %u, copy %d at %#llx: not used: %s", chunk->index, i,
			       (unsigned long long)chunk->paddr[i], fault);
		chunk->readable[i] = false;
	}
}

/* Reads both pages; a good copy has the last word on where the other one is. */
static int chunk_read_pages(struct directory_reader *reader, struct chunk *chunk)
{
	struct meminspect_chunk_header header;
	int error, good, other;

	error = chunk_read_copy(reader, chunk, 0);
	if (!error)
		error = chunk_read_copy(reader, chunk, 1);
	if (error)
		return error;
	reject_foreign_pages(reader, chunk);

	good = header_good(chunk, 0) ? 0 : 1;
	if (!header_good(chunk, good))
		return 0;
	header = header_of(chunk->page[good]);
	other = 1 - good;
	if (header.self[other] == chunk->paddr[other])
		return 0;
	if (chunk->paddr[other])
		reader_problem(reader, "chunk %u: copy %d was looked for at %#llx, but copy %d at %#llx says that it is at %#llx",
			       chunk->index, other, (unsigned long long)chunk->paddr[other],
			       good, (unsigned long long)chunk->paddr[good],
			       (unsigned long long)header.self[other]);
	chunk->paddr[other] = header.self[other];
	error = chunk_read_copy(reader, chunk, other);
	if (!error)
		reject_foreign_pages(reader, chunk);
	return error;
}

static struct record_pair record_at(const struct chunk *chunk, const char *what, int64_t number,
				    size_t offset, size_t size)
{
	struct record_pair pair = { .what = what, .number = number, .size = size };
	int i;

	for (i = 0; i < MEMINSPECT_COPIES; i++) {
		pair.paddr[i] = chunk->paddr[i] + offset;
		pair.copy[i] = chunk->readable[i] ? chunk->page[i] + offset : NULL;
	}
	return pair;
}

static void check_magic(struct directory_reader *reader, const struct chunk *chunk)
{
	const char *magic = chunk->index ? MEMINSPECT_ROWS_MAGIC : MEMINSPECT_HEAD_MAGIC;
	int i;

	for (i = 0; i < MEMINSPECT_COPIES; i++)
		if (chunk->readable[i] &&
		    memcmp(chunk->page[i], magic, MEMINSPECT_MAGIC_SIZE) != 0)
			reader_problem(reader, "chunk %u, copy %d at %#llx: damaged: its first 16 bytes are not the magic",
				       chunk->index, i, (unsigned long long)chunk->paddr[i]);
}

/* 1 if the chunk can be used, 0 if it is lost or isn't there, or an error. */
static int chunk_read(struct directory_reader *reader, struct chunk *chunk)
{
	enum record_choice choice;
	struct record_pair pair;
	int error;

	error = chunk_read_pages(reader, chunk);
	if (error)
		return error;
	pair = record_at(chunk, "header of chunk", chunk->index, HEADER_RECORD_OFFSET,
			 HEADER_RECORD_SIZE);
	choice = record_choose(reader, &pair);
	if (choice == CHOICE_EMPTY)
		reader_problem(reader, "header of chunk %u, copies at %#llx and %#llx: is empty, but the chain leads here",
			       chunk->index, (unsigned long long)pair.paddr[0],
			       (unsigned long long)pair.paddr[1]);
	if (choice == CHOICE_EMPTY || choice == CHOICE_LOST)
		return 0;
	chunk->header = header_of(chunk->page[choice]);
	check_magic(reader, chunk);
	return 1;
}

static int chunk_add_rows(struct directory_reader *reader, const struct chunk *chunk)
{
	const struct meminspect_chunk_header *header = &chunk->header;
	struct directory *directory = reader->directory;
	uint32_t i;

	if (directory->nr_rows + header->nr_rows > reader->rows_capacity) {
		size_t capacity = 2 * reader->rows_capacity + header->nr_rows;
		struct directory_row *rows = reallocarray(reader->rows, capacity, sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		reader->rows = rows;
		reader->rows_capacity = capacity;
	}
	for (i = 0; i < header->nr_rows; i++) {
		struct directory_row *row = &reader->rows[directory->nr_rows];
		struct record_pair pair = record_at(chunk, "row", directory->nr_rows,
						    header->rows_offset + i * MEMINSPECT_ROW_SIZE,
						    MEMINSPECT_ROW_SIZE);
		enum record_choice choice = record_choose(reader, &pair);

		row->taken = false;
		memcpy(row->paddr, pair.paddr, sizeof(row->paddr));
		if (choice == CHOICE_EMPTY) {
			row->status = ROW_EMPTY;
		} else if (choice == CHOICE_LOST) {
			row->status = ROW_LOST;
			directory->nr_lost_rows++;
		} else {
			row->status = ROW_VALID;
			memcpy(row->bytes, pair.copy[choice], sizeof(row->bytes));
		}
		directory->nr_rows++;
	}
	return 0;
}

static int chunk_note_address(struct directory *directory, const struct chunk *chunk)
{
	uint64_t (*chunks)[MEMINSPECT_COPIES];
	size_t nr = directory->nr_chunks;

	/* Powers of two: a chain can be long. */
	if (!(nr & (nr - 1))) {
		chunks = reallocarray(directory->chunks, nr ? 2 * nr : 1, sizeof(*chunks));
		if (!chunks)
			return -ENOMEM;
		directory->chunks = chunks;
	}
	memcpy(directory->chunks[directory->nr_chunks++], chunk->paddr, sizeof(chunk->paddr));
	return 0;
}

static void head_add_blocks(struct directory_reader *reader, const struct chunk *head)
{
	const struct meminspect_chunk_header *header = &head->header;
	struct directory *directory = reader->directory;
	enum record_choice choice;
	struct record_pair pair;

	if (header->ident_offset) {
		pair = record_at(head, "identification block", -1, header->ident_offset,
				 sizeof(directory->ident));
		choice = record_choose(reader, &pair);
		directory->has_ident = choice == CHOICE_COPY0 || choice == CHOICE_COPY1;
		if (directory->has_ident)
			memcpy(&directory->ident, pair.copy[choice], sizeof(directory->ident));
	}
	if (header->capture_offset) {
		pair = record_at(head, "capture block", -1, header->capture_offset,
				 sizeof(directory->capture));
		/* A panic does not wait for whoever was writing a row. */
		pair.alone = true;
		choice = record_choose(reader, &pair);
		directory->has_capture = choice == CHOICE_COPY0 || choice == CHOICE_COPY1;
		if (directory->has_capture)
			memcpy(&directory->capture, pair.copy[choice], sizeof(directory->capture));
	}
}

/* What a head says of itself decides whether this program can read on at all. */
static int head_check_version(struct directory_reader *reader, struct chunk *head)
{
	struct meminspect_chunk_header header;
	int64_t length;
	int i;

	for (i = 0; i < MEMINSPECT_COPIES; i++) {
		if (!head->paddr[i] || head->paddr[i] % MEMINSPECT_CHUNK_SIZE)
			continue;
		length = reader->read(reader->priv, head->paddr[i], head->page[i],
				      MEMINSPECT_CHUNK_SIZE);
		if (length < 0 && length != -EIO)
			return length;
		if (length != MEMINSPECT_CHUNK_SIZE)
			continue;
		header = header_of(head->page[i]);
		if (header.record.state == bswap_32(MEMINSPECT_STATE_VALID) &&
		    header.byte_order == bswap_32(MEMINSPECT_BYTE_ORDER))
			return fail(reader->context, -ENOTSUP,
				    "the directory at %#llx was written by a kernel of the other byte order: read it on a machine of that byte order",
				    (unsigned long long)head->paddr[i]);
		if (record_good(head->page[i] + HEADER_RECORD_OFFSET, HEADER_RECORD_SIZE) &&
		    header.version != MEMINSPECT_VERSION)
			return fail(reader->context, -ENOTSUP,
				    "the directory at %#llx has version %u, but this program knows only version %d: get a newer one",
				    (unsigned long long)head->paddr[i], header.version,
				    MEMINSPECT_VERSION);
		/* Only one address is known, and it turns out to be the other copy's. */
		if (!head->paddr[1 - i] && header.self[1 - i] == head->paddr[i] &&
		    record_good(head->page[i] + HEADER_RECORD_OFFSET, HEADER_RECORD_SIZE)) {
			head->paddr[1 - i] = head->paddr[i];
			head->paddr[i] = header.self[i];
			break;
		}
	}
	return 0;
}

static int read_chain(struct directory_reader *reader, struct chunk *chunk)
{
	struct directory *directory = reader->directory;
	int error, usable;

	error = head_check_version(reader, chunk);
	if (error)
		return error;
	for (;;) {
		usable = chunk_read(reader, chunk);
		if (usable < 0)
			return usable;
		if (!usable && !chunk->index)
			return fail(reader->context, -EBADMSG,
				    "no directory at %#llx and %#llx: neither holds a head chunk with a good header",
				    (unsigned long long)chunk->paddr[0],
				    (unsigned long long)chunk->paddr[1]);
		if (!usable) {
			reader_problem(reader, "chunk %u can't be used: its rows and all chunks behind it are lost",
				       chunk->index);
			return 0;
		}
		if (!chunk->index)
			head_add_blocks(reader, chunk);
		error = chunk_note_address(directory, chunk);
		if (!error)
			error = chunk_add_rows(reader, chunk);
		if (error)
			return error;
		if (!chunk->header.next[0])
			return 0;
		if (directory->nr_chunks >= MAX_CHUNKS || directory->nr_rows >= MAX_ROWS) {
			reader_problem(reader, "the chain has more than %zu chunks: the rest is not read",
				       directory->nr_chunks);
			return 0;
		}
		chunk->index++;
		memcpy(chunk->paddr, chunk->header.next, sizeof(chunk->paddr));
	}
}

int directory_read(struct meminspect_context *context, directory_read_function read, void *priv,
		   const uint64_t head[MEMINSPECT_COPIES], struct directory **result)
{
	struct directory_reader reader = { .context = context, .read = read, .priv = priv };
	struct chunk *chunk = calloc(1, sizeof(*chunk));
	int error = -ENOMEM;

	reader.directory = calloc(1, sizeof(*reader.directory));
	if (chunk && reader.directory) {
		memcpy(chunk->paddr, head, sizeof(chunk->paddr));
		error = read_chain(&reader, chunk);
		if (!error)
			error = directory_regions(&reader);
		if (!error && reader.unsaid_problems) {
			size_t unsaid = reader.unsaid_problems;
			char **last = &reader.directory->problems[reader.directory->nr_problems];

			if (asprintf(last, "%zu more problems of this kind", unsaid) < 0)
				error = -ENOMEM;
			else
				reader.directory->nr_problems++;
		}
		if (!error && reader.no_memory)
			error = -ENOMEM;
	}
	free(chunk);
	free(reader.rows);
	free(reader.update);
	if (error) {
		directory_free(reader.directory);
		return error == -ENOMEM ? fail(context, error, "out of memory") : error;
	}
	*result = reader.directory;
	return 0;
}

void directory_free(struct directory *directory)
{
	size_t i;

	if (!directory)
		return;
	for (i = 0; i < directory->nr_regions; i++) {
		free(directory->regions[i].extents);
		free(directory->regions[i].why);
	}
	for (i = 0; i < directory->nr_problems; i++)
		free(directory->problems[i]);
	free(directory->regions);
	free(directory->chunks);
	free(directory->problems);
	free(directory);
}
