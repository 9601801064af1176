/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The ELF core that core-layout.c and core-write.c write and core-read.c reads.
 * docs/core-format.md is for people who write other readers.
 */
#ifndef MEMINSPECT_CORE_FORMAT_H
#define MEMINSPECT_CORE_FORMAT_H

#include "internal.h"

#include <elf.h>

/* Every piece has pages of this size of its own in the file, whatever the kernel's page size. */
#define CORE_PAGE_SIZE		4096U

/*
 * Fills what is left of these pages. crash reads on past the end of a segment
 * into what follows in the file: this must not look like data. Read from any
 * byte on, as a pointer it is neither canonical on x86_64 nor in a mapped
 * range on arm64, as text it says what it is.
 */
#define CORE_POISON		"NotDump!"
#define CORE_POISON_SIZE	8U

/* p_vaddr of memory without a known virtual address: its physical address on top of this. */
#define CORE_NO_VADDR		0x4e00000000000000ULL

/* Names of notes; sizes in the file include the NUL. */
#define CORE_NOTE_REGISTERS	"CORE"
#define CORE_NOTE_VMCOREINFO	"VMCOREINFO"
/* crash adds the unpadded size of the name to the address: it must be a multiple of 4. */
#define CORE_NOTE_TASK		"MEMINSP"
/*
 * An empty note that has crash take the first note of registers for those of CPU
 * 0, and so on. Without it crash goes by cpu_online_mask, which a panic changes,
 * and looks for registers on the stacks first.
 */
#define CORE_NOTE_QEMU		"QEMU"
#define CORE_NOTE_PRIVATE	"MEMINSPECT"

#define CORE_TYPE_VMCOREINFO	0U
/*
 * Types of our private notes. crash and gdb go by the type alone, whatever the
 * name: small numbers would be taken for registers of one more CPU.
 */
#define CORE_TYPE_TABLE		0x4d454d01U	/* from core_table_encode() */
#define CORE_TYPE_REGISTERS	0x4d454d04U	/* struct elf_prstatus that crash would take for another CPU's */
#define CORE_TYPE_CHECKSUM	0x4d454d02U	/* CRC-32 of the file up to this number */

/* Where struct elf_prstatus has pr_pid on 64-bit machines, and what must be there at least. */
#define CORE_PID_OFFSET		32U
#define CORE_PRSTATUS_MIN	(CORE_PID_OFFSET + 4)
#define CORE_PRSTATUS_MAX	4096U
/* Whole sizes of struct elf_prstatus. */
#define CORE_PRSTATUS_X86_64	336U
#define CORE_PRSTATUS_ARM64	392U

#define CORE_TABLE_VERSION	4
#define CORE_TABLE_MAX_BYTES	(256U << 20)

/* What the table has of a piece beyond struct meminspect_piece. */
struct core_piece {
	uint32_t load;		/* number of the program header that leads to its bytes; 0 without any */
	uint32_t crc;		/* of the present bytes */
};

/* Where the next piece of the region is, unless the table says otherwise. */
static inline uint64_t core_next_vaddr(const struct meminspect_piece *piece)
{
	return piece->vaddr ? piece->vaddr + piece->length : 0;
}

/* core-notes.c: the contents of the PT_NOTE */
struct core_notes {
	uint8_t *bytes;		/* for free() */
	size_t length;
	bool failed;		/* memory is short */
};

/* @table: what core_table_encode() returned */
void core_notes_make(struct core_notes *notes, const struct meminspect_dump *dump,
		     const char *table);
/* Fills in the last note: @headers is the CRC-32 of what stands before the notes in the file. */
void core_notes_set_checksum(struct core_notes *notes, uint32_t headers);
/* In a struct elf_prstatus, which is at least CORE_PRSTATUS_MIN long. */
uint32_t prstatus_pid(const uint8_t *prstatus);
void prstatus_set_pid(uint8_t *prstatus, uint32_t pid);

/* A piece that has bytes, and its place in the file */
struct core_place {
	const struct meminspect_piece *piece;
	size_t index;		/* of the piece, among those of all regions */
	uint64_t offset;
	bool shared;		/* another piece has its bytes there */
};

static inline uint64_t core_align_up(uint64_t offset)
{
	return (offset + CORE_PAGE_SIZE - 1) & ~(uint64_t)(CORE_PAGE_SIZE - 1);
}

/* Fills @length bytes from a multiple of CORE_POISON_SIZE on in the file. */
static inline void core_poison(uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = CORE_POISON[i % CORE_POISON_SIZE];
}

/**
 * core_lay_out - find a place for each piece that has bytes
 * @places: with @piece and @index set; sorted by offset then
 * @offset: of the first page, a multiple of CORE_PAGE_SIZE
 *
 * Between places is poison. Returns -ENOMEM when memory is short.
 */
int core_lay_out(struct core_place *places, size_t nr, uint64_t offset);

/* core-write.c: ELF number of the machine; the identification block may be lost */
uint16_t core_machine(const struct meminspect_dump *dump);

/* suspect.c: @task is the address of the task_struct, or 0 if nothing tells; -ENOMEM */
int suspect_task(const struct meminspect_dump *dump, uint64_t *task);

/* core-encode.c, core-decode.c: the table in the private note, JSON */
/**
 * core_table_encode - make the table
 * @pieces: one for each piece of each region, in order; NULL: the table has
 *	neither program headers nor checksums, leaves nothing out, and is made for
 *	people to read
 *
 * Returns text for free(), or NULL when memory is short. A reader accepts
 * CORE_TABLE_MAX_BYTES.
 */
char *core_table_encode(const struct meminspect_dump *dump, const struct core_piece *pieces);
/**
 * core_table_decode - make a dump without contents from the table
 * @text: need not be terminated
 * @path: for errors
 * @pieces: set to an array for free(), as above
 */
int core_table_decode(struct meminspect_context *context, const char *path, const char *text,
		      size_t length, struct meminspect_dump **dump, struct core_piece **pieces);

/* output.c: a file that appears whole or not at all */
struct output {
	int fd;
	char *path;
	char *temporary;
	uint64_t offset;	/* where output_write() goes on */
};

int output_create(struct meminspect_context *context, const char *path, struct output *output);
int output_write(struct meminspect_context *context, struct output *output, const void *bytes,
		 size_t length);
/* Ends the output, whether it succeeds or not. */
int output_commit(struct meminspect_context *context, struct output *output);
void output_discard(struct output *output);

#endif /* MEMINSPECT_CORE_FORMAT_H */
