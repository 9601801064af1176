/* SPDX-License-Identifier: LGPL-2.1-only */
/* The kernel's symbol table: kallsyms.c reads it, symbols.c looks things up. */
#ifndef KALLSYMS_H
#define KALLSYMS_H

#include "internal.h"

#define KALLSYMS_TOKENS		256
/* No kernel has longer names; what is behind is not shown. */
#define KALLSYMS_MAX_NAME	1024

/* How kernels hold the address of a symbol. */
enum encoding {
	RELATIVE,	/* to one base, without a sign */
	TEXT_RELATIVE,	/* the same, and the base is _text */
	PERCPU,		/* negative: to one base; else absolute, as per-CPU variables have it */
	SELF_RELATIVE,	/* each to its own place in the table */
	ABSOLUTE,	/* virtual addresses, in a table of their own */
	NR_ENCODINGS
};

struct symbol {
	uint64_t address;	/* physical; virtual if the encoding is ABSOLUTE */
	uint32_t name;		/* offset in the names */
	uint32_t index;		/* in the order of the table */
};

struct meminspect_symbols {
	struct meminspect_context *context;
	struct meminspect_memory *memory;
	struct meminspect_kinfo_reading kinfo;
	bool big_endian;
	enum encoding encoding;
	uint8_t *names, *tokens, *offsets;
	size_t names_size, tokens_size, offset_size;
	uint16_t token_index[KALLSYMS_TOKENS];
	uint32_t *name_offsets;		/* in the order of the table */
	uint32_t nr;
	struct symbol *sorted;		/* those that have an address in memory */
	uint32_t nr_sorted;
	bool text_known;		/* where the image is mapped */
	uint64_t distance;		/* virtual less physical address of the image */
	const struct table_format *format;
	char name[KALLSYMS_MAX_NAME + 1];
};

#define NUMBER(symbols, field) ((symbols)->kinfo.number[MEMINSPECT_KINFO_##field])

/* Sets symbols->name to the first @limit characters of the name at @offset, without its type. */
void symbols_expand(struct meminspect_symbols *symbols, uint32_t offset, size_t limit);

#endif /* KALLSYMS_H */
