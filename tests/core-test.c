// SPDX-License-Identifier: GPL-2.0-only
/* A core is written, taken apart with <elf.h> alone, and read back. */
#include "sample-core.h"
#include "tap.h"

#include <errno.h>
#include <gelf.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct meminspect_context *context;

/* ------------------------------------------------------------- round trip --- */

static bool same_pieces(const struct meminspect_region *a, const struct meminspect_region *b)
{
	if (a->nr_pieces != b->nr_pieces)
		return false;
	for (size_t i = 0; i < a->nr_pieces; i++) {
		const struct meminspect_piece *left = &a->pieces[i], *right = &b->pieces[i];

		if (left->paddr != right->paddr || left->vaddr != right->vaddr ||
		    left->length != right->length || left->present != right->present ||
		    !left->data != !right->data ||
		    (left->data && memcmp(left->data, right->data, left->present)))
			return false;
	}
	return true;
}

static bool same_regions(const struct meminspect_dump *a, const struct meminspect_dump *b)
{
	if (meminspect_dump_nr_regions(a) != meminspect_dump_nr_regions(b))
		return false;
	for (size_t i = 0; i < meminspect_dump_nr_regions(a); i++) {
		const struct meminspect_region *left = meminspect_dump_region(a, i);
		const struct meminspect_region *right = meminspect_dump_region(b, i);

		if (strcmp(left->name, right->name) || left->class != right->class ||
		    left->key_kind != right->key_kind || left->key != right->key ||
		    left->vaddr != right->vaddr || left->size != right->size ||
		    left->verdict != right->verdict || left->origin != right->origin || strcmp(left->why, right->why) ||
		    !same_pieces(left, right)) {
			diag("region %s: differs", left->name);
			return false;
		}
	}
	return true;
}

static bool same_registers(const struct meminspect_dump *a, const struct meminspect_dump *b)
{
	if (meminspect_dump_nr_registers(a) != meminspect_dump_nr_registers(b))
		return false;
	for (size_t i = 0; i < meminspect_dump_nr_registers(a); i++) {
		const struct meminspect_registers *left = meminspect_dump_registers(a, i);
		const struct meminspect_registers *right = meminspect_dump_registers(b, i);

		if (left->cpu != right->cpu || left->source != right->source ||
		    left->size != right->size || !left->prstatus != !right->prstatus ||
		    (left->prstatus && memcmp(left->prstatus, right->prstatus, left->size)))
			return false;
	}
	return true;
}

static void compare(const struct meminspect_dump *a, const struct meminspect_dump *b)
{
	is_string(meminspect_dump_source(b), meminspect_dump_source(a), "source");
	is_number(meminspect_dump_collected(b), meminspect_dump_collected(a), "time");
	is_string(meminspect_dump_vmcoreinfo(b), meminspect_dump_vmcoreinfo(a), "VMCOREINFO");
	ok(!memcmp(meminspect_dump_ident(a), meminspect_dump_ident(b),
		   sizeof(struct meminspect_ident)), "identification block");
	ok(!memcmp(meminspect_dump_capture(a), meminspect_dump_capture(b),
		   sizeof(struct meminspect_capture)), "capture block");
	is_number(meminspect_dump_nr_problems(b), meminspect_dump_nr_problems(a), "problems");
	is_string(meminspect_dump_problem(b, 0), meminspect_dump_problem(a, 0), "problem");
	ok(same_regions(a, b), "regions");
	ok(same_registers(a, b), "registers");
}

