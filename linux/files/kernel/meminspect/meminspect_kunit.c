// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table in a running kernel, through every kind of address that it has,
 * and from many contexts at once.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/if.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/irq_work.h>
#include <linux/kasan.h>
#include <linux/kthread.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/pgtable.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <asm/sections.h>

#include "internal.h"

#define SEVERAL_PAGES	(7 * PAGE_SIZE + 24)
#define MAX_SEEN	16

static u64 in_image[3 * PAGE_SIZE / sizeof(u64)];

static s64 mark(const char *name, void *va, size_t size)
{
	const struct inspect_entry want = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = name,
		.va = va,
		.size = size,
	};

	return meminspect_register(&want);
}

static void unmark(void *handle)
{
	meminspect_unregister(*(s64 *)handle);
}

/* What the test leaves marked is unmarked behind it. */
static s64 mark_for_test(struct kunit *test, const char *name, void *va, size_t size)
{
	s64 *handle = kunit_kzalloc(test, sizeof(*handle), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, handle);
	*handle = mark(name, va, size);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unmark, handle), 0);
	return *handle;
}

/* What a consumer sees of the regions of a name and key. */
struct seen {
	const char *name;
	unsigned int key;
	unsigned int count;
	struct inspect_entry entry;
	struct meminspect_extent extents[MAX_SEEN];
};

static void look_at(void *priv, const struct inspect_entry *entry)
{
	struct meminspect_extents extents = { };
	struct seen *seen = priv;
	unsigned int i;

	if (strcmp(entry->name, seen->name) || entry->key != seen->key)
		return;
	seen->count++;
	seen->entry = *entry;
	for (i = 0; i < MAX_SEEN && meminspect_next_extent(entry, &extents); i++) {
		seen->extents[i].paddr = extents.pa;
		seen->extents[i].length = extents.length;
	}
}

static unsigned int look(struct seen *seen, const char *name, unsigned int key)
{
	memset(seen, 0, sizeof(*seen));
	seen->name = name;
	seen->key = key;
	return meminspect_traverse(seen, look_at) ? 0 : seen->count;
}

static unsigned int count_of(const char *name)
{
	struct seen seen;

	return look(&seen, name, 0);
}

static void fill(void *region, size_t size)
{
	u8 *bytes = region;
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = i + (i >> 8) * 7 + (unsigned long)region / 8;
}

/* No translation is asked twice: physical memory has to hold what was written. */
static bool holds(const struct meminspect_extent *extent, const u8 *bytes)
{
	size_t done, step;
	phys_addr_t pa;
	bool same = true;
	u8 *page;

	for (done = 0; same && done < extent->length; done += step) {
		pa = extent->paddr + done;
		step = min_t(size_t, extent->length - done,
			     PAGE_SIZE - offset_in_page(pa));
		page = kmap_local_page(pfn_to_page(PHYS_PFN(pa)));
		same = !memcmp(page + offset_in_page(pa), bytes + done, step);
		kunmap_local(page);
	}
	return same;
}

static void check_seen(struct kunit *test, const struct seen *seen,
		       const void *va, size_t size)
{
	const struct meminspect_extent *extent = seen->extents;
	size_t at = 0;
	unsigned int i;

	KUNIT_EXPECT_PTR_EQ(test, seen->entry.va, kasan_reset_tag(va));
	KUNIT_EXPECT_EQ(test, seen->entry.size, size);
	KUNIT_EXPECT_EQ(test, seen->entry.pa, extent[0].paddr);
	KUNIT_ASSERT_LE(test, seen->entry.nr_extents, MAX_SEEN);
	for (i = 0; i < seen->entry.nr_extents; i++) {
		KUNIT_EXPECT_TRUE(test, holds(&extent[i], va + at));
		at += extent[i].length;
		/* What is contiguous is one extent. */
		if (i)
			KUNIT_EXPECT_NE(test, extent[i].paddr,
					extent[i - 1].paddr + extent[i - 1].length);
	}
	KUNIT_EXPECT_EQ(test, at, size);
}

