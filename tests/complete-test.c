// SPDX-License-Identifier: GPL-2.0-only
/* What vmlinux adds to a dump: a small vmlinux made by the assembler, and the model of a dead kernel. */
#include "complete.h"
#include "fake-source.h"
#include "fake-vmlinux.h"
#include "follow.h"
#include <elf.h>
#include <errno.h>
#include <unistd.h>

#define RAM_BASE	0x40000000ULL
#define RAM_SIZE	(4 << 20)
#define LINK		FAKE_VMLINUX_TEXT
/* Of the model */
#define KASLR		0x1e000000ULL
#define IMAGE_PA	(RAM_BASE + 0x100000)

static char folder[] = "/tmp/complete-test.XXXXXX";
static char image[64], core[64];

/*
 * Functions at 0, 0x1000, 0x3000, 0x4fe0 and 0x6000 of 0x8000 bytes of text, of 0x11, 0x22... That
 * at 0x4fe0 calls what the second word of pv_ops points to, from 0x4ffe.
 */
static const char source[] =
	".text\n.globl _text, _stext, _etext\n_text:\n_stext:\n"
	".type idle, @function\nidle: .fill 0x100, 1, 0x11\n.size idle, . - idle\n"
	".org 0x1000\n.type schedule, @function\nschedule: .fill 0x40, 1, 0x22\n.size schedule, . - schedule\n"
	".org 0x3000\nentry: .fill 0x80, 1, 0x33\n.size entry, . - entry\n"
	".org 0x4fe0\n.type halt, @function\nhalt: .fill 0x1e, 1, 0x55\n.byte 0xff, 0x15\n.long pv_ops + 8 - . - 4\n"
	".fill 0x1c, 1, 0x55\n.size halt, . - halt\n"
	".org 0x6000\n.type never, @function\nnever: .fill 0x80, 1, 0x44\n.size never, . - never\n"
	".org 0x8000\n_etext:\n"
	".section .rodata, \"a\"\n.balign 8\n.globl task_state_array\n"
	"task_state_array: .quad running, sleeping, 5\n.size task_state_array, . - task_state_array\n.quad 0\n"
	"mt_slots: .byte 1, 2, 3, 4\n.size mt_slots, 4\n"
	"running: .asciz \"R (running)\"\nsleeping: .asciz \"S (sleeping)\"\n"
	"name: .asciz \"bare hardware\"\n"
	".section .orc_unwind_ip, \"a\"\n__start_orc_unwind_ip: .long idle - ., schedule - ., entry - ., never - .\n"
	"__stop_orc_unwind_ip:\n"
	".section .orc_unwind, \"a\"\n__start_orc_unwind: .fill 24, 1, 0x77\n__stop_orc_unwind:\n"
	".section .orc_lookup, \"aw\", @nobits\norc_lookup: .skip 129 * 4\norc_lookup_end:\n"
	".data\nlookup_num_blocks: .long 0\n"
	".balign 8\npv_ops: .quad never, entry\n.size pv_ops, . - pv_ops\n"
	".balign 4096\nlevel2_kernel_pgt: .skip 4096\nlevel3_kernel_pgt: .skip 4096\n.section .note.GNU-stack, \"\"\n";

static uint64_t symbol(const char *name)
{
	char command[160];
	unsigned long long address = 0;
	FILE *file;

	snprintf(command, sizeof(command), "nm %s | sed -n 's/ . %s$//p'", image, name);
	file = popen(command, "r");
	if (!file || fscanf(file, "%llx", &address) != 1)
		printf("Bail out! no symbol %s\n", name);
	if (file)
		pclose(file);
	return address;
}

static uint64_t name_address;

static struct model *make_model(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, MODEL_NR_CPUS);
	uint64_t stack[512] = { 0 }, name = name_address + KASLR;
	char config[1000];

	stack[100] = LINK + KASLR + 0x3020;		/* within entry */
	stack[101] = LINK + KASLR + 0x8000;		/* not text */
	stack[102] = LINK + 0x6010;			/* nor where it was linked */
	stack[103] = LINK + KASLR + 0x5003;		/* behind a call of 5 bytes */
	model_add_bytes(model, "task_stack", MEMINSPECT_CLASS_TASK, 0xffffc90000100000ULL, stack,
			sizeof(stack));
	memset(config, 'c', sizeof(config));
	model_add_bytes(model, "kernel_config_data", MEMINSPECT_CLASS_CONFIG,
			LINK + KASLR + 0x100000, config, sizeof(config));
	model_add_bytes(model, "pv_info", MEMINSPECT_CLASS_CPU, LINK + KASLR + 0x200000, &name,
			sizeof(name));
	return model;
}

