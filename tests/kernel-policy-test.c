// SPDX-License-Identifier: GPL-2.0-only
/* Who runs the machine decides: classes, and a deny list that wins whatever name memory goes by. */
#include <linux/errno.h>
#include <linux/notifier.h>
#include "kernel-policy.h"

/* As uapi/linux/meminspect.h numbers them; the shim's Kconfig says "-module,stack". */
static const struct {
	const char *name;
	bool by_default;
} classes[] = {
	{ "other", true },	{ "log", true },	{ "identity", true },
	{ "cpu", true },	{ "task", false },	{ "mm", true },
	{ "irq", true },	{ "time", true },	{ "symbols", false },
	{ "types", false },	{ "driver", true },	{ "current", false },
	{ "stack", true },	{ "module", false },	{ "config", true },
	{ "pagetable", true },	{ "sched", true },
};

static const char *words;	/* of the scenario */

/* As in a callback of a consumer, which has the table locked. */
static bool may_dump(phys_addr_t pa, phys_addr_t size)
{
	unsigned long flags;
	bool may;

	if (!meminspect_table_trylock(&flags))
		shim_die("the table is locked");
	may = meminspect_may_dump(pa, size);
	meminspect_table_release(flags);
	return may;
}

static struct inspect_entry entry_of_class(const char *name, unsigned int class)
{
	struct inspect_entry entry = linear_entry(name, 8);

	/* A type of 0 stands for no class: only a well-known region could be of "other". */
	entry.type = class ?: MEMINSPECT_CLASS_DRIVER;
	return entry;
}

/* Whether a class is on, as a registration finds out. */
static bool is_on(unsigned int class)
{
	unsigned long refused = meminspect_nr_refused(MEMINSPECT_REFUSED_CLASS);
	struct inspect_entry entry = entry_of_class("probe", class);
	unsigned int warnings = shim_warnings;
	s64 handle;

	if (!class)
		return meminspect_class_enabled(MEMINSPECT_CLASS_OTHER);
	handle = meminspect_register(&entry);
	if (handle >= 0)
		return !meminspect_unregister(handle);
	if (handle != -EPERM || shim_warnings != warnings ||
	    meminspect_nr_refused(MEMINSPECT_REFUSED_CLASS) != refused + 1)
		shim_die("a class that is off is refused in another way: %d", (int)handle);
	return false;
}

static void defaults(void)
{
	unsigned int i;

	settle(NULL, NULL, NULL);
	is_number(ARRAY_SIZE(classes), MEMINSPECT_CLASS_MAX, "all classes are in the test");
	for (i = 0; i < ARRAY_SIZE(classes); i++) {
		is_string(meminspect_name_of_class(i), classes[i].name, "class %u", i);
		is_number(is_on(i), classes[i].by_default, "%s is %s by default", classes[i].name,
			  classes[i].by_default ? "on" : "off");
	}
}

static void ranks(void)
{
	unsigned long seen = 0;
	unsigned int i;

	for (i = 0; i < MEMINSPECT_CLASS_MAX; i++)
		seen |= 1UL << meminspect_class_rank(i);
	is_number(seen, (1UL << MEMINSPECT_CLASS_MAX) - 1, "each class has a rank of its own");
	is_number(meminspect_class_rank(MEMINSPECT_CLASS_LOG), 0, "the log is kept longest");
}

/* The classes that are to be on after all words, as bits */
static void words_are_heeded(const char *line, unsigned long on, unsigned int warnings)
{
	unsigned long got = 0;
	unsigned int i, before = shim_warnings;

	settle(line, NULL, NULL);
	is_number(shim_warnings, before + warnings, "meminspect=%s: %u warnings", line, warnings);
	for (i = 0; i < MEMINSPECT_CLASS_MAX; i++)
		got |= (unsigned long)is_on(i) << i;
	is_number(got, on, "meminspect=%s", line);
}

#define CLASS(name)	(1UL << MEMINSPECT_CLASS_##name)
#define ALL_CLASSES	((1UL << MEMINSPECT_CLASS_MAX) - 1)
/* As defaults() has it */
#define DEFAULT_CLASSES	(ALL_CLASSES & ~(CLASS(TASK) | CLASS(CURRENT) | CLASS(MODULE) | \
					  CLASS(SYMBOLS) | CLASS(TYPES)))

