// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Which file of a minidump has which row. In this order, this is believed: what
 * whoever copied the files wrote down; what the directory says of itself; the
 * header with the files' sizes; the files' names. A file that fits two rows as
 * well is used for none.
 */
#include "minidump.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int minidump_row_fault(struct minidump_row *row, const char *format, ...)
{
	va_list arguments;
	int error;

	va_start(arguments, format);
	error = replace_text(&row->why, format, arguments);
	va_end(arguments);
	return error;
}

struct minidump_row *minidump_add_row(struct minidump *minidump)
{
	struct minidump_header *header = &minidump->header;
	struct minidump_row *rows = reallocarray(header->rows, header->nr_rows + 1, sizeof(*rows));

	if (!rows)
		return NULL;
	header->rows = rows;
	rows[header->nr_rows] = (struct minidump_row) { .file = MINIDUMP_NO_FILE };
	return &rows[header->nr_rows++];
}

bool minidump_file_free(const struct minidump *minidump, size_t file)
{
	const struct minidump_file *candidate = &minidump->files.files[file];

	if (candidate->used || toupper((unsigned char)candidate->name.full[0]) != 'K')
		return false;
	return minidump->header_file == MINIDUMP_NO_FILE ||
	       !strcasecmp(candidate->name.machine,
			   minidump->files.files[minidump->header_file].name.machine);
}

int minidump_assign(struct minidump *minidump, size_t row, size_t file)
{
	struct minidump_row *to = &minidump->header.rows[row];
	struct minidump_file *from = &minidump->files.files[file];

	to->file = file;
	from->used = true;
	if (from->size < to->size)
		return minidump_row_fault(to, "%s has %llu of its %llu bytes: the transfer was cut",
					  from->path, (unsigned long long)from->size,
					  (unsigned long long)to->size);
	if (from->size > to->size)
		return memory_add_problem(&minidump->memory, "%s/%s: has %llu bytes, but the header says %llu: what is behind them is not used",
					  minidump->files.where, from->path,
					  (unsigned long long)from->size,
					  (unsigned long long)to->size);
	return 0;
}

/* Files whose address is known, and what the header holds itself. */
static int match_addresses(struct minidump *minidump)
{
	for (size_t i = 0; i < minidump->files.nr; i++) {
		struct minidump_row *row;

		if (minidump->header.style != MINIDUMP_NO_HEADER ||
		    !minidump->files.files[i].has_address || minidump->files.files[i].address >> 52 ||
		    minidump->header.nr_rows >= MAX_MINIDUMP_ROWS)
			continue;
		row = minidump_add_row(minidump);
		if (!row)
			return -ENOMEM;
		row->paddr = minidump->files.files[i].address;
		row->size = minidump->files.files[i].size;
	}
	for (size_t i = 0; i < minidump->header.nr_rows; i++) {
		struct minidump_row *row = &minidump->header.rows[i];

		if (row->lost)
			continue;
		if (row->offset)
			row->file = minidump->header_file;
		for (size_t j = 0; j < minidump->files.nr && row->file == MINIDUMP_NO_FILE; j++) {
			int error;

			if (!minidump->files.files[j].has_address || minidump->files.files[j].used ||
			    minidump->files.files[j].address != row->paddr)
				continue;
			error = minidump_assign(minidump, i, j);
			if (error)
				return error;
		}
	}
	return 0;
}

/*
 * Without a header, files can only be told by the directory: a row for each
 * extent, as it is and in whole pages.
 */
static int rows_of_directory(struct minidump *minidump)
{
	const struct directory *directory = minidump->directory;
	const uint64_t page = 4096;

	for (size_t i = 0; i < directory->nr_regions; i++) {
		const struct directory_region *region = &directory->regions[i];

		for (int whole = 0; whole < 2 && region->nr_extents == 1; whole++) {
			uint64_t start = region->extents[0].paddr, end = start + region->extents[0].length;
			struct minidump_row *row;

			if (end < start || end > UINT64_MAX - page ||
			    (whole && !(start % page) && !(end % page)) ||
			    minidump->header.nr_rows >= MAX_MINIDUMP_ROWS)
				continue;
			row = minidump_add_row(minidump);
			if (!row)
				return -ENOMEM;
			row->paddr = whole ? start - start % page : start;
			row->size = (whole ? (end + page - 1) / page * page : end) - row->paddr;
			row->nr_regions = 1;
			row->regions[0] = i;
		}
	}
	return 0;
}