static void test_reading(const struct meminspect_dump *dump)
{
	const struct meminspect_region *scattered = meminspect_dump_find(dump, "scattered", -1);
	uint8_t buffer[0x2000], expected[0x1110];

	memcpy(expected, scattered->pieces[0].data, 0x100);
	memcpy(expected + 0x100, scattered->pieces[1].data, 0x1000);
	memcpy(expected + 0x1100, scattered->pieces[2].data, 0x10);
	is_number(meminspect_dump_read(dump, 0xffffc90000000f00, buffer, 0x1110), 0,
		  "read through all pieces of a region");
	ok(!memcmp(buffer, expected, sizeof(expected)), "... in their order");
	is_number(meminspect_dump_read(dump, 0xffffc90000001fff, buffer, 2), 0,
		  "read over a seam");
	ok(!memcmp(buffer, expected + 0x10ff, 2), "... the right bytes");
	is_number(meminspect_dump_read(dump, 0xffffc90000000f00, buffer, 0x1111), -ENODATA,
		  "a byte too many");
	is_number(meminspect_dump_read(dump, 0xffffc90000000eff, buffer, 2), -ENODATA,
		  "a byte too early");
	is_number(meminspect_dump_read(dump, 0xffff8c0030001000, buffer, 1), 0,
		  "last byte before a cut");
	is_number(meminspect_dump_read(dump, 0xffff8c0030001001, buffer, 1), -ENODATA,
		  "first byte behind it");
	is_number(meminspect_dump_read(dump, 0xffff8c0060000000, buffer, 1), -ENODATA,
		  "a region that is absent");
	is_number(meminspect_dump_read(dump, 0xffffffff9f001234, buffer, 0x20 + 100), 0,
		  "read over overlapping regions");
	is_number(meminspect_dump_read(dump, UINT64_MAX, buffer, 2), -ENODATA, "the last address");
	is_number(meminspect_dump_read(dump, 0, buffer, 0x20), -ENODATA,
		  "memory without a virtual address isn't at 0");
	ok(!meminspect_dump_find(dump, "scattered", 0), "no region with another key");
	ok(meminspect_dump_find(dump, "scattered", 6) == scattered, "region by its key");
	ok(!meminspect_dump_find(dump, "nowhere", -1), "no region of that name");
}

/* -------------------------------------------------------------- the file --- */

static void test_headers(const uint8_t *file, size_t size)
{
	const Elf64_Ehdr *header = (const void *)file;
	const Elf64_Phdr *headers = (const void *)(file + 64), *load;
	bool notes_first = true, congruent = true, exact = true, loads = true, inside = true;
	bool unaligned = true, addressed = true, own_pages = true, farthest = true;
	unsigned int overlaps = 0;

	is_number(header->e_type, ET_CORE, "a core");
	is_number(header->e_machine, EM_X86_64, "machine");
	is_number(header->e_phoff, 64, "program headers at 64");
	is_number(header->e_shnum, 0, "no section headers");
	is_number(header->e_phnum, 1 + 7, "one PT_NOTE, and a PT_LOAD for each piece that is there");
	is_number(headers[0].p_type, PT_NOTE, "PT_NOTE first");
	is_number(size % 4096, 0, "whole pages");
	for (unsigned int i = 1; i < header->e_phnum; i++) {
		load = &headers[i];
		loads &= load->p_type == PT_LOAD;
		notes_first &= headers[0].p_offset + headers[0].p_filesz <= load->p_offset;
		congruent &= load->p_offset % 4096 == load->p_paddr % 4096;
		exact &= load->p_filesz == load->p_memsz;
		unaligned &= load->p_align == 0;
		inside &= load->p_offset + load->p_filesz <= size;
		addressed &= load->p_vaddr && load->p_vaddr != load->p_paddr;
		for (unsigned int j = 1; j < i; j++) {
			uint64_t end = load->p_paddr + load->p_filesz;
			uint64_t other_end = headers[j].p_paddr + headers[j].p_filesz;

			own_pages &= load->p_offset / 4096 >
				     (headers[j].p_offset + headers[j].p_filesz - 1) / 4096 ||
				     headers[j].p_offset / 4096 >
				     (load->p_offset + load->p_filesz - 1) / 4096;
			if (load->p_paddr >= other_end || headers[j].p_paddr >= end)
				continue;
			overlaps++;
			farthest &= other_end >= end;
		}
	}
	ok(loads, "all others are PT_LOAD");
	ok(notes_first, "notes before all data");
	ok(congruent, "offsets as physical addresses, within a page");
	ok(exact, "no memory without bytes in the file");
	ok(unaligned, "p_align 0");
	ok(inside, "all within the file");
	ok(addressed, "each has a virtual address");
	ok(own_pages, "pieces share no page");
	is_number(overlaps, 1, "two of them overlap");
	ok(farthest, "... and the one that reaches farther comes first");
	load = sample_segment(file, 0x70000010);
	ok(load && load->p_vaddr == 0xffff8c0070000010, "linear map address for physical memory");
	load = sample_segment(file, 0x30000000);
	is_number(load ? load->p_filesz : 0, 0x1001, "a piece that was cut has what there is");
	ok(!sample_segment(file, 0x60000000), "no PT_LOAD for what isn't there");
}

