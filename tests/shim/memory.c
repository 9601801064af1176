// SPDX-License-Identifier: GPL-2.0-only
/* Physical memory (the test program itself, and an arena of RAM) and what maps it. */
#include <string.h>
#include <sys/mman.h>
#include <asm/sections.h>
#include <linux/gfp.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/vmalloc.h>
#include <linux/slab.h>
#ifdef CONFIG_X86
#include <asm/e820/api.h>
#endif
#include "linux/files/kernel/meminspect/internal.h"

#define RAM_PAGES	(SHIM_RAM_SIZE / PAGE_SIZE)
#define VMALLOC_PAGES	16384UL

char *shim_linear_map;
struct address_space shim_file = { .of_a_file = true };
unsigned long shim_per_cpu_offset[SHIM_CPU_NUMBERS];

static struct page ram[RAM_PAGES];
static struct page image;		/* stands for all pages of the image */
static unsigned long next_page;		/* of RAM, for tests */
static unsigned long free_pages[RAM_PAGES], nr_free_pages;	/* for get_zeroed_page() */
static unsigned long last_page = RAM_PAGES;

/* The linker defines these if there are per-CPU variables. */
extern char __start_shim_percpu[] __attribute__((weak));
extern char __stop_shim_percpu[] __attribute__((weak));

/* Nobody looks at memory through the vmalloc area: addresses are enough. */
static char *vmalloc_area;
static struct page *vmalloc_pages[VMALLOC_PAGES];
static unsigned long next_vmalloc_page;

