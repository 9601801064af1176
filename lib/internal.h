/* SPDX-License-Identifier: LGPL-2.1-only */
/* What the files of the library share. Grouped by the file that implements it. */
#ifndef MEMINSPECT_INTERNAL_H
#define MEMINSPECT_INTERNAL_H

#include "meminspect.h"
#include <stdarg.h>
#include <sys/types.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* A dump that claims more is refused: contents are held in memory. */
#define MAX_COLLECTED_BYTES	(1ULL << 30)
#define MAX_REGIONS		(1U << 20)
#define MAX_EXTENTS		(1U << 20)

/* context.c */
/* Sets the error text and returns @error, a negative errno. */
int fail(struct meminspect_context *context, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void progress(struct meminspect_context *context, const char *what, uint64_t done, uint64_t total);

/* memory.c: what the sources (memory-ram.c, memory-qmp.c) fill in */
struct memory_operations {
	/* As meminspect_memory_read(). */
	int64_t (*read)(struct meminspect_memory *memory, uint64_t paddr, void *buffer,
			size_t length);
	/* Address of a head chunk found by other means than VMCOREINFO; -ENOENT if none. */
	int (*find_head)(struct meminspect_memory *memory, uint64_t *paddr);
	void (*close)(struct meminspect_memory *memory);
};

struct meminspect_memory {
	struct meminspect_context *context;
	const struct memory_operations *operations;
	char *description;	/* for meminspect_dump_source() */
	char *vmcoreinfo;	/* text, if the source has it, else NULL */
	size_t nr_registers;	/* as saved by the source, else 0 */
	struct meminspect_registers *registers;
};

/* Frees what is above and @memory itself is left to the source. */
void memory_release(struct meminspect_memory *memory);

/* directory.c: reads the table by the rules of directory.rst */
struct directory_region {
	char name[MEMINSPECT_NAME_SIZE];
	uint16_t class;
	uint16_t key_kind;
	uint32_t key;
	uint64_t vaddr;
	uint64_t size;
	size_t nr_extents;
	struct meminspect_extent *extents;
	bool lost;		/* extents unreadable; @why tells */
	char *why;
};

struct directory {
	bool has_ident, has_capture;
	struct meminspect_ident ident;
	struct meminspect_capture capture;
	size_t nr_regions;
	struct directory_region *regions;
	size_t nr_chunks;	/* pairs; both copies are themselves worth dumping */
	uint64_t (*chunks)[MEMINSPECT_COPIES];
	size_t nr_problems;
	char **problems;
};

typedef int64_t (*directory_read_function)(void *priv, uint64_t paddr, void *buffer,
					   size_t length);

/* Reads from either head copy, whichever is good; @head[1] may be 0 if unknown. */
int directory_read(struct meminspect_context *context, directory_read_function read, void *priv,
		   const uint64_t head[MEMINSPECT_COPIES], struct directory **directory);
void directory_free(struct directory *directory);

/* dump.c */
struct meminspect_dump {
	char *source;
	int64_t collected;
	char *vmcoreinfo;
	bool has_ident, has_capture;
	struct meminspect_ident ident;
	struct meminspect_capture capture;
	size_t nr_regions;
	struct meminspect_region *regions;	/* names, pieces, data, why: owned */
	size_t nr_registers;
	struct meminspect_registers *registers;	/* prstatus: owned */
	size_t nr_problems;
	char **problems;
};

struct meminspect_dump *dump_new(void);
int dump_add_problem(struct meminspect_dump *dump, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* MEMINSPECT_INTERNAL_H */
