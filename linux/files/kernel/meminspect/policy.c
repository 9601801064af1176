// SPDX-License-Identifier: GPL-2.0-only
/*
 * What may be in a dump: classes that are on or off, a deny list, a budget of
 * bytes. Who runs the machine decides, on the command line; Kconfig has the
 * defaults. What is here is settled before the first user process.
 */
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "internal.h"

/**
 * struct class_policy - what becomes of the regions of a class
 * @name: for the command line, and for people
 * @rank: 0 is kept longest when bytes run out
 * @enabled: whether its regions are marked at all
 * @refused: somebody said that they are not
 * @denied: a well-known one of them is on the deny list
 *
 * What holds the data of users is off until somebody asks for it, and so is
 * what is large and stands in vmlinux, too.
 */
struct class_policy {
	const char *name;
	unsigned int rank;
	bool enabled;
	bool refused;
	bool denied;
};

static struct class_policy classes[MEMINSPECT_CLASS_MAX] __ro_after_init = {
	[MEMINSPECT_CLASS_LOG]		= { "log",	 0, true },
	[MEMINSPECT_CLASS_IDENTITY]	= { "identity",	 1, true },
	[MEMINSPECT_CLASS_CPU]		= { "cpu",	 2, true },
	[MEMINSPECT_CLASS_TIME]		= { "time",	 3, true },
	[MEMINSPECT_CLASS_CURRENT]	= { "current",	 4, false },
	[MEMINSPECT_CLASS_SCHED]	= { "sched",	 5, true },
	[MEMINSPECT_CLASS_PAGETABLE]	= { "pagetable", 6, true },
	[MEMINSPECT_CLASS_STACK]	= { "stack",	 7, false },
	[MEMINSPECT_CLASS_MM]		= { "mm",	 8, true },
	[MEMINSPECT_CLASS_IRQ]		= { "irq",	 9, true },
	[MEMINSPECT_CLASS_MODULE]	= { "module",	10, true },
	[MEMINSPECT_CLASS_TASK]		= { "task",	11, false },
	[MEMINSPECT_CLASS_DRIVER]	= { "driver",	12, true },
	[MEMINSPECT_CLASS_CONFIG]	= { "config",	13, true },
	[MEMINSPECT_CLASS_SYMBOLS]	= { "symbols",	14, false },
	[MEMINSPECT_CLASS_TYPES]	= { "types",	15, false },
	[MEMINSPECT_CLASS_OTHER]	= { "other",	16, true },
};

#define MAX_DENIALS	32

enum denial_kind {
	DENY_NAME,
	DENY_CLASS,
	DENY_RANGE,
};

struct denial {
	enum denial_kind kind;
	char name[MEMINSPECT_NAME_SIZE];	/* a last '*' stands for anything */
	unsigned int class;
	u64 first, last;
};

static struct denial denials[MAX_DENIALS] __ro_after_init;
static unsigned int nr_denials __ro_after_init;

/* Who can't be understood may have wanted to deny anything. */
static bool deny_all __ro_after_init;

u64 meminspect_budget __ro_after_init = CONFIG_MEMINSPECT_BUDGET_KB * 1024ULL;

/**
 * meminspect_class_enabled - whether the regions of a class are marked
 * @class: the class
 *
 * Context: Any. Settled when meminspect_init() runs.
 *
 * Return: true if they are.
 */
bool meminspect_class_enabled(enum meminspect_class class)
{
	return classes[class].enabled && !deny_all;
}

/**
 * meminspect_class_followed - whether it matters where the regions of a class are
 * @class: the class
 *
 * For who would not look for them otherwise.
 *
 * Context: Any. Settled when meminspect_init() runs.
 *
 * Return: true if they are marked, or if some of them are denied.
 */
bool meminspect_class_followed(enum meminspect_class class)
{
	return (classes[class].enabled || classes[class].denied) && !deny_all;
}

/**
 * meminspect_class_rank - how soon a class gives way when bytes run out
 * @class: the class
 *
 * Context: Any.
 *
 * Return: a number that no other class has; a higher one gives way sooner.
 */
unsigned int meminspect_class_rank(enum meminspect_class class)
{
	return classes[class].rank;
}

/**
 * meminspect_name_of_class - name of a class
 * @class: the class
 *
 * Context: Any.
 *
 * Return: its name.
 */
const char *meminspect_name_of_class(enum meminspect_class class)
{
	return classes[class].name;
}

static bool name_matches(const char *pattern, const char *name)
{
	size_t length = strlen(pattern);

	if (length && pattern[length - 1] == '*')
		return !strncmp(pattern, name, length - 1);
	/* Who denies a name may have it from the directory, where it is cut. */
	return !strncmp(pattern, name, MEMINSPECT_NAME_SIZE - 1);
}

/**
 * meminspect_denies - whether a region is denied for what it is
 * @entry: the region
 *
 * Context: Any.
 *
 * Return: true if its name or its class is on the deny list.
 */
bool meminspect_denies(const struct inspect_entry *entry)
{
	unsigned int i;

	for (i = 0; i < nr_denials; i++)
		if ((denials[i].kind == DENY_NAME &&
		     name_matches(denials[i].name, entry->name)) ||
		    (denials[i].kind == DENY_CLASS &&
		     denials[i].class == entry->type))
			return true;
	return false;
}

/**
 * meminspect_takes - whether a region has to be in the table
 * @entry: the region
 *
 * What is denied is known there even if its class is off: its memory must not
 * get into a dump by others.
 *
 * Context: Any. Settled when meminspect_init() runs.
 *
 * Return: true if it has.
 */
bool meminspect_takes(const struct inspect_entry *entry)
{
	return meminspect_class_enabled(entry->type) ||
	       (!deny_all && meminspect_denies(entry));
}

