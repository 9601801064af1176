// SPDX-License-Identifier: GPL-2.0-only
/* The levels of a core, as options name them. */
#include "tool.h"

#include <stdlib.h>
#include <string.h>

bool tool_take_level(const char *name, int *level)
{
	for (*level = 0; *level < MEMINSPECT_NR_LEVELS; ++*level)
		if (!strcmp(name, meminspect_level_name(*level)))
			return true;
	tool_error("no level '%s': expected small, default or rich", name);
	return false;
}

/* The core is written without, says so, and has nothing that is wrong if nothing was followed. */
static int not_followed(struct meminspect_context *context, struct meminspect_dump *dump, int level)
{
	char *problem;
	int error;

	if (asprintf(&problem, "pointers were not followed: %s", meminspect_error(context)) < 0)
		tool_out_of_memory();
	error = meminspect_dump_add_problem(dump, problem);
	free(problem);
	if (error)
		tool_out_of_memory();
	return meminspect_limit(context, dump, level, false);
}

bool tool_apply_level(struct meminspect_context *context, struct meminspect_dump *dump,
		      struct meminspect_memory *memory, int level, const char *vmlinux)
{
	bool follows = memory && vmlinux && level >= MEMINSPECT_LEVEL_DEFAULT;
	int error;

	if (level == TOOL_NO_LEVEL)
		return true;
	error = meminspect_limit(context, dump, level, follows);
	if (!error && follows && meminspect_follow(context, dump, memory, level, vmlinux))
		error = not_followed(context, dump, level);
	if (error)
		tool_error("%s", meminspect_error(context));
	return !error;
}
