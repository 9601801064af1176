// SPDX-License-Identifier: LGPL-2.1-only
/* Finds the directory in a machine's memory and reads the regions that it names. */
#include "internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Memory is reserved as bytes arrive, not as a row claims. */
#define READ_STEP	(1U << 20)
/* No machine of ours has more bits of physical address. */
#define PHYSICAL_BITS	52

struct collection {
	struct meminspect_context *context;
	struct meminspect_memory *memory;
	struct directory *directory;
	struct meminspect_dump *dump;
	uint64_t head[MEMINSPECT_COPIES];
	uint64_t budget;	/* bytes that may still be collected */
	size_t pieces_left;	/* that a core has room for */
	uint64_t done, total;	/* for progress */
};

static int out_of_memory(struct collection *collection)
{
	return fail(collection->context, -ENOMEM, "out of memory");
}

static int64_t read_memory(void *priv, uint64_t paddr, void *buffer, size_t length)
{
	return meminspect_memory_read(priv, paddr, buffer, length);
}

static int read_directory(struct collection *collection)
{
	return directory_read(collection->context, read_memory, collection->memory,
			      collection->head, &collection->directory);
}

/* By the addresses in VMCOREINFO: -ENOENT if they are missing or lead to nothing. */
static int find_by_vmcoreinfo(struct collection *collection)
{
	static const char *const keys[MEMINSPECT_COPIES] = {
		MEMINSPECT_VMCOREINFO_KEY0, MEMINSPECT_VMCOREINFO_KEY1
	};
	const char *text = collection->memory->vmcoreinfo;
	int i, error;

	if (!text)
		return -ENOENT;
	for (i = 0; i < MEMINSPECT_COPIES; i++)
		if (meminspect_vmcoreinfo_number(text, keys[i], 16, &collection->head[i]))
			collection->head[i] = 0;
	if (!collection->head[0] && !collection->head[1]) {
		error = dump_add_problem(collection->dump, "VMCOREINFO has no %s: all memory was searched for the directory",
					 keys[0]);
		return error ? error : -ENOENT;
	}
	error = read_directory(collection);
	if (error != -EBADMSG)
		return error;
	error = dump_add_problem(collection->dump, "the addresses in VMCOREINFO lead nowhere (%s): all memory was searched for the directory",
				 meminspect_error(collection->context));
	return error ? error : -ENOENT;
}

/* Without a directory, there is neither identification nor class, and no row has extents. */
static int regions_of_source(struct collection *collection)
{
	struct meminspect_memory *memory = collection->memory;
	int error = dump_add_problem(collection->dump, "no directory (%s): regions are what the source has",
				     meminspect_error(collection->context));

	if (error)
		return out_of_memory(collection);
	return memory->operations->regions(memory, &collection->directory);
}

static int find_directory(struct collection *collection)
{
	int error = find_by_vmcoreinfo(collection);

	if (error != -ENOENT)
		return error == -ENOMEM ? out_of_memory(collection) : error;
	error = collection->memory->operations->find_head(collection->memory, collection->head);
	if (!error)
		error = read_directory(collection);
	if ((error == -ENOENT || error == -EBADMSG) && collection->memory->operations->regions)
		return regions_of_source(collection);
	return error;
}

/* Problems change hands: neither the directory nor the memory keeps them. */
static int take_problems(struct meminspect_dump *dump, char **problems, size_t nr)
{
	char **all;

	if (!nr)
		return 0;
	all = reallocarray(dump->problems, dump->nr_problems + nr, sizeof(*all));
	if (!all)
		return -ENOMEM;
	memcpy(all + dump->nr_problems, problems, nr * sizeof(*all));
	dump->problems = all;
	dump->nr_problems += nr;
	return 0;
}

static int take_all_problems(struct collection *collection)
{
	struct directory *directory = collection->directory;
	struct meminspect_memory *memory = collection->memory;

	if (take_problems(collection->dump, memory->problems, memory->nr_problems))
		return -ENOMEM;
	memory->nr_problems = 0;
	if (take_problems(collection->dump, directory->problems, directory->nr_problems))
		return -ENOMEM;
	directory->nr_problems = 0;
	return 0;
}

/* Adds a region with room for its pieces. */
static struct meminspect_region *add_region(struct meminspect_dump *dump, const char *name,
					    size_t nr_pieces)
{
	struct meminspect_region *region = &dump->regions[dump->nr_regions];

	region->pieces = calloc(nr_pieces + 1, sizeof(*region->pieces));
	region->name = strdup(name);
	region->why = strdup("");
	dump->nr_regions++;
	region->nr_pieces = region->pieces ? nr_pieces : 0;
	return region->pieces && region->name && region->why ? region : NULL;
}

