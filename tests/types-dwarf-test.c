// SPDX-License-Identifier: GPL-2.0-only
/* What DWARF says of this test's own types, against what the compiler made of them. */
#include "types.h"
#include "tap.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

union sample_union {
	uint8_t bytes[24];
	uint64_t word;
};

typedef const struct sample_inner {
	uint32_t before;
	uint64_t number;
} sample_alias;

struct sample_outer {
	uint8_t first;
	struct {
		uint16_t hidden;
		union {
			uint64_t deep;
			uint32_t halves[2];
		};
	};
	unsigned int flag : 3, field : 9;
	sample_alias inner;
	sample_alias array[5];
	uint16_t matrix[3][7];
	struct sample_outer *next;
	union sample_union either;
	uint64_t rest[];
};

static struct sample_outer *volatile keep;
static struct types *types;

static void check(const char *path, uint64_t offset, uint64_t size, uint64_t nr)
{
	struct type_member member = { 0 };

	if (!is_number(types_member(types, "sample_outer", path, &member), 0, "%s", path))
		return;
	is_number(member.offset, offset, "... its offset");
	is_number(member.size, size, "... its size");
	is_number(member.nr, nr, "... how many");
}

#define CHECK(path, nr) check(#path, offsetof(struct sample_outer, path), sizeof(keep->path), nr)
#define CHECK_ARRAY(path, nr) check(#path, offsetof(struct sample_outer, path), sizeof(keep->path[0]), nr)

int main(void)
{
	struct meminspect_context *context = meminspect_context_new();
	struct type_member member;
	uint64_t size = 0;

	if (types_open(context, "/proc/self/exe", &types)) {
		printf("Bail out! %s\n", meminspect_error(context));
		return 1;
	}
	is_number(types_size(types, "sample_outer", &size), 0, "a struct");
	is_number(size, sizeof(struct sample_outer), "... its size");
	is_number(types_size(types, "sample_union", &size), 0, "a union");
	is_number(size, sizeof(union sample_union), "... its size");
	is_number(types_size(types, "sample_none", &size), -ENOENT, "no such struct");
	CHECK(first, 1);
	CHECK(hidden, 1);
	CHECK(deep, 1);
	CHECK_ARRAY(halves, 2);
	CHECK(inner, 1);
	CHECK(inner.number, 1);
	CHECK_ARRAY(array, 5);
	CHECK_ARRAY(matrix, 3);
	CHECK(next, 1);
	CHECK_ARRAY(either.bytes, 24);
	check("rest", offsetof(struct sample_outer, rest), 0, 0);
	is_number(types_member(types, "sample_outer", "field", &member), 0, "a field of bits");
	is_number(types_member(types, "sample_outer", "none", &member), -ENOENT, "no such member");
	is_number(types_member(types, "sample_outer", "inner.none", &member), -ENOENT, "nor in a member");
	is_number(types_member(types, "sample_outer", "", &member), -ENOENT, "nor none at all");
	types_close(types);
	is_number(types_open(context, "/dev/null", &types), -ENODATA, "no file with types");
	ok(strstr(meminspect_error(context), "/dev/null: neither its BTF"), "... the error: %s",
	   meminspect_error(context));
	meminspect_context_free(context);
	return done_testing();
}
