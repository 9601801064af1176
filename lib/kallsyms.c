// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The kernel's own symbol table, kallsyms, read from physical memory. Names are
 * compressed: each byte stands for a token; the first character of a name is
 * its type. The order of the table is that of the addresses.
 */
#include "kallsyms.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SYMBOLS		(1U << 22)
#define MAX_NAMES_SIZE		(1U << 27)
#define SYMBOLS_PER_MARKER	256
#define TOKEN_INDEX_SIZE	(KALLSYMS_TOKENS * 2)
#define MAX_TOKEN_TABLE		(1U << 16)
/* More than a name of a kernel takes: two bytes of length, and its bytes. */
#define MAX_NAME_RECORD		(2 + KALLSYMS_MAX_NAME)

static const char *const encoding_names[NR_ENCODINGS] = {
	[RELATIVE]	= "relative to relative_pa",
	[TEXT_RELATIVE]	= "relative to text_pa",
	[PERCPU]	= "relative to relative_pa, but those of per-CPU variables",
	[SELF_RELATIVE]	= "each relative to its own place",
	[ABSOLUTE]	= "virtual addresses in a table",
};

static uint64_t number_at(const struct meminspect_symbols *symbols, const uint8_t *bytes,
			  size_t size)
{
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++)
		number |= (uint64_t)bytes[i] << 8 * (symbols->big_endian ? size - 1 - i : i);
	return number;
}

/* At least @least bytes; *size is set to how many there are. */
static int read_table(struct meminspect_symbols *symbols, enum meminspect_kinfo_field field,
		      size_t least, size_t *size, uint8_t **bytes)
{
	uint64_t paddr = symbols->kinfo.number[field];
	int64_t got;

	if (!paddr)
		return fail(symbols->context, -ENODATA,
			    "the page does not tell %s: without it there are no symbols",
			    meminspect_kinfo_field_name(field));
	*bytes = malloc(*size);
	if (!*bytes)
		return fail(symbols->context, -ENOMEM, "out of memory");
	got = meminspect_memory_read(symbols->memory, paddr, *bytes, *size);
	if (got < 0)
		return got;
	if ((uint64_t)got < least)
		return fail(symbols->context, -ENODATA,
			    "%s: %s is %#llx, but of %zu bytes there only %lld are in memory",
			    symbols->memory->description, meminspect_kinfo_field_name(field),
			    (unsigned long long)paddr, least, (long long)got);
	*size = got;
	return 0;
}

static int read_tokens(struct meminspect_symbols *symbols)
{
	size_t size = TOKEN_INDEX_SIZE;
	uint8_t *index = NULL;
	int error = read_table(symbols, MEMINSPECT_KINFO_token_index_pa, size, &size, &index);

	for (unsigned int i = 0; !error && i < KALLSYMS_TOKENS; i++)
		symbols->token_index[i] = number_at(symbols, index + 2 * i, 2);
	free(index);
	if (error)
		return error;
	symbols->tokens_size = MAX_TOKEN_TABLE;
	error = read_table(symbols, MEMINSPECT_KINFO_token_table_pa, 1, &symbols->tokens_size,
			   &symbols->tokens);
	for (unsigned int i = 0; !error && i < KALLSYMS_TOKENS; i++)
		if (symbols->token_index[i] >= symbols->tokens_size)
			error = fail(symbols->context, -EBADMSG,
				     "token %u is at offset %u of token_table_pa, which has %zu bytes in memory",
				     i, symbols->token_index[i], symbols->tokens_size);
	return error;
}

/* Length of the record at @offset, with what says its length; 0 if it is cut. */
static size_t name_record(const struct meminspect_symbols *symbols, size_t offset, size_t *start)
{
	size_t left = symbols->names_size - offset, length;

	if (left < 1)
		return 0;
	length = symbols->names[offset];
	*start = 1;
	if (length & 0x80) {
		if (left < 2)
			return 0;
		length = (length & 0x7f) | (size_t)symbols->names[offset + 1] << 7;
		*start = 2;
	}
	return *start + length <= left && length ? *start + length : 0;
}

/* The markers say where each 256th name is: both ways to get there must agree. */
static int find_names(struct meminspect_symbols *symbols, const uint8_t *markers)
{
	size_t offset = 0, start;

	for (uint32_t i = 0; i < symbols->nr; i++) {
		uint32_t marker = number_at(symbols, markers + i / SYMBOLS_PER_MARKER * 4, 4);
		size_t length;

		if (i % SYMBOLS_PER_MARKER == 0 && marker != offset)
			return fail(symbols->context, -EBADMSG,
				    "marker %u of kallsyms says %u, but the names before it have %zu bytes",
				    i / SYMBOLS_PER_MARKER, marker, offset);
		length = name_record(symbols, offset, &start);
		if (!length)
			return fail(symbols->context, -EBADMSG,
				    "name %u of %u, at offset %zu of names_pa, is empty or not in memory to its end",
				    i, symbols->nr, offset);
		symbols->name_offsets[i] = offset;
		offset += length;
	}
	symbols->names_size = offset;
	return 0;
}

