// SPDX-License-Identifier: GPL-2.0-only
/* Plain images of RAM: where they start, and which directory in them is the right one. */
#include "directory-model.h"
#include "internal.h"
#include "tap.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define RAM_BASE 0x40000000ULL
#define RAM_SIZE (1 << 18)
/* Rows of model_dead_kernel(). */
#define VMCOREINFO_ROW 3

static struct meminspect_context *context;
static char directory[] = "/tmp/ram-image-test-XXXXXX";
static char image[sizeof(directory) + 8];

static void write_image(const void *bytes, size_t length)
{
	FILE *file = fopen(image, "w");

	if (!file || (length && fwrite(bytes, length, 1, file) != 1) || fclose(file))
		abort();
}

/* NULL, with the reason in the context, if it fails. */
static struct meminspect_dump *collect(uint64_t base, int *error)
{
	struct meminspect_memory *memory;
	struct meminspect_dump *dump = NULL;

	*error = meminspect_memory_open_ram(context, image, base, &memory);
	if (*error)
		return NULL;
	*error = meminspect_collect(context, memory, &dump);
	meminspect_memory_close(memory);
	return dump;
}

static bool right_jiffies(const struct meminspect_dump *dump)
{
	uint64_t jiffies;

	return dump && !meminspect_dump_read(dump, 0xffffffff9f300040ULL, &jiffies, 8) &&
	       jiffies == MODEL_JIFFIES;
}

static bool has_problem(const struct meminspect_dump *dump, const char *text)
{
	size_t i;

	for (i = 0; dump && i < meminspect_dump_nr_problems(dump); i++)
		if (strstr(meminspect_dump_problem(dump, i), text))
			return true;
	return false;
}

static void check_fails(uint64_t base, int expected, const char *text, const char *what)
{
	int error;

	ok(!collect(base, &error), "%s: fails", what);
	is_number(error, expected, "%s: error", what);
	ok(strstr(meminspect_error(context), text), "%s: says \"%s\"", what, text);
	ok(strstr(meminspect_error(context), image), "%s: names the file", what);
	diag("%s", meminspect_error(context));
}

static void spoil_page(struct model *model, uint64_t paddr)
{
	memset(model_at(model, paddr), 0, 4096);
}

static void test_base(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 9);
	struct meminspect_dump *dump;
	int error;

	write_image(model->ram, RAM_SIZE);
	dump = collect(MEMINSPECT_BASE_FROM_DIRECTORY, &error);
	ok(right_jiffies(dump), "the directory tells where the image starts");
	is_number(meminspect_dump_nr_problems(dump), 0, "no problem");
	ok(strstr(meminspect_dump_source(dump), image), "the source names the file");
	meminspect_dump_free(dump);
	dump = collect(RAM_BASE, &error);
	ok(right_jiffies(dump), "the right base is accepted");
	meminspect_dump_free(dump);
	check_fails(RAM_BASE + 4096, -ENOENT, "does not fit the base 0x40001000", "wrong base");
	check_fails(-4096ULL, -EINVAL, "wrap around", "base at the end of addresses");

	/* A part of RAM that starts later. */
	write_image(model->ram + 0x3000, RAM_SIZE - 0x3000);
	dump = collect(MEMINSPECT_BASE_FROM_DIRECTORY, &error);
	ok(right_jiffies(dump), "the same for an image that starts with the head chunk");
	meminspect_dump_free(dump);

	/* Cut behind the first region. */
	write_image(model->ram, 0x8000);
	dump = collect(MEMINSPECT_BASE_FROM_DIRECTORY, &error);
	ok(dump && meminspect_dump_find(dump, "crash_note", 3)->verdict == MEMINSPECT_ABSENT &&
	   meminspect_dump_find(dump, "linux_banner", -1)->verdict == MEMINSPECT_PRESENT,
	   "of an image that was cut, what is there is collected");
	meminspect_dump_free(dump);
	model_free(model);
}

static void test_one_copy(void)
{
	struct model *model;
	struct meminspect_dump *dump;
	int copy, error;

	for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		model = model_dead_kernel(RAM_BASE, RAM_SIZE, 9);
		spoil_page(model, model->chunks[0][copy]);
		write_image(model->ram, RAM_SIZE);
		dump = collect(MEMINSPECT_BASE_FROM_DIRECTORY, &error);
		ok(right_jiffies(dump), "copy %d is gone: VMCOREINFO tells the base", copy);
		meminspect_dump_free(dump);
		model_empty_row(model, VMCOREINFO_ROW);
		write_image(model->ram, RAM_SIZE);
		check_fails(MEMINSPECT_BASE_FROM_DIRECTORY, -EINVAL, "give its base",
			    "nothing tells the base");
		dump = collect(RAM_BASE, &error);
		ok(right_jiffies(dump), "with the base, one copy is enough");
		meminspect_dump_free(dump);
		model_free(model);
	}
}

/* The memory of two boots, one behind the other. */
static void test_two_boots(void)
{
	uint8_t *both = malloc(2 * RAM_SIZE);
	int later, error, copy;

	for (later = 0; later < 2; later++) {
		struct model *model[2];
		struct meminspect_dump *dump;
		int i;

		for (i = 0; i < 2; i++) {
			model[i] = model_dead_kernel(RAM_BASE + i * RAM_SIZE, RAM_SIZE, 9);
			for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
				model_ident(model[i], copy)->boot_time = 1000 + (i == later);
				model_seal_ident(model[i], copy);
			}
			memcpy(both + i * RAM_SIZE, model[i]->ram, RAM_SIZE);
		}
		write_image(both, 2 * RAM_SIZE);
		dump = collect(MEMINSPECT_BASE_FROM_DIRECTORY, &error);
		ok(dump && meminspect_dump_ident(dump)->boot_time == 1001,
		   "two boots, the later one is number %d: it is used", later);
		ok(has_problem(dump, "booted earlier"), "the other one is reported");
		meminspect_dump_free(dump);

		/* The later one's page of VMCOREINFO belongs to somebody else now. */
		model_empty_row(model[later], VMCOREINFO_ROW);
		memcpy(both + later * RAM_SIZE, model[later]->ram, RAM_SIZE);
		write_image(both, 2 * RAM_SIZE);
		dump = collect(MEMINSPECT_BASE_FROM_DIRECTORY, &error);
		ok(dump && meminspect_dump_ident(dump)->boot_time == 1000,
		   "the consistent one is used");
		ok(has_problem(dump, "less consistent"), "the other one is reported");
		meminspect_dump_free(dump);
		model_free(model[0]);
		model_free(model[1]);
	}
	free(both);
}