static void off(void)		{ words_are_heeded("off", 0, 0); }
static void all(void)		{ words_are_heeded("all", ALL_CLASSES, 0); }
static void only_log(void)	{ words_are_heeded("off,log", CLASS(LOG), 0); }
static void all_but(void)	{ words_are_heeded("all,-log,-mm", ALL_CLASSES & ~(CLASS(LOG) | CLASS(MM)), 0); }
static void empty(void)		{ words_are_heeded("", DEFAULT_CLASSES, 0); }
static void no_value(void)	{ shim_boot_parameter("meminspect", NULL); words_are_heeded("", DEFAULT_CLASSES, 0); }
static void unknown(void)	{ words_are_heeded("nothing,task,-nobody,-", DEFAULT_CLASSES | CLASS(TASK), 3); }
/* Kconfig's words come first, whatever order parameters come in. */
static void over_kconfig(void)	{ words_are_heeded("module,-stack", (DEFAULT_CLASSES | CLASS(MODULE)) & ~CLASS(STACK), 0); }

static void twice(void)
{
	shim_boot_parameter("meminspect", "task");
	words_are_heeded("-log", (DEFAULT_CLASSES | CLASS(TASK)) & ~CLASS(LOG), 0);
}

struct told {
	struct notifier_block nb;
	unsigned int added, removed;
};

static int count_events(struct notifier_block *nb, unsigned long event, void *data)
{
	struct told *told = container_of(nb, struct told, nb);

	(void)data;
	told->added += event == MEMINSPECT_NOTIFIER_ADD;
	told->removed += event == MEMINSPECT_NOTIFIER_REMOVE;
	return NOTIFY_DONE;
}

/* What was marked before the command line was read */
static void class_drop(void)
{
	struct told told = { .nb.notifier_call = count_events };
	struct inspect_entry module = scattered_entry("module", 9), log = linear_entry("log", 8);
	s64 handles[2];

	module.type = MEMINSPECT_CLASS_MODULE;
	log.type = MEMINSPECT_CLASS_LOG;
	handles[0] = mark(&module);
	handles[1] = mark(&log);
	meminspect_notifier_register(&told.nb);
	settle("", NULL, NULL);
	expect_no_region(&expected, "module", 0);
	check_published("a class is off that was on");
	is_number(meminspect_unregister(handles[0]), -ENOENT, "its region is gone");
	ok(told.added == 2 && told.removed == 1, "and whoever knew it was told");
	unmark(handles[1], &log);
}

/* ---- the deny list */

static void denied(const char *line, const char *name, bool is)
{
	struct inspect_entry entry = linear_entry(name, 8);
	s64 handle = is ? mark_left_out(&entry, MEMINSPECT_LEFT_OUT_DENIED) : mark(&entry);

	check_published("meminspect_deny=%s: %s is %s", line, name, is ? "denied" : "marked");
	unmark(handle, &entry);
}

static void by_name(void)
{
	static const char line[] = "name:secret,name:key_*,,name:a*b,name:range:1-2";

	settle(NULL, line, NULL);
	denied(line, "secret", true);
	denied(line, "secrets", false);
	denied(line, "secre", false);
	denied(line, "my secret", false);
	denied(line, "key_", true);
	denied(line, "key_store", true);
	denied(line, "key", false);
	denied(line, "a*b", true);
	denied(line, "axb", false);
	denied(line, "range:1-2", true);
}

static void any_name(void)
{
	settle(NULL, "name:*", NULL);
	denied("name:*", "anything", true);
}

