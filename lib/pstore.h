/* SPDX-License-Identifier: LGPL-2.1-only */
/* What the files share that put records of pstore together: pstore-*.c, memory-pstore.c. */
#ifndef MEMINSPECT_PSTORE_H
#define MEMINSPECT_PSTORE_H

#include "internal.h"
#include <linux/meminspect_pstore.h>

/* A record whose header and checksum are right. */
struct pstore_record {
	struct meminspect_pstore_record header;
	const uint8_t *stored;	/* header.stored bytes, as long as the records are there */
	const char *path;	/* of its file */
	uint64_t offset;	/* in it */
};

struct pstore_records {
	struct meminspect_memory *memory;	/* its context and problems are used */
	size_t nr;
	struct pstore_record *list;
	size_t nr_files;	/* that were looked at */
	size_t nr_problems;
	uint64_t bytes;		/* of all that is kept, or was inflated in vain */
	size_t nr_kept;
	void **kept;		/* for free() */
};

/* pstore-record.c */
/*
 * Adds the good records among the bytes of a file, and problems for what is
 * damaged. @expected: it was named as a file of ours, so that bytes that are no
 * record are a problem, too. @bytes and @path have to stay as long as the
 * records. 0 or -ENOMEM.
 */
int pstore_scan(struct pstore_records *records, const char *path, const uint8_t *bytes,
		size_t length, bool expected);
/* Contents of a record, header.size bytes, to be kept: 1; 0 with a problem; or -ENOMEM. */
int pstore_contents(struct pstore_records *records, const struct pstore_record *record,
		    const uint8_t **contents);
/* A sentence on what is wrong. 0 or -ENOMEM. */
int pstore_problem(struct pstore_records *records, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Says how many problems were too many to be said. 0 or -ENOMEM. */
int pstore_end_problems(struct pstore_records *records);
/* Takes over memory for free(), which it frees if it fails. 0 or -ENOMEM. */
int pstore_keep(struct pstore_records *records, void *memory);
void pstore_records_free(struct pstore_records *records);

/* pstore-files.c */
/* Scans a file, or the files in a folder and in its folders. 0, or an error that is set. */
int pstore_read_files(struct pstore_records *records, const char *path);

/* pstore-crash.c */
/*
 * Leaves only the records of one crash, the last one, each once and in order of
 * their numbers, with problems for what else there was and what is missing.
 * @missing: set to the number of records that are missing, as far as is known.
 * @incomplete: set if there may be more. 0 or -ENOMEM.
 */
int pstore_choose_crash(struct pstore_records *records, uint64_t *missing, bool *incomplete);

/* pstore-ranges.c: physical memory, with some of its bytes known */
struct pstore_range {
	uint64_t paddr;
	uint64_t length;
	const uint8_t *data;
};

struct pstore_ranges {
	size_t nr, capacity;
	struct pstore_range *list;
};

/* 0, -E2BIG if there are too many, or -ENOMEM. */
int pstore_ranges_add(struct pstore_ranges *ranges, uint64_t paddr, uint64_t length,
		      const uint8_t *data);
/* Sorts them, and cuts them so that none overlap. */
void pstore_ranges_settle(struct pstore_ranges *ranges);
/* The settled range that has the byte at @paddr, or NULL. */
const struct pstore_range *pstore_ranges_find(const struct pstore_ranges *ranges,
					      uint64_t paddr);

#endif /* MEMINSPECT_PSTORE_H */
