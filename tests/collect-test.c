// SPDX-License-Identifier: GPL-2.0-only
/* Collecting from memory that a model wrote: what is read, and the verdicts. */
#include "fake-source.h"
#include <elf.h>
#include <errno.h>
#include <unistd.h>

#define RAM_BASE 0x40000000ULL
#define RAM_SIZE (1 << 20)

static void test_all(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 2);
	struct fake fake = fake_of(model);
	struct meminspect_dump *dump = collect(&fake);
	const struct meminspect_region *region;
	const struct meminspect_registers *registers;
	uint64_t jiffies = 0;
	size_t i, present = 0;
	int copy;

	ok(fake.searched, "without VMCOREINFO, memory is searched");
	for (i = 0; i < meminspect_dump_nr_regions(dump); i++) {
		region = meminspect_dump_region(dump, i);
		present += region->verdict == MEMINSPECT_PRESENT && !*region->why;
	}
	is_number(meminspect_dump_nr_regions(dump), 5 + MODEL_NR_CPUS + 2,
		  "the model's regions, and both copies of the directory");
	is_number(present, 5 + MODEL_NR_CPUS + 2, "all are present");
	is_number(meminspect_dump_nr_problems(dump), 0, "no problem");
	is_string(meminspect_dump_source(dump), "a model", "the source is named");
	ok(meminspect_dump_collected(dump) > 1700000000, "the time of collecting is there");
	is_string((char *)meminspect_dump_ident(dump)->release, MODEL_RELEASE, "ident");
	is_string((char *)meminspect_dump_capture(dump)->text, "sysrq triggered crash", "capture");
	ok(strstr(meminspect_dump_vmcoreinfo(dump), "\nCRASHTIME=1700000005\n"),
	   "VMCOREINFO is the region");
	is_number(meminspect_dump_read(dump, 0xffffffff9f300040ULL, &jiffies, 8), 0,
		  "jiffies_64 can be read by its virtual address");
	is_number(jiffies, MODEL_JIFFIES, "it has the right value");

	region = meminspect_dump_find(dump, "init_uts_ns", -1);
	ok(region->nr_pieces == 2 && region->pieces[0].length == 350 &&
	   region->pieces[0].vaddr == region->vaddr &&
	   region->pieces[1].vaddr == region->vaddr + 350 &&
	   region->pieces[1].paddr < region->pieces[0].paddr &&
	   region->pieces[0].data[349] == 'a' && region->pieces[1].data[0] == 'b',
	   "a region of two extents has two pieces, in order of virtual addresses");
	for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		region = meminspect_dump_find(dump, copy ? "meminspect_directory_mirror" :
					      "meminspect_directory", -1);
		ok(region->nr_pieces == 1 && region->pieces->paddr == model->chunks[0][copy] &&
		   !memcmp(region->pieces->data, model_at(model, model->chunks[0][copy]), 4096),
		   "copy %d of the directory is a region", copy);
	}

	is_number(meminspect_dump_nr_registers(dump), MODEL_NR_CPUS, "registers of each CPU");
	for (i = 0; i < MODEL_NR_CPUS; i++) {
		registers = meminspect_dump_registers(dump, i);
		if (i == 2)
			ok(registers->source == MEMINSPECT_REGISTERS_NONE && !registers->prstatus,
			   "CPU 2 was not saved");
		else
			ok(registers->source == MEMINSPECT_REGISTERS_KERNEL &&
			   registers->cpu == i && registers->size == MODEL_PRSTATUS_SIZE &&
			   registers->prstatus[112] == MODEL_REGISTER_BYTE(i) &&
			   registers->prstatus[MODEL_PRSTATUS_SIZE - 1] ==
			   (uint8_t)(MODEL_REGISTER_BYTE(i) + MODEL_PRSTATUS_SIZE - 113),
			   "CPU %zu was saved by the kernel", i);
	}
	meminspect_dump_free(dump);
	model_free(model);
}