static void test_poison(const uint8_t *file, size_t size)
{
	const Elf64_Ehdr *header = (const void *)file;
	const Elf64_Phdr *headers = (const void *)(file + 64);
	char *covered = calloc(1, size);
	size_t other = 0;

	memset(covered, 1, headers[0].p_offset + headers[0].p_filesz);
	for (unsigned int i = 1; i < header->e_phnum; i++)
		memset(covered + headers[i].p_offset, 1, headers[i].p_filesz);
	for (size_t i = 0; i < size; i++)
		other += !covered[i] && file[i] != (uint8_t)"NotDump!"[i % 8];
	is_number(other, 0, "poison wherever there is nothing else");
	free(covered);
	/* Whatever byte a pointer starts at: not canonical, and not in a range that arm64 maps. */
	for (unsigned int start = 0; start < 8; start++) {
		uint64_t pointer = 0;

		for (unsigned int i = 0; i < 8; i++)
			pointer |= (uint64_t)"NotDump!"[(start + i) % 8] << 8 * i;
		ok(pointer >> 56 != 0 && pointer >> 56 != 0xff && (pointer >> 52 & 0xf) != 0 &&
		   (pointer >> 52 & 0xf) != 0xf, "poison from byte %u is no pointer", start);
	}
}

static void test_notes(const uint8_t *file)
{
	static const struct {
		const char *name;
		uint32_t name_size, type, size;
	} expected[] = {
		{ "CORE", 5, 1, 336 },
		{ "CORE", 5, 1, 336 },
		{ "VMCOREINFO", 11, 0, 36 },
		{ "MEMINSP", 8, 4, 8 },
		{ "MEMINSPECT", 11, 0x4d454d01, 0 },
		{ "MEMINSPECT", 11, 0x4d454d02, 4 },
	};
	const Elf64_Phdr *note = (const void *)(file + 64);
	const uint8_t *at = file + note->p_offset, *end = at + note->p_filesz;

	for (size_t i = 0; i < ARRAY_SIZE(expected) && at < end; i++) {
		const Elf64_Nhdr *header = (const void *)at;
		const uint8_t *name = at + sizeof(*header);
		const uint8_t *description = name + ((header->n_namesz + 3) & ~3U);

		ok(header->n_namesz == expected[i].name_size &&
		   !memcmp(name, expected[i].name, header->n_namesz) &&
		   header->n_type == expected[i].type &&
		   (!expected[i].size || header->n_descsz == expected[i].size),
		   "note %zu: %s, type %#x", i, expected[i].name, expected[i].type);
		if (i < 2) {
			is_number(*(const uint32_t *)(description + 32), i ? 3 : 1,
				  "pr_pid is CPU + 1");
		} else if (i == 2) {
			ok(!memcmp(description, "OSRELEASE=6.12.0-test\nPAGESIZE=4096\n", 36),
			   "text of VMCOREINFO");
		} else if (i == 3) {
			ok(*(const uint64_t *)description == 0xffff8c0001234580, "panic task");
		} else if (i == 4) {
			size_t other = 0;

			for (uint32_t j = 0; j < header->n_descsz; j++)
				other += description[j] >= 0x7f;
			is_number(other, 0, "the table is ASCII");
			ok(memmem(description, header->n_descsz, "\\u00ff\\u0080\\u00c3(", 19),
			   "... a byte is a character");
		}
		at = description + ((header->n_descsz + 3) & ~3U);
	}
	ok(at == end, "no other notes");
}

