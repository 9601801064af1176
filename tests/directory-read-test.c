// SPDX-License-Identifier: GPL-2.0-only
/* The reader of the directory, against directories that the model wrote and then damaged. */
#include "directory-check.h"

static const struct directory_region *find(const struct directory *directory, const char *name)
{
	size_t i;

	for (i = 0; i < directory->nr_regions; i++)
		if (!strcmp(directory->regions[i].name, name))
			return &directory->regions[i];
	return NULL;
}

static bool same_region(const struct directory_region *a, const struct directory_region *b)
{
	return !strcmp(a->name, b->name) && a->class == b->class && a->key_kind == b->key_kind &&
	       a->key == b->key && a->left_out == b->left_out && a->vaddr == b->vaddr && a->size == b->size &&
	       a->lost == b->lost && a->nr_extents == b->nr_extents &&
	       (!a->nr_extents ||
		!memcmp(a->extents, b->extents, a->nr_extents * sizeof(*a->extents)));
}

/* Whether both give the same answers, whatever they have to say of damage. */
static bool same_answers(const struct directory *a, const struct directory *b)
{
	size_t i;

	if (a->has_ident != b->has_ident || a->has_capture != b->has_capture ||
	    (a->has_ident && memcmp(&a->ident, &b->ident, sizeof(a->ident))) ||
	    (a->has_capture && memcmp(&a->capture, &b->capture, sizeof(a->capture))) ||
	    a->nr_regions != b->nr_regions || a->nr_chunks != b->nr_chunks ||
	    memcmp(a->chunks, b->chunks, a->nr_chunks * sizeof(*a->chunks)))
		return false;
	for (i = 0; i < a->nr_regions; i++)
		if (!same_region(&a->regions[i], &b->regions[i]))
			return false;
	return true;
}

/* Regions of 1 to 40 extents with known numbers. */
static void test_large(void)
{
	struct model *model = model_new(RAM_BASE, 1 << 20);
	struct meminspect_extent extents[40];
	struct directory *directory;
	bool right = true;
	uint32_t i, j;
	char name[32];

	for (i = 0; i < 40; i++) {
		struct model_region region;

		for (j = 0; j <= i; j++) {
			extents[j].paddr = 0x1000000ULL * i + 0x10000ULL * j;
			extents[j].length = i + 2 * j + 1;
		}
		snprintf(name, sizeof(name), "region-%u", i);
		region = region_named(name, extents, i + 1);
		region.key_kind = MEMINSPECT_KEY_NODE;
		region.key = 1000 + i;
		region.class = i % MEMINSPECT_CLASS_MAX;
		model_add_region(model, &region);
	}
	directory = read_model(model);
	is_number(directory->nr_regions, 40, "40 regions");
	ok(model->nr_chunks > 5, "they need more than 5 chunks");
	is_number(directory->nr_chunks, model->nr_chunks, "all chunks are found");
	is_number(directory->nr_problems, 0, "no problem");
	for (i = 0; i < directory->nr_regions; i++) {
		const struct directory_region *region = &directory->regions[i];
		uint64_t size = 0;

		snprintf(name, sizeof(name), "region-%u", i);
		right &= !strcmp(region->name, name) && region->nr_extents == i + 1 &&
			 region->key == 1000 + i && region->key_kind == MEMINSPECT_KEY_NODE &&
			 region->class == i % MEMINSPECT_CLASS_MAX && !region->lost;
		for (j = 0; j < region->nr_extents; j++) {
			right &= region->extents[j].paddr == 0x1000000ULL * i + 0x10000ULL * j &&
				 region->extents[j].length == i + 2 * j + 1;
			size += i + 2 * j + 1;
		}
		right &= region->size == size;
	}
	ok(right, "name, class, key, size and each extent are what was written");
	directory_free(directory);
	model_free(model);
}

static void test_bit_flips(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, 1 << 20, 2);
	struct directory *good, *read;
	uint64_t different = 0, unreported = 0;
	struct meminspect_extent extents[9];
	struct model_region long_region = region_named("long", extents, 9);
	uint32_t i;
	size_t bit;
	int copy;

	for (i = 0; i < 9; i++)
		extents[i] = (struct meminspect_extent){ RAM_BASE + 0x1000 * i, 16 };
	/* A second chunk, and empty rows that once held something. */
	for (i = 0; i < 6; i++)
		model_add_region(model, &long_region);
	model_empty_row(model, 30);
	model_add_left_out(model, "out", 4, 100, 1);
	good = read_model(model);
	is_number(good->nr_chunks, 2, "bit flips: the directory has two chunks");
	is_number(good->nr_problems, 0, "bit flips: no problem without damage");
	for (i = 0; i < model->nr_chunks; i++) {
		for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
			uint8_t *page = model_at(model, model->chunks[i][copy]);

			for (bit = 0; bit < 8 * MEMINSPECT_CHUNK_SIZE; bit++) {
				page[bit / 8] ^= 1 << bit % 8;
				read = read_model(model);
				different += !same_answers(good, read);
				unreported += !read->nr_problems;
				directory_free(read);
				page[bit / 8] ^= 1 << bit % 8;
			}
		}
	}
	is_number(different, 0, "no flipped bit of 4 pages changes an answer");
	is_number(unreported, 0, "every flipped bit is reported");
	directory_free(good);
	model_free(model);
}

