// SPDX-License-Identifier: GPL-2.0-only
/* Directories with right checksums and values that no kernel writes. */
#include "directory-check.h"

static void edit_header(struct model *model, uint32_t chunk, int copy,
			void (*edit)(struct meminspect_chunk_header *header))
{
	edit(model_header(model, chunk, copy));
	model_seal_header(model, chunk, copy);
}

static void set_version(struct meminspect_chunk_header *header) { header->version = 2; }
static void set_byte_order(struct meminspect_chunk_header *header) { header->byte_order = 1; }
static void set_chunk_size(struct meminspect_chunk_header *header) { header->chunk_size = 8192; }
static void set_row_size(struct meminspect_chunk_header *header) { header->row_size = 64; }
static void set_nr_rows(struct meminspect_chunk_header *header) { header->nr_rows++; }
static void set_many_rows(struct meminspect_chunk_header *header) { header->nr_rows = 1U << 25; }
static void set_no_rows(struct meminspect_chunk_header *header) { header->nr_rows = 0; }
static void set_rows_low(struct meminspect_chunk_header *header) { header->rows_offset = 0; }
static void set_rows_high(struct meminspect_chunk_header *header) { header->rows_offset = -128; }
static void set_rows_odd(struct meminspect_chunk_header *header)
{
	header->rows_offset++;
	header->nr_rows--;
}
static void set_index(struct meminspect_chunk_header *header) { header->index++; }
static void set_self0(struct meminspect_chunk_header *header) { header->self[0] += 4096; }
static void set_self1(struct meminspect_chunk_header *header) { header->self[1]++; }
static void set_same_self(struct meminspect_chunk_header *header)
{
	header->self[1] = header->self[0];
}
static void set_half_next(struct meminspect_chunk_header *header) { header->next[1] = 0; }
static void set_odd_next(struct meminspect_chunk_header *header) { header->next[0] += 8; }
static void set_ident_high(struct meminspect_chunk_header *header) { header->ident_offset = 4000; }
static void set_ident_huge(struct meminspect_chunk_header *header) { header->ident_offset = -512; }
static void set_ident_size(struct meminspect_chunk_header *header) { header->ident_size = 8; }
static void set_ident_behind(struct meminspect_chunk_header *header)
{
	header->ident_offset = 128;
	header->ident_size = 512;
	header->rows_offset = 640;
	header->nr_rows = 27;
}
static void set_overlap(struct meminspect_chunk_header *header)
{
	header->capture_offset = header->ident_offset;
}

/* Wrong values with right checksums, first in copy 0 alone, then in both. */
static void test_headers(void)
{
	static const struct {
		const char *what;
		uint32_t chunk;
		void (*edit)(struct meminspect_chunk_header *header);
	} cases[] = {
		{ "byte order", 0, set_byte_order }, { "chunk size", 0, set_chunk_size },
		{ "row size", 0, set_row_size }, { "one row too many", 0, set_nr_rows },
		{ "number of rows that wraps", 0, set_many_rows }, { "no rows", 0, set_no_rows },
		{ "rows in the header", 0, set_rows_low }, { "rows far out", 0, set_rows_high },
		{ "rows at an odd place", 0, set_rows_odd }, { "index", 0, set_index },
		{ "own address", 0, set_self0 }, { "both copies in one place", 0, set_same_self },
		{ "half a next chunk", 0, set_half_next }, { "odd next chunk", 0, set_odd_next },
		{ "identification block in the rows", 0, set_ident_high },
		{ "identification block far out", 0, set_ident_huge },
		{ "size of the identification block", 0, set_ident_size },
		{ "blocks that overlap", 0, set_overlap },
		{ "version behind the head", 1, set_version }, { "index", 1, set_index },
		{ "own address", 1, set_self0 }, { "odd address of the other copy", 1, set_self1 },
		{ "one row too many", 1, set_nr_rows }, { "rows in the header", 1, set_rows_low },
		{ "block behind the head", 1, set_ident_behind },
	};
	const struct meminspect_extent extent = { RAM_BASE, 16 };
	const struct model_region region = region_named("it", &extent, 1);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct model *model = model_new(RAM_BASE, 1 << 18);
		struct directory *directory;
		int j, error;

		for (j = 0; j < 40; j++)
			model_add_region(model, &region);
		edit_header(model, cases[i].chunk, 0, cases[i].edit);
		directory = read_model(model);
		ok(directory->nr_regions == 40 && directory->nr_problems,
		   "chunk %u, copy 0, wrong %s: copy 1 is used", cases[i].chunk, cases[i].what);
		directory_free(directory);
		edit_header(model, cases[i].chunk, 1, cases[i].edit);
		directory = try_read(model, &error);
		if (!cases[i].chunk)
			is_number(error, -EBADMSG, "both: no directory");
		else
			ok(directory && directory->nr_regions == 23 &&
			   has_problem(directory, "all chunks behind it are lost"),
			   "both: the rows of the chunk are reported lost");
		directory_free(directory);
		model_free(model);
	}
}

