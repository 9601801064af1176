// SPDX-License-Identifier: GPL-2.0-only
/* Types of a kernel that no compiler makes */
#include "tap.h"
#include "types.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/types-test.XXXXXX";

/* struct outer, and in it structs without a name: of each kind 100 are in the next one. */
static void make_types(const char *path)
{
	struct btf *btf = btf__new_empty();
	char raw[64], command[200];
	const void *bytes;
	uint32_t size;
	FILE *file;
	int inner = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);

	for (unsigned int depth = 0; depth < 8; depth++) {
		int id = btf__add_struct(btf, depth == 7 ? "outer" : NULL, 4);

		for (unsigned int i = 0; i < 100; i++)
			btf__add_field(btf, depth ? NULL : "number", inner, 0, 0);
		inner = id;
	}
	snprintf(raw, sizeof(raw), "%s/raw", folder);
	bytes = btf__raw_data(btf, &size);
	file = fopen(raw, "w");
	if (!file || fwrite(bytes, size, 1, file) != 1 || fclose(file))
		exit(1);
	snprintf(command, sizeof(command), "objcopy -I binary -O elf64-x86-64 --rename-section .data=.BTF %s %s",
		 raw, path);
	if (system(command))
		exit(1);
	unlink(raw);
	btf__free(btf);
}

int main(void)
{
	struct meminspect_context *context = meminspect_context_new();
	struct type_member member;
	struct types *types;
	char path[64];

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/vmlinux", folder);
	make_types(path);
	if (!ok(!types_open(context, path, &types), "types: %s", meminspect_error(context)))
		return done_testing();
	is_number(types_member(types, "outer", "number", &member), 0, "a member of a struct without a name");
	alarm(20);
	is_number(types_member(types, "outer", "none", &member), -ENOENT, "one that no struct has");
	alarm(0);
	types_close(types);
	meminspect_context_free(context);
	unlink(path);
	rmdir(folder);
	return done_testing();
}
