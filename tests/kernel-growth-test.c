// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an operation costs grows with the logarithm of the table's size. Steps
 * are counted, not time: nodes of trees and lists, and rows, that are looked
 * at, and stores.
 */
#include <linux/errno.h>
#include "table-load.h"
#include "tap.h"

#define MEASURED	500
#define LEAST		1024
#define MOST		32768

static unsigned long stores;

static void count_store(void)
{
	stores++;
}

struct cost {
	double steps, stores;	/* of one operation */
};

static struct cost measure(void (*operation)(unsigned int nr), unsigned int first)
{
	struct cost cost;
	unsigned int i;

	stores = shim_steps = 0;
	shim_on_store = count_store;
	for (i = 0; i < MEASURED; i++)
		operation(first + i);
	shim_on_store = NULL;
	cost.steps = (double)shim_steps / MEASURED;
	cost.stores = (double)stores / MEASURED;
	return cost;
}

static struct inspect_entry keyed(unsigned int nr)
{
	return (struct inspect_entry){
		.id = MEMINSPECT_ID_crash_note,
		.key_kind = MEMINSPECT_KEY_CPU,
		.key = load_order[nr],
		.va = (char *)load_address(nr) + 1,
		.size = LOAD_BYTES - 1,
	};
}

static s64 keyed_handles[MOST + MEASURED];

static void mark_keyed(unsigned int nr)
{
	const struct inspect_entry want = keyed(nr);

	keyed_handles[nr] = meminspect_register(&want);
	if (keyed_handles[nr] < 0)
		shim_die("key %u is refused: %d", nr, (int)keyed_handles[nr]);
}

/* The key is taken, by another region. */
static void mark_keyed_again(unsigned int nr)
{
	struct inspect_entry want = keyed(nr);

	want.size--;
	if (meminspect_register(&want) != -EEXIST)
		shim_die("a key is taken twice");
}

static void unmark_keyed(unsigned int nr)
{
	if (meminspect_unregister(keyed_handles[nr]))
		shim_die("key %u is gone", nr);
}

/* One more important than what there is: another one gives way, and comes back. */
static void come_and_go(unsigned int nr)
{
	const struct inspect_entry want = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.type = MEMINSPECT_CLASS_LOG,
		.va = (char *)load_address(nr) + 2,
		.size = LOAD_BYTES - 2,
		.name = "more important",
	};
	s64 handle = meminspect_register(&want);

	if (handle < 0 || meminspect_unregister(handle))
		shim_die("what is more important is refused: %d", (int)handle);
}

/* Every other region of the table is denied, by its name. */
#define DENIED	(MOST + MEASURED)

static s64 denied_handles[DENIED];

static void mark_denied(unsigned int nr)
{
	const struct inspect_entry want = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.type = MEMINSPECT_CLASS_DRIVER,
		.va = load_address(DENIED + nr),
		.size = LOAD_BYTES,
		.name = "denied",
	};

	denied_handles[nr] = meminspect_register(&want);
	if (denied_handles[nr] < 0 ||
	    meminspect_get_slot((u32)denied_handles[nr])->left_out != MEMINSPECT_LEFT_OUT_DENIED)
		shim_die("region %u is not denied: %d", nr, (int)denied_handles[nr]);
}

static void unmark_denied(unsigned int nr)
{
	if (meminspect_unregister(denied_handles[nr]))
		shim_die("denied region %u is gone", nr);
}

static void drop_memory(unsigned int nr)
{
	meminspect_drop_range(__pa(load_address(nr)) + 1, 1);
	if (meminspect_unregister(load_handles[nr]) != -ENOENT)
		shim_die("region %u is still there", nr);
}

static void count(void *priv, const struct inspect_entry *entry)
{
	unsigned int *nr = priv;

	(void)entry;
	(*nr)++;
}

enum {
	MARK, LOOK_UP, UNMARK, UNMARK_VA, MARK_KEYED, MARK_KEYED_AGAIN, UNMARK_KEYED,
	COME_AND_GO, MARK_DENIED, UNMARK_DENIED, DROP_MEMORY, NR_OPERATIONS
};

static const char *const names[NR_OPERATIONS] = {
	"marking a region", "looking for one that is not there", "unmarking by handle",
	"unmarking by address", "marking one with a key", "a key that is taken",
	"unmarking one with a key", "one that gives way and comes back",
	"marking one that is denied", "unmarking one that is denied", "memory that goes",
};

static void measure_all(struct cost costs[NR_OPERATIONS], unsigned int live)
{
	costs[MARK] = measure(load_mark, live);
	costs[LOOK_UP] = measure(load_look_up, live / 2);
	costs[UNMARK] = measure(load_unmark, live);
	measure(load_mark, live);
	costs[UNMARK_VA] = measure(load_unmark_va, live);
	costs[MARK_KEYED] = measure(mark_keyed, live);
	costs[MARK_KEYED_AGAIN] = measure(mark_keyed_again, live / 2);
	costs[UNMARK_KEYED] = measure(unmark_keyed, live);
	meminspect_budget = live * (2 * LOAD_BYTES - 1);
	costs[COME_AND_GO] = measure(come_and_go, live);
	meminspect_budget = 0;
	costs[MARK_DENIED] = measure(mark_denied, live);
	costs[UNMARK_DENIED] = measure(unmark_denied, live);
	measure(load_mark, live);
	costs[DROP_MEMORY] = measure(drop_memory, live);
}

int main(void)
{
	static struct cost costs[16][NR_OPERATIONS];
	unsigned int live = 0, size, i, visited, sizes = 0, operation;

	shim_boot_parameter("meminspect_deny", "name:denied");
	load_begin(2 * DENIED);
	if (meminspect_reserve(3 * DENIED))
		shim_die("no memory");
	for (size = LEAST; size <= MOST; size *= 2) {
		for (; live < size; live++) {
			load_mark(live);
			mark_keyed(live);
			mark_denied(live);
		}
		measure_all(costs[sizes], live);
		visited = 0;
		shim_steps = 0;
		meminspect_traverse(&visited, count);
		/* Rows that are free are looked at too, and there are at least as many here. */
		ok(visited == 2 * live && shim_steps <= 2 * meminspect_nr_chunks + 3 * live,
		   "%u regions: a traversal looks at each once", 2 * live);
		sizes++;
	}
	for (operation = 0; operation < NR_OPERATIONS; operation++) {
		const struct cost *least = &costs[0][operation], *most = least;
		double worst = 0;

		for (i = 1; i < sizes; i++) {
			most = &costs[i][operation];
			if (most->steps - costs[i - 1][operation].steps > worst)
				worst = most->steps - costs[i - 1][operation].steps;
		}
		diag("%s: %.1f steps among %u, %.1f among %u; %.1f and %.1f stores",
		     names[operation], least->steps, 2 * LEAST, most->steps, 2 * MOST,
		     least->stores, most->stores);
		/*
		 * A binary tree in random order is 1.4 nodes deeper on the average when it
		 * doubles; an operation goes down four times at most, and once more to what
		 * gives way. What is linear would double.
		 */
		ok(most->steps - least->steps <= 2.5 * 5 * (sizes - 1) && worst <= 15,
		   "%s: steps grow with the logarithm", names[operation]);
		ok(least->steps < 200 && most->stores <= least->stores + 1,
		   "%s: stores do not grow", names[operation]);
	}
	return done_testing();
}
