// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The files of a minidump as physical memory. Where the directory is lost, or
 * the kernel has none, the rows themselves are the regions.
 */
#include "minidump.h"
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WINDOW_SIZE (1U << 20)
/* In search of the directory: more than the memory of any phone, or car */
#define MAX_SEARCHED (64ULL << 30)

static struct minidump_row *row_holding(struct minidump *minidump, uint64_t paddr)
{
	struct minidump_row *found = NULL;

	/* Rows can overlap: one with bytes is better than one without. */
	for (size_t i = 0; i < minidump->header.nr_rows; i++) {
		struct minidump_row *row = &minidump->header.rows[i];

		if (row->lost || paddr < row->paddr || paddr - row->paddr >= row->size)
			continue;
		found = row;
		if (row->file != MINIDUMP_NO_FILE &&
		    paddr - row->paddr + row->offset < minidump->files.files[row->file].size)
			return row;
	}
	return found;
}

int64_t minidump_read(void *priv, uint64_t paddr, void *buffer, size_t length)
{
	struct minidump *minidump = priv;
	size_t done = 0;

	while (done < length) {
		const struct minidump_row *row = row_holding(minidump, paddr + done);
		uint64_t offset, part;
		int64_t got;

		if (!row || row->file == MINIDUMP_NO_FILE)
			break;
		offset = paddr + done - row->paddr;
		part = row->size - offset;
		if (part > length - done)
			part = length - done;
		got = minidump_file_read(&minidump->files, row->file, row->offset + offset,
					 (char *)buffer + done, part);
		if (got < 0)
			return done ? (int64_t)done : got;
		if (!got)
			break;
		done += got;
	}
	return done;
}

static int64_t memory_read(struct meminspect_memory *memory, uint64_t paddr, void *buffer,
			   size_t length)
{
	return minidump_read(memory, paddr, buffer, length);
}

static int64_t read_position(void *priv, uint64_t position, void *buffer, size_t length)
{
	return minidump_read(priv, position, buffer, length);
}

/* @budget: how many bytes may still be looked at */
static int search_row(struct minidump *minidump, const struct minidump_row *row, uint8_t *window,
		      uint64_t *budget, struct head_search *search)
{
	uint64_t chunk = MEMINSPECT_CHUNK_SIZE;
	uint64_t paddr = (row->paddr + chunk - 1) / chunk * chunk;

	while (paddr >= row->paddr && paddr - row->paddr < row->size) {
		uint64_t offset = paddr - row->paddr + row->offset, left;
		int64_t length;

		/* A hole of terabytes costs its maker nothing. */
		paddr += (minidump_file_data(&minidump->files, row->file, offset) - offset) / chunk * chunk;
		if (paddr - row->paddr >= row->size)
			break;
		left = row->size - (paddr - row->paddr);
		length = minidump_read(minidump, paddr, window, left < WINDOW_SIZE ? left : WINDOW_SIZE);
		if (length == -ENOMEM)
			return length;
		if (length < (int64_t)chunk || (uint64_t)length > *budget)
			break;
		*budget -= length;
		head_search_window(search, window, length, paddr);
		paddr += length - length % chunk;
	}
	return 0;
}

static int find_head(struct meminspect_memory *memory, uint64_t head[MEMINSPECT_COPIES])
{
	struct minidump *minidump = (struct minidump *)memory;
	struct head_search *search = head_search_new(memory->context);
	uint8_t *window = malloc(WINDOW_SIZE);
	uint64_t base = 0, budget = MAX_SEARCHED;
	int error = 0;

	if (!search || !window)
		error = fail(memory->context, -ENOMEM, "out of memory");
	for (size_t i = 0; !error && i < minidump->header.nr_rows; i++)
		if (!minidump->header.rows[i].lost &&
		    minidump->header.rows[i].file != MINIDUMP_NO_FILE)
			error = search_row(minidump, &minidump->header.rows[i], window, &budget,
					   search);
	if (!error)
		error = head_search_result(search, memory, read_position, minidump, &base, head);
	head_search_free(search);
	free(window);
	return error;
}

static char *explain(struct meminspect_memory *memory, uint64_t paddr)
{
	const struct minidump_row *row = row_holding((struct minidump *)memory, paddr);
	char *text;

	if (!row)
		return strdup("no row of the minidump has memory there");
	if (!row->why)
		return strdup("its file could not be read to the end");
	return asprintf(&text, "row at %#llx: %s", (unsigned long long)row->paddr, row->why) < 0 ?
	       NULL : text;
}