static void add_at(struct model *model, const char *name, uint64_t paddr, uint64_t length)
{
	const struct meminspect_extent extent = { paddr, length };
	const struct model_region region = { .name = name, .nr_extents = 1, .extents = &extent };

	model_add_region(model, &region);
}

static void test_missing(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 2);
	struct fake fake = fake_of(model);
	const struct meminspect_region *region;
	struct meminspect_dump *dump;
	const char *long_name = "its row is damaged";
	const uint32_t row = model->used_rows;
	int copy;

	add_at(model, long_name, RAM_BASE, 16);
	for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		((struct meminspect_region_row *)model_row(model, row, copy))->size = 17;
		model_seal_row(model, row, copy);
	}
	add_at(model, "below", RAM_BASE - 4096, 4096);
	add_at(model, "behind", RAM_BASE + RAM_SIZE, 1);
	add_at(model, "over the end", RAM_BASE + RAM_SIZE - 100, 4096);
	add_at(model, "absurd", RAM_BASE, (1ULL << 30) + 1);
	add_at(model, "unaddressable", (1ULL << 52) - 1, 2);
	add_at(model, "unaddressable too", 1ULL << 63, 8);
	add_at(model, "much of nothing", 1ULL << 40, 1000U << 20);
	dump = collect(&fake);
	check_verdict(dump, long_name, -1, MEMINSPECT_CORRUPT, "its size is 17");
	check_verdict(dump, "below", -1, MEMINSPECT_ABSENT, "4096 of 4096 bytes are missing");
	check_verdict(dump, "behind", -1, MEMINSPECT_ABSENT, "0x40100000");
	check_verdict(dump, "over the end", -1, MEMINSPECT_TRUNCATED, "3996 of 4096");
	region = meminspect_dump_find(dump, "over the end", -1);
	ok(region->pieces->present == 100 && region->pieces->data[99] == 0xa5,
	   "what is there of it is kept");
	check_verdict(dump, "absurd", -1, MEMINSPECT_CORRUPT, "1073741825 bytes");
	check_verdict(dump, "unaddressable", -1, MEMINSPECT_CORRUPT, "52 bits");
	check_verdict(dump, "unaddressable too", -1, MEMINSPECT_CORRUPT, "52 bits");
	check_verdict(dump, "much of nothing", -1, MEMINSPECT_ABSENT, "0x10000000000");
	check_verdict(dump, "linux_banner", -1, MEMINSPECT_PRESENT, "");
	meminspect_dump_free(dump);

	fake.bad_page = RAM_BASE + RAM_SIZE - 1;
	fake.bad_error = -EIO;
	dump = collect(&fake);
	check_verdict(dump, "over the end", -1, MEMINSPECT_ABSENT, "the disk is broken");
	meminspect_dump_free(dump);
	fake.bad_page = model->chunks[0][0];
	dump = collect(&fake);
	ok(has_problem(dump, "the disk is broken"), "a broken copy of the directory is reported");
	check_verdict(dump, "linux_banner", -1, MEMINSPECT_PRESENT, "");
	check_verdict(dump, "meminspect_directory", -1, MEMINSPECT_ABSENT, "the disk is broken");
	meminspect_dump_free(dump);
	fake.bad_error = -ENOTCONN;
	is_number(meminspect_collect(context, &fake.memory, &dump), -ENOTCONN,
		  "a source that is gone ends it");
	is_string(meminspect_error(context), "the disk is broken", "with its reason");
	model_free(model);
}

static void spoil(struct model *model, const char *name, uint32_t key, size_t at, uint8_t with)
{
	uint32_t i;

	for (i = 0; i < model->used_rows; i++) {
		const struct meminspect_region_row *row = model_row(model, i, 0);

		if (!strcmp((char *)row->name, name) && row->key == key)
			((uint8_t *)model_at(model, row->paddr))[at] = with;
	}
}