/* A user finds the name in the directory, where it may be cut. */
static void by_long_name(void)
{
	char line[80] = "name:", name[MEMINSPECT_NAME_SIZE + 5];
	struct told told = { .nb.notifier_call = count_events };
	struct inspect_entry entry;
	s64 handle;

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	memcpy(line + 5, name, MEMINSPECT_NAME_SIZE - 1);
	settle(NULL, line, NULL);
	meminspect_notifier_register(&told.nb);
	entry = linear_entry(name, 8);
	handle = meminspect_register(&entry);
	name[MEMINSPECT_NAME_SIZE - 1] = '\0';
	expect_left_out(&entry, MEMINSPECT_LEFT_OUT_DENIED);
	check_published("a name that the directory cuts, as the directory has it");
	ok(!told.added, "consumers are not told");
	unmark(handle, &entry);
	name[MEMINSPECT_NAME_SIZE - 2] = '\0';
	denied(line, name, false);
}

/* A well-known region goes by its own name, and by the class of that. */
static void well_known(void)
{
	struct inspect_entry entry = linear_entry("given", 8);
	s64 handle;

	settle(NULL, "name:jiffies_64,class:irq", NULL);
	entry.id = MEMINSPECT_ID_jiffies_64;
	handle = meminspect_register(&entry);
	entry.name = "jiffies_64";
	entry.type = MEMINSPECT_CLASS_TIME;
	expect_left_out(&entry, MEMINSPECT_LEFT_OUT_DENIED);
	check_published("a well-known name is denied");
	is_number(meminspect_unregister_id(MEMINSPECT_ID_jiffies_64), 0, "it is found by its id");
	expect_no_region(&expected, "jiffies_64", 0);

	entry.id = MEMINSPECT_ID_nr_irqs;
	entry.name = NULL;
	handle = meminspect_register(&entry);
	entry.name = "nr_irqs";
	entry.type = MEMINSPECT_CLASS_IRQ;
	expect_left_out(&entry, MEMINSPECT_LEFT_OUT_DENIED);
	check_published("the class of a well-known name is denied");
	unmark(handle, &entry);
}

static void by_class(void)
{
	static const char line[] = "class:driver,class:mm";
	struct inspect_entry entry;
	s64 handle;
	unsigned int class;

	settle("all", line, NULL);
	for (class = 1; class < MEMINSPECT_CLASS_MAX; class++) {
		bool is = class == MEMINSPECT_CLASS_DRIVER || class == MEMINSPECT_CLASS_MM;

		entry = entry_of_class("of a class", class);
		handle = is ? mark_left_out(&entry, MEMINSPECT_LEFT_OUT_DENIED) : mark(&entry);
		check_published("meminspect_deny=%s: %s", line, classes[class].name);
		unmark(handle, &entry);
	}
}

static void by_range(void)
{
	phys_addr_t pa = shim_take_pages(4);
	struct inspect_entry entry = linear_entry("in range", 8);
	struct inspect_entry scattered = scattered_entry("scattered", 5);
	char line[100];
	static const struct {
		int start, size;
		bool denied;
	} cases[] = {
		{ 0, 100, false }, { 0, 101, true }, { 100, 1, true }, { 100, 50, true },
		{ 120, 10, true }, { 149, 1, true }, { 150, 1, false }, { 149, 200, true },
		{ 0, 8192, true }, { 150, 8000, false },
	};
	s64 handle;
	size_t i;

	snprintf(line, sizeof(line), "range:%#llx-%llu,range:%#llx-%#llx", pa + 100, pa + 150,
		 shim_vmapped((char *)scattered.va + 2 * PAGE_SIZE) + 4095,
		 shim_vmapped((char *)scattered.va + 2 * PAGE_SIZE) + 4096);
	settle(NULL, line, NULL);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		entry.va = (char *)phys_to_virt(pa) + cases[i].start;
		entry.size = cases[i].size;
		handle = cases[i].denied ? mark_left_out(&entry, MEMINSPECT_LEFT_OUT_DENIED) :
					   mark(&entry);
		check_published("bytes %d to %d, of which 100 to 150 are denied", cases[i].start,
				cases[i].start + cases[i].size);
		is_number(may_dump(pa + cases[i].start, cases[i].size), !cases[i].denied,
			  "a consumer may dump just the same");
		unmark(handle, &entry);
	}
	handle = mark_left_out(&scattered, MEMINSPECT_LEFT_OUT_DENIED);
	check_published("a page in the middle has one byte that is denied");
	unmark(handle, &scattered);
	/* Memory that is denied for where it is denies nothing else of the region. */
	entry.va = (char *)scattered.va + 3 * PAGE_SIZE;
	entry.size = PAGE_SIZE;
	meminspect_register(&scattered);
	handle = meminspect_register(&entry);
	ok(handle >= 0 && may_dump(page_of(&entry, 0), PAGE_SIZE),
	   "its other pages may be marked");
}

