// SPDX-License-Identifier: GPL-2.0-only
/* Damage to a core is found, named, and does no harm. */
#include "sample-core.h"
#include "tap.h"

#include <stdlib.h>
#include <unistd.h>

static struct meminspect_context *context;

static size_t end_of_notes(const uint8_t *file)
{
	const Elf64_Phdr *note = (const void *)(file + 64);

	return note->p_offset + note->p_filesz;
}

static const char *verdict_in(const char *path, const char *name, const char **why)
{
	static char text[512];
	struct meminspect_dump *dump;
	const struct meminspect_region *region;
	const char *verdict = "not opened";

	if (meminspect_core_open(context, path, &dump)) {
		*why = meminspect_error(context);
		return verdict;
	}
	region = meminspect_dump_find(dump, name, -1);
	verdict = meminspect_verdict_name(region->verdict);
	snprintf(text, sizeof(text), "%s", region->why);
	*why = text;
	meminspect_dump_free(dump);
	return verdict;
}

static void test_damage(const uint8_t *file, size_t size)
{
	char *path = sample_path("damaged"), expected[100];
	uint8_t *copy = malloc(size);
	const Elf64_Phdr *load = sample_segment(file, 0x20000000);
	struct meminspect_dump *dump;
	const char *why;

	memcpy(copy, file, size);
	copy[load->p_offset + 77] ^= 4;
	sample_store(path, copy, size);
	is_string(verdict_in(path, "scattered", &why), "corrupt", "a flipped bit is found");
	snprintf(expected, sizeof(expected), "4096 bytes at offset %llu of the file",
		 (unsigned long long)load->p_offset);
	ok(strstr(why, expected), "... and the place named: %s", why);
	is_string(verdict_in(path, "whole", &why), "present", "... other regions are untouched");

	sample_store(path, file, load->p_offset + 5);
	is_string(verdict_in(path, "scattered", &why), "truncated", "a core cut within a region");
	ok(strstr(why, "copied incompletely"), "... why: %s", why);
	is_string(verdict_in(path, "overlapping", &why), "absent", "... regions behind are absent");
	is_string(verdict_in(path, "whole", &why), "present", "... regions before are present");
	is_string(verdict_in(path, "cut", &why), "absent", "... one that was cut before as well");
	meminspect_core_open(context, path, &dump);
	is_number(meminspect_dump_nr_problems(dump), 2, "... and the core has a problem more");
	ok(strstr(meminspect_dump_problem(dump, 1), "ends at offset"), "... namely: %s",
	   meminspect_dump_problem(dump, 1));
	meminspect_dump_free(dump);

	memcpy(copy, file, size);
	copy[((const Elf64_Phdr *)(file + 64))->p_offset + 200] ^= 1;
	sample_store(path, copy, size);
	meminspect_core_open(context, path, &dump);
	ok(dump && meminspect_dump_nr_problems(dump) == 2 &&
	   strstr(meminspect_dump_problem(dump, 1), "checksum"), "a flipped bit in registers is found");
	meminspect_dump_free(dump);

	sample_store(path, file, 64 + 56 + 1000);
	is_string(verdict_in(path, "whole", &why), "not opened", "a core cut within its notes");
	ok(strstr(why, path) && strstr(why, "ends at offset 1120"), "... why: %s", why);
	sample_store(path, (const uint8_t *)"no core at all", 14);
	is_string(verdict_in(path, "whole", &why), "not opened", "text is no core");
	ok(strstr(why, "expected 7f 45 4c 46"), "... why: %s", why);
	sample_store(path, NULL, 0);
	is_string(verdict_in(path, "whole", &why), "not opened", "an empty file is no core");
	unlink(path);
	free(copy);
	free(path);
}

/* A core without our note, as QEMU and kdump make it. */
static void test_foreign(const uint8_t *file, size_t size)
{
	char *path = sample_path("foreign");
	uint8_t *copy = malloc(size);
	const char *why;

	memcpy(copy, file, size);
	for (size_t i = 0; i + 10 < size; i++)
		if (!memcmp(copy + i, "MEMINSPECT", 10))
			copy[i] = 'X';
	sample_store(path, copy, size);
	is_string(verdict_in(path, "whole", &why), "not opened", "a foreign core is refused");
	ok(strstr(why, "full vmcore"), "... and called by its name: %s", why);
	unlink(path);
	free(copy);
	free(path);
}

