// SPDX-License-Identifier: GPL-2.0-only
/* Registration and removal: what is taken, what is refused and counted, and by which names. */
#include <linux/errno.h>
#include <asm/sections.h>
#include <linux/kasan.h>
#include <linux/notifier.h>
#include "kernel-marks.h"

static char in_image[100];

static unsigned long refusals(void)
{
	unsigned long sum = 0;
	int i;

	for (i = 0; i < MEMINSPECT_NR_REFUSALS; i++)
		sum += meminspect_nr_refused(i);
	return sum;
}

/* Refused with that error, counted there and nowhere else, and said so. */
static void refused(const struct inspect_entry *want, int error, enum meminspect_refusal why,
		    const char *name)
{
	unsigned long all = refusals(), these = meminspect_nr_refused(why);
	unsigned int warnings = shim_warnings;

	is_number(meminspect_register(want), error, "%s: refused", name);
	ok(refusals() == all + 1 && meminspect_nr_refused(why) == these + 1 &&
	   shim_warnings == warnings + 1, "%s: counted and said", name);
}

static void invalid(void)
{
	const struct inspect_entry good = linear_entry("good", 64);
	struct inspect_entry bad = good;

#define INVALID(change, name)							\
	do {									\
		bad = good;							\
		change;								\
		refused(&bad, -EINVAL, MEMINSPECT_REFUSED_INVALID, name);	\
	} while (0)

	INVALID(bad.size = 0, "size 0");
	INVALID((bad.va = (void *)-4096L, bad.size = 4097), "virtual wrap by one byte");
	INVALID(bad.size = SIZE_MAX, "the largest size");
	INVALID((bad.va = NULL, bad.pa = -4096ULL, bad.size = 4097), "physical wrap by one byte");
	INVALID(bad.id = MEMINSPECT_ID_NONE, "no id");
	INVALID(bad.id = MEMINSPECT_ID_MAX, "an id that does not exist");
	INVALID(bad.id = -1, "a negative id");
	INVALID(bad.type = MEMINSPECT_CLASS_MAX, "a class that does not exist");
	INVALID(bad.key_kind = MEMINSPECT_KEY_MAX, "a kind of key that does not exist");
	INVALID(bad.key = 1, "a key of no kind");
	INVALID(bad.name = NULL, "no name");
	INVALID(bad.name = "", "an empty name");
	check_published("nothing valid");
}

static void not_memory(void)
{
	struct inspect_entry pieces = scattered_entry("pieces", 4097);
	struct inspect_entry init = {
		.id = MEMINSPECT_ID_DYNAMIC, .name = "init", .va = shim_init_memory, .size = 8,
	};
	struct inspect_entry bad = linear_entry("bad", 3 * PAGE_SIZE);
	struct page *page = shim_page(__pa(bad.va) + PAGE_SIZE);

	page->mapping = &shim_file;
	refused(&bad, -EACCES, MEMINSPECT_REFUSED_USER, "memory of a user");
	page->mapping = NULL;
	page->absent = true;
	refused(&bad, -EFAULT, MEMINSPECT_REFUSED_NOT_RAM, "a hole in it");
	page->absent = false;

	bad.va = (void *)-4096L;
	bad.size = 4096;
	refused(&bad, -EFAULT, MEMINSPECT_REFUSED_NOT_RAM, "the last page of all, which is no wrap");
	bad.va = NULL;
	bad.pa = -4096ULL;
	refused(&bad, -EFAULT, MEMINSPECT_REFUSED_NOT_RAM, "the last physical page");
	check_published("nothing that is memory");
	refused(&init, -EFAULT, MEMINSPECT_REFUSED_NOT_RAM, "memory that is freed after boot");
	refused(&pieces, -E2BIG, MEMINSPECT_REFUSED_INVALID, "more pieces than are written at once");
}

/* A driver may map its buffer to users, or lose a page of it, while it is marked. */
static void changed_since(void)
{
	struct inspect_entry linear = linear_entry("linear", 64), scattered = scattered_entry("scattered", 3);
	struct page *pages[] = { shim_page(__pa(linear.va)), shim_page(shim_vmapped(scattered.va)) };
	unsigned int i;

	linear.id = MEMINSPECT_ID_irqaction_name;
	linear.key_kind = MEMINSPECT_KEY_INDEX;
	for (i = 0; i < 2; i++) {
		if (meminspect_register(&linear) < 0 || meminspect_register(&scattered) < 0)
			shim_die("marking failed");
		pages[0]->mapping = pages[1]->mapping = i ? NULL : &shim_file;
		pages[0]->poisoned = pages[1]->poisoned = i;
		is_number(meminspect_unregister_at(linear.id, linear.va), 0, "what is %s now is removed",
			  i ? "broken" : "a user's");
		is_number(meminspect_unregister_va(scattered.va, scattered.size), 0, "in vmalloc, too");
		check_published("nothing is left");
		pages[0]->mapping = pages[1]->mapping = NULL;
		pages[0]->poisoned = pages[1]->poisoned = false;
	}
}

