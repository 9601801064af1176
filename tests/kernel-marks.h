/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests of the kernel's table share: they mark, and keep a list of what they have marked. */
#ifndef TESTS_KERNEL_MARKS_H
#define TESTS_KERNEL_MARKS_H

#include <linux/mm.h>
#include <linux/slab.h>
#include <asm/sections.h>
#include <stdlib.h>
#include "expected-regions.h"
#include "linux/files/kernel/meminspect/internal.h"
#include "shim.h"
#include "tap.h"

static struct expected_regions expected;

/* A region of RAM of its own, that is not marked yet. */
__attribute__((unused))
static struct inspect_entry linear_entry(const char *name, size_t size)
{
	return (struct inspect_entry){
		.id = MEMINSPECT_ID_DYNAMIC,
		.type = MEMINSPECT_CLASS_DRIVER,
		.va = phys_to_virt(shim_take_pages(DIV_ROUND_UP(size, PAGE_SIZE))),
		.size = size,
		.name = name,
	};
}

/* One in the vmalloc area, of pages each of which is an extent. */
__attribute__((unused))
static struct inspect_entry scattered_entry(const char *name, unsigned int nr_pages)
{
	phys_addr_t *pages = calloc(nr_pages, sizeof(*pages));
	phys_addr_t first = shim_take_pages(2 * nr_pages);
	struct inspect_entry entry = linear_entry(name, PAGE_SIZE);
	unsigned int i;

	for (i = 0; i < nr_pages; i++)
		pages[i] = first + 2 * (nr_pages - 1 - i) * PAGE_SIZE;
	entry.va = shim_vmap(pages, nr_pages);
	entry.size = nr_pages * PAGE_SIZE;
	free(pages);
	return entry;
}

/* What scattered_entry() and linear_entry() made, by their own rules. */
__attribute__((unused))
static void expect_entry(const struct inspect_entry *entry)
{
	unsigned int nr_extents = 1, i;
	struct meminspect_extent *extents;
	phys_addr_t first;

	if (is_vmalloc_or_module_addr(entry->va))
		nr_extents = DIV_ROUND_UP(entry->size, PAGE_SIZE);
	extents = calloc(nr_extents, sizeof(*extents));
	if (nr_extents == 1 && !is_vmalloc_or_module_addr(entry->va)) {
		extents[0].paddr = __pa(entry->va);
		extents[0].length = entry->size;
	} else {
		first = shim_vmapped(entry->va);
		for (i = 0; i < nr_extents; i++) {
			extents[i].paddr = first - 2 * i * PAGE_SIZE;
			extents[i].length = PAGE_SIZE;
		}
	}
	expect_region(&expected, &(struct expected_region){
		.name = entry->name,
		.class = entry->type,
		.key_kind = entry->key_kind,
		.key = entry->key,
		.vaddr = (unsigned long)entry->va,
		.nr_extents = nr_extents,
		.extents = extents,
	});
	free(extents);
}

/* The directory holds what is expected, nothing else, and no damage. */
__attribute__((format(printf, 1, 2), unused))
static void check_published(const char *format, ...)
{
	const char *why = published_differs(&expected);
	char name[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(name, sizeof(name), format, arguments);
	va_end(arguments);
	if (!ok(!why, "%s: the directory says so", name))
		diag("%s", why);
}

/* Registers, which must go well, and expects it. */
__attribute__((unused))
static s64 mark(const struct inspect_entry *entry)
{
	s64 handle = meminspect_register(entry);

	if (handle < 0)
		shim_die("marking %s failed: %d", entry->name, (int)handle);
	expect_entry(entry);
	return handle;
}

__attribute__((unused))
static void unmark(s64 handle, const struct inspect_entry *entry)
{
	int error = meminspect_unregister(handle);

	if (error)
		shim_die("unmarking %s failed: %d", entry->name, error);
	expect_no_region(&expected, entry->name, entry->key);
}

#endif /* TESTS_KERNEL_MARKS_H */
