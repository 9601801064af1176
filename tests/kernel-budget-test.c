// SPDX-License-Identifier: GPL-2.0-only
/* The budget of bytes: who gives way, who comes back, and what the directory says meanwhile. */
#include <linux/errno.h>
#include <linux/notifier.h>
#include "kernel-policy.h"

#define PAGES(n)	((n) * PAGE_SIZE)

static struct inspect_entry sized(const char *name, unsigned int class, size_t size)
{
	struct inspect_entry entry = linear_entry(name, size);

	entry.type = class;
	return entry;
}

static void order_of_classes(void)
{
	struct inspect_entry log = sized("log", MEMINSPECT_CLASS_LOG, 400);
	struct inspect_entry mm = sized("mm", MEMINSPECT_CLASS_MM, 300);
	struct inspect_entry types = sized("types", MEMINSPECT_CLASS_TYPES, 200);
	struct inspect_entry symbols = sized("symbols", MEMINSPECT_CLASS_SYMBOLS, 100);
	s64 handles[4];

	settle("types,symbols", NULL, "1000");
	handles[0] = mark(&types);
	handles[1] = mark(&symbols);
	handles[2] = mark(&mm);
	handles[3] = mark(&log);
	check_published("1000 bytes of 1000 are listed");
	unmark(handles[3], &log);

	log.size = 401;
	handles[3] = mark(&log);
	expect_instead(&types, MEMINSPECT_LEFT_OUT_BUDGET);
	check_published("one byte more: what matters least gives way");
	unmark(handles[3], &log);
	expect_instead(&types, MEMINSPECT_NOT_LEFT_OUT);
	check_published("it comes back when there is room");

	log.size = 800;
	handles[3] = mark(&log);
	expect_instead(&types, MEMINSPECT_LEFT_OUT_BUDGET);
	expect_instead(&symbols, MEMINSPECT_LEFT_OUT_BUDGET);
	expect_instead(&mm, MEMINSPECT_LEFT_OUT_BUDGET);
	/* Of these, symbols and types fit beside it, the former first. */
	expect_instead(&symbols, MEMINSPECT_NOT_LEFT_OUT);
	check_published("three give way, and one finds room in what is left");
	unmark(handles[2], &mm);
	check_published("who is left out goes by the handle");
	handles[2] = mark_left_out(&mm, MEMINSPECT_LEFT_OUT_BUDGET);
	check_published("and is left out again: it matters less");
	is_number(meminspect_unregister_va(mm.va, mm.size), 0, "who is left out is found by address");
	expect_no_region(&expected, "mm", 0);
	is_number(meminspect_register(&symbols), -EEXIST, "and may not be marked twice");
	is_number(meminspect_register(&types), -EEXIST, "whether listed or not");
	unmark(handles[3], &log);
	expect_instead(&types, MEMINSPECT_NOT_LEFT_OUT);
	check_published("all that there are have room");
	unmark(handles[0], &types);
	unmark(handles[1], &symbols);
	check_published("nothing is left");
}

static void within_a_class(void)
{
	struct inspect_entry a = sized("a", MEMINSPECT_CLASS_MM, 300);
	struct inspect_entry b = sized("b", MEMINSPECT_CLASS_MM, 300);
	struct inspect_entry c = sized("c", MEMINSPECT_CLASS_MM, 300);
	struct inspect_entry d = sized("d", MEMINSPECT_CLASS_MM, 300);
	struct inspect_entry log = sized("log", MEMINSPECT_CLASS_LOG, 700);
	s64 handles[4], log_handle;

	settle(NULL, NULL, "1000");
	handles[0] = mark(&a);
	handles[1] = mark(&b);
	handles[2] = mark(&c);
	handles[3] = mark_left_out(&d, MEMINSPECT_LEFT_OUT_BUDGET);
	check_published("of a class, who comes first is kept");
	log_handle = mark(&log);
	expect_instead(&b, MEMINSPECT_LEFT_OUT_BUDGET);
	expect_instead(&c, MEMINSPECT_LEFT_OUT_BUDGET);
	check_published("who comes last gives way first");
	unmark(log_handle, &log);
	expect_instead(&b, MEMINSPECT_NOT_LEFT_OUT);
	expect_instead(&c, MEMINSPECT_NOT_LEFT_OUT);
	check_published("who gave way comes back, before who never was in");
	unmark(handles[1], &b);
	expect_instead(&d, MEMINSPECT_NOT_LEFT_OUT);
	check_published("who waited gets the room of who goes");
	unmark(handles[0], &a);
	unmark(handles[2], &c);
	unmark(handles[3], &d);
}

