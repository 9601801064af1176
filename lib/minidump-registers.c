// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Registers that boot firmware saved when the watchdog bit. The kernel gave it a
 * table ("memory dump", version 2) of places to write to, one for each CPU
 * among others, and left the table's address in shared on-chip memory. A table
 * has entries that lead to further tables or to descriptors, and a descriptor
 * says where the bytes are. What firmware did not write has no magic.
 */
#include "core-format.h"
#include "little-endian.h"
#include "minidump.h"
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* In shared on-chip memory. */
#define IMEM_NAME		"SHRDIMEM"
#define IMEM_TABLE		0x10
#define IMEM_KASLR		0x6d0
#define IMEM_KASLR_MAGIC	0xdead4eadU

#define TABLE_HEADER		8	/* u32 version, u32 number of entries */
#define MAX_ENTRIES		0x400U
#define ENTRY_ADDRESS		40	/* behind u32 id, 32 characters, u32 type */
#define ENTRY_SIZE		48	/* newer ones have an instance behind it: */
#define LONG_ENTRY_SIZE		56
#define ENTRY_IS_TABLE		1U
#define APPS_TABLE		0U	/* the one of the CPUs that run Linux */
#define MAX_CONTEXTS		0x20U	/* IDs of CPU contexts are the CPU's number */

/* A descriptor: u32 version, u32 magic, 32 characters, u64 address, u64 length. */
#define DATA_SIZE		56
#define DATA_ADDRESS		40
#define DATA_LENGTH		48
#define DATA_MAGIC		0x42445953U
#define CONTEXT_VERSION		0x14U

/* A context: u32 status[4], then 64-bit words. */
#define CONTEXT_STATUS		16
#define CONTEXT_WORDS		44
#define CONTEXT_SIZE		(CONTEXT_STATUS + 8 * CONTEXT_WORDS)
#define STATUS_KNOWN		0x3fU
enum context_word {
	WORD_PC			= 31,	/* x0 to x30 stand before it */
	WORD_LEVEL		= 32,	/* CurrentEL, the level in bits 3:2 */
	WORD_SP_EL3		= 33,	/* of each level: SP, ELR, SPSR */
	WORD_SPSR_EL3		= 35,
	WORD_SP_EL2		= 36,
	WORD_SP_EL1		= 39,
	WORD_SP_EL0		= 42,
};

/* struct elf_prstatus of arm64: where the registers are. */
#define PRSTATUS_REGISTERS	112
enum { REGISTER_SP = 31, REGISTER_PC, REGISTER_PSTATE, NR_REGISTERS };

/* Whether all of it is there. */
static bool read_all(struct minidump *minidump, uint64_t paddr, void *buffer, size_t length)
{
	return paddr && length <= UINT64_MAX - paddr &&
	       minidump_read(minidump, paddr, buffer, length) == (int64_t)length;
}

/*
 * What is known of the state is the exception level; the rest only if firmware
 * took over from that very level, at the highest one.
 */
static uint64_t pstate_of(const uint64_t *words)
{
	uint64_t level = words[WORD_LEVEL] & 0xc;

	if ((words[WORD_SPSR_EL3] & 0xc) == level && words[WORD_SPSR_EL3])
		return words[WORD_SPSR_EL3];
	/* The stack pointer of the level itself, as Linux uses it. */
	return level ? level | 1 : 0;
}

static uint64_t stack_of(const uint64_t *words)
{
	switch (words[WORD_LEVEL] >> 2 & 3) {
	case 3:
		return words[WORD_SP_EL3];
	case 2:
		return words[WORD_SP_EL2];
	case 1:
		return words[WORD_SP_EL1];
	default:
		return words[WORD_SP_EL0];
	}
}

/* 0 also if the CPU's context was not saved. */
static int add_registers(struct minidump *minidump, uint32_t cpu, const uint8_t *context)
{
	struct meminspect_memory *memory = &minidump->memory;
	struct meminspect_registers *registers;
	uint64_t words[CONTEXT_WORDS], values[NR_REGISTERS];
	uint8_t *prstatus;
	size_t i;

	for (i = 0; i < CONTEXT_WORDS; i++)
		words[i] = get64(context + CONTEXT_STATUS + 8 * i);
	if (!get32(context) && !words[WORD_PC])
		return 0;
	for (i = 0; i < memory->nr_registers; i++)
		if (memory->registers[i].cpu == cpu)
			return 0;
	if (words[WORD_LEVEL] & ~0xcULL || get32(context) & ~STATUS_KNOWN)
		return memory_add_problem(memory, "what firmware saved of CPU %u can't be its registers: status %#x, exception level %#llx",
					  cpu, get32(context), (unsigned long long)words[WORD_LEVEL]);
	registers = reallocarray(memory->registers, memory->nr_registers + 1, sizeof(*registers));
	if (!registers)
		return -ENOMEM;
	memory->registers = registers;
	prstatus = calloc(1, CORE_PRSTATUS_ARM64);
	if (!prstatus)
		return -ENOMEM;
	memcpy(values, words, 31 * sizeof(values[0]));
	values[REGISTER_SP] = stack_of(words);
	values[REGISTER_PC] = words[WORD_PC];
	values[REGISTER_PSTATE] = pstate_of(words);
	for (i = 0; i < NR_REGISTERS; i++)
		values[i] = htole64(values[i]);
	memcpy(prstatus + PRSTATUS_REGISTERS, values, sizeof(values));
	registers[memory->nr_registers++] = (struct meminspect_registers) {
		.cpu = cpu, .source = MEMINSPECT_REGISTERS_FIRMWARE,
		.size = CORE_PRSTATUS_ARM64, .prstatus = prstatus,
	};
	return 0;
}

