// SPDX-License-Identifier: GPL-2.0-only
/* Modules that are on no list are told of no region. */
/* As in the code of a module: the header's functions say which one it is. */
#define MODULE
#include <linux/errno.h>
#include <linux/notifier.h>
#include <linux/vmcore_info.h>
#include "kernel-policy.h"

struct module __this_module;
unsigned char *vmcoreinfo_data;
size_t vmcoreinfo_size;

static unsigned int calls;

static void visit(void *priv, const struct inspect_entry *entry)
{
	(void)priv;
	(void)entry;
	calls++;
}

static int notify(struct notifier_block *nb, unsigned long event, void *data)
{
	(void)nb;
	(void)event;
	(void)data;
	calls++;
	return NOTIFY_DONE;
}

/* As in a callback of a consumer, which has the table locked */
static bool may_dump(void)
{
	unsigned long flags;
	bool may;

	if (!meminspect_table_trylock(&flags))
		shim_die("the table is locked");
	may = meminspect_may_dump(SHIM_RAM_PADDR, 1);
	meminspect_table_release(flags);
	return may;
}

/* What needs no callback, and ends in a call that compilers make a jump of */
static int fit(struct meminspect_fit *fit)
{
	static const struct meminspect_limits limits = {
		.nr_runs = 10, .alignment = 4, .preferred_alignment = PAGE_SIZE,
	};

	return meminspect_fit_runs(&limits, fit);
}

static void asks_for_more(const char *name, bool may)
{
	struct meminspect_fit runs = { };
	u64 offset = 0;

	is_number(may_dump(), may, "%s %s what may be dumped", name, may ? "learns" : "does not learn");
	is_number(fit(&runs), may ? 0 : -EPERM, "%s %s runs", name, may ? "gets" : "gets no");
	is_number(meminspect_write_core_header(NULL, 0, &runs), may ? -ENODATA : -EPERM,
		  "%s %s a header of a core", name, may ? "may write" : "may not write");
	if (may)
		meminspect_fit_free(&runs);
	is_number(meminspect_kaslr_offset(&offset), may ? 0 : -EPERM, "%s asks for the offset of KASLR",
		  name);
	is_number(offset, may ? SHIM_KASLR_OFFSET : 0, "and %s", may ? "gets it" : "does not get it");
}

/* A module of that name; two regions are marked. */
static void asks(const char *name, bool may)
{
	struct notifier_block nb = { .notifier_call = notify };
	int result = may ? 0 : -EPERM;

	snprintf(__this_module.name, sizeof(__this_module.name), "%s", name);
	calls = 0;
	is_number(meminspect_traverse(NULL, visit), result, "%s %s", name,
		  may ? "may traverse" : "may not traverse");
	is_number(calls, may ? 2 : 0, "it is called for %s region", may ? "each" : "no");
	calls = 0;
	is_number(meminspect_notifier_register(&nb), result, "%s %s", name,
		  may ? "may be notified" : "may not be notified");
	is_number(calls, may ? 2 : 0, "it is told of %s region", may ? "each" : "no");
	is_number(meminspect_notifier_unregister(&nb), may ? 0 : -ENOENT, "it goes");
	asks_for_more(name, may);
}

static void by_default(void)
{
	unsigned int warnings = shim_warnings;

	asks("first_consumer", true);
	asks("other_consumer", true);
	is_number(shim_warnings, warnings, "nothing is said of them");
	asks("first_consume", false);
	ok(shim_warnings == warnings + 1 && strstr(shim_last_warning, "first_consume"),
	   "it is said that one is not on the list");
	asks("first_consumer2", false);
	asks("consumer", false);
	asks("first_consumer,other", false);
	asks("", false);
	is_number(shim_warnings, warnings + 1, "but not again and again");
}

/* Which the header says by NULL */
static void built_in(void)
{
	struct notifier_block nb = { .notifier_call = notify };

	shim_boot_parameter("meminspect_consumers", "");
	calls = 0;
	ok(!__meminspect_traverse(NULL, visit, NULL) && calls == 2, "built-in code may traverse");
	ok(!__meminspect_notifier_register(&nb, NULL) && calls == 4, "and may be notified");
	meminspect_notifier_unregister(&nb);
	asks("first_consumer", false);
}

static void other_list(void)
{
	shim_boot_parameter("meminspect_consumers", "alpha,,b-e_t-a,");
	asks("alpha", true);
	asks("b_e_t_a", true);
	asks("first_consumer", false);
	asks("alph", false);
}

static void no_list(void)
{
	shim_boot_parameter("meminspect_consumers", NULL);
	asks("first_consumer", true);
}

/* 255 bytes fit */
static void long_list(void)
{
	char list[257];
	unsigned int warnings = shim_warnings;

	memset(list, ',', sizeof(list));
	list[sizeof(list) - 2] = '\0';
	memcpy(list + 250, "alpha", 5);
	shim_boot_parameter("meminspect_consumers", list);
	is_number(shim_warnings, warnings, "the longest list is taken");
	asks("alpha", true);
}

static void too_long_list(void)
{
	char list[257];
	unsigned int warnings = shim_warnings;

	memset(list, ',', sizeof(list));
	list[sizeof(list) - 1] = '\0';
	memcpy(list, "alpha", 5);
	shim_boot_parameter("meminspect_consumers", list);
	is_number(shim_warnings, warnings + 1, "a list that is too long is said");
	asks("alpha", false);
	asks("first_consumer", false);
}

int main(void)
{
	static void (*const scenarios[])(void) = {
		by_default, built_in, other_list, no_list, long_list, too_long_list,
	};
	struct inspect_entry first = linear_entry("first", 8), second = linear_entry("second", 8);
	size_t i;

	mark(&first);
	mark(&second);
	have_memory();
	for (i = 0; i < ARRAY_SIZE(scenarios); i++)
		in_child(scenarios[i]);
	return done_testing();
}
