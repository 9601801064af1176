// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes what is read of a vmlinux: the input is a list of edits to a good one, so
 * that most of it stays good and deep code is reached.
 */
#include "internal.h"

#include <elf.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINK		0xffffffff81000000ULL
#define KASLR		0x1e000000ULL
#define IMAGE_PA	0x40200000ULL

enum { TEXT = 1, RODATA, NOTE, SYMBOLS, NAMES, RELA, NR_SECTIONS };

/* All of the file, where each part has a place of its own. */
struct image {
	Elf64_Ehdr header;
	Elf64_Shdr sections[NR_SECTIONS];
	uint8_t text[0x400];
	uint64_t rodata[64];
	struct {
		Elf64_Nhdr header;
		char name[4];
		uint8_t id[20];
	} note;
	Elf64_Sym symbols[16];
	char names[256];
	Elf64_Rela rela[4];
};

struct edit {
	uint8_t part;		/* of the file, or where it ends */
	uint8_t length;		/* bytes of @value, 0 to 8 */
	uint8_t place[2];
	uint8_t value[8];
};

static const char *const names[] = {
	"_text", "_end", "task_state_array", "mt_slots", "schedule", "__start_orc_unwind_ip",
	"__stop_orc_unwind_ip", "__start_orc_unwind", "__stop_orc_unwind", "orc_lookup",
	"orc_lookup_end", "lookup_num_blocks", "level2_kernel_pgt", "level3_kernel_pgt", "_etext",
};

static const uint64_t addresses[] = {
	0, 0x10000, 0x1000, 0x1040, 0x100, 0x1080, 0x1090, 0x1090, 0x10a8, 0x2000, 0x2204, 0x3000,
	0x4000, 0x5000, 0x400,
};

static void put_section(struct image *image, unsigned int nr, uint32_t type, uint64_t address,
			const void *at, size_t size, size_t entry)
{
	image->sections[nr] = (Elf64_Shdr) {
		.sh_type = type, .sh_flags = address ? SHF_ALLOC : 0, .sh_addr = address,
		.sh_offset = (uint64_t)((const uint8_t *)at - (const uint8_t *)image),
		.sh_size = size, .sh_link = type == SHT_SYMTAB ? NAMES : 0, .sh_entsize = entry,
		.sh_addralign = 1,
	};
}

static void make_image(struct image *image)
{
	char *name = image->names + 1;

	memcpy(image->header.e_ident, ELFMAG, SELFMAG);
	image->header.e_ident[EI_CLASS] = ELFCLASS64;
	image->header.e_ident[EI_DATA] = ELFDATA2LSB;
	image->header.e_ident[EI_VERSION] = EV_CURRENT;
	image->header.e_type = ET_EXEC;
	image->header.e_machine = EM_X86_64;
	image->header.e_version = EV_CURRENT;
	image->header.e_shoff = offsetof(struct image, sections);
	image->header.e_ehsize = sizeof(image->header);
	image->header.e_shentsize = sizeof(Elf64_Shdr);
	image->header.e_shnum = NR_SECTIONS;
	image->header.e_shstrndx = NAMES;
	put_section(image, TEXT, SHT_PROGBITS, LINK, image->text, sizeof(image->text), 0);
	put_section(image, RODATA, SHT_PROGBITS, LINK + 0x1000, image->rodata, sizeof(image->rodata), 0);
	put_section(image, NOTE, SHT_NOTE, 0, &image->note, sizeof(image->note), 0);
	put_section(image, SYMBOLS, SHT_SYMTAB, 0, image->symbols, sizeof(image->symbols), sizeof(Elf64_Sym));
	put_section(image, NAMES, SHT_STRTAB, 0, image->names, sizeof(image->names), 0);
	put_section(image, RELA, SHT_RELA, LINK + 0x6000, image->rela, sizeof(image->rela), sizeof(Elf64_Rela));
	image->rodata[0] = LINK + 0x1030;
	memcpy(&image->rodata[6], "R (running)", 12);
	image->note.header = (Elf64_Nhdr) { 4, sizeof(image->note.id), NT_GNU_BUILD_ID };
	memcpy(image->note.name, "GNU", 4);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		image->symbols[i + 1] = (Elf64_Sym) {
			.st_name = (uint32_t)(name - image->names), .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
			.st_shndx = TEXT, .st_value = LINK + addresses[i], .st_size = 0x20,
		};
		name = stpcpy(name, names[i]) + 1;
	}
}

