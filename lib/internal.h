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
#define MAX_REGIONS		(1U << 19)
#define MAX_EXTENTS		(1U << 20)
/* The kernel keeps it in one page, of 64 KiB at most. */
#define MAX_VMCOREINFO		65536U
/* Each has a program header and pages of its own in a core. */
#define MAX_PIECES		(1U << 18)
/* No Linux has more (CONFIG_NR_CPUS); a dump that claims more is hostile. */
#define MAX_CPUS		8192U

/* context.c */
/* Sets the error text and returns @error, a negative errno. */
int fail(struct meminspect_context *context, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Frees *@text and sets it to another one; -ENOMEM, and *@text is as it was, if memory is short. */
int replace_text(char **text, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
void progress(struct meminspect_context *context, const char *what, uint64_t done, uint64_t total);

/* memory.c: what the sources (memory-ram.c, memory-qmp.c, memory-minidump.c) fill in */
struct directory;

struct memory_operations {
	/* As meminspect_memory_read(). */
	int64_t (*read)(struct meminspect_memory *memory, uint64_t paddr, void *buffer,
			size_t length);
	/*
	 * Tells which ranges will be read next, for a source to which many small
	 * requests are dear. Ranges of an earlier call were read by then. May be
	 * NULL; reading works without it.
	 */
	int (*prefetch)(struct meminspect_memory *memory, const struct meminspect_extent *ranges,
			size_t nr_ranges);
	/*
	 * Addresses of both copies of the head chunk, found by other means than
	 * VMCOREINFO; -ENOENT if there is none.
	 */
	int (*find_head)(struct meminspect_memory *memory, uint64_t head[MEMINSPECT_COPIES]);
	/*
	 * Regions that the source knows where there is no directory: names,
	 * addresses and sizes; nothing else is filled in. May be NULL.
	 */
	int (*regions)(struct meminspect_memory *memory, struct directory **directory);
	/* Why it has no memory there, for free(); NULL if memory is short. May be NULL. */
	char *(*explain)(struct meminspect_memory *memory, uint64_t paddr);
	/* The addresses that the source has; may be NULL if it cannot say. */
	void (*range)(struct meminspect_memory *memory, uint64_t *start, uint64_t *length);
	/* Lets what was stopped go on, before close; an error if it stays so. May be NULL. */
	int (*resume)(struct meminspect_memory *memory);
	void (*close)(struct meminspect_memory *memory);
};

struct meminspect_memory {
	struct meminspect_context *context;
	const struct memory_operations *operations;
	char *description;	/* for meminspect_dump_source() */
	char *vmcoreinfo;	/* text, if the source has it, else NULL */
	uint16_t machine;	/* ELF number, if the source has it, else 0 */
	bool has_kaslr_offset;
	uint64_t kaslr_offset;	/* as the kernel left it for boot firmware */
	size_t nr_registers;	/* as saved by the source, else 0 */
	struct meminspect_registers *registers;	/* prstatus: owned */
	size_t nr_problems;	/* what the source has to say of its own doubts */
	char **problems;
};

/* Frees what is above; @memory itself is left to the source. */
void memory_release(struct meminspect_memory *memory);
/* The source has none then. */
void memory_drop_registers(struct meminspect_memory *memory);
int memory_add_problem(struct meminspect_memory *memory, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* head-search.c: the head chunk without VMCOREINFO, by its magic */
struct head_search;

struct head_search *head_search_new(struct meminspect_context *context);
void head_search_free(struct head_search *search);
/* Looks at @length bytes from @position, a multiple of the chunk size, of the image. */
void head_search_window(struct head_search *search, const uint8_t *bytes, size_t length,
			uint64_t position);
/* Reads from @position of the image; returns as meminspect_memory_read(). */
typedef int64_t (*image_read_function)(void *priv, uint64_t position, void *buffer,
				       size_t length);
/**
 * head_search_result - choose among the heads that were seen
 * @memory: gets a problem if the choice isn't clear
 * @base: physical address of position 0, or MEMINSPECT_BASE_FROM_DIRECTORY;
 *	set to what the directory says
 * @head: set to the physical addresses of both copies
 */
int head_search_result(struct head_search *search, struct meminspect_memory *memory,
		       image_read_function read, void *priv, uint64_t *base,
		       uint64_t head[MEMINSPECT_COPIES]);

/* directory.c: reads the table by the rules of directory.rst */
/* Bytes of a name that aren't printable ASCII, and backslashes, become \xNN. */
#define PRINTABLE_NAME_SIZE	(4 * MEMINSPECT_NAME_SIZE)

struct directory_region {
	char name[PRINTABLE_NAME_SIZE];
	uint16_t class;
	uint16_t key_kind;
	uint32_t key;
	uint64_t vaddr;
	uint64_t size;
	size_t nr_extents;
	struct meminspect_extent *extents;
	enum meminspect_left_out left_out;	/* why it is kept out of dumps, if it is */
	bool lost;		/* row or extents can't be used, there are none; @why tells */
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
	size_t nr_rows;		/* of all chunks, whatever they hold */
	size_t nr_lost_rows;	/* that are unreadable in both copies */
	size_t nr_problems;
	char **problems;
};

typedef int64_t (*directory_read_function)(void *priv, uint64_t paddr, void *buffer,
					   size_t length);

/* Reads from either head copy, whichever is good; @head[1] may be 0 if unknown. */
int directory_read(struct meminspect_context *context, directory_read_function read, void *priv,
		   const uint64_t head[MEMINSPECT_COPIES], struct directory **directory);
void directory_free(struct directory *directory);

/* qemu-notes.c */
/* Takes VMCOREINFO and registers from the notes of a dump that QEMU wrote to @fd. */
int qemu_notes_read(struct meminspect_memory *memory, int fd, const char *path);

/* content.c: what the bytes of a region say */
/*
 * The region's bytes up to the first that is missing, followed by a NUL; to be
 * freed. NULL if memory is short.
 */
uint8_t *region_contents(const struct meminspect_region *region, size_t *length);
/* Gives well-known regions whose contents can't be right the verdict CORRUPT. */
int content_check(struct meminspect_dump *dump);

/* current.c: what each CPU runs */
/*
 * Regions of the tasks, and their stacks, that the regions "current" name;
 * nothing else of the directory is filled in. What is there already is not
 * repeated. A region "current" that can't be right gets the verdict CORRUPT.
 */
int current_regions(struct meminspect_dump *dump, struct directory **directory);
/* Sorted addresses, for free(), of the tasks and the stacks that CPUs ran; NULL if memory is short. */
uint64_t *current_addresses(const struct meminspect_dump *dump, size_t *nr);

/* vmcoreinfo.c */
/* Takes off what has no end of line, with a problem that says so. */
int vmcoreinfo_drop_cut_line(struct meminspect_dump *dump);

/* registers.c: struct elf_prstatus of each CPU */
struct note {
	uint32_t type;
	const char *name;	/* @name_size bytes, perhaps without a NUL */
	size_t name_size;
	const uint8_t *description;
	size_t description_size;
};

/**
 * note_next - step through ELF notes
 * @bytes: the notes, @length bytes
 * @offset: where to look; set to behind the note
 *
 * Returns 1 for a note, 0 at the end (no bytes left, or a note without a name),
 * -EBADMSG if the note runs past the end.
 */
int note_next(const uint8_t *bytes, size_t length, size_t *offset, struct note *note);
/* Size of struct elf_prstatus on an ELF e_machine, 0 if unknown. */
size_t prstatus_size(uint32_t machine);
/* Whether it can be that on @machine; where that is unknown, or 0, whether a core can have it. */
bool prstatus_size_possible(size_t size, uint32_t machine);
/*
 * The NT_PRSTATUS in the crash_notes of a CPU: 1, 0 if it was not saved, or
 * -EBADMSG if that can't be what a kernel for @machine (0: any) wrote.
 */
int registers_from_crash_note(const uint8_t *bytes, size_t length, uint32_t machine,
			      struct note *note);
/* Fills dump->registers from the regions, and from @memory where the kernel saved none. */
int registers_collect(struct meminspect_dump *dump, const struct meminspect_memory *memory);

/* page-tables.c: virtual addresses, when nobody says how the kernel maps them */
struct table_format;

/* The format that the kernel said that it has; NULL if that is none. */
const struct table_format *page_tables_format(const struct meminspect_ident *ident);
/**
 * page_tables_recognise - which format the page tables have
 * @root: physical address of the top level
 * @vaddr: virtual address that is in the image, perhaps
 * @first, @last: first and last physical byte of what is surely mapped there
 * @end: physical end of the image
 *
 * Returns the format in which @vaddr is in the image, from @first to @end, and
 * @first and @last are at the same distance; NULL if there is none.
 */
const struct table_format *page_tables_recognise(struct meminspect_memory *memory, uint64_t root,
						 uint64_t vaddr, uint64_t first, uint64_t last,
						 uint64_t end);
/* 0, or -ENXIO if it is not mapped or a table is not there. */
int page_tables_translate(struct meminspect_memory *memory, uint64_t root,
			  const struct table_format *format, uint64_t vaddr, uint64_t *paddr);

/* dump.c */
struct interval;

/* Where collected bytes are */
struct dump_index {
	bool built;
	size_t nr;
	struct interval *intervals;	/* sorted, without overlaps */
};

struct meminspect_dump {
	char *source;
	int64_t collected;
	char *vmcoreinfo;
	bool has_ident, has_capture;
	struct meminspect_ident ident;
	struct meminspect_capture capture;
	uint16_t machine;	/* ELF number, where the source or a core tells it, else 0 */
	bool has_kaslr_offset;
	uint64_t kaslr_offset;	/* as the source has it */
	char *level;		/* that it was cut down to, NULL if it was not */
	uint64_t nr_beyond;	/* regions that are not in it for that */
	size_t nr_regions;
	struct meminspect_region *regions;	/* names, pieces, data, why: owned */
	size_t nr_registers;
	struct meminspect_registers *registers;	/* prstatus: owned */
	size_t nr_problems;
	char **problems;
	struct dump_index *index;	/* of virtual addresses, for meminspect_dump_read() */
};

/* All that a dump owns is freed with free(), each name, piece array and data by itself. */
struct meminspect_dump *dump_new(void);
/* To be called when regions were added: virtual addresses are looked up anew. */
void dump_changed(struct meminspect_dump *dump);
enum dump_index_kind { BY_VADDR, BY_PADDR };

/* Of the first @nr_regions, which must keep their pieces; -ENOMEM. */
int dump_index_build(struct dump_index *index, const struct meminspect_dump *dump,
		     size_t nr_regions, enum dump_index_kind kind);
void dump_index_release(struct dump_index *index);
/* 0 if it has all @length bytes, else -ENODATA. */
int dump_index_read(const struct dump_index *index, uint64_t address, void *buffer, size_t length);
/* Copies what it has of @length bytes, and leaves the others as they are. */
void dump_index_overlay(const struct dump_index *index, uint64_t address, void *buffer, size_t length);
/* Frees what the region owns. */
void region_release(struct meminspect_region *region);
int dump_add_problem(struct meminspect_dump *dump, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int region_set_verdict(struct meminspect_region *region, enum meminspect_verdict verdict,
		       const char *format, ...) __attribute__((format(printf, 3, 4)));
/*
 * The verdict of what was read, by what its pieces have. @reason, from malloc(), says why something
 * is missing; without it @memory is asked. -ENOMEM.
 */
int region_judge(struct meminspect_memory *memory, struct meminspect_region *region, char *reason);

#endif /* MEMINSPECT_INTERNAL_H */