static void test_chain(void)
{
	const struct meminspect_extent extent = { RAM_BASE, 16 };
	const struct model_region region = region_named("it", &extent, 1);
	struct model *model = model_new(RAM_BASE, 1 << 18);
	struct meminspect_chunk_header *header;
	struct directory *directory;
	int i, copy;

	for (i = 0; i < 60; i++)
		model_add_region(model, &region);
	for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		header = model_header(model, 2, copy);
		memcpy(header->next, model->chunks[1], sizeof(header->next));
		model_seal_header(model, 2, copy);
	}
	directory = read_model(model);
	ok(directory->nr_chunks == 3 && has_problem(directory, "comes back to a chunk"),
	   "a chain that bites its tail is cut and reported");
	is_number(directory->nr_regions, 60, "its regions are read once");
	directory_free(directory);

	for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		header = model_header(model, 2, copy);
		header->next[0] = 0x7fffffff000;
		header->next[1] = 0x7fffffff000 + 4096;
		model_seal_header(model, 2, copy);
	}
	directory = read_model(model);
	ok(directory->nr_chunks == 3 && has_problem(directory, "0x7fffffff000"),
	   "a chain that leaves the memory is cut and reported with the address");
	directory_free(directory);

	/* A foreign page in the place of copy 0 must not answer for it. */
	for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		header = model_header(model, 2, copy);
		memset(header->next, 0, sizeof(header->next));
		model_seal_header(model, 2, copy);
		header = model_header(model, 0, copy);
		header->next[0] = model->chunks[2][0];
		model_seal_header(model, 0, copy);
	}
	directory = read_model(model);
	ok(directory->nr_chunks == 3 && directory->nr_regions == 60 &&
	   has_problem(directory, "was looked for"), "a wrong address of one copy is set right");
	directory_free(directory);

	memcpy(model_at(model, model->chunks[1][0]), model_at(model, model->chunks[2][0]),
	       MEMINSPECT_CHUNK_SIZE);
	directory = read_model(model);
	ok(directory->nr_regions == 60 && has_problem(directory, "not used"),
	   "a page that belongs to another chunk is not used");
	directory_free(directory);
	model_free(model);
}

static void no_extents(struct meminspect_region_row *row) { row->nr_extents = 0; }
static void fewer_extents(struct meminspect_region_row *row)
{
	row->nr_extents--;
	row->size -= 16;
}
static void more_extents(struct meminspect_region_row *row) { row->nr_extents++; }
static void huge_extents(struct meminspect_region_row *row) { row->nr_extents = 0xffffffff; }
static void no_length(struct meminspect_region_row *row)
{
	row->length = 0;
	row->size -= 16;
}
static void wrapping_extent(struct meminspect_region_row *row) { row->paddr = -8; }
static void wrapping_sum(struct meminspect_region_row *row)
{
	row->paddr = 0;
	row->length = -1;
	row->size += -1 - 16;
}
static void wrong_size(struct meminspect_region_row *row) { row->size++; }
static void wrapping_vaddr(struct meminspect_region_row *row) { row->vaddr = -8; }
static void endless_name(struct meminspect_region_row *row)
{
	memset(row->name, 1, sizeof(row->name));
}
static void no_extents_row(struct meminspect_region_row *row) { row->extents_row = -1; }
static void far_extents_row(struct meminspect_region_row *row) { row->extents_row = 54; }
static void empty_extents_row(struct meminspect_region_row *row) { row->extents_row = 20; }
static void own_extents_row(struct meminspect_region_row *row) { row->extents_row = 0; }
static void other_serial(struct meminspect_region_row *row) { row->serial++; }

