// SPDX-License-Identifier: GPL-2.0-only
/* Modules that are on no list are told of no region. */
#include <linux/errno.h>
#include <linux/notifier.h>
#include "kernel-policy.h"

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

/* Both functions above are of a module of that name; two regions are marked. */
static void asks(const char *name, bool may)
{
	struct module module = { .code = { visit, notify } };
	struct notifier_block nb = { .notifier_call = notify };
	int result = may ? 0 : -EPERM;

	snprintf(module.name, sizeof(module.name), "%s", name);
	shim_module = &module;
	calls = 0;
	is_number(meminspect_traverse(NULL, visit), result, "%s %s", name,
		  may ? "may traverse" : "may not traverse");
	is_number(calls, may ? 2 : 0, "it is called for %s region", may ? "each" : "no");
	calls = 0;
	is_number(meminspect_notifier_register(&nb), result, "%s %s", name,
		  may ? "may be notified" : "may not be notified");
	is_number(calls, may ? 2 : 0, "it is told of %s region", may ? "each" : "no");
	is_number(meminspect_notifier_unregister(&nb), may ? 0 : -ENOENT, "it goes");
	shim_module = NULL;
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

static void built_in(void)
{
	struct module module = { .name = "other", .code = { in_child } };
	struct notifier_block nb = { .notifier_call = notify };

	shim_boot_parameter("meminspect_consumers", "");
	shim_module = &module;
	calls = 0;
	ok(!meminspect_traverse(NULL, visit) && calls == 2, "built-in code may traverse");
	ok(!meminspect_notifier_register(&nb) && calls == 4, "and may be notified");
	meminspect_notifier_unregister(&nb);
	shim_module = NULL;
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
	for (i = 0; i < ARRAY_SIZE(scenarios); i++)
		in_child(scenarios[i]);
	return done_testing();
}