/* Program headers that have all pieces at one place: pieces may share bytes, but not these. */
static void test_one_place(const uint8_t *file)
{
	char *path = sample_path("one-place");
	/* Notes, and one page more; the pieces together have more bytes */
	size_t size = (end_of_notes(file) + 4095) / 4096 * 4096 + 100;
	uint8_t *copy = malloc(size);
	Elf64_Phdr *headers = (Elf64_Phdr *)(copy + 64);
	const char *why;

	memcpy(copy, file, size);
	for (unsigned int i = 1; i < ((Elf64_Ehdr *)copy)->e_phnum; i++)
		headers[i].p_offset = 0;
	sample_store(path, copy, size);
	is_string(verdict_in(path, "whole", &why), "corrupt", "pieces that are elsewhere");
	ok(strstr(why, "checksum"), "... why: %s", why);
	unlink(path);
	free(copy);
	free(path);
}

/* A piece whose program header is another's, another kind's, or beyond the last. */
static void test_headers(const uint8_t *file, size_t size)
{
	static const char member[] = "\"load\":";
	char *path = sample_path("headers");
	uint8_t *copy = malloc(size), *at;
	const Elf64_Phdr *headers = (const Elf64_Phdr *)(file + 64);
	unsigned int nr = ((const Elf64_Ehdr *)file)->e_phnum, load;
	const char *why;

	memcpy(copy, file, size);
	at = memmem(copy, size, "{\"name\":\"whole\"", 15);
	at = memmem(at, copy + size - at, member, strlen(member));
	at += strlen(member);
	load = *at - '0';
	for (unsigned int other = 0; other <= 9; other++) {
		/* What is as long is told by the checksum. */
		bool as_long = other && other < nr && headers[other].p_filesz == headers[load].p_filesz;
		const char *expected = other == load ? "present" : as_long ? "corrupt" : "absent";

		*at = '0' + other;
		sample_store(path, copy, size);
		is_string(verdict_in(path, "whole", &why), expected, "program header %u of %u", other, nr);
		ok(other == load || strstr(why, as_long ? "checksum" : "does not lead to it"),
		   "... why: %s", why);
	}
	unlink(path);
	free(copy);
	free(path);
}

/* A piece up to the last byte of the address space, which no memory reaches, and one inside of it. */
static void test_last_byte(void)
{
	struct meminspect_dump *dump = sample_dump_without_regions(), *opened = NULL;
	struct meminspect_piece outer = sample_piece(0x100000, 0, 0x20000, 0x20000);
	struct meminspect_piece inner = sample_piece(0x200000, 0, 16, 16);
	char *path = sample_path("last"), *again = sample_path("again");
	uint8_t *file;
	size_t size;

	sample_add_region(dump, "outer", 0, &outer, 1, MEMINSPECT_PRESENT, "");
	sample_add_region(dump, "inner", 0, &inner, 1, MEMINSPECT_PRESENT, "");
	if (meminspect_core_write(context, dump, path))
		abort();
	file = sample_load(path, &size);
	((Elf64_Phdr *)sample_segment(file, outer.paddr))->p_paddr = 0xfffffffffffe0000;
	((Elf64_Phdr *)sample_segment(file, inner.paddr))->p_paddr = 0xfffffffffffe1000;
	sample_store(path, file, size);
	is_number(meminspect_core_open(context, path, &opened), 0, "a piece up to the last byte");
	is_string(meminspect_verdict_name(meminspect_dump_find(opened, "outer", -1)->verdict), "absent",
		  "... is not where anything is");
	is_number(meminspect_core_write(context, opened, again), 0, "... and the rest can be written");
	meminspect_dump_free(opened);
	meminspect_dump_free(dump);
	unlink(path);
	unlink(again);
	free(file);
	free(again);
	free(path);
}

/* A table that calls present what has no bytes, or not as many as its size. */
static void test_claims(void)
{
	static const struct {
		uint64_t size;
		struct meminspect_piece pieces[2];
		size_t nr;
		enum meminspect_verdict verdict;
	} claims[] = {
		{ 4096, { { 0 } }, 0, MEMINSPECT_PRESENT },
		{ 4096, { { 0x1000, 0, 8, 8, NULL } }, 1, MEMINSPECT_PRESENT },
		/* The sum of the lengths wraps around to 0. */
		{ 0, { { 0x1000, 0, 1ULL << 62, 0, NULL }, { 0x1000, 0, 3ULL << 62, 0, NULL } }, 2,
		  MEMINSPECT_PRESENT },
		{ 8, { { 0x1000, 0, 8, 8, NULL } }, 1, MEMINSPECT_LEFT_OUT },
		{ 8, { { 0x1000, 0, 8, 0, NULL } }, 1, MEMINSPECT_LEFT_OUT },
	};
	char *path = sample_path("claims");
	const char *why;

	for (size_t i = 0; i < ARRAY_SIZE(claims); i++) {
		struct meminspect_dump *dump = sample_dump_without_regions();
		struct meminspect_piece pieces[2];

		memcpy(pieces, claims[i].pieces, sizeof(pieces));
		if (pieces[0].present)
			pieces[0].data = sample_bytes(1, pieces[0].present);
		sample_add_region(dump, "claim", 0, pieces, claims[i].nr, claims[i].verdict, "");
		dump->regions[0].size = claims[i].size;
		if (meminspect_core_write(context, dump, path))
			abort();
		is_string(verdict_in(path, "claim", &why), "corrupt", "claim %zu is not believed", i);
		ok(strstr(why, claims[i].verdict ? "has pieces of it" : "has not all of its bytes"),
		   "... why: %s", why);
		meminspect_dump_free(dump);
		unlink(path);
	}
	free(path);
}