__attribute__((constructor))
static void map_memory(void)
{
	shim_linear_map = mmap(NULL, SHIM_RAM_SIZE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	vmalloc_area = mmap(NULL, VMALLOC_PAGES * PAGE_SIZE, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (shim_linear_map == MAP_FAILED || vmalloc_area == MAP_FAILED)
		shim_die("mmap() failed");
}

static size_t image_size(void)
{
	return _end - _text;
}

const char shim_image_data[SHIM_IMAGE_DATA_SIZE] __attribute__((aligned(4096))) = { 1 };

phys_addr_t shim_image_paddr(const void *va)
{
	size_t offset = (const char *)va - _text;

	if (offset >= image_size())
		shim_die("__pa_symbol() of what is no symbol");
	/* As the image is page aligned, offsets within pages agree. */
	return SHIM_IMAGE_PADDR + offset;
}

static struct page *page_at(phys_addr_t pa)
{
	if (pa >= SHIM_RAM_PADDR && pa - SHIM_RAM_PADDR < SHIM_RAM_SIZE)
		return &ram[(pa - SHIM_RAM_PADDR) / PAGE_SIZE];
	if (pa >= SHIM_IMAGE_PADDR && pa - SHIM_IMAGE_PADDR < image_size())
		return &image;
	return NULL;
}

struct page *shim_page(phys_addr_t pa)
{
	struct page *page = page_at(pa);

	if (!page)
		shim_die("there is no memory at %#llx", pa);
	return page;
}

phys_addr_t shim_take_pages(unsigned int nr_pages)
{
	phys_addr_t pa = SHIM_RAM_PADDR + next_page * PAGE_SIZE;

	next_page += nr_pages;
	if (next_page > last_page)
		shim_die("the test needs more RAM");
	return pa;
}

unsigned long get_zeroed_page(int gfp)
{
	unsigned long page;
	void *va;

	(void)gfp;
	if (shim_locks_held || shim_in_nmi || !shim_slab_available)
		shim_die("get_zeroed_page() is called where it can't");
	if (!shim_allocations_left)
		return 0;
	shim_allocations_left -= shim_allocations_left > 0;
	shim_allocations++;
	page = nr_free_pages ? free_pages[--nr_free_pages] : --last_page;
	if (last_page < next_page)
		shim_die("the test needs more RAM");
	va = shim_linear_map + page * PAGE_SIZE;
	memset(va, 0, PAGE_SIZE);
	shim_allocated(va, PAGE_SIZE);
	return (unsigned long)va;
}

void *memblock_alloc(phys_addr_t size, phys_addr_t align)
{
	unsigned long nr_pages = DIV_ROUND_UP(size, PAGE_SIZE);
	void *va;

	if (shim_slab_available || align > PAGE_SIZE)
		shim_die("memblock_alloc() is called where it can't");
	if (!shim_allocations_left)
		return NULL;
	shim_allocations_left -= shim_allocations_left > 0;
	last_page -= nr_pages;
	if (last_page < next_page)
		shim_die("the test needs more RAM");
	va = shim_linear_map + last_page * PAGE_SIZE;
	shim_allocated(va, nr_pages * PAGE_SIZE);
	return va;
}

void free_page(unsigned long address)
{
	free_pages[nr_free_pages++] = (address - PAGE_OFFSET) / PAGE_SIZE;
	shim_allocations--;
}

void *shim_vmap(const phys_addr_t *pages, unsigned int nr_pages)
{
	char *va = vmalloc_area + next_vmalloc_page * PAGE_SIZE;
	unsigned int i;

	if (next_vmalloc_page + nr_pages + 1 > VMALLOC_PAGES)
		shim_die("the test needs a larger vmalloc area");
	for (i = 0; i < nr_pages; i++)
		shim_remap(va + i * PAGE_SIZE, pages[i]);
	next_vmalloc_page += nr_pages + 1;
	return va;
}

void shim_remap(void *va, phys_addr_t pa)
{
	vmalloc_pages[((char *)va - vmalloc_area) / PAGE_SIZE] = pa ? shim_page(pa) : NULL;
}

void shim_set_up_per_cpu(void)
{
	size_t size = __stop_shim_percpu - __start_shim_percpu;
	unsigned int cpu;
	phys_addr_t pa;

	for (cpu = 0; cpu < SHIM_CPU_NUMBERS; cpu++) {
		if (!shim_cpu_possible(cpu))
			continue;
		pa = shim_take_pages(DIV_ROUND_UP(size, PAGE_SIZE));
		shim_per_cpu_offset[cpu] = (unsigned long)phys_to_virt(pa) -
					   (unsigned long)__start_shim_percpu;
	}
}

phys_addr_t shim_vmapped(const void *va)
{
	return page_to_phys(vmalloc_to_page(va));
}

int64_t shim_read_physical(void *priv, uint64_t pa, void *buffer, size_t length)
{
	(void)priv;
	if (pa >= SHIM_RAM_PADDR && pa - SHIM_RAM_PADDR <= SHIM_RAM_SIZE - length)
		memcpy(buffer, shim_linear_map + (pa - SHIM_RAM_PADDR), length);
	else if (pa >= SHIM_IMAGE_PADDR && pa - SHIM_IMAGE_PADDR <= image_size() - length)
		memcpy(buffer, _text + (pa - SHIM_IMAGE_PADDR), length);
	else
		return 0;
	return length;
}

/* Until the page allocator is up nobody may look at struct page. */
static void check_time(const char *what)
{
	if (!shim_slab_available)
		shim_die("%s is called too early", what);
}

bool pfn_valid(unsigned long pfn)
{
	const struct page *page = page_at((phys_addr_t)pfn << PAGE_SHIFT);

	check_time("pfn_valid()");
	return page && !page->absent;
}

struct page *pfn_to_page(unsigned long pfn)
{
	struct page *page = page_at((phys_addr_t)pfn << PAGE_SHIFT);

	check_time("pfn_to_page()");
	if (!page || page->absent)
		shim_die("pfn_to_page() of pfn %#lx, which is not valid", pfn);
	return page;
}

phys_addr_t page_to_phys(const struct page *page)
{
	if (page < ram || page >= ram + RAM_PAGES)
		shim_die("page_to_phys() of what is no page");
	return SHIM_RAM_PADDR + (page - ram) * PAGE_SIZE;
}

static bool in_linear_map(const void *va)
{
	return (const char *)va >= shim_linear_map &&
	       (const char *)va < shim_linear_map + SHIM_RAM_SIZE;
}

bool virt_addr_valid(const void *va)
{
	return in_linear_map(va) && pfn_valid(PHYS_PFN(__pa(va)));
}

bool is_vmalloc_or_module_addr(const void *va)
{
	return (const char *)va >= vmalloc_area &&
	       (const char *)va < vmalloc_area + VMALLOC_PAGES * PAGE_SIZE;
}

struct page *vmalloc_to_page(const void *va)
{
	return vmalloc_pages[((const char *)va - vmalloc_area) / PAGE_SIZE];
}

/* Boot time's own idea of memory: it has no struct page. */
bool memblock_is_map_memory(phys_addr_t pa)
{
	const struct page *page = page_at(pa);

	if (shim_slab_available)
		shim_die("memblock_is_map_memory() is called when memblock is gone");
	return page && !page->absent;
}

#ifdef CONFIG_ARM64
bool pfn_is_map_memory(unsigned long pfn)
{
	return shim_page((phys_addr_t)pfn << PAGE_SHIFT)->is_ram;
}
#endif

#ifdef CONFIG_X86
bool e820__mapped_any(u64 start, u64 end, int type)
{
	if (end != start + 1 || type != E820_TYPE_RAM)
		shim_die("e820__mapped_any() is asked what the shim can't tell");
	return shim_page(start)->is_ram;
}
#endif

/* The real one is in pagetable.c, and there are no page tables here. */
void meminspect_mark_tables(const struct inspect_entry *entry)
{
}

char shim_init_memory[64];