static void check_row(struct kunit *test, s64 handle)
{
	const struct meminspect_region_row *row;
	void *copy[MEMINSPECT_COPIES];

	meminspect_get_row(lower_32_bits(handle), copy);
	row = copy[0];
	KUNIT_EXPECT_EQ(test, row->record.state, MEMINSPECT_STATE_VALID);
	KUNIT_EXPECT_EQ(test, row->kind, MEMINSPECT_ROW_REGION);
	KUNIT_EXPECT_MEMEQ(test, copy[0], copy[1], MEMINSPECT_ROW_SIZE);
}

static void check_region(struct kunit *test, void *va, size_t size)
{
	const char *name = "kunit_region";
	struct seen seen;
	s64 handle;

	fill(va, size);
	handle = mark(name, va, size);
	KUNIT_ASSERT_GE(test, handle, 0);
	KUNIT_EXPECT_EQ(test, look(&seen, name, 0), 1);
	KUNIT_EXPECT_EQ(test, seen.entry.type, MEMINSPECT_CLASS_DRIVER);
	check_seen(test, &seen, va, size);
	check_row(test, handle);
	KUNIT_EXPECT_EQ(test, meminspect_unregister(handle), 0);
	KUNIT_EXPECT_EQ(test, count_of(name), 0);
}

static void image_test(struct kunit *test)
{
	check_region(test, in_image, sizeof(in_image));
	check_region(test, (u8 *)in_image + 5, 1);
}

static void linear_map_test(struct kunit *test)
{
	u8 *memory = kunit_kmalloc(test, 3 * PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, memory);
	check_region(test, memory, 3 * PAGE_SIZE);
	check_region(test, memory + PAGE_SIZE - 3, 7);
}

static void free_vmalloc(void *memory)
{
	vfree(memory);
}

static void *vmalloc_for_test(struct kunit *test, size_t size)
{
	void *memory = vmalloc(size);

	KUNIT_ASSERT_NOT_NULL(test, memory);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_vmalloc, memory), 0);
	return memory;
}

static void vmalloc_test(struct kunit *test)
{
	u8 *memory = vmalloc_for_test(test, SEVERAL_PAGES);

	check_region(test, memory, SEVERAL_PAGES);
	check_region(test, memory + 100, SEVERAL_PAGES - 200);
}

static void stack_test(struct kunit *test)
{
	u64 words[64];

	check_region(test, words, sizeof(words));
}

/* Pages in the reverse order: no two of them are one extent. */
static void scattered_test(struct kunit *test)
{
	struct page *pages[MAX_SEEN], *block;
	unsigned int i, order = ilog2(MAX_SEEN);
	struct seen seen;
	void *memory;
	s64 handle;

	block = alloc_pages(GFP_KERNEL, order);
	KUNIT_ASSERT_NOT_NULL(test, block);
	for (i = 0; i < MAX_SEEN; i++)
		pages[i] = block + MAX_SEEN - 1 - i;
	memory = vmap(pages, MAX_SEEN, VM_MAP, PAGE_KERNEL);
	if (memory) {
		fill(memory, MAX_SEEN * PAGE_SIZE);
		handle = mark("kunit_scattered", memory, MAX_SEEN * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, look(&seen, "kunit_scattered", 0), 1);
		KUNIT_EXPECT_EQ(test, seen.entry.nr_extents, MAX_SEEN);
		check_seen(test, &seen, memory, MAX_SEEN * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, meminspect_unregister(handle), 0);
		vunmap(memory);
	}
	__free_pages(block, order);
	KUNIT_EXPECT_NOT_NULL(test, memory);
}

struct percpu_words {
	u64 words[32];
};

