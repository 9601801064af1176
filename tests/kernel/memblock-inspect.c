// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes the place of main.c in the kernel's simulator of memblock, which compiles mm/memblock.c in
 * user space, here with CONFIG_MEMINSPECT: what memblock asks meminspect to mark and to unmark, and
 * which flags its regions have then.
 */
#include "tests/common.h"

#include <linux/meminspect.h>
#include <stdio.h>

#define SIZE	SZ_4K

static struct {
	phys_addr_t pa;
	size_t size;
	unsigned int calls;
} marked, unmarked, dropped;

static s64 answer;
static unsigned int tests, failed;

s64 meminspect_register_pa(phys_addr_t pa, size_t size)
{
	marked.pa = pa;
	marked.size = size;
	marked.calls++;
	return answer;
}

int meminspect_unregister(s64 handle)
{
	unmarked.calls++;
	return handle == answer ? 0 : -ENOENT;
}

int meminspect_unregister_pa(phys_addr_t pa, size_t size)
{
	unmarked.pa = pa;
	unmarked.size = size;
	unmarked.calls++;
	return answer < 0 ? answer : 0;
}

void meminspect_drop_range(phys_addr_t pa, phys_addr_t size)
{
	dropped.pa = pa;
	dropped.size = size;
	dropped.calls++;
}

static void ok(bool good, const char *what)
{
	tests++;
	failed += !good;
	printf("%sok %u - %s\n", good ? "" : "not ", tests, what);
}

/* The memory has the flag from its first to its last byte, and nothing else has. */
static bool only_flagged(phys_addr_t pa, phys_addr_t size)
{
	phys_addr_t flagged = 0, within = 0;
	struct memblock_region *region;

	for_each_mem_region(region)
		if (region->flags & MEMBLOCK_INSPECT)
			return false;
	for_each_reserved_mem_region(region) {
		if (!(region->flags & MEMBLOCK_INSPECT))
			continue;
		flagged += region->size;
		if (region->base >= pa && region->base + region->size <= pa + size)
			within += region->size;
	}
	return flagged == size && within == size;
}

static void set_up(s64 next_answer)
{
	reset_memblock_regions();
	setup_memblock();
	/* A neighbour that memblock would merge with what is allocated next to it */
	memblock_alloc(SIZE, SIZE);
	memset(&marked, 0, sizeof(marked));
	memset(&unmarked, 0, sizeof(unmarked));
	memset(&dropped, 0, sizeof(dropped));
	answer = next_answer;
}

static void test_alloc(void)
{
	unsigned int nr_memory;
	phys_addr_t pa;
	void *va;

	set_up(5);
	nr_memory = memblock.memory.cnt;
	pa = memblock_alloc_range_nid(SIZE, SIZE, MEMBLOCK_LOW_LIMIT, MEMBLOCK_ALLOC_INSPECT,
				      NUMA_NO_NODE, false);
	ok(pa && pa >= memblock_start_of_DRAM() && pa + SIZE <= memblock_end_of_DRAM(),
	   "MEMBLOCK_ALLOC_INSPECT is no address: memory comes from where it is");
	ok(marked.calls == 1 && marked.pa == pa && marked.size == SIZE, "and is marked once");
	ok(only_flagged(pa, SIZE), "only it has the flag, in memblock.reserved");
	ok(memblock.memory.cnt == nr_memory, "memblock.memory is not split");

	va = memblock_alloc_try_nid(SIZE, SIZE, MEMBLOCK_LOW_LIMIT, MEMBLOCK_ALLOC_INSPECT,
				    NUMA_NO_NODE);
	ok(va && marked.calls == 2 && marked.pa == virt_to_phys(va),
	   "so is what is asked for by its virtual address");
	memblock_alloc(SIZE, SIZE);
	ok(marked.calls == 2, "other memory is not");

	memblock_phys_free(pa, SIZE);
	ok(dropped.calls == 1 && dropped.pa == pa && dropped.size == SIZE,
	   "memory that goes back is unmarked");
	ok(only_flagged(virt_to_phys(va), SIZE), "and its flag is gone");

	set_up(-ENOSPC);
	pa = memblock_alloc_range_nid(SIZE, SIZE, MEMBLOCK_LOW_LIMIT, MEMBLOCK_ALLOC_INSPECT,
				      NUMA_NO_NODE, false);
	ok(pa && marked.calls == 1 && only_flagged(pa, 0),
	   "memory that cannot be marked is there, without the flag");
}

static void test_mark(void)
{
	phys_addr_t pa;

	set_up(7);
	pa = memblock_phys_alloc(SIZE, SIZE);
	ok(memblock_mark_inspect(pa, SIZE) == 0 && marked.calls == 1 && marked.pa == pa &&
	   marked.size == SIZE, "memblock_mark_inspect() marks");
	ok(only_flagged(pa, SIZE), "and flags");
	ok(memblock_clear_inspect(pa, SIZE) == 0 && unmarked.calls == 1 && unmarked.pa == pa &&
	   unmarked.size == SIZE, "memblock_clear_inspect() unmarks");
	ok(only_flagged(pa, 0), "and clears the flag");

	answer = -EEXIST;
	ok(memblock_mark_inspect(pa, SIZE) == -EEXIST && only_flagged(pa, 0),
	   "what is refused has its error, and no flag");
	answer = -ENOENT;
	ok(memblock_clear_inspect(pa, SIZE) == -ENOENT, "so has what was not marked");
}

int main(void)
{
	dummy_physical_memory_init();
	test_alloc();
	test_mark();
	dummy_physical_memory_cleanup();
	printf("1..%u\n", tests);
	return failed > 0;
}
