// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel that panics or oopses stores its regions: what it stored is put
 * together by the library, and is what was in memory. Nothing that is denied is
 * in it.
 */
#define CONFIG_MEMINSPECT_PSTORE
#define CONFIG_MEMINSPECT_PSTORE_KB 64
#include "linux/files/kernel/meminspect/pstore.c"
#include "kernel-policy.h"
#include <stdio.h>

static char path[] = "/tmp/pstore-dump-test-XXXXXX";
static int file = -1;
static char buffer[65536];
static size_t room;	/* of the storage */
static unsigned int nr_records;

static int store_record(struct pstore_record *stored)
{
	if (shim_locks_held)
		shim_die("a back end is called with a lock held");
	if (stored->type != PSTORE_TYPE_MEMINSPECT || stored->buf != buffer || stored->count != 3)
		shim_die("a record is not as pstore has them");
	if (stored->part == 1) {
		if (ftruncate(file, 0) || lseek(file, 0, SEEK_SET))
			shim_die("no storage");
		nr_records = 0;
	}
	if ((size_t)stored->size > room)
		return -ENOSPC;
	if (write(file, stored->buf, stored->size) != stored->size)
		shim_die("no storage");
	nr_records++;
	return 0;
}

static struct pstore_info psi = {
	.name = "test", .buf = buffer, .flags = PSTORE_FLAGS_DMESG | PSTORE_FLAGS_MEMINSPECT,
	.write = store_record,
};

static void attach(size_t bufsize, size_t meminspect_size)
{
	psi.bufsize = bufsize;
	psi.meminspect_size = meminspect_size;
	room = SIZE_MAX;
	meminspect_pstore_attach(&psi);
}

static void empty_storage(void)
{
	if (ftruncate(file, 0) || lseek(file, 0, SEEK_SET))
		shim_die("no storage");
	nr_records = 0;
}

static void die(enum kmsg_dump_reason reason)
{
	unsigned int warnings = shim_warnings, allocations = shim_allocations;

	empty_storage();
	shim_in_panic = reason == KMSG_DUMP_PANIC;
	meminspect_pstore_dump(&psi, reason, 3);
	shim_in_panic = false;
	if (shim_warnings != warnings || shim_allocations != allocations || shim_locks_held)
		shim_die("a dying kernel prints, allocates, or keeps a lock");
}

static off_t stored_bytes(void)
{
	return lseek(file, 0, SEEK_END);
}

/* A region of that class, filled with what is partly noise. */
static struct inspect_entry filled(const char *name, unsigned int class, size_t size)
{
	struct inspect_entry entry = linear_entry(name, size);
	static uint32_t seed;
	size_t i;

	entry.type = class;
	for (i = 0; i < size; i++) {
		seed = seed * 1664525 + 1013904223;
		((uint8_t *)entry.va)[i] = i % 3 ? seed >> 24 : 0;
	}
	return entry;
}

static struct meminspect_memory *join(struct meminspect_context *context)
{
	struct meminspect_memory *memory;

	if (!meminspect_memory_open_pstore(context, path, &memory))
		return memory;
	diag("%s", meminspect_error(context));
	return NULL;
}

static int64_t read_joined(void *priv, uint64_t paddr, void *to, size_t length)
{
	return meminspect_memory_read(priv, paddr, to, length);
}

/* How many bytes of a region are there, all of them right; -1 if one is wrong. */
static int64_t bytes_of(struct meminspect_memory *memory, const struct directory_region *region)
{
	static uint8_t got[1 << 20], is[1 << 20];
	int64_t all = 0, length;
	size_t i;

	for (i = 0; i < region->nr_extents; i++) {
		const struct meminspect_extent *extent = &region->extents[i];

		length = meminspect_memory_read(memory, extent->paddr, got, extent->length);
		if (length <= 0)
			continue;
		if (shim_read_physical(NULL, extent->paddr, is, length) != length ||
		    memcmp(got, is, length) != 0)
			return -1;
		all += length;
	}
	return all;
}

