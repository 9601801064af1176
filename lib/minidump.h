/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What the files that read a minidump share. A minidump is a set of files, one
 * for each row of a table that boot firmware was given. One of them, the
 * header, is the start of an ELF core whose program headers have the rows'
 * addresses; the others have names, and nothing else that tells what they are.
 */
#ifndef MEMINSPECT_MINIDUMP_H
#define MEMINSPECT_MINIDUMP_H

#include "internal.h"

/* Boot firmware knows some 200 to 400 rows in all; more are hostile. */
#define MAX_MINIDUMP_FILES	2048U
#define MAX_MINIDUMP_ROWS	1024U
/* As many program headers and VMCOREINFO have less. */
#define MAX_MINIDUMP_HEADER	(1U << 20)

/* minidump-name.c */
struct minidump_name {
	char machine[8];	/* which virtual machine, as "2d"; "" if there is one only */
	char full[64];		/* "Klog_buf12": between the prefix and the suffix */
};

/* False if no boot firmware calls a region's file like this. */
bool minidump_name_parse(const char *file, struct minidump_name *name);
/*
 * A number at the end of a name may start at any of its last digits: "Kcpu15"
 * is Kcpu, row 15, or Kcpu1, row 5. Returns the number of digits that make
 * @number, 0 if the name does not end in it.
 */
size_t minidump_name_ends_in(const char *full, uint32_t number);
/* The longest number that the name can end in; false if there is none. */
bool minidump_name_number(const char *full, uint32_t *number);
/* Whether the first @length characters of a short name can stand for that one. */
bool minidump_name_fits(const char *short_name, size_t length, const char *name);

/* minidump-files.c */
/* Beside the files of one transfer; not written by other tools. */
#define MINIDUMP_LIST	"md_list.txt"
/* A line of it that says what the device offered, but did not give. */
#define MINIDUMP_LOST	"# lost: "

struct minidump_file {
	char *path;		/* as the folder or the container has it */
	struct minidump_name name;
	uint64_t size;
	uint64_t position;	/* in the container */
	uint64_t address;	/* physical, as whoever copied it wrote down */
	bool has_address;
	bool used;		/* somebody knows what it is */
	bool copy;		/* it is the same as another one */
};

struct minidump_files {
	struct meminspect_memory *memory;	/* gets problems */
	char *where;		/* the folder or the container */
	int folder;		/* -1: all are in @container */
	int container;		/* or the file of the folder that was read last, or -1 */
	size_t opened;		/* index of that one */
	uint64_t compared;	/* bytes, by minidump_files_same() */
	size_t nr;
	struct minidump_file *files;
};

int minidump_files_open(struct minidump_files *files, const char *path);
void minidump_files_close(struct minidump_files *files);
struct minidump_file *minidump_files_add(struct minidump_files *files, const char *name);
/* As meminspect_memory_read(), from @offset of the file on. */
int64_t minidump_file_read(struct minidump_files *files, size_t index, uint64_t offset,
			   void *buffer, size_t length);
/* Where from @offset on the file has bytes; its size if it has a hole up to there. */
uint64_t minidump_file_data(struct minidump_files *files, size_t index, uint64_t offset);
/* Whether both are known to be the same up to @length bytes; or an error. */
int minidump_files_same(struct minidump_files *files, size_t one, size_t other, uint64_t length);

/* rawdump.c: the container in which boot firmware leaves files on a disk */
int rawdump_open(struct minidump_files *files, const char *path);

/* minidump-header.c */
enum minidump_style {
	MINIDUMP_NO_HEADER,
	MINIDUMP_UNDECIDED,	/* cut off before what tells the next two apart */
	MINIDUMP_WHOLE,		/* all notes are in it; the rows' numbers follow each other */
	MINIDUMP_SPLIT,		/* the text of VMCOREINFO is the next file; numbers have holes */
	MINIDUMP_SECTIONS,	/* sections name the files; no notes */
};

#define MINIDUMP_NO_FILE	SIZE_MAX

struct minidump_row {
	uint64_t paddr;
	uint64_t vaddr;
	uint64_t size;
	char name[64];		/* of MINIDUMP_SECTIONS, else "" */
	uint32_t number;	/* that its file has, 0 if unknown */
	size_t file;		/* with its bytes, or MINIDUMP_NO_FILE */
	uint64_t offset;	/* of the first one in the file */
	bool lost;		/* it has no physical address */
	char *why;		/* no file, or not all of it; NULL if all is well */
	size_t nr_regions;	/* of the directory, the first ones that are in it */
	size_t regions[32];
};

struct minidump_header {
	enum minidump_style style;
	uint16_t machine;
	size_t nr_rows;
	struct minidump_row *rows;
	char *vmcoreinfo;		/* text, as far as it is in the header, else NULL */
	uint64_t vmcoreinfo_size;	/* MINIDUMP_SPLIT: bytes in the next file */
};

/*
 * -ENOEXEC, with an error that does not name the file, if these bytes are no
 * header. @memory gets problems, which name @path.
 */
int minidump_header_parse(struct meminspect_memory *memory, const char *path,
			  const uint8_t *bytes, size_t size, struct minidump_header *header);
void minidump_header_release(struct minidump_header *header);

/* minidump-sections.c: what the sections of a header say; called by minidump_header_parse() */
int minidump_sections_parse(struct meminspect_memory *memory, const char *path,
			    const uint8_t *bytes, size_t size, struct minidump_header *header);

/* A minidump as a source. */
struct minidump {
	struct meminspect_memory memory;
	struct minidump_files files;
	struct minidump_header header;
	size_t header_file;		/* MINIDUMP_NO_FILE if there is none */
	uint64_t head[MEMINSPECT_COPIES];	/* of the directory, as its files say, or 0 */
	struct directory *directory;	/* as far as it is known while files are matched */
};

/* memory-minidump.c */
int64_t minidump_read(void *priv, uint64_t paddr, void *buffer, size_t length);
int minidump_row_fault(struct minidump_row *row, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* minidump-match.c: which file has which row */
int minidump_match(struct minidump *minidump);
/* A problem for each file that nobody used. */
int minidump_report_unused(struct minidump *minidump);
/* Gives a row its file; says so where their sizes differ. */
int minidump_assign(struct minidump *minidump, size_t row, size_t file);
/* A row that the header does not have; NULL if memory is short. */
struct minidump_row *minidump_add_row(struct minidump *minidump);
/* Whether it can be of the machine whose header was found, and is not taken. */
bool minidump_file_free(const struct minidump *minidump, size_t file);

/* assignment.c */
/**
 * assignment_solve - give each file at most one row, so that the sum of weights is highest
 * @weights: @nr_rows for each file; 0: not that one
 * @margin: how much less the sum must be without a pair for it to be taken
 * @row_of: set to each file's row, or SIZE_MAX
 */
int assignment_solve(const unsigned int *weights, size_t nr_files, size_t nr_rows, int margin,
		     size_t *row_of);

/* minidump-score.c: how much says that a file has a row */
int minidump_match_scores(struct minidump *minidump);

/* minidump-order.c: MINIDUMP_SPLIT, where only the order of the files' numbers tells */
int minidump_match_order(struct minidump *minidump);

/* minidump-chunks.c: files that hold the directory say themselves where they were */
int minidump_match_chunks(struct minidump *minidump);
/* Whether the directory has something of that short name in a row. */
bool minidump_row_has(const struct minidump *minidump, size_t row, const char *name,
		      size_t length);

/* minidump-registers.c: what boot firmware saved of the CPUs */
int minidump_registers(struct minidump *minidump);

#endif /* MEMINSPECT_MINIDUMP_H */
