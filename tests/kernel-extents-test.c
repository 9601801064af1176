// SPDX-License-Identifier: GPL-2.0-only
/* Every kind of address, and what is refused because of what is behind it. */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <asm/sections.h>
#include "linux/files/kernel/meminspect/internal.h"
#include "shim.h"
#include "tap.h"

#define MAX_RUNS 64

static struct meminspect_extent runs[MAX_RUNS];
static int nr_runs;
static char in_image[3 * 4096];

static void note_run(void *priv, phys_addr_t pa, size_t length)
{
	(void)priv;
	if (nr_runs == MAX_RUNS)
		shim_die("more runs than expected");
	runs[nr_runs].paddr = pa;
	runs[nr_runs++].length = length;
}

static int walk(const void *va, phys_addr_t pa, size_t size)
{
	nr_runs = 0;
	return meminspect_walk_extents(va, pa, size, note_run, NULL);
}

/* One run, at the place and of the length that it was asked for. */
static void one_run(const void *va, phys_addr_t pa, size_t size, phys_addr_t expected,
		    const char *name)
{
	ok(walk(va, pa, size) == 1 && nr_runs == 1 && runs[0].paddr == expected &&
	   runs[0].length == size, "%s: one run", name);
}

static void refused(const void *va, phys_addr_t pa, size_t size, int error, const char *name)
{
	is_number(walk(va, pa, size), error, "%s: refused", name);
}

static void image(void)
{
	phys_addr_t pa = SHIM_IMAGE_PADDR + (in_image - __executable_start);

	one_run(in_image, 0, sizeof(in_image), pa, "kernel image");
	one_run(in_image + 5, 0, 1, pa + 5, "one byte of the image");
	one_run(__executable_start, 0, 64, SHIM_IMAGE_PADDR, "start of the image");
	one_run(NULL, pa + 7, 9000, pa + 7, "image, by physical address");
	refused(in_image, 0, 1 << 30, -EFAULT, "beyond the end of the image");
}

static void linear_map(void)
{
	phys_addr_t pa = shim_take_pages(4);

	one_run(phys_to_virt(pa), 0, 4 * PAGE_SIZE, pa, "whole pages");
	one_run(phys_to_virt(pa + 4095), 0, 2, pa + 4095, "two bytes in two pages");
	one_run(NULL, pa + 100, 8192, pa + 100, "physical address");
	one_run(NULL, SHIM_RAM_PADDR, 1, SHIM_RAM_PADDR, "first byte of RAM");
	one_run(NULL, SHIM_RAM_PADDR + SHIM_RAM_SIZE - 1, 1, SHIM_RAM_PADDR + SHIM_RAM_SIZE - 1,
		"last byte of RAM");
	one_run(NULL, 0xfffff000, 8192, 0xfffff000, "across 4 GiB");
	one_run(phys_to_virt(0xfffff800), 0, 4096, 0xfffff800, "across 4 GiB by virtual address");
	refused(NULL, SHIM_RAM_PADDR + SHIM_RAM_SIZE - 1, 2, -EFAULT, "beyond the last byte");
	refused(phys_to_virt(SHIM_RAM_PADDR + SHIM_RAM_SIZE - 1), 0, 2, -EFAULT,
		"beyond the last byte by virtual address");
	refused(NULL, SHIM_RAM_PADDR - 1, 1, -EFAULT, "no memory there");
	refused(NULL, 0xfffffffffffff000ULL, 4096, -EFAULT, "last physical page");
	refused((void *)0x1000, 0, 1, -EFAULT, "a user address");
	refused((void *)-4096L, 0, 4096, -EFAULT, "last virtual page");
	ok(meminspect_phys_to_virt(pa) == phys_to_virt(pa), "virtual address of RAM");
}

static void vmalloc_area(void)
{
	phys_addr_t pa = shim_take_pages(8);
	/* Two neighbours, one that goes back, one before both, and one twice. */
	const phys_addr_t pages[] = {
		pa + 2 * PAGE_SIZE, pa + 3 * PAGE_SIZE, pa + 3 * PAGE_SIZE, pa, pa + PAGE_SIZE,
		pa + 7 * PAGE_SIZE,
	};
	char *va = shim_vmap(pages, 6);

	one_run(va, 0, 2 * PAGE_SIZE, pages[0], "neighbours in vmalloc");
	one_run(va + PAGE_SIZE + 5, 0, 50, pages[1] + 5, "inside a page in vmalloc");

	is_number(walk(va + 10, 0, 5 * PAGE_SIZE + 20), 4, "a vmalloc range has four runs");
	ok(nr_runs == 4 && runs[0].paddr == pages[0] + 10 && runs[0].length == 2 * PAGE_SIZE - 10 &&
	   runs[1].paddr == pages[2] && runs[1].length == PAGE_SIZE &&
	   runs[2].paddr == pa && runs[2].length == 2 * PAGE_SIZE &&
	   runs[3].paddr == pages[5] && runs[3].length == 30, "the runs are where the pages are");
	is_number(meminspect_walk_extents(va + 10, 0, 5 * PAGE_SIZE + 20, NULL, NULL), 4,
		  "and are counted without a function to call");

	ok(meminspect_needs_tables(va) && !meminspect_needs_tables(in_image) &&
	   !meminspect_needs_tables(phys_to_virt(pa)), "of all, only vmalloc needs page tables");
	refused(va, 0, 6 * PAGE_SIZE + 1, -EFAULT, "the guard page behind a vmalloc range");
	shim_remap(va + 3 * PAGE_SIZE, 0);
	refused(va, 0, 6 * PAGE_SIZE, -EFAULT, "a hole in a vmalloc range");
	one_run(va, 0, 3 * PAGE_SIZE - PAGE_SIZE, pages[0], "the part before the hole");
}

