// SPDX-License-Identifier: GPL-2.0-only
/* Regions are fitted to a medium with few rows, which knows only ranges of a certain alignment. */
#include <linux/errno.h>
#include <linux/notifier.h>
#include "kernel-policy.h"

static struct meminspect_limits limits = {
	.nr_runs = 1000,
	.alignment = 4,
	.preferred_alignment = PAGE_SIZE,
	.max_gap = 1 << 14,
};
static struct meminspect_fit fit;

static void refit(void)
{
	int error;

	if (fit.runs)
		meminspect_fit_free(&fit);
	error = meminspect_fit_runs(&limits, &fit);
	if (error)
		shim_die("meminspect_fit_runs() failed: %d", error);
}

/* The run that has a byte, NULL if none has. */
static const struct meminspect_run *run_at(phys_addr_t pa)
{
	unsigned int i;

	for (i = 0; i < fit.nr_runs; i++)
		if (pa >= fit.runs[i].pa && pa - fit.runs[i].pa < fit.runs[i].size)
			return &fit.runs[i];
	return NULL;
}

/* Expects a run that is exactly this. */
static void expect_run(phys_addr_t pa, uint64_t size, const void *va, const char *name)
{
	const struct meminspect_run *run = run_at(pa);

	if (!ok(run != NULL, "%s: there is a run", name))
		return;
	is_number(run->pa, pa, "%s: its physical address", name);
	is_number(run->size, size, "%s: its size", name);
	is_number(run->va, (unsigned long)va, "%s: its virtual address", name);
}

static struct inspect_entry entry_at(const char *name, phys_addr_t pa, size_t size)
{
	struct inspect_entry entry = linear_entry(name, 8);

	entry.va = phys_to_virt(pa);
	entry.size = size;
	return entry;
}

static void neighbours(void)
{
	phys_addr_t pa = shim_take_pages(8);
	struct inspect_entry entry[] = {
		entry_at("first", pa + 100, 10),
		entry_at("same-page", pa + 3000, 8),
		entry_at("next-page", pa + PAGE_SIZE + 50, 8),
		entry_at("apart", pa + 3 * PAGE_SIZE, 8),
	};
	unsigned int i;

	settle(NULL, NULL, NULL);
	have_memory();
	entry[2].type = MEMINSPECT_CLASS_LOG;
	for (i = 0; i < ARRAY_SIZE(entry); i++)
		mark(&entry[i]);
	refit();
	expect_run(pa, 2 * PAGE_SIZE, phys_to_virt(pa), "neighbours become one run of whole pages");
	is_string(run_at(pa)->name, "next-page", "it has the name of what matters most in it");
	expect_run(pa + 3 * PAGE_SIZE, PAGE_SIZE, phys_to_virt(pa + 3 * PAGE_SIZE), "another page");
	ok(!run_at(pa + 2 * PAGE_SIZE), "memory in between that is not the kernel's is not taken");
	is_number(fit.nr_left_out, 0, "nothing is left out");
	ok(fit.runs[0].rank == 0 && !strcmp(fit.runs[0].name, "directory"), "the directory comes first");
	for (i = 0; i < 2 * meminspect_nr_chunks; i++)
		if (!run_at(meminspect_get_chunk(i / 2)->pa[i % 2]))
			break;
	is_number(i, 2 * meminspect_nr_chunks, "both copies of all of it are there");
}

static void mappings(void)
{
	struct inspect_entry scattered = scattered_entry("scattered", 3), linear;
	phys_addr_t first = shim_vmapped(scattered.va);

	settle(NULL, NULL, NULL);
	have_memory();
	mark(&scattered);
	/* In the page behind the one that the first page of it is in */
	linear = entry_at("linear", first + PAGE_SIZE, 8);
	mark(&linear);
	refit();
	expect_run(first, PAGE_SIZE, scattered.va, "a page in the vmalloc area");
	expect_run(first - 2 * PAGE_SIZE, PAGE_SIZE, (char *)scattered.va + PAGE_SIZE, "the next one");
	expect_run(first + PAGE_SIZE, PAGE_SIZE, phys_to_virt(first + PAGE_SIZE),
		   "its neighbour in the linear map stays apart");
}

/* The table is locked meanwhile: what it costs must not grow with the square of them. */
static void many_pieces(void)
{
	enum { PIECES = 4096 };
	struct inspect_entry scattered = scattered_entry("scattered", PIECES);

	settle(NULL, NULL, NULL);
	have_memory();
	if (meminspect_reserve(PIECES))
		shim_die("no memory");
	mark(&scattered);
	shim_steps = 0;
	limits.nr_runs = 2 * PIECES;
	refit();
	ok(run_at(shim_vmapped(scattered.va)) &&
	   run_at(shim_vmapped((char *)scattered.va + (PIECES - 1) * PAGE_SIZE)),
	   "all of %d pieces are there", PIECES);
	ok(shim_steps <= 2 * PIECES, "each is looked at once");
	diag("%lu steps", shim_steps);
}

