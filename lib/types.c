// SPDX-License-Identifier: LGPL-2.1-only
/* How the kernel's types are laid out: include/uapi/linux/btf.h, read by libbpf. */
#include "types.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Anonymous structs, and typedefs of typedefs, are not nested more deeply. */
#define MAX_DEPTH	16
/* Members that are looked at for one; of task_struct there are 300. */
#define MAX_VISITS	65536U

struct types {
	struct btf *btf;
};

int types_open(struct meminspect_context *context, const char *path, struct types **types)
{
	struct btf *btf;
	int error;

	/* What it would print is in our error. */
	libbpf_set_print(NULL);
	btf = btf__parse_elf(path, NULL);
	error = libbpf_get_error(btf);
	if (error)
		return fail(context, error == -ENOMEM ? -ENOMEM : -ENODATA,
			    "%s: its BTF cannot be read (%s): is it built with CONFIG_DEBUG_INFO_BTF=y?",
			    path, strerror(-error));
	*types = calloc(1, sizeof(**types));
	if (!*types) {
		btf__free(btf);
		return fail(context, -ENOMEM, "out of memory");
	}
	(*types)->btf = btf;
	return 0;
}

void types_close(struct types *types)
{
	if (types)
		btf__free(types->btf);
	free(types);
}

static const struct btf_type *find(const struct types *types, const char *name)
{
	int id = btf__find_by_name_kind(types->btf, name, BTF_KIND_STRUCT);

	if (id < 0)
		id = btf__find_by_name_kind(types->btf, name, BTF_KIND_UNION);
	return id < 0 ? NULL : btf__type_by_id(types->btf, id);
}

int types_size(const struct types *types, const char *name, uint64_t *size)
{
	const struct btf_type *type = find(types, name);

	if (!type)
		return -ENOENT;
	*size = type->size;
	return 0;
}

/* What typedefs, const and the like stand for */
static const struct btf_type *plain(const struct types *types, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(types->btf, id);

	for (unsigned int i = 0; type && i < MAX_DEPTH &&
	     (btf_is_mod(type) || btf_is_typedef(type) || btf_is_type_tag(type)); i++)
		type = btf__type_by_id(types->btf, type->type);
	return type;
}

/*
 * The member of that name in @outer; *offset is what it is at. Structs without a name can hold each
 * other any number of times: *visits is what is left to look at.
 */
static const struct btf_member *find_member(const struct types *types, const struct btf_type *outer,
					    const char *name, size_t length, uint64_t *offset,
					    unsigned int depth, unsigned int *visits)
{
	const struct btf_member *member, *inner;

	if (!btf_is_composite(outer) || depth == MAX_DEPTH)
		return NULL;
	member = btf_members(outer);
	for (unsigned int i = 0; i < btf_vlen(outer) && *visits; i++, member++) {
		const char *member_name = btf__name_by_offset(types->btf, member->name_off);
		uint64_t at = *offset + btf_member_bit_offset(outer, i) / 8;
		const struct btf_type *type;

		--*visits;
		if (member_name && !strncmp(member_name, name, length) && !member_name[length]) {
			*offset = at;
			return member;
		}
		type = plain(types, member->type);
		if (!type || (member_name && *member_name))
			continue;
		inner = find_member(types, type, name, length, &at, depth + 1, visits);
		if (inner) {
			*offset = at;
			return inner;
		}
	}
	return NULL;
}

int types_member(const struct types *types, const char *name, const char *path,
		 struct type_member *result)
{
	const struct btf_type *type = find(types, name);
	const struct btf_member *member = NULL;
	int64_t size;

	*result = (struct type_member) { .nr = 1 };
	while (type && *path) {
		size_t length = strcspn(path, ".");
		unsigned int visits = MAX_VISITS;

		member = find_member(types, type, path, length, &result->offset, 0, &visits);
		if (!member)
			return -ENOENT;
		type = plain(types, member->type);
		path += length + (path[length] == '.');
	}
	if (!type || !member)
		return -ENOENT;
	size = btf__resolve_size(types->btf, member->type);
	if (size < 0)
		return -ENOENT;
	if (btf_is_array(type))
		result->nr = btf_array(type)->nelems;
	result->size = result->nr ? size / result->nr : 0;
	return 0;
}

int meminspect_has_member(struct meminspect_context *context, const char *path, const char *type,
			  const char *member)
{
	struct type_member found;
	struct types *types;
	uint64_t size;
	int result = types_open(context, path, &types);

	if (result)
		return result;
	if (types_size(types, type, &size))
		result = fail(context, -ENOENT, "%s: the kernel has no struct %s", path, type);
	else
		result = !types_member(types, type, member, &found);
	types_close(types);
	return result;
}