/**
 * meminspect_denies_range - whether memory is denied for where it is
 * @first: first physical byte
 * @last: last physical byte
 *
 * Context: Any.
 *
 * Return: true if a byte of it is on the deny list.
 */
bool meminspect_denies_range(u64 first, u64 last)
{
	unsigned int i;

	for (i = 0; i < nr_denials; i++)
		if (denials[i].kind == DENY_RANGE &&
		    first <= denials[i].last && denials[i].first <= last)
			return true;
	return false;
}

/**
 * meminspect_may_tell - whether a fact on a region may be told
 * @entry: the region, marked or not: name and class, and @entry->size bytes at
 *	@entry->pa, if that is what is told
 *
 * For what tells where something is, without its contents. A class that is off
 * because nobody asked for it does not matter then, one that was turned off
 * does.
 *
 * Context: Any, when policy is settled.
 *
 * Return: true if it may.
 */
bool meminspect_may_tell(const struct inspect_entry *entry)
{
	return !deny_all && !classes[entry->type].refused &&
	       !meminspect_denies(entry) &&
	       (!entry->size ||
		!meminspect_denies_range(entry->pa,
					 entry->pa + entry->size - 1));
}

static int __init find_class(const char *name)
{
	int class;

	for (class = 0; class < MEMINSPECT_CLASS_MAX; class++)
		if (!strcmp(classes[class].name, name))
			return class;
	return -ENOENT;
}

static void __init enable_all(bool enabled)
{
	unsigned int class;

	for (class = 0; class < MEMINSPECT_CLASS_MAX; class++) {
		classes[class].enabled = enabled;
		classes[class].refused = !enabled;
	}
}

/* A word of "meminspect=": off, all, CLASS or -CLASS */
static int __init enable_word(const char *word)
{
	bool enabled = *word != '-';
	int class;

	if (!strcmp(word, "off") || !strcmp(word, "all")) {
		enable_all(*word == 'a');
		return 0;
	}
	class = find_class(enabled ? word : word + 1);
	if (class < 0)
		return class;
	classes[class].enabled = enabled;
	classes[class].refused = !enabled;
	return 0;
}

static void __init enable_words(char *words)
{
	char *word;

	while ((word = strsep(&words, ",")))
		if (*word && enable_word(word))
			pr_warn("meminspect: no class '%s'\n", word);
}

/* Kconfig's word comes before those of the command line. */
static void __init enable_defaults(void)
{
	static char defaults[] __initdata = CONFIG_MEMINSPECT_CLASSES;
	static bool done __initdata;

	if (!done)
		enable_words(defaults);
	done = true;
}

static int __init parse_classes(char *words)
{
	enable_defaults();
	if (words)
		enable_words(words);
	return 0;
}
early_param("meminspect", parse_classes);

/* START-END, physical, END not included */
static int __init parse_range(struct denial *denial, char *text)
{
	char *end = strchr(text, '-');
	u64 first, behind;

	if (!end)
		return -EINVAL;
	*end++ = '\0';
	if (kstrtou64(text, 0, &first) || kstrtou64(end, 0, &behind) ||
	    first >= behind)
		return -EINVAL;
	denial->kind = DENY_RANGE;
	denial->first = first;
	denial->last = behind - 1;
	return 0;
}

static int __init parse_denial(struct denial *denial, char *word)
{
	char *value = strchr(word, ':');
	int class;

	if (!value)
		return -EINVAL;
	*value++ = '\0';
	if (!strcmp(word, "name")) {
		denial->kind = DENY_NAME;
		return strscpy(denial->name, value, sizeof(denial->name)) <= 0 ?
		       -EINVAL : 0;
	}
	if (!strcmp(word, "class")) {
		class = find_class(value);
		denial->kind = DENY_CLASS;
		denial->class = class;
		return class < 0 ? -EINVAL : 0;
	}
	return strcmp(word, "range") ? -EINVAL : parse_range(denial, value);
}

static int __init parse_denials(char *words)
{
	char *word;

	if (!words) {
		pr_err("meminspect: meminspect_deny says nothing: nothing is marked\n");
		deny_all = true;
	}
	while (words && (word = strsep(&words, ","))) {
		if (!*word)
			continue;
		if (nr_denials < MAX_DENIALS &&
		    !parse_denial(&denials[nr_denials], word)) {
			nr_denials++;
			continue;
		}
		pr_err("meminspect: cannot deny '%s' (at most %u of name:NAME, class:CLASS, range:START-END): nothing is marked\n",
		       word, MAX_DENIALS);
		deny_all = true;
	}
	return 0;
}
early_param("meminspect_deny", parse_denials);

static int __init parse_budget(char *text)
{
	char *end = text;

	if (text)
		meminspect_budget = memparse(text, &end);
	if (!text || end == text || *end) {
		pr_err("meminspect: budget '%s' is no number of bytes: nothing is marked\n",
		       text ?: "");
		deny_all = true;
	}
	return 0;
}
early_param("meminspect_budget", parse_budget);

#define WELL_KNOWN_REGION(region, of_class, size, reason) \
	{ .name = #region, .type = MEMINSPECT_CLASS_##of_class },

static void __init find_denied_classes(void)
{
	static const struct inspect_entry regions[] __initconst = {
		MEMINSPECT_WELL_KNOWN_REGIONS(WELL_KNOWN_REGION)
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(regions); i++)
		if (meminspect_denies(&regions[i]))
			classes[regions[i].type].denied = true;
}

/**
 * meminspect_settle_policy - the command line was read
 *
 * Context: Boot, before regions are marked by the core.
 */
void __init meminspect_settle_policy(void)
{
	enable_defaults();
	find_denied_classes();
}