/* "Kprb_desc23" is prb_desc, number 23. */
static void name_region(const struct minidump *minidump, size_t index,
			struct directory_region *region)
{
	const struct minidump_row *row = &minidump->header.rows[index];
	size_t length, digits;
	uint32_t number = row->number;
	const char *full;

	if (row->name[0]) {
		snprintf(region->name, sizeof(region->name), "%s", row->name);
		return;
	}
	region->key_kind = MEMINSPECT_KEY_INDEX;
	if (row->file == MINIDUMP_NO_FILE || !minidump->files.files[row->file].name.full[0]) {
		strcpy(region->name, number ? "unnamed" : "unnamed_in_header");
		region->key = number ? number : index;
		return;
	}
	full = minidump->files.files[row->file].name.full;
	if (!number || !minidump_name_ends_in(full, number))
		minidump_name_number(full, &number);
	digits = minidump_name_ends_in(full, number);
	length = strlen(full) - digits;
	if (length > 1 && (full[0] == 'K' || full[0] == 'k')) {
		full++;
		length--;
	}
	snprintf(region->name, sizeof(region->name), "%.*s", (int)length, full);
	if (digits)
		region->key = number;
	else
		region->key_kind = MEMINSPECT_KEY_NONE;
}

static int make_region(const struct minidump *minidump, size_t index,
		       struct directory_region *region)
{
	const struct minidump_row *row = &minidump->header.rows[index];

	name_region(minidump, index, region);
	region->class = MEMINSPECT_CLASS_OTHER;
	region->vaddr = row->vaddr;
	region->size = row->size;
	if (row->lost) {
		region->lost = true;
		region->why = strdup(row->why ? row->why : "");
		return region->why ? 0 : -ENOMEM;
	}
	region->extents = calloc(1, sizeof(*region->extents));
	if (!region->extents)
		return -ENOMEM;
	region->nr_extents = 1;
	region->extents[0].paddr = row->paddr;
	region->extents[0].length = row->size;
	return 0;
}

static int rows_as_regions(struct meminspect_memory *memory, struct directory **result)
{
	struct minidump *minidump = (struct minidump *)memory;
	struct directory *directory;
	int error = 0;

	if (minidump->header.style == MINIDUMP_NO_HEADER && !minidump->header.nr_rows)
		return fail(memory->context, -ENOENT,
			    "%s: neither a header (md_KELF1.BIN, md_KELF_HEADER.BIN) nor a directory is among its files: nothing tells where their memory was",
			    minidump->files.where);
	directory = calloc(1, sizeof(*directory));
	if (!directory)
		return fail(memory->context, -ENOMEM, "out of memory");
	directory->regions = calloc(minidump->header.nr_rows + 1, sizeof(*directory->regions));
	if (!directory->regions)
		error = -ENOMEM;
	for (size_t i = 0; !error && i < minidump->header.nr_rows; i++)
		if (minidump->header.rows[i].size)
			error = make_region(minidump, i, &directory->regions[directory->nr_regions++]);
	if (error) {
		directory_free(directory);
		return fail(memory->context, error, "out of memory");
	}
	*result = directory;
	return 0;
}

static void minidump_close(struct meminspect_memory *memory)
{
	struct minidump *minidump = (struct minidump *)memory;

	minidump_header_release(&minidump->header);
	minidump_files_close(&minidump->files);
	directory_free(minidump->directory);
	memory_release(memory);
	free(minidump);
}

static const struct memory_operations minidump_operations = {
	.read = memory_read,
	.find_head = find_head,
	.explain = explain,
	.regions = rows_as_regions,
	.close = minidump_close,
};

static bool is_core(struct minidump *minidump, size_t file)
{
	uint8_t start[18];

	return minidump_file_read(&minidump->files, file, 0, start, sizeof(start)) ==
	       (int64_t)sizeof(start) && !memcmp(start, ELFMAG, SELFMAG) && start[16] == ET_CORE;
}

/* How much says that a file is the header; 0: it is not. */
static unsigned int rank_header(struct minidump *minidump, size_t file)
{
	const struct minidump_name *name = &minidump->files.files[file].name;
	bool named = !strncasecmp(name->full, "KELF", strlen("KELF"));

	if ((name->full[0] != 'K' && name->full[0] != 'k') || !is_core(minidump, file))
		return 0;
	return 1 + !name->machine[0] + 2 * named;
}

