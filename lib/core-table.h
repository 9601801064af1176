/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The table in a core's private note: all that a dump is except contents and
 * registers, as JSON. The text of each region stands on a line of its own, so
 * that a reader need not hold all of it as objects. Numbers are JSON numbers; addresses and
 * checksums are hexadecimal strings of fixed width. A character of a string
 * stands for a byte, U+0000 excepted: that is lossless whatever the kernel
 * left in a name, and the text is pure ASCII.
 */
#ifndef MEMINSPECT_CORE_TABLE_H
#define MEMINSPECT_CORE_TABLE_H

#include "core-format.h"

enum field_kind {
	FIELD_NUMBER,
	FIELD_ADDRESS,
	FIELD_TEXT,		/* NUL-terminated in an array */
	FIELD_BYTES,
	FIELD_POINTER,		/* to a NUL-terminated string */
};

/* A member of a structure, written and read by its name. */
struct field {
	const char *name;
	enum field_kind kind;
	bool optional;		/* a core's table leaves it out if it is 0 or empty */
	size_t offset;
	size_t size;
};

struct field_list {
	const struct field *fields;
	size_t nr;
};

/* What stands before the first region, between two, and behind the last one. */
#define TABLE_REGIONS		"\"regions\":["
#define TABLE_END		"]}"

/* core-fields.c: named as the structures that they are members of */
extern const struct field_list dump_members;
extern const struct field_list kaslr_members;
extern const struct field_list level_members;
extern const struct field_list ident_members;
extern const struct field_list capture_members;
extern const struct field_list region_members;
extern const struct field_list piece_members;
/* These are left out where they follow from the others, or from the program header. */
extern const struct field_list piece_paddr_member;
extern const struct field_list piece_vaddr_member;
extern const struct field_list piece_present_member;
/* Of pieces of which something is present */
extern const struct field_list core_piece_members;
extern const struct field_list register_members;

/* Limits what json-c is made to allocate for a piece of text. */
bool json_is_bounded(const char *text, size_t length);

uint64_t field_load(const struct field *field, const void *structure);
void field_store(const struct field *field, void *structure, uint64_t number);

#endif /* MEMINSPECT_CORE_TABLE_H */