static struct meminspect_dump *collect_model(struct model *model)
{
	struct meminspect_dump *dump = NULL;
	struct meminspect_memory *memory;
	char ram[64];

	snprintf(ram, sizeof(ram), "%s/ram", folder);
	unlink(ram);
	model_save(model, ram);
	if (meminspect_memory_open_ram(context, ram, RAM_BASE, &memory) ||
	    meminspect_collect(context, memory, &dump)) {
		printf("Bail out! %s\n", meminspect_error(context));
		exit(1);
	}
	meminspect_memory_close(memory);
	return dump;
}

static const struct meminspect_region *find(const struct meminspect_dump *dump, const char *name)
{
	return meminspect_dump_find(dump, name, -1);
}

/* The bytes at an address where the kernel ran, of any origin but filler. */
static bool holds(const struct meminspect_dump *dump, uint64_t vaddr, const void *bytes, size_t length)
{
	uint8_t found[4096];

	return !meminspect_dump_read(dump, vaddr, found, length) && !memcmp(found, bytes, length);
}

static void check_constants(const struct meminspect_dump *dump)
{
	const struct meminspect_region *region = find(dump, "task_state_array");
	const uint64_t states[4] = { symbol("running") + KASLR, symbol("sleeping") + KASLR, 5, 0 };

	ok(region && region->origin == MEMINSPECT_FROM_VMLINUX && region->size == sizeof(states) &&
	   holds(dump, symbol("task_state_array") + KASLR, states, sizeof(states)),
	   "a table: its pointers are moved, other numbers are not, a null pointer is behind");
	ok(region && region->pieces[0].paddr == symbol("task_state_array") - LINK + IMAGE_PA,
	   "... it is where the image was");
	ok(holds(dump, symbol("running") + KASLR, "R (running)", 12) &&
	   holds(dump, symbol("sleeping") + KASLR, "S (sleeping)", 13), "... its strings are there");
	ok(holds(dump, symbol("mt_slots") + KASLR, "\1\2\3\4", 4), "a table of bytes");
	ok(holds(dump, symbol("name") + KASLR, "bare hardware", 14),
	   "a string that a collected region points to");
	ok(!find(dump, "pageflag_names"), "what the image does not have is not made up");
}

static void check_code(const struct meminspect_dump *dump, enum meminspect_origin origin)
{
	const struct meminspect_region *text = find(dump, "text"), *lookup = find(dump, "orc_lookup");
	const struct meminspect_region *made = text ? text + 1 : NULL;
	const uint32_t blocks[2] = { htole32(2), htole32(2) }, nr = htole32(129);
	uint8_t byte;

	ok(text && text->origin == origin && text->nr_pieces == 3 &&
	   text->pieces[0].vaddr == LINK + KASLR + 0x1000 && text->pieces[0].length == 6 * 0x40 &&
	   text->pieces[1].vaddr == LINK + KASLR + 0x3000 && text->pieces[1].length == 6 * 0x20 &&
	   text->pieces[2].vaddr == LINK + KASLR + 0x5040 && text->pieces[2].length == 0x80,
	   "text: what is asked for always, and what a return address is in");
	ok(holds(dump, LINK + KASLR + 0x3000, "\x33\x33\x33\x33", 4), "... as it was");
	/* 0x3000 - 0x5003 */
	ok(made && made->origin == MEMINSPECT_MADE && made->nr_pieces == 1 &&
	   made->pieces[0].vaddr == LINK + KASLR + 0x4fc0 && made->pieces[0].length == 0x80 &&
	   holds(dump, LINK + KASLR + 0x4ffd, "\x55\xe8\xfd\xdf\xff\xff\x90\x55", 8),
	   "a call through pv_ops: direct, as the kernel makes it, and said to be made");
	ok(meminspect_dump_read(dump, LINK + KASLR + 0x6000, &byte, 1) == -ENODATA,
	   "... what no stack points to is absent");
	ok(lookup && lookup->origin == MEMINSPECT_MADE &&
	   holds(dump, symbol("orc_lookup") + KASLR + 48 * 4, blocks, sizeof(blocks)),
	   "unwind tables: their index is made, as the kernel makes it");
	ok(holds(dump, symbol("lookup_num_blocks") + KASLR, &nr, sizeof(nr)), "... and its size");
	ok(holds(dump, symbol("__start_orc_unwind") + KASLR + 12, "\x77\x77\x77\x77\x77\x77", 6),
	   "... the entries are there");
}

