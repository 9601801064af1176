// SPDX-License-Identifier: LGPL-2.1-only
/* Chooses between the two copies of a record, and tells damage from an update under way. */
#include "directory-reader.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* A hostile table can be damaged in a million places: nobody reads that many. */
#define MAX_PROBLEMS 1000

enum copy_state {
	COPY_UNREADABLE,
	COPY_BAD_STATE,
	COPY_BAD_CHECKSUM,
	COPY_BUSY,
	COPY_EMPTY,
	COPY_GOOD,
};

void reader_problem(struct directory_reader *reader, const char *format, ...)
{
	struct directory *directory = reader->directory;
	char **problems;
	va_list arguments;
	int length;

	if (directory->nr_problems >= MAX_PROBLEMS) {
		reader->unsaid_problems++;
		return;
	}
	/* One to spare for the line that counts the unsaid ones. */
	problems = reallocarray(directory->problems, directory->nr_problems + 2,
				sizeof(*problems));
	if (!problems) {
		reader->no_memory = true;
		return;
	}
	directory->problems = problems;
	va_start(arguments, format);
	length = vasprintf(&problems[directory->nr_problems], format, arguments);
	va_end(arguments);
	if (length < 0)
		reader->no_memory = true;
	else
		directory->nr_problems++;
}

static uint32_t record_checksum(const uint8_t *copy, size_t size)
{
	size_t covered = sizeof(struct meminspect_record);

	return crc32(0, copy + covered, size - covered);
}

static struct meminspect_record record_start(const uint8_t *copy)
{
	struct meminspect_record record;

	memcpy(&record, copy, sizeof(record));
	return record;
}

bool record_good(const uint8_t *copy, size_t size)
{
	struct meminspect_record record = record_start(copy);

	return record.state == MEMINSPECT_STATE_VALID &&
	       record.crc == record_checksum(copy, size);
}

static enum copy_state classify(const uint8_t *copy, size_t size)
{
	struct meminspect_record record;

	if (!copy)
		return COPY_UNREADABLE;
	record = record_start(copy);
	switch (record.state) {
	case MEMINSPECT_STATE_EMPTY:
		return COPY_EMPTY;
	case MEMINSPECT_STATE_BUSY:
		return COPY_BUSY;
	case MEMINSPECT_STATE_VALID:
		return record.crc == record_checksum(copy, size) ? COPY_GOOD : COPY_BAD_CHECKSUM;
	default:
		return COPY_BAD_STATE;
	}
}

/* The buffer is good until the next call. */
static const char *record_name(const struct record_pair *pair)
{
	static __thread char name[64];

	if (pair->number < 0)
		return pair->what;
	snprintf(name, sizeof(name), "%s %lld", pair->what, (long long)pair->number);
	return name;
}

static void report_damage(struct directory_reader *reader, const struct record_pair *pair,
			  const enum copy_state state[MEMINSPECT_COPIES])
{
	struct meminspect_record record;
	int i;

	for (i = 0; i < MEMINSPECT_COPIES; i++) {
		if (state[i] != COPY_BAD_STATE && state[i] != COPY_BAD_CHECKSUM)
			continue;
		record = record_start(pair->copy[i]);
		if (state[i] == COPY_BAD_STATE)
			reader_problem(reader, "%s, copy %d at %#llx: damaged: state is %#x, which is none of empty, busy and valid",
				       record_name(pair), i, (unsigned long long)pair->paddr[i],
				       record.state);
		else
			reader_problem(reader, "%s, copy %d at %#llx: damaged: checksum is %#x, but its bytes give %#x",
				       record_name(pair), i, (unsigned long long)pair->paddr[i],
				       record.crc, record_checksum(pair->copy[i], pair->size));
	}
	if (state[0] == COPY_EMPTY && state[1] == COPY_EMPTY)
		reader_problem(reader, "%s, copies at %#llx and %#llx: one is damaged: both are empty, but their bytes differ",
			       record_name(pair), (unsigned long long)pair->paddr[0],
			       (unsigned long long)pair->paddr[1]);
	if (state[0] == COPY_BUSY && state[1] == COPY_BUSY)
		reader_problem(reader, "%s, copies at %#llx and %#llx: damaged: both are marked as being written, which never happens",
			       record_name(pair), (unsigned long long)pair->paddr[0],
			       (unsigned long long)pair->paddr[1]);
}

/* Whether the copies, which differ, can be the two ends of one update. */
static bool is_update(const enum copy_state state[MEMINSPECT_COPIES])
{
	if (state[0] == COPY_BUSY || state[1] == COPY_BUSY)
		return state[0] != state[1];
	if (state[0] == COPY_EMPTY && state[1] == COPY_EMPTY)
		return false;
	return state[0] >= COPY_EMPTY && state[1] >= COPY_EMPTY;
}

/* Writers take turns, so only one record can be at different states in its copies. */
static void note_update(struct directory_reader *reader, const struct record_pair *pair)
{
	if (!reader->update) {
		if (asprintf(&reader->update, "%s, copies at %#llx and %#llx", record_name(pair),
			     (unsigned long long)pair->paddr[0],
			     (unsigned long long)pair->paddr[1]) < 0) {
			reader->update = NULL;
			reader->no_memory = true;
		}
		return;
	}
	if (!reader->several_updates)
		reader_problem(reader, "%s: differ as if it was being written, but so do other records, and only one is written at a time",
			       reader->update);
	reader->several_updates = true;
	reader_problem(reader, "%s, copies at %#llx and %#llx: differ as if it was being written, but so do other records, and only one is written at a time",
		       record_name(pair), (unsigned long long)pair->paddr[0],
		       (unsigned long long)pair->paddr[1]);
}

enum record_choice record_choose(struct directory_reader *reader, const struct record_pair *pair)
{
	enum copy_state state[MEMINSPECT_COPIES];
	bool same;

	same = pair->copy[0] && pair->copy[1] && !memcmp(pair->copy[0], pair->copy[1], pair->size);
	state[0] = classify(pair->copy[0], pair->size);
	state[1] = same ? state[0] : classify(pair->copy[1], pair->size);

	if (!same || (state[0] != COPY_EMPTY && state[0] != COPY_GOOD)) {
		report_damage(reader, pair, state);
		if (!pair->alone && is_update(state))
			note_update(reader, pair);
	}

	if (state[0] == COPY_GOOD)
		return CHOICE_COPY0;
	if (state[0] == COPY_EMPTY)
		return CHOICE_EMPTY;
	if (state[1] == COPY_GOOD)
		return CHOICE_COPY1;
	if (state[1] == COPY_EMPTY)
		return CHOICE_EMPTY;
	reader_problem(reader, "%s is lost: neither copy, at %#llx and %#llx, can be used",
		       record_name(pair), (unsigned long long)pair->paddr[0],
		       (unsigned long long)pair->paddr[1]);
	return CHOICE_LOST;
}