static void test_contents(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 2);
	struct fake fake = fake_of(model);
	struct meminspect_dump *dump;
	int copy, i;

	spoil(model, "linux_banner", 0, 3, 'X');
	spoil(model, "vmcoreinfo", 0, 2, 'X');
	spoil(model, "crash_note", 0, 0, 0xff);		/* size of the name */
	spoil(model, "crash_note", 1, 4, 332 & 0xff);	/* size of the registers, which fits */
	spoil(model, "crash_note", 3, 12, 'X');		/* the name */
	dump = collect(&fake);
	check_verdict(dump, "linux_banner", -1, MEMINSPECT_CORRUPT, "Linux version");
	check_verdict(dump, "vmcoreinfo", -1, MEMINSPECT_CORRUPT, "OSRELEASE");
	ok(!meminspect_dump_vmcoreinfo(dump), "it is not taken for VMCOREINFO");
	check_verdict(dump, "crash_note", 0, MEMINSPECT_CORRUPT, "NT_PRSTATUS");
	check_verdict(dump, "crash_note", 1, MEMINSPECT_CORRUPT, "NT_PRSTATUS");
	check_verdict(dump, "crash_note", 2, MEMINSPECT_PRESENT, "");
	check_verdict(dump, "crash_note", 3, MEMINSPECT_CORRUPT, "NT_PRSTATUS");
	is_number(meminspect_dump_registers(dump, 0)->source, MEMINSPECT_REGISTERS_NONE,
		  "no registers come from them");
	meminspect_dump_free(dump);
	model_free(model);

	model = model_dead_kernel(RAM_BASE, RAM_SIZE, 2);
	fake = fake_of(model);
	spoil(model, "linux_banner", 0, 14, '7');
	spoil(model, "vmcoreinfo", 0, 10, '7');
	dump = collect(&fake);
	check_verdict(dump, "linux_banner", -1, MEMINSPECT_CORRUPT, "identification block");
	check_verdict(dump, "vmcoreinfo", -1, MEMINSPECT_CORRUPT, "identification block");
	meminspect_dump_free(dump);
	model_free(model);

	/* One release is the start of the other. */
	for (i = 0; i < 2; i++) {
		model = model_dead_kernel(RAM_BASE, RAM_SIZE, 2);
		fake = fake_of(model);
		for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
			model_ident(model, copy)->release[i ? strlen(MODEL_RELEASE) : 7] = i ? '+' : 0;
			model_seal_ident(model, copy);
		}
		dump = collect(&fake);
		check_verdict(dump, "linux_banner", -1, MEMINSPECT_CORRUPT, "identification block");
		check_verdict(dump, "vmcoreinfo", -1, MEMINSPECT_CORRUPT, "identification block");
		meminspect_dump_free(dump);
		model_free(model);
	}
}

/* Of a machine whose registers are not known, those of a size that no core can have are none. */
static void test_odd_registers(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 2);
	struct fake fake = fake_of(model);
	struct meminspect_registers odd = { .cpu = 1, .size = 5000, .prstatus = calloc(1, 5000) };
	struct meminspect_dump *dump, *again = NULL;
	char folder[] = "/tmp/collect-test.XXXXXX", core[64];

	for (int copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		model_ident(model, copy)->machine = EM_RISCV;
		model_seal_ident(model, copy);
	}
	for (uint32_t cpu = 0; cpu < 2; cpu++) {	/* 32 bytes: without an end of pr_pid */
		spoil(model, "crash_note", cpu, 4, 32);
		spoil(model, "crash_note", cpu, 5, 0);
	}
	fake.memory.registers = &odd;
	fake.memory.nr_registers = 1;
	dump = collect(&fake);
	check_verdict(dump, "crash_note", 0, MEMINSPECT_CORRUPT, "NT_PRSTATUS");
	ok(!meminspect_dump_registers(dump, 0)->prstatus && !meminspect_dump_registers(dump, 1)->prstatus,
	   "registers of an impossible size are not taken");
	if (!mkdtemp(folder))
		abort();
	snprintf(core, sizeof(core), "%s/core", folder);
	is_number(meminspect_core_write(context, dump, core), 0, "... the core without them");
	is_number(meminspect_core_open(context, core, &again), 0, "... opens");
	unlink(core);
	rmdir(folder);
	meminspect_dump_free(again);
	meminspect_dump_free(dump);
	model_free(model);
	free((void *)odd.prstatus);
}

