// SPDX-License-Identifier: GPL-2.0-only
/* The levels of a core, as options name them. */
#include "tool.h"

#include <string.h>

bool tool_take_level(const char *name, int *level)
{
	for (*level = 0; *level < MEMINSPECT_NR_LEVELS; ++*level)
		if (!strcmp(name, meminspect_level_name(*level)))
			return true;
	tool_error("no level '%s': expected small, default or rich", name);
	return false;
}

bool tool_apply_level(struct meminspect_context *context, struct meminspect_dump *dump,
		      struct meminspect_memory *memory, int level, const char *vmlinux)
{
	bool follows = memory && vmlinux && level >= MEMINSPECT_LEVEL_DEFAULT;

	if (level == TOOL_NO_LEVEL)
		return true;
	if (!meminspect_limit(context, dump, level, follows) &&
	    (!follows || !meminspect_follow(context, dump, memory, level, vmlinux)))
		return true;
	tool_error("%s", meminspect_error(context));
	return false;
}