static struct meminspect_piece *pieces_of(struct meminspect_region *region)
{
	return (struct meminspect_piece *)region->pieces;
}

static bool extent_addressable(const struct meminspect_extent *extent)
{
	return extent->paddr < 1ULL << PHYSICAL_BITS &&
	       extent->length <= (1ULL << PHYSICAL_BITS) - extent->paddr;
}

/* Why the region isn't worth reading; sets the verdict then. */
static int check_row(const struct directory_region *row, struct meminspect_region *region)
{
	static const char *const left_out[MEMINSPECT_LEFT_OUT_MAX] = {
		[MEMINSPECT_LEFT_OUT_DENIED] = "denied by policy",
		[MEMINSPECT_LEFT_OUT_BUDGET] = "left out for the byte budget",
	};
	size_t i;

	if (row->lost)
		return region_set_verdict(region, MEMINSPECT_CORRUPT, "%s", row->why);
	if (row->left_out)
		return region_set_verdict(region, MEMINSPECT_LEFT_OUT, "%s",
					  left_out[row->left_out]);
	if (row->size > MAX_COLLECTED_BYTES)
		return region_set_verdict(region, MEMINSPECT_CORRUPT,
				   "its size of %llu bytes is more than anyone marks (limit: %llu)",
				   (unsigned long long)row->size, MAX_COLLECTED_BYTES);
	for (i = 0; i < row->nr_extents; i++)
		if (!extent_addressable(&row->extents[i]))
			return region_set_verdict(region, MEMINSPECT_CORRUPT,
					   "its extent %zu, %#llx bytes at %#llx, is beyond %d bits of physical address",
					   i, (unsigned long long)row->extents[i].length,
					   (unsigned long long)row->extents[i].paddr,
					   PHYSICAL_BITS);
	return 0;
}

/* 0, also if the source has less than all; -EIO if it failed on the way; or an error. */
static int read_piece(struct collection *collection, struct meminspect_piece *piece)
{
	uint64_t capacity = 0;
	uint8_t *data = NULL;
	int64_t part = 0;

	while (piece->present < piece->length) {
		uint64_t step = piece->length - piece->present;

		if (step > READ_STEP)
			step = READ_STEP;
		if (piece->present + step > capacity) {
			uint8_t *larger;

			capacity = 2 * capacity > piece->length ? piece->length : 2 * capacity;
			if (capacity < piece->present + step)
				capacity = piece->present + step;
			larger = realloc(data, capacity);
			if (!larger) {
				piece->data = data;
				return -ENOMEM;
			}
			data = larger;
		}
		part = meminspect_memory_read(collection->memory, piece->paddr + piece->present,
					      data + piece->present, step);
		if (part <= 0)
			break;
		/* After less than all, the next round tells why there is no more. */
		piece->present += part;
		collection->done += part;
	}
	if (!piece->present) {
		free(data);
		data = NULL;
	}
	piece->data = data;
	return part < 0 ? part : 0;
}

/* Why there is nothing at an address, for free(). */
static char *explain_missing(struct meminspect_memory *memory, uint64_t paddr)
{
	if (!memory->operations->explain)
		return strdup("the source has no memory there");
	return memory->operations->explain(memory, paddr);
}

int region_judge(struct meminspect_memory *memory, struct meminspect_region *region, char *reason)
{
	const struct meminspect_piece *missing = NULL;
	uint64_t present = 0, first_missing;
	int error;

	for (size_t i = 0; i < region->nr_pieces; i++) {
		const struct meminspect_piece *piece = &region->pieces[i];

		present += piece->present;
		if (!missing && piece->present < piece->length)
			missing = piece;
	}
	if (!missing) {
		free(reason);
		return 0;
	}
	first_missing = missing->paddr + missing->present;
	if (!reason)
		reason = explain_missing(memory, first_missing);
	if (!reason)
		return -ENOMEM;
	error = region_set_verdict(region, present ? MEMINSPECT_TRUNCATED : MEMINSPECT_ABSENT,
				   "%llu of %llu bytes are missing, from physical address %#llx on: %s",
				   (unsigned long long)(region->size - present),
				   (unsigned long long)region->size,
				   (unsigned long long)first_missing, reason);
	free(reason);
	return error;
}