/* Where reading failed, whoever copied RAM may have left zeros. */
static void test_zeros(bool all)
{
	static const uint8_t zeros[64], last[64] = { [63] = 1 };
	static const char *const never_zero[] = {
		"prb", "printk_rb_static", "prb_descs", "prb_infos", "nr_cpu_ids", "nr_irqs",
		"node_states", "page_offset_base", "vmalloc_base", "vmemmap_base",
	};
	enum meminspect_verdict expected = all ? MEMINSPECT_CORRUPT : MEMINSPECT_PRESENT;
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 2);
	struct fake fake = fake_of(model);
	struct meminspect_dump *dump;
	size_t i;

	for (i = 0; i < 8u - !all; i++)
		spoil(model, "jiffies_64", 0, i, 0);
	spoil(model, "__cpu_possible_mask", 0, 0, !all);
	for (i = 0; i < ARRAY_SIZE(never_zero); i++)
		model_add_bytes(model, never_zero[i], 0, 0, all ? zeros : last, sizeof(zeros));
	model_add_bytes(model, "tainted_mask", 0, 0, zeros, 8);
	dump = collect(&fake);
	check_verdict(dump, "jiffies_64", -1, expected, all ? "zero" : "");
	check_verdict(dump, "__cpu_possible_mask", -1, expected, all ? "zero" : "");
	for (i = 0; i < ARRAY_SIZE(never_zero); i++)
		check_verdict(dump, never_zero[i], -1, expected, all ? "zero" : "");
	check_verdict(dump, "tainted_mask", -1, MEMINSPECT_PRESENT, "");
	is_number(meminspect_dump_nr_registers(dump), all ? MODEL_NR_CPUS : 1,
		  "a mask of zeros does not make all CPUs impossible");
	meminspect_dump_free(dump);
	model_free(model);
}

static void test_left_out(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 2);
	struct fake fake = fake_of(model);
	const struct meminspect_region *region;
	struct meminspect_dump *dump;
	uint64_t present = 0;
	size_t i;

	model_add_left_out(model, "secret", MEMINSPECT_CLASS_TASK, 1ULL << 40, 1);
	model_add_left_out(model, "large", MEMINSPECT_CLASS_SYMBOLS, 4096, 2);
	model_add_left_out(model, "odd", MEMINSPECT_CLASS_SYMBOLS, 4096, 3);
	dump = collect(&fake);
	check_verdict(dump, "secret", -1, MEMINSPECT_LEFT_OUT, "denied by policy");
	check_verdict(dump, "large", -1, MEMINSPECT_LEFT_OUT, "left out for the byte budget");
	check_verdict(dump, "odd", -1, MEMINSPECT_CORRUPT, "reason 3");
	region = meminspect_dump_find(dump, "secret", -1);
	ok(region->class == MEMINSPECT_CLASS_TASK && region->size == 1ULL << 40 && !region->vaddr &&
	   !region->nr_pieces, "it has class and size, but no address");
	for (i = 0; i < meminspect_dump_nr_regions(dump); i++)
		present += meminspect_dump_region(dump, i)->verdict == MEMINSPECT_PRESENT;
	is_number(present, 5 + MODEL_NR_CPUS + 2, "the others are present");
	is_number(meminspect_dump_nr_problems(dump), 0, "it is no problem");
	meminspect_dump_free(dump);
	model_free(model);
}

static void test_names(void)
{
	static const char *const classes[] = {
		"other", "log", "identity", "cpu", "task", "mm", "irq", "time", "symbols", "types",
		"driver", "current", "stack", "module", "config", "pagetable", "sched", "unknown",
	};
	static const char *const keys[] = { "", "cpu", "node", "pid", "number", "key" };
	uint16_t i;

	for (i = 0; i < ARRAY_SIZE(classes); i++)
		is_string(meminspect_class_name(i), classes[i], "class %u", i);
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		is_string(meminspect_key_name(i), keys[i], "kind of key %u", i);
	is_string(meminspect_verdict_name(MEMINSPECT_LEFT_OUT), "left-out", "verdict");
}

