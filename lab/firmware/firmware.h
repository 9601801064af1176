/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of lab/firmware, a model of a Qualcomm phone's boot firmware. It is written from the
 * formats alone and includes nothing of the project: it is what the project is tried against.
 */
#ifndef LAB_FIRMWARE_H
#define LAB_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses, documented in usage() */
enum outcome {
	OUTCOME_DONE = 0,
	OUTCOME_TROUBLE = 1,
	OUTCOME_USAGE = 2,
	OUTCOME_REFUSED = 3,
	OUTCOME_PARTIAL = 4,
};

/* main.c */
struct options {
	const char *ram;
	uint64_t base;
	bool bite;
	const char *registers;
	bool lower_case;
	unsigned int subsystems;
	uint64_t partition_size;
	const char *socket;
	unsigned int timeout;
	bool table32;
	const char *unreadable;
	uint64_t hang_up_after;
	/* The file or directory to write, when the command has one */
	const char *output;
};

void __attribute__((noreturn, format(printf, 2, 3))) fail(enum outcome outcome,
							  const char *format, ...);
void __attribute__((format(printf, 1, 2))) warn(const char *format, ...);

/* Commands, each in the file of its name */
enum outcome prepare(const struct options *options);
enum outcome dump(const struct options *options);
enum outcome rawdump(const struct options *options);
enum outcome sahara(const struct options *options);
enum outcome bite(const struct options *options);

/* ram.c: the RAM of the dead machine */
struct ram {
	const char *path;
	uint8_t *bytes;
	uint64_t base;
	uint64_t size;
};

/* Unless in_place, what is written into it stays in this process. */
void ram_open(struct ram *ram, const struct options *options, bool in_place);
/* Has what was written in place on the disk */
void ram_sync(const struct ram *ram);
/* The length bytes at a physical address, or NULL when not all of them are RAM */
uint8_t *ram_at(const struct ram *ram, uint64_t address, uint64_t length);

/* output.c: files that appear whole or not at all, and replace no other */
struct output {
	int fd;
	char *path;
	char *temporary;
};

void output_open(struct output *output, const char *directory, const char *name);
void output_write(struct output *output, const void *bytes, size_t length);
void output_close(struct output *output);
void make_directory(const char *path);

/* smem.c: shared memory, of SMEM_SIZE bytes */
void smem_build(uint8_t *smem, unsigned int subsystems);
/* The data of an item; fails when the shared memory is broken or has no such item */
const uint8_t *smem_find(const uint8_t *smem, unsigned int item, size_t *size);

/* minidump.c: the table of regions that the kernel keeps */
enum {
	MINIDUMP_ITEM = 602,
	MINIDUMP_HEADER_SIZE = 16,
	MINIDUMP_SUBSYSTEM_SIZE = 32,
	/* What firmware has room for: the core header and 200 others */
	MINIDUMP_MAX_REGIONS = 201,
	/* Of the 16 bytes for a name firmware keeps four */
	NAME_SIZE = 12,
	/* In tables that a host reads, with the NUL */
	FILE_NAME_SIZE = 20,
};

struct region {
	/* What the host calls the file, and the same without its ending */
	char file[FILE_NAME_SIZE];
	char name[FILE_NAME_SIZE];
	uint64_t address;
	uint64_t size;
};

struct regions {
	/* One more for IMEM, which firmware adds */
	struct region list[MINIDUMP_MAX_REGIONS + 1];
	unsigned int count;
	/* Rows that ask for what firmware does not give */
	unsigned int refused;
};

/* Fails when the table as a whole is refused */
void minidump_read(struct regions *regions, const struct ram *ram, bool lower_case);

/* name.c: the file name of a row, or NULL and why there is none */
const char *name_region(struct region *region, const uint8_t *field, uint32_t sequence,
			bool lower_case);

/* registers.c: a file with lines "cpu NUMBER REGISTER VALUE" */
enum {
	MAX_CPUS = 32,
	/* x0 to x30, pc, and what registers.c lists */
	REGISTERS = 43,
};

struct registers {
	bool given;
	uint64_t value[REGISTERS];
};

void registers_read(struct registers *cpus, const char *path);

/* bite.c: saves registers as firmware does at a watchdog bite */
bool bite_machine(const struct ram *ram, const char *registers_path);

/* dead.c: opens the RAM of a dead machine, lets the watchdog bite, and reads the table */
enum outcome dead_machine(struct ram *ram, struct regions *regions, const struct options *options);

#endif
