// SPDX-License-Identifier: GPL-2.0-only
/*
 * What firmware does when the watchdog bites: it stops every CPU, and saves the registers where the
 * kernel has asked for them. IMEM has the address of a table; its entry for the application
 * processors has the address of another, whose entries each describe memory for one kind of data.
 */
#include "bytes.h"
#include "firmware.h"
#include "map.h"

#include <inttypes.h>

enum {
	TABLE_VERSION = 2 << 20,
	TABLE_HEADER_SIZE = 8,
	ENTRY_SIZE = 48,
	/* The most that any generation has */
	MAX_ENTRIES = 0x400,
	ENTRY_TYPE_DATA = 0,
	ENTRY_TYPE_TABLE = 1,
	TABLE_OF_APPLICATION_PROCESSORS = 0,

	DATA_SIZE = 64,
	DATA_MAGIC = 0x42445953,
	DATA_VERSION = 0x14,

	CONTEXT_SIZE = 2048,
	CONTEXT_REGISTERS = 16,
	STATUS_NON_SECURE = 0x01,
	STATUS_WATCHDOG = 0x02,
	STATUS_INTERRUPTED = 0x04,
	STATUS_SAVED = 0x20,
};

struct entry {
	uint32_t id;
	uint32_t type;
	uint64_t address;
};

static void read_entry(struct entry *entry, const uint8_t *table, uint32_t index)
{
	const uint8_t *from = table + TABLE_HEADER_SIZE + (size_t)index * ENTRY_SIZE;

	entry->id = get32(from);
	entry->type = get32(from + 36);
	entry->address = get64(from + 40);
}

/* A table with all its entries, or NULL after a message */
static const uint8_t *find_table(const struct ram *ram, uint64_t address, uint32_t *entries)
{
	const uint8_t *table = ram_at(ram, address, TABLE_HEADER_SIZE);

	if (!table) {
		warn("bite: the dump table at 0x%" PRIx64 " is not in RAM", address);
		return NULL;
	}
	if (get32(table) != TABLE_VERSION) {
		warn("bite: the dump table at 0x%" PRIx64 " has version 0x%" PRIx32 ", not 0x%x",
		     address, get32(table), TABLE_VERSION);
		return NULL;
	}
	*entries = get32(table + 4);
	if (*entries > MAX_ENTRIES ||
	    !ram_at(ram, address, TABLE_HEADER_SIZE + (uint64_t)*entries * ENTRY_SIZE)) {
		warn("bite: the dump table at 0x%" PRIx64 " has %" PRIu32 " entries; at most %d "
		     "that are in RAM are taken", address, *entries, MAX_ENTRIES);
		return NULL;
	}
	return table;
}

static const uint8_t *find_tables(const struct ram *ram, uint32_t *entries)
{
	const uint64_t address = get64(ram_at(ram, IMEM_BASE + IMEM_DUMP_TABLE, sizeof(address)));
	const uint8_t *table;
	struct entry entry;

	if (!address) {
		warn("bite: the kernel has left no dump table at IMEM + 0x%x", IMEM_DUMP_TABLE);
		return NULL;
	}
	table = find_table(ram, address, entries);
	if (!table)
		return NULL;
	for (uint32_t i = 0; i < *entries; i++) {
		read_entry(&entry, table, i);
		if (entry.type == ENTRY_TYPE_TABLE && entry.id == TABLE_OF_APPLICATION_PROCESSORS)
			return find_table(ram, entry.address, entries);
	}
	warn("bite: the dump table at 0x%" PRIx64 " has no table of the application processors",
	     address);
	return NULL;
}

/* The memory for a CPU is to be taken when it says so, which it does last. */
static bool save(const struct ram *ram, uint64_t address, unsigned int cpu,
		 const struct registers *registers, uint32_t status)
{
	uint8_t *data = ram_at(ram, address, DATA_SIZE), *context;

	if (!data) {
		warn("bite: CPU %u: what the dump table points to, 0x%" PRIx64 ", is not in RAM",
		     cpu, address);
		return false;
	}
	context = ram_at(ram, get64(data + 40), CONTEXT_SIZE);
	if (!context || get64(data + 48) < CONTEXT_SIZE) {
		warn("bite: CPU %u: 0x%" PRIx64 " with 0x%" PRIx64 " bytes is no room for 2048 "
		     "bytes in RAM", cpu, get64(data + 40), get64(data + 48));
		return false;
	}
	memset(context, 0, CONTEXT_SIZE);
	put32(context, status);
	for (unsigned int i = 0; i < REGISTERS; i++)
		put64(context + CONTEXT_REGISTERS + (size_t)i * 8, registers->value[i]);
	put32(data, DATA_VERSION);
	put32(data + 4, DATA_MAGIC);
	return true;
}

static bool save_cpu(const struct ram *ram, const uint8_t *table, uint32_t entries,
		     unsigned int cpu, const struct registers *registers, uint32_t status)
{
	struct entry entry;

	for (uint32_t i = 0; i < entries; i++) {
		read_entry(&entry, table, i);
		if (entry.type == ENTRY_TYPE_DATA && entry.id == cpu)
			return save(ram, entry.address, cpu, registers, status);
	}
	warn("bite: CPU %u: the kernel has made no room for its registers", cpu);
	return false;
}

/* Whether all went as it should */
bool bite_machine(const struct ram *ram, const char *registers_path)
{
	static struct registers cpus[MAX_CPUS];
	const uint8_t *table;
	uint32_t entries, reason = STATUS_WATCHDOG;
	bool complete = true;

	registers_read(cpus, registers_path);
	table = find_tables(ram, &entries);
	if (!table)
		return false;
	/* One CPU gets the watchdog's interrupt, and interrupts the others. */
	for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (!cpus[cpu].given)
			continue;
		if (!save_cpu(ram, table, entries, cpu, &cpus[cpu],
			      STATUS_NON_SECURE | reason | STATUS_SAVED))
			complete = false;
		reason = STATUS_INTERRUPTED;
	}
	return complete;
}

enum outcome bite(const struct options *options)
{
	struct ram ram;
	bool complete;

	ram_open(&ram, options, true);
	complete = bite_machine(&ram, options->registers);
	ram_sync(&ram);
	return complete ? OUTCOME_DONE : OUTCOME_PARTIAL;
}