static void check_filler(const struct meminspect_dump *dump)
{
	const struct meminspect_region *region = find(dump, "beyond");
	uint64_t end = LINK + KASLR + 0x100000 + 1000;
	uint8_t byte;

	ok(region && region->origin == MEMINSPECT_FILLER && region->vaddr == end &&
	   region->size == (32 << 10) + 8 - 1000 && !memcmp(region->pieces[0].data + (8 - end % 8), "NotDump!", 8),
	   "poison behind the configuration, as far as crash reads");
	ok(meminspect_dump_read(dump, end, &byte, 1) == -ENODATA, "... which is no answer");
}

static void test_complete(void)
{
	struct model *model = make_model();
	struct meminspect_dump *dump, *again = NULL;

	/* Something that is marked in the middle of what crash reads beyond the configuration */
	model_add_bytes(model, "marked", MEMINSPECT_CLASS_DRIVER, LINK + KASLR + 0x103000, "marked", 6);
	dump = collect_model(model);
	is_number(meminspect_complete(context, dump, NULL, image), 0, "vmlinux is taken");
	check_constants(dump);
	check_code(dump, MEMINSPECT_FROM_VMLINUX);
	check_filler(dump);
	is_number(meminspect_complete(context, dump, NULL, image), -EEXIST, "once only");

	unlink(core);
	is_number(meminspect_core_write(context, dump, core), 0, "a core of it");
	is_number(meminspect_core_open(context, core, &again), 0, "... opens");
	check_constants(again);
	check_code(again, MEMINSPECT_FROM_VMLINUX);
	check_filler(again);
	meminspect_dump_free(again);
	meminspect_dump_free(dump);
	model_free(model);
}

/* Where the dead machine's memory can be read, its text is taken: the kernel patches it. */
static void test_patched(void)
{
	struct model *model = make_model();
	struct meminspect_dump *dump = collect_model(model);
	struct meminspect_memory *memory = NULL;
	char ram[64];

	memset(model_at(model, IMAGE_PA + 0x3000), 0x90, 16);
	snprintf(ram, sizeof(ram), "%s/ram", folder);
	unlink(ram);
	model_save(model, ram);
	meminspect_memory_open_ram(context, ram, RAM_BASE, &memory);
	is_number(meminspect_complete(context, dump, memory, image), 0, "with the memory at hand");
	ok(find(dump, "text")->origin == MEMINSPECT_DERIVED &&
	   holds(dump, LINK + KASLR + 0x3000, "\x90\x90\x90\x90", 4) &&
	   strcmp(find(dump, "text")[1].name, "text") != 0, "text is the memory's, and said to be");
	check_constants(dump);
	meminspect_memory_close(memory);
	meminspect_dump_free(dump);
	model_free(model);
}

/* Filler never hides what was collected. */
static void test_overlay(void)
{
	struct model *model = make_model();
	uint64_t page = model_alloc(model, 4096);
	struct meminspect_extent extent = { page, 6 };
	const struct model_region marked = {
		.name = "marked", .class = MEMINSPECT_CLASS_DRIVER, .vaddr = 0xffffc90000200000ULL,
		.nr_extents = 1, .extents = &extent,
	};
	const struct meminspect_region *region;
	struct meminspect_dump *dump;
	uint64_t at;

	memcpy(model_at(model, page), "marked", 6);
	model_add_region(model, &marked);
	dump = collect_model(model);
	/* As if the configuration stood right before it */
	at = page - IMAGE_PA + LINK + KASLR;
	for (size_t i = 0; i < dump->nr_regions; i++)
		if (!strcmp(dump->regions[i].name, "kernel_config_data"))
			dump->regions[i].vaddr = at - 2000;
	meminspect_complete(context, dump, NULL, image);
	region = find(dump, "beyond");
	ok(region && !memcmp(region->pieces[0].data + 1000, "marked", 6) &&
	   memcmp(region->pieces[0].data + 1000 + 6, "\xa5\xa5\xa5\xa5", 4),
	   "what was collected shows through, its neighbours do not");
	meminspect_dump_free(dump);
	model_free(model);
}