static void test_refused(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 9);
	uint8_t *with_hole = calloc(1, RAM_SIZE + 4096), elf[64] = { 0 };
	int copy;

	/* A page is pushed in between the copies of the head, at pages 3 and 4. */
	memcpy(with_hole, model->ram, 4 * 4096);
	memcpy(with_hole + 5 * 4096, model->ram + 4 * 4096, RAM_SIZE - 4 * 4096);
	write_image(with_hole, RAM_SIZE + 4096);
	check_fails(MEMINSPECT_BASE_FROM_DIRECTORY, -ENOTSUP, "not one piece of memory",
		    "image with a hole");
	free(with_hole);

	for (copy = 0; copy < MEMINSPECT_COPIES; copy++)
		model_header(model, 0, copy)->nr_rows ^= 1;
	write_image(model->ram, RAM_SIZE);
	check_fails(MEMINSPECT_BASE_FROM_DIRECTORY, -ENOENT, "no directory found",
		    "headers with wrong checksums");
	check_fails(RAM_BASE, -ENOENT, "no directory found", "the same with the base");
	memcpy(elf, "\177ELF\2\1\1", 7);
	elf[16] = 4;	/* ET_CORE */
	write_image(elf, sizeof(elf));
	check_fails(MEMINSPECT_BASE_FROM_DIRECTORY, -EINVAL, "ELF core", "ELF core");
	write_image("", 0);
	check_fails(MEMINSPECT_BASE_FROM_DIRECTORY, -EINVAL, "empty", "empty file");
	write_image("abc", 3);
	check_fails(MEMINSPECT_BASE_FROM_DIRECTORY, -ENOENT, "no directory", "tiny file");
	unlink(image);
	check_fails(0, -ENOENT, "No such file", "missing file");
	model_free(model);
}

/* RAM begins with a page of a program's file. */
static void test_program(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 9);
	struct meminspect_dump *dump;
	int error;

	memcpy(model->ram, "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0", 18);
	write_image(model->ram, RAM_SIZE);
	dump = collect(MEMINSPECT_BASE_FROM_DIRECTORY, &error);
	ok(dump, "an image of RAM that begins with an executable is one of RAM");
	meminspect_dump_free(dump);
	model_free(model);
}

/* Many heads that all seem good: the search is bounded, and one is chosen. */
static void test_many_heads(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 9);
	uint8_t *bytes = malloc(RAM_SIZE + 1000 * 4096);
	struct meminspect_dump *dump;
	int i, error;

	memcpy(bytes, model->ram, RAM_SIZE);
	for (i = 0; i < 1000; i++)
		memcpy(bytes + RAM_SIZE + i * 4096, model_header(model, 0, 0), 4096);
	write_image(bytes, RAM_SIZE + 1000 * 4096);
	dump = collect(RAM_BASE, &error);
	ok(right_jiffies(dump), "copies of a head in other places are not taken for it");
	ok(has_problem(dump, "more than 256"), "so many are reported");
	meminspect_dump_free(dump);
	free(bytes);
	model_free(model);
}

/* Heads that each are where they say, but all of one large directory: it is not read for each. */
static void test_one_chain(void)
{
	const size_t size = 8 << 20, nr = 250;
	struct model *model = model_dead_kernel(RAM_BASE, size, 9);
	struct meminspect_chunk_header *header = model_header(model, 0, 0), real;
	const struct meminspect_extent extent = { RAM_BASE, 8 };
	const struct model_region region = {
		.name = "one", .class = MEMINSPECT_CLASS_DRIVER, .vaddr = 0xffff888000000000ULL,
		.nr_extents = 1, .extents = &extent,
	};
	uint8_t *bytes = malloc(size + nr * 4096);
	struct meminspect_dump *dump;
	int error;

	for (unsigned int i = 0; i < 20000; i++)
		model_add_region(model, &region);
	real = *header;
	memcpy(bytes, model->ram, size);
	for (size_t i = 0; i < nr; i++) {
		header->self[0] = RAM_BASE + size + i * 4096;
		model_seal_header(model, 0, 0);
		memcpy(bytes + size + i * 4096, header, 4096);
	}
	*header = real;
	write_image(bytes, size + nr * 4096);
	dump = collect(RAM_BASE, &error);
	ok(right_jiffies(dump), "many heads of one directory: the right one is taken");
	ok(has_problem(dump, "more than 512 MiB of directories"), "... the others are not all looked at");
	meminspect_dump_free(dump);
	free(bytes);
	model_free(model);
}

int main(void)
{
	context = meminspect_context_new();
	if (!mkdtemp(directory))
		return skip_all("no temporary directory");
	snprintf(image, sizeof(image), "%s/image", directory);
	test_base();
	test_one_copy();
	test_two_boots();
	test_many_heads();
	test_one_chain();
	test_refused();
	test_program();
	unlink(image);
	rmdir(directory);
	meminspect_context_free(context);
	return done_testing();
}