/* One that never fits must not keep out those that come behind it. */
static void too_large(void)
{
	struct inspect_entry huge = sized("huge", MEMINSPECT_CLASS_MM, 1001);
	struct inspect_entry first = sized("first", MEMINSPECT_CLASS_MM, 900);
	struct inspect_entry second = sized("second", MEMINSPECT_CLASS_MM, 900);
	struct inspect_entry other = sized("other", MEMINSPECT_CLASS_DRIVER, 150);
	s64 handles[3];

	settle(NULL, NULL, "1000");
	handles[0] = mark_left_out(&huge, MEMINSPECT_LEFT_OUT_BUDGET);
	handles[1] = mark(&first);
	mark_left_out(&second, MEMINSPECT_LEFT_OUT_BUDGET);
	handles[2] = mark_left_out(&other, MEMINSPECT_LEFT_OUT_BUDGET);
	check_published("one that is larger than the budget");
	unmark(handles[1], &first);
	expect_instead(&second, MEMINSPECT_NOT_LEFT_OUT);
	check_published("who comes behind it in its class is let in");
	meminspect_unregister_va(second.va, second.size);
	expect_no_region(&expected, "second", 0);
	expect_instead(&other, MEMINSPECT_NOT_LEFT_OUT);
	check_published("so is another class");
	unmark(handles[0], &huge);
	unmark(handles[2], &other);
}

/* Who comes back takes the room of who matters less, as if it came anew. */
static void comes_back_at_the_cost(void)
{
	struct inspect_entry log = sized("log", MEMINSPECT_CLASS_LOG, 600);
	struct inspect_entry more = sized("more", MEMINSPECT_CLASS_LOG, 700);
	struct inspect_entry mm = sized("mm", MEMINSPECT_CLASS_MM, 400);
	s64 handle;

	settle(NULL, NULL, "1000");
	handle = mark(&log);
	mark(&mm);
	mark_left_out(&more, MEMINSPECT_LEFT_OUT_BUDGET);
	check_published("who matters most has no room");
	unmark(handle, &log);
	expect_instead(&more, MEMINSPECT_NOT_LEFT_OUT);
	expect_instead(&mm, MEMINSPECT_LEFT_OUT_BUDGET);
	check_published("it comes in at the cost of who matters less");
}

/* The budget is read when regions are marked already. */
static void read_late(void)
{
	struct inspect_entry log = sized("log", MEMINSPECT_CLASS_LOG, 600);
	struct inspect_entry mm = sized("mm", MEMINSPECT_CLASS_MM, 400);
	struct inspect_entry irq = scattered_entry("irq", 9);

	irq.type = MEMINSPECT_CLASS_IRQ;
	mark(&mm);
	mark(&irq);
	mark(&log);
	settle(NULL, NULL, "1023");
	expect_instead(&irq, MEMINSPECT_LEFT_OUT_BUDGET);
	check_published("what was marked before is cut down to it");
	ok(!directory_tells_address_of(&irq), "no row tells where its pieces are any more");
}

static void smaller_late(void)
{
	struct inspect_entry first = sized("first", MEMINSPECT_CLASS_LOG, 300);
	struct inspect_entry log = sized("log", MEMINSPECT_CLASS_LOG, 600);
	struct inspect_entry mm = sized("mm", MEMINSPECT_CLASS_MM, 400);

	mark(&first);
	mark(&log);
	mark(&mm);
	settle(NULL, NULL, "500");
	expect_instead(&log, MEMINSPECT_LEFT_OUT_BUDGET);
	expect_instead(&mm, MEMINSPECT_LEFT_OUT_BUDGET);
	check_published("even what matters most is cut down to it");
}

static void larger_late(void)
{
	struct inspect_entry log = sized("log", MEMINSPECT_CLASS_LOG, 600);
	struct inspect_entry mm = sized("mm", MEMINSPECT_CLASS_MM, 400);

	/* As if Kconfig said so */
	meminspect_budget = 500;
	mark(&mm);
	mark_left_out(&log, MEMINSPECT_LEFT_OUT_BUDGET);
	settle(NULL, NULL, "1K");
	expect_instead(&log, MEMINSPECT_NOT_LEFT_OUT);
	check_published("what was left out before is let in");
}

