// SPDX-License-Identifier: GPL-2.0-only
/* Records of pstore that claim each other's bytes: looking at them ends soon. */
#include "fake-source.h"
#include "pstore.h"
#include <unistd.h>
#include <zlib.h>

#define SIZE		(16 << 20)
#define NR_DAMAGED	2000
#define CRC_END		offsetof(struct meminspect_pstore_record, version)

static struct fake fake;
static struct pstore_records records;

/* A header with the checksum of what is behind it, if it is @right. */
static void put_record(uint8_t *bytes, size_t at, uint32_t stored, bool right)
{
	struct meminspect_pstore_record header = {
		.version = MEMINSPECT_PSTORE_VERSION, .byte_order = MEMINSPECT_PSTORE_BYTE_ORDER,
		.header_size = sizeof(header), .kind = MEMINSPECT_PSTORE_DATA, .stored = stored,
		.size = stored,
	};

	memcpy(header.magic, MEMINSPECT_PSTORE_MAGIC, sizeof(header.magic));
	memcpy(bytes + at, &header, sizeof(header));
	if (!right)
		return;
	header.crc = crc32(0, bytes + at + CRC_END, sizeof(header) - CRC_END + stored);
	memcpy(bytes + at, &header, sizeof(header));
}

static void scan(const uint8_t *bytes, size_t length)
{
	records = (struct pstore_records) { .memory = &fake.memory };
	is_number(pstore_scan(&records, "file", bytes, length, true), 0, "a file is scanned");
}

static bool is_said(const char *text)
{
	for (size_t i = 0; i < fake.memory.nr_problems; i++)
		if (strstr(fake.memory.problems[i], text))
			return true;
	return false;
}

static void test_damaged(uint32_t stored, size_t nr, const char *text)
{
	const size_t size = sizeof(struct meminspect_pstore_record);
	uint8_t *bytes = calloc(1, SIZE);

	put_record(bytes, 0, 100, true);
	for (size_t i = 0; i < NR_DAMAGED; i++)
		put_record(bytes, size + 100 + size * i, stored, false);
	put_record(bytes, SIZE - size, 0, true);
	scan(bytes, SIZE);
	is_number(records.nr, nr, "... with %zu good records", nr);
	ok(is_said(text), "... and says '%s'", text);
	pstore_records_free(&records);
	free(bytes);
}

static void test_inflate(void)
{
	const uint8_t garbage[16] = { 0xff };
	struct pstore_record record = {
		.path = "file", .stored = garbage,
		.header = { .flags = MEMINSPECT_PSTORE_DEFLATED, .stored = sizeof(garbage), .size = 1 << 22 },
	};
	const uint8_t *contents;

	records = (struct pstore_records) { .memory = &fake.memory };
	for (unsigned int i = 0; i < 257; i++)
		pstore_contents(&records, &record, &contents);
	ok(is_said("all together have more than 1073741824 bytes"), "what can't be inflated counts as well");
	pstore_records_free(&records);
}

static void test_links(void)
{
	char folder[] = "/tmp/pstore-test.XXXXXX", command[64], path[64];

	if (!mkdtemp(folder))
		exit(1);
	for (unsigned int i = 0; i < 400; i++) {
		snprintf(path, sizeof(path), "%s/%u", folder, i);
		if (symlink(".", path))
			exit(1);
	}
	records = (struct pstore_records) { .memory = &fake.memory };
	alarm(30);
	is_number(pstore_read_files(&records, folder), 0, "a folder of links to itself");
	alarm(0);
	ok(is_said("it is a symbolic link"), "... they are not followed");
	pstore_records_free(&records);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	if (system(command))
		exit(1);
}

int main(void)
{
	context = meminspect_context_new();
	fake = fake_of(NULL);
	fake.memory.description = NULL;
	test_damaged(7 << 20, 2, "can't be right: expected at most 4202496 bytes, but it says that it has 7340032");
	test_damaged(4 << 20, 1, "is not looked at: expected records, but most are damaged");
	test_inflate();
	test_links();
	memory_release(&fake.memory);
	meminspect_context_free(context);
	return done_testing();
}
