// SPDX-License-Identifier: GPL-2.0-only
/* What others use: annotations, macros, consumers; and what boot marks, in the order of boot. */
#include <linux/errno.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/vmcore_info.h>
#include "kernel-marks.h"
#include "printk/printk_ringbuffer.h"

/* Annotated as the kernel's objects are. */
static long nr_threads;
MEMINSPECT_SIMPLE_ENTRY(nr_threads);
static char masks[24];
MEMINSPECT_NAMED_ENTRY(__cpu_online_mask, masks);
static char tainted_mask[10];
MEMINSPECT_AREA_ENTRY(tainted_mask, 7);

static DEFINE_PER_CPU(long [4], hrtimer_bases);
MEMINSPECT_PERCPU_ENTRY(hrtimer_bases);
static DEFINE_PER_CPU(char, of_a_driver);
MEMINSPECT_DYNAMIC_PERCPU_ENTRY(of_a_driver);

/* What init.c takes from the rest of the kernel. */
const char linux_banner[] = "Linux version of a test\n";
char *saved_command_line;
unsigned char *vmcoreinfo_data;
u32 *vmcoreinfo_note;
static unsigned int idents_written, others_started;

void meminspect_write_ident(void)
{
	idents_written++;
}

void meminspect_mark_symbols(void)
{
	others_started++;
}

void meminspect_mark_memory(void)
{
	others_started++;
}

void meminspect_follow_tasks(void)
{
	others_started++;
}

void vmcoreinfo_append_str(const char *format, ...)
{
	size_t length = strlen((char *)vmcoreinfo_data);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf((char *)vmcoreinfo_data + length, VMCOREINFO_BYTES - length, format, arguments);
	va_end(arguments);
}

static void expect_extent(const char *name, unsigned int class, const void *va, uint64_t pa,
			  size_t size)
{
	const struct meminspect_extent extent = { .paddr = pa, .length = size };

	expect_region(&expected, &(struct expected_region){
		.name = name,
		.class = class,
		.vaddr = (unsigned long)va,
		.nr_extents = 1,
		.extents = &extent,
	});
}

static void expect_symbol(const char *name, unsigned int class, const void *va, size_t size)
{
	expect_extent(name, class, va,
		      SHIM_IMAGE_PADDR + ((const char *)va - __executable_start), size);
}

static void expect_linear(const char *name, unsigned int class, const void *va, size_t size)
{
	expect_extent(name, class, va,
		      SHIM_RAM_PADDR + ((const char *)va - shim_linear_map), size);
}

/* Each possible CPU has its own copy, which the region is keyed by. */
static void expect_per_cpu(const char *name, unsigned int class, const void *variable, size_t size)
{
	unsigned int cpu;

	for (cpu = 0; cpu < SHIM_CPU_NUMBERS; cpu++) {
		char *va = (char *)((unsigned long)variable + shim_per_cpu_offset[cpu]);
		const struct meminspect_extent extent = {
			.paddr = SHIM_RAM_PADDR + (va - shim_linear_map), .length = size,
		};

		if (!shim_cpu_possible(cpu))
			continue;
		expect_region(&expected, &(struct expected_region){
			.name = name,
			.class = class,
			.key_kind = MEMINSPECT_KEY_CPU,
			.key = cpu,
			.vaddr = (unsigned long)va,
			.nr_extents = 1,
			.extents = &extent,
		});
	}
}