static void alien_owner(struct meminspect_extents_row *row) { row->owner++; }
static void alien_serial(struct meminspect_extents_row *row) { row->serial++; }
static void looping(struct meminspect_extents_row *row) { row->next = 1; }
static void going_on(struct meminspect_extents_row *row) { row->next = 3; }
static void many_in_row(struct meminspect_extents_row *row) { row->nr_extents = 7; }
static void none_in_row(struct meminspect_extents_row *row) { row->nr_extents = 0; }
static void other_kind(struct meminspect_extents_row *row) { row->kind = 4; }

/* Row 0 is the region with 9 extents, its extents rows are 1 and 2; row 3 is another region. */
static void test_regions(void)
{
	static const struct {
		const char *what, *why;
		void (*region)(struct meminspect_region_row *row);
		uint32_t row;
		void (*extents)(struct meminspect_extents_row *row);
	} cases[] = {
		{ "no extents", "no extents", .region = no_extents },
		{ "list longer than said", "holds 2 extents, but 1 to 1", .region = fewer_extents },
		{ "list shorter than said", "too early", .region = more_extents },
		{ "absurd number of extents", "4294967295", .region = huge_extents },
		{ "extent of length 0", "length 0", .region = no_length },
		{ "extent that wraps", "wraps", .region = wrapping_extent },
		{ "lengths that wrap", "2^64", .region = wrapping_sum },
		{ "lengths that don't add up", "144 bytes, but its size is 145", .region = wrong_size },
		{ "virtual range that wraps", "virtual range", .region = wrapping_vaddr },
		{ "name without end", "name has no end", .region = endless_name },
		{ "no extents row", "too early", .region = no_extents_row },
		{ "extents row that does not exist", "54 rows", .region = far_extents_row },
		{ "empty extents row", "which is empty", .region = empty_extents_row },
		{ "region row for extents", "does not belong", .region = own_extents_row },
		{ "another serial", "does not belong", .region = other_serial },
		{ "extents row of another region", "row 2", .row = 2, .extents = alien_owner },
		{ "extents row of another time", "does not belong", .row = 2, .extents = alien_serial },
		{ "list that loops", "comes twice", .row = 1, .extents = looping },
		{ "list that goes on", "goes on", .row = 2, .extents = going_on },
		{ "row too full", "7 extents", .row = 1, .extents = many_in_row },
		{ "row without extents", "0 extents", .row = 1, .extents = none_in_row },
		{ "row of unknown kind", "does not belong", .row = 2, .extents = other_kind },
	};
	struct meminspect_extent extents[9];
	size_t i, j;

	for (j = 0; j < 9; j++)
		extents[j] = (struct meminspect_extent){ RAM_BASE + 4096 * j, 16 };
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct model *model = model_new(RAM_BASE, 1 << 16);
		struct model_region other = region_named("other", extents, 1);
		struct model_region it = region_named("it", extents, 9);
		const struct directory_region *region;
		struct directory *directory;
		int copy;

		model_add_region(model, &it);
		for (j = 0; j < 21; j++)
			model_add_region(model, &other);
		model_empty_row(model, 20);
		for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
			if (cases[i].region)
				cases[i].region(model_row(model, 0, copy));
			else
				cases[i].extents(model_row(model, cases[i].row, copy));
			model_seal_row(model, 0, copy);
			model_seal_row(model, cases[i].row, copy);
		}
		directory = read_model(model);
		region = directory->nr_regions ? &directory->regions[0] : NULL;
		ok(region && region->lost && !region->nr_extents &&
		   strstr(region->why, cases[i].why), "%s: the region is lost", cases[i].what);
		if (region && region->lost)
			diag("%s", region->why);
		is_number(directory->nr_regions, 21, "the others are not");
		directory_free(directory);
		model_free(model);
	}
}

