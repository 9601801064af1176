/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory of a model, to collect from, and what was made of it. */
#ifndef TESTS_FAKE_SOURCE_H
#define TESTS_FAKE_SOURCE_H

#include "directory-model.h"
#include "internal.h"
#include "tap.h"
#include <stdlib.h>

/* No test needs all of it. */
#define FAKE static __attribute__((unused))

static struct meminspect_context *context;	/* main() makes it */

/* A source in this process, which can have VMCOREINFO, registers and faults. */
struct fake {
	struct meminspect_memory memory;
	struct model *model;
	uint64_t bad_page;	/* reads of it fail with @bad_error */
	int bad_error;
	bool searched;
};

FAKE int64_t fake_read(struct meminspect_memory *memory, uint64_t paddr, void *buffer,
			 size_t length)
{
	struct fake *fake = (struct fake *)memory;

	if (fake->bad_page && paddr / 4096 == fake->bad_page / 4096)
		return fail(context, fake->bad_error, "the disk is broken");
	return model_read(fake->model, paddr, buffer, length);
}

FAKE int fake_find_head(struct meminspect_memory *memory, uint64_t head[MEMINSPECT_COPIES])
{
	struct fake *fake = (struct fake *)memory;

	fake->searched = true;
	memcpy(head, fake->model->chunks[0], sizeof(fake->model->chunks[0]));
	return 0;
}

static const struct memory_operations fake_operations = {
	.read = fake_read,
	.find_head = fake_find_head,
};

FAKE struct fake fake_of(struct model *model)
{
	return (struct fake){
		.model = model,
		.memory = {
			.context = context,
			.operations = &fake_operations,
			.description = "a model",
		},
	};
}

FAKE struct meminspect_dump *collect(struct fake *fake)
{
	struct meminspect_dump *dump = NULL;

	if (meminspect_collect(context, &fake->memory, &dump)) {
		diag("meminspect_collect: %s", meminspect_error(context));
		exit(1);
	}
	return dump;
}

FAKE bool has_problem(const struct meminspect_dump *dump, const char *text)
{
	size_t i;

	for (i = 0; i < meminspect_dump_nr_problems(dump); i++)
		if (strstr(meminspect_dump_problem(dump, i), text))
			return true;
	return false;
}

FAKE void check_verdict(const struct meminspect_dump *dump, const char *name, int64_t key,
			  enum meminspect_verdict verdict, const char *why)
{
	const struct meminspect_region *region = meminspect_dump_find(dump, name, key);

	ok(region && region->verdict == verdict && strstr(region->why, why), "%s: %s, %s", name,
	   meminspect_verdict_name(verdict), *why ? why : "no reason");
	if (region)
		diag("%s: %s", meminspect_verdict_name(region->verdict), region->why);
}

#endif /* TESTS_FAKE_SOURCE_H */