/* 0 is no limit; what Kconfig left out is in. */
static void none_late(void)
{
	struct inspect_entry log = sized("log", MEMINSPECT_CLASS_LOG, 600);

	meminspect_budget = 500;
	mark_left_out(&log, MEMINSPECT_LEFT_OUT_BUDGET);
	settle(NULL, NULL, "0");
	expect_instead(&log, MEMINSPECT_NOT_LEFT_OUT);
	check_published("a budget of 0 lets in what was left out");
}

static void suffixes(void)
{
	settle(NULL, NULL, "0x10k");
	is_number(meminspect_budget, 16384, "0x10k");
	settle(NULL, NULL, "3M");
	is_number(meminspect_budget, 3 << 20, "3M");
}

/* The denied one gives its bytes back. */
static void denial_makes_room(void)
{
	struct inspect_entry a = sized("a", MEMINSPECT_CLASS_MM, 600);
	struct inspect_entry b = sized("b", MEMINSPECT_CLASS_MM, 600);
	struct inspect_entry c = sized("c", MEMINSPECT_CLASS_MM, 600);
	struct inspect_entry part_of_a = a, part_of_b = b;

	settle(NULL, "name:secret*", "1000");
	mark(&a);
	mark_left_out(&b, MEMINSPECT_LEFT_OUT_BUDGET);
	mark_left_out(&c, MEMINSPECT_LEFT_OUT_BUDGET);
	part_of_b.name = "secret part of b";
	part_of_b.size = 10;
	mark_left_out(&part_of_b, MEMINSPECT_LEFT_OUT_DENIED);
	expect_instead(&b, MEMINSPECT_LEFT_OUT_DENIED);
	check_published("who waits for room is denied, and says so");
	part_of_a.name = "secret part of a";
	part_of_a.size = 10;
	mark_left_out(&part_of_a, MEMINSPECT_LEFT_OUT_DENIED);
	expect_instead(&a, MEMINSPECT_LEFT_OUT_DENIED);
	expect_instead(&c, MEMINSPECT_NOT_LEFT_OUT);
	check_published("who is denied makes room for who waits, denied ones excepted");
}

/* A denied region takes no bytes, and nobody gives way to it. */
static void denied_takes_nothing(void)
{
	struct inspect_entry a = sized("a", MEMINSPECT_CLASS_MM, 900);
	struct inspect_entry secret = sized("secret", MEMINSPECT_CLASS_LOG, 900);

	settle(NULL, "name:secret", "1000");
	mark(&a);
	mark_left_out(&secret, MEMINSPECT_LEFT_OUT_DENIED);
	check_published("nobody gives way to who is denied");
}

/* ---- against a model of it, at random */

#define MODEL_REGIONS	60
#define MODEL_STEPS	3000
#define MODEL_BUDGET	20000
#define ARENA_PAGES	24

static const unsigned int model_classes[] = {
	/* In the order in which they are kept */
	MEMINSPECT_CLASS_LOG, MEMINSPECT_CLASS_IDENTITY, MEMINSPECT_CLASS_MM,
	MEMINSPECT_CLASS_DRIVER, MEMINSPECT_CLASS_SYMBOLS,
};

enum model_state { GONE, LISTED, WAITING, NEVER_FITS, DENIED };

static struct model {
	struct inspect_entry entry;
	char name[16];
	unsigned int rank;
	bool secret;
	s64 handle;
	enum model_state state;
	long order;		/* of those that are listed, or that wait */
	unsigned int told;	/* what the consumer thinks: 1 if listed */
} model[MODEL_REGIONS];

static long model_clock;
static unsigned int model_errors, model_evictions, model_returns, model_denials;
static char *arena;

static uint64_t random_below(uint64_t limit)
{
	static uint64_t bits = 0x853c49e6748fea9bULL;

	bits ^= bits << 13;
	bits ^= bits >> 7;
	bits ^= bits << 17;
	return (bits >> 11) % limit;
}

/* Bytes that are listed, of all ranks up to one */
static uint64_t model_bytes(unsigned int rank)
{
	uint64_t bytes = 0;
	unsigned int i;

	for (i = 0; i < MODEL_REGIONS; i++)
		if (model[i].state == LISTED && model[i].rank <= rank)
			bytes += model[i].entry.size;
	return bytes;
}