static int read_region(struct collection *collection, struct meminspect_region *region)
{
	struct meminspect_piece *pieces = pieces_of(region);
	char *reason = NULL;
	int error;

	if (region->size > collection->budget)
		return region_set_verdict(region, MEMINSPECT_ABSENT,
				   "not read: all regions together have more than %llu bytes",
				   MAX_COLLECTED_BYTES);
	for (size_t i = 0; i < region->nr_pieces; i++) {
		error = read_piece(collection, &pieces[i]);
		if (error && error != -EIO) {
			free(reason);
			return error;
		}
		if (error && !reason)
			reason = strdup(meminspect_error(collection->context));
		collection->budget -= pieces[i].present;
	}
	progress(collection->context, "reading regions", collection->done, collection->total);
	return region_judge(collection->memory, region, reason);
}

static int collect_region(struct collection *collection, const struct directory_region *row)
{
	bool fits = row->nr_extents <= collection->pieces_left;
	struct meminspect_region *region = add_region(collection->dump, row->name,
						      fits ? row->nr_extents : 0);
	struct meminspect_piece *pieces;
	uint64_t vaddr = row->vaddr;
	size_t i;
	int error;

	if (!region)
		return -ENOMEM;
	region->class = row->class;
	region->key_kind = row->key_kind;
	region->key = row->key;
	region->vaddr = row->vaddr;
	region->size = row->size;
	if (!fits)
		return region_set_verdict(region, MEMINSPECT_ABSENT,
				   "not read: it has %zu extents, with which all regions have more than the %u that a core holds",
				   row->nr_extents, MAX_PIECES);
	collection->pieces_left -= row->nr_extents;
	pieces = pieces_of(region);
	for (i = 0; i < row->nr_extents; i++) {
		pieces[i].paddr = row->extents[i].paddr;
		pieces[i].length = row->extents[i].length;
		pieces[i].vaddr = vaddr;
		if (vaddr)
			vaddr += pieces[i].length;
	}
	error = check_row(row, region);
	if (error || region->verdict != MEMINSPECT_PRESENT)
		return error;
	return read_region(collection, region);
}

/* The table itself: whoever doubts what is made of it can look. */
static int collect_chunks(struct collection *collection, int copy, const char *name)
{
	const struct directory *directory = collection->directory;
	struct meminspect_region *region = add_region(collection->dump, name,
						      directory->nr_chunks);
	size_t i;

	if (!region)
		return -ENOMEM;
	region->class = MEMINSPECT_CLASS_OTHER;
	region->size = directory->nr_chunks * MEMINSPECT_CHUNK_SIZE;
	for (i = 0; i < directory->nr_chunks; i++) {
		pieces_of(region)[i].paddr = directory->chunks[i][copy];
		pieces_of(region)[i].length = MEMINSPECT_CHUNK_SIZE;
	}
	return read_region(collection, region);
}

/* All of it will be read: the source can fetch it in a few goes. */
static int prefetch(struct collection *collection, const struct directory *directory)
{
	size_t capacity = MEMINSPECT_COPIES * directory->nr_chunks;
	struct meminspect_extent *ranges;
	size_t nr = 0;
	size_t i, j;
	int error = 0;

	for (i = 0; i < directory->nr_regions; i++)
		capacity += directory->regions[i].nr_extents;
	ranges = reallocarray(NULL, capacity + 1, sizeof(*ranges));
	if (!ranges)
		return -ENOMEM;
	for (i = 0; i < directory->nr_chunks; i++) {
		for (j = 0; j < MEMINSPECT_COPIES; j++) {
			ranges[nr].paddr = directory->chunks[i][j];
			ranges[nr++].length = MEMINSPECT_CHUNK_SIZE;
		}
	}
	collection->total += nr * MEMINSPECT_CHUNK_SIZE;
	for (i = 0; i < directory->nr_regions; i++) {
		const struct directory_region *row = &directory->regions[i];

		if (row->lost || row->left_out || collection->total + row->size > MAX_COLLECTED_BYTES ||
		    row->size > MAX_COLLECTED_BYTES)
			continue;
		collection->total += row->size;
		for (j = 0; j < row->nr_extents; j++)
			if (extent_addressable(&row->extents[j]))
				ranges[nr++] = row->extents[j];
	}
	if (collection->memory->operations->prefetch)
		error = collection->memory->operations->prefetch(collection->memory, ranges, nr);
	free(ranges);
	return error;
}

/* What the directory does not have, but the contents of its regions tell of. */
static int collect_derived(struct collection *collection)
{
	struct meminspect_dump *dump = collection->dump;
	struct meminspect_region *regions;
	struct directory *derived;
	size_t i, nr = dump->nr_regions;
	int error = current_regions(dump, &derived);

	if (error)
		return error;
	if (!derived->nr_regions)
		goto out;
	error = -ENOMEM;
	regions = reallocarray(dump->regions, nr + derived->nr_regions, sizeof(*regions));
	if (!regions)
		goto out;
	memset(regions + nr, 0, derived->nr_regions * sizeof(*regions));
	dump->regions = regions;
	error = prefetch(collection, derived);
	for (i = 0; !error && i < derived->nr_regions; i++) {
		error = collect_region(collection, &derived->regions[i]);
		dump->regions[nr + i].origin = MEMINSPECT_DERIVED;
	}
out:
	directory_free(derived);
	return error;
}