/* A row of two copies, of which each is made to look as the rules name it. */
enum look { GOOD_NEW, GOOD_OLD, BUSY, EMPTY, BAD_STATE, BAD_SUM };

static void make_look(struct model *model, uint32_t row, int copy, enum look look)
{
	struct meminspect_region_row *bytes = model_row(model, row, copy);

	bytes->class = look == GOOD_OLD ? 1 : 2;
	model_seal_row(model, row, copy);
	if (look == BUSY)
		bytes->record.state = MEMINSPECT_STATE_BUSY;
	else if (look == EMPTY)
		bytes->record.state = MEMINSPECT_STATE_EMPTY;
	else if (look == BAD_STATE)
		bytes->record.state = 0;
	else if (look == BAD_SUM)
		bytes->record.crc ^= 0x100;
}

static void test_rules(void)
{
	static const struct {
		enum look copy[MEMINSPECT_COPIES];
		int answer;	/* class of the region: 2 new, 1 old, 0 none, -1 lost */
		bool problem;
		const char *what;
	} cases[] = {
		{ { GOOD_NEW, GOOD_NEW }, 2, false, "both good and the same" },
		{ { GOOD_NEW, GOOD_OLD }, 2, false, "copy 0 new, copy 1 old" },
		{ { GOOD_NEW, BUSY }, 2, false, "copy 0 new, copy 1 busy" },
		{ { BUSY, GOOD_OLD }, 1, false, "copy 0 busy, copy 1 old" },
		{ { GOOD_NEW, EMPTY }, 2, false, "added to copy 0 only" },
		{ { EMPTY, GOOD_OLD }, 0, false, "removed from copy 0 only" },
		{ { BUSY, EMPTY }, 0, false, "being added" },
		{ { EMPTY, EMPTY }, 0, false, "both empty" },
		{ { BAD_STATE, GOOD_OLD }, 1, true, "copy 0 damaged in its state" },
		{ { BAD_SUM, GOOD_OLD }, 1, true, "copy 0 damaged in its body" },
		{ { BAD_STATE, EMPTY }, 0, true, "copy 0 damaged, copy 1 empty" },
		{ { GOOD_NEW, BAD_STATE }, 2, true, "copy 1 damaged in its state" },
		{ { GOOD_NEW, BAD_SUM }, 2, true, "copy 1 damaged in its body" },
		{ { EMPTY, BAD_SUM }, 0, true, "copy 0 empty, copy 1 damaged" },
		{ { BUSY, BAD_SUM }, -1, true, "copy 0 busy, copy 1 damaged" },
		{ { BAD_SUM, BUSY }, -1, true, "copy 0 damaged, copy 1 busy" },
		{ { BUSY, BUSY }, -1, true, "both busy" },
		{ { BAD_SUM, BAD_STATE }, -1, true, "both damaged" },
	};
	const struct meminspect_extent extent = { RAM_BASE, 16 };
	const struct model_region region = region_named("it", &extent, 1);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct model *model = model_new(RAM_BASE, 1 << 16);
		const struct directory_region *it;
		struct directory *directory;
		uint32_t row = model_add_region(model, &region);
		char address[32];

		make_look(model, row, 0, cases[i].copy[0]);
		make_look(model, row, 1, cases[i].copy[1]);
		directory = read_model(model);
		it = find(directory, "it");
		is_number(it ? it->class : -(int)directory->nr_lost_rows, cases[i].answer,
			  "rules: %s: answer", cases[i].what);
		is_number(directory->nr_problems != 0, cases[i].problem,
			  "rules: %s: %s", cases[i].what, cases[i].problem ? "reported" : "quiet");
		if (cases[i].answer == -1) {
			snprintf(address, sizeof(address), "row 0 is lost");
			ok(has_problem(directory, address), "the lost row is named");
			snprintf(address, sizeof(address), "%#llx",
				 (unsigned long long)model_row_paddr(model, row, 1));
			ok(has_problem(directory, address), "its address is named");
			if (cases[i].copy[0] == BUSY && cases[i].copy[1] == BUSY)
				ok(has_problem(directory, "which never happens"),
				   "that the kernel can't have left it so is said");
		}
		directory_free(directory);
		model_free(model);
	}
}