static void no_reason(struct meminspect_left_out_row *row) { row->reason = 0; }
static void next_reason(struct meminspect_left_out_row *row) { row->reason = 3; }
static void huge_reason(struct meminspect_left_out_row *row) { row->reason = -1; }
static void no_size(struct meminspect_left_out_row *row) { row->size = 0; }
static void name_without_end(struct meminspect_left_out_row *row)
{
	memset(row->name, '\x1b', sizeof(row->name));
}

static void test_left_out(void)
{
	static const struct {
		const char *what, *why;
		void (*edit)(struct meminspect_left_out_row *row);
	} cases[] = {
		{ "no reason", "reason 0", no_reason }, { "unknown reason", "reason 3", next_reason },
		{ "absurd reason", "reason 4294967295", huge_reason },
		{ "no size", "size is 0", no_size },
		{ "name without end", "name has no end", name_without_end },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct model *model = model_new(RAM_BASE, 1 << 16);
		uint32_t row = model_add_left_out(model, "it", 1, 100, 1);
		struct directory *directory;
		int copy;

		model_add_left_out(model, "other", 1, -1, 1);
		for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
			cases[i].edit(model_row(model, row, copy));
			model_seal_row(model, row, copy);
		}
		directory = read_model(model);
		ok(directory->nr_regions == 2 && directory->regions[0].lost &&
		   !directory->regions[0].left_out && strstr(directory->regions[0].why, cases[i].why),
		   "left out, %s: the region is lost", cases[i].what);
		ok(!directory->regions[1].lost && directory->regions[1].left_out == 1 &&
		   directory->regions[1].size == UINT64_MAX, "the other is not");
		directory_free(directory);
		model_free(model);
	}
}

static void test_unknown_kind(void)
{
	struct model *model = model_new(RAM_BASE, 1 << 16);
	uint32_t row = model_add_left_out(model, "it", 1, 100, 1);
	struct directory *directory;
	int copy;

	for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		((struct meminspect_left_out_row *)model_row(model, row, copy))->kind = 4;
		model_seal_row(model, row, copy);
	}
	directory = read_model(model);
	ok(!directory->nr_regions && has_problem(directory, "its kind is 4"),
	   "a row of unknown kind is reported");
	directory_free(directory);
	model_free(model);
}

static void test_lost_extents(void)
{
	struct meminspect_extent extents[3] = { { 4096, 1 }, { 8192, 1 }, { 12288, 1 } };
	const struct model_region region = region_named("it", extents, 3);
	struct model *model = model_new(RAM_BASE, 1 << 16);
	uint32_t row = model_add_region(model, &region);
	struct directory *directory;
	char address[32];

	((uint8_t *)model_row(model, row + 1, 0))[77] ^= 4;
	((uint8_t *)model_row(model, row + 1, 1))[78] ^= 4;
	directory = read_model(model);
	snprintf(address, sizeof(address), "%#llx",
		 (unsigned long long)model_row_paddr(model, row + 1, 0));
	ok(directory->regions[0].lost && strstr(directory->regions[0].why, "lost") &&
	   strstr(directory->regions[0].why, address),
	   "a region whose extents row is lost says which one, with its address");
	ok(has_problem(directory, "row 1 is lost"), "the row is reported too");
	directory_free(directory);
	model_free(model);
}

int main(void)
{
	context = meminspect_context_new();
	test_headers();
	test_chain();
	test_regions();
	test_left_out();
	test_unknown_kind();
	test_lost_extents();
	meminspect_context_free(context);
	return done_testing();
}
