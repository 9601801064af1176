// SPDX-License-Identifier: GPL-2.0-only
/* A kernel that marks 100,000 regions: all are there, and the time grows as their number. */
#include "fake-source.h"
#include <sys/resource.h>
#include <unistd.h>

#define RAM_BASE	0x40000000ULL
#define FEW		12500
#define MANY		100000
/* Many have eight times as much to do as few; what grows as the square would take 64 times. */
#define MOST_TIMES	24
/* They stand in one page each in the core: many of them need not be there. */
#define PRESENT		4096

static double cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* Tasks, of which each third has a second extent; what is left out; a task that runs. */
static struct model *many_regions(uint32_t nr)
{
	struct model *model = model_dead_kernel(RAM_BASE, 1 << 26, 2);
	struct meminspect_current current = {
		.half[0] = {
			.task = 0xffff888100000000ULL, .task_paddr = RAM_BASE, .task_size = 64,
			.stack = 0xffffc90000000000ULL, .stack_size = 64, .nr_extents = 1,
			.extents = { RAM_BASE },
		},
	};
	uint32_t i;

	for (i = 0; i < nr; i++) {
		const struct meminspect_extent extents[] = {
			{ (i < PRESENT ? RAM_BASE : 1ULL << 40) + 8 * i, 8 }, { RAM_BASE, 8 },
		};
		const struct model_region region = {
			.name = "task", .class = MEMINSPECT_CLASS_TASK,
			.key_kind = MEMINSPECT_KEY_PID, .key = i,
			.vaddr = 0xffff888000000000ULL + 64ULL * i,
			.nr_extents = i < PRESENT && i % 3 == 0 ? 2 : 1, .extents = extents,
		};

		if (i % 16 == 15)
			model_add_left_out(model, "secret", MEMINSPECT_CLASS_TASK, 8, 1);
		else
			model_add_region(model, &region);
	}
	model_seal_half(&current.half[0]);
	model_add_current(model, 0, &current);
	return model;
}

static size_t count(const struct meminspect_dump *dump, enum meminspect_verdict verdict)
{
	size_t i, nr = 0;

	for (i = 0; i < meminspect_dump_nr_regions(dump); i++)
		nr += meminspect_dump_region(dump, i)->verdict == verdict;
	return nr;
}

static void check(const struct meminspect_dump *dump, uint32_t nr, const char *what)
{
	const size_t left_out = nr / 16, present = PRESENT - PRESENT / 16;

	is_number(count(dump, MEMINSPECT_LEFT_OUT), left_out, "%s, %u regions: left out", what, nr);
	/* With those of the model, the running task with its stack, and the directory. */
	is_number(count(dump, MEMINSPECT_PRESENT), present + 5 + MODEL_NR_CPUS + 3 + 2,
		  "%s, %u regions: present", what, nr);
	is_number(count(dump, MEMINSPECT_ABSENT), nr - left_out - present,
		  "%s, %u regions: absent", what, nr);
	is_number(meminspect_dump_nr_problems(dump), 0, "%s, %u regions: no problem", what, nr);
}

/* Returns the time that collecting, writing and reading took. */
static double measure(uint32_t nr)
{
	struct model *model = many_regions(nr);
	struct fake fake = fake_of(model);
	struct meminspect_dump *dump, *again = NULL;
	char path[] = "/tmp/scale-test-XXXXXX";
	double seconds;
	uint64_t word;
	char *json;

	close(mkstemp(path));
	unlink(path);
	seconds = cpu_seconds();
	dump = collect(&fake);
	check(dump, nr, "collected");
	meminspect_dump_read(dump, 0, &word, sizeof(word));
	is_number(meminspect_core_write(context, dump, path), 0, "%u regions: core is written", nr);
	if (is_number(meminspect_core_open(context, path, &again), 0, "%u regions: core is read", nr))
		check(again, nr, "read");
	json = meminspect_dump_json(dump);
	ok(json != NULL, "%u regions: JSON", nr);
	seconds = cpu_seconds() - seconds;
	free(json);
	unlink(path);
	meminspect_dump_free(again);
	meminspect_dump_free(dump);
	model_free(model);
	return seconds;
}

int main(void)
{
	double few, many;

	context = meminspect_context_new();
	few = measure(FEW);
	many = measure(MANY);
	diag("%d regions: %.2f s, %d regions: %.2f s", FEW, few, MANY, many);
	ok(many < MOST_TIMES * few, "time grows as the number of regions");
	meminspect_context_free(context);
	return done_testing();
}
