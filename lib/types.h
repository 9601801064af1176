/* SPDX-License-Identifier: LGPL-2.1-only */
/* How the kernel's types are laid out, by the BTF or the DWARF that vmlinux has of them. */
#ifndef MEMINSPECT_TYPES_H
#define MEMINSPECT_TYPES_H

#include "internal.h"

struct types;

struct type_member {
	uint64_t offset;	/* in the type, bytes */
	uint64_t size;		/* of one element, bytes */
	uint64_t nr;		/* elements of an array, 1 of what is none */
};

/* -ENODATA if the file has neither. */
int types_open(struct meminspect_context *context, const char *path, struct types **types);
void types_close(struct types *types);
/* Of a struct or a union, in bytes; -ENOENT if the kernel has none of that name. */
int types_size(const struct types *types, const char *name, uint64_t *size);
/*
 * @path: names of members with dots in between; those of anonymous structs count as the outer
 *	struct's own. -ENOENT if there is none.
 */
int types_member(const struct types *types, const char *name, const char *path,
		 struct type_member *member);

/* types-dwarf.c: the same by DWARF alone, which takes seconds to go through */
struct dwarf_types;

int dwarf_types_open(struct meminspect_context *context, const char *path, struct dwarf_types **types);
void dwarf_types_close(struct dwarf_types *types);
int dwarf_types_size(const struct dwarf_types *types, const char *name, uint64_t *size);
int dwarf_types_member(const struct dwarf_types *types, const char *name, const char *path,
		       struct type_member *member);

#endif /* MEMINSPECT_TYPES_H */
