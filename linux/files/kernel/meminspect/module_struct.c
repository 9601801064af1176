// SPDX-License-Identifier: GPL-2.0-only
/*
 * struct module of each module, with the tables of what it exports and of its
 * symbols. It goes with the module: see modules.c.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/notifier.h>

#include "internal.h"

#ifdef CONFIG_KALLSYMS
static const void *symbols_of(const struct module *mod)
{
	return mod->core_kallsyms.symtab;
}

/* The loader puts symbols, names and types behind each other: see layout_symtab(). */
static size_t size_of_symbols(const struct module *mod)
{
	const char *end = mod->core_kallsyms.typetab +
			  mod->core_kallsyms.num_symtab;

	return end - (const char *)symbols_of(mod);
}
#else
static const void *symbols_of(const struct module *mod) { return NULL; }
static size_t size_of_symbols(const struct module *mod) { return 0; }
#endif

/* A name that is too long is cut: the struct has all of it. */
static s64 mark_part(struct module *mod, const char *part, const void *va,
		     size_t size)
{
	char name[MEMINSPECT_NAME_SIZE];
	const struct inspect_entry want = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.type = MEMINSPECT_CLASS_MODULE,
		.va = (void *)va,
		.size = size,
		.name = name,
	};

	scnprintf(name, sizeof(name), "%s:%s", part, mod->name);
	return meminspect_register_owned(&want, mod);
}

static int mark_export_table(struct module *mod, const void *table, size_t size)
{
	s64 handle = size ? mark_part(mod, "ksymtab", table, size) : 0;

	return handle < 0 ? handle : 0;
}

/*
 * Who finds struct module reads the tables that it points to, and takes a
 * dump for broken that lacks them: the struct comes last, or not at all.
 */
static void mark_module(struct module *mod)
{
	/* Without, registration fails where rows are missing, and says so. */
	meminspect_reserve(meminspect_rows_for(sizeof(*mod)) +
			   meminspect_rows_for(size_of_symbols(mod)));
	if (!module_walk_export_tables(mod, mark_export_table))
		mark_part(mod, "module", mod, sizeof(*mod));
	/* Without, addresses have no names, and all else can be read. */
	if (size_of_symbols(mod))
		mark_part(mod, "kallsyms", symbols_of(mod), size_of_symbols(mod));
}

static int on_module(struct notifier_block *nb, unsigned long state, void *data)
{
	if (state == MODULE_STATE_COMING)
		mark_module(data);
	return NOTIFY_OK;
}

/*
 * As late as modules.c's, and linked behind it: what a module annotates is
 * marked before.
 */
static struct notifier_block module_nb = {
	.notifier_call = on_module,
	.priority = INT_MIN,
};

static int __init follow_structs(void)
{
	return register_module_notifier(&module_nb);
}
core_initcall(follow_structs);