static void nothing_is_marked(void)
{
	struct inspect_entry before = linear_entry("before", 8), after = linear_entry("good", 8);
	unsigned int warnings;
	s64 handle = mark(&before);

	warnings = shim_warnings;
	if (!words)
		shim_boot_parameter("meminspect_deny", NULL);
	settle("all", words, NULL);
	ok(shim_warnings > warnings, "meminspect_deny=%.60s: said", words ?: "(no value)");
	expect_no_region(&expected, "before", 0);
	check_published("nothing is marked");
	is_number(meminspect_unregister(handle), -ENOENT, "what was marked is gone");
	is_number(meminspect_register(&after), -EPERM, "nothing new is marked");
	check_published("still nothing");
}

static void no_budget_to_parse(void)
{
	struct inspect_entry entry = linear_entry("entry", 8);
	unsigned int warnings = shim_warnings;

	settle("all", NULL, words);
	is_number(shim_warnings, warnings + 1, "meminspect_budget=%s: said", words);
	is_number(meminspect_register(&entry), -EPERM, "nothing is marked");
}

static void lists_that_cannot_be_kept(void)
{
	static const char *const bad[] = {
		NULL, "name", "nothing:x", "name:", "Name:x", "class:nothing", "class:", "class:-log",
		"range:", "range:0x1000", "range:0x1000-", "range:-0x1000", "range:5-5",
		"range:6-5", "range:a-b", "range:1-2x", "range:1-0x10000000000000000",
		"secret", "name:good,secret", "secret,name:good",
		/* One byte more than a name has */
		"name:nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
	};
	static const char *const bad_budgets[] = { "", "lots", "1x", "-1", "1 M", "1MB" };
	char many[33 * 12] = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		words = bad[i];
		in_child(nothing_is_marked);
	}
	for (i = 0; i < 33; i++)
		sprintf(many + strlen(many), "%sname:n%02zu", i ? "," : "", i);
	words = many;
	in_child(nothing_is_marked);
	for (i = 0; i < ARRAY_SIZE(bad_budgets); i++) {
		words = bad_budgets[i];
		in_child(no_budget_to_parse);
	}
}

static void longest_list(void)
{
	char line[32 * 12] = "", name[12];
	size_t i;

	for (i = 0; i < 32; i++)
		sprintf(line + strlen(line), "%sname:n%02zu", i ? "," : "", i);
	settle(NULL, line, NULL);
	for (i = 0; i < 33; i++) {
		snprintf(name, sizeof(name), "n%02zu", i);
		denied("32 names", name, i < 32);
	}
}

/* ---- denied memory under another name */

#define SECRET_SIZE	3000

static struct inspect_entry secret;
static char secret_bytes[16] = "a planted secret";

/* In the middle of three pages */
static void plant(void)
{
	secret = linear_entry("secret", 3 * PAGE_SIZE);
	secret.va = (char *)secret.va + PAGE_SIZE + 500;
	secret.size = SECRET_SIZE;
	/* Also where it begins and ends */
	memcpy(secret.va, secret_bytes, sizeof(secret_bytes));
	memcpy((char *)secret.va + 1000, secret_bytes, sizeof(secret_bytes));
	memcpy((char *)secret.va + SECRET_SIZE - sizeof(secret_bytes), secret_bytes,
	       sizeof(secret_bytes));
}

static struct inspect_entry around(const char *name, long before, long size)
{
	struct inspect_entry entry = secret;

	entry.name = name;
	entry.va = (char *)secret.va - before;
	entry.size = size;
	return entry;
}

static struct inspect_entry mapped(const char *name, long offset, long size)
{
	phys_addr_t page = (__pa(secret.va) / PAGE_SIZE) * PAGE_SIZE;
	struct inspect_entry entry = secret;