static struct model *model_pick(enum model_state state, unsigned int rank, bool newest)
{
	struct model *found = NULL;
	unsigned int i;

	for (i = 0; i < MODEL_REGIONS; i++)
		if (model[i].state == state && model[i].rank == rank &&
		    (!found || (model[i].order > found->order) == newest))
			found = &model[i];
	return found;
}

static bool model_list(struct model *region)
{
	unsigned int rank = ARRAY_SIZE(model_classes) - 1;
	struct model *victim;

	if (model_bytes(region->rank) + region->entry.size > MODEL_BUDGET)
		return false;
	while (model_bytes(-1U) + region->entry.size > MODEL_BUDGET) {
		victim = model_pick(LISTED, rank, true);
		if (!victim) {
			rank--;
			continue;
		}
		victim->state = WAITING;
		/* It goes before all that wait. */
		victim->order = -++model_clock;
		model_evictions++;
	}
	region->state = LISTED;
	region->order = ++model_clock;
	return true;
}

static void model_take_in(void)
{
	struct model *first;
	unsigned int rank;

	for (rank = 0; rank < ARRAY_SIZE(model_classes); rank++)
		while ((first = model_pick(WAITING, rank, false)) && model_list(first))
			model_returns++;
}

/* Whether two regions have a byte in common, page by page, by their own addresses */
static bool share(const struct inspect_entry *a, const struct inspect_entry *b)
{
	size_t i, j, step_a, step_b;

	for (i = 0; i < a->size; i += step_a) {
		phys_addr_t at = page_of(a, i);

		step_a = min(a->size - i, PAGE_SIZE - offset_in_page(at));
		for (j = 0; j < b->size; j += step_b) {
			phys_addr_t with = page_of(b, j);

			step_b = min(b->size - j, PAGE_SIZE - offset_in_page(with));
			if (at < with + step_b && with < at + step_a)
				return true;
		}
	}
	return false;
}

static bool model_denied(const struct model *region)
{
	unsigned int i;

	if (region->secret)
		return true;
	for (i = 0; i < MODEL_REGIONS; i++)
		if (model[i].secret && model[i].state != GONE &&
		    share(&region->entry, &model[i].entry))
			return true;
	return false;
}

static void model_add(struct model *region)
{
	unsigned int i;

	if (model_denied(region)) {
		region->state = DENIED;
	} else if (!model_list(region)) {
		region->state = region->entry.size > MODEL_BUDGET ? NEVER_FITS : WAITING;
		region->order = ++model_clock;
	}
	for (i = 0; region->secret && i < MODEL_REGIONS; i++) {
		if (model[i].state != GONE && model[i].state != DENIED &&
		    share(&model[i].entry, &region->entry)) {
			model[i].state = DENIED;
			model_denials++;
		}
	}
	model_take_in();
}

static void model_remove(struct model *region)
{
	region->state = GONE;
	model_take_in();
}

static int follow(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct inspect_entry *entry = data;
	unsigned int i;

	(void)nb;
	if (event == MEMINSPECT_NOTIFIER_DENY)
		return NOTIFY_DONE;
	for (i = 0; i < MODEL_REGIONS; i++)
		if (!strcmp(model[i].name, entry->name))
			break;
	if (i == MODEL_REGIONS || model[i].told != (event == MEMINSPECT_NOTIFIER_REMOVE))
		model_errors++;
	else
		model[i].told ^= 1;
	return NOTIFY_DONE;
}

/* Somewhere in a few pages, so that regions often share bytes */
static void choose(struct model *region, unsigned int nr)
{
	unsigned int nr_pages = 2 + random_below(6), i;
	phys_addr_t pages[8];

	region->rank = random_below(ARRAY_SIZE(model_classes));
	region->secret = !random_below(10);
	snprintf(region->name, sizeof(region->name), "%s %u", region->secret ? "secret" : "region",
		 nr);
	region->entry = (struct inspect_entry){
		.id = MEMINSPECT_ID_DYNAMIC,
		.type = model_classes[region->rank],
		.name = region->name,
		.va = arena + random_below(ARENA_PAGES / 2 * PAGE_SIZE),
		.size = 1 + random_below(random_below(20) ? 3000 : MODEL_BUDGET + 5000),
	};
	if (region->secret)
		region->entry.size = 1 + random_below(100);
	if (random_below(4))
		return;
	for (i = 0; i < nr_pages; i++)
		pages[i] = __pa(arena) + random_below(ARENA_PAGES) * PAGE_SIZE;
	region->entry.va = (char *)shim_vmap(pages, nr_pages) + random_below(100);
	region->entry.size = nr_pages * PAGE_SIZE - 100 - random_below(PAGE_SIZE);
}

