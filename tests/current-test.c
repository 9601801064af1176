// SPDX-License-Identifier: GPL-2.0-only
/* What the regions "current" say of tasks and stacks, and what is made of it. */
#include "fake-source.h"
#include <errno.h>
#include <unistd.h>

#define RAM_BASE	0x40000000ULL
#define RAM_SIZE	(1 << 20)
#define TASK_SIZE	6720
#define STACK_SIZE	16384

static const uint64_t task_a = 0xffff888004000000ULL, task_b = 0xffff888004004000ULL;
static const uint64_t stack_a = 0xffffc90000010000ULL, stack_b = 0xffffc90000020000ULL;

/* A task of one byte all over, and its stack in four pages in no order, each of the next byte. */
static struct meminspect_current_half add_task(struct model *model, uint64_t task, uint64_t stack,
					       uint32_t pid, uint8_t byte)
{
	static const int order[4] = { 0, 3, 1, 2 };
	uint64_t pages = model_alloc(model, STACK_SIZE);
	struct meminspect_current_half half = {
		.task = task,
		.task_paddr = model_alloc(model, TASK_SIZE),
		.task_size = TASK_SIZE,
		.stack = stack,
		.stack_size = STACK_SIZE,
		.pid = pid,
		.nr_extents = 4,
	};
	int i;

	memset(model_at(model, half.task_paddr), byte, TASK_SIZE);
	for (i = 0; i < 4; i++) {
		half.extents[i] = pages + 4096 * order[i];
		memset(model_at(model, half.extents[i]), byte + 1 + i, 4096);
	}
	model_seal_half(&half);
	return half;
}

static const struct meminspect_region *find_at(const struct meminspect_dump *dump, size_t *nr,
					       uint64_t vaddr)
{
	const struct meminspect_region *found = NULL;
	size_t i;

	*nr = 0;
	for (i = 0; i < meminspect_dump_nr_regions(dump); i++) {
		const struct meminspect_region *region = meminspect_dump_region(dump, i);

		if (region->vaddr != vaddr)
			continue;
		found = region;
		++*nr;
	}
	return found;
}

static size_t count_derived(const struct meminspect_dump *dump)
{
	size_t i, nr = 0;

	for (i = 0; i < meminspect_dump_nr_regions(dump); i++)
		nr += meminspect_dump_region(dump, i)->origin == MEMINSPECT_DERIVED;
	return nr;
}

static void check_task(const struct meminspect_dump *dump, uint64_t task, uint64_t stack,
		       uint32_t pid, uint8_t byte)
{
	const struct meminspect_region *region;
	uint8_t bytes[STACK_SIZE];
	bool right = true;
	size_t nr;
	int i;

	region = find_at(dump, &nr, task);
	ok(nr == 1 && region->origin == MEMINSPECT_DERIVED && !strcmp(region->name, "current_task") &&
	   region->class == MEMINSPECT_CLASS_CURRENT && region->key_kind == MEMINSPECT_KEY_PID &&
	   region->key == pid && region->size == TASK_SIZE &&
	   region->verdict == MEMINSPECT_PRESENT, "task %u is a region", pid);
	right = !meminspect_dump_read(dump, task, bytes, TASK_SIZE);
	for (i = 0; right && i < TASK_SIZE; i++)
		right = bytes[i] == byte;
	ok(right, "... with its bytes");
	region = find_at(dump, &nr, stack);
	ok(nr == 1 && region->origin == MEMINSPECT_DERIVED && !strcmp(region->name, "current_stack") &&
	   region->class == MEMINSPECT_CLASS_CURRENT && region->key_kind == MEMINSPECT_KEY_PID &&
	   region->key == pid && region->size == STACK_SIZE && region->nr_pieces == 4 &&
	   region->verdict == MEMINSPECT_PRESENT, "so is its stack, in four pieces");
	right = !meminspect_dump_read(dump, stack, bytes, STACK_SIZE);
	for (i = 0; right && i < STACK_SIZE; i++)
		right = bytes[i] == byte + 1 + i / 4096;
	ok(right, "... with its bytes, in the order of virtual addresses");
}