static void test_few_pieces(void)
{
	char *path = sample_path("few");
	struct meminspect_dump *dump = sample_dump_without_regions(), *again;
	const Elf64_Phdr *headers;
	uint8_t *file;
	size_t size;

	dump->has_ident = false;
	is_number(meminspect_core_write(context, dump, path), 0, "a core without a region is written");
	file = sample_load(path, &size);
	headers = (const void *)(file + 64);
	is_number(((const Elf64_Ehdr *)file)->e_machine, EM_X86_64,
		  "machine without identification, by its registers");
	is_number(((const Elf64_Ehdr *)file)->e_phnum, 3, "it has two PT_LOADs all the same");
	ok(headers[1].p_filesz == 0 && headers[1].p_memsz == 0 && headers[2].p_memsz == 0,
	   "... which cover nothing");
	is_number(meminspect_core_open(context, path, &again), 0, "it opens");
	is_number(again ? meminspect_dump_nr_regions(again) : 1, 0, "without regions");
	ok(again && !meminspect_dump_ident(again), "without identification");
	meminspect_dump_free(again);
	meminspect_dump_free(dump);
	unlink(path);
	free(file);
	free(path);
}

/* What stands in the note of the table, for free(). */
static char *load_table(const char *path)
{
	size_t size;
	uint8_t *file = sample_load(path, &size);
	const Elf64_Phdr *note = (const void *)(file + 64);
	const uint8_t *at = file + note->p_offset, *end = at + note->p_filesz;
	char *table = NULL;

	while (at < end && !table) {
		const Elf64_Nhdr *header = (const void *)at;

		at += sizeof(*header) + ((header->n_namesz + 3) & ~3U);
		if (header->n_type == 0x4d454d01)
			table = strndup((const char *)at, header->n_descsz);
		at += (header->n_descsz + 3) & ~3U;
	}
	free(file);
	return table;
}

/* Another program reads it as one document, or a line for each region. */
static void test_table(const struct meminspect_dump *dump, const char *path)
{
	char *table = load_table(path), *line = table;
	struct json_object *object = json_tokener_parse(table), *regions, *region, *value;
	size_t nr = 0, right = 0;

	ok(json_object_object_get_ex(object, "regions", &regions) &&
	   json_object_array_length(regions) == dump->nr_regions, "the table is a JSON document");
	for (line = strchr(table, '\n') + 1; strcmp(line, "]}\n"); line = strchr(line, '\n') + 1) {
		struct json_tokener *tokener = json_tokener_new();

		region = json_tokener_parse_ex(tokener, line, strcspn(line, "\n"));
		right += json_object_object_get_ex(region, "name", &value) && nr < dump->nr_regions &&
			 !strcmp(json_object_get_string(value), dump->regions[nr].name);
		nr++;
		json_object_put(region);
		json_tokener_free(tokener);
	}
	ok(nr == dump->nr_regions && right == nr, "... with a line for each region");
	region = json_object_array_get_idx(regions, dump->nr_regions - 1);
	json_object_object_get_ex(region, "verdict", &value);
	is_string(json_object_get_string(value), "left-out", "verdict of what policy left out");
	ok(!json_object_object_get_ex(region, "origin", NULL), "... the directory has it, as usual");
	region = json_object_array_get_idx(regions, dump->nr_regions - 2);
	json_object_object_get_ex(region, "origin", &value);
	is_string(json_object_get_string(value), "derived", "a region that it has not");
	json_object_put(object);
	free(table);
}