static bool has_problem(const struct meminspect_memory *memory, const char *text)
{
	size_t i;

	for (i = 0; i < memory->nr_problems; i++)
		if (strstr(memory->problems[i], text))
			return true;
	for (i = 0; i < memory->nr_problems; i++)
		diag("%s", memory->problems[i]);
	return false;
}

/* All that is marked comes back, and nothing is to be complained of. */
static void check_all(const char *name)
{
	struct meminspect_context *context = meminspect_context_new();
	struct meminspect_memory *memory = join(context);
	struct directory *directory = NULL;
	uint64_t head[MEMINSPECT_COPIES];
	unsigned int wrong = 0;
	const char *why;
	size_t i;

	if (!ok(memory && !memory->operations->find_head(memory, head) &&
		!directory_read(context, read_joined, memory, head, &directory),
		"%s: the directory is there", name)) {
		diag("%s", meminspect_error(context));
		return;
	}
	why = directory_complaint(directory);
	if (!why)
		why = regions_differ(directory, &expected);
	is_string(why, NULL, "%s: it says what is marked, in both copies", name);
	is_number(memory->nr_problems, 0, "%s: no problem", name);
	has_problem(memory, "none");
	for (i = 0; i < directory->nr_regions; i++) {
		const struct directory_region *region = &directory->regions[i];

		if (!region->left_out && bytes_of(memory, region) != (int64_t)region->size) {
			diag("%s: %lld of %llu bytes", region->name,
			     (long long)bytes_of(memory, region), (unsigned long long)region->size);
			wrong++;
		}
	}
	is_number(wrong, 0, "%s: all bytes of all regions are there and right", name);
	directory_free(directory);
	meminspect_memory_close(memory);
	meminspect_context_free(context);
}

static struct inspect_entry entries[8];

static void mark_some(void)
{
	unsigned int i;

	entries[0] = filled("other", MEMINSPECT_CLASS_DRIVER, 100000);
	entries[1] = filled("a log", MEMINSPECT_CLASS_LOG, 30001);
	entries[2] = filled("word", MEMINSPECT_CLASS_CPU, 8);
	entries[3] = filled("identity", MEMINSPECT_CLASS_IDENTITY, 4097);
	entries[4] = scattered_entry("scattered", 9);
	entries[4].type = MEMINSPECT_CLASS_MM;
	for (i = 0; i < 5; i++)
		mark(&entries[i]);
}

static void all_is_stored(void)
{
	static const size_t sizes[] = { 1024, 4096, 65536 };
	unsigned int i, before;
	char name[64];

	settle(NULL, NULL, NULL);
	have_memory();
	mark_some();
	before = shim_allocations;
	for (i = 0; i < 3; i++) {
		attach(sizes[i], 1 << 20);
		die(KMSG_DUMP_PANIC);
		snprintf(name, sizeof(name), "panic, records of %zu bytes", sizes[i]);
		check_all(name);
		die(KMSG_DUMP_OOPS);
		snprintf(name, sizeof(name), "oops, records of %zu bytes", sizes[i]);
		check_all(name);
		die(KMSG_DUMP_SHUTDOWN);
		is_number(stored_bytes(), 0, "nothing is stored at a shutdown");
		meminspect_pstore_detach(&psi);
		is_number(shim_allocations, before, "a back end that goes leaves no memory");
		die(KMSG_DUMP_PANIC);
		is_number(stored_bytes(), 0, "and nothing is stored without it");
	}
}

static void locks(void)
{
	unsigned long flags;

	settle(NULL, NULL, NULL);
	have_memory();
	mark_some();
	attach(4096, 1 << 20);
	if (!meminspect_table_trylock(&flags))
		shim_die("the table is locked");
	empty_storage();
	shim_in_panic = true;
	/* Its holder was stopped: the lock is not this CPU's. */
	shim_locks_held--;
	meminspect_pstore_dump(&psi, KMSG_DUMP_PANIC, 3);
	shim_locks_held++;
	shim_in_panic = false;
	check_all("a panic while the table is locked");

	empty_storage();
	shim_in_nmi = true;
	shim_locks_held--;
	meminspect_pstore_dump(&psi, KMSG_DUMP_OOPS, 3);
	shim_locks_held++;
	shim_in_nmi = false;
	is_number(stored_bytes(), 0, "an oops in an NMI does not wait for the lock");

	meminspect_pstore_dump(&psi, KMSG_DUMP_OOPS, 3);
	meminspect_table_release(flags);
	is_number(stored_bytes(), 0, "nor does an oops of the CPU that holds it");
}