/* The first @length bytes that are @old become @new. */
static void replace(uint8_t *file, size_t size, const char *old, const char *new, size_t length)
{
	uint8_t *at = memmem(file, size, old, length);

	if (!at)
		abort();
	memcpy(at, new, length);
}

/* A table that lacks a part, or is of another time. */
static void test_tables(const uint8_t *file, size_t size)
{
	static const struct {
		const char *what, *old, *new, *why;
	} cases[] = {
		{ "an older version", "\"version\":4,", "\"version\":3,", "collect again" },
		{ "a newer version", "\"version\":4,", "\"version\":5,", "use a newer one" },
		{ "no regions", "\"regions\":[\n", "\"ragions\":[\n", "its first line" },
		{ "no line for the regions", "\"regions\":[\n", "\"regions\":[ ", "its first line" },
		{ "no comma between two", "},\n{\"name\":\"cut\"", "}]\n{\"name\":\"cut\"", "regions[1]" },
		{ "a comma too few", "},\n{\"name\":\"cut\"", "} \n{\"name\":\"cut\"", "regions[2]" },
		{ "a region in two lines", "\"key\":6,", "\"key\":6\n", "regions[1]" },
		{ "two regions in a line", "},\n{\"name\":\"cut\"", "}, {\"name\":\"cut\"", "regions[1]" },
		{ "no end", "\n]}\n", "\n]]\n", "regions" },
		{ "no end of a line", "\n]}\n", "\n]} ", "regions" },
		{ "an unknown origin", "\"origin\":\"derived\"", "\"origin\":\"nowhere\"", "origin" },
		{ "an unknown verdict", "\"left-out\"", "\"left-off\"", "verdict" },
	};
	char *path = sample_path("table");
	uint8_t *copy = malloc(size);
	const char *why;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		memcpy(copy, file, size);
		replace(copy, size, cases[i].old, cases[i].new, strlen(cases[i].old));
		sample_store(path, copy, size);
		is_string(verdict_in(path, "whole", &why), "not opened", "table with %s", cases[i].what);
		ok(strstr(why, cases[i].why), "... why: %s", why);
		unlink(path);
	}
	free(copy);
	free(path);
}

/* A hole in a file costs nothing, and could make a reader take any amount of memory. */
static void test_huge(const uint8_t *file, size_t size)
{
	char *path = sample_path("huge");
	const char *why;

	sample_store(path, file, size);
	if (truncate(path, (4LL << 30) + 1))
		abort();
	is_string(verdict_in(path, "whole", &why), "not opened", "no core is that large");
	ok(strstr(why, path) && strstr(why, "4294967297 bytes"), "... why: %s", why);
	unlink(path);
	free(path);
}

/* So would notes, or program headers, that are a hole. */
static void test_huge_parts(const uint8_t *file, size_t size)
{
	char *path = sample_path("huge-parts");
	uint8_t *copy = malloc(size);
	Elf64_Ehdr *header = (Elf64_Ehdr *)copy;
	const Elf64_Shdr section = { .sh_info = 300000 };
	const char *why;
	int fd;

	memcpy(copy, file, size);
	((Elf64_Phdr *)(copy + 64))->p_filesz = 400 << 20;
	sample_store(path, copy, size);
	if (truncate(path, 500 << 20))
		abort();
	is_string(verdict_in(path, "whole", &why), "not opened", "notes of 400 MiB");
	ok(strstr(why, path) && strstr(why, "419430400 bytes of notes"), "... why: %s", why);

	memcpy(copy, file, size);
	header->e_phnum = PN_XNUM;
	header->e_shoff = 20 << 20;
	header->e_shentsize = sizeof(section);
	header->e_shnum = 1;
	sample_store(path, copy, size);
	fd = open(path, O_WRONLY);
	if (fd < 0 || pwrite(fd, &section, sizeof(section), 20 << 20) != sizeof(section) || close(fd))
		abort();
	is_string(verdict_in(path, "whole", &why), "not opened", "300000 program headers");
	ok(strstr(why, path) && strstr(why, "has 300000 program headers"), "... why: %s", why);
	unlink(path);
	free(copy);
	free(path);
}

/* ------------------------------------------------- every cut, every byte --- */