/* A configuration at the end of the address space has nothing behind it that crash could read. */
static void test_config_end(void)
{
	struct model *model = make_model();
	struct meminspect_dump *dump = collect_model(model);

	for (size_t i = 0; i < dump->nr_regions; i++)
		if (!strcmp(dump->regions[i].name, "kernel_config_data")) {
			dump->regions[i].vaddr = UINT64_MAX - 5;
			dump->regions[i].size = 4;
		}
	alarm(60);
	is_number(meminspect_complete(context, dump, NULL, image), 0,
		  "a configuration at the end of the address space");
	alarm(0);
	ok(!find(dump, "beyond"), "... nothing is behind it");
	meminspect_dump_free(dump);
	model_free(model);
}

/* Rows of modules that each claim 16 MiB, of which nothing is mapped */
static void test_many_modules(unsigned int nr, bool too_much)
{
	const uint64_t start = 0xffffffffc0000000ULL, length = 16 << 20;
	const uint64_t module[8] = { htole64(start), htole64(length) };
	struct model *model = make_model();
	struct meminspect_dump *dump;

	for (unsigned int i = 0; i < nr; i++)
		model_add_bytes(model, "module:evil", MEMINSPECT_CLASS_MODULE, start + 64 * i, module,
				sizeof(module));
	dump = collect_model(model);
	is_number(meminspect_complete(context, dump, NULL, image), 0, "%u modules of 16 MiB", nr);
	ok(has_problem(dump, "that modules and pv_info ask for") == too_much,
	   "... are %s", too_much ? "more than is added, which is said" : "no problem");
	meminspect_dump_free(dump);
	model_free(model);
}

static void test_many_strings(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, MODEL_NR_CPUS);
	static uint64_t names[5000];
	struct meminspect_dump *dump;
	size_t nr = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		names[i] = htole64(name_address + KASLR);
	model_add_bytes(model, "pv_info", MEMINSPECT_CLASS_CPU, LINK + KASLR + 0x200000, names,
			sizeof(names));
	dump = collect_model(model);
	is_number(meminspect_complete(context, dump, NULL, image), 0, "too many strings");
	for (size_t i = 0; i < dump->nr_regions; i++)
		if (!strcmp(dump->regions[i].name, "strings") && dump->regions[i].nr_pieces > nr)
			nr = dump->regions[i].nr_pieces;
	is_number(nr, 4096, "... the first ones are added");
	ok(has_problem(dump, "that modules and pv_info ask for"), "... which is said");
	meminspect_dump_free(dump);
	model_free(model);
}

/* More words than there is to a kernel, none of which leads to the end of a string */
static void test_many_words(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, MODEL_NR_CPUS);
	static uint64_t words[(1 << 17) + 1];
	struct meminspect_dump *dump;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		words[i] = htole64(LINK + KASLR + 0x1000);
	model_add_bytes(model, "pv_info", MEMINSPECT_CLASS_CPU, LINK + KASLR + 0x200000, words,
			sizeof(words));
	dump = collect_model(model);
	is_number(meminspect_complete(context, dump, NULL, image), 0, "more than 1 MiB of words");
	ok(has_problem(dump, "that modules and pv_info ask for"), "... are not looked at, which is said");
	meminspect_dump_free(dump);
	model_free(model);
}

/* A stack full of addresses of a function of 16 MiB */
static void test_many_frames(void)
{
	static const char large[] =
		".text\n.globl _text, _stext, _etext\n_text:\n_stext:\n"
		".type large, @function\nlarge: .fill 0x1000000, 1, 0x11\n.size large, . - large\n_etext:\n"
		".section .note.GNU-stack, \"\"\n";
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, MODEL_NR_CPUS);
	static uint64_t stack[1 << 18];
	struct meminspect_dump *dump;

	for (size_t i = 0; i < ARRAY_SIZE(stack); i++)
		stack[i] = htole64(LINK + KASLR + 1 + 60 * i);
	model_add_bytes(model, "task_stack", MEMINSPECT_CLASS_TASK, 0xffffc90000100000ULL, stack,
			sizeof(stack));
	dump = collect_model(model);
	link_image(image, large, BUILD_ID);
	alarm(60);
	is_number(meminspect_complete(context, dump, NULL, image), 0, "a stack full of addresses of a large function");
	alarm(0);
	ok(find(dump, "text") && find(dump, "text")->size == 16 << 20, "... which is added once");
	meminspect_dump_free(dump);
	model_free(model);
	link_image(image, source, BUILD_ID);
}

