/* SPDX-License-Identifier: LGPL-2.1-only */
/* What the three files that read the directory share: record.c, directory.c, directory-region.c. */
#ifndef MEMINSPECT_DIRECTORY_READER_H
#define MEMINSPECT_DIRECTORY_READER_H

#include "internal.h"

enum row_status {
	ROW_EMPTY,
	ROW_VALID,
	ROW_LOST,
};

/* What the rules of reading made of both copies of a row. */
struct directory_row {
	enum row_status status;
	bool taken;	/* an extents row: by a region */
	uint64_t paddr[MEMINSPECT_COPIES];
	union {
		struct meminspect_record record;
		struct meminspect_region_row region;
		struct meminspect_extents_row extents;
		struct meminspect_left_out_row left_out;
		uint8_t bytes[MEMINSPECT_ROW_SIZE];
	};
};

struct directory_reader {
	struct meminspect_context *context;
	directory_read_function read;
	void *priv;
	struct directory *directory;
	struct directory_row *rows;
	size_t rows_capacity;
	size_t nr_extents;	/* of all regions so far */
	char *update;		/* names the record that was being written, if one was */
	bool several_updates;
	size_t unsaid_problems;	/* beyond the limit of directory->problems */
	bool no_memory;
};

/* record.c */
void reader_problem(struct directory_reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A record, where both copies stand, and what they hold. */
struct record_pair {
	const char *what;	/* for people: "row", "header of chunk" */
	int64_t number;		/* goes behind it, unless negative */
	uint64_t paddr[MEMINSPECT_COPIES];
	const uint8_t *copy[MEMINSPECT_COPIES];	/* NULL if it can't be read */
	size_t size;
	bool alone;		/* may be in writing while another record is */
};

enum record_choice {
	CHOICE_COPY0,		/* equals the copy's number */
	CHOICE_COPY1,
	CHOICE_EMPTY,
	CHOICE_LOST,
};

enum record_choice record_choose(struct directory_reader *reader, const struct record_pair *pair);
/* Whether a copy by itself is VALID with the right checksum. */
bool record_good(const uint8_t *copy, size_t size);

/* directory-region.c */
int directory_regions(struct directory_reader *reader);

#endif /* MEMINSPECT_DIRECTORY_READER_H */
