/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the directory's reader share: reading a model, and what was said of it. */
#ifndef TESTS_DIRECTORY_CHECK_H
#define TESTS_DIRECTORY_CHECK_H

#include "directory-model.h"
#include "internal.h"
#include "tap.h"
#include <errno.h>
#include <stdlib.h>

#define RAM_BASE 0x80000000ULL

static struct meminspect_context *context;	/* main() makes it */

static struct directory *try_read(struct model *model, int *error)
{
	struct directory *directory = NULL;

	*error = directory_read(context, model_read, model, model->chunks[0], &directory);
	return directory;
}

static struct directory *read_model(struct model *model)
{
	int error;
	struct directory *directory = try_read(model, &error);

	if (error) {
		diag("directory_read: %s", meminspect_error(context));
		exit(1);
	}
	return directory;
}

static bool has_problem(const struct directory *directory, const char *text)
{
	size_t i;

	for (i = 0; i < directory->nr_problems; i++)
		if (strstr(directory->problems[i], text))
			return true;
	for (i = 0; i < directory->nr_problems; i++)
		diag("no \"%s\" in: %s", text, directory->problems[i]);
	return false;
}

static struct model_region region_named(const char *name, const struct meminspect_extent *extents,
					uint32_t nr_extents)
{
	return (struct model_region){
		.name = name,
		.class = MEMINSPECT_CLASS_OTHER,
		.vaddr = 0xffff888000000000ULL,
		.nr_extents = nr_extents,
		.extents = extents,
	};
}

#endif /* TESTS_DIRECTORY_CHECK_H */