static void percpu_test(struct kunit *test)
{
	struct percpu_words __percpu *words = alloc_percpu(struct percpu_words);
	struct inspect_entry want = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = "kunit_percpu",
		.size = sizeof(*words),
		.key_kind = MEMINSPECT_KEY_CPU,
	};
	struct seen seen;
	unsigned int cpu;

	KUNIT_ASSERT_NOT_NULL(test, (void __force *)words);
	for_each_possible_cpu(cpu) {
		want.key = cpu;
		want.va = per_cpu_ptr(words, cpu);
		fill(want.va, want.size);
		KUNIT_EXPECT_GE(test, meminspect_register(&want), 0);
	}
	for_each_possible_cpu(cpu) {
		want.va = per_cpu_ptr(words, cpu);
		KUNIT_EXPECT_EQ(test, look(&seen, want.name, cpu), 1);
		KUNIT_EXPECT_EQ(test, seen.entry.key_kind, MEMINSPECT_KEY_CPU);
		check_seen(test, &seen, want.va, want.size);
		KUNIT_EXPECT_EQ(test, meminspect_unregister_va(want.va, want.size), 0);
		KUNIT_EXPECT_EQ(test, look(&seen, want.name, cpu), 0);
	}
	free_percpu(words);
}

static void physical_test(struct kunit *test)
{
	void *memory = kunit_kmalloc(test, 100, GFP_KERNEL);
	struct inspect_entry want = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = "kunit_physical",
		.size = 100,
	};
	struct seen seen;
	phys_addr_t pa;

	KUNIT_ASSERT_NOT_NULL(test, memory);
	fill(memory, 100);
	pa = virt_to_phys(memory);
	want.pa = pa;
	KUNIT_ASSERT_GE(test, meminspect_register(&want), 0);
	KUNIT_EXPECT_EQ(test, look(&seen, want.name, 0), 1);
	check_seen(test, &seen, memory, 100);
	KUNIT_EXPECT_EQ(test, meminspect_unregister_pa(pa, 99), -ENOENT);
	KUNIT_EXPECT_EQ(test, meminspect_unregister_pa(pa, 100), 0);
	KUNIT_EXPECT_EQ(test, meminspect_unregister_pa(pa, 100), -ENOENT);
}

static void expect_refusal(struct kunit *test, const struct inspect_entry *want,
			   int error, enum meminspect_refusal why)
{
	unsigned long before = meminspect_nr_refused(why);
	s64 handle = meminspect_register(want);

	KUNIT_EXPECT_EQ(test, handle, error);
	KUNIT_EXPECT_EQ(test, meminspect_nr_refused(why), before + 1);
	meminspect_unregister(handle);
}

static void invalid_test(struct kunit *test)
{
	const struct inspect_entry good = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = "kunit_invalid",
		.va = in_image,
		.size = sizeof(in_image),
	};
	struct inspect_entry want;

	want = good;
	want.size = 0;
	expect_refusal(test, &want, -EINVAL, MEMINSPECT_REFUSED_INVALID);
	want = good;
	want.size = SIZE_MAX;
	expect_refusal(test, &want, -EINVAL, MEMINSPECT_REFUSED_INVALID);
	want = good;
	want.name = NULL;
	expect_refusal(test, &want, -EINVAL, MEMINSPECT_REFUSED_INVALID);
	want = good;
	want.id = MEMINSPECT_ID_NONE;
	expect_refusal(test, &want, -EINVAL, MEMINSPECT_REFUSED_INVALID);
	want = good;
	want.id = MEMINSPECT_ID_MAX;
	expect_refusal(test, &want, -EINVAL, MEMINSPECT_REFUSED_INVALID);
	want = good;
	want.type = MEMINSPECT_CLASS_MAX;
	expect_refusal(test, &want, -EINVAL, MEMINSPECT_REFUSED_INVALID);
	want = good;
	want.key_kind = MEMINSPECT_KEY_MAX;
	expect_refusal(test, &want, -EINVAL, MEMINSPECT_REFUSED_INVALID);
	want = good;
	want.key = 1;
	expect_refusal(test, &want, -EINVAL, MEMINSPECT_REFUSED_INVALID);
}

