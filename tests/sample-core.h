/* SPDX-License-Identifier: GPL-2.0-only */
/* A dump with a region of every kind, and the file that is made of it. */
#ifndef TESTS_SAMPLE_CORE_H
#define TESTS_SAMPLE_CORE_H

#include "core-format.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* No test needs all of it. */
#define SAMPLE static __attribute__((unused))

#define SAMPLE_NR_CPUS 3	/* CPU 1 has no registers */

SAMPLE uint8_t *sample_bytes(uint64_t seed, size_t length)
{
	uint8_t *bytes = malloc(length ? length : 1);

	for (size_t i = 0; i < length; i++) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		bytes[i] = seed >> 56;
	}
	return bytes;
}

SAMPLE struct meminspect_piece sample_piece(uint64_t paddr, uint64_t vaddr, uint64_t length,
					    uint64_t present)
{
	return (struct meminspect_piece) {
		.paddr = paddr, .vaddr = vaddr, .length = length, .present = present,
		.data = present ? sample_bytes(paddr, present) : NULL,
	};
}

SAMPLE void sample_add_region(struct meminspect_dump *dump, const char *name, uint64_t vaddr,
			      const struct meminspect_piece *pieces, size_t nr_pieces,
			      enum meminspect_verdict verdict, const char *why)
{
	struct meminspect_piece *copy = calloc(nr_pieces + 1, sizeof(*copy));
	struct meminspect_region *region;

	if (nr_pieces)
		memcpy(copy, pieces, nr_pieces * sizeof(*copy));
	dump->regions = reallocarray(dump->regions, dump->nr_regions + 1, sizeof(*dump->regions));
	region = &dump->regions[dump->nr_regions++];
	*region = (struct meminspect_region) {
		.name = strdup(name), .class = dump->nr_regions, .key_kind = MEMINSPECT_KEY_CPU,
		.key = dump->nr_regions * 3, .vaddr = vaddr, .nr_pieces = nr_pieces,
		.pieces = copy, .verdict = verdict, .why = strdup(why),
	};
	for (size_t i = 0; i < nr_pieces; i++)
		region->size += pieces[i].length;
}

SAMPLE void sample_add_registers(struct meminspect_dump *dump)
{
	dump->registers = calloc(SAMPLE_NR_CPUS, sizeof(*dump->registers));
	dump->nr_registers = SAMPLE_NR_CPUS;
	for (uint32_t cpu = 0; cpu < SAMPLE_NR_CPUS; cpu++) {
		dump->registers[cpu].cpu = cpu;
		if (cpu == 1)
			continue;
		dump->registers[cpu].size = 336;
		dump->registers[cpu].prstatus = sample_bytes(cpu, 336);
		dump->registers[cpu].source = cpu ? MEMINSPECT_REGISTERS_QEMU :
						    MEMINSPECT_REGISTERS_KERNEL;
	}
}

SAMPLE struct meminspect_dump *sample_dump_without_regions(void)
{
	struct meminspect_dump *dump = dump_new();

	dump->source = strdup("a test, \"quoted\"\\ and \xff\x80\xc3\x28");
	dump->collected = 1700000000;
	dump->vmcoreinfo = strdup("OSRELEASE=6.12.0-test\nPAGESIZE=4096\n");
	dump->has_ident = true;
	dump->ident = (struct meminspect_ident) {
		.machine = EM_X86_64, .page_size = 4096, .nr_cpus = SAMPLE_NR_CPUS, .va_bits = 48,
		.build_id_size = 20, .pgtable_levels = 4, .kaslr_offset = 0x1e000000,
		.image_va = 0xffffffff9f000000, .image_pa = 0x3c000000,
		.page_offset = 0xffff8c0000000000, .phys_offset = 0, .phys_base = 0x1d000000,
		.kimage_voffset = 1, .pac_mask = UINT64_MAX, .swapper_pg_dir = 0x3e00a000,
		.boot_time = 1700000000123456789, .build_id = { 1, 2, 0xfe, [19] = 0xab },
		.release = "6.12.0-test",
	};
	dump->has_capture = true;
	dump->capture = (struct meminspect_capture) {
		.reason = MEMINSPECT_REASON_OOPS, .cpu = 2, .realtime = 1700000100123456789,
		.monotonic = 100000000001, .task = 0xffff8c0001234580, .pid = 77,
		.nr_cpus_online = 2, .comm = "a \x1b[31m task", .text = "Fatal exception\n",
	};
	dump_add_problem(dump, "the row %d is damaged", 5);
	sample_add_registers(dump);
	return dump;
}