static void test_check_word(void)
{
	struct meminspect_current_half half = {
		.task = 0xffff888004000000ULL, .task_paddr = 0x40040000, .task_size = 6720,
		.stack = 0xffffc90000010000ULL, .stack_size = 16384, .pid = 77, .nr_extents = 4,
		.extents = { 0x40050000, 0x40056000, 0x40052000, 0x40054000 },
	};

	/* Worked out by hand from the comment in the header. */
	model_seal_half(&half);
	is_number(half.check, 0x6374b312f9ca1586, "check word of a known half");
}

static void test_halves(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 9);
	struct fake fake = fake_of(model);
	const struct meminspect_current_half a = add_task(model, task_a, stack_a, 77, 0x10);
	const struct meminspect_current_half b = add_task(model, task_b, stack_b, 0, 0x20);
	struct meminspect_current current = { .half = { a, b } };
	char path[] = "/tmp/current-test-XXXXXX";
	struct meminspect_dump *dump, *again;
	size_t nr;

	model_add_current(model, 0, &current);
	dump = collect(&fake);
	check_verdict(dump, "current", 0, MEMINSPECT_PRESENT, "");
	is_number(count_derived(dump), 4, "both halves count");
	check_task(dump, task_a, stack_a, 77, 0x10);
	check_task(dump, task_b, stack_b, 0, 0x20);
	is_number(meminspect_dump_nr_problems(dump), 0, "no problem");
	close(mkstemp(path));
	unlink(path);
	is_number(meminspect_core_write(context, dump, path), 0, "core is written");
	is_number(meminspect_core_open(context, path, &again), 0, "... and read");
	check_task(again, task_a, stack_a, 77, 0x10);
	check_task(again, task_b, stack_b, 0, 0x20);
	meminspect_dump_free(again);
	unlink(path);
	meminspect_dump_free(dump);

	/* The same task in both halves and on other CPUs; one CPU is in the middle of a switch. */
	current.half[0] = b;
	model_add_current(model, 1, &current);
	memset(&current.half[0], 0xee, sizeof(current.half[0]));
	current.half[0].task = 0;
	model_add_current(model, 2, &current);
	memset(&current, 0, sizeof(current));
	model_add_current(model, 3, &current);
	dump = collect(&fake);
	is_number(count_derived(dump), 4, "a task that is named twice is there once");
	for (nr = 0; nr < 4; nr++)
		check_verdict(dump, "current", nr, MEMINSPECT_PRESENT, "");
	meminspect_dump_free(dump);
	model_free(model);
}

/* What the directory has goes first; what is known of a lost row does not count. */
static void test_known(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 9);
	struct fake fake = fake_of(model);
	struct meminspect_current current = {
		.half = { add_task(model, task_a, stack_a, 77, 0x10) },
	};
	struct meminspect_extent extent = { current.half[0].task_paddr, TASK_SIZE };
	struct model_region task = {
		.name = "task_struct", .class = MEMINSPECT_CLASS_TASK, .vaddr = task_a,
		.nr_extents = 1, .extents = &extent,
	};
	const struct meminspect_region *region;
	struct meminspect_dump *dump;
	uint32_t row;
	size_t nr;
	int copy;

	model_add_current(model, 0, &current);
	row = model_add_region(model, &task);
	dump = collect(&fake);
	region = find_at(dump, &nr, task_a);
	ok(nr == 1 && region->origin != MEMINSPECT_DERIVED && !strcmp(region->name, "task_struct"),
	   "a task that the directory has is not repeated");
	find_at(dump, &nr, stack_a);
	is_number(nr, 1, "its stack is added");
	meminspect_dump_free(dump);

	for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		((struct meminspect_region_row *)model_row(model, row, copy))->nr_extents = 2;
		model_seal_row(model, row, copy);
	}
	dump = collect(&fake);
	region = find_at(dump, &nr, task_a);
	ok(nr == 2 && region->origin == MEMINSPECT_DERIVED && region->verdict == MEMINSPECT_PRESENT,
	   "a row that is lost is no reason to leave it out");
	meminspect_dump_free(dump);

	/* A stack whose virtual range has had other memory. */
	current.half[1] = add_task(model, task_b, stack_a, 78, 0x30);
	model_add_current(model, 1, &current);
	dump = collect(&fake);
	find_at(dump, &nr, stack_a);
	is_number(nr, 2, "two stacks of one virtual range and other memory are both kept");
	meminspect_dump_free(dump);
	model_free(model);
}

