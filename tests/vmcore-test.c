// SPDX-License-Identifier: GPL-2.0-only
/* Dumps of all memory that have less than they promise, which libkdumpfile reads as zeros. */
#include "internal.h"
#include "kdump-format.h"
#include "tap.h"
#include "vmcore-lost.h"

#include <elf.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PADDR	0x10000000ULL
#define PAGE	4096

static char folder[] = "/tmp/vmcore-test.XXXXXX";
static char path[64];
static struct meminspect_context *context;

struct dump {
	Elf64_Ehdr header;
	Elf64_Phdr segments[2];
};

/* Pages of 0x55: two of three in the first segment are in the file, and @in_file of two of the second. */
static void write_elf(unsigned int in_file)
{
	struct dump dump = {
		.header = {
			.e_ident = ELFMAG, .e_type = ET_CORE, .e_machine = EM_X86_64,
			.e_version = EV_CURRENT, .e_phoff = sizeof(Elf64_Ehdr),
			.e_ehsize = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2,
		},
		.segments = {
			{ .p_type = PT_LOAD, .p_offset = PAGE, .p_paddr = PADDR,
			  .p_filesz = 2 * PAGE, .p_memsz = 3 * PAGE },
			{ .p_type = PT_LOAD, .p_offset = 3 * PAGE, .p_paddr = PADDR + 3 * PAGE,
			  .p_filesz = 2 * PAGE, .p_memsz = 2 * PAGE },
		},
	};
	FILE *file = fopen(path, "w");

	dump.header.e_ident[EI_CLASS] = ELFCLASS64;
	dump.header.e_ident[EI_DATA] = ELFDATA2LSB;
	dump.header.e_ident[EI_VERSION] = EV_CURRENT;
	if (!file || fwrite(&dump, sizeof(dump), 1, file) != 1 || fseek(file, PAGE, SEEK_SET))
		abort();
	for (unsigned int i = 0; i < (2 + in_file) * PAGE; i++)
		fputc(0x55, file);
	if (fclose(file))
		abort();
}

static void check(struct meminspect_memory *memory, unsigned int page, bool present, const char *why)
{
	uint64_t paddr = PADDR + page * PAGE;
	uint8_t byte = 0;
	char *reason;

	if (present) {
		ok(meminspect_memory_read(memory, paddr, &byte, 1) == 1 && byte == 0x55,
		   "page %u is there", page);
		return;
	}
	is_number(meminspect_memory_read(memory, paddr, &byte, 1), 0, "page %u is not", page);
	reason = memory->operations->explain(memory, paddr);
	is_string(reason, why, "... why");
	free(reason);
}

static void test_elf(unsigned int in_file)
{
	struct meminspect_memory *memory;
	uint8_t bytes[3 * PAGE];

	write_elf(in_file);
	if (!ok(!meminspect_memory_open_vmcore(context, path, &memory), "an ELF dump"))
		return;
	is_number(memory->nr_problems, in_file < 2, "... was cut off: %u", in_file < 2);
	check(memory, 0, true, NULL);
	check(memory, 1, true, NULL);
	check(memory, 2, false, "the dump leaves it out");
	is_number(meminspect_memory_read(memory, PADDR, bytes, sizeof(bytes)), 2 * PAGE,
		  "what is read ends before it");
	check(memory, 3, true, NULL);
	check(memory, 4, in_file > 1, "the dump was cut off");
	check(memory, 5, false, "the dump has no memory there");
	meminspect_memory_close(memory);
}

/* Every other page is in the dump, which ends before it tells where: pages are @bytes * 4. */
static void test_kdump(size_t bytes)
{
	struct kdump_header header = {
		.signature = KDUMP_SIGNATURE, .version = htole32(6), .block_size = htole32(PAGE),
		.sub_header_blocks = htole32(1), .bitmap_blocks = htole32(2 * bytes / PAGE),
	};
	struct kdump_sub_header sub_header = { .max_frame_64 = htole64(8 * bytes) };
	struct vmcore_lost lost = { 0 };
	uint8_t *bitmap = malloc(bytes);
	int fd = memfd_create("kdump", MFD_CLOEXEC);

	memset(bitmap, 0x55, bytes);
	if (pwrite(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    pwrite(fd, &sub_header, sizeof(sub_header), PAGE) != sizeof(sub_header) ||
	    pwrite(fd, bitmap, bytes, 2 * PAGE) != (ssize_t)bytes ||
	    pwrite(fd, bitmap, bytes, 2 * PAGE + bytes) != (ssize_t)bytes)
		abort();
	is_number(vmcore_find_lost(fd, &lost), 0, "a dump of %zu pages without one", 4 * bytes);
	is_number(lost.cut_off.nr, 4 * bytes < 1 << 20 ? 4 * bytes : 1 << 20, "... ranges are lost");
	ok(vmcore_is_cut_off(&lost, 0) && !vmcore_is_cut_off(&lost, PAGE) &&
	   vmcore_is_cut_off(&lost, (8 * bytes - 2) * PAGE) && !vmcore_is_cut_off(&lost, 8 * bytes * PAGE),
	   "... from the first to the last page");
	vmcore_lost_release(&lost);
	free(bitmap);
	close(fd);
}

int main(void)
{
	context = meminspect_context_new();
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/dump", folder);
	test_elf(2);
	test_elf(1);
	test_kdump(1 << 12);
	test_kdump(1 << 19);
	unlink(path);
	rmdir(folder);
	meminspect_context_free(context);
	return done_testing();
}