/* The most important classes first, and what there is no room for is said. */
static void small_budget(void)
{
	struct meminspect_context *context = meminspect_context_new();
	struct meminspect_memory *memory;
	uint8_t byte;

	settle(NULL, NULL, NULL);
	have_memory();
	mark_some();
	attach(1024, 50000);
	die(KMSG_DUMP_PANIC);
	ok(stored_bytes() <= 50000, "no more is stored than there is room for");
	ok(stored_bytes() > 40000, "but not much less");
	memory = join(context);
	ok(meminspect_memory_read(memory, __pa(entries[1].va) + 30000, &byte, 1) == 1,
	   "the log is whole");
	ok(meminspect_memory_read(memory, __pa(entries[3].va) + 4096, &byte, 1) == 1 &&
	   meminspect_memory_read(memory, __pa(entries[2].va), &byte, 1) == 1,
	   "what identifies the machine, and its CPUs, too");
	is_number(meminspect_memory_read(memory, __pa(entries[0].va) + 99999, &byte, 1), -EIO,
		  "the end of what matters least is not");
	ok(has_problem(memory, "budget of 50000 bytes"), "that is said");
	ok(has_problem(memory, "of class driver "), "and of which class");
	meminspect_memory_close(memory);

	attach(1024, 0);
	room = SIZE_MAX;
	die(KMSG_DUMP_PANIC);
	ok(stored_bytes() <= 65536 && stored_bytes() > 60000,
	   "without a place of its own, the default is the budget");
	meminspect_context_free(context);
}

static void storage_fails(void)
{
	struct meminspect_context *context = meminspect_context_new();
	struct meminspect_memory *memory;

	settle(NULL, NULL, NULL);
	have_memory();
	mark_some();
	attach(4096, 1 << 20);
	room = 2000;
	die(KMSG_DUMP_PANIC);
	memory = join(context);
	ok(memory && has_problem(memory, "gave error 28"), "the error of the storage is told");
	ok(nr_records >= 2, "by the last record, which is stored nevertheless");
	if (memory)
		meminspect_memory_close(memory);
	meminspect_context_free(context);
}

static void denied(void)
{
	struct meminspect_context *context = meminspect_context_new();
	struct meminspect_memory *memory;
	struct inspect_entry secret, alias;
	uint8_t byte;

	settle(NULL, "name:secret", NULL);
	have_memory();
	mark_some();
	secret = filled("secret", MEMINSPECT_CLASS_LOG, 5000);
	alias = secret;
	alias.name = "alias";
	alias.va += 100;
	alias.size = 200;
	meminspect_register(&secret);
	meminspect_register(&alias);
	expect_left_out(&secret, MEMINSPECT_LEFT_OUT_DENIED);
	expect_left_out(&alias, MEMINSPECT_LEFT_OUT_DENIED);
	attach(4096, 1 << 20);
	die(KMSG_DUMP_PANIC);
	check_all("with regions that are denied");
	memory = join(context);
	is_number(meminspect_memory_read(memory, __pa(secret.va) + 150, &byte, 1), -EIO,
		  "no byte of what is denied is stored");
	meminspect_memory_close(memory);
	meminspect_context_free(context);
}