static int read_names(struct meminspect_symbols *symbols)
{
	size_t nr_markers = (symbols->nr + SYMBOLS_PER_MARKER - 1) / SYMBOLS_PER_MARKER;
	size_t size = nr_markers * 4;
	uint8_t *markers = NULL;
	uint64_t last;
	int error = read_table(symbols, MEMINSPECT_KINFO_markers_pa, size, &size, &markers);

	if (error)
		goto out;
	last = number_at(symbols, markers + (nr_markers - 1) * 4, 4);
	if (last > MAX_NAMES_SIZE) {
		error = fail(symbols->context, -EBADMSG,
			     "the last marker of kallsyms says %llu, expected at most %u",
			     (unsigned long long)last, MAX_NAMES_SIZE);
		goto out;
	}
	symbols->names_size = last + SYMBOLS_PER_MARKER * MAX_NAME_RECORD;
	error = read_table(symbols, MEMINSPECT_KINFO_names_pa, 1, &symbols->names_size,
			   &symbols->names);
	if (error)
		goto out;
	symbols->name_offsets = malloc(symbols->nr * sizeof(*symbols->name_offsets));
	error = symbols->name_offsets ? find_names(symbols, markers) :
					fail(symbols->context, -ENOMEM, "out of memory");
out:
	free(markers);
	return error;
}

void symbols_expand(struct meminspect_symbols *symbols, uint32_t offset, size_t limit)
{
	size_t start, length = name_record(symbols, offset, &start), at = 0;
	bool first = true;

	for (size_t i = start; i < length && at < limit; i++) {
		size_t token = symbols->token_index[symbols->names[offset + i]];

		for (; token < symbols->tokens_size && symbols->tokens[token] && at < limit;
		     token++) {
			if (!first)
				symbols->name[at++] = symbols->tokens[token];
			first = false;
		}
	}
	symbols->name[at] = '\0';
}

/* False if the symbol is at no physical address. */
static bool address_as(const struct meminspect_symbols *symbols, enum encoding encoding,
		       uint32_t index, uint64_t *address)
{
	const uint8_t *bytes = symbols->offsets + index * symbols->offset_size;
	uint64_t number = number_at(symbols, bytes, symbols->offset_size);
	int32_t offset = (int32_t)number;

	switch (encoding) {
	case RELATIVE:
		*address = NUMBER(symbols, relative_pa) + (uint32_t)offset;
		return true;
	case TEXT_RELATIVE:
		*address = NUMBER(symbols, text_pa) + (uint32_t)offset;
		return true;
	case PERCPU:
		*address = NUMBER(symbols, relative_pa) - 1 - (int64_t)offset;
		return offset < 0;
	case SELF_RELATIVE:
		*address = NUMBER(symbols, offsets_pa) + 4 * (uint64_t)index + (int64_t)offset;
		return true;
	default:
		*address = number;
		return true;
	}
}

/* Symbols of which the page tells the address, too. */
static const struct known {
	const char *name;
	enum meminspect_kinfo_field field;
} known[] = {
	{ "_text", MEMINSPECT_KINFO_text_pa }, { "_stext", MEMINSPECT_KINFO_stext_pa },
	{ "_etext", MEMINSPECT_KINFO_etext_pa }, { "_sinittext", MEMINSPECT_KINFO_sinittext_pa },
	{ "_einittext", MEMINSPECT_KINFO_einittext_pa }, { "_end", MEMINSPECT_KINFO_end_pa },
};

#define NR_KNOWN	ARRAY_SIZE(known)
#define LONGEST_KNOWN	10

/* Where in the table they are; @symbols->nr for those that it has not. */
static void find_known(struct meminspect_symbols *symbols, uint32_t index[NR_KNOWN])
{
	for (size_t i = 0; i < NR_KNOWN; i++)
		index[i] = symbols->nr;
	for (uint32_t i = 0; i < symbols->nr; i++) {
		symbols_expand(symbols, symbols->name_offsets[i], LONGEST_KNOWN + 1);
		for (size_t j = 0; symbols->name[0] == '_' && j < NR_KNOWN; j++)
			if (!strcmp(symbols->name, known[j].name))
				index[j] = i;
	}
}

/* How many are where the page says, or all as far from there; -1 if one is not. */
static int right_ones(const struct meminspect_symbols *symbols, enum encoding encoding,
		      const uint32_t index[NR_KNOWN], uint64_t *distance)
{
	int nr = 0;

	*distance = 0;
	for (size_t i = 0; i < NR_KNOWN; i++) {
		uint64_t told = symbols->kinfo.number[known[i].field], address;

		if (!told || index[i] == symbols->nr)
			continue;
		if (!address_as(symbols, encoding, index[i], &address))
			return -1;
		/* Virtual addresses are all as far from the physical ones. */
		if (encoding == ABSOLUTE && !nr)
			*distance = address - told;
		if (address - *distance != told)
			return -1;
		nr++;
	}
	return nr;
}

