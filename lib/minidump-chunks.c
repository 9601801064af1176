// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Chunks of the directory have their own physical address in them, under a
 * checksum. A file with one says by that where it was, whatever its name is.
 * What the directory then says of the other rows helps to tell their files.
 */
#include "directory-reader.h"
#include "minidump.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Rows with the directory are small; other files are not worth looking through. */
#define MAX_SEARCHED	(64U << 20)
#define MAX_SEARCHED_ALL (1U << 30)
#define WINDOW_SIZE	(1U << 20)
/* More have the right to exist, but no name of them is needed to tell files apart. */
#define MAX_NAMED	65536U

static bool chunk_at(const uint8_t *bytes, size_t length, struct meminspect_chunk_header *header)
{
	const size_t record = offsetof(struct meminspect_chunk_header, record);

	if (length < sizeof(*header) ||
	    (memcmp(bytes, MEMINSPECT_HEAD_MAGIC, MEMINSPECT_MAGIC_SIZE) != 0 &&
	     memcmp(bytes, MEMINSPECT_ROWS_MAGIC, MEMINSPECT_MAGIC_SIZE) != 0))
		return false;
	memcpy(header, bytes, sizeof(*header));
	return record_good(bytes + record, sizeof(*header) - record) &&
	       header->self[0] != header->self[1];
}

/* The first chunk in a file: 1, 0 if there is none, or an error. */
static int find_chunk(struct minidump *minidump, size_t file,
		      struct meminspect_chunk_header *header, uint64_t *offset)
{
	uint64_t size = minidump->files.files[file].size, position = 0;
	size_t window_size = size < WINDOW_SIZE ? size + 1 : WINDOW_SIZE;
	uint8_t *window;
	int64_t length;
	int found = 0;

	if (size > MAX_SEARCHED)
		return 0;
	window = malloc(window_size);
	if (!window)
		return -ENOMEM;
	/* Windows overlap by less than a header. */
	while (!found && position < size) {
		length = minidump_file_read(&minidump->files, file, position, window, window_size);
		if (length <= 0) {
			found = length == -EIO ? 0 : length;
			break;
		}
		for (int64_t i = 0; i + (int64_t)sizeof(*header) <= length && !found; i += 4) {
			found = window[i] == 0x7f && chunk_at(window + i, length - i, header);
			if (found)
				*offset = position + i;
		}
		if ((size_t)length < window_size)
			break;
		position += window_size - sizeof(*header);
	}
	free(window);
	return found;
}

/* The row at that address that has no file yet; several can't be. */
static size_t row_at(const struct minidump *minidump, uint64_t paddr)
{
	for (size_t i = 0; i < minidump->header.nr_rows; i++)
		if (minidump->header.rows[i].paddr == paddr && !minidump->header.rows[i].lost &&
		    minidump->header.rows[i].file == MINIDUMP_NO_FILE)
			return i;
	return SIZE_MAX;
}

/* What is behind the chunks of a file may be anything. */
static uint64_t end_of_chunks(struct minidump *minidump, size_t file, uint64_t paddr,
			      uint64_t offset)
{
	struct meminspect_chunk_header header;
	uint8_t bytes[sizeof(header)];

	do {
		offset += MEMINSPECT_CHUNK_SIZE;
		paddr += MEMINSPECT_CHUNK_SIZE;
	} while (minidump_file_read(&minidump->files, file, offset, bytes, sizeof(bytes)) ==
		 sizeof(bytes) && chunk_at(bytes, sizeof(bytes), &header) &&
		 (header.self[0] == paddr || header.self[1] == paddr));
	return offset;
}

/*
 * Both copies hold the same, as long as none was being written: which of the
 * two it is matters only if the file's number says so.
 */
