/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses as a 64-bit kernel has them: image, linear map, and a vmalloc area of single pages. */
#ifndef SHIM_LINUX_MM_H
#define SHIM_LINUX_MM_H

#include <linux/kernel.h>

#define PAGE_SHIFT			12
#define PAGE_SIZE			(1UL << PAGE_SHIFT)
#define PHYS_PFN(pa)			((unsigned long)((pa) >> PAGE_SHIFT))
#define PAGE_ALIGN(size)		(((size) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1))
#define offset_in_page(address)		((unsigned long)(address) & (PAGE_SIZE - 1))

#define PAGE_OFFSET			((unsigned long)shim_linear_map)
#define __pa(va)			((phys_addr_t)(unsigned long)(va) - PAGE_OFFSET + \
					 SHIM_RAM_PADDR)
#define phys_to_virt(pa)		((void *)((pa) - SHIM_RAM_PADDR + PAGE_OFFSET))
#define __pa_symbol(symbol)		shim_image_paddr(symbol)

bool pfn_valid(unsigned long pfn);
struct page *pfn_to_page(unsigned long pfn);
phys_addr_t page_to_phys(const struct page *page);
bool virt_addr_valid(const void *va);
bool is_vmalloc_or_module_addr(const void *va);

#define PageReserved(page)		((page)->reserved)
#define PageHWPoison(page)		((page)->poisoned)
#define PageOffline(page)		((page)->offline)
#define PageHighMem(page)		((page)->highmem)
#define is_zone_device_page(page)	((page)->zone_device)

struct folio {
	struct page page;
};

#define page_folio(p)			((struct folio *)(p))
#define folio_test_slab(folio)		((folio)->page.slab)
#define folio_test_anon(folio)		((folio)->page.anonymous)
#define folio_test_lru(folio)		((folio)->page.lru)

#ifdef CONFIG_ARM64
#define SHIM_KASLR_OFFSET		0x12340000ULL
#define CONFIG_PGTABLE_LEVELS		4
#define kaslr_offset()			SHIM_KASLR_OFFSET
#define vabits_actual			48
#define system_supports_address_auth()	false
#define ptrauth_kernel_pac_mask()	0

bool pfn_is_map_memory(unsigned long pfn);
#endif

#endif /* SHIM_LINUX_MM_H */