	entry.name = name;
	entry.va = (char *)shim_vmap(&page, 1) + offset;
	entry.size = size;
	return entry;
}

#define OTHERS	13

static struct {
	struct inspect_entry entry;
	bool denied;
	s64 handle;
} others[OTHERS];
static unsigned int nr_others;

static void other(struct inspect_entry entry, bool is)
{
	if (nr_others == OTHERS)
		shim_die("more others than expected");
	others[nr_others].entry = entry;
	others[nr_others++].denied = is;
}

/* Each way to reach the secret's bytes, and their neighbours; none that has more than one extent. */
static void find_others(void)
{
	other(around("encloses", 1000, 5000), true);
	other(around("three pages", PAGE_SIZE + 500, 3 * PAGE_SIZE), true);
	other(around("inside", -100, 100), true);
	other(around("first byte", 0, 1), true);
	other(around("last byte", 1 - SECRET_SIZE, 1), true);
	other(around("to the first byte", 9, 10), true);
	other(around("from the last byte", 1 - SECRET_SIZE, 50), true);
	other(around("just before", 10, 10), false);
	other(around("just behind", -SECRET_SIZE, 50), false);
	other(mapped("mapped elsewhere", 500, SECRET_SIZE), true);
	other(mapped("page mapped elsewhere", 0, PAGE_SIZE), true);
	other(mapped("before it, mapped", 0, 500), false);
	other(mapped("behind it, mapped", 500 + SECRET_SIZE, 596), false);
}

/* By test's own rules, as in scattered_entry(): every second page, backwards. */
static struct inspect_entry shares_a_page(const char *name, unsigned int nr_pages)
{
	struct inspect_entry entry = scattered_entry(name, nr_pages);

	shim_remap((char *)entry.va + (nr_pages - 1) * PAGE_SIZE,
		   (__pa(secret.va) / PAGE_SIZE) * PAGE_SIZE);
	return entry;
}

static void expect_other(unsigned int i)
{
	const struct meminspect_extent extent = {
		.paddr = page_of(&others[i].entry, 0), .length = others[i].entry.size,
	};

	if (others[i].denied)
		expect_left_out(&others[i].entry, MEMINSPECT_LEFT_OUT_DENIED);
	else
		expect_region(&expected, &(struct expected_region){
			.name = others[i].entry.name,
			.class = others[i].entry.type,
			.vaddr = (unsigned long)others[i].entry.va,
			.nr_extents = 1,
			.extents = &extent,
		});
}

static void no_trace(void)
{
	bool told = directory_tells_address_of(&secret);
	unsigned int i;

	for (i = 0; i < nr_others; i++)
		told |= others[i].denied &&
			/* Neighbours that may be listed are in some of them, at other places. */
			directory_has_address((unsigned long)others[i].entry.va, 1);
	ok(!told, "no byte of the directory is part of an address of what is denied");
	ok(!dump_has_bytes(secret_bytes, sizeof(secret_bytes)), "the secret is in no dump");
}

/* In the page that it shares are neighbours that may be listed. */
static void no_trace_of_pages(const struct inspect_entry *pages)
{
	struct inspect_entry own = *pages;

	own.size -= PAGE_SIZE;
	ok(!directory_tells_address_of(&own), "nor of the one that shares a page");
}

static void check_may_dump(void)
{
	phys_addr_t pa = __pa(secret.va), page = pa / PAGE_SIZE * PAGE_SIZE;

	ok(!may_dump(page, PAGE_SIZE), "what is rounded to the secret's page may not be dumped");
	ok(may_dump(page, 500) && !may_dump(page, 501),
	   "what ends just before it may, one byte more may not");
	ok(may_dump(pa + SECRET_SIZE, 1) && !may_dump(pa + SECRET_SIZE - 1, 1),
	   "what begins just behind it may, one byte earlier may not");
	ok(!meminspect_may_dump(page - PAGE_SIZE, PAGE_SIZE), "nobody is told outside of a callback");
	ok(may_dump(page - PAGE_SIZE, PAGE_SIZE) &&
	   may_dump(page + PAGE_SIZE, PAGE_SIZE), "the pages around it may");
	ok(meminspect_denies_memory(pa, pa) && meminspect_denies_memory(page, page + 500) &&
	   !meminspect_denies_memory(page, page + 499), "who does not hold the lock learns the same");
	ok(!may_dump(page - PAGE_SIZE, 3 * PAGE_SIZE),
	   "but not if they are merged across it");
}