static void kinds_of_addresses(void)
{
	struct inspect_entry linear = linear_entry("linear map", 5000);
	struct inspect_entry scattered = scattered_entry("vmalloc", 3);
	struct inspect_entry image = linear, physical = linear_entry("physical", 300);
	struct meminspect_extent extent = { .length = sizeof(in_image) };
	s64 handles[4];

	handles[0] = mark(&linear);
	handles[1] = mark(&scattered);

	image.name = "image";
	image.va = in_image;
	image.size = sizeof(in_image);
	handles[2] = meminspect_register(&image);
	extent.paddr = SHIM_IMAGE_PADDR + (in_image - __executable_start);
	expect_region(&expected, &(struct expected_region){
		.name = "image",
		.class = MEMINSPECT_CLASS_DRIVER,
		.vaddr = (unsigned long)in_image,
		.nr_extents = 1,
		.extents = &extent,
	});

	/* The directory has its address in the linear map all the same. */
	expect_entry(&physical);
	physical.pa = __pa(physical.va);
	physical.va = NULL;
	handles[3] = meminspect_register(&physical);

	check_published("every kind of address");
	unmark(handles[0], &linear);
	unmark(handles[1], &scattered);
	unmark(handles[2], &image);
	unmark(handles[3], &physical);
	check_published("every kind of address removed");
}

static void find_name(void *priv, const struct inspect_entry *entry)
{
	const char **name = priv;

	if (!strcmp(entry->name, *name))
		*name = NULL;
}

static void ids_and_names(void)
{
	const char *name;
	struct inspect_entry entry = linear_entry("given by the caller", 8);
	char long_name[100], cut_name[MEMINSPECT_NAME_SIZE];
	unsigned int length;
	s64 handle;

	entry.id = MEMINSPECT_ID_tk_core;
	entry.type = MEMINSPECT_CLASS_MM;
	handle = meminspect_register(&entry);
	entry.name = "tk_core";
	entry.type = MEMINSPECT_CLASS_TIME;
	expect_entry(&entry);
	check_published("a well-known region has its own name and class");
	unmark(handle, &entry);

	entry = linear_entry("no class", 8);
	entry.type = MEMINSPECT_TYPE_REGULAR;
	handle = meminspect_register(&entry);
	entry.type = MEMINSPECT_CLASS_DRIVER;
	expect_entry(&entry);
	check_published("a region without class is a driver's");
	unmark(handle, &entry);

	for (length = MEMINSPECT_NAME_SIZE - 2; length <= MEMINSPECT_NAME_SIZE + 1; length++) {
		memset(long_name, 'n', sizeof(long_name));
		long_name[length] = '\0';
		memset(cut_name, 0, sizeof(cut_name));
		memcpy(cut_name, long_name,
		       length < MEMINSPECT_NAME_SIZE ? length : MEMINSPECT_NAME_SIZE - 1);
		entry = linear_entry(long_name, 8);
		handle = meminspect_register(&entry);
		/* The caller may reuse its string. */
		memset(long_name, 'x', sizeof(long_name));
		entry.name = cut_name;
		expect_entry(&entry);
		check_published("a name of %u bytes", length);
		name = cut_name;
		meminspect_traverse(&name, find_name);
		ok(!name, "a name of %u bytes, as consumers see it", length);
		unmark(handle, &entry);
	}
}

static void keys(void)
{
	struct inspect_entry notes[3], again;
	s64 handles[3];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(notes); i++) {
		notes[i] = linear_entry("crash_note", 400);
		notes[i].id = MEMINSPECT_ID_crash_note;
		notes[i].type = MEMINSPECT_CLASS_CPU;
		notes[i].key_kind = MEMINSPECT_KEY_CPU;
		notes[i].key = i;
		handles[i] = mark(&notes[i]);
	}
	check_published("one name with three keys");
	again = notes[1];
	again.va = phys_to_virt(shim_take_pages(1));
	refused(&again, -EEXIST, MEMINSPECT_REFUSED_EXISTS, "a well-known name twice with a key");
	again.key_kind = MEMINSPECT_KEY_NODE;
	handles[1] = (unmark(handles[1], &notes[1]), meminspect_register(&again));
	ok(handles[1] >= 0, "the same number of another kind is another key");
	ok(!meminspect_unregister(handles[1]), "which is removed");
	is_number(meminspect_unregister_id(MEMINSPECT_ID_crash_note), -ENOENT,
		  "a region with a key is not removed by its id");
	unmark(handles[0], &notes[0]);
	unmark(handles[2], &notes[2]);
	check_published("keys removed");
}