static void no_task_size(struct meminspect_current_half *half) { half->task_size = 0; }
static void huge_task(struct meminspect_current_half *half) { half->task_size = (1 << 20) + 1; }
static void wrapping_task(struct meminspect_current_half *half) { half->task = -8; }
static void no_stack(struct meminspect_current_half *half) { half->stack = 0; }
static void no_stack_size(struct meminspect_current_half *half) { half->stack_size = 0; }
static void huge_stack(struct meminspect_current_half *half) { half->stack_size = 1ULL << 62; }
static void wrapping_stack(struct meminspect_current_half *half) { half->stack = -4096; }
static void no_extents(struct meminspect_current_half *half) { half->nr_extents = 0; }
static void many_extents(struct meminspect_current_half *half) { half->nr_extents = 17; }
static void endless_extents(struct meminspect_current_half *half) { half->nr_extents = -1; }
static void odd_extents(struct meminspect_current_half *half) { half->nr_extents = 3; }
static void huge_pid(struct meminspect_current_half *half) { half->pid = 1ULL << 32; }

static void test_hostile(void)
{
	static const struct {
		const char *what, *why;
		void (*edit)(struct meminspect_current_half *half);
	} cases[] = {
		{ "task of no size", "task_struct", no_task_size },
		{ "huge task", "task_struct", huge_task },
		{ "task that wraps", "task_struct", wrapping_task },
		{ "no stack", "stack has", no_stack }, { "stack of no size", "stack has", no_stack_size },
		{ "huge stack", "stack has", huge_stack }, { "stack that wraps", "stack has", wrapping_stack },
		{ "no extents", "number of extents", no_extents },
		{ "one extent too many", "number of extents", many_extents },
		{ "endless extents", "number of extents", endless_extents },
		{ "extents that don't divide the stack", "divided", odd_extents },
		{ "impossible PID", "process ID", huge_pid },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 9);
		struct fake fake = fake_of(model);
		struct meminspect_current current = {
			.half = {
				add_task(model, task_a, stack_a, 77, 0x10),
				add_task(model, task_b, stack_b, 78, 0x20),
			},
		};
		struct meminspect_dump *dump;

		cases[i].edit(&current.half[i % 2]);
		model_seal_half(&current.half[i % 2]);
		model_add_current(model, 0, &current);
		dump = collect(&fake);
		check_verdict(dump, "current", 0, MEMINSPECT_CORRUPT, cases[i].why);
		ok(strstr(meminspect_dump_find(dump, "current", 0)->why, i % 2 ? "half 1" : "half 0"),
		   "%s: the half is named", cases[i].what);
		is_number(count_derived(dump), 2, "the other half is used");
		meminspect_dump_free(dump);
		model_free(model);
	}
}

static void test_flips(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 9);
	struct fake fake = fake_of(model);
	const struct meminspect_current current = {
		.half = { add_task(model, task_a, stack_a, 77, 0x10) },
	};
	uint32_t row = model_add_current(model, 0, &current);
	const struct meminspect_region_row *place = model_row(model, row, 0);
	uint8_t *bytes = model_at(model, place->paddr);
	size_t bit, unnoticed = 0;

	for (bit = 0; bit < 8 * sizeof(struct meminspect_current_half); bit++) {
		struct meminspect_dump *dump;

		bytes[bit / 8] ^= 1 << bit % 8;
		dump = collect(&fake);
		unnoticed += meminspect_dump_find(dump, "current", 0)->verdict != MEMINSPECT_CORRUPT ||
			     count_derived(dump);
		meminspect_dump_free(dump);
		bytes[bit / 8] ^= 1 << bit % 8;
	}
	is_number(unnoticed, 0, "no flipped bit of a half goes unnoticed");
	model_free(model);
}