static bool may_be(const struct meminspect_symbols *symbols, enum encoding encoding)
{
	/* A kernel of 32 bits may have its addresses where others have offsets. */
	if (encoding == ABSOLUTE)
		return symbols->offset_size != 4 || NUMBER(symbols, bits_per_long) == 32;
	if (encoding == RELATIVE || encoding == PERCPU)
		return symbols->offset_size == 4 && NUMBER(symbols, relative_pa);
	if (encoding == TEXT_RELATIVE)
		return symbols->offset_size == 4 && NUMBER(symbols, text_pa);
	return symbols->offset_size == 4;
}

static int choose_encoding(struct meminspect_symbols *symbols)
{
	uint32_t index[NR_KNOWN];
	int best = 0;

	find_known(symbols, index);
	for (unsigned int i = 0; i < NR_ENCODINGS; i++) {
		uint64_t distance;
		int right;

		if (!may_be(symbols, i))
			continue;
		right = right_ones(symbols, i, index, &distance);
		if (right > best) {
			best = right;
			symbols->encoding = i;
			symbols->text_known = i == ABSOLUTE;
			symbols->distance = distance;
		}
	}
	/* One alone is there by chance, or because the base is its own address. */
	if (best > 1)
		return 0;
	return fail(symbols->context, -EBADMSG,
		    "kallsyms has _stext, _etext and others elsewhere than the page says, however it is read");
}

/* A table of addresses is only used if there is none of offsets. */
static int read_addresses(struct meminspect_symbols *symbols)
{
	enum meminspect_kinfo_field field = MEMINSPECT_KINFO_offsets_pa;
	size_t size;

	symbols->offset_size = 4;
	if (!NUMBER(symbols, offsets_pa) && NUMBER(symbols, addresses_pa)) {
		field = MEMINSPECT_KINFO_addresses_pa;
		symbols->offset_size = NUMBER(symbols, bits_per_long) == 32 ? 4 : 8;
	}
	size = symbols->nr * symbols->offset_size;
	return read_table(symbols, field, size, &size, &symbols->offsets);
}

static int compare_symbols(const void *a, const void *b)
{
	const struct symbol *first = a, *second = b;

	if (first->address != second->address)
		return first->address < second->address ? -1 : 1;
	return first->index < second->index ? -1 : 1;
}

static int sort_symbols(struct meminspect_symbols *symbols)
{
	symbols->sorted = malloc(symbols->nr * sizeof(*symbols->sorted));
	if (!symbols->sorted)
		return fail(symbols->context, -ENOMEM, "out of memory");
	for (uint32_t i = 0; i < symbols->nr; i++) {
		struct symbol *symbol = &symbols->sorted[symbols->nr_sorted];

		if (!address_as(symbols, symbols->encoding, i, &symbol->address))
			continue;
		/* From here on physical ones are all that there is. */
		if (symbols->encoding == ABSOLUTE)
			symbol->address -= symbols->distance;
		symbol->name = symbols->name_offsets[i];
		symbol->index = i;
		symbols->nr_sorted++;
	}
	qsort(symbols->sorted, symbols->nr_sorted, sizeof(*symbols->sorted), compare_symbols);
	return 0;
}

int meminspect_symbols_open(struct meminspect_context *context, struct meminspect_memory *memory,
			    const struct meminspect_kinfo *kinfo,
			    struct meminspect_symbols **result)
{
	struct meminspect_symbols *symbols = calloc(1, sizeof(*symbols));
	uint64_t nr = kinfo->readings[0].number[MEMINSPECT_KINFO_num_syms];
	int error;

	if (!symbols)
		return fail(context, -ENOMEM, "out of memory");
	symbols->context = context;
	symbols->memory = memory;
	symbols->kinfo = kinfo->readings[0];
	symbols->big_endian = kinfo->big_endian;
	symbols->nr = nr;
	if (!nr || nr > MAX_SYMBOLS)
		error = fail(context, -EBADMSG, "num_syms is %llu, expected 1 to %u",
			     (unsigned long long)nr, MAX_SYMBOLS);
	else
		error = read_tokens(symbols);
	error = error ?: read_names(symbols);
	error = error ?: read_addresses(symbols);
	error = error ?: choose_encoding(symbols);
	error = error ?: sort_symbols(symbols);
	if (error) {
		meminspect_symbols_close(symbols);
		return error;
	}
	*result = symbols;
	return 0;
}

void meminspect_symbols_close(struct meminspect_symbols *symbols)
{
	if (!symbols)
		return;
	free(symbols->names);
	free(symbols->tokens);
	free(symbols->offsets);
	free(symbols->name_offsets);
	free(symbols->sorted);
	free(symbols);
}

const char *meminspect_symbols_encoding(const struct meminspect_symbols *symbols)
{
	return encoding_names[symbols->encoding];
}