/* An index of unwind tables that ends within an entry */
static void test_cut_lookup(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, MODEL_NR_CPUS);
	uint64_t stack[16] = { htole64(LINK + KASLR + 0x7f10) };
	char *cut = strdup(source);
	struct meminspect_dump *dump;

	memcpy(strstr(cut, ".skip 129 * 4"), ".skip 519    ", 13);
	link_image(image, cut, BUILD_ID);
	model_add_bytes(model, "task_stack", MEMINSPECT_CLASS_TASK, 0xffffc90000100000ULL, stack,
			sizeof(stack));
	dump = collect_model(model);
	is_number(meminspect_complete(context, dump, NULL, image), 0, "orc_lookup of 129 entries and 3 bytes");
	ok(find(dump, "text") && !find(dump, "orc_lookup"), "... is not used");
	meminspect_dump_free(dump);
	model_free(model);
	free(cut);
	link_image(image, source, BUILD_ID);
}

/* As the processor takes an address apart: 9 bits for each level */
static void test_tables(void)
{
	uint64_t address = LINK + KASLR + 0x6010, entry = 0, image_pa = RAM_BASE + (2 << 20);
	uint64_t level2 = symbol("level2_kernel_pgt"), level3 = symbol("level3_kernel_pgt");
	struct model *model = make_model();
	struct meminspect_dump *dump = collect_model(model);

	meminspect_complete(context, dump, NULL, image);
	ok(!find(dump, "level2_kernel_pgt"), "no page table for an image that is not where it can be");
	meminspect_dump_free(dump);
	dump = collect_model(model);
	dump->ident.image_pa = image_pa;
	meminspect_complete(context, dump, NULL, image);
	meminspect_dump_read(dump, level3 + KASLR + 510 * 8, &entry, sizeof(entry));
	is_number(le64toh(entry), (level2 - LINK + image_pa) | 0x63, "a page table leads to the one below it");
	meminspect_dump_read(dump, level2 + KASLR + (address >> 21 & 511) * 8, &entry, sizeof(entry));
	is_number(le64toh(entry), image_pa | 0x1e3, "... which maps the image");
	meminspect_dump_read(dump, level2 + KASLR, &entry, sizeof(entry));
	is_number(entry, 0, "... and nothing else");
	ok(find(dump, "level2_kernel_pgt")->origin == MEMINSPECT_MADE, "... and is said to be made");
	meminspect_dump_free(dump);
	model_free(model);
}

/* Of the linear map only the top table was collected; the next one is made where it was. */
static void test_linear_table(void)
{
	const uint64_t linear = 0xffff888000000000ULL, where = 0x7654000;
	struct model *model = make_model();
	const struct meminspect_region *region;
	uint64_t top[512] = { [273] = htole64(where | 0x67) };	/* bits 39 to 47 */
	struct meminspect_extent extent = { model_alloc(model, 4096), 64 };
	const struct model_region marked = {
		.name = "marked", .class = MEMINSPECT_CLASS_DRIVER, .vaddr = linear + extent.paddr,
		.nr_extents = 1, .extents = &extent,
	};
	struct meminspect_dump *dump;

	model_add_region(model, &marked);
	model_add_bytes(model, "swapper_pg_dir", MEMINSPECT_CLASS_PAGETABLE, LINK + KASLR + 0x400000, top,
			sizeof(top));
	dump = collect_model(model);
	dump->ident.swapper_pg_dir = find(dump, "swapper_pg_dir")->pieces[0].paddr;
	meminspect_complete(context, dump, NULL, image);
	region = find(dump, "linear_map_table");
	ok(region && region->pieces[0].paddr == where && region->pieces[0].vaddr == linear + where &&
	   region->origin == MEMINSPECT_MADE, "a table of the linear map, where the top table says");
	ok(region && !memcmp(region->pieces[0].data + 8, "\xe3\x01\x00\x40\x00\x00\x00\x00", 8) &&
	   !memcmp(region->pieces[0].data, "\0\0\0\0\0\0\0", 8), "... with the GiB that was collected from");
	meminspect_dump_free(dump);
	model_free(model);
}