static void unmapped_test(struct kunit *test)
{
	struct inspect_entry want = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = "kunit_unmapped",
		.size = 8,
	};

	/* An address of a user */
	want.va = (void *)PAGE_SIZE;
	expect_refusal(test, &want, -EFAULT, MEMINSPECT_REFUSED_NOT_RAM);
	/* The guard page behind what is mapped */
	want.va = vmalloc_for_test(test, PAGE_SIZE);
	want.size = PAGE_SIZE + 1;
	expect_refusal(test, &want, -EFAULT, MEMINSPECT_REFUSED_NOT_RAM);
	/* What will be freed when boot is over */
	want.va = __init_begin;
	want.size = 8;
	expect_refusal(test, &want, -EFAULT, MEMINSPECT_REFUSED_NOT_RAM);
}

static void refuse_user_page(struct kunit *test, unsigned long flag)
{
	struct inspect_entry want = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = "kunit_user",
		.size = 8,
	};
	unsigned long address;
	struct page *page;
	void *alias;

	address = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
				MAP_ANONYMOUS | flag, 0);
	KUNIT_ASSERT_NE(test, address, 0);
	KUNIT_ASSERT_EQ(test, get_user_pages_fast(address, 1, FOLL_WRITE, &page), 1);
	want.pa = page_to_phys(page);
	expect_refusal(test, &want, -EACCES, MEMINSPECT_REFUSED_USER);
	/* By another mapping it is the same page. */
	alias = vmap(&page, 1, VM_MAP, PAGE_KERNEL);
	if (alias) {
		want.va = alias;
		expect_refusal(test, &want, -EACCES, MEMINSPECT_REFUSED_USER);
		vunmap(alias);
	}
	put_page(page);
	KUNIT_EXPECT_NOT_NULL(test, alias);
}

static void user_page_test(struct kunit *test)
{
	refuse_user_page(test, MAP_PRIVATE);
	/* In the page cache of a file */
	refuse_user_page(test, MAP_SHARED);
}

static void class_off_test(struct kunit *test)
{
	struct inspect_entry want = {
		.id = MEMINSPECT_ID_DYNAMIC,
		.name = "kunit_class_off",
		.va = in_image,
		.size = 8,
	};
	unsigned int class;

	for (class = 0; class < MEMINSPECT_CLASS_MAX; class++)
		if (!meminspect_class_enabled(class))
			break;
	if (class == MEMINSPECT_CLASS_MAX)
		kunit_skip(test, "no class is off");
	want.type = class;
	expect_refusal(test, &want, -EPERM, MEMINSPECT_REFUSED_CLASS);
	KUNIT_EXPECT_EQ(test, count_of(want.name), 0);
}

/* Memory that goes away takes what is marked in it along, and nothing else. */
static void drop_range_test(struct kunit *test)
{
	s64 before, within, after;

	before = mark_for_test(test, "kunit_before", in_image, 8);
	within = mark("kunit_within", in_image + 4, 16);
	after = mark_for_test(test, "kunit_after", in_image + 8, 8);
	KUNIT_ASSERT_GE(test, before, 0);
	KUNIT_ASSERT_GE(test, within, 0);
	KUNIT_ASSERT_GE(test, after, 0);
	/* One byte of it is enough. */
	meminspect_drop_range(__pa_symbol(in_image) + 4 * sizeof(u64) + 15, 1);
	KUNIT_EXPECT_EQ(test, count_of("kunit_before"), 1);
	KUNIT_EXPECT_EQ(test, count_of("kunit_within"), 0);
	KUNIT_EXPECT_EQ(test, count_of("kunit_after"), 1);
	KUNIT_EXPECT_EQ(test, meminspect_unregister(within), -ENOENT);
}

/* Memory that was reserved at boot goes to whoever allocates it next. */
static void given_back_test(struct kunit *test)
{
	unsigned long va = __get_free_page(GFP_KERNEL);
	s64 handle;

	KUNIT_ASSERT_NE(test, va, 0UL);
	handle = mark("kunit_given_back", (void *)va, 64);
	KUNIT_EXPECT_GE(test, handle, 0);
	/* This page was counted among those that there are already. */
	adjust_managed_page_count(virt_to_page((void *)va), -1);
	free_reserved_area((void *)va, (void *)(va + PAGE_SIZE), -1, NULL);
	KUNIT_EXPECT_EQ(test, count_of("kunit_given_back"), 0);
	KUNIT_EXPECT_EQ(test, meminspect_unregister(handle), -ENOENT);
}