static void test_many_extents(void)
{
	enum { MANY = 1 << 18 };
	struct model *model = model_new(RAM_BASE, 1 << 26);
	struct meminspect_extent *extents = calloc(MANY, sizeof(*extents));
	const struct model_region many = {
		.name = "many", .nr_extents = MANY, .extents = extents,
	};
	struct fake fake = fake_of(model);
	char path[] = "/tmp/collect-test-XXXXXX";
	struct meminspect_dump *dump;
	size_t i;

	for (i = 0; i < MANY; i++)
		extents[i] = (struct meminspect_extent) { RAM_BASE + 2 * i, 1 };
	model_add_region(model, &many);
	model_add_bytes(model, "few", 0, 0, "few", 3);
	dump = collect(&fake);
	check_verdict(dump, "many", -1, MEMINSPECT_ABSENT, "262144 extents");
	check_verdict(dump, "few", -1, MEMINSPECT_PRESENT, "");
	close(mkstemp(path));
	unlink(path);
	is_number(meminspect_core_write(context, dump, path), 0,
		  "one region of too many extents leaves the others their core");
	unlink(path);
	meminspect_dump_free(dump);
	free(extents);
	model_free(model);
}

static void test_source(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 2);
	struct fake fake = fake_of(model);
	uint8_t prstatus[MODEL_PRSTATUS_SIZE] = { [112] = 0xee };
	struct meminspect_registers registers[] = {
		{ 0, MEMINSPECT_REGISTERS_QEMU, sizeof(prstatus), prstatus },
		{ 2, MEMINSPECT_REGISTERS_QEMU, sizeof(prstatus), prstatus },
		{ 9, MEMINSPECT_REGISTERS_QEMU, sizeof(prstatus), prstatus },
	};
	const struct meminspect_registers *found;
	struct meminspect_dump *dump;
	char text[200];

	snprintf(text, sizeof(text), "OSRELEASE=old\n%s=0x%llx\n%s=0x%llx\n",
		 MEMINSPECT_VMCOREINFO_KEY0, (unsigned long long)model->chunks[0][0],
		 MEMINSPECT_VMCOREINFO_KEY1, (unsigned long long)model->chunks[0][1]);
	fake.memory.vmcoreinfo = text;
	fake.memory.registers = registers;
	fake.memory.nr_registers = 3;
	dump = collect(&fake);
	ok(!fake.searched, "with VMCOREINFO, nothing is searched");
	ok(strstr(meminspect_dump_vmcoreinfo(dump), "CRASHTIME"), "the region's text goes first");
	is_number(meminspect_dump_nr_registers(dump), MODEL_NR_CPUS, "an impossible CPU has none");
	found = meminspect_dump_registers(dump, 0);
	ok(found->source == MEMINSPECT_REGISTERS_KERNEL &&
	   found->prstatus[112] == MODEL_REGISTER_BYTE(0), "what the kernel saved goes first");
	found = meminspect_dump_registers(dump, 2);
	ok(found->source == MEMINSPECT_REGISTERS_QEMU && found->prstatus[112] == 0xee,
	   "where it saved none, the source's registers are taken");
	meminspect_dump_free(dump);

	registers[1].size = 144;
	spoil(model, "vmcoreinfo", 0, 2, 'X');
	dump = collect(&fake);
	is_number(meminspect_dump_registers(dump, 2)->source, MEMINSPECT_REGISTERS_NONE,
		  "registers of another machine's size are not taken");
	is_string(meminspect_dump_vmcoreinfo(dump), text,
		  "without a good region, the source's VMCOREINFO is taken");
	meminspect_dump_free(dump);

	snprintf(text, sizeof(text), "OSRELEASE=old\n%s=0x%llx\n", MEMINSPECT_VMCOREINFO_KEY0,
		 (unsigned long long)RAM_BASE);
	dump = collect(&fake);
	ok(fake.searched && has_problem(dump, "lead nowhere"),
	   "addresses in VMCOREINFO that lead nowhere are reported, and memory is searched");
	ok(has_problem(dump, "0x40000000"), "VMCOREINFO of another boot is reported");
	meminspect_dump_free(dump);

	strcpy(text, "OSRELEASE=old\nPAGESIZE=40");
	dump = collect(&fake);
	is_string(meminspect_dump_vmcoreinfo(dump), "OSRELEASE=old\n",
		  "a line of VMCOREINFO that was cut is left out");
	ok(has_problem(dump, "PAGESIZE=40"), "it is reported");
	meminspect_dump_free(dump);

	fake.searched = false;
	strcpy(text, "OSRELEASE=old\n");
	dump = collect(&fake);
	ok(fake.searched && has_problem(dump, MEMINSPECT_VMCOREINFO_KEY0),
	   "so is VMCOREINFO without the keys");
	meminspect_dump_free(dump);
	model_free(model);
}