/* Rows that were only a guess. */
static void drop_empty_rows(struct minidump_header *header)
{
	size_t kept = 0;

	for (size_t i = 0; i < header->nr_rows; i++) {
		if (header->rows[i].file == MINIDUMP_NO_FILE)
			free(header->rows[i].why);
		else
			header->rows[kept++] = header->rows[i];
	}
	header->nr_rows = kept;
}

static int explain_rows(struct minidump *minidump)
{
	struct minidump_header *header = &minidump->header;

	for (size_t i = 0; i < header->nr_rows; i++) {
		struct minidump_row *row = &header->rows[i];
		int error = 0;

		if (row->file != MINIDUMP_NO_FILE || row->why || row->lost || !row->size)
			continue;
		if (header->style == MINIDUMP_WHOLE)
			error = minidump_row_fault(row, "its file is missing: md_K...%u.BIN, of %llu bytes",
						   row->number, (unsigned long long)row->size);
		else if (header->style == MINIDUMP_SECTIONS)
			error = minidump_row_fault(row, "its file is missing: md_%s.BIN, of %llu bytes",
						   row->name, (unsigned long long)row->size);
		else
			error = minidump_row_fault(row, "its file, of %llu bytes, is missing or can't be told from others",
						   (unsigned long long)row->size);
		if (error)
			return error;
	}
	return 0;
}

/* What was left over is somebody's loss, or from another dump. */
int minidump_report_unused(struct minidump *minidump)
{
	size_t others = 0;

	for (size_t i = 0; i < minidump->files.nr; i++) {
		const struct minidump_file *file = &minidump->files.files[i];

		if (minidump_file_free(minidump, i)) {
			if (memory_add_problem(&minidump->memory, "%s/%s: %llu bytes that can't be told to be of one row: not used",
					       minidump->files.where, file->path,
					       (unsigned long long)file->size))
				return -ENOMEM;
		} else if (!file->used && toupper((unsigned char)file->name.full[0]) == 'K') {
			others++;
		}
	}
	if (!others)
		return 0;
	return memory_add_problem(&minidump->memory, "%s: %zu files are of another virtual machine: not used; collect from them in a folder of their own",
				  minidump->files.where, others);
}

/*
 * Of a header that was cut, the files tell what kernel wrote it: one with our
 * directory, or one whose second file is VMCOREINFO. Else numbers mean nothing.
 */
static int decide_style(struct minidump *minidump)
{
	struct minidump_header *header = &minidump->header;
	char start[10];

	for (size_t i = 0; i < header->nr_rows && header->style == MINIDUMP_UNDECIDED; i++)
		if (minidump->head[0] || header->rows[i].file != MINIDUMP_NO_FILE)
			header->style = MINIDUMP_WHOLE;
	for (size_t i = 0; i < minidump->files.nr && header->style == MINIDUMP_UNDECIDED; i++) {
		if (!minidump_file_free(minidump, i) ||
		    !minidump_name_ends_in(minidump->files.files[i].name.full, 2) ||
		    minidump_file_read(&minidump->files, i, 0, start, sizeof(start)) != sizeof(start) ||
		    memcmp(start, "OSRELEASE=", sizeof(start)) != 0)
			continue;
		header->style = MINIDUMP_SPLIT;
		header->vmcoreinfo_size = minidump->files.files[i].size;
	}
	/* Each file has the number of its row; the header is row 0 and has 1. */
	for (size_t i = 0; i < header->nr_rows && header->style == MINIDUMP_WHOLE; i++)
		header->rows[i].number = i + 2;
	if (header->style != MINIDUMP_UNDECIDED)
		return 0;
	return memory_add_problem(&minidump->memory, "%s: the header was cut, and no file tells which kind it was: what numbers in names mean is not known",
				  minidump->files.where);
}

int minidump_match(struct minidump *minidump)
{
	int error = match_addresses(minidump);

	if (!error)
		error = minidump_match_chunks(minidump);
	if (!error)
		error = decide_style(minidump);
	if (!error && minidump->header.style == MINIDUMP_NO_HEADER && minidump->directory)
		error = rows_of_directory(minidump);
	if (!error && minidump->header.style == MINIDUMP_SPLIT)
		error = minidump_match_order(minidump);
	else if (!error && minidump->header.style != MINIDUMP_UNDECIDED)
		error = minidump_match_scores(minidump);
	if (!error && minidump->header.style == MINIDUMP_NO_HEADER)
		drop_empty_rows(&minidump->header);
	if (!error)
		error = explain_rows(minidump);
	return error;
}