/* What the model says, in the form of expected regions */
static void expect_model(void)
{
	struct meminspect_extent extents[MODEL_BUDGET / PAGE_SIZE + 8];
	size_t offset, step;
	unsigned int i, nr;

	expected_free(&expected);
	expected = (struct expected_regions){ 0 };
	for (i = 0; i < MODEL_REGIONS; i++) {
		const struct inspect_entry *entry = &model[i].entry;

		if (model[i].state == GONE)
			continue;
		if (model[i].state != LISTED) {
			expect_left_out(entry, model[i].state == DENIED ?
					MEMINSPECT_LEFT_OUT_DENIED : MEMINSPECT_LEFT_OUT_BUDGET);
			continue;
		}
		nr = 0;
		for (offset = 0; offset < entry->size; offset += step) {
			phys_addr_t at = page_of(entry, offset);

			step = min(entry->size - offset, PAGE_SIZE - offset_in_page(at));
			if (nr && extents[nr - 1].paddr + extents[nr - 1].length == at)
				extents[nr - 1].length += step;
			else
				extents[nr++] = (struct meminspect_extent){ at, step };
		}
		expect_region(&expected, &(struct expected_region){
			.name = entry->name,
			.class = entry->type,
			.vaddr = (unsigned long)entry->va,
			.nr_extents = nr,
			.extents = extents,
		});
	}
}

/* Whatever the order of things was: what is listed fits, and who waits does not */
static unsigned int unjust(void)
{
	unsigned int rank, wrong = model_bytes(-1U) > MODEL_BUDGET;
	struct model *first;

	for (rank = 0; rank < ARRAY_SIZE(model_classes); rank++) {
		first = model_pick(WAITING, rank, false);
		wrong += first && model_bytes(rank) + first->entry.size <= MODEL_BUDGET;
	}
	return wrong;
}

static void at_random(void)
{
	struct notifier_block nb = { .notifier_call = follow };
	unsigned int step, i, wrong = 0, strange = 0, nr_listed = 0;
	const char *why = NULL;

	settle("symbols", "name:secret*", "20000");
	have_memory();
	if (meminspect_reserve(200))
		shim_die("no memory");
	meminspect_notifier_register(&nb);
	arena = phys_to_virt(shim_take_pages(ARENA_PAGES));
	for (step = 0; step < MODEL_STEPS && !why; step++) {
		i = random_below(MODEL_REGIONS);
		if (model[i].state != GONE) {
			strange += meminspect_unregister(model[i].handle) != 0;
			model_remove(&model[i]);
		} else {
			choose(&model[i], i);
			model[i].handle = meminspect_register(&model[i].entry);
			if (model[i].handle < 0)
				strange++;
			else
				model_add(&model[i]);
		}
		expect_model();
		why = published_differs(&expected);
		wrong += unjust();
		for (i = 0; i < MODEL_REGIONS; i++)
			model_errors += model[i].told != (model[i].state == LISTED);
		nr_listed += model_bytes(-1U) > 0;
	}
	ok(!why, "%u random steps: each time the directory says what the model says", MODEL_STEPS);
	if (why)
		diag("step %u: %s", step, why);
	is_number(strange, 0, "each registration and each handle is good");
	is_number(wrong, 0, "what is listed fits, and who waits does not");
	is_number(model_errors, 0, "a consumer is told once of each that comes and goes");
	ok(model_evictions > 500 && model_returns > 500 && model_denials > 50 && nr_listed,
	   "there was something to see");
	diag("%u gave way, %u came back, %u were denied by others", model_evictions,
	     model_returns, model_denials);
}

int main(void)
{
	static void (*const scenarios[])(void) = {
		order_of_classes, within_a_class, too_large, comes_back_at_the_cost, read_late,
		smaller_late, larger_late, none_late, suffixes, denial_makes_room, denied_takes_nothing,
		at_random,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(scenarios); i++)
		in_child(scenarios[i]);
	return done_testing();
}