/* A range that ends in the last page, or would go on behind it, ends there. */
static void test_follow_end(void)
{
	struct model *model = make_model();
	struct meminspect_dump *dump = collect_model(model);
	struct fake fake = fake_of(model);
	struct completion completion = {
		.context = context, .dump = dump, .memory = &fake.memory, .ident = &dump->ident,
		.nr_collected = dump->nr_regions,
	};
	struct follow_pages *pages = follow_pages_new(&completion, page_tables_format(&dump->ident));

	alarm(60);
	follow_take(pages, -0x800ULL, 16, "last");
	follow_take(pages, -0x800ULL, 0x800, "last");
	follow_take(pages, -0x800ULL, 0x10000, "behind");
	alarm(0);
	ok(!follow_pages_too_much(pages) && !follow_pages_error(pages),
	   "following ends at the last page of the address space");
	follow_pages_free(pages);
	meminspect_dump_free(dump);
	model_free(model);
}

static int64_t read_zeros(struct meminspect_memory *memory, uint64_t paddr, void *buffer, size_t length)
{
	(void)memory;
	(void)paddr;
	memset(buffer, 0, length);
	return (int64_t)length;
}

/* Addresses that a fixed way to spread them would not spread; and page tables in the first page. */
static void test_follow_chosen(void)
{
	static const struct memory_operations operations = { .read = read_zeros };
	struct model *model = make_model();
	struct meminspect_dump *dump = collect_model(model);
	struct meminspect_memory memory = { .context = context, .operations = &operations };
	struct completion completion = {
		.context = context, .dump = dump, .memory = &memory, .ident = &dump->ident,
	};
	struct follow_pages *pages;
	uint8_t byte;

	dump->ident.swapper_pg_dir = 0;
	pages = follow_pages_new(&completion, page_tables_format(&dump->ident));
	alarm(60);
	for (unsigned int i = 0; i < 40 << 16; i++)
		follow_read(pages, 1ULL << 63 | (uint64_t)(i & 0xffff) << 47, &byte, 1);
	alarm(0);
	for (uint64_t i = 0; i < 100; i++)
		follow_read(pages, 0xffffffff80000000 + i * 4096, &byte, 1);
	ok(!follow_pages_error(pages) && !follow_pages_too_much(pages), "chosen addresses are soon found");
	follow_pages_free(pages);
	meminspect_dump_free(dump);
	model_free(model);
}

/* Of each CPU a variable, among as many regions that the kernel marked */
static void test_many_variables(void)
{
	const unsigned int nr = 60000;
	struct model *model = make_model();
	struct meminspect_dump *dump = collect_model(model);
	struct fake fake = fake_of(model);
	struct completion completion = {
		.context = context, .dump = dump, .memory = &fake.memory, .ident = &dump->ident,
		.nr_collected = dump->nr_regions + nr,
	};
	struct follow_pages *pages;
	unsigned int cpu;
	size_t before;

	dump->regions = reallocarray(dump->regions, dump->nr_regions + nr, sizeof(*dump->regions));
	for (cpu = 0; cpu < nr; cpu++)
		dump->regions[dump->nr_regions++] = (struct meminspect_region) {
			.name = strdup("runqueues"), .why = strdup(""), .vaddr = LINK + 4096 * cpu,
		};
	before = dump->nr_regions;
	pages = follow_pages_new(&completion, page_tables_format(&dump->ident));
	alarm(30);
	for (cpu = 0; cpu < nr; cpu++)
		follow_add_variable(pages, &completion, "runqueues", &cpu, LINK + 4096 * (nr - 1 - cpu), 8);
	alarm(0);
	is_number(dump->nr_regions, before, "what the kernel marked of each CPU is not added again");
	follow_pages_free(pages);
	meminspect_dump_free(dump);
	model_free(model);
}

/* Absent pieces, so that a core holds @left more */
static void fill(struct meminspect_dump *dump, size_t left)
{
	struct meminspect_region *region;
	struct meminspect_piece *pieces;
	size_t nr = MAX_PIECES - left;

	for (size_t i = 0; i < dump->nr_regions; i++)
		nr -= dump->regions[i].nr_pieces;
	dump->regions = reallocarray(dump->regions, dump->nr_regions + 1, sizeof(*dump->regions));
	region = &dump->regions[dump->nr_regions++];
	pieces = calloc(nr, sizeof(*pieces));
	*region = (struct meminspect_region) {
		.name = strdup("fill"), .why = strdup("none"), .verdict = MEMINSPECT_ABSENT, .size = nr,
		.nr_pieces = nr, .pieces = pieces,
	};
	for (size_t i = 0; i < nr; i++)
		pieces[i].length = 1;
}