/* More segments than e_phnum can count. */
static void test_many_segments(void)
{
	enum { MANY = PN_XNUM - 1 };	/* and the PT_NOTE */
	/* A page for each is much for a disk. */
	char directory[] = "/dev/shm/core-test-XXXXXX";
	const char *parent = mkdtemp(directory) ? directory : sample_directory;
	struct meminspect_dump *dump = sample_dump_without_regions(), *again;
	struct meminspect_piece *pieces = calloc(MANY, sizeof(*pieces));
	const Elf64_Shdr *section;
	const Elf64_Ehdr *header;
	const Elf64_Phdr *headers;
	size_t nr = 0, right = 0;
	uint8_t *file;
	GElf_Phdr load;
	char *path;
	Elf *elf;
	int fd;

	for (size_t i = 0; i < MANY; i++)
		pieces[i] = sample_piece(0x10000000 + 0x1000 * i, 0xffff8c0010000000 + 0x1000 * i, 8, 8);
	sample_add_region(dump, "many", pieces->vaddr, pieces, MANY, MEMINSPECT_PRESENT, "");
	if (asprintf(&path, "%s/many", parent) < 0)
		abort();
	is_number(meminspect_core_write(context, dump, path), 0, "a core of %d segments", MANY);
	fd = open(path, O_RDONLY);
	/* Headers are all that is looked at: most of it is not even read. */
	file = mmap(NULL, 1 << 23, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED)
		abort();
	header = (const void *)file;
	headers = (const void *)(file + 64);
	section = (const void *)(file + header->e_shoff);
	is_number(header->e_phnum, PN_XNUM, "... its number is elsewhere");
	ok(header->e_shnum == 1 && header->e_shentsize == 64 && !header->e_shstrndx &&
	   header->e_shoff == 64 + 56 * (1 + (size_t)MANY) && section->sh_type == SHT_NULL,
	   "... in section header 0, behind the program headers");
	is_number(section->sh_info, 1 + MANY, "... which counts them");
	is_number(headers->p_offset, header->e_shoff + 64, "... and comes before the notes");
	munmap(file, 1 << 23);

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	ok(!elf_getphdrnum(elf, &nr) && nr == 1 + MANY, "libelf finds all");
	for (size_t i = 1; i < nr; i++)
		right += gelf_getphdr(elf, (int)i, &load) && load.p_type == PT_LOAD &&
			 load.p_paddr == 0x10000000 + 0x1000 * (nr - 1 - i);
	is_number(right, MANY, "... each in its place");
	elf_end(elf);
	close(fd);

	is_number(meminspect_core_open(context, path, &again), 0, "it opens");
	ok(again && same_regions(dump, again) && meminspect_dump_nr_problems(again) == 1,
	   "... and has all that was written");
	meminspect_dump_free(again);
	unlink(path);

	/* As many as e_phnum counts. */
	dump->regions->nr_pieces = MANY - 1;
	dump->regions->size = 8 * (MANY - 1);
	is_number(meminspect_core_write(context, dump, path), 0, "a core of one less");
	fd = open(path, O_RDONLY);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	ok(!elf_getphdrnum(elf, &nr) && nr == PN_XNUM - 1, "e_phnum counts up to 65534");
	elf_end(elf);
	close(fd);
	unlink(path);
	rmdir(directory);
	dump->regions->nr_pieces = MANY;
	meminspect_dump_free(dump);
	free(pieces);
	free(path);
}

