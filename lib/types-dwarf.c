// SPDX-License-Identifier: LGPL-2.1-only
/* How the kernel's types are laid out, by the DWARF of a vmlinux, read by libdw. */
#include "types.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Anonymous structs, and typedefs of typedefs, are not nested more deeply. */
#define MAX_DEPTH	16
/* DIEs that are looked at to find one member: a hostile file can nest them without an end. */
#define MAX_VISITS	65536U

/* Where a struct or a union is described: each unit that uses it does so again. */
struct described {
	const char *name;
	Dwarf_Off offset;
};

struct dwarf_types {
	int fd;
	Dwarf *dwarf;
	void *tree;	/* of struct described, by name */
};

static int compare_names(const void *a, const void *b)
{
	const struct described *left = a, *right = b;

	return strcmp(left->name, right->name);
}

/* The first one counts, as with BTF. */
static int add_type(struct dwarf_types *types, Dwarf_Die *die)
{
	struct described *described, **known;

	if ((dwarf_tag(die) != DW_TAG_structure_type && dwarf_tag(die) != DW_TAG_union_type) ||
	    !dwarf_diename(die) || dwarf_hasattr(die, DW_AT_declaration))
		return 0;
	described = malloc(sizeof(*described));
	if (!described)
		return -ENOMEM;
	*described = (struct described) { dwarf_diename(die), dwarf_dieoffset(die) };
	known = tsearch(described, &types->tree, compare_names);
	if (!known || *known != described)
		free(described);
	return known ? 0 : -ENOMEM;
}

static int add_unit(struct dwarf_types *types, Dwarf_Die *unit)
{
	Dwarf_Die die;
	int error = 0;

	if (dwarf_child(unit, &die))
		return 0;
	do
		error = add_type(types, &die);
	while (!error && !dwarf_siblingof(&die, &die));
	return error;
}

static int add_all(struct meminspect_context *context, struct dwarf_types *types, const char *path)
{
	Dwarf_CU *unit = NULL;
	uint64_t nr = 0;
	Dwarf_Die die;
	int error = 0;

	while (!error && !dwarf_get_units(types->dwarf, unit, &unit, NULL, NULL, &die, NULL)) {
		error = add_unit(types, &die);
		progress(context, "units of debug information", ++nr, 0);
	}
	if (error)
		return fail(context, error, "out of memory");
	return types->tree ? 0 : fail(context, -ENODATA, "%s: no struct is described in its debug information", path);
}

int dwarf_types_open(struct meminspect_context *context, const char *path, struct dwarf_types **types)
{
	struct dwarf_types *opened = calloc(1, sizeof(*opened));
	int error;

	if (!opened)
		return fail(context, -ENOMEM, "out of memory");
	opened->fd = open(path, O_RDONLY | O_CLOEXEC);
	opened->dwarf = opened->fd < 0 ? NULL : dwarf_begin(opened->fd, DWARF_C_READ);
	if (opened->dwarf)
		error = add_all(context, opened, path);
	else
		error = fail(context, -ENODATA, "%s: %s", path,
			     opened->fd < 0 ? strerror(errno) : dwarf_errmsg(-1));
	if (error) {
		dwarf_types_close(opened);
		return error;
	}
	*types = opened;
	return 0;
}

void dwarf_types_close(struct dwarf_types *types)
{
	if (!types)
		return;
	tdestroy(types->tree, free);
	dwarf_end(types->dwarf);
	if (types->fd >= 0)
		close(types->fd);
	free(types);
}

static bool find(const struct dwarf_types *types, const char *name, Dwarf_Die *die)
{
	const struct described key = { .name = name };
	struct described **found = tfind(&key, &types->tree, compare_names);

	return found && dwarf_offdie(types->dwarf, (*found)->offset, die);
}

int dwarf_types_size(const struct dwarf_types *types, const char *name, uint64_t *size)
{
	Dwarf_Word bytes;
	Dwarf_Die die;

	if (!find(types, name, &die) || dwarf_aggregate_size(&die, &bytes))
		return -ENOENT;
	*size = bytes;
	return 0;
}

/* What typedefs, const and the like of @die's type stand for */
static bool plain_type(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attribute;

	return dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &attribute), type) &&
	       !dwarf_peel_type(type, type);
}

/* Bytes from the start of the struct; in a union, none is said. */
static uint64_t offset_of(Dwarf_Die *member)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value = 0;

	if (dwarf_attr(member, DW_AT_data_bit_offset, &attribute) && !dwarf_formudata(&attribute, &value))
		return value / 8;
	if (dwarf_attr(member, DW_AT_data_member_location, &attribute) &&
	    !dwarf_formudata(&attribute, &value))
		return value;
	return 0;
}

/* The member of that name in @outer; @offset is advanced by what it is at. */
static bool find_member(Dwarf_Die *outer, const char *name, size_t length, Dwarf_Die *member,
			uint64_t *offset, unsigned int depth, unsigned int *visits)
{
	Dwarf_Die inner, type;

	if (depth == MAX_DEPTH || dwarf_child(outer, member))
		return false;
	do {
		const char *member_name = dwarf_diename(member);
		uint64_t at = *offset + offset_of(member);

		if (dwarf_tag(member) != DW_TAG_member || ++*visits > MAX_VISITS)
			continue;
		if (member_name && !strncmp(member_name, name, length) && !member_name[length]) {
			*offset = at;
			return true;
		}
		if (member_name || !plain_type(member, &type))
			continue;
		if (find_member(&type, name, length, &inner, &at, depth + 1, visits)) {
			*member = inner;
			*offset = at;
			return true;
		}
	} while (!dwarf_siblingof(member, member));
	return false;
}

/* Of one dimension; 0 if it has no bound, as at the end of a struct */
static uint64_t elements_of(Dwarf_Die *dimension)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;

	if (dwarf_attr(dimension, DW_AT_count, &attribute) && !dwarf_formudata(&attribute, &value))
		return value;
	if (dwarf_attr(dimension, DW_AT_upper_bound, &attribute) && !dwarf_formudata(&attribute, &value))
		return value + 1;
	return 0;
}

/* Of an array of arrays, as with BTF, an element is what the first dimension counts. */
static int take_array(Dwarf_Die *array, struct type_member *result)
{
	Dwarf_Die element, dimension;
	Dwarf_Word size;
	bool first = true;

	if (!plain_type(array, &element) || dwarf_aggregate_size(&element, &size) ||
	    dwarf_child(array, &dimension))
		return -ENOENT;
	do {
		if (dwarf_tag(&dimension) != DW_TAG_subrange_type)
			continue;
		if (first)
			result->nr = elements_of(&dimension);
		else
			size *= elements_of(&dimension);
		first = false;
	} while (!dwarf_siblingof(&dimension, &dimension));
	result->size = result->nr ? size : 0;
	return 0;
}

int dwarf_types_member(const struct dwarf_types *types, const char *name, const char *path,
		       struct type_member *result)
{
	unsigned int visits = 0;
	Dwarf_Die type, member;
	Dwarf_Word size;

	*result = (struct type_member) { .nr = 1 };
	if (!*path || !find(types, name, &type))
		return -ENOENT;
	while (*path) {
		size_t length = strcspn(path, ".");

		if (!find_member(&type, path, length, &member, &result->offset, 0, &visits) ||
		    !plain_type(&member, &type))
			return -ENOENT;
		path += length + (path[length] == '.');
	}
	if (dwarf_tag(&type) == DW_TAG_array_type)
		return take_array(&type, result);
	if (dwarf_aggregate_size(&type, &size))
		return -ENOENT;
	result->size = size;
	return 0;
}
