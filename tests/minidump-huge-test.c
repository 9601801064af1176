// SPDX-License-Identifier: GPL-2.0-only
/* Minidumps that cost their maker little, and would cost us hours. */
#include "internal.h"
#include "tap.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NR_SECTIONS	2048U
#define SECTION_SIZE	(1U << 20)

static char folder[] = "/tmp/minidump-huge-test.XXXXXX";
static char path[64];
static struct meminspect_context *context;

static const char *file_in_folder(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void put_section(FILE *file, uint64_t offset)
{
	const uint32_t valid[3] = { htole32(1), htole32(0x1000), htole32(1) };
	const uint64_t place[4] = { htole64(offset), htole64(SECTION_SIZE) };

	fwrite(valid, sizeof(valid), 1, file);
	fwrite(place, sizeof(place), 1, file);
	fwrite("md_Ka1.BIN\0\0\0\0\0\0\0\0\0\0", 20, 1, file);
}

/* Sections of one name, each of which starts a byte behind the other and differs at its end alone. */
static void test_sections(void)
{
	const uint8_t header[56] = { 'R', 'a', 'w', '_', 'D', 'm', 'p', '!', [13] = 0x10, [12] = 1,
				     [53] = NR_SECTIONS >> 8 };
	const uint64_t data = 1 << 20;
	struct meminspect_memory *memory;
	FILE *file = fopen(file_in_folder("raw"), "w");

	if (!file)
		abort();
	fwrite(header, sizeof(header), 1, file);
	for (unsigned int i = 0; i < NR_SECTIONS; i++)
		put_section(file, data + i);
	fseek(file, data + SECTION_SIZE - 1, SEEK_SET);
	for (unsigned int i = 0; i < NR_SECTIONS; i++)
		fputc(1 + i % 251, file);
	if (fclose(file))
		abort();
	alarm(60);
	is_number(meminspect_memory_open_rawdump(context, path, &memory), 0, "sections that are nearly the same");
	alarm(0);
	meminspect_memory_close(memory);
	unlink(path);
}

/* A file that is a hole, with an address */
static void test_hole(void)
{
	struct meminspect_memory *memory;
	struct meminspect_dump *dump = NULL;
	FILE *file = fopen(file_in_folder("md_list.txt"), "w");

	if (!file || fputs("80000000 1000 md_Ka.BIN\n", file) < 0 || fclose(file))
		abort();
	file = fopen(file_in_folder("md_Ka.BIN"), "w");
	if (!file || ftruncate(fileno(file), 8LL << 40) || fclose(file))
		abort();
	if (!ok(!meminspect_memory_open_minidump(context, folder, &memory), "a file of 8 TiB: %s",
		meminspect_error(context)))
		return;
	alarm(60);
	is_number(meminspect_collect(context, memory, &dump), 0, "... is soon known to have no directory");
	alarm(0);
	meminspect_dump_free(dump);
	meminspect_memory_close(memory);
	unlink(path);
	unlink(file_in_folder("md_list.txt"));
}

int main(void)
{
	context = meminspect_context_new();
	if (!mkdtemp(folder))
		return 1;
	test_sections();
	test_hole();
	rmdir(folder);
	meminspect_context_free(context);
	return done_testing();
}
