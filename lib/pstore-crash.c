// SPDX-License-Identifier: LGPL-2.1-only
/* Which records belong together, and which of them are missing. */
#include "pstore.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A crash before an earlier one in order is older. */
static int compare_crash(const struct meminspect_pstore_record *a,
			 const struct meminspect_pstore_record *b)
{
	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	if (a->crash != b->crash)
		return a->crash < b->crash ? -1 : 1;
	return memcmp(a->boot_id, b->boot_id, sizeof(a->boot_id));
}

/* By crash, in it by number. A number can be there twice: as data that could not be stored. */
static int compare(const void *left, const void *right)
{
	const struct pstore_record *a = left, *b = right;
	int order = compare_crash(&a->header, &b->header);

	if (order)
		return order;
	if (a->header.sequence != b->header.sequence)
		return a->header.sequence < b->header.sequence ? -1 : 1;
	if (a->header.kind != b->header.kind)
		return a->header.kind < b->header.kind ? -1 : 1;
	order = strcmp(a->path, b->path);
	if (order)
		return order;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* The buffer is good until the next call. */
static const char *date(uint64_t nanoseconds)
{
	static __thread char text[64];
	time_t seconds = nanoseconds / 1000000000;
	struct tm when;

	if (!gmtime_r(&seconds, &when) ||
	    !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &when))
		snprintf(text, sizeof(text), "%llu ns since 1970", (unsigned long long)nanoseconds);
	return text;
}

/* Leaves the last crash of the sorted list. */
static int take_last(struct pstore_records *records)
{
	const struct pstore_record *last = &records->list[records->nr - 1];
	size_t first = records->nr, start, i;
	int error;

	for (i = 0; i < records->nr; i = start) {
		const struct pstore_record *one = &records->list[i];

		for (start = i; start < records->nr &&
		     !compare_crash(&records->list[start].header, &one->header); start++)
			;
		if (!compare_crash(&one->header, &last->header)) {
			first = i;
			break;
		}
		error = pstore_problem(records, "%zu records are of another crash, number %u of its boot, at %s: they are not used (the first is in %s); put them into a folder of their own to collect them",
				       start - i, one->header.crash, date(one->header.time),
				       one->path);
		if (error)
			return error;
	}
	records->nr -= first;
	memmove(records->list, records->list + first, records->nr * sizeof(*records->list));
	return 0;
}

static bool same_contents(const struct pstore_record *a, const struct pstore_record *b)
{
	return !memcmp(&a->header, &b->header, sizeof(a->header)) &&
	       !memcmp(a->stored, b->stored, a->header.stored);
}

/* That a record is there twice does no harm, unless the two differ. */
static int drop_duplicates(struct pstore_records *records)
{
	size_t i, nr = 1;
	int error;

	for (i = 1; i < records->nr; i++) {
		const struct pstore_record *before = &records->list[nr - 1];
		const struct pstore_record *one = &records->list[i];

		if (before->header.sequence != one->header.sequence ||
		    before->header.kind != one->header.kind) {
			records->list[nr++] = *one;
			continue;
		}
		if (same_contents(before, one))
			continue;
		error = pstore_problem(records, "%s: record at offset %llu has number %u, but differs from the one in %s that is used",
				       one->path, (unsigned long long)one->offset,
				       one->header.sequence, before->path);
		if (error)
			return error;
	}
	records->nr = nr;
	return 0;
}

static int say_missing(struct pstore_records *records, uint64_t from, uint64_t behind,
		       const char *of)
{
	if (behind - from == 1)
		return pstore_problem(records, "record %llu%s is missing",
				      (unsigned long long)from, of);
	return pstore_problem(records, "records %llu to %llu%s are missing",
			      (unsigned long long)from, (unsigned long long)behind - 1, of);
}

static int find_missing(struct pstore_records *records, uint64_t *missing, bool *incomplete)
{
	const struct pstore_record *last = &records->list[records->nr - 1];
	uint64_t next = 0;
	char of[32] = "";
	int error = 0;
	size_t i;

	*incomplete = last->header.kind != MEMINSPECT_PSTORE_END;
	if (!*incomplete)
		snprintf(of, sizeof(of), " of 0 to %u", last->header.sequence);
	for (i = 0; i < records->nr && !error; i++) {
		uint64_t sequence = records->list[i].header.sequence;

		if (sequence > next) {
			*missing += sequence - next;
			error = say_missing(records, next, sequence, of);
		}
		next = sequence + 1;
	}
	if (!error && *incomplete)
		error = pstore_problem(records, "the last record is missing: storing was cut off behind record %llu, or records behind it are lost",
				       (unsigned long long)next - 1);
	return error;
}

int pstore_choose_crash(struct pstore_records *records, uint64_t *missing, bool *incomplete)
{
	int error;

	*missing = 0;
	*incomplete = false;
	if (!records->nr)
		return 0;
	qsort(records->list, records->nr, sizeof(*records->list), compare);
	error = take_last(records);
	if (!error)
		error = drop_duplicates(records);
	if (!error)
		error = find_missing(records, missing, incomplete);
	return error;
}
