// SPDX-License-Identifier: LGPL-2.1-only
/* Levels: how much of what is marked a core is to have. docs/levels.md says what each answers. */
#include "internal.h"
#include "sorted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NAMES 8
#define BIT(class) (1U << MEMINSPECT_CLASS_##class)

static const struct {
	const char *name;
	uint32_t classes;
	const char *with[MAX_NAMES];	/* regions of other classes that it has */
	const char *without[MAX_NAMES];	/* regions of these classes that it does not have */
} levels[MEMINSPECT_NR_LEVELS] = {
	[MEMINSPECT_LEVEL_SMALL] = {
		"small",
		BIT(LOG) | BIT(IDENTITY) | BIT(CPU) | BIT(TIME) | BIT(CURRENT) | BIT(SCHED) |
		BIT(PAGETABLE) | BIT(MM) | BIT(CONFIG) | BIT(MODULE) | BIT(TASK),
		{ "nr_irqs", "total_nr_irqs", "irq_stack" },
		{ "task_stack" },
	},
	[MEMINSPECT_LEVEL_DEFAULT] = {
		"default",
		BIT(LOG) | BIT(IDENTITY) | BIT(CPU) | BIT(TIME) | BIT(CURRENT) | BIT(SCHED) |
		BIT(PAGETABLE) | BIT(MM) | BIT(CONFIG) | BIT(STACK) | BIT(IRQ) | BIT(MODULE) |
		BIT(TASK) | BIT(DRIVER),
		{ NULL },
		{ "task_stack" },
	},
	[MEMINSPECT_LEVEL_RICH] = { "rich", UINT32_MAX, { NULL }, { NULL } },
};

const char *meminspect_level_name(enum meminspect_level level)
{
	return level < MEMINSPECT_NR_LEVELS ? levels[level].name : "unknown";
}

static bool is_one_of(const char *const names[MAX_NAMES], const struct meminspect_region *region)
{
	for (size_t i = 0; i < MAX_NAMES && names[i]; i++)
		if (!strcmp(region->name, names[i]))
			return true;
	return false;
}

/* crash takes a base without its timers for one that has none. */
static bool is_timer_base(const struct meminspect_region *region)
{
	return !strcmp(region->name, "timer_bases") || !strcmp(region->name, "hrtimer_bases");
}

/* The mirror of the directory, if it tells nothing that the directory does not. */
static bool is_second_copy(const struct meminspect_region *first, const struct meminspect_region *region)
{
	if (strcmp(region->name, "meminspect_directory_mirror") || !first ||
	    first->nr_pieces != region->nr_pieces)
		return false;
	for (size_t i = 0; i < region->nr_pieces; i++) {
		const struct meminspect_piece *one = &first->pieces[i], *other = &region->pieces[i];

		if (one->present != other->present ||
		    (one->present && memcmp(one->data, other->data, one->present) != 0))
			return false;
	}
	return true;
}

/* What decides, beside a region itself, whether it is kept */
struct choice {
	enum meminspect_level level;
	bool follows;
	const struct meminspect_region *directory;	/* the first copy; NULL if there is none */
	size_t nr_current;
	uint64_t *current;	/* addresses of what CPUs ran */
};

static bool has(const struct choice *choice, const struct meminspect_region *region)
{
	enum meminspect_level level = choice->level;

	/* Without the directory nobody can tell what is missing. */
	if (!strncmp(region->name, "meminspect_directory", strlen("meminspect_directory")))
		return true;
	if (is_timer_base(region) && !choice->follows)
		return false;
	/* Each level has what the CPUs ran. */
	if (region->vaddr &&
	    bsearch(&region->vaddr, choice->current, choice->nr_current, sizeof(*choice->current),
		    sorted_compare))
		return true;
	if (region->origin == MEMINSPECT_FROM_DIRECTORY && is_one_of(levels[level].without, region))
		return false;
	return is_one_of(levels[level].with, region) ||
	       (region->class < 32 && levels[level].classes >> region->class & 1);
}

int meminspect_limit(struct meminspect_context *context, struct meminspect_dump *dump,
		     enum meminspect_level level, bool follows)
{
	struct choice choice = {
		.level = level, .follows = follows,
		.directory = meminspect_dump_find(dump, "meminspect_directory", -1),
	};
	bool *kept = calloc(dump->nr_regions + 1, sizeof(*kept));
	char *name = strdup(meminspect_level_name(level));
	size_t i, nr = 0;

	choice.current = current_addresses(dump, &choice.nr_current);
	if (!kept || !name || !choice.current) {
		free(choice.current);
		free(kept);
		free(name);
		return fail(context, -ENOMEM, "out of memory");
	}
	for (i = 0; i < dump->nr_regions; i++) {
		bool twice = is_second_copy(choice.directory, &dump->regions[i]);

		kept[i] = !twice && has(&choice, &dump->regions[i]);
		dump->nr_beyond += !twice && !kept[i];
	}
	for (i = 0; i < dump->nr_regions; i++) {
		if (kept[i])
			dump->regions[nr++] = dump->regions[i];
		else
			region_release(&dump->regions[i]);
	}
	dump->nr_regions = nr;
	free(dump->level);
	dump->level = name;
	free(kept);
	free(choice.current);
	dump_changed(dump);
	return 0;
}

const char *meminspect_dump_level(const struct meminspect_dump *dump, uint64_t *nr_beyond)
{
	*nr_beyond = dump->nr_beyond;
	return dump->level;
}