static int take_descriptor(struct minidump *minidump, uint32_t cpu, const uint8_t *data)
{
	uint8_t context[CONTEXT_SIZE];

	if (get32(data + 4) != DATA_MAGIC)
		return 0;
	if (get32(data) != CONTEXT_VERSION)
		return memory_add_problem(&minidump->memory, "firmware saved registers of CPU %u in version %#x, but only %#x is known: not used",
					  cpu, get32(data), CONTEXT_VERSION);
	if (get64(data + DATA_LENGTH) < sizeof(context) ||
	    !read_all(minidump, get64(data + DATA_ADDRESS), context, sizeof(context)))
		return memory_add_problem(&minidump->memory, "firmware saved registers of CPU %u, but %llu bytes at %#llx are not all there",
					  cpu, (unsigned long long)get64(data + DATA_LENGTH),
					  (unsigned long long)get64(data + DATA_ADDRESS));
	return add_registers(minidump, cpu, context);
}

/* Descriptors that firmware filled in, if entries have that size: it is not said which. */
static size_t good_entries(struct minidump *minidump, uint64_t table, uint32_t nr, size_t size)
{
	uint8_t entry[ENTRY_SIZE], data[DATA_SIZE];
	size_t good = 0;

	for (uint32_t i = 0; i < nr; i++) {
		uint64_t at = table + TABLE_HEADER + i * size;

		if (!read_all(minidump, at, entry, sizeof(entry)))
			break;
		good += get32(entry + 36) != ENTRY_IS_TABLE &&
			read_all(minidump, get64(entry + ENTRY_ADDRESS), data, sizeof(data)) &&
			get32(data + 4) == DATA_MAGIC;
	}
	return good;
}

static int take_table(struct minidump *minidump, uint64_t table)
{
	uint8_t header[TABLE_HEADER], entry[ENTRY_SIZE], data[DATA_SIZE];
	size_t size = ENTRY_SIZE;
	uint32_t nr;
	int error = 0;

	if (!read_all(minidump, table, header, sizeof(header)))
		return 0;
	nr = get32(header + 4) < MAX_ENTRIES ? get32(header + 4) : MAX_ENTRIES;
	if (good_entries(minidump, table, nr, LONG_ENTRY_SIZE) >
	    good_entries(minidump, table, nr, ENTRY_SIZE))
		size = LONG_ENTRY_SIZE;
	for (uint32_t i = 0; i < nr && !error; i++) {
		if (!read_all(minidump, table + TABLE_HEADER + i * size, entry, sizeof(entry)))
			break;
		if (get32(entry) < MAX_CONTEXTS && get32(entry + 36) != ENTRY_IS_TABLE &&
		    read_all(minidump, get64(entry + ENTRY_ADDRESS), data, sizeof(data)))
			error = take_descriptor(minidump, get32(entry), data);
	}
	return error;
}

/* The table of tables; or the table itself. */
static int take_base_table(struct minidump *minidump, uint64_t base)
{
	uint8_t header[TABLE_HEADER], entry[ENTRY_SIZE];
	uint32_t nr;

	if (!read_all(minidump, base, header, sizeof(header)))
		return 0;
	nr = get32(header + 4) < MAX_ENTRIES ? get32(header + 4) : MAX_ENTRIES;
	for (uint32_t i = 0; i < nr; i++) {
		/* Of the first entry, the size of entries does not matter; others are not ours. */
		for (size_t size = ENTRY_SIZE; size <= LONG_ENTRY_SIZE; size += 8)
			if (read_all(minidump, base + TABLE_HEADER + i * size, entry, sizeof(entry)) &&
			    get32(entry) == APPS_TABLE && get32(entry + 36) == ENTRY_IS_TABLE)
				return take_table(minidump, get64(entry + ENTRY_ADDRESS));
	}
	return 0;
}