/* Grows with every verdict that gets worse. */
static size_t badness(const struct meminspect_dump *dump)
{
	size_t sum = 0;

	for (size_t i = 0; i < meminspect_dump_nr_regions(dump); i++)
		sum += meminspect_dump_region(dump, i)->verdict;
	return sum;
}

static size_t not_present(const struct meminspect_dump *dump)
{
	size_t nr = 0;

	for (size_t i = 0; i < meminspect_dump_nr_regions(dump); i++)
		nr += meminspect_dump_region(dump, i)->verdict != MEMINSPECT_PRESENT;
	return nr;
}

/* Regions that lack bytes if the file ends at @size. */
static size_t cut_regions(const uint8_t *file, const struct meminspect_dump *whole, size_t size)
{
	size_t nr = 0;

	for (size_t i = 0; i < meminspect_dump_nr_regions(whole); i++) {
		const struct meminspect_region *region = meminspect_dump_region(whole, i);
		bool lost = region->verdict != MEMINSPECT_PRESENT;

		for (size_t j = 0; j < region->nr_pieces; j++) {
			const Elf64_Phdr *load = sample_segment(file, region->pieces[j].paddr);

			lost |= load && load->p_offset + load->p_filesz > size;
		}
		nr += lost;
	}
	return nr;
}

static void test_every_cut(const uint8_t *file, size_t size)
{
	char *path = sample_path("cut");
	struct meminspect_dump *whole, *dump;
	size_t opened_early = 0, not_opened = 0, wrong = 0, silent = 0;

	sample_store(path, file, size);
	if (meminspect_core_open(context, path, &whole))
		abort();
	for (size_t cut = size; cut-- > 0;) {
		if (truncate(path, cut))
			abort();
		if (meminspect_core_open(context, path, &dump)) {
			not_opened += cut >= end_of_notes(file);
			silent += !strstr(meminspect_error(context), path);
			continue;
		}
		opened_early += cut < end_of_notes(file);
		silent += meminspect_dump_nr_problems(dump) != 2;
		wrong += not_present(dump) != cut_regions(file, whole, cut);
		meminspect_dump_free(dump);
	}
	is_number(opened_early, 0, "a core cut before the end of its notes isn't opened");
	is_number(not_opened, 0, "one cut behind is");
	is_number(silent, 0, "each error names the file, each open core has the problem");
	is_number(wrong, 0, "exactly the regions that lost bytes aren't present");
	meminspect_dump_free(whole);
	unlink(path);
	free(path);
}

static void test_every_byte(const uint8_t *file, size_t size)
{
	const Elf64_Ehdr *header = (const void *)file;
	const Elf64_Phdr *headers = (const void *)(file + 64);
	char *path = sample_path("flipped"), *used = calloc(1, size);
	struct meminspect_dump *dump;
	size_t silent = 0, noticed = 0, before;
	int fd;

	sample_store(path, file, size);
	fd = open(path, O_WRONLY);
	if (meminspect_core_open(context, path, &dump))
		abort();
	before = badness(dump);
	meminspect_dump_free(dump);
	memset(used, 1, end_of_notes(file));
	for (unsigned int i = 1; i < header->e_phnum; i++)
		memset(used + headers[i].p_offset, 1, headers[i].p_filesz);
	srandom(1);
	for (size_t i = 0; i < size; i++) {
		unsigned int bit = random() % 8;
		uint8_t flipped = file[i] ^ 1 << bit;
		int error;

		if (!used[i])
			continue;
		if (pwrite(fd, &flipped, 1, i) != 1)
			abort();
		error = meminspect_core_open(context, path, &dump);
		if (pwrite(fd, &file[i], 1, i) != 1)
			abort();
		if (error) {
			noticed++;
			continue;
		}
		if (meminspect_dump_nr_problems(dump) > 1 || badness(dump) > before) {
			noticed++;
		} else if (!silent++) {
			diag("bit %u of the byte at %zu", bit, i);
		}
		meminspect_dump_free(dump);
	}
	is_number(silent, 0, "no flipped bit goes unnoticed (%zu were noticed)", noticed);
	close(fd);
	unlink(path);
	free(used);
	free(path);
}

int main(void)
{
	struct meminspect_dump *dump = sample_dump();
	char *path = sample_path("core");
	uint8_t *file;
	size_t size;

	context = meminspect_context_new();
	if (!ok(!meminspect_core_write(context, dump, path), "write: %s",
		meminspect_error(context)))
		return done_testing();
	file = sample_load(path, &size);
	test_damage(file, size);
	test_foreign(file, size);
	test_one_place(file);
	test_headers(file, size);
	test_last_byte();
	test_claims();
	test_tables(file, size);
	test_huge(file, size);
	test_huge_parts(file, size);
	test_every_cut(file, size);
	test_every_byte(file, size);
	unlink(path);
	is_number(sample_end(), 0, "nothing is left behind");
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	free(file);
	free(path);
	return done_testing();
}