static void secret_after_others(void)
{
	struct told told = { .nb.notifier_call = count_events };
	struct inspect_entry pages;
	unsigned int i, nr_denied = 0;
	s64 handle, pages_handle;

	plant();
	find_others();
	pages = shares_a_page("shares a page", 9);
	settle(NULL, "name:secret", NULL);
	meminspect_notifier_register(&told.nb);
	for (i = 0; i < nr_others; i++) {
		others[i].handle = meminspect_register(&others[i].entry);
		nr_denied += others[i].denied;
	}
	pages_handle = meminspect_register(&pages);
	is_number(told.added, nr_others + 1, "others are marked before the secret");
	ok(dump_has_bytes(secret_bytes, sizeof(secret_bytes)), "then the secret is in a dump");

	handle = mark_left_out(&secret, MEMINSPECT_LEFT_OUT_DENIED);
	for (i = 0; i < nr_others; i++)
		expect_other(i);
	expect_left_out(&pages, MEMINSPECT_LEFT_OUT_DENIED);
	check_published("the secret is denied, and all that has a byte of it");
	is_number(told.removed, nr_denied + 1, "consumers are told of each that goes");
	no_trace();
	no_trace_of_pages(&pages);
	check_may_dump();

	/* It may still be in the memory: who was left out for it has to mark it again. */
	unmark(handle, &secret);
	check_published("the secret goes, nobody comes back by itself");
	ok(may_dump(__pa(secret.va), SECRET_SIZE), "the memory is no longer denied");
	unmark(pages_handle, &pages);
	pages_handle = meminspect_register(&pages);
	ok(told.added == nr_others + 2, "marked again it is listed");
	is_number(meminspect_unregister(pages_handle), 0, "and goes");
	for (i = 0; i < nr_others; i++)
		unmark(others[i].handle, &others[i].entry);
	check_published("all go by their handles");
	is_number(told.added, told.removed, "consumers were told that all went");
}

static void secret_before_others(void)
{
	struct told told = { .nb.notifier_call = count_events };
	struct inspect_entry pages;
	unsigned int i, nr_listed = 0;
	s64 handle, pages_handle;

	plant();
	find_others();
	pages = shares_a_page("shares a page", 9);
	settle(NULL, "name:secret", NULL);
	meminspect_notifier_register(&told.nb);
	handle = mark_left_out(&secret, MEMINSPECT_LEFT_OUT_DENIED);
	for (i = 0; i < nr_others; i++) {
		others[i].handle = meminspect_register(&others[i].entry);
		ok(others[i].handle >= 0, "%s gets a handle", others[i].entry.name);
		expect_other(i);
		nr_listed += !others[i].denied;
	}
	pages_handle = mark_left_out(&pages, MEMINSPECT_LEFT_OUT_DENIED);
	check_published("the secret is denied before all that has a byte of it");
	is_number(told.added, nr_listed, "consumers are told of no other");
	no_trace();
	no_trace_of_pages(&pages);
	check_may_dump();
	unmark(pages_handle, &pages);
	for (i = 0; i < nr_others; i++)
		unmark(others[i].handle, &others[i].entry);
	unmark(handle, &secret);
	check_published("all go by their handles");
}

/* The list was read after all were marked, as at boot. */
static void list_after_all(void)
{
	struct inspect_entry pages;
	unsigned int i;

	plant();
	find_others();
	pages = shares_a_page("shares a page", 9);
	for (i = 0; i < nr_others; i++)
		others[i].handle = meminspect_register(&others[i].entry);
	meminspect_register(&pages);
	meminspect_register(&secret);
	ok(directory_tells_address_of(&secret), "the directory tells where the secret is");
	settle(NULL, "name:secret", NULL);
	for (i = 0; i < nr_others; i++)
		expect_other(i);
	expect_left_out(&pages, MEMINSPECT_LEFT_OUT_DENIED);
	expect_left_out(&secret, MEMINSPECT_LEFT_OUT_DENIED);
	check_published("the list is read when all are marked");
	no_trace();
	no_trace_of_pages(&pages);
	check_may_dump();
}