static void take_blocks(struct collection *collection)
{
	const struct directory *directory = collection->directory;
	struct meminspect_dump *dump = collection->dump;

	dump->has_ident = directory->has_ident;
	dump->ident = directory->ident;
	dump->ident.release[MEMINSPECT_RELEASE_SIZE - 1] = '\0';
	if (dump->ident.build_id_size > MEMINSPECT_BUILD_ID_SIZE)
		dump->ident.build_id_size = 0;
	dump->has_capture = directory->has_capture;
	dump->capture = directory->capture;
	dump->capture.comm[MEMINSPECT_COMM_SIZE - 1] = '\0';
	dump->capture.text[MEMINSPECT_TEXT_SIZE - 1] = '\0';
}

/* The region is more recent than what the source has from boot: it knows the time of the crash. */
static int take_vmcoreinfo(struct collection *collection)
{
	const struct meminspect_region *region;
	struct meminspect_dump *dump = collection->dump;
	uint64_t head;
	size_t length;

	region = meminspect_dump_find(dump, "vmcoreinfo", -1);
	if (region && region->verdict == MEMINSPECT_PRESENT)
		dump->vmcoreinfo = (char *)region_contents(region, &length);
	else if (collection->memory->vmcoreinfo)
		dump->vmcoreinfo = strdup(collection->memory->vmcoreinfo);
	else
		return 0;
	if (!dump->vmcoreinfo || vmcoreinfo_drop_cut_line(dump))
		return -ENOMEM;
	if (!meminspect_vmcoreinfo_number(dump->vmcoreinfo, MEMINSPECT_VMCOREINFO_KEY0, 16,
					  &head) && collection->directory->nr_chunks &&
	    head != collection->directory->chunks[0][0])
		return dump_add_problem(dump, "VMCOREINFO says that the directory is at %#llx, but the one that was read is at %#llx: is it an earlier boot's?",
					(unsigned long long)head,
					(unsigned long long)collection->directory->chunks[0][0]);
	return 0;
}

static int fill_dump(struct collection *collection)
{
	static const char *const names[MEMINSPECT_COPIES] = {
		"meminspect_directory", "meminspect_directory_mirror"
	};
	const struct directory *directory = collection->directory;
	struct meminspect_dump *dump = collection->dump;
	size_t i;
	int error;

	dump->source = strdup(collection->memory->description);
	dump->collected = time(NULL);
	dump->regions = calloc(directory->nr_regions + MEMINSPECT_COPIES, sizeof(*dump->regions));
	if (!dump->source || !dump->regions)
		return -ENOMEM;
	take_blocks(collection);
	dump->machine = collection->memory->machine;
	dump->has_kaslr_offset = collection->memory->has_kaslr_offset;
	dump->kaslr_offset = collection->memory->kaslr_offset;
	if (MEMINSPECT_COPIES * directory->nr_chunks < MAX_PIECES)
		collection->pieces_left = MAX_PIECES - MEMINSPECT_COPIES * directory->nr_chunks;
	error = prefetch(collection, directory);
	for (i = 0; !error && i < directory->nr_regions; i++)
		error = collect_region(collection, &directory->regions[i]);
	for (i = 0; !error && directory->nr_chunks && i < MEMINSPECT_COPIES; i++)
		error = collect_chunks(collection, i, names[i]);
	if (!error)
		error = collect_derived(collection);
	if (!error)
		error = content_check(dump);
	if (!error)
		error = take_vmcoreinfo(collection);
	if (!error)
		error = registers_collect(dump, collection->memory);
	if (!error)
		error = take_all_problems(collection);
	return error;
}

int meminspect_collect(struct meminspect_context *context, struct meminspect_memory *memory,
		       struct meminspect_dump **dump)
{
	struct collection collection = {
		.context = context,
		.memory = memory,
		.budget = MAX_COLLECTED_BYTES,
	};
	int error;

	collection.dump = dump_new();
	if (!collection.dump)
		return out_of_memory(&collection);
	error = find_directory(&collection);
	if (!error) {
		error = fill_dump(&collection);
		if (error == -ENOMEM)
			out_of_memory(&collection);
	}
	directory_free(collection.directory);
	if (error) {
		meminspect_dump_free(collection.dump);
		return error;
	}
	*dump = collection.dump;
	return 0;
}