/* The bytes of a row of copy @copy become those that another row has. */
static void put_row(struct model *model, uint32_t row, int copy, const void *bytes)
{
	memcpy(model_row(model, row, copy), bytes, MEMINSPECT_ROW_SIZE);
}

/* A region that is left out later on, and one that is taken in again: in place, copy by copy. */
static void test_left_out(void)
{
	const struct meminspect_extent extents[] = { { RAM_BASE, 16 }, { RAM_BASE + 64, 8 } };
	const struct model_region it = region_named("it", extents, 2);
	uint8_t region[MEMINSPECT_ROW_SIZE], left_out[MEMINSPECT_ROW_SIZE];
	struct model *model = model_new(RAM_BASE, 1 << 16);
	struct directory *directory;
	uint32_t number = model_add_region(model, &it);
	uint32_t other = model_add_left_out(model, "it", 5, 24, 2), serial;
	int back, copy;

	directory = read_model(model);
	ok(directory->nr_regions == 2 && !directory->nr_problems && !directory->regions[0].left_out,
	   "left out: one region, and one that is left out");
	ok(directory->regions[1].left_out == MEMINSPECT_LEFT_OUT_BUDGET &&
	   !strcmp(directory->regions[1].name, "it") && directory->regions[1].class == 5 &&
	   directory->regions[1].size == 24 && !directory->regions[1].vaddr &&
	   !directory->regions[1].nr_extents && !directory->regions[1].lost,
	   "left out: it has name, class, size and reason, but no address");
	directory_free(directory);

	serial = ((struct meminspect_region_row *)model_row(model, number, 0))->serial;
	for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		struct meminspect_left_out_row *row = model_row(model, other, copy);

		row->serial = serial;
		row->key_kind = MEMINSPECT_KEY_PID;
		row->key = 7;
		model_seal_row(model, other, copy);
	}
	memcpy(left_out, model_row(model, other, 0), sizeof(left_out));
	memcpy(region, model_row(model, number, 0), sizeof(region));
	model_empty_row(model, other);
	for (back = 0; back < 2; back++) {
		const uint8_t *old = back ? left_out : region, *new = back ? region : left_out;
		const enum meminspect_left_out after = back ? 0 : 2;
		const char *what = back ? "taken in again" : "left out";

		put_row(model, number, 0, old);
		put_row(model, number, 1, old);
		((struct meminspect_record *)model_row(model, number, 0))->state =
			MEMINSPECT_STATE_BUSY;
		directory = read_model(model);
		ok(directory->nr_regions == 1 && !directory->nr_problems &&
		   directory->regions[0].left_out == 2 - after, "%s: the old state at first", what);
		directory_free(directory);
		put_row(model, number, 0, new);
		directory = read_model(model);
		ok(directory->nr_regions == 1 && !directory->nr_problems &&
		   directory->regions[0].left_out == after &&
		   directory->regions[0].nr_extents == (back ? 2 : 0),
		   "%s: the new state as soon as copy 0 is written", what);
		directory_free(directory);
		put_row(model, number, 1, new);
		directory = read_model(model);
		ok(!directory->nr_problems && directory->regions[0].left_out == after &&
		   (back || (directory->regions[0].key_kind == MEMINSPECT_KEY_PID &&
			     directory->regions[0].key == 7)), "%s: in both copies", what);
		directory_free(directory);
	}
	model_free(model);
}

static void test_one_update_at_a_time(void)
{
	const struct meminspect_extent extent = { RAM_BASE, 16 };
	const struct model_region region = region_named("it", &extent, 1);
	struct model *model = model_new(RAM_BASE, 1 << 16);
	struct directory *directory;
	uint32_t rows[2];
	int i;

	for (i = 0; i < 2; i++)
		rows[i] = model_add_region(model, &region);
	make_look(model, rows[0], 0, BUSY);
	model_capture(model, 0)->record.state = MEMINSPECT_STATE_BUSY;
	directory = read_model(model);
	is_number(directory->nr_problems, 0, "a panic may interrupt one update");
	directory_free(directory);
	make_look(model, rows[1], 0, GOOD_NEW);
	make_look(model, rows[1], 1, GOOD_OLD);
	directory = read_model(model);
	ok(has_problem(directory, "row 0") && has_problem(directory, "row 1"),
	   "two updates at once are damage, and both are named");
	is_number(directory->nr_regions, 2, "the answers are those of the rules all the same");
	directory_free(directory);
	model_free(model);
}