static void not_wanted(void)
{
	unsigned int warnings = shim_warnings;

	settle(NULL, NULL, NULL);
	have_memory();
	mark_some();
	psi.flags = PSTORE_FLAGS_DMESG;
	attach(4096, 1 << 20);
	die(KMSG_DUMP_PANIC);
	is_number(stored_bytes(), 0, "a back end that does not take regions gets none");
	psi.flags |= PSTORE_FLAGS_MEMINSPECT;
	is_number(shim_warnings, warnings, "and nothing is said");

	attach(512, 1 << 20);
	die(KMSG_DUMP_PANIC);
	is_number(stored_bytes(), 0, "nor does one whose records are too small");
	attach(1024, 2000);
	die(KMSG_DUMP_PANIC);
	is_number(stored_bytes(), 0, "or one that has too little room");
	shim_locked_down = true;
	attach(4096, 1 << 20);
	shim_locked_down = false;
	die(KMSG_DUMP_PANIC);
	is_number(stored_bytes(), 0, "nor is anything stored by a kernel that is locked down");
	is_number(shim_warnings, warnings + 3, "which is said");
	shim_allocations_left = 1;
	attach(4096, 1 << 20);
	shim_allocations_left = -1;
	die(KMSG_DUMP_PANIC);
	is_number(stored_bytes(), 0, "nor without memory");

	shim_boot_parameter("meminspect_pstore", "20K");
	attach(1024, 1 << 20);
	die(KMSG_DUMP_PANIC);
	ok(stored_bytes() <= 20480 && stored_bytes() > 15000, "the command line has the last word");
	meminspect_pstore_detach(&psi);
	shim_boot_parameter("meminspect_pstore", "0");
	attach(1024, 1 << 20);
	die(KMSG_DUMP_PANIC);
	is_number(stored_bytes(), 0, "also with 0");
	warnings = shim_warnings;
	shim_boot_parameter("meminspect_pstore", "much");
	attach(1024, 1 << 20);
	die(KMSG_DUMP_PANIC);
	is_number(stored_bytes(), 0, "what is no number stores nothing");
	is_number(shim_warnings, warnings + 1, "and is complained of");
}

/* A copy that is damaged, or was being written, is stored as it is. */
static void mirror_differs(void)
{
	struct meminspect_context *context = meminspect_context_new();
	struct meminspect_chunk *head;
	struct meminspect_memory *memory;
	uint8_t got[4096], is[4096];

	settle(NULL, NULL, NULL);
	have_memory();
	mark_some();
	head = meminspect_get_chunk(0);
	((uint8_t *)head->copy[1])[4000] ^= 1;
	attach(1024, 1 << 20);
	die(KMSG_DUMP_PANIC);
	memory = join(context);
	ok(meminspect_memory_read(memory, head->pa[1], got, 4096) == 4096 &&
	   shim_read_physical(NULL, head->pa[1], is, 4096) == 4096 && !memcmp(got, is, 4096),
	   "copies of the directory that differ are stored both");
	meminspect_memory_close(memory);
	meminspect_context_free(context);
}

/* An oops goes on: a region may be gone before its turn comes. */
static void gone_meanwhile(void)
{
	struct meminspect_slot *slot;
	struct source source = { };
	uint8_t bytes[16];
	s64 handle;

	settle(NULL, NULL, NULL);
	have_memory();
	entries[0] = filled("short-lived", MEMINSPECT_CLASS_DRIVER, 4096);
	handle = meminspect_register(&entries[0]);
	slot = meminspect_get_slot((u32)handle);
	source.slot = slot;
	source.serial = slot->serial;
	source.va = slot->entry.va;
	is_number(read_source(&source, 0, bytes, sizeof(bytes)), 0, "a region can be read");
	meminspect_unregister(handle);
	is_number(read_source(&source, 0, bytes, sizeof(bytes)), -ESTALE,
		  "but not when it is gone");
	meminspect_register(&entries[0]);
	is_number(read_source(&source, 0, bytes, sizeof(bytes)), -ESTALE,
		  "or when another one is in its row");
}

int main(void)
{
	file = mkstemp(path);
	if (file < 0)
		return skip_all("no temporary file");
	in_child(all_is_stored);
	in_child(locks);
	in_child(small_budget);
	in_child(storage_fails);
	in_child(denied);
	in_child(not_wanted);
	in_child(mirror_differs);
	in_child(gone_meanwhile);
	unlink(path);
	return done_testing();
}