/* The regions whole, scattered, cut, gone, physical, lost, overlapping, secret; one problem. */
SAMPLE struct meminspect_dump *sample_dump(void)
{
	struct meminspect_dump *dump = sample_dump_without_regions();
	struct meminspect_piece whole = sample_piece(0x3c001234, 0xffffffff9f001234, 100, 100);
	struct meminspect_piece scattered[] = {
		sample_piece(0x10000f00, 0xffffc90000000f00, 0x100, 0x100),
		sample_piece(0x20000000, 0xffffc90000001000, 0x1000, 0x1000),
		sample_piece(0x00007000, 0xffffc90000002000, 0x10, 0x10),
	};
	struct meminspect_piece cut[] = {
		sample_piece(0x30000000, 0xffff8c0030000000, 0x2000, 0x1001),
		sample_piece(0x50000000, 0xffff8c0050000000, 0x2000, 0),
	};
	struct meminspect_piece gone = sample_piece(0x60000000, 0xffff8c0060000000, 8, 0);
	struct meminspect_piece physical = sample_piece(0x70000010, 0, 0x20, 0x20);
	/* Inside of the first, and running past its end. */
	struct meminspect_piece overlapping =
		sample_piece(0x3c001254, 0xffffffff9f001254, 100, 100);

	memcpy((uint8_t *)overlapping.data, whole.data + 0x20, 100 - 0x20);
	sample_add_region(dump, "whole", whole.vaddr, &whole, 1, MEMINSPECT_PRESENT, "");
	sample_add_region(dump, "scattered", scattered[0].vaddr, scattered, 3, MEMINSPECT_PRESENT, "");
	sample_add_region(dump, "cut", cut[0].vaddr, cut, 2, MEMINSPECT_TRUNCATED, "the image ends");
	sample_add_region(dump, "gone", gone.vaddr, &gone, 1, MEMINSPECT_ABSENT, "not in RAM");
	sample_add_region(dump, "physical", 0, &physical, 1, MEMINSPECT_PRESENT, "");
	sample_add_region(dump, "lost", 0xffff8c0000000001, NULL, 0, MEMINSPECT_CORRUPT, "no extents");
	sample_add_region(dump, "overlapping", overlapping.vaddr, &overlapping, 1,
			  MEMINSPECT_PRESENT, "");
	dump->regions[dump->nr_regions - 1].origin = MEMINSPECT_DERIVED;
	sample_add_region(dump, "secret", 0, NULL, 0, MEMINSPECT_LEFT_OUT, "denied by policy");
	dump->regions[dump->nr_regions - 1].size = UINT64_MAX;
	return dump;
}

/* Whole files; both die if that fails. */
SAMPLE uint8_t *sample_load(const char *path, size_t *size)
{
	struct stat status;
	uint8_t *bytes;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &status))
		abort();
	bytes = malloc(status.st_size + 1);
	if (read(fd, bytes, status.st_size) != status.st_size)
		abort();
	close(fd);
	*size = status.st_size;
	return bytes;
}

SAMPLE void sample_store(const char *path, const uint8_t *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		abort();
	close(fd);
}

/* The PT_LOAD for a piece at this address, NULL if there is none. */
SAMPLE const Elf64_Phdr *sample_segment(const uint8_t *file, uint64_t paddr)
{
	const Elf64_Ehdr *header = (const void *)file;
	const Elf64_Phdr *headers = (const void *)(file + 64);

	for (unsigned int i = 1; i < header->e_phnum; i++)
		if (headers[i].p_paddr == paddr)
			return &headers[i];
	return NULL;
}


static char sample_directory[] = "/tmp/core-test-XXXXXX";

/* A path in a directory of this test's own, for free(). */
SAMPLE char *sample_path(const char *name)
{
	static bool made;
	char *path;

	if (!made && !mkdtemp(sample_directory))
		abort();
	made = true;
	if (asprintf(&path, "%s/%s", sample_directory, name) < 0)
		abort();
	return path;
}

/* Removes the directory, which must be empty; returns as rmdir(). */
SAMPLE int sample_end(void)
{
	return rmdir(sample_directory);
}

#endif /* TESTS_SAMPLE_CORE_H */