static void boot(void)
{
	struct printk_ringbuffer ring = {
		.desc_ring = { .count_bits = 5 },
		.text_data_ring = { .size_bits = 13 },
	};
	const struct meminspect_chunk *head;
	char text[400];

	shim_set_up_per_cpu();
	saved_command_line = phys_to_virt(shim_take_pages(1));
	strcpy(saved_command_line, "console=ttyS0 quiet");
	meminspect_init();
	expect_symbol("nr_threads", MEMINSPECT_CLASS_SCHED, &nr_threads, sizeof(nr_threads));
	expect_symbol("__cpu_online_mask", MEMINSPECT_CLASS_CPU, masks, sizeof(masks));
	expect_symbol("tainted_mask", MEMINSPECT_CLASS_IDENTITY, tainted_mask, 7);
	expect_symbol("linux_banner", MEMINSPECT_CLASS_IDENTITY, linux_banner, 25);
	expect_linear("saved_command_line_text", MEMINSPECT_CLASS_IDENTITY, saved_command_line, 20);
	expect_per_cpu("hrtimer_bases", MEMINSPECT_CLASS_TIME, &hrtimer_bases,
		       4 * sizeof(long));
	expect_per_cpu("of_a_driver", MEMINSPECT_CLASS_DRIVER, &of_a_driver, 1);
	check_published("annotated objects, banner and command line");
	is_number(idents_written, 1, "the identification block is written");
	is_number(others_started, 3, "symbols, memory and tasks are looked after");

	vmcoreinfo_data = phys_to_virt(shim_take_pages(1));
	vmcoreinfo_note = phys_to_virt(shim_take_pages(2));
	strcpy((char *)vmcoreinfo_data, "OSRELEASE=test\n");
	meminspect_mark_vmcoreinfo();
	expect_linear("vmcoreinfo", MEMINSPECT_CLASS_IDENTITY, vmcoreinfo_data, 4096);
	expect_linear("vmcoreinfo_note", MEMINSPECT_CLASS_IDENTITY, vmcoreinfo_note, 4132);
	check_published("VMCOREINFO");
	head = meminspect_get_chunk(0);
	snprintf(text, sizeof(text), "OSRELEASE=test\nNUMBER(meminspect_directory)=0x%llx\n"
		 "NUMBER(meminspect_directory_mirror)=0x%llx\n"
		 "SYMBOL(_text)=%lx\nSYMBOL(_etext)=%lx\nSYMBOL(_sinittext)=%lx\n"
		 "SYMBOL(_einittext)=%lx\nSYMBOL(_end)=%lx\n", head->pa[0], head->pa[1],
		 (unsigned long)__executable_start, (unsigned long)_etext,
		 (unsigned long)_etext, (unsigned long)_etext, (unsigned long)_end);
	is_string((char *)vmcoreinfo_data, text, "VMCOREINFO tells where the head is, and the layout of the image");

	ring.desc_ring.descs = phys_to_virt(shim_take_pages(1));
	ring.desc_ring.infos = phys_to_virt(shim_take_pages(1));
	ring.text_data_ring.data = phys_to_virt(shim_take_pages(2));
	meminspect_mark_log(&ring);
	expect_linear("prb_dynamic_descs", MEMINSPECT_CLASS_LOG, ring.desc_ring.descs,
		      32 * sizeof(struct prb_desc));
	expect_linear("prb_dynamic_infos", MEMINSPECT_CLASS_LOG, ring.desc_ring.infos,
		      32 * sizeof(struct printk_info));
	expect_linear("prb_dynamic_data", MEMINSPECT_CLASS_LOG, ring.text_data_ring.data, 8192);
	check_published("the dynamic ringbuffer");

	shim_slab_available = true;
	shim_run_initcalls();
	shim_run_work();
}

/* Regions go by the name of this function. */
static void macros(void)
{
	void *va = phys_to_virt(shim_take_pages(1));
	phys_addr_t pa = shim_take_pages(1);

	meminspect_register_va(va, 100);
	expect_linear("macros", MEMINSPECT_CLASS_DRIVER, va, 100);
	check_published("meminspect_register_va()");
	is_number(meminspect_unregister_va(va, 100), 0, "meminspect_unregister_va()");
	expect_no_region(&expected, "macros", 0);

	meminspect_lock_register_pa(pa, 200);
	expect_linear("macros", MEMINSPECT_CLASS_DRIVER, phys_to_virt(pa), 200);
	check_published("meminspect_lock_register_pa()");
	is_number(meminspect_lock_unregister_pa(pa, 200), 0, "meminspect_lock_unregister_pa()");
	expect_no_region(&expected, "macros", 0);

	meminspect_register_id_pa(MEMINSPECT_ID_DYNAMIC, pa, 300, MEMINSPECT_CLASS_MM);
	expect_linear("macros", MEMINSPECT_CLASS_MM, phys_to_virt(pa), 300);
	check_published("meminspect_register_id_pa()");
	is_number(meminspect_unregister_pa(pa, 300), 0, "meminspect_unregister_pa()");
	expect_no_region(&expected, "macros", 0);

	meminspect_table_lock();
	meminspect_lock_register_id_va(MEMINSPECT_ID_node_states, va, 64);
	meminspect_table_unlock();
	expect_linear("node_states", MEMINSPECT_CLASS_MM, va, 64);
	check_published("meminspect_lock_register_id_va()");
	is_number(meminspect_lock_unregister_id(MEMINSPECT_ID_node_states), 0,
		  "meminspect_lock_unregister_id()");
	expect_no_region(&expected, "node_states", 0);
	check_published("what boot marked");
}

