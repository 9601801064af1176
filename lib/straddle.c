// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Objects that end before their type does. What was marked is what the kernel has of an
 * object; tools read as much as the type has. crash goes on into whatever comes next in
 * the file.
 */
#include "types.h"
#include "vmlinux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* More than any type of the kernel has */
#define MAX_TYPE_SIZE	(1U << 20)

/* Regions that hold one object each, of a type that has another name, or the same */
static const struct {
	const char *region, *type;
} objects[] = {
	{ "task_struct", "task_struct" },
	{ "current_task", "task_struct" },
	{ "init_task", "task_struct" },
	{ "mm_struct", "mm_struct" },
	{ "init_mm", "mm_struct" },
	{ "pid", "pid" },
	{ "pid_node", "xa_node" },
	{ "init_pid_ns", "pid_namespace" },
	{ "init_uts_ns", "uts_namespace" },
	{ "irq_desc", "irq_desc" },
	{ "irq_tree_node", "maple_node" },
	{ "irqaction", "irqaction" },
	{ "pglist_data", "pglist_data" },
	{ "runqueues", "rq" },
	{ "timer_bases", "timer_base" },
	{ "hrtimer_bases", "hrtimer_cpu_base" },
};

/* Whether bytes that were collected go on to its end, be it in the next region. */
static bool has_all(const struct meminspect_dump *dump, uint64_t vaddr, uint8_t *buffer, uint64_t size)
{
	return !meminspect_dump_read(dump, vaddr, buffer, size);
}

/* What pointers lead to is one region of many objects. */
static bool is_one_object(const struct meminspect_region *region)
{
	return region->origin == MEMINSPECT_FROM_DIRECTORY || region->class == MEMINSPECT_CLASS_CURRENT;
}

static void look_at(const struct meminspect_dump *dump, const char *name,
		    struct meminspect_straddling *straddling, uint8_t *buffer)
{
	for (size_t i = 0; i < dump->nr_regions; i++) {
		const struct meminspect_region *region = &dump->regions[i];

		/* Of others it is said already that they are cut. x86 has variables of such a name. */
		if (region->verdict != MEMINSPECT_PRESENT || !region->vaddr ||
		    !is_one_object(region) || strcmp(region->name, name) ||
		    region->size < sizeof(uint64_t) + 1)
			continue;
		straddling->nr_objects++;
		if (region->size >= straddling->type_size ||
		    has_all(dump, region->vaddr, buffer, straddling->type_size))
			continue;
		if (!straddling->nr || region->size < straddling->least)
			straddling->least = region->size;
		straddling->nr++;
	}
}

int meminspect_find_straddling(struct meminspect_context *context, const struct meminspect_dump *dump,
			       const char *path, meminspect_straddling_function function, void *priv)
{
	uint8_t *buffer = malloc(MAX_TYPE_SIZE);
	struct vmlinux *vmlinux = NULL;
	struct types *types = NULL;
	int error = buffer ? 0 : fail(context, -ENOMEM, "out of memory");

	if (!error && !dump->has_ident)
		error = fail(context, -ENODATA, "nothing tells which kernel it is of");
	if (!error)
		error = vmlinux_open(context, path, &dump->ident, &vmlinux);
	if (!error)
		error = types_open(context, path, &types);
	for (size_t i = 0; !error && i < ARRAY_SIZE(objects); i++) {
		struct meminspect_straddling straddling = {
			.region = objects[i].region, .type = objects[i].type,
		};

		if (types_size(types, objects[i].type, &straddling.type_size) ||
		    straddling.type_size > MAX_TYPE_SIZE)
			continue;
		look_at(dump, objects[i].region, &straddling, buffer);
		if (straddling.nr)
			function(priv, &straddling);
	}
	types_close(types);
	vmlinux_close(vmlinux);
	free(buffer);
	return error;
}