/* What isn't RAM, and regions that only look like it. */
static void test_places(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 9);
	struct fake fake = fake_of(model);
	struct meminspect_current current = {
		.half = {
			add_task(model, task_a, stack_a, 77, 0x10),
			add_task(model, task_b, stack_b, 78, 0x20),
		},
	};
	struct meminspect_region_row *row;
	struct meminspect_dump *dump;
	uint32_t number;
	int copy;

	current.half[0].task_paddr = RAM_BASE + RAM_SIZE;
	current.half[0].extents[2] = RAM_BASE + RAM_SIZE;
	model_seal_half(&current.half[0]);
	current.half[1].task_paddr = -4096;
	current.half[1].extents[0] = 1ULL << 52;
	model_seal_half(&current.half[1]);
	number = model_add_current(model, 0, &current);
	dump = collect(&fake);
	check_verdict(dump, "current_task", 77, MEMINSPECT_ABSENT, "no memory there");
	check_verdict(dump, "current_stack", 77, MEMINSPECT_TRUNCATED, "4096 of 16384");
	check_verdict(dump, "current_task", 78, MEMINSPECT_CORRUPT, "52 bits");
	check_verdict(dump, "current_stack", 78, MEMINSPECT_CORRUPT, "52 bits");
	meminspect_dump_free(dump);

	model_add_current(model, 0, &current);
	model_add_current(model, 8192, &current);
	dump = collect(&fake);
	check_verdict(dump, "current", 8192, MEMINSPECT_CORRUPT, "CPU 8192 can't be");
	is_number(count_derived(dump), 4, "the first of a CPU counts");
	meminspect_dump_free(dump);
	model_empty_row(model, number + 1);
	model_empty_row(model, number + 2);

	for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		row = model_row(model, number, copy);
		row->size = row->length = 376;
		model_seal_row(model, number, copy);
	}
	dump = collect(&fake);
	check_verdict(dump, "current", 0, MEMINSPECT_CORRUPT, "its size is 376");
	is_number(count_derived(dump), 0, "... nothing follows");
	meminspect_dump_free(dump);

	for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		row = model_row(model, number, copy);
		row->size = row->length = 384;
		row->class = MEMINSPECT_CLASS_DRIVER;
		model_seal_row(model, number, copy);
	}
	dump = collect(&fake);
	check_verdict(dump, "current", 0, MEMINSPECT_PRESENT, "");
	is_number(count_derived(dump), 0, "a driver's region of this name means something else");
	meminspect_dump_free(dump);
	model_free(model);
}

/* As many CPUs as can be, and more rows than that. */
static void test_many(void)
{
	struct model *model = model_new(RAM_BASE, 1 << 26);
	struct fake fake = fake_of(model);
	struct meminspect_current_half half = add_task(model, task_a, stack_a, 77, 0x10);
	struct meminspect_dump *dump;
	uint32_t cpu;

	half.nr_extents = 1;
	for (cpu = 0; cpu < 8200; cpu++) {
		struct meminspect_current current = { .half = { half, half } };

		current.half[0].task += 16 * cpu;
		current.half[0].stack += 16 * cpu;
		current.half[0].task_size = current.half[0].stack_size = 8;
		current.half[1].task = current.half[0].task + 8;
		current.half[1].stack = current.half[0].stack + 8;
		current.half[1].task_size = current.half[1].stack_size = 8;
		model_seal_half(&current.half[0]);
		model_seal_half(&current.half[1]);
		model_add_current(model, cpu, &current);
	}
	dump = collect(&fake);
	is_number(count_derived(dump), 4 * 8192, "the halves of 8192 CPUs");
	check_verdict(dump, "current", 8191, MEMINSPECT_PRESENT, "");
	check_verdict(dump, "current", 8192, MEMINSPECT_CORRUPT, "can't be");
	meminspect_dump_free(dump);
	model_free(model);
}

int main(void)
{
	context = meminspect_context_new();
	test_check_word();
	test_halves();
	test_known();
	test_hostile();
	test_flips();
	test_places();
	test_many();
	meminspect_context_free(context);
	return done_testing();
}