struct consumer {
	struct notifier_block nb;
	unsigned int added, removed, wrong;
	unsigned int others;		/* events of regions of other names */
	const struct inspect_entry *wanted;
};

static bool is_published(const char *name)
{
	struct directory *directory = read_published();
	bool found = false;
	size_t i;

	for (i = 0; i < directory->nr_regions; i++)
		found |= !directory->regions[i].lost && !strcmp(directory->regions[i].name, name);
	directory_free(directory);
	return found;
}

static int consume(struct notifier_block *nb, unsigned long event, void *data)
{
	struct consumer *consumer = container_of(nb, struct consumer, nb);
	const struct inspect_entry *entry = data;
	struct meminspect_extents extents = { };
	unsigned int nr_extents = 0;

	if (strcmp(entry->name, consumer->wanted->name)) {
		consumer->others++;
		return NOTIFY_DONE;
	}
	consumer->added += event == MEMINSPECT_NOTIFIER_ADD;
	consumer->removed += event == MEMINSPECT_NOTIFIER_REMOVE;
	/* At both events the region is there, with all of its extents. */
	while (meminspect_next_extent(entry, &extents))
		nr_extents += extents.length == PAGE_SIZE;
	consumer->wrong += entry->va != consumer->wanted->va || !is_published(entry->name) ||
			   nr_extents != consumer->wanted->size / PAGE_SIZE;
	return NOTIFY_DONE;
}

static void consumers(void)
{
	struct inspect_entry before = scattered_entry("before", 8);
	struct inspect_entry after = scattered_entry("after", 3);
	struct consumer first = { .nb.notifier_call = consume, .wanted = &before };
	struct consumer second = { .nb.notifier_call = consume, .wanted = &after };
	unsigned int nr_regions = expected.nr, others;
	s64 handle = mark(&before);

	is_number(meminspect_notifier_register(&first.nb), 0, "a consumer comes late");
	ok(first.added == 1 && !first.removed && first.others == nr_regions,
	   "it is told of each region that is there, once");
	is_number(meminspect_notifier_register(&first.nb), -EEXIST, "it can't come twice");
	ok(first.added == 1 && first.others == nr_regions, "and is told nothing");
	is_number(meminspect_notifier_register(&second.nb), 0, "another one comes");
	ok(first.added == 1 && first.others == nr_regions && second.others == nr_regions + 1,
	   "the other one is told, the first one is not");

	mark(&after);
	ok(second.added == 1 && first.others == nr_regions + 1, "both are told of a new region, once");
	others = second.others;
	unmark(handle, &before);
	ok(first.added == 1 && first.removed == 1 && second.others == others + 1,
	   "both are told that one goes, once");
	is_number(meminspect_notifier_unregister(&first.nb), 0, "a consumer goes");
	is_number(meminspect_notifier_unregister(&first.nb), -ENOENT, "and can't go twice");
	others = first.others;
	is_number(meminspect_unregister_va(after.va, after.size), 0, "a region goes");
	expect_no_region(&expected, "after", 0);
	ok(second.removed == 1 && first.others == others, "who went is not told, who stayed is");
	ok(!first.wrong && !second.wrong, "the region was there, whole, whenever they were told");
	is_number(meminspect_notifier_unregister(&second.nb), 0, "the other one goes");
	/* One that is refused is none. */
	is_number(meminspect_notifier_register(&first.nb), 0, "a consumer comes again");
	others = first.others;
	before.size = 0;
	is_number(meminspect_register(&before), -EINVAL, "a region is refused");
	is_number(first.others, others, "nobody is told");
	is_number(meminspect_notifier_unregister(&first.nb), 0, "the consumer goes");
	check_published("what boot marked");
}