static int read_header(struct minidump *minidump, size_t file)
{
	const struct minidump_file *from = &minidump->files.files[file];
	uint8_t *bytes;
	char *path;
	int64_t length;
	int error;

	bytes = malloc(MAX_MINIDUMP_HEADER);
	if (!bytes || asprintf(&path, "%s/%s", minidump->files.where, from->path) < 0) {
		free(bytes);
		return -ENOMEM;
	}
	length = minidump_file_read(&minidump->files, file, 0, bytes, MAX_MINIDUMP_HEADER);
	error = length < 0 ? length : minidump_header_parse(&minidump->memory, path, bytes, length,
							     &minidump->header);
	free(bytes);
	if (!error) {
		minidump->header_file = file;
		minidump->files.files[file].used = true;
	} else if (error == -ENOEXEC || error == -EIO) {
		error = memory_add_problem(&minidump->memory, "%s: can't be used as the header: %s",
					   path, meminspect_error(minidump->memory.context));
	}
	free(path);
	return error;
}

static int find_header(struct minidump *minidump)
{
	size_t best = MINIDUMP_NO_FILE, rival = MINIDUMP_NO_FILE;
	unsigned int best_rank = 0;
	int error;

	minidump->header_file = MINIDUMP_NO_FILE;
	for (size_t i = 0; i < minidump->files.nr; i++) {
		unsigned int rank = rank_header(minidump, i);

		if (rank && rank == best_rank &&
		    (minidump->files.files[i].size != minidump->files.files[best].size ||
		     minidump_files_same(&minidump->files, i, best,
					 minidump->files.files[i].size) != 1))
			rival = i;
		if (rank <= best_rank)
			continue;
		best = i;
		best_rank = rank;
		rival = MINIDUMP_NO_FILE;
	}
	if (rival != MINIDUMP_NO_FILE)
		return fail(minidump->memory.context, -EINVAL,
			    "%s: both %s and %s are headers of a minidump, and differ: keep the files of one machine in a folder",
			    minidump->files.where, minidump->files.files[best].path,
			    minidump->files.files[rival].path);
	error = best == MINIDUMP_NO_FILE ? 0 : read_header(minidump, best);
	if (error || minidump->header_file != MINIDUMP_NO_FILE)
		return error;
	return memory_add_problem(&minidump->memory, "%s: has no header, as md_KELF1.BIN: files are told by the directory alone",
				  minidump->files.where);
}

/* If the rows become regions, their verdicts say this. */
static int report_rows(struct minidump *minidump)
{
	for (size_t i = 0; minidump->directory && i < minidump->header.nr_rows; i++) {
		const struct minidump_row *row = &minidump->header.rows[i];

		if (row->why && memory_add_problem(&minidump->memory,
						   "%s: %llu bytes at physical address %#llx: %s",
						   minidump->files.where,
						   (unsigned long long)row->size,
						   (unsigned long long)row->paddr, row->why))
			return -ENOMEM;
	}
	return 0;
}

static int fill_memory(struct minidump *minidump)
{
	struct meminspect_memory *memory = &minidump->memory;
	int error = find_header(minidump);

	if (!error)
		error = minidump_match(minidump);
	if (!error)
		error = minidump_registers(minidump);
	if (!error)
		error = minidump_report_unused(minidump);
	if (!error)
		error = report_rows(minidump);
	if (error)
		return error == -ENOMEM ? fail(memory->context, error, "out of memory") : error;
	memory->machine = minidump->header.machine;
	memory->vmcoreinfo = minidump->header.vmcoreinfo;
	minidump->header.vmcoreinfo = NULL;
	return 0;
}

static int open_minidump(struct meminspect_context *context, const char *what, const char *path,
			 int (*open)(struct minidump_files *files, const char *path),
			 struct meminspect_memory **memory)
{
	struct minidump *minidump = calloc(1, sizeof(*minidump));
	int error;

	if (!minidump)
		return fail(context, -ENOMEM, "out of memory");
	minidump->memory.context = context;
	minidump->memory.operations = &minidump_operations;
	minidump->files.memory = &minidump->memory;
	minidump->files.folder = minidump->files.container = -1;
	minidump->header_file = MINIDUMP_NO_FILE;
	if (asprintf(&minidump->memory.description, "%s %s", what, path) < 0) {
		minidump->memory.description = NULL;
		error = fail(context, -ENOMEM, "out of memory");
	} else {
		error = open(&minidump->files, path);
	}
	if (!error)
		error = fill_memory(minidump);
	if (error) {
		minidump_close(&minidump->memory);
		return error;
	}
	*memory = &minidump->memory;
	return 0;
}

int meminspect_memory_open_minidump(struct meminspect_context *context, const char *path,
				    struct meminspect_memory **memory)
{
	return open_minidump(context, "minidump in", path, minidump_files_open, memory);
}

int meminspect_memory_open_rawdump(struct meminspect_context *context, const char *path,
				   struct meminspect_memory **memory)
{
	return open_minidump(context, "rawdump", path, rawdump_open, memory);
}