static void test_capture_and_ident(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, 1 << 20, 0);
	struct directory *directory = read_model(model);

	ok(directory->has_ident && !strcmp((char *)directory->ident.release, MODEL_RELEASE),
	   "identification block");
	ok(directory->has_capture && directory->capture.pid == 77, "capture block");
	directory_free(directory);

	model_capture(model, 0)->record.state = MEMINSPECT_STATE_EMPTY;
	model_ident(model, 0)->machine ^= 1;
	model_ident(model, 1)->machine ^= 1;
	directory = read_model(model);
	ok(!directory->has_capture, "no capture block where copy 0 is empty");
	ok(!directory->has_ident && has_problem(directory, "identification block is lost"),
	   "a lost identification block is named");
	directory_free(directory);
	model_free(model);
}

static void test_refused(void)
{
	struct model *model = model_new(RAM_BASE, 1 << 16);
	struct meminspect_chunk_header *header = model_header(model, 0, 0);
	int error;

	header->version = 2;
	model_seal_header(model, 0, 0);
	model_header(model, 0, 1)->record.state = 0;
	try_read(model, &error);
	is_number(error, -ENOTSUP, "an unknown version is refused");
	ok(strstr(meminspect_error(context), "version 2"), "the reason names it");
	header->record.state = __builtin_bswap32(MEMINSPECT_STATE_VALID);
	header->byte_order = __builtin_bswap32(MEMINSPECT_BYTE_ORDER);
	try_read(model, &error);
	is_number(error, -ENOTSUP, "the other byte order is refused");
	ok(strstr(meminspect_error(context), "byte order"), "the reason says so");
	model_free(model);
}

static void test_finding(void)
{
	const struct meminspect_extent extent = { RAM_BASE, 16 };
	const struct model_region region = region_named("it", &extent, 1);
	struct model *model = model_new(RAM_BASE, 1 << 16);
	const uint64_t good[2] = { model->chunks[0][0], model->chunks[0][1] };
	const struct {
		uint64_t head[MEMINSPECT_COPIES];
		bool problem;
		const char *what;
	} cases[] = {
		{ { good[0], 0 }, false, "address of copy 0 only" },
		{ { 0, good[1] }, false, "address of copy 1 only" },
		{ { good[1], 0 }, false, "address of copy 1, taken for that of copy 0" },
		{ { good[0], good[1] + 4096 }, true, "wrong address of copy 1" },
		{ { good[0] - 4096, good[1] }, true, "wrong address of copy 0" },
		{ { good[0], 12345 }, true, "odd address of copy 1" },
		{ { good[0], 0x100000 }, true, "copy 1 is outside of the memory" },
	};
	struct directory *directory;
	size_t i;
	int error;

	model_add_region(model, &region);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		directory = NULL;
		directory_read(context, model_read, model, cases[i].head, &directory);
		ok(directory && directory->nr_regions == 1 &&
		   !!directory->nr_problems == cases[i].problem &&
		   !memcmp(directory->chunks[0], good, sizeof(good)), "%s", cases[i].what);
		directory_free(directory);
	}
	error = directory_read(context, model_read, model, (uint64_t[]){ RAM_BASE, 0 }, &directory);
	is_number(error, -EBADMSG, "no directory where there is none");
	ok(strstr(meminspect_error(context), "0x80000000"), "the address is named");

	/* All of copy 1 is gone. */
	memset(model_at(model, good[1]), 0xff, MEMINSPECT_CHUNK_SIZE);
	directory = read_model(model);
	ok(directory->nr_regions == 1 && has_problem(directory, "magic"), "copy 0 alone is enough");
	directory_free(directory);
	model_free(model);
}

static void test_names(void)
{
	static const uint8_t bytes[] = "a\n\x1b[2J\\b\xff";
	const struct meminspect_extent extent = { RAM_BASE, 16 };
	const struct model_region region = region_named("it", &extent, 1);
	struct model *model = model_new(RAM_BASE, 1 << 16);
	struct meminspect_region_row *row;
	struct directory *directory;
	uint32_t number = model_add_region(model, &region);
	int copy;

	for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		row = model_row(model, number, copy);
		memcpy(row->name, bytes, sizeof(bytes));
		model_seal_row(model, number, copy);
	}
	directory = read_model(model);
	is_string(directory->regions[0].name, "a\\x0a\\x1b[2J\\x5cb\\xff",
		  "what isn't printable in a name is escaped");
	directory_free(directory);
	model_free(model);
}

int main(void)
{
	context = meminspect_context_new();
	test_large();
	test_rules();
	test_left_out();
	test_one_update_at_a_time();
	test_capture_and_ident();
	test_refused();
	test_finding();
	test_names();
	test_bit_flips();
	meminspect_context_free(context);
	return done_testing();
}