static void duplicates(void)
{
	struct inspect_entry entry = linear_entry("entry", 600), other = entry, alias = entry;
	phys_addr_t pa = __pa(entry.va);
	s64 handle = mark(&entry), second;

	other.name = "other name";
	refused(&other, -EEXIST, MEMINSPECT_REFUSED_EXISTS, "the same range under another name");
	other.pa = pa;
	other.va = NULL;
	refused(&other, -EEXIST, MEMINSPECT_REFUSED_EXISTS, "its physical address");

	other.size = 599;
	second = meminspect_register(&other);
	ok(second >= 0, "the same start with another size is another region");
	ok(!meminspect_unregister(second), "which is removed");

	alias.va = shim_vmap(&pa, 1);
	alias.name = "alias";
	alias.size = entry.size;
	second = meminspect_register(&alias);
	ok(second >= 0, "so is the same memory by another virtual address");
	is_number(meminspect_unregister_va(alias.va, alias.size), 0, "which is removed by that");
	is_number(meminspect_unregister(second), -ENOENT, "and is gone");
	check_published("what was there first");

	is_number(meminspect_unregister_va((char *)entry.va + 1, entry.size), -ENOENT,
		  "another address is not removed");
	is_number(meminspect_unregister_va(entry.va, entry.size - 1), -ENOENT,
		  "nor another size");
	is_number(meminspect_unregister_va((void *)0x1000, 1), -ENOENT, "nor what is not mapped");
	is_number(meminspect_unregister_pa(pa + 1, entry.size), -ENOENT,
		  "nor another physical address");
	is_number(meminspect_unregister_pa(pa, entry.size), 0, "the physical address is removed");
	expect_no_region(&expected, "entry", 0);
	is_number(meminspect_unregister(handle), -ENOENT, "and is gone");
	check_published("duplicates removed");
}

/* KASAN gives pointers to one object tags that differ, and some have none. */
static void tags(void)
{
	struct inspect_entry linear = linear_entry("linear", 600), scattered = scattered_entry("scattered", 3);
	struct inspect_entry tagged[] = { linear, scattered }, physical = linear;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tagged); i++) {
		tagged[i].va = SHIM_TAGGED(tagged[i].va);
		if (meminspect_register(&tagged[i]) < 0)
			shim_die("marking failed");
	}
	expect_entry(&linear);
	expect_entry(&scattered);
	check_published("addresses with a tag, without it");
	refused(&linear, -EEXIST, MEMINSPECT_REFUSED_EXISTS, "the same address without a tag");
	refused(&tagged[0], -EEXIST, MEMINSPECT_REFUSED_EXISTS, "and with it");
	is_number(meminspect_unregister_va(linear.va, linear.size), 0, "removed without a tag");
	is_number(meminspect_unregister_va(tagged[1].va, scattered.size), 0, "removed with it");

	physical.pa = __pa(linear.va);
	physical.va = NULL;
	if (meminspect_register(&physical) < 0)
		shim_die("marking failed");
	is_number(meminspect_unregister_va(tagged[0].va, linear.size), 0,
		  "marked by its physical address, removed with a tag");
	linear.id = MEMINSPECT_ID_irqaction_name;
	linear.key_kind = MEMINSPECT_KEY_INDEX;
	if (meminspect_register(&linear) < 0)
		shim_die("marking failed");
	is_number(meminspect_unregister_at(linear.id, tagged[0].va), 0, "whatever its size is");
	expect_no_region(&expected, "linear", 0);
	expect_no_region(&expected, "scattered", 0);
	check_published("nothing with a tag");
}