/* The denied one is in pieces. */
static void scattered_secret(void)
{
	struct inspect_entry one_page;
	s64 handles[2];

	secret = scattered_entry("secret", 20);
	settle(NULL, "name:secret", NULL);
	one_page = linear_entry("one page", PAGE_SIZE);
	one_page.va = phys_to_virt(page_of(&secret, 17 * PAGE_SIZE) - 10);
	one_page.size = 11;
	handles[0] = meminspect_register(&one_page);
	ok(directory_has_address(__pa(one_page.va), 1), "a neighbour has the first byte of a piece");
	handles[1] = mark_left_out(&secret, MEMINSPECT_LEFT_OUT_DENIED);
	expect_left_out(&one_page, MEMINSPECT_LEFT_OUT_DENIED);
	check_published("the whole is denied, the neighbour too");
	ok(!directory_tells_address_of(&secret) && !directory_tells_address_of(&one_page),
	   "no byte of the directory is part of an address of either");
	unmark(handles[0], &one_page);
	unmark(handles[1], &secret);
}

/* Its memory is where it is, whether or not its class is on. */
static void denied_of_class_off(void)
{
	struct inspect_entry before = linear_entry("gone", 8), beside;
	struct inspect_entry of_class = linear_entry("of a class", 8);
	s64 handles[4];

	before.type = MEMINSPECT_CLASS_MODULE;
	of_class.type = MEMINSPECT_CLASS_TYPES;
	plant();
	secret.type = MEMINSPECT_CLASS_TASK;
	handles[0] = mark(&before);
	settle("-irq", "name:secret,name:gone,class:types,name:irq_d*", NULL);
	expect_instead(&before, MEMINSPECT_LEFT_OUT_DENIED);
	check_published("one that was marked before its class was turned off");
	handles[1] = mark_left_out(&secret, MEMINSPECT_LEFT_OUT_DENIED);
	handles[2] = mark_left_out(&of_class, MEMINSPECT_LEFT_OUT_DENIED);
	beside = around("beside", 100, 101);
	beside.type = MEMINSPECT_CLASS_DRIVER;
	handles[3] = mark_left_out(&beside, MEMINSPECT_LEFT_OUT_DENIED);
	check_published("what is denied is known, whatever its class is");
	check_may_dump();
	ok(!dump_has_bytes(secret_bytes, sizeof(secret_bytes)), "the secret is in no dump");
	ok(!may_dump(__pa(of_class.va), 1), "nor what is denied by its class");
	unmark(handles[0], &before);
	unmark(handles[1], &secret);
	unmark(handles[2], &of_class);
	unmark(handles[3], &beside);
	secret.name = "not secret";
	is_number(meminspect_register(&secret), -EPERM, "what is not denied, of that class, is refused");

	/* Who marks in numbers asks before. */
	ok(!meminspect_class_enabled(MEMINSPECT_CLASS_IRQ) &&
	   meminspect_class_followed(MEMINSPECT_CLASS_IRQ), "a name that is denied has its class followed");
	ok(meminspect_class_followed(MEMINSPECT_CLASS_TYPES), "so has a class");
	ok(!meminspect_class_followed(MEMINSPECT_CLASS_TASK), "no other is followed");
}

int main(void)
{
	static void (*const scenarios[])(void) = {
		defaults, ranks, off, all, only_log, all_but, empty, no_value, unknown,
		over_kconfig, twice, class_drop, by_name, any_name, by_long_name, well_known,
		by_class, by_range, longest_list, secret_after_others, secret_before_others,
		list_after_all, scattered_secret,
		denied_of_class_off,
	};
	struct inspect_entry first = linear_entry("first", 8);
	size_t i;

	unmark(mark(&first), &first);
	have_memory();
	for (i = 0; i < ARRAY_SIZE(scenarios); i++)
		in_child(scenarios[i]);
	lists_that_cannot_be_kept();
	return done_testing();
}