static void test_cpus(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 9);
	struct fake fake = fake_of(model);
	struct meminspect_dump *dump;
	int copy;

	spoil(model, "__cpu_possible_mask", 0, 0, 0x85);
	dump = collect(&fake);
	ok(meminspect_dump_nr_registers(dump) == 2 && meminspect_dump_registers(dump, 1)->cpu == 2,
	   "only CPUs that are possible, and below nr_cpus, have registers");
	meminspect_dump_free(dump);

	/* Row 5 is the mask. */
	model_empty_row(model, 5);
	for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		model_ident(model, copy)->nr_cpus = 3;
		model_seal_ident(model, copy);
	}
	dump = collect(&fake);
	is_number(meminspect_dump_nr_registers(dump), 3, "without the mask, all up to nr_cpus have");
	meminspect_dump_free(dump);

	for (copy = 0; copy < MEMINSPECT_COPIES; copy++)
		model_ident(model, copy)->record.state = 0;
	dump = collect(&fake);
	is_number(meminspect_dump_nr_registers(dump), 4, "without both, those that were saved");
	ok(!meminspect_dump_ident(dump), "a lost identification block is not made up");
	ok(has_problem(dump, "identification block is lost"), "it is reported");
	meminspect_dump_free(dump);
	model_free(model);
}

static void test_strings(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 9);
	struct fake fake = fake_of(model);
	struct meminspect_dump *dump;
	int copy;

	for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
		struct meminspect_ident *ident = model_ident(model, copy);
		struct meminspect_capture *capture = model_capture(model, copy);

		memset(ident->release, 'r', sizeof(ident->release));
		ident->build_id_size = 21;
		model_seal_ident(model, copy);
		memset(capture->comm, 'c', sizeof(capture->comm));
		memset(capture->text, 't', sizeof(capture->text));
		model_seal_capture(model, copy);
	}
	dump = collect(&fake);
	is_number(strlen((char *)meminspect_dump_ident(dump)->release),
		  MEMINSPECT_RELEASE_SIZE - 1, "release is terminated");
	is_number(strlen((char *)meminspect_dump_capture(dump)->comm), MEMINSPECT_COMM_SIZE - 1,
		  "comm is terminated");
	is_number(strlen((char *)meminspect_dump_capture(dump)->text), MEMINSPECT_TEXT_SIZE - 1,
		  "text is terminated");
	is_number(meminspect_dump_ident(dump)->build_id_size, 0, "an impossible build-id is none");
	meminspect_dump_free(dump);
	model_free(model);
}

int main(void)
{
	context = meminspect_context_new();
	test_all();
	test_missing();
	test_contents();
	test_odd_registers();
	test_zeros(true);
	test_zeros(false);
	test_left_out();
	test_names();
	test_many_extents();
	test_source();
	test_cpus();
	test_strings();
	meminspect_context_free(context);
	return done_testing();
}