/* The disk is full before all is written. */
static void test_full_disk(const struct meminspect_dump *dump)
{
	char *path = sample_path("full");
	struct rlimit old, small;

	if (getrlimit(RLIMIT_FSIZE, &old))
		abort();
	small = (struct rlimit) { 20000, old.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	is_number(meminspect_core_write(context, dump, path), -EFBIG, "no room for the file");
	setrlimit(RLIMIT_FSIZE, &old);
	ok(strstr(meminspect_error(context), "at offset 20000"), "... error: %s",
	   meminspect_error(context));
	is_number(access(path, F_OK), -1, "... there is no half a core");
	free(path);
}

/* A drop box: files can be made in it, but it can't be read, nor opened to be synced. */
static void test_drop_box(const struct meminspect_dump *dump)
{
	char *folder = sample_path("box"), *path = sample_path("box/core"), *top = sample_path("");
	const uid_t nobody = 65534, user = geteuid();

	/* Root reads anything. */
	if (mkdir(folder, 0300) || chmod(top, 0711) ||
	    (!user && (chown(folder, nobody, nobody) || seteuid(nobody))))
		abort();
	is_number(meminspect_core_write(context, dump, path), 0, "into a folder that can't be read: %s",
		  meminspect_error(context));
	unlink(path);
	if (seteuid(user))
		abort();
	rmdir(folder);
	free(folder);
	free(path);
	free(top);
}

static void test_output(const struct meminspect_dump *dump, const char *path)
{
	size_t before, after;
	uint8_t *file = sample_load(path, &before);
	char *other = sample_path("missing/core");
	struct stat status;

	is_number(meminspect_core_write(context, dump, path), -EEXIST, "never overwrites");
	ok(strstr(meminspect_error(context), path), "... error: %s", meminspect_error(context));
	free(file);
	file = sample_load(path, &after);
	is_number(after, before, "... the old file is as it was");
	is_number(meminspect_core_write(context, dump, other), -ENOENT, "no such directory");
	ok(!stat(path, &status) && (status.st_mode & 0777) == 0600, "only its owner reads a core");
	free(file);
	free(other);
}

/* ---------------------------------------------------------- shared pages --- */

static uint64_t offset_of(const uint8_t *file, uint64_t paddr, uint64_t length)
{
	const Elf64_Ehdr *header = (const void *)file;
	const Elf64_Phdr *headers = (const void *)(file + 64);

	for (unsigned int i = 1; i < header->e_phnum; i++)
		if (headers[i].p_paddr == paddr && headers[i].p_filesz == length)
			return headers[i].p_offset;
	return 0;
}

/* What is in one page of memory is in one page of the file, and what is the same stands there once. */
static void test_shared_pages(void)
{
	struct meminspect_dump *dump = sample_dump_without_regions(), *again;
	struct meminspect_piece pieces[] = {
		sample_piece(0x40000f80, 0xffff8c0040000f80, 0x40, 0x40),
		sample_piece(0x40000100, 0xffff8c0040000100, 0x80, 0x80),
		sample_piece(0x40000120, 0xffff8c0040000120, 8, 8),	/* as in the one before */
		sample_piece(0x40000140, 0xffff8c0040000140, 8, 8),	/* not as there */
		sample_piece(0x40001000, 0xffff8c0040001000, 0x10, 0x10),
	};
	char *path = sample_path("shared");
	uint64_t first, in, other, last;
	uint8_t *file;
	size_t size;

	memcpy((uint8_t *)pieces[2].data, pieces[1].data + 0x20, 8);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		sample_add_region(dump, "one", pieces[i].vaddr, &pieces[i], 1, MEMINSPECT_PRESENT, "");
	is_number(meminspect_core_write(context, dump, path), 0, "small pieces of one page");
	file = sample_load(path, &size);
	last = offset_of(file, 0x40000f80, 0x40);
	first = offset_of(file, 0x40000100, 0x80);
	in = offset_of(file, 0x40000120, 8);
	other = offset_of(file, 0x40000140, 8);
	is_number(in - first, 0x20, "what another holds stands there");
	ok(other / 4096 != first / 4096, "unless its bytes differ");
	ok(!memcmp(file + other, pieces[3].data, 8), "... which are all kept");
	is_number(last - other, 0xe40, "the page goes on with the one that was last in it");
	if (ok(!meminspect_core_open(context, path, &again), "it opens")) {
		ok(same_regions(dump, again), "with all regions");
		meminspect_dump_free(again);
	}
	unlink(path);
	free(file);

	/* Without the one that differs, all are behind each other */
	free((void *)dump->regions[3].pieces[0].data);
	((struct meminspect_piece *)dump->regions[3].pieces)[0].data = NULL;
	((struct meminspect_piece *)dump->regions[3].pieces)[0].present = 0;
	is_number(meminspect_core_write(context, dump, path), 0, "the same without it");
	file = sample_load(path, &size);
	first = offset_of(file, 0x40000100, 0x80);
	last = offset_of(file, 0x40000f80, 0x40);
	is_number(last - first, 0xe80, "two pieces in their places of a page");
	ok(!memcmp(file + first + 0x80, "NotDump!", 8), "... with poison between them");
	is_number(offset_of(file, 0x40001000, 0x10) / 4096, first / 4096 + 1, "the next page is the next");
	unlink(path);
	free(file);
	free(path);
	meminspect_dump_free(dump);
}

/* Whole pages that are alike, of several pieces each, are in the file once; nothing else is. */
static void test_alike_pages(void)
{
	struct meminspect_dump *dump = sample_dump_without_regions(), *again;
	struct meminspect_piece pieces[] = {
		sample_piece(0x40000000, 0xffff8c0040000000, 0x1800, 0x1800),
		sample_piece(0x40001900, 0xffff8c0040001900, 0x100, 0x100),
		sample_piece(0x50000000, 0xffff8c0050000000, 0x1800, 0x1800),
		sample_piece(0x50001900, 0xffff8c0050001900, 0x100, 0x100),
		/* A byte of one piece is another */
		sample_piece(0x60000000, 0xffff8c0060000000, 0x1800, 0x1800),
		sample_piece(0x60001900, 0xffff8c0060001900, 0x100, 0x100),
		/* The second piece is elsewhere in the page */
		sample_piece(0x70000000, 0xffff8c0070000000, 0x1800, 0x1800),
		sample_piece(0x70001910, 0xffff8c0070001910, 0x100, 0x100),
		/* There is only the first page of it */
		sample_piece(0x80000000, 0xffff8c0080000000, 0x1000, 0x1000),
	};
	char *path = sample_path("alike");
	uint64_t offset[ARRAY_SIZE(pieces)];
	uint8_t *file;
	size_t size;

	for (size_t i = 2; i < ARRAY_SIZE(pieces); i++)
		memcpy((uint8_t *)pieces[i].data, pieces[i % 2].data, pieces[i].length);
	((uint8_t *)pieces[5].data)[0xff] ^= 1;
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		sample_add_region(dump, "one", pieces[i].vaddr, &pieces[i], 1, MEMINSPECT_PRESENT, "");
	is_number(meminspect_core_write(context, dump, path), 0, "pages that are alike");
	file = sample_load(path, &size);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		offset[i] = offset_of(file, pieces[i].paddr, pieces[i].length);
		ok(!memcmp(file + offset[i], pieces[i].data, pieces[i].length),
		   "piece %zu is where its PT_LOAD says", i);
	}
	ok(offset[2] == offset[0] && offset[3] == offset[1], "two are at the same place");
	is_number(offset[4] - offset[0], 0x2000, "another byte: another place");
	is_number(offset[6] - offset[4], 0x2000, "another place in the page: another place");
	is_number(offset[8] - offset[6], 0x2000, "another length: another place");
	is_number(size - offset[8], 0x1000, "the file has no more");
	if (ok(!meminspect_core_open(context, path, &again), "it opens")) {
		ok(same_regions(dump, again), "with all regions");
		meminspect_dump_free(again);
	}
	unlink(path);
	free(file);
	free(path);
	meminspect_dump_free(dump);
}

