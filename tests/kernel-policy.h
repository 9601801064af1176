/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests of policy share: settling it, what is left out, and looking for what must not be there. */
#ifndef TESTS_KERNEL_POLICY_H
#define TESTS_KERNEL_POLICY_H

#include "kernel-marks.h"
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Policy is settled once: each scenario has a kernel of its own, that is a process. */
__attribute__((unused))
static void in_child(void (*scenario)(void))
{
	unsigned int *counts = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	pid_t child;

	if (counts == MAP_FAILED)
		shim_die("mmap() failed");
	counts[0] = tap_count;
	counts[1] = tap_failed;
	fflush(stdout);
	child = fork();
	if (!child) {
		scenario();
		if (shim_locks_held)
			shim_die("something is locked at the end");
		counts[0] = tap_count;
		counts[1] = tap_failed;
		fflush(stdout);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		shim_die("a scenario ended with status %#x", status);
	tap_count = counts[0];
	tap_failed = counts[1];
	munmap(counts, PAGE_SIZE);
}

/* As boot does it, with "deny" and "budget" if they are not NULL. */
__attribute__((unused))
static void settle(const char *classes, const char *deny, const char *budget)
{
	if (classes)
		shim_boot_parameter("meminspect", classes);
	if (deny)
		shim_boot_parameter("meminspect_deny", deny);
	if (budget)
		shim_boot_parameter("meminspect_budget", budget);
	meminspect_settle_policy();
	meminspect_apply_policy();
}

__attribute__((unused))
static void have_memory(void)
{
	shim_slab_available = true;
	shim_run_initcalls();
	shim_run_work();
}

__attribute__((unused))
static void expect_left_out(const struct inspect_entry *entry, enum meminspect_left_out why)
{
	expect_region(&expected, &(struct expected_region){
		.name = entry->name,
		.class = entry->type,
		.key_kind = entry->key_kind,
		.key = entry->key,
		.left_out = why,
		.size = entry->size,
	});
}

/* What was listed is left out now, or the other way round. */
__attribute__((unused))
static void expect_instead(const struct inspect_entry *entry, enum meminspect_left_out why)
{
	expect_no_region(&expected, entry->name, entry->key);
	if (why)
		expect_left_out(entry, why);
	else
		expect_entry(entry);
}

/* Registers, which gives a handle, but the region is left out. */
__attribute__((unused))
static s64 mark_left_out(const struct inspect_entry *entry, enum meminspect_left_out why)
{
	s64 handle = meminspect_register(entry);

	if (handle < 0)
		shim_die("marking %s failed: %d", entry->name, (int)handle);
	expect_left_out(entry, why);
	return handle;
}

/* Looks for an address of a range in all bytes of the directory, in both copies. */
__attribute__((unused))
static bool directory_has_address(uint64_t start, size_t size)
{
	const struct meminspect_chunk *chunk;
	uint64_t address;
	size_t i, copy, at;

	for (i = 0; i < meminspect_nr_chunks; i++) {
		chunk = meminspect_get_chunk(i);
		for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
			for (at = 0; at <= MEMINSPECT_CHUNK_SIZE - sizeof(address); at++) {
				memcpy(&address, (char *)chunk->copy[copy] + at, sizeof(address));
				if (address - start < size) {
					diag("chunk %zu, copy %zu, byte %#zx: %#llx", i, copy, at,
					     (unsigned long long)address);
					return true;
				}
			}
		}
	}
	return false;
}

/* Where each page of a region is, whatever the directory says of it. */
__attribute__((unused))
static phys_addr_t page_of(const struct inspect_entry *entry, size_t offset)
{
	char *va = (char *)entry->va + offset;

	return is_vmalloc_or_module_addr(va) ?
	       shim_vmapped(va) + offset_in_page(va) : __pa(va);
}

__attribute__((unused))
static bool directory_tells_address_of(const struct inspect_entry *entry)
{
	size_t offset, step;

	if (directory_has_address((unsigned long)entry->va, entry->size))
		return true;
	for (offset = 0; offset < entry->size; offset += step) {
		step = min(entry->size - offset,
			   PAGE_SIZE - offset_in_page((char *)entry->va + offset));
		if (directory_has_address(page_of(entry, offset), step))
			return true;
	}
	return false;
}

/* Whether whoever copies what the directory lists, and the directory, gets these bytes. */
__attribute__((unused))
static bool dump_has_bytes(const void *bytes, size_t length)
{
	struct directory *directory = read_published();
	bool found = false;
	size_t i, j;
	char *copy;

	for (i = 0; i < directory->nr_regions; i++) {
		const struct directory_region *region = &directory->regions[i];

		for (j = 0; j < region->nr_extents; j++) {
			size_t size = region->extents[j].length;

			copy = malloc(size);
			if (shim_read_physical(NULL, region->extents[j].paddr, copy, size) !=
			    (int64_t)size)
				shim_die("the directory names what is no memory");
			if (memmem(copy, size, bytes, length)) {
				diag("%s has it", region->name);
				found = true;
			}
			free(copy);
		}
	}
	for (i = 0; i < 2 * directory->nr_chunks; i++)
		found |= memmem(meminspect_get_chunk(i / 2)->copy[i % 2], MEMINSPECT_CHUNK_SIZE,
				bytes, length) != NULL;
	directory_free(directory);
	return found;
}

#endif /* TESTS_KERNEL_POLICY_H */
