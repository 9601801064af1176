// SPDX-License-Identifier: GPL-2.0-only
/* Dumps of all memory that have less than they promise, which libkdumpfile reads as zeros. */
#include "internal.h"
#include "tap.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
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

int main(void)
{
	context = meminspect_context_new();
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/dump", folder);
	test_elf(2);
	test_elf(1);
	unlink(path);
	rmdir(folder);
	meminspect_context_free(context);
	return done_testing();
}
