// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Writes a dump in the kdump-compressed format.
 *
 * It has whole pages only. What was not collected of a page is poison, as behind
 * the pieces of an ELF core.
 */
#include "core-format.h"
#include "kdump-format.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define KDUMP_VERSION		6
#define KDUMP_ZLIB		1U		/* of a page, and in status: of the file */
#define KDUMP_DUMP_LEVEL	31		/* as makedumpfile calls the most that can be left out */
/* 8 TiB of RAM; each of its pages has a bit, twice, whether it is in the dump or not. */
#define MAX_FRAME		(1ULL << 31)
/* Whole pages are held in memory; of 64 KiB each, pieces of a few bytes would have 16 GiB. */
#define MAX_PAGES_BYTES		(2ULL << 30)

struct kdump {
	struct meminspect_context *context;
	const struct meminspect_dump *dump;
	const char *path;
	uint32_t page_size;
	struct core_notes notes;
	size_t nr_frames;
	uint64_t *frames;	/* sorted */
	uint8_t *pages;		/* contents, in this order */
};

static int compare_frames(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static int find_frames(struct kdump *kdump)
{
	size_t nr = 0, room = 0;

	for (size_t i = 0; i < kdump->dump->nr_regions; i++) {
		const struct meminspect_region *region = &kdump->dump->regions[i];

		for (size_t j = 0; j < region->nr_pieces; j++) {
			const struct meminspect_piece *piece = &region->pieces[j];
			uint64_t first = piece->paddr / kdump->page_size, last;

			if (!piece->present)
				continue;
			last = (piece->paddr + piece->present - 1) / kdump->page_size;
			if (last < first || last >= MAX_FRAME)
				return fail(kdump->context, -E2BIG,
					    "%s: %s is at the physical address %#llx; kdump-compressed holds what is below 8 TiB",
					    kdump->path, region->name, (unsigned long long)piece->paddr);
			while (nr + (last - first) + 1 > room) {
				uint64_t *frames = reallocarray(kdump->frames, room * 2 + 512,
								sizeof(*frames));

				if (!frames)
					return -ENOMEM;
				kdump->frames = frames;
				room = room * 2 + 512;
			}
			for (uint64_t frame = first; frame <= last; frame++)
				kdump->frames[nr++] = frame;
		}
	}
	qsort(kdump->frames, nr, sizeof(*kdump->frames), compare_frames);
	for (size_t i = 0; i < nr; i++)
		if (!i || kdump->frames[i] != kdump->frames[i - 1])
			kdump->frames[kdump->nr_frames++] = kdump->frames[i];
	return 0;
}

static void copy_piece(struct kdump *kdump, const struct meminspect_piece *piece)
{
	for (uint64_t done = 0; done < piece->present;) {
		uint64_t at = piece->paddr + done, frame = at / kdump->page_size;
		uint64_t length = kdump->page_size - at % kdump->page_size;
		const uint64_t *found = bsearch(&frame, kdump->frames, kdump->nr_frames,
						sizeof(frame), compare_frames);

		if (length > piece->present - done)
			length = piece->present - done;
		memcpy(kdump->pages + (size_t)(found - kdump->frames) * kdump->page_size +
		       at % kdump->page_size, piece->data + done, length);
		done += length;
	}
}

static int fill_pages(struct kdump *kdump)
{
	const struct meminspect_dump *dump = kdump->dump;
	size_t size = kdump->nr_frames * kdump->page_size;

	if (size > MAX_PAGES_BYTES)
		return fail(kdump->context, -EFBIG,
			    "%s: its %zu pages have %zu bytes; kdump-compressed is written of %llu at most: write an ELF core",
			    kdump->path, kdump->nr_frames, size, MAX_PAGES_BYTES);
	kdump->pages = malloc(size + 1);
	if (!kdump->pages)
		return -ENOMEM;
	for (size_t i = 0; i < size; i++)
		kdump->pages[i] = (uint8_t)CORE_POISON[i % CORE_POISON_SIZE];
	/* What was collected last, so that it stays. */
	for (int origin = MEMINSPECT_FILLER; origin >= 0; origin--)
		for (size_t i = 0; i < dump->nr_regions; i++)
			for (size_t j = 0; (int)dump->regions[i].origin == origin &&
			     j < dump->regions[i].nr_pieces; j++)
				copy_piece(kdump, &dump->regions[i].pieces[j]);
	return 0;
}

static uint64_t round_up(const struct kdump *kdump, uint64_t size)
{
	return (size + kdump->page_size - 1) / kdump->page_size * kdump->page_size;
}

static uint64_t max_frame(const struct kdump *kdump)
{
	return kdump->nr_frames ? kdump->frames[kdump->nr_frames - 1] + 1 : 0;
}

/* One of the two, which are alike: what is not in the dump, nobody says to be RAM. */
static uint64_t bitmap_size(const struct kdump *kdump)
{
	return round_up(kdump, (max_frame(kdump) + 7) / 8);
}

/*
 * struct new_utsname, if init_uts_ns was collected; it is found by what stands in it.
 * Without it, some text in each place: libkdumpfile takes none where one is empty.
 */
static void set_utsname(const struct meminspect_dump *dump, char utsname[6][UTS_LENGTH])
{
	const struct meminspect_region *region = meminspect_dump_find(dump, "init_uts_ns", -1);
	const char *release = (const char *)dump->ident.release;
	const size_t size = 6 * UTS_LENGTH;

	for (int i = 0; i < 6; i++)
		strcpy(utsname[i], "unknown");
	strcpy(utsname[0], "Linux");
	strcpy(utsname[4], core_machine(dump) == EM_AARCH64 ? "aarch64" : "x86_64");
	if (!dump->has_ident)
		return;
	memset(utsname[2], 0, UTS_LENGTH);
	memcpy(utsname[2], release, strnlen(release, UTS_LENGTH - 1));
	if (!region || region->nr_pieces != 1)
		return;
	for (size_t at = 0; at + size <= region->pieces[0].present; at++) {
		const char *found = (const char *)region->pieces[0].data + at;

		if (!memcmp(found, "Linux", sizeof("Linux")) &&
		    !memcmp(found + (size_t)2 * UTS_LENGTH, utsname[2], strlen(utsname[2]) + 1)) {
			memcpy(utsname, found, size);
			return;
		}
	}
}

/* All before the bitmaps; for free(), NULL if memory is short. */
static uint8_t *make_headers(struct kdump *kdump, uint64_t *length)
{
	const struct meminspect_dump *dump = kdump->dump;
	uint64_t at = kdump->page_size + sizeof(struct kdump_sub_header);
	const bool arm64 = core_machine(dump) == EM_AARCH64;
	size_t vmcoreinfo_size = dump->vmcoreinfo ? strlen(dump->vmcoreinfo) : 0;
	uint32_t nr_notes = 0;
	uint8_t *bytes;

	*length = kdump->page_size + round_up(kdump, sizeof(struct kdump_sub_header) +
					      vmcoreinfo_size + kdump->notes.length);
	bytes = calloc(1, *length);
	if (!bytes)
		return NULL;
	for (size_t i = 0; i < dump->nr_registers; i++)
		nr_notes += dump->registers[i].prstatus != NULL;

	struct kdump_header header = {
		.signature = KDUMP_SIGNATURE,
		.version = htole32(KDUMP_VERSION),
		.seconds = htole64((uint64_t)dump->collected),
		.status = htole32(KDUMP_ZLIB),
		.block_size = htole32(kdump->page_size),
		.sub_header_blocks = htole32((uint32_t)(*length / kdump->page_size - 1)),
		.bitmap_blocks = htole32((uint32_t)(2 * bitmap_size(kdump) / kdump->page_size)),
		.max_frame = htole32((uint32_t)max_frame(kdump)),
		.nr_cpus = htole32(nr_notes),
	};
	struct kdump_sub_header sub_header = {
		/* On arm64, it has the physical address of the start of RAM instead. */
		.phys_base = htole64(arm64 ? dump->ident.phys_offset : dump->ident.phys_base),
		.dump_level = htole32(KDUMP_DUMP_LEVEL),
		.vmcoreinfo_offset = htole64(vmcoreinfo_size ? at : 0),
		.vmcoreinfo_size = htole64(vmcoreinfo_size),
		.notes_offset = htole64(at + vmcoreinfo_size),
		.notes_size = htole64(kdump->notes.length),
		.max_frame_64 = htole64(max_frame(kdump)),
	};

	set_utsname(dump, header.utsname);
	memcpy(bytes, &header, sizeof(header));
	memcpy(bytes + kdump->page_size, &sub_header, sizeof(sub_header));
	if (vmcoreinfo_size)
		memcpy(bytes + at, dump->vmcoreinfo, vmcoreinfo_size);
	memcpy(bytes + at + vmcoreinfo_size, kdump->notes.bytes, kdump->notes.length);
	return bytes;
}

static int write_headers(struct kdump *kdump, struct output *output)
{
	uint64_t length = 0, size = bitmap_size(kdump);
	uint8_t *headers = make_headers(kdump, &length), *bitmap = calloc(1, size + 1);
	int error = headers && bitmap ? 0 : -ENOMEM;

	for (size_t i = 0; i < kdump->nr_frames && !error; i++)
		bitmap[kdump->frames[i] / 8] |= (uint8_t)(1 << kdump->frames[i] % 8);
	if (!error)
		error = output_write(kdump->context, output, headers, length);
	for (int i = 0; i < 2 && !error; i++)
		error = output_write(kdump->context, output, bitmap, size);
	free(headers);
	free(bitmap);
	return error;
}

/* Compresses a page, unless that makes it larger; -ENOMEM or 0. */
static int pack_page(const struct kdump *kdump, size_t index, uint8_t *packed, uint32_t *size,
		     uint32_t *flags, const uint8_t **bytes)
{
	uLongf packed_size = compressBound(kdump->page_size);

	*bytes = kdump->pages + index * kdump->page_size;
	*size = kdump->page_size;
	*flags = 0;
	if (compress2(packed, &packed_size, *bytes, kdump->page_size, Z_BEST_COMPRESSION) != Z_OK)
		return -ENOMEM;
	if (packed_size < kdump->page_size) {
		*bytes = packed;
		*size = (uint32_t)packed_size;
		*flags = KDUMP_ZLIB;
	}
	return 0;
}

/* The descriptors come first, but how long pages are is known when they are written. */
static int write_pages(struct kdump *kdump, struct output *output)
{
	struct kdump_page *pages = calloc(kdump->nr_frames + 1, sizeof(*pages));
	uint8_t *packed = malloc(compressBound(kdump->page_size));
	uint64_t descriptors = output->offset;
	int error = pages && packed ? 0 : -ENOMEM;

	output->offset += kdump->nr_frames * sizeof(*pages);
	for (size_t i = 0; i < kdump->nr_frames && !error; i++) {
		const uint8_t *bytes;
		uint32_t size, flags;

		progress(kdump->context, "writing", i, kdump->nr_frames);
		error = pack_page(kdump, i, packed, &size, &flags, &bytes);
		if (error)
			break;
		pages[i] = (struct kdump_page) {
			.offset = htole64(output->offset), .size = htole32(size), .flags = htole32(flags),
		};
		error = output_write(kdump->context, output, bytes, size);
	}
	output->offset = descriptors;
	if (!error)
		error = output_write(kdump->context, output, pages, kdump->nr_frames * sizeof(*pages));
	free(pages);
	free(packed);
	return error;
}

static int write_file(struct kdump *kdump)
{
	struct output output;
	int error = output_create(kdump->context, kdump->path, &output);

	if (error)
		return error;
	error = write_headers(kdump, &output);
	if (!error)
		error = write_pages(kdump, &output);
	if (!error)
		return output_commit(kdump->context, &output);
	if (error == -ENOMEM)
		fail(kdump->context, error, "%s: out of memory", kdump->path);
	output_discard(&output);
	return error;
}

int meminspect_kdump_write(struct meminspect_context *context, const struct meminspect_dump *dump,
			   const char *path)
{
	struct kdump kdump = {
		.context = context, .dump = dump, .path = path,
		.page_size = dump->has_ident ? dump->ident.page_size : CORE_PAGE_SIZE,
	};
	char *table = core_table_encode(dump, NULL);
	int error = table ? 0 : -ENOMEM;

	/* A dump may claim any. */
	if (kdump.page_size != 4096 && kdump.page_size != 16384 && kdump.page_size != 65536)
		kdump.page_size = CORE_PAGE_SIZE;
	if (!error)
		core_notes_make(&kdump.notes, dump, table);
	if (!error && kdump.notes.failed)
		error = -ENOMEM;
	if (!error)
		error = find_frames(&kdump);
	if (!error)
		error = fill_pages(&kdump);
	if (error == -ENOMEM)
		fail(context, error, "%s: out of memory", path);
	if (!error)
		error = write_file(&kdump);
	free(table);
	free(kdump.notes.bytes);
	free(kdump.frames);
	free(kdump.pages);
	return error;
}
