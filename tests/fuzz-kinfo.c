// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes the reading of a kinfo page and of the symbols that it leads to: the
 * input is a list of edits to good RAM, so that most of it stays good and deep
 * code is reached. The checksum is put right again, as an attacker would.
 */
#include "internal.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASE		0x40000000U
#define RAM_SIZE	0x10000
#define PAGE		0x1000
#define NAMES		0x4000
#define MARKERS		0x6000
#define TOKENS		0x6800
#define TOKEN_INDEX	0x7000
#define OFFSETS		0x7800
#define ROOT		0x9000
#define NR_SYMBOLS	300

struct edit {
	uint8_t part;		/* which structure */
	uint8_t length;		/* bytes of @value, 0 to 8 */
	uint8_t place[2];	/* in the part */
	uint8_t value[8];
};

struct image {
	struct meminspect_memory memory;
	uint8_t bytes[RAM_SIZE];
	size_t size;
};

static int64_t read_image(struct meminspect_memory *memory, uint64_t paddr, void *buffer,
			  size_t length)
{
	struct image *image = (struct image *)memory;

	if (paddr < BASE || paddr - BASE >= image->size)
		return 0;
	if (length > image->size - (paddr - BASE))
		length = image->size - (paddr - BASE);
	memcpy(buffer, image->bytes + (paddr - BASE), length);
	return length;
}

static void range(struct meminspect_memory *memory, uint64_t *start, uint64_t *length)
{
	*start = BASE;
	*length = ((struct image *)memory)->size;
}

static const struct memory_operations operations = { .read = read_image, .range = range };

static void put(struct image *image, size_t at, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		image->bytes[at + i] = value >> 8 * i;
}

/* Names of their type, which is also a token, and two letters; the known ones among them. */
static void put_symbols(struct image *image)
{
	static const char *const known[] = { "T_text", "T_stext", "T_etext", "B_end" };
	static const uint32_t places[] = { 0, 0x100, 0x3000, 0xf000 };
	size_t at = NAMES, token = 0;

	for (unsigned int i = 0; i < 256; i++) {
		put(image, TOKEN_INDEX + 2 * i, token, 2);
		image->bytes[TOKENS + token++] = i;
		if (i)
			image->bytes[TOKENS + token++] = 0;
	}
	for (unsigned int i = 0; i < NR_SYMBOLS; i++) {
		char name[8] = { 't', 'a' + i % 26, 'a' + i / 26 };
		uint32_t place = 0x100 + i * 32;

		if (i < 4) {
			strcpy(name, known[i]);
			place = places[i];
		}
		if (i % 256 == 0)
			put(image, MARKERS + i / 256 * 4, at - NAMES, 4);
		image->bytes[at++] = strlen(name);
		memcpy(image->bytes + at, name, strlen(name));
		at += strlen(name);
		put(image, OFFSETS + 4 * i, place, 4);
	}
}

static void put_tables(struct image *image)
{
	put(image, ROOT + 8 * 511, (BASE + ROOT + 0x1000) | 3, 8);
	put(image, ROOT + 0x1000, (BASE + ROOT + 0x2000) | 3, 8);
	for (unsigned int i = 0; i < 16; i++)
		put(image, ROOT + 0x2000 + 8 * i, (BASE + i * 0x1000) | 0x403, 8);
}

static void put_page(struct image *image)
{
	static const struct { uint16_t at, size; uint64_t value; } facts[] = {
		{ 0, 4, 0xcceeddff }, { 8, 1, 1 }, { 9, 1, 1 }, { 12, 4, NR_SYMBOLS },
		{ 16, 2, 512 }, { 18, 2, 64 }, { 20, 2, 56 }, { 22, 2, 700 }, { 24, 8, BASE },
		{ 32, 8, BASE }, { 40, 8, BASE + 0x100 }, { 48, 8, BASE + 0x3000 },
		{ 72, 8, BASE + 0xf000 }, { 80, 8, BASE + OFFSETS }, { 88, 8, BASE + NAMES },
		{ 96, 8, BASE + TOKENS }, { 104, 8, BASE + TOKEN_INDEX }, { 112, 8, BASE + MARKERS },
		{ 128, 4, 16384 }, { 132, 8, BASE + ROOT }, { 140, 4, 0x2e37 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		put(image, PAGE + facts[i].at, facts[i].value, facts[i].size);
}

static void put_checksum(struct image *image)
{
	uint32_t checksum = 0, word;

	for (size_t at = 8; at < 472; at += 4) {
		memcpy(&word, image->bytes + PAGE + at, 4);
		checksum ^= word;
	}
	memcpy(image->bytes + PAGE + 4, &checksum, 4);
}

static void apply(struct image *image, const struct edit *edit)
{
	static const struct { uint16_t at, size; } parts[] = {
		{ PAGE, 504 }, { PAGE + 8, 130 }, { NAMES, 0x800 }, { MARKERS, 8 }, { TOKENS, 0x200 },
		{ TOKEN_INDEX, 512 }, { OFFSETS, 4 * NR_SYMBOLS }, { ROOT, 0x3000 },
	};
	size_t part = edit->part % (ARRAY_SIZE(parts) + 1), length = edit->length % 9;
	size_t place = edit->place[0] | (size_t)edit->place[1] << 8;

	if (part == ARRAY_SIZE(parts)) {
		image->size = place;
		return;
	}
	memcpy(image->bytes + parts[part].at + place % parts[part].size, edit->value, length);
}

static void look_up(struct meminspect_symbols *symbols, uint64_t address)
{
	struct meminspect_symbol symbol;

	if (meminspect_symbols_find(symbols, address, &symbol))
		return;
	if (strlen(symbol.name) > 1024 || symbol.offset > symbol.paddr)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct meminspect_context *context = meminspect_context_new();
	struct image *image = calloc(1, sizeof(*image));
	struct meminspect_symbols *symbols = NULL;
	struct meminspect_kinfo *kinfo = NULL;
	size_t others;

	image->memory.context = context;
	image->memory.operations = &operations;
	image->memory.description = (char *)"fuzzed RAM";
	image->size = RAM_SIZE;
	put_page(image);
	put_symbols(image);
	put_tables(image);
	for (size_t at = 0; size - at >= sizeof(struct edit); at += sizeof(struct edit)) {
		struct edit edit;

		memcpy(&edit, data + at, sizeof(edit));
		apply(image, &edit);
	}
	if (size % 4)
		put_checksum(image);
	if (!meminspect_kinfo_find(context, &image->memory, MEMINSPECT_KINFO_SEARCH, &kinfo, &others)) {
		/* Nothing was edited: everything has to work. */
		bool must = size % 4 && size < sizeof(struct edit);
		struct meminspect_symbol symbol;

		if (!meminspect_symbols_open(context, &image->memory, kinfo, &symbols)) {
			for (uint64_t i = 0; i < 16; i++) {
				look_up(symbols, UINT64_MAX << 30 | i << 12);
				look_up(symbols, BASE + (i << 12));
				look_up(symbols, i * 0x1111111111111111);
			}
			if (must && meminspect_symbols_find(symbols, 0xffffffffc0000123, &symbol))
				abort();
		} else if (must) {
			abort();
		}
		if (must && !kinfo->readings[0].checksum_good)
			abort();
	}
	meminspect_symbols_close(symbols);
	free(kinfo);
	free(image);
	meminspect_context_free(context);
	return 0;
}
