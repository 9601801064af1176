// SPDX-License-Identifier: GPL-2.0-only
/*
 * A panic may stop the CPU that has the table locked, at any store. Whoever
 * goes through the regions then finds each of them whole, or not at all.
 */
#include <linux/errno.h>
#include "kernel-policy.h"

#define REGIONS 6

static struct inspect_entry known[REGIONS];
static unsigned int nr_known;
static s64 handles[REGIONS];	/* 0 if it is not marked */

/* What the visits in the middle of an update found */
static unsigned int times_seen[REGIONS], seldom[REGIONS], visits, wrong;

static void look(void *priv, const struct inspect_entry *entry)
{
	struct meminspect_extents extents = { };
	const struct inspect_entry *as = NULL;
	unsigned int i;
	size_t offset = 0;

	(void)priv;
	for (i = 0; i < nr_known && !as; i++)
		if (known[i].va == entry->va && known[i].size == entry->size)
			as = &known[i];
	if (!as || strcmp(as->name, entry->name) || as->type != entry->type ||
	    as->id != entry->id || as->key != entry->key || as->key_kind != entry->key_kind) {
		wrong++;
		return;
	}
	times_seen[as - known]++;
	for (i = 0; meminspect_next_extent(entry, &extents); i++) {
		if (offset >= as->size || extents.pa != page_of(as, offset))
			break;
		offset += extents.length;
	}
	wrong += i != entry->nr_extents || offset != as->size;
}

/* What is denied, if not 0 */
static phys_addr_t secret;

static void panic_here(void)
{
	unsigned int i;

	shim_on_store = NULL;
	shim_in_panic = true;
	memset(times_seen, 0, sizeof(times_seen));
	if (meminspect_traverse(NULL, look))
		wrong++;
	for (i = 0; i < nr_known; i++) {
		wrong += times_seen[i] > 1;
		seldom[i] += !times_seen[i];
	}
	wrong += secret && (meminspect_may_dump(secret, 1) ||
			    !meminspect_may_dump(page_of(&known[0], 0), 1));
	visits++;
	shim_in_panic = false;
	shim_on_store = panic_here;
}

/* What @changes, as bits, may be missing at times; all others never are. */
static void stopped(const char *name, unsigned long changes)
{
	unsigned int i;

	shim_on_store = NULL;
	ok(visits > 4, "%s: a panic at each of %u stores", name, visits);
	is_number(wrong, 0, "%s: what is found is whole", name);
	for (i = 0; i < nr_known; i++)
		if (!(changes & 1UL << i))
			is_number(seldom[i], handles[i] ? 0 : visits, "%s: %s is found %s", name,
				  known[i].name, handles[i] ? "always" : "never");
		else
			ok(seldom[i] && seldom[i] < visits, "%s: %s is found before or after",
			   name, known[i].name);
}

#define STOPPED(name, changes, call)					\
	do {								\
		visits = wrong = 0;					\
		memset(seldom, 0, sizeof(seldom));			\
		shim_on_store = panic_here;				\
		call;							\
		stopped(name, changes);					\
	} while (0)

static void know(struct inspect_entry entry)
{
	known[nr_known++] = entry;
}

static void add(unsigned int i)
{
	handles[i] = meminspect_register(&known[i]);
	if (handles[i] < 0)
		shim_die("marking %s failed", known[i].name);
}

static void drop(unsigned int i)
{
	if (meminspect_unregister(handles[i]))
		shim_die("unmarking %s failed", known[i].name);
	handles[i] = 0;
}

int main(void)
{
	settle(NULL, "name:denied", "100K");
	have_memory();
	know(linear_entry("stays", 100));
	know(scattered_entry("stays, in pieces", 8));
	know(linear_entry("small", 50));
	know(scattered_entry("pieces", 9));
	add(0);
	add(1);
	STOPPED("a region comes", 1 << 2, add(2));
	STOPPED("a region goes", 1 << 2, drop(2));
	/* In the row that another one had */
	STOPPED("one in pieces comes", 1 << 3, add(3));
	STOPPED("one in pieces goes", 1 << 3, drop(3));
	STOPPED("a region comes in the row of another", 1 << 2, add(2));
	drop(2);

	/* More important than those before, and so large that one of them gives way. */
	add(3);
	know(linear_entry("important", 40 * 1024));
	known[4].type = MEMINSPECT_CLASS_LOG;
	known[4].id = MEMINSPECT_ID_DYNAMIC;
	STOPPED("one gives way to another", 1 << 3 | 1 << 4, add(4));
	STOPPED("one goes, another comes back", 1 << 3 | 1 << 4, drop(4));

	know(linear_entry("denied", 8));
	known[5].va = phys_to_virt(page_of(&known[3], 8 * PAGE_SIZE));
	visits = wrong = 0;
	memset(seldom, 0, sizeof(seldom));
	shim_on_store = panic_here;
	add(5);
	shim_on_store = NULL;
	ok(!wrong && seldom[3] && seldom[3] < visits && seldom[5] == visits && !seldom[0] &&
	   !seldom[1], "one is denied because of another, which is never found");
	/* Neither is to be found from now on. */
	handles[3] = handles[5] = 0;
	secret = page_of(&known[5], 0);
	STOPPED("a region goes, beside one that is denied", 1 << 0, drop(0));
	STOPPED("a region comes, beside one that is denied", 1 << 0, add(0));
	return done_testing();
}