static void kinds_of_memory(void)
{
	phys_addr_t pa = shim_take_pages(3);
	phys_addr_t middle = pa + PAGE_SIZE;
	char *va = phys_to_virt(pa);
	char *mapped = shim_vmap(&middle, 1);
	struct page *page = shim_page(middle);

	page->reserved = true;
	refused(va, 0, 3 * PAGE_SIZE, -EFAULT, "a reserved page that is no RAM");
	refused(mapped, 0, 1, -EFAULT, "that page through vmalloc");
	refused(NULL, middle, 1, -EFAULT, "that page by physical address");
	one_run(va, 0, PAGE_SIZE, pa, "the page before it");
	page->is_ram = true;
	one_run(va, 0, 3 * PAGE_SIZE, pa, "a reserved page that is RAM");
	page->reserved = false;

	page->zone_device = true;
	refused(va, 0, 3 * PAGE_SIZE, -EFAULT, "device memory with struct page");
	refused(mapped, 0, 1, -EFAULT, "that page through vmalloc");
	page->zone_device = false;

	page->absent = true;
	refused(va, 0, 3 * PAGE_SIZE, -EFAULT, "a hole in RAM");
	page->absent = false;

	page->poisoned = true;
	refused(va, 0, 3 * PAGE_SIZE, -EFAULT, "a page whose memory is broken");
	page->poisoned = false;
	page->offline = true;
	refused(va, 0, 3 * PAGE_SIZE, -EFAULT, "a page that the hypervisor took away");
	page->offline = false;

	page->mapping = &shim_file;
	refused(va, 0, 3 * PAGE_SIZE, -EACCES, "a page of a file, or of memfd_secret()");
	refused(mapped, 0, 1, -EACCES, "that page through vmalloc");
	refused(NULL, middle, 1, -EACCES, "that page by physical address");
	/* The slab allocator keeps other things in the place of the mapping. */
	page->slab = page->anonymous = page->lru = true;
	one_run(va, 0, 3 * PAGE_SIZE, pa, "a slab page");
	page->slab = page->anonymous = page->lru = false;
	page->mapping = NULL;
	page->anonymous = true;
	refused(va, 0, 3 * PAGE_SIZE, -EACCES, "anonymous memory of a user");
	page->anonymous = false;
	page->lru = true;
	refused(va, 0, 3 * PAGE_SIZE, -EACCES, "memory of a user that has no mapping yet");
	page->lru = false;
	one_run(va, 0, 3 * PAGE_SIZE, pa, "memory of the kernel again");
}

/* The shim dies where struct page is asked for before there is one. */
static void early_boot(void)
{
	phys_addr_t pa = shim_take_pages(3);
	struct page *hole = shim_page(pa + 2 * PAGE_SIZE);

	shim_slab_available = false;
	one_run(in_image, 0, 100, SHIM_IMAGE_PADDR + (in_image - __executable_start),
		"early boot, image");
	one_run(phys_to_virt(pa), 0, 2 * PAGE_SIZE, pa, "early boot, linear map");
	one_run(NULL, pa, 2 * PAGE_SIZE, pa, "early boot, physical address");
	one_run(shim_vmap(&pa, 1), 0, 64, pa, "early boot, vmalloc");
	hole->absent = true;
	refused(phys_to_virt(pa), 0, 3 * PAGE_SIZE, -EFAULT, "early boot, what memblock does not know");
	refused(NULL, 0x1000, 1, -EFAULT, "early boot, no memory there");
	refused((void *)0x1000, 0, 1, -EFAULT, "early boot, a user address");
	hole->absent = false;
	shim_slab_available = true;
}

int main(void)
{
	shim_slab_available = true;
	image();
	linear_map();
	vmalloc_area();
	kinds_of_memory();
	early_boot();
	return done_testing();
}