static void apply(struct image *image, const struct edit *edit, size_t *length)
{
	static const struct { size_t at, size; } parts[] = {
		{ 0, sizeof(Elf64_Ehdr) },
		{ offsetof(struct image, sections), sizeof(image->sections) },
		{ offsetof(struct image, rodata), sizeof(image->rodata) },
		{ offsetof(struct image, note), sizeof(image->note) },
		{ offsetof(struct image, symbols), sizeof(image->symbols) },
		{ offsetof(struct image, names), sizeof(image->names) },
		{ offsetof(struct image, rela), sizeof(image->rela) },
	};
	size_t part = edit->part % (ARRAY_SIZE(parts) + 1), nr = edit->length % 9;
	size_t place = edit->place[0] | (size_t)edit->place[1] << 8;

	if (part == ARRAY_SIZE(parts)) {
		*length = place % sizeof(*image);
		return;
	}
	place %= parts[part].size;
	if (nr > parts[part].size - place)
		nr = parts[part].size - place;
	memcpy((uint8_t *)image + parts[part].at + place, edit->value, nr);
}

/* Stacks that point to its text */
static struct meminspect_dump *make_dump(void)
{
	struct meminspect_dump *dump = dump_new();
	struct meminspect_piece *piece = calloc(1, sizeof(*piece));
	uint64_t *stack = calloc(64, sizeof(*stack));

	dump->has_ident = true;
	dump->ident = (struct meminspect_ident) {
		.machine = EM_X86_64, .page_size = 4096, .va_bits = 48, .pgtable_levels = 4,
		.build_id_size = 20, .kaslr_offset = KASLR, .image_va = LINK + KASLR, .image_pa = IMAGE_PA,
		.page_offset = 0xffff888000000000ULL,
	};
	for (size_t i = 0; i < 64; i++)
		stack[i] = htole64(LINK + KASLR + i * 0x21);
	*piece = (struct meminspect_piece) {
		.paddr = 0x1000000, .vaddr = 0xffff888001000000ULL, .length = 512, .present = 512,
		.data = (uint8_t *)stack,
	};
	dump->regions = calloc(1, sizeof(*dump->regions));
	dump->nr_regions = 1;
	dump->regions[0] = (struct meminspect_region) {
		.name = strdup("task_stack"), .why = strdup(""), .vaddr = piece->vaddr, .size = 512,
		.nr_pieces = 1, .pieces = piece, .verdict = MEMINSPECT_PRESENT,
	};
	return dump;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct image good;
	struct meminspect_context *context = meminspect_context_new();
	struct meminspect_dump *dump = make_dump();
	struct image *image = malloc(sizeof(*image));
	size_t length = sizeof(*image);
	int fd = memfd_create("vmlinux", MFD_CLOEXEC), error;
	char path[32];

	if (!good.header.e_shnum)
		make_image(&good);
	memcpy(image, &good, sizeof(*image));
	for (size_t at = 0; size - at >= sizeof(struct edit); at += sizeof(struct edit)) {
		struct edit edit;

		memcpy(&edit, data + at, sizeof(edit));
		apply(image, &edit, &length);
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || write(fd, image, length) != (ssize_t)length)
		abort();
	error = meminspect_complete(context, dump, NULL, path);
	/* Nothing was edited: it is taken. */
	if (size < sizeof(struct edit) && (error || !meminspect_dump_find(dump, "task_state_array", -1)))
		abort();
	close(fd);
	free(image);
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	return 0;
}
