// SPDX-License-Identifier: GPL-2.0-only
/*
 * From an address of any kind to the physically contiguous runs behind it.
 *
 * Kernel image, linear map, and everything that page tables map page by page
 * (vmalloc, modules, vmap stacks, per-CPU chunks outside of the linear map)
 * translate differently. This is the one place that knows how.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/memblock.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <asm/sections.h>
#ifdef CONFIG_X86
#include <asm/e820/api.h>
#ifdef CONFIG_X86_64
#include <asm/cpu_entry_area.h>
#define HAS_CPU_ENTRY_AREA
#endif
#endif

#include "internal.h"

/*
 * A reserved page is RAM that was taken during boot, or a hole or device that
 * happens to have a struct page. The resource tree knows which, but has a
 * lock that may not be taken everywhere.
 */
static bool reserved_is_ram(phys_addr_t pa)
{
#if defined(CONFIG_X86)
	return e820__mapped_any(pa, pa + 1, E820_TYPE_RAM);
#elif defined(CONFIG_ARM64)
	return pfn_is_map_memory(PHYS_PFN(pa));
#else
	return true;
#endif
}

/* What a user can see or change is no business of a post-mortem. */
static bool is_user_page(struct page *page)
{
	struct folio *folio = page_folio(page);

	/* In slab pages other things stand in the place of the mapping. */
	return !folio_test_slab(folio) &&
	       (folio_test_anon(folio) || folio_mapping(folio) ||
		folio_test_lru(folio));
}

/* Before the page allocator is up there may be no struct page to ask. */
static int __ref check_page(phys_addr_t pa)
{
	struct page *page;

	if (!slab_is_available())
		return memblock_is_map_memory(pa) ? 0 : -EFAULT;
	page = pfn_to_online_page(PHYS_PFN(pa));
	if (!page)
		return -EFAULT;
	if (is_zone_device_page(page) || PageHWPoison(page) || PageOffline(page) ||
	    (PageReserved(page) && !reserved_is_ram(pa)))
		return -EFAULT;
	return is_user_page(page) ? -EACCES : 0;
}

static bool in_kernel_image(const void *va)
{
	return va >= (const void *)_text && va < (const void *)_end;
}

static bool in_linear_map(const void *va)
{
	if (slab_is_available())
		return virt_addr_valid(va);
	/* On 32 bit the vmalloc area has no start yet. */
	return (unsigned long)va >= PAGE_OFFSET &&
	       !(IS_ENABLED(CONFIG_64BIT) && is_vmalloc_or_module_addr(va));
}

#ifdef HAS_CPU_ENTRY_AREA
/* Per-CPU memory a second time, with guard pages in between. */
static bool in_cpu_entry_area(const void *va)
{
	return va >= (const void *)CPU_ENTRY_AREA_BASE &&
	       va < (const void *)(CPU_ENTRY_AREA_BASE + CPU_ENTRY_AREA_MAP_SIZE);
}

static int translate_cpu_entry_area(const void *va, phys_addr_t *pa)
{
	unsigned int level;
	pte_t *pte = lookup_address((unsigned long)va, &level);

	if (!pte || level != PG_LEVEL_4K || !pte_present(*pte))
		return -EFAULT;
	*pa = PFN_PHYS(pte_pfn(*pte)) + offset_in_page(va);
	return 0;
}
#else
static bool in_cpu_entry_area(const void *va) { return false; }
static int translate_cpu_entry_area(const void *va, phys_addr_t *pa)
{
	return -EFAULT;
}
#endif

/**
 * meminspect_translate - find a byte of memory, whatever it is by now
 * @va: virtual address of any kind
 * @pa: set to its physical address
 *
 * Return: 0, or -EFAULT if nothing is mapped.
 *
 * Context: Any.
 */
int meminspect_translate(const void *va, phys_addr_t *pa)
{
	struct page *page;

	if (in_kernel_image(va)) {
		*pa = __pa_symbol(va);
		return 0;
	}
	/* First: early in boot the linear map has no end. */
	if (in_cpu_entry_area(va))
		return translate_cpu_entry_area(va, pa);
	if (in_linear_map(va)) {
		*pa = __pa(va);
		return 0;
	}
	if (!is_vmalloc_or_module_addr(va))
		return -EFAULT;
	page = vmalloc_to_page(va);
	if (!page)
		return -EFAULT;
	*pa = page_to_phys(page) + offset_in_page(va);
	return 0;
}

/* The same for what is to be marked */
static int translate_checked(const void *va, phys_addr_t *pa)
{
	int ret = meminspect_translate(va, pa);

	if (ret)
		return ret;
	if (!in_kernel_image(va))
		return check_page(*pa);
	/* Freed after boot, whoever marked it. */
	return init_section_contains((void *)va, 1) ? -EFAULT : 0;
}

/**
 * meminspect_walk_extents - find the physically contiguous runs of a range
 * @va: virtual address of any kind, or NULL if @pa is given
 * @pa: physical address, if @va is NULL
 * @size: bytes, not 0; the range does not wrap
 * @cb: called for each run, in the order of addresses; may be NULL
 * @priv: passed on to @cb
 *
 * Return: the number of runs, or -EFAULT if a page is not mapped or is no
 * RAM, -EACCES if a page is a user's, memfd_secret() included.
 *
 * Context: Any. The caller sees to it that the range stays mapped.
 */
int meminspect_walk_extents(const void *va, phys_addr_t pa, size_t size,
			    meminspect_extent_cb_t cb, void *priv)
{
	phys_addr_t start = 0, here = 0;
	size_t done = 0, run = 0, step;
	int nr_extents = 0;
	int ret;

	for (; done < size; done += step) {
		if (va) {
			ret = translate_checked(va + done, &here);
			step = PAGE_SIZE - offset_in_page(va + done);
		} else {
			here = pa + done;
			ret = check_page(here);
			step = PAGE_SIZE - offset_in_page(here);
		}
		if (ret)
			return ret;
		step = min(step, size - done);

		if (run && here == start + run) {
			run += step;
			continue;
		}
		if (run && cb)
			cb(priv, start, run);
		start = here;
		run = step;
		nr_extents++;
	}
	if (cb)
		cb(priv, start, run);
	return nr_extents;
}

/**
 * meminspect_needs_tables - whether an address has to be looked up in page tables
 * @va: virtual address of any kind
 *
 * Return: false if it can be calculated where it is.
 *
 * Context: Any.
 */
bool meminspect_needs_tables(const void *va)
{
	return in_cpu_entry_area(va) ||
	       (!in_kernel_image(va) && !in_linear_map(va));
}

/**
 * meminspect_phys_to_virt - linear map address of physical memory
 * @pa: physical address
 *
 * Return: the address, or NULL if the linear map does not have it.
 *
 * Context: Any.
 */
void *meminspect_phys_to_virt(phys_addr_t pa)
{
	if (IS_ENABLED(CONFIG_HIGHMEM) && slab_is_available() &&
	    PageHighMem(pfn_to_page(PHYS_PFN(pa))))
		return NULL;
	return phys_to_virt(pa);
}