/* What a core has no room for is not added, so that one can be written. */
static void test_full(void)
{
	struct model *model = make_model();
	struct meminspect_dump *dump = collect_model(model);

	fill(dump, 1);
	is_number(meminspect_complete(context, dump, NULL, image), 0, "a dump of as many pieces as a core holds");
	ok(find(dump, "task_state_array") && !find(dump, "mt_slots"), "... gets what it has room for");
	ok(has_problem(dump, "a core holds 262144 pieces"), "... which is said");
	unlink(core);
	is_number(meminspect_core_write(context, dump, core), 0, "... and a core is written");
	meminspect_dump_free(dump);
	model_free(model);
}

/* However many pieces there are, looking for an address among them is soon over. */
static void test_many_pieces(void)
{
	const uint64_t start = 0xffffffffc0000000ULL, length = 16 << 20;
	const uint64_t module[8] = { htole64(start), htole64(length) };
	struct model *model = make_model();
	struct meminspect_dump *dump;

	for (unsigned int i = 0; i < 16; i++)
		model_add_bytes(model, "module:evil", MEMINSPECT_CLASS_MODULE, start + 64 * i, module,
				sizeof(module));
	dump = collect_model(model);
	fill(dump, 100);
	alarm(15);
	is_number(meminspect_complete(context, dump, NULL, image), 0, "65536 pages of modules among 262044 pieces");
	alarm(0);
	meminspect_dump_free(dump);
	model_free(model);
}

/* Nor what pointers lead to */
static void test_follow_full(void)
{
	struct model *model = make_model();
	struct meminspect_dump *dump = collect_model(model);
	const uint64_t table = model_alloc(model, 8192), vaddr = 0xffffffff80010000;
	struct fake fake = fake_of(model);
	struct completion completion = {
		.context = context, .dump = dump, .memory = &fake.memory, .ident = &dump->ident,
		.nr_pieces = MAX_PIECES,
	};
	struct follow_pages *pages;
	const unsigned int cpu = 5;
	uint32_t key;

	/* A GiB from the start of RAM on */
	((uint64_t *)model_at(model, table))[511] = htole64((table + 4096) | 0x67);
	((uint64_t *)model_at(model, table + 4096))[510] = htole64(RAM_BASE | 0xe3);
	dump->ident.swapper_pg_dir = table;
	key = dump->regions[dump->nr_regions - 1].key;
	pages = follow_pages_new(&completion, page_tables_format(&dump->ident));
	follow_take(pages, vaddr, 16, "page");
	is_number(follow_pages_add(pages, &completion), 0, "what was reached of a full dump");
	is_number(follow_add_variable(pages, &completion, "variable", &cpu, vaddr, 8), 0, "... and a variable");
	ok(completion.full && dump->regions[dump->nr_regions - 1].key == key, "... are not added");
	completion.nr_pieces = 0;
	follow_add_variable(pages, &completion, "variable", &cpu, vaddr, 8);
	ok(find(dump, "variable") && find(dump, "variable")->key == cpu, "... of another one, they are");
	follow_pages_free(pages);
	meminspect_dump_free(dump);
	model_free(model);
}

/* Text in the last line of the address space, which no kernel has: there is no line behind it. */
static void test_last_line(void)
{
	static const char last[] =
		".globl _text, _stext, _etext\n_stext = 0xfffffffffff00000\n_etext = 0xffffffffffffffe0\n"
		".text\n_text: .fill 16, 1, 0x90\n.section .note.GNU-stack, \"\"\n";
	struct model *model = make_model();
	struct meminspect_dump *dump = collect_model(model);

	link_image(image, last, BUILD_ID);
	is_number(meminspect_complete(context, dump, NULL, image), 0, "text up to the last line");
	ok(!find(dump, "text"), "... is not added");
	meminspect_dump_free(dump);
	model_free(model);
	link_image(image, source, BUILD_ID);
}

/* An image up to the last large page of the address space: there is no page behind it either. */
static void test_last_page(void)
{
	static const char last[] =
		".globl _text\n_text = 0xffffffff80f00000\n_etext = 0xffffffff80f10000\n"
		"level2_kernel_pgt = 0xffffffff80f20000\nlevel3_kernel_pgt = 0xffffffff80f21000\n"
		".text\n.fill 16, 1, 0x90\n.section .note.GNU-stack, \"\"\n";
	struct model *model = make_model();
	struct meminspect_dump *dump = collect_model(model);

	link_image(image, last, BUILD_ID);
	/* Its end, behind the text, is in the last 2 MiB then. */
	dump->ident.kaslr_offset = 0x7ef00000;
	dump->ident.image_va = 0xffffffffffe00000;
	dump->ident.image_pa = 0x40000000;
	alarm(20);
	is_number(meminspect_complete(context, dump, NULL, image), 0, "an image up to the last page");
	alarm(0);
	ok(!find(dump, "level2_kernel_pgt"), "... has no page table");
	meminspect_dump_free(dump);
	model_free(model);
	link_image(image, source, BUILD_ID);
}

