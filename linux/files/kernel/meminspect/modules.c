// SPDX-License-Identifier: GPL-2.0-only
/*
 * Modules: what they annotate, and what goes when they go.
 */
#include <linux/init.h>
#include <linux/kasan.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/percpu.h>

#include "internal.h"

/**
 * meminspect_is_going - whether a module's regions may be dropped by now
 * @owner: the module, or NULL
 *
 * What a module marks once its regions were dropped would stay.
 *
 * Context: Any. If the caller holds the table lock, and the answer is no, what
 * it adds before it lets go is dropped in time.
 *
 * Return: true if it is being unloaded, or if its init failed.
 */
bool meminspect_is_going(struct module *owner)
{
	return owner && !module_is_live(owner);
}

/**
 * meminspect_rows_for - how many rows to reserve for a region
 * @size: its size in bytes
 *
 * Context: Any.
 *
 * Return: as many as the worst mapping asks for.
 */
unsigned int meminspect_rows_for(size_t size)
{
	return 2 + size / (PAGE_SIZE * MEMINSPECT_EXTENTS_IN_SLOT);
}

static void make_room(const struct module *mod)
{
	const struct inspect_entry *entry;
	unsigned int nr_rows = 0, i;

	for (i = 0; i < mod->num_inspect_entries; i++) {
		entry = &mod->inspect_entries[i];
		nr_rows += meminspect_rows_for(entry->size) *
			   (entry->key_kind == MEMINSPECT_KEY_CPU ?
			    num_possible_cpus() : 1);
	}
	/* Without, registration fails where rows are missing, and says so. */
	meminspect_reserve(nr_rows);
}

static void mark_annotated(struct module *mod)
{
	const struct inspect_entry *entry;
	unsigned int i;

	for (i = 0; i < mod->num_inspect_entries; i++) {
		entry = &mod->inspect_entries[i];
		if (!within_module_init((unsigned long)entry->va, mod))
			meminspect_mark_annotated(entry, mod);
	}
}

static bool is_percpu_of(const struct module *mod, const void *va)
{
#ifdef CONFIG_SMP
	const void *start;
	unsigned int cpu;

	if (!mod->percpu_size)
		return false;
	for_each_possible_cpu(cpu) {
		start = kasan_reset_tag(per_cpu_ptr(mod->percpu, cpu));
		if (va >= start && va < start + mod->percpu_size)
			return true;
	}
#endif
	return false;
}

/* What the module marked, and what others marked of its memory. */
static bool goes_with(const void *mod, const struct inspect_entry *entry)
{
	return entry->owner == mod ||
	       within_module((unsigned long)entry->va, mod) ||
	       is_percpu_of(mod, entry->va);
}

static bool is_init_memory_of(const void *mod, const struct inspect_entry *entry)
{
	return within_module_init((unsigned long)entry->va, mod);
}

/*
 * The loader says MODULE_STATE_GOING before it frees anything, also of a module
 * whose init fails, and of one that it gives up after MODULE_STATE_COMING.
 * Before that no code of the module has run.
 */
static int on_module(struct notifier_block *nb, unsigned long state, void *data)
{
	struct module *mod = data;

	switch (state) {
	case MODULE_STATE_COMING:
		make_room(mod);
		mark_annotated(mod);
		break;
	case MODULE_STATE_LIVE:
		meminspect_drop_matching(is_init_memory_of, mod);
		break;
	case MODULE_STATE_GOING:
		meminspect_drop_matching(goes_with, mod);
		break;
	}
	return NOTIFY_OK;
}

/* Last: others may still mark or unmark what is the module's. */
static struct notifier_block module_nb = {
	.notifier_call = on_module,
	.priority = INT_MIN,
};

/* Nothing loads modules as early as this. */
static int __init follow_modules(void)
{
	return register_module_notifier(&module_nb);
}
core_initcall(follow_modules);