struct visitor {
	bool *context;		/* set once the table is locked */
	unsigned int calls;
	struct inspect_entry want;
	s64 handle, results[7];
	unsigned int visited;
};

static void count_call(void *priv, const struct inspect_entry *entry)
{
	unsigned int *calls = priv;

	(void)entry;
	(*calls)++;
}

static int ignore(struct notifier_block *nb, unsigned long event, void *data)
{
	(void)nb;
	(void)event;
	(void)data;
	return NOTIFY_DONE;
}

/* Runs with the table locked, and is taken for an NMI or panic that came upon the holder. */
static void call_all(void *priv, const struct inspect_entry *entry)
{
	struct notifier_block nb = { .notifier_call = ignore };
	struct visitor *visitor = priv;

	(void)entry;
	if (visitor->calls++)
		return;
	*visitor->context = true;
	visitor->results[0] = meminspect_register(&visitor->want);
	visitor->results[1] = meminspect_unregister(visitor->handle);
	visitor->results[2] = meminspect_unregister_id(MEMINSPECT_ID_linux_banner);
	visitor->results[3] = meminspect_unregister_pa(SHIM_RAM_PADDR, 1);
	visitor->results[4] = meminspect_unregister_va((void *)linux_banner, sizeof(linux_banner));
	visitor->results[5] = meminspect_notifier_register(&nb);
	visitor->results[6] = meminspect_notifier_unregister(&nb);
	meminspect_traverse(&visitor->visited, count_call);
	*visitor->context = false;
}

static void upon_the_holder(bool *context, const char *name, unsigned int visited)
{
	struct inspect_entry marked = linear_entry("marked", 8);
	struct visitor visitor = { .context = context, .want = linear_entry("not marked", 8) };
	unsigned long busy = meminspect_nr_refused(MEMINSPECT_REFUSED_BUSY);
	unsigned int i;

	visitor.handle = mark(&marked);
	meminspect_traverse(&visitor, call_all);
	is_number(visitor.calls, expected.nr, "%s: each region is visited once", name);
	for (i = 0; i < ARRAY_SIZE(visitor.results); i++)
		is_number(visitor.results[i], -EBUSY, "%s: call %u fails rather than waits", name, i);
	is_number(visitor.visited, visited, "%s: %u regions are visited", name, visited);
	is_number(meminspect_nr_refused(MEMINSPECT_REFUSED_BUSY), busy + 1, "%s: counted", name);
	check_published("%s: all as it was", name);

	/* Where nobody has the lock, all goes as ever. */
	*context = true;
	unmark(visitor.handle, &marked);
	visitor.handle = mark(&marked);
	visitor.calls = 0;
	meminspect_traverse(&visitor.calls, count_call);
	is_number(visitor.calls, expected.nr, "%s, table not locked: all are visited", name);
	unmark(visitor.handle, &marked);
	*context = false;
	check_published("%s, table not locked", name);
}

/* Only an interrupt may wake the worker: the shim dies where an NMI does. */
static void rows_in_nmi(void)
{
	struct inspect_entry entries[200];
	s64 handles[200];
	char names[200][16];
	unsigned int i;

	shim_in_nmi = true;
	for (i = 0; i < 200; i++) {
		snprintf(names[i], sizeof(names[i]), "nmi %u", i);
		entries[i] = linear_entry(names[i], 8);
		handles[i] = meminspect_register(&entries[i]);
		if (handles[i] < 0)
			break;
		expect_entry(&entries[i]);
	}
	shim_in_nmi = false;
	ok(i < 200 && handles[i] == -ENOSPC, "registrations in NMIs use up all rows");
	check_published("regions marked in NMIs");
	ok(shim_work_pending(), "the worker is wanted");
	shim_run_work();
	handles[i] = mark(&entries[i]);
	do {
		unmark(handles[i], &entries[i]);
	} while (i--);
	check_published("what boot marked");
}

int main(void)
{
	boot();
	macros();
	consumers();
	upon_the_holder(&shim_in_nmi, "NMI", 0);
	upon_the_holder(&shim_in_panic, "panic", expected.nr + 1);
	rows_in_nmi();
	ok(!shim_locks_held, "the table is unlocked");
	expected_free(&expected);
	return done_testing();
}
