// SPDX-License-Identifier: GPL-2.0-only
/* A dump is cut down to a level, and says so wherever it goes. */
#include "sample-core.h"
#include "tap.h"

static struct meminspect_context *context;

static void add(struct meminspect_dump *dump, const char *name, uint16_t class)
{
	static uint64_t paddr = 0x10000000;
	struct meminspect_piece piece = sample_piece(paddr, 0xffff8c0000000000 + paddr, 64, 64);

	paddr += 4096;
	sample_add_region(dump, name, piece.vaddr, &piece, 1, MEMINSPECT_PRESENT, "");
	dump->regions[dump->nr_regions - 1].class = class;
}

/* The addresses that a half names, with its check word by directory.rst: x86's words in turn. */
static void add_current(struct meminspect_dump *dump, uint64_t task, uint64_t stack)
{
	struct meminspect_current current = {
		.half[0] = { .task = task, .task_paddr = 0x1000, .task_size = 64, .stack = stack,
			     .stack_size = 64, .pid = 1, .nr_extents = 1, .extents = { 0x2000 } },
	};
	struct meminspect_piece piece = {
		.paddr = 0x5000, .vaddr = 0xffff8c0000005000, .length = sizeof(current),
		.present = sizeof(current), .data = malloc(sizeof(current)),
	};
	uint64_t words[sizeof(current.half[0]) / 8], check = MEMINSPECT_CURRENT_SEED;

	memcpy(words, &current.half[0], sizeof(words));
	for (unsigned int i = 0; i < sizeof(words) / 8 - 1; i++)
		check ^= i ? words[i] << i | words[i] >> (64 - i) : words[i];
	current.half[0].check = check;
	memcpy((void *)piece.data, &current, sizeof(current));
	sample_add_region(dump, "current", piece.vaddr, &piece, 1, MEMINSPECT_PRESENT, "");
	dump->regions[dump->nr_regions - 1].class = MEMINSPECT_CLASS_CURRENT;
	dump->regions[dump->nr_regions - 1].key_kind = MEMINSPECT_KEY_CPU;
}

static struct meminspect_dump *make(void)
{
	struct meminspect_dump *dump = sample_dump_without_regions();
	uint64_t task, stack;

	add(dump, "prb", MEMINSPECT_CLASS_LOG);
	add(dump, "timer_bases", MEMINSPECT_CLASS_TIME);
	add(dump, "task_struct", MEMINSPECT_CLASS_TASK);
	add(dump, "task_stack", MEMINSPECT_CLASS_TASK);
	add(dump, "task_struct", MEMINSPECT_CLASS_TASK);
	task = dump->regions[dump->nr_regions - 1].vaddr;
	add(dump, "task_stack", MEMINSPECT_CLASS_TASK);
	stack = dump->regions[dump->nr_regions - 1].vaddr;
	add(dump, "pid_node", MEMINSPECT_CLASS_TASK);
	add(dump, "irq_desc", MEMINSPECT_CLASS_IRQ);
	add(dump, "meminspect_directory", MEMINSPECT_CLASS_OTHER);
	add(dump, "meminspect_directory_mirror", MEMINSPECT_CLASS_OTHER);
	memcpy((void *)dump->regions[dump->nr_regions - 1].pieces[0].data,
	       dump->regions[dump->nr_regions - 2].pieces[0].data, 64);
	add(dump, "unknown", 31);
	add(dump, "later", 77);
	add_current(dump, task, stack);
	return dump;
}

static const char *names(const struct meminspect_dump *dump)
{
	static char text[512];

	text[0] = '\0';
	for (size_t i = 0; i < dump->nr_regions; i++) {
		strcat(text, i ? " " : "");
		strcat(text, dump->regions[i].name);
	}
	return text;
}

static void test_level(enum meminspect_level level, bool follows, const char *expected, unsigned int beyond)
{
	struct meminspect_dump *dump = make(), *again;
	char *path = sample_path("level");
	uint64_t nr;

	ok(!meminspect_dump_level(dump, &nr) && !nr, "no level at first");
	is_number(meminspect_limit(context, dump, level, follows), 0, "%s", meminspect_level_name(level));
	is_string(names(dump), expected, "... what is left");
	is_number(meminspect_core_write(context, dump, path), 0, "... is written");
	is_number(meminspect_core_open(context, path, &again), 0, "... and read");
	is_string(names(again), expected, "... as it was");
	is_string(meminspect_dump_level(again, &nr), meminspect_level_name(level), "... with the level");
	is_number(nr, beyond, "... and how much is beyond");
	meminspect_dump_free(again);
	meminspect_dump_free(dump);
	unlink(path);
	free(path);
}

/* Both copies are there if they differ by a byte. */
static void test_mirror(void)
{
	struct meminspect_dump *dump = make();
	const struct meminspect_region *mirror = meminspect_dump_find(dump, "meminspect_directory_mirror", -1);

	((uint8_t *)mirror->pieces[0].data)[63] ^= 1;
	is_number(meminspect_limit(context, dump, MEMINSPECT_LEVEL_SMALL, false), 0, "copies that differ");
	ok(meminspect_dump_find(dump, "meminspect_directory", -1) &&
	   meminspect_dump_find(dump, "meminspect_directory_mirror", -1), "... are both there");
	meminspect_dump_free(dump);
}

/* As many regions as a hostile directory has, in little time: each one alone takes none. */
static void test_many(void)
{
	struct meminspect_dump *dump = make();
	size_t nr = 60000, first = dump->nr_regions;

	dump->regions = reallocarray(dump->regions, first + nr, sizeof(*dump->regions));
	for (; dump->nr_regions < first + nr; dump->nr_regions++) {
		struct meminspect_region *region = &dump->regions[dump->nr_regions];

		*region = (struct meminspect_region) {
			.name = strdup("current"), .why = strdup(""), .class = MEMINSPECT_CLASS_CURRENT,
			.key_kind = MEMINSPECT_KEY_CPU, .vaddr = 0xffff8c0000005000,
		};
	}
	alarm(20);
	is_number(meminspect_limit(context, dump, MEMINSPECT_LEVEL_SMALL, false), 0, "%zu regions more", nr);
	alarm(0);
	is_number(dump->nr_regions, nr + 7, "... are all kept");
	meminspect_dump_free(dump);
}

int main(void)
{
	context = meminspect_context_new();
	test_level(MEMINSPECT_LEVEL_SMALL, false,
		   "prb task_struct task_struct task_stack pid_node meminspect_directory current", 5);
	test_level(MEMINSPECT_LEVEL_DEFAULT, true,
		   "prb timer_bases task_struct task_struct task_stack pid_node irq_desc meminspect_directory current", 3);
	test_level(MEMINSPECT_LEVEL_DEFAULT, false,
		   "prb task_struct task_struct task_stack pid_node irq_desc meminspect_directory current", 4);
	test_mirror();
	test_many();
	is_string(meminspect_level_name(MEMINSPECT_NR_LEVELS), "unknown", "a level that there is not");
	meminspect_context_free(context);
	is_number(sample_end(), 0, "nothing is left behind");
	return done_testing();
}