/* Regions that differ in nothing but size, or but virtual address. */
static void same_start(void)
{
	enum { ALIASES = 4, SIZES = 5 };
	char names[ALIASES][SIZES][8];
	struct inspect_entry entries[ALIASES][SIZES], entry = linear_entry("same start", 64);
	phys_addr_t pa = __pa(entry.va);
	void *aliases[ALIASES] = { entry.va };
	unsigned int i, j, wrong = 0;

	for (i = 1; i < ALIASES; i++)
		aliases[i] = shim_vmap(&pa, 1);
	for (i = 0; i < ALIASES; i++) {
		for (j = 0; j < SIZES; j++) {
			snprintf(names[i][j], sizeof(names[i][j]), "%u, %u", i, j);
			entries[i][j] = entry;
			entries[i][j].name = names[i][j];
			/* Neither sizes nor addresses come in order. */
			entries[i][j].size = 10 + (3 * j + i) % SIZES;
			entries[i][j].va = aliases[(i + 2) % ALIASES];
		}
	}
	for (i = 0; i < ALIASES; i++)
		for (j = 0; j < SIZES; j++)
			wrong += meminspect_register(&entries[i][j]) < 0;
	is_number(wrong, 0, "%u regions with one start are marked", ALIASES * SIZES);
	for (j = 0; j < SIZES; j++) {
		for (i = 0; i < ALIASES; i++) {
			wrong += meminspect_register(&entries[i][j]) != -EEXIST;
			if (i == j % ALIASES)
				continue;
			wrong += meminspect_unregister_va(entries[i][j].va, entries[i][j].size) != 0;
			wrong += meminspect_unregister_va(entries[i][j].va, entries[i][j].size) !=
				 -ENOENT;
		}
	}
	is_number(wrong, 0, "each is found by its virtual address and size, and no other");
	for (j = 0; j < SIZES; j++)
		while (!meminspect_unregister_pa(pa, 10 + j))
			wrong++;
	is_number(wrong, SIZES, "the rest is found by its physical address");
	check_published("nothing with that start");
}

static void by_id(void)
{
	struct inspect_entry entry = linear_entry("jiffies_64", 8), other = linear_entry("x", 8);
	s64 handle;

	entry.id = other.id = MEMINSPECT_ID_jiffies_64;
	entry.type = MEMINSPECT_CLASS_TIME;
	mark(&entry);
	refused(&other, -EEXIST, MEMINSPECT_REFUSED_EXISTS, "the same id elsewhere");
	ok(strstr(shim_last_warning, "jiffies_64"), "the warning has the well-known name");
	is_number(meminspect_unregister_id(MEMINSPECT_ID_jiffies_64), 0, "removed by id");
	expect_no_region(&expected, "jiffies_64", 0);
	check_published("removed by id");
	is_number(meminspect_unregister_id(MEMINSPECT_ID_jiffies_64), -ENOENT, "it is gone");
	is_number(meminspect_unregister_id(MEMINSPECT_ID_NONE), -ENOENT, "no id");
	is_number(meminspect_unregister_id(MEMINSPECT_ID_DYNAMIC), -ENOENT, "an id that many have");
	is_number(meminspect_unregister_id(MEMINSPECT_ID_MAX), -ENOENT, "an id that does not exist");
	handle = meminspect_register(&other);
	ok(handle >= 0, "the id is free for another region");
	ok(!meminspect_unregister(handle), "which is removed by its handle");
	is_number(meminspect_unregister_id(MEMINSPECT_ID_jiffies_64), -ENOENT,
		  "which frees the id too");
}

static void handles(void)
{
	struct inspect_entry first = linear_entry("first", 10), second = linear_entry("second", 9);
	s64 stale = mark(&first), handle;

	ok(stale >= 0, "a handle is not negative");
	unmark(stale, &first);
	is_number(meminspect_unregister(stale), -ENOENT, "a handle is good once");
	handle = mark(&second);
	ok((u32)stale == (u32)handle && stale != handle, "the row is used again under another handle");
	is_number(meminspect_unregister(stale), -ENOENT, "the stale handle is refused");
	check_published("the region that has the row now");
	is_number(meminspect_unregister(handle + 1), -ENOENT, "a handle of another row");
	is_number(meminspect_unregister(handle ^ 1LL << 40), -ENOENT, "a handle of another time");
	is_number(meminspect_unregister(-1), -ENOENT, "a negative handle");
	is_number(meminspect_unregister(-EINVAL), -ENOENT, "an error for a handle");
	is_number(meminspect_unregister(S64_MAX), -ENOENT, "the largest handle");
	is_number(meminspect_unregister(0), -ENOENT, "handle 0");
	check_published("no wrong handle");
	unmark(handle, &second);
}