static bool has_inspect_flag(phys_addr_t pa)
{
	struct memblock_region *region;

	for_each_reserved_mem_region(region)
		if (region->base <= pa && pa < region->base + region->size)
			return region->flags & MEMBLOCK_INSPECT;
	return false;
}

static void mark_by_memblock(struct kunit *test)
{
	phys_addr_t pa = PAGE_ALIGN(__pa_symbol(in_image));

	KUNIT_EXPECT_FALSE(test, has_inspect_flag(pa));
	KUNIT_ASSERT_EQ(test, memblock_mark_inspect(pa, PAGE_SIZE), 0);
	KUNIT_EXPECT_TRUE(test, has_inspect_flag(pa));
	KUNIT_EXPECT_FALSE(test, has_inspect_flag(pa + PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, memblock_mark_inspect(pa, PAGE_SIZE), -EEXIST);
	KUNIT_EXPECT_EQ(test, memblock_clear_inspect(pa, PAGE_SIZE), 0);
	KUNIT_EXPECT_FALSE(test, has_inspect_flag(pa));
	KUNIT_EXPECT_EQ(test, memblock_clear_inspect(pa, PAGE_SIZE), -ENOENT);
}

static void memblock_test(struct kunit *test)
{
	if (IS_ENABLED(CONFIG_ARCH_KEEP_MEMBLOCK))
		mark_by_memblock(test);
	else
		kunit_skip(test, "memblock is gone after boot");
}

static void handle_test(struct kunit *test)
{
	s64 first, second;

	first = mark("kunit_handle", in_image, 8);
	KUNIT_ASSERT_GE(test, first, 0);
	KUNIT_EXPECT_EQ(test, meminspect_unregister(first), 0);
	KUNIT_EXPECT_EQ(test, meminspect_unregister(first), -ENOENT);

	second = mark_for_test(test, "kunit_handle", in_image, 8);
	KUNIT_ASSERT_GE(test, second, 0);
	KUNIT_EXPECT_NE(test, first, second);
	KUNIT_EXPECT_EQ(test, meminspect_unregister(first), -ENOENT);
	/* The handle of the region that was in the row before */
	KUNIT_EXPECT_EQ(test, meminspect_unregister(second - (1LL << 32)), -ENOENT);
	KUNIT_EXPECT_EQ(test, count_of("kunit_handle"), 1);

	KUNIT_EXPECT_EQ(test, meminspect_unregister(-EINVAL), -ENOENT);
	KUNIT_EXPECT_EQ(test, meminspect_unregister(S64_MAX), -ENOENT);
}

static void duplicate_test(struct kunit *test)
{
	u8 *memory = (u8 *)in_image;
	struct inspect_entry want = {
		.id = MEMINSPECT_ID_linux_banner,
		.va = memory,
		.size = 8,
	};

	KUNIT_EXPECT_GE(test, mark_for_test(test, "kunit_twice", memory, 64), 0);
	KUNIT_EXPECT_EQ(test, mark("kunit_twice", memory, 64), -EEXIST);
	KUNIT_EXPECT_EQ(test, mark("kunit_other_name", memory, 64), -EEXIST);
	/* Neither these nor one within another are the same. */
	KUNIT_EXPECT_GE(test, mark_for_test(test, "kunit_shorter", memory, 32), 0);
	KUNIT_EXPECT_GE(test, mark_for_test(test, "kunit_within", memory + 8, 8), 0);
	KUNIT_EXPECT_EQ(test, meminspect_unregister_va(memory, 32), 0);
	KUNIT_EXPECT_EQ(test, count_of("kunit_twice"), 1);
	KUNIT_EXPECT_EQ(test, count_of("kunit_shorter"), 0);

	if (count_of("linux_banner"))
		expect_refusal(test, &want, -EEXIST, MEMINSPECT_REFUSED_EXISTS);
}

struct listener {
	struct notifier_block nb;
	unsigned int added, removed, banners;
};

static int listen(struct notifier_block *nb, unsigned long event, void *data)
{
	struct listener *listener = container_of(nb, struct listener, nb);
	const struct inspect_entry *entry = data;

	if (!strcmp(entry->name, "linux_banner"))
		listener->banners++;
	if (strcmp(entry->name, "kunit_notify"))
		return NOTIFY_DONE;
	if (event == MEMINSPECT_NOTIFIER_ADD)
		listener->added++;
	else
		listener->removed++;
	return NOTIFY_DONE;
}

static void notifier_test(struct kunit *test)
{
	struct listener listener = { .nb.notifier_call = listen };
	s64 handle;

	KUNIT_EXPECT_GE(test, mark("kunit_notify", in_image, 8), 0);
	KUNIT_ASSERT_EQ(test, meminspect_notifier_register(&listener.nb), 0);
	KUNIT_EXPECT_EQ(test, listener.added, 1);
	KUNIT_EXPECT_EQ(test, listener.banners, count_of("linux_banner"));

	handle = mark("kunit_notify", in_image, 16);
	KUNIT_EXPECT_EQ(test, listener.added, 2);
	KUNIT_EXPECT_EQ(test, listener.removed, 0);
	KUNIT_EXPECT_EQ(test, mark("kunit_notify", in_image, 16), -EEXIST);
	KUNIT_EXPECT_EQ(test, listener.added, 2);
	KUNIT_EXPECT_EQ(test, meminspect_unregister(handle), 0);
	KUNIT_EXPECT_EQ(test, listener.removed, 1);

	KUNIT_EXPECT_EQ(test, meminspect_notifier_unregister(&listener.nb), 0);
	KUNIT_EXPECT_EQ(test, meminspect_notifier_unregister(&listener.nb), -ENOENT);
	KUNIT_EXPECT_EQ(test, meminspect_unregister_va(in_image, 8), 0);
	KUNIT_EXPECT_EQ(test, listener.removed, 1);
}

#define NR_TINY		3000
#define TINY		16

/* More than there are rows: the worker has to make some meanwhile. */
static void growth_test(struct kunit *test)
{
	u8 *memory = vmalloc_for_test(test, NR_TINY * TINY);
	unsigned int chunks = READ_ONCE(meminspect_nr_chunks);
	bool enough = READ_ONCE(meminspect_nr_free_rows) >= NR_TINY;
	unsigned int i, waits = 0, marked = 0, unmarked = 0;
	s64 handle;

	for (i = 0; i < NR_TINY; i++) {
		handle = mark("kunit_tiny", memory + i * TINY, TINY);
		while (handle == -ENOSPC && waits++ < 1000) {
			msleep(20);
			handle = mark("kunit_tiny", memory + i * TINY, TINY);
		}
		marked += handle >= 0;
	}
	KUNIT_EXPECT_EQ(test, marked, NR_TINY);
	KUNIT_EXPECT_EQ(test, count_of("kunit_tiny"), NR_TINY);
	if (!enough)
		KUNIT_EXPECT_GT(test, READ_ONCE(meminspect_nr_chunks), chunks);
	for (i = 0; i < NR_TINY; i++)
		unmarked += !meminspect_unregister_va(memory + i * TINY, TINY);
	KUNIT_EXPECT_EQ(test, unmarked, NR_TINY);
	KUNIT_EXPECT_EQ(test, count_of("kunit_tiny"), 0);
}

static void reserve_test(struct kunit *test)
{
	unsigned int wanted = READ_ONCE(meminspect_nr_free_rows) + 200;

	KUNIT_EXPECT_EQ(test, meminspect_reserve(wanted), 0);
	KUNIT_EXPECT_GE(test, READ_ONCE(meminspect_nr_free_rows), wanted);
	KUNIT_EXPECT_EQ(test, meminspect_reserve(UINT_MAX), -ENOSPC);
}

#define NR_CHURNERS	4
#define CHURN_REGIONS	50
#define CHURN_ROUNDS	100

/* A thread that marks and unmarks, and is interrupted by one that does too. */
struct churner {
	u64 memory[2 * CHURN_REGIONS];
	u64 irq_memory[2];
	s64 irq_handle;
	unsigned int interrupts;
	unsigned int failures;
	struct irq_work interrupt;
	struct completion done;
};

static void churn_in_interrupt(struct irq_work *work)
{
	struct churner *churner = container_of(work, struct churner, interrupt);

	churner->interrupts++;
	if (churner->irq_handle >= 0) {
		churner->failures += !!meminspect_unregister(churner->irq_handle);
		churner->irq_handle = -ENOENT;
	} else {
		churner->irq_handle = mark("kunit_churn", churner->irq_memory,
					   sizeof(churner->irq_memory));
		churner->failures += churner->irq_handle < 0;
	}
}

static int churn(void *priv)
{
	struct churner *churner = priv;
	unsigned int round, i, failures = 0;
	s64 handles[CHURN_REGIONS];

	for (round = 0; round < CHURN_ROUNDS; round++) {
		for (i = 0; i < CHURN_REGIONS; i++) {
			handles[i] = mark("kunit_churn", &churner->memory[2 * i],
					  2 * sizeof(u64));
			failures += handles[i] < 0;
			if (!(i % 5))
				irq_work_queue(&churner->interrupt);
		}
		for (i = 0; i < CHURN_REGIONS; i++)
			failures += !!meminspect_unregister(handles[i]);
		cond_resched();
	}
	irq_work_sync(&churner->interrupt);
	if (churner->irq_handle >= 0)
		failures += !!meminspect_unregister(churner->irq_handle);
	churner->failures += failures;
	complete(&churner->done);
	return 0;
}

static void churn_test(struct kunit *test)
{
	struct churner *churners;
	unsigned int i, started = 0;

	churners = kunit_kcalloc(test, NR_CHURNERS, sizeof(*churners), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, churners);
	KUNIT_ASSERT_EQ(test, meminspect_reserve(NR_CHURNERS * (CHURN_REGIONS + 1)), 0);
	for (i = 0; i < NR_CHURNERS; i++) {
		churners[i].irq_handle = -ENOENT;
		churners[i].interrupt = IRQ_WORK_INIT_HARD(churn_in_interrupt);
		init_completion(&churners[i].done);
		if (!IS_ERR(kthread_run(churn, &churners[i], "kunit_churn/%u", i)))
			started++;
		else
			complete(&churners[i].done);
	}
	for (i = 0; i < NR_CHURNERS; i++) {
		wait_for_completion(&churners[i].done);
		KUNIT_EXPECT_EQ(test, churners[i].failures, 0);
		KUNIT_EXPECT_GT(test, churners[i].interrupts, 0);
	}
	KUNIT_EXPECT_EQ(test, started, NR_CHURNERS);
	KUNIT_EXPECT_EQ(test, count_of("kunit_churn"), 0);
}

struct sought {
	const void *va;
	bool found;
};

static void compare_va(void *priv, const struct inspect_entry *entry)
{
	struct sought *sought = priv;

	sought->found |= entry->va == sought->va;
}

static bool is_listed(const void *va)
{
	struct sought sought = { .va = kasan_reset_tag(va) };

	meminspect_traverse(&sought, compare_va);
	return sought.found;
}

/* In the place of a table comes a huge page, where the processor has them. */
static void replace_table(struct kunit *test, unsigned long va, phys_addr_t pa)
{
	void *table;
	s64 handle;

	KUNIT_ASSERT_EQ(test, vmap_page_range(va, va + PAGE_SIZE, pa, PAGE_KERNEL), 0);
	handle = mark_for_test(test, "kunit_table", (void *)va, PAGE_SIZE);
	KUNIT_EXPECT_GE(test, handle, 0);
	table = pte_offset_kernel(pmd_off_k(va), va);
	KUNIT_EXPECT_TRUE(test, is_listed(PTR_ALIGN_DOWN(table, PAGE_SIZE)));
	KUNIT_EXPECT_EQ(test, meminspect_unregister(handle), 0);
	vunmap_range(va, va + PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, is_listed(PTR_ALIGN_DOWN(table, PAGE_SIZE)));

	KUNIT_ASSERT_EQ(test, vmap_page_range(va, va + PMD_SIZE,
					      ALIGN_DOWN(pa, PMD_SIZE),
					      PAGE_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, is_listed(PTR_ALIGN_DOWN(table, PAGE_SIZE)),
			!pmd_leaf(pmdp_get(pmd_off_k(va))));
	vunmap_range(va, va + PMD_SIZE);
}

static void page_table_test(struct kunit *test)
{
	struct vm_struct *area;
	struct page *page;

	if (!meminspect_class_enabled(MEMINSPECT_CLASS_PAGETABLE))
		kunit_skip(test, "the class of page tables is off");
	page = alloc_page(GFP_KERNEL);
	area = get_vm_area(2 * PMD_SIZE, VM_MAP);
	if (page && area)
		replace_table(test, ALIGN((unsigned long)area->addr, PMD_SIZE),
			      page_to_phys(page));
	else
		KUNIT_FAIL(test, "no memory");
	if (area)
		free_vm_area(area);
	if (page)
		__free_page(page);
}

/* The name of a handler is unmarked whatever it is called by then. */
static void renamed_handler_test(struct kunit *test)
{
	struct irqaction *handler = kunit_kzalloc(test, sizeof(*handler), GFP_KERNEL);
	unsigned int nr_names = count_of("irqaction_name");
	char *name = kunit_kzalloc(test, IFNAMSIZ, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, handler);
	KUNIT_ASSERT_NOT_NULL(test, name);
	if (!meminspect_class_enabled(MEMINSPECT_CLASS_IRQ))
		kunit_skip(test, "the class of interrupts is off");
	strscpy(name, "eth0", IFNAMSIZ);
	handler->name = name;
	meminspect_mark_irqaction(0, handler);
	KUNIT_EXPECT_EQ(test, count_of("irqaction_name"), nr_names + 1);
	strscpy(name, "enp0s31f6", IFNAMSIZ);
	meminspect_unmark_irqaction(handler);
	KUNIT_EXPECT_EQ(test, count_of("irqaction_name"), nr_names);
}

static int meminspect_test_init(struct kunit *test)
{
	if (!meminspect_class_enabled(MEMINSPECT_CLASS_DRIVER))
		kunit_skip(test, "the class of drivers is off");
	return 0;
}

static struct kunit_case meminspect_cases[] = {
	KUNIT_CASE(image_test),
	KUNIT_CASE(linear_map_test),
	KUNIT_CASE(vmalloc_test),
	KUNIT_CASE(stack_test),
	KUNIT_CASE(scattered_test),
	KUNIT_CASE(percpu_test),
	KUNIT_CASE(physical_test),
	KUNIT_CASE(drop_range_test),
	KUNIT_CASE(given_back_test),
	KUNIT_CASE(memblock_test),
	KUNIT_CASE(invalid_test),
	KUNIT_CASE(unmapped_test),
	KUNIT_CASE(user_page_test),
	KUNIT_CASE(class_off_test),
	KUNIT_CASE(handle_test),
	KUNIT_CASE(duplicate_test),
	KUNIT_CASE(notifier_test),
	KUNIT_CASE(growth_test),
	KUNIT_CASE(reserve_test),
	KUNIT_CASE(churn_test),
	KUNIT_CASE(page_table_test),
	KUNIT_CASE(renamed_handler_test),
	{}
};

static struct kunit_suite meminspect_suite = {
	.name = "meminspect",
	.init = meminspect_test_init,
	.test_cases = meminspect_cases,
};

kunit_test_suite(meminspect_suite);

MODULE_DESCRIPTION("Tests of the table of marked memory regions");
MODULE_LICENSE("GPL");