static void refused(const char *what, int error, const char *words)
{
	struct model *model = make_model();
	struct meminspect_dump *dump = collect_model(model);
	size_t nr = meminspect_dump_nr_regions(dump);

	is_number(meminspect_complete(context, dump, NULL, image), error, "%s: refused", what);
	ok(strstr(meminspect_error(context), words) && strstr(meminspect_error(context), image),
	   "... with the reason: %s", meminspect_error(context));
	ok(meminspect_dump_nr_regions(dump) == nr, "... and nothing is added");
	meminspect_dump_free(dump);
	model_free(model);
}

/* Sections that are a hole in the file */
static void enlarge_section(void)
{
	FILE *file = fopen(image, "r+");
	Elf64_Ehdr header;
	Elf64_Shdr section;

	if (!file || fread(&header, sizeof(header), 1, file) != 1)
		exit(1);
	do {
		fseek(file, header.e_shoff, SEEK_SET);
		header.e_shoff += sizeof(section);
		if (fread(&section, sizeof(section), 1, file) != 1)
			exit(1);
	} while (section.sh_type != SHT_PROGBITS || !(section.sh_flags & SHF_ALLOC));
	section.sh_size = (1 << 30) + 1;
	fseek(file, header.e_shoff - sizeof(section), SEEK_SET);
	if (fwrite(&section, sizeof(section), 1, file) != 1 || fclose(file) || truncate(image, 2LL << 30))
		exit(1);
}

static void test_refused(void)
{
	static const char many[] =
		".text\n.globl _text\n_text: .byte 1\n.macro one\n.section .s\\@, \"a\"\n.byte 1\n.endm\n"
		".rept 4200\none\n.endr\n.section .note.GNU-stack, \"\"\n";
	char command[128];

	link_image(image, many, BUILD_ID);
	refused("one of 4200 sections", -EINVAL, "more sections than any kernel");
	link_image(image, source, BUILD_ID);
	enlarge_section();
	refused("one with a section of 1 GiB", -EINVAL, "more than 1 GiB");
	unlink(image);

	link_image(image, source, "00112233445566778899aabbccddeeff00112233");
	refused("another kernel", -EINVAL, "build-id is not that of the kernel that died");
	link_image(image, source, BUILD_ID);
	snprintf(command, sizeof(command), "strip %s", image);
	ok(!system(command), "strip");
	refused("one without symbols", -EINVAL, "no symbols");
	snprintf(command, sizeof(command), "strip -R .note.gnu.build-id %s", image);
	ok(!system(command), "strip again");
	refused("one without a build-id", -EINVAL, "no build-id");
	snprintf(command, sizeof(command), "truncate -s 3000 %s", image);
	ok(!system(command), "cut");
	refused("a part of one", -EINVAL, "");
	snprintf(command, sizeof(command), "echo vmlinux >%s", image);
	ok(!system(command), "text");
	refused("no ELF file", -EINVAL, "expected a vmlinux");
	unlink(image);
	refused("no file", -ENOENT, "No such file");
}

int main(void)
{
	char command[64];

	context = meminspect_context_new();
	if (!mkdtemp(folder))
		return 1;
	snprintf(image, sizeof(image), "%s/vmlinux", folder);
	snprintf(core, sizeof(core), "%s/core", folder);
	link_image(image, source, BUILD_ID);
	name_address = symbol("name");
	test_complete();
	test_patched();
	test_overlay();
	test_config_end();
	test_many_modules(16, false);
	test_many_modules(17, true);
	test_many_strings();
	test_many_words();
	test_many_frames();
	test_cut_lookup();
	test_tables();
	test_linear_table();
	test_follow_end();
	test_follow_chosen();
	test_many_variables();
	test_full();
	test_follow_full();
	test_many_pieces();
	test_last_line();
	test_last_page();
	test_refused();
	meminspect_context_free(context);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) ? 1 : done_testing();
}