static void early_boot(void)
{
	struct inspect_entry entries[200], more = scattered_entry("more", 7);
	char names[200][16];
	unsigned int nr = 0;
	s64 handles[200];

	ok(!meminspect_get_chunk(0), "there is no directory before the first registration");
	entries[0] = linear_entry("first", PAGE_SIZE);
	handles[nr++] = mark(&entries[0]);
	check_published("early boot, one region");
	while (nr < ARRAY_SIZE(entries)) {
		snprintf(names[nr], sizeof(names[nr]), "early %u", nr);
		entries[nr] = linear_entry(names[nr], 64);
		handles[nr] = meminspect_register(&entries[nr]);
		if (handles[nr] < 0)
			break;
		expect_entry(&entries[nr++]);
	}
	is_number(handles[nr], -ENOSPC, "early boot, the rows come to an end");
	/* As directory.rst has it: rows of 128 bytes in what headers and blocks leave. */
	is_number(nr, (4096 - 1152) / 128 + 3 * ((4096 - 128) / 128), "all rows of four chunks were used");
	refused(&entries[nr], -ENOSPC, MEMINSPECT_REFUSED_NO_ROWS, "early boot, no row");
	refused(&more, -ENOSPC, MEMINSPECT_REFUSED_NO_ROWS, "early boot, no rows for extents");
	check_published("early boot, all rows");
	ok(!shim_work_pending(), "nobody tries to allocate yet");

	shim_slab_available = true;
	shim_run_initcalls();
	ok(shim_work_pending(), "as soon as it can, somebody does");
	shim_run_work();
	handles[nr] = mark(&entries[nr]);
	nr++;
	check_published("a row that was allocated");
	while (nr--)
		unmark(handles[nr], &entries[nr]);
	check_published("nothing of early boot is left");
}

/* What reads the table at leisure sees regions that are there, and no others. */
static void readers(void)
{
	struct inspect_entry first = linear_entry("first", 64), second = linear_entry("second", 64);
	char name[MEMINSPECT_NAME_SIZE], contents[64], expected_contents[64];
	struct inspect_entry entry;
	s64 handles[2];
	enum meminspect_left_out left_out;
	u32 row = 0, serial;

	memset(first.va, 0x5a, 64);
	memset(expected_contents, 0x5a, 64);
	handles[0] = mark(&first);
	handles[1] = mark(&second);
	row = (u32)handles[0];
	ok(meminspect_next_entry(&row, &entry, name, &serial, &left_out) && row == (u32)handles[0],
	   "a region is found in its row");
	is_string(entry.name, "first", "by its name");
	ok(!meminspect_read_entry(row, serial, entry.va, contents, 64) &&
	   !memcmp(contents, expected_contents, 64), "its contents are read");
	unmark(handles[0], &first);
	is_number(meminspect_read_entry(row, serial, entry.va, contents, 64), -ESTALE,
		  "but not when it was unmarked");
	handles[0] = mark(&first);
	ok((u32)handles[0] == row, "the row is used again");
	is_number(meminspect_read_entry(row, serial, entry.va, contents, 64), -ESTALE,
		  "nor then");
	row = 1U << 30;
	ok(!meminspect_next_entry(&row, &entry, name, &serial, &left_out), "nothing is behind the last row");
	unmark(handles[0], &first);
	unmark(handles[1], &second);
}

static int come_upon_holder(struct notifier_block *nb, unsigned long event, void *data)
{
	static char other[64];
	const struct inspect_entry want = {
		.id = MEMINSPECT_ID_DYNAMIC, .name = "other", .va = other, .size = sizeof(other),
	};

	(void)nb;
	(void)event;
	(void)data;
	shim_in_nmi = true;
	shim_no_smp = true;
	refused(&want, -EBUSY, MEMINSPECT_REFUSED_BUSY, "NMI upon the holder, one CPU");
	shim_no_smp = false;
	shim_in_nmi = false;
	return NOTIFY_DONE;
}

/* Without SMP a lock is no lock: trylock takes it from whoever holds it. */
static void one_cpu(void)
{
	struct notifier_block nb = { .notifier_call = come_upon_holder };
	struct inspect_entry entry = linear_entry("holder", 64);
	s64 handle = mark(&entry);

	ok(!meminspect_notifier_register(&nb), "a notifier that runs while the table is locked");
	meminspect_notifier_unregister(&nb);
	unmark(handle, &entry);
}

int main(void)
{
	unsigned int nr_free;

	early_boot();
	nr_free = meminspect_nr_free_rows;
	invalid();
	not_memory();
	changed_since();
	kinds_of_addresses();
	ids_and_names();
	keys();
	duplicates();
	tags();
	same_start();
	by_id();
	handles();
	readers();
	one_cpu();
	is_number(meminspect_nr_free_rows, nr_free, "all rows came back");
	ok(!shim_locks_held, "the table is unlocked");
	expected_free(&expected);
	return done_testing();
}