/* Many regions in the same memory have more bytes than the file. */
static void test_aliases(void)
{
	struct meminspect_dump *dump = sample_dump_without_regions(), *again;
	char *path = sample_path("aliases");
	size_t size;

	for (unsigned int i = 0; i < 8; i++) {
		struct meminspect_piece piece = sample_piece(0x40000000, 0xffff8c0040000000, 1 << 20, 1 << 20);

		sample_add_region(dump, "alias", piece.vaddr, &piece, 1, MEMINSPECT_PRESENT, "");
	}
	is_number(meminspect_core_write(context, dump, path), 0, "eight regions of the same MiB");
	free(sample_load(path, &size));
	ok(size < 2 << 20, "are in the file once");
	if (ok(!meminspect_core_open(context, path, &again), "it opens: %s", meminspect_error(context))) {
		ok(same_regions(dump, again), "with all regions");
		meminspect_dump_free(again);
	}
	unlink(path);
	free(path);
	meminspect_dump_free(dump);
}

int main(void)
{
	struct meminspect_dump *dump = sample_dump(), *again;
	char *path, *second;
	uint8_t *file;
	size_t size;

	context = meminspect_context_new();
	path = sample_path("core");
	second = sample_path("second");
	if (!ok(!meminspect_core_write(context, dump, path), "write: %s", meminspect_error(context)))
		return done_testing();
	file = sample_load(path, &size);
	test_headers(file, size);
	test_poison(file, size);
	test_notes(file);
	if (ok(!meminspect_core_open(context, path, &again), "open: %s", meminspect_error(context))) {
		compare(dump, again);
		test_reading(dump);
		test_reading(again);
		is_number(meminspect_core_write(context, again, second), 0, "write it again");
		meminspect_dump_free(again);
		meminspect_core_open(context, second, &again);
		compare(dump, again);
		meminspect_dump_free(again);
	}
	test_output(dump, path);
	test_full_disk(dump);
	test_drop_box(dump);
	test_table(dump, path);
	test_few_pieces();
	test_many_segments();
	test_shared_pages();
	test_alike_pages();
	test_aliases();
	unlink(path);
	unlink(second);
	is_number(sample_end(), 0, "nothing is left behind");
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	free(file);
	free(path);
	free(second);
	return done_testing();
}