static void too_many(void)
{
	phys_addr_t pa = shim_take_pages(64);
	unsigned int i, had;
	struct inspect_entry entry;
	char name[20];

	settle(NULL, NULL, NULL);
	have_memory();
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "driver%u", i);
		entry = entry_at(name, pa + 2 * i * PAGE_SIZE, 8);
		if (i == 17)
			entry.type = MEMINSPECT_CLASS_LOG;
		meminspect_register(&entry);
	}
	refit();
	had = fit.nr_runs;
	limits.nr_runs = had - 5;
	refit();
	is_number(fit.nr_runs, had - 5, "as many runs as there are rows");
	is_number(fit.nr_left_out, 5, "the others are counted");
	is_number(fit.bytes_left_out, 5 * PAGE_SIZE, "and their bytes");
	ok(run_at(pa + 34 * PAGE_SIZE) != NULL, "what matters more is there");
	ok(!strcmp(fit.runs[0].name, "directory"), "so is the directory");
}

static void image(void)
{
	static const struct { size_t at, size; } object[] = {
		{ 0x100, 8 }, { 0x3000, 8 }, { 0xc000, 8 },
	};
	phys_addr_t pa = shim_image_paddr(shim_image_data);
	struct inspect_entry entry = linear_entry("static", 8);
	char name[20];
	unsigned int i, had;

	settle(NULL, NULL, NULL);
	have_memory();
	for (i = 0; i < ARRAY_SIZE(object); i++) {
		snprintf(name, sizeof(name), "static%u", i);
		entry.name = name;
		entry.va = (void *)(shim_image_data + object[i].at);
		if (meminspect_register(&entry) < 0)
			shim_die("an object of the image cannot be marked");
	}
	refit();
	had = fit.nr_runs;
	ok(!run_at(pa + 0x2000), "while there are rows, nothing else comes along");
	limits.nr_runs = had - 1;
	refit();
	is_number(fit.nr_runs, had - 1, "when there are too few, a gap in the image comes along");
	expect_run(pa, 0x4000, shim_image_data, "the smaller gap");
	expect_run(pa + 0xc000, PAGE_SIZE, shim_image_data + 0xc000, "what is farther away");
	is_number(fit.nr_left_out, 0, "nothing is left out");
}

static unsigned int denials;

static int listen(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct inspect_entry *entry = data;

	if (event == MEMINSPECT_NOTIFIER_DENY && !entry->size && !entry->nr_extents && !*entry->name)
		denials++;
	return NOTIFY_DONE;
}

static void denied(void)
{
	phys_addr_t pa = shim_take_pages(4);
	struct inspect_entry entry[] = {
		entry_at("wanted", pa + 8, 10),
		entry_at("secret", pa + 0x800, 64),
		entry_at("close", pa + PAGE_SIZE + 2, 1),
		entry_at("secret-too", pa + PAGE_SIZE + 3, 9),
	};
	struct notifier_block nb = { .notifier_call = listen };

	settle(NULL, "name:secret*", NULL);
	have_memory();
	if (meminspect_notifier_register(&nb))
		shim_die("no notifier");
	mark(&entry[0]);
	refit();
	expect_run(pa, PAGE_SIZE, phys_to_virt(pa), "a page");
	is_number(denials, 0, "nothing was denied");
	mark_left_out(&entry[1], MEMINSPECT_LEFT_OUT_DENIED);
	is_number(denials, 1, "a consumer is told that something was denied, not what");
	refit();
	expect_run(pa + 8, 12, phys_to_virt(pa + 8), "no whole page beside what is denied");
	ok(!run_at(pa + 0x800), "what is denied is in no run");
	is_number(fit.nr_left_out, 0, "nothing else is left out");
	mark(&entry[2]);
	mark_left_out(&entry[3], MEMINSPECT_LEFT_OUT_DENIED);
	refit();
	ok(!run_at(pa + PAGE_SIZE + 2), "what shares a word with what is denied is left out");
	is_number(fit.nr_left_out, 1, "which is counted");
	is_number(fit.bytes_left_out, 1, "and its bytes");
	meminspect_notifier_unregister(&nb);
}

static void no_memory(void)
{
	settle(NULL, NULL, NULL);
	have_memory();
	shim_allocations_left = 0;
	is_number(meminspect_fit_runs(&limits, &fit), -ENOMEM, "no memory");
}

int main(void)
{
	in_child(neighbours);
	in_child(mappings);
	in_child(many_pieces);
	in_child(too_many);
	in_child(image);
	in_child(denied);
	in_child(no_memory);
	return done_testing();
}