static int place_chunk(struct minidump *minidump, size_t file,
		       const struct meminspect_chunk_header *header, uint64_t offset)
{
	const char *full = minidump->files.files[file].name.full;
	size_t row, chosen = SIZE_MAX;
	int copy;

	for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		if (header->self[copy] < offset)
			continue;
		row = row_at(minidump, header->self[copy] - offset);
		if (row == SIZE_MAX)
			continue;
		if (chosen == SIZE_MAX ||
		    minidump_name_ends_in(full, row + 2))
			chosen = row;
	}
	if (chosen != SIZE_MAX)
		return minidump_assign(minidump, chosen, file);
	if (minidump->header.style != MINIDUMP_NO_HEADER)
		return 0;
	/* No header: the rows are what the files say. The first file has copy 0. */
	for (row = 0; row < minidump->header.nr_rows; row++)
		if (minidump->header.rows[row].paddr == header->self[0] - offset)
			break;
	copy = row < minidump->header.nr_rows;
	if (header->self[copy] < offset)
		return 0;
	if (!minidump_add_row(minidump))
		return -ENOMEM;
	row = minidump->header.nr_rows - 1;
	minidump->header.rows[row].paddr = header->self[copy] - offset;
	minidump->header.rows[row].size = end_of_chunks(minidump, file, header->self[copy], offset);
	return minidump_assign(minidump, row, file);
}

static void name_row(struct minidump_row *row, size_t region, const struct meminspect_extent *extent)
{
	if (row->nr_regions && row->regions[row->nr_regions - 1] == region)
		return;
	if (row->lost || row->nr_regions == ARRAY_SIZE(row->regions) ||
	    extent->paddr >= row->paddr + row->size || extent->length > UINT64_MAX - extent->paddr ||
	    extent->paddr + extent->length <= row->paddr)
		return;
	row->regions[row->nr_regions++] = region;
}

static void name_rows(struct minidump *minidump)
{
	const struct directory *directory = minidump->directory;
	size_t nr = 0;

	for (size_t i = 0; i < directory->nr_regions; i++)
		for (size_t j = 0; j < directory->regions[i].nr_extents && nr < MAX_NAMED; j++, nr++)
			for (size_t k = 0; k < minidump->header.nr_rows; k++)
				name_row(&minidump->header.rows[k], i,
					 &directory->regions[i].extents[j]);
}

bool minidump_row_has(const struct minidump *minidump, size_t row, const char *name,
		      size_t length)
{
	const struct minidump_row *wanted = &minidump->header.rows[row];

	for (size_t i = 0; i < wanted->nr_regions; i++)
		if (minidump_name_fits(name, length,
				       minidump->directory->regions[wanted->regions[i]].name))
			return true;
	return false;
}

/* What the directory says now only helps to match; it is read again when all files are known. */
static int read_directory(struct minidump *minidump)
{
	struct meminspect_context *context = meminspect_context_new();
	int error;

	if (!context)
		return -ENOMEM;
	error = directory_read(context, minidump_read, minidump, minidump->head,
			       &minidump->directory);
	meminspect_context_free(context);
	if (error == -ENOMEM)
		return error;
	if (error)
		minidump->directory = NULL;
	else
		name_rows(minidump);
	return 0;
}

int minidump_match_chunks(struct minidump *minidump)
{
	struct meminspect_chunk_header header;
	uint64_t offset = 0, searched = 0;
	size_t i;
	int found, error;

	for (i = 0; i < minidump->files.nr; i++) {
		if (!minidump_file_free(minidump, i) && i != minidump->header_file &&
		    !minidump->files.files[i].has_address)
			continue;
		searched += minidump->files.files[i].size;
		if (searched > MAX_SEARCHED_ALL)
			break;
		found = find_chunk(minidump, i, &header, &offset);
		if (found < 0)
			return found;
		if (!found)
			continue;
		if (!memcmp(header.magic, MEMINSPECT_HEAD_MAGIC, MEMINSPECT_MAGIC_SIZE) &&
		    !minidump->head[0])
			memcpy(minidump->head, header.self, sizeof(header.self));
		error = minidump_file_free(minidump, i) ? place_chunk(minidump, i, &header, offset) : 0;
		if (error)
			return error;
	}
	return minidump->head[0] ? read_directory(minidump) : 0;
}