static size_t file_named(const struct minidump *minidump, const char *start)
{
	for (size_t i = 0; i < minidump->files.nr; i++) {
		const char *full = minidump->files.files[i].name.full;

		/* A kernel's own have a K first. */
		if (!strncasecmp(full, start, strlen(start)) ||
		    ((full[0] == 'K' || full[0] == 'k') && !strncasecmp(full + 1, start, strlen(start))))
			return i;
	}
	return MINIDUMP_NO_FILE;
}

static bool overlaps(const struct minidump *minidump, uint64_t paddr, uint64_t size)
{
	for (size_t i = 0; i < minidump->header.nr_rows; i++) {
		const struct minidump_row *row = &minidump->header.rows[i];

		if (!row->lost && row->file != MINIDUMP_NO_FILE &&
		    paddr < row->paddr + row->size && row->paddr < paddr + size)
			return true;
	}
	return false;
}

/* The file with the tables, if it is no row: the table's address is that of its first byte. */
static int place_tables(struct minidump *minidump, uint64_t *base)
{
	size_t file = file_named(minidump, "MEMDUMP");
	struct minidump_row *row;
	size_t i;

	if (file == MINIDUMP_NO_FILE)
		return 0;
	for (i = 0; i < minidump->header.nr_rows; i++)
		if (minidump->header.rows[i].file == file)
			break;
	if (i < minidump->header.nr_rows) {
		if (!*base)
			*base = minidump->header.rows[i].paddr;
		return 0;
	}
	if (!*base && minidump->files.files[file].has_address)
		*base = minidump->files.files[file].address;
	if (!*base)
		return memory_add_problem(&minidump->memory, "%s/%s: holds registers that firmware saved, but no md_" IMEM_NAME ".BIN tells where it was: not used",
					  minidump->files.where, minidump->files.files[file].path);
	if (*base >> 52 || overlaps(minidump, *base, minidump->files.files[file].size))
		return memory_add_problem(&minidump->memory, "%s/%s: was at %#llx, as md_" IMEM_NAME ".BIN says, but a row is there: not used",
					  minidump->files.where, minidump->files.files[file].path,
					  (unsigned long long)*base);
	row = minidump_add_row(minidump);
	if (!row)
		return -ENOMEM;
	row->paddr = *base;
	row->size = minidump->files.files[file].size;
	row->file = file;
	minidump->files.files[file].used = true;
	return 0;
}

/* A file with a context alone: KCPU_CTX<cpu>, or KMDT0x<cpu>; which version it has isn't said. */
static int take_context_file(struct minidump *minidump, size_t file)
{
	const char *full = minidump->files.files[file].name.full;
	uint8_t context[CONTEXT_SIZE];
	unsigned long cpu;
	char *end;

	if (!strncasecmp(full, "KCPU_CTX", strlen("KCPU_CTX")))
		cpu = strtoul(full + strlen("KCPU_CTX"), &end, 10);
	else if (!strncasecmp(full, "KMDT0x", strlen("KMDT0x")))
		cpu = strtoul(full + strlen("KMDT0x"), &end, 16);
	else
		return 0;
	/* With the number of a row behind it, the CPU can't be told. */
	if (*end || cpu >= MAX_CONTEXTS || minidump->header.style == MINIDUMP_WHOLE ||
	    minidump->header.style == MINIDUMP_SPLIT ||
	    minidump_file_read(&minidump->files, file, 0, context, sizeof(context)) !=
	    (int64_t)sizeof(context))
		return 0;
	minidump->files.files[file].used = true;
	return add_registers(minidump, cpu, context);
}

static int take_imem(struct minidump *minidump, uint64_t *table)
{
	size_t file = file_named(minidump, IMEM_NAME);
	uint8_t bytes[12];

	if (file == MINIDUMP_NO_FILE)
		return 0;
	minidump->files.files[file].used = true;
	if (minidump_file_read(&minidump->files, file, IMEM_TABLE, bytes, 8) == 8)
		*table = get64(bytes);
	if (minidump_file_read(&minidump->files, file, IMEM_KASLR, bytes, 12) != 12 ||
	    get32(bytes) != IMEM_KASLR_MAGIC)
		return 0;
	minidump->memory.has_kaslr_offset = true;
	minidump->memory.kaslr_offset = get32(bytes + 4) | (uint64_t)get32(bytes + 8) << 32;
	return 0;
}

int minidump_registers(struct minidump *minidump)
{
	uint64_t base = 0;
	int error;

	/* What is laid out here is arm64's. */
	if (minidump->header.machine && minidump->header.machine != EM_AARCH64)
		return take_imem(minidump, &base);
	error = take_imem(minidump, &base);
	if (!error)
		error = place_tables(minidump, &base);
	if (!error && base)
		error = take_base_table(minidump, base);
	for (size_t i = 0; i < minidump->files.nr && !error; i++)
		error = take_context_file(minidump, i);
	return error;
}
