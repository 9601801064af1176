// SPDX-License-Identifier: LGPL-2.1-only
/*
 * What a dying kernel wrote to pstore, as the physical memory that it was. It
 * has what the kernel found worth storing, and tells why it has no more.
 */
#include "directory-reader.h"
#include "pstore.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct pstore_memory {
	struct meminspect_memory memory;
	char *path;
	struct pstore_records records;
	struct pstore_ranges bytes;	/* that are there */
	struct pstore_ranges same;	/* like others; data is the offset of these */
	struct pstore_ranges unreadable;	/* says the kernel */
	uint64_t head[MEMINSPECT_COPIES];
	bool has_head;
	uint64_t missing;
	bool incomplete, cut;	/* records, what the kernel had to store */
	char *absent;		/* why what is not there is not */
};

static int64_t pstore_read(struct meminspect_memory *memory, uint64_t paddr, void *buffer,
			   size_t length)
{
	struct pstore_memory *pstore = (struct pstore_memory *)memory;
	const struct pstore_range *range;
	size_t done = 0;

	while (done < length && (range = pstore_ranges_find(&pstore->bytes, paddr + done))) {
		uint64_t offset = paddr + done - range->paddr;
		size_t part = length - done;

		if (part > range->length - offset)
			part = range->length - offset;
		memcpy((char *)buffer + done, range->data + offset, part);
		done += part;
	}
	if (done || !length)
		return done;
	if (pstore_ranges_find(&pstore->unreadable, paddr))
		return fail(memory->context, -EIO, "the dying kernel could not read it");
	return fail(memory->context, -EIO, "%s", pstore->absent);
}

/* Without the first and the last record: by the magic, in what is there. */
static int search_head(struct pstore_memory *pstore)
{
	const size_t record = offsetof(struct meminspect_chunk_header, record);
	struct meminspect_chunk_header header;
	size_t i;

	for (i = 0; i < pstore->bytes.nr; i++) {
		const struct pstore_range *range = &pstore->bytes.list[i];
		uint64_t at = range->paddr;

		at += -at % MEMINSPECT_CHUNK_SIZE;
		for (; at - range->paddr < range->length; at += MEMINSPECT_CHUNK_SIZE) {
			if (range->length - (at - range->paddr) < MEMINSPECT_CHUNK_SIZE)
				break;
			memcpy(&header, range->data + (at - range->paddr), sizeof(header));
			if (memcmp(header.magic, MEMINSPECT_HEAD_MAGIC, sizeof(header.magic)) ||
			    !record_good((uint8_t *)&header + record, sizeof(header) - record) ||
			    (header.self[0] != at && header.self[1] != at))
				continue;
			memcpy(pstore->head, header.self, sizeof(pstore->head));
			pstore->has_head = true;
			return 0;
		}
	}
	return fail(pstore->memory.context, -ENOENT,
		    "%s: no record says where the directory is, and none has its start: %s",
		    pstore->path, pstore->absent);
}

static int pstore_find_head(struct meminspect_memory *memory, uint64_t head[MEMINSPECT_COPIES])
{
	struct pstore_memory *pstore = (struct pstore_memory *)memory;
	int error = 0;

	if (!pstore->has_head)
		error = search_head(pstore);
	else if (!pstore_ranges_find(&pstore->bytes, pstore->head[0]) &&
		 !pstore_ranges_find(&pstore->bytes, pstore->head[1]))
		error = fail(memory->context, -ENOENT,
			     "%s: the directory, at %#llx and %#llx, is not among what was stored: %s",
			     pstore->path, (unsigned long long)pstore->head[0],
			     (unsigned long long)pstore->head[1], pstore->absent);
	memcpy(head, pstore->head, sizeof(pstore->head));
	return error;
}

static void pstore_close(struct meminspect_memory *memory)
{
	struct pstore_memory *pstore = (struct pstore_memory *)memory;

	pstore_records_free(&pstore->records);
	free(pstore->bytes.list);
	free(pstore->same.list);
	free(pstore->unreadable.list);
	free(pstore->absent);
	free(pstore->path);
	memory_release(memory);
	free(pstore);
}

static const struct memory_operations pstore_operations = {
	.read = pstore_read,
	.find_head = pstore_find_head,
	.close = pstore_close,
};

static int say_classes(struct pstore_memory *pstore,
		       const struct meminspect_pstore_class *head, size_t nr_head,
		       const struct meminspect_pstore_class *end, size_t nr_end)
{
	size_t i, j;
	int error = 0;

	for (i = 0; i < nr_head && !error; i++) {
		for (j = 0; j < nr_end && end[j].class != head[i].class; j++)
			;
		if (j < nr_end && end[j].bytes < head[i].bytes)
			error = pstore_problem(&pstore->records, "of class %s %llu of %llu bytes were stored",
					       meminspect_class_name(head[i].class),
					       (unsigned long long)end[j].bytes,
					       (unsigned long long)head[i].bytes);
	}
	return error;
}

/* What the kernel says in its last record of what it stored, and why no more. */
static int say_end(struct pstore_memory *pstore, const struct meminspect_pstore_summary *end)
{
	struct pstore_records *records = &pstore->records;
	int error = 0;

	pstore->cut = end->stop != MEMINSPECT_PSTORE_COMPLETE;
	if (end->stop == MEMINSPECT_PSTORE_BUDGET)
		error = pstore_problem(records, "the kernel stored no more than its budget of %llu bytes (meminspect_pstore=, or the size of the storage)",
				       (unsigned long long)end->budget);
	else if (pstore->cut)
		error = pstore_problem(records, "the storage took no more than %llu bytes: it gave error %u (%s)",
				       (unsigned long long)end->written, end->error,
				       strerror((int)end->error));
	if (!error && end->unreadable)
		error = pstore_problem(records, "the kernel could not read %llu bytes of what it was to store",
				       (unsigned long long)end->unreadable);
	return error;
}

/* The first and the last record. */
static int take_summaries(struct pstore_memory *pstore)
{
	struct meminspect_pstore_summary summaries[2];
	const struct meminspect_pstore_class *classes[2] = { NULL, NULL };
	size_t nr_classes[2] = { 0, 0 };
	size_t i;
	int error = 0;

	for (i = 0; i < pstore->records.nr && !error; i++) {
		const struct pstore_record *record = &pstore->records.list[i];
		int which = record->header.kind == MEMINSPECT_PSTORE_END;
		struct meminspect_pstore_summary *summary = &summaries[which];
		const uint8_t *contents;
		int got;

		if (record->header.kind == MEMINSPECT_PSTORE_DATA || classes[which])
			continue;
		got = pstore_contents(&pstore->records, record, &contents);
		if (got < 0)
			return got;
		if (!got)
			continue;
		if (record->header.size >= sizeof(*summary))
			memcpy(summary, contents, sizeof(*summary));
		if (record->header.size < sizeof(*summary) ||
		    summary->nr_classes > (record->header.size - sizeof(*summary)) /
					  sizeof(struct meminspect_pstore_class)) {
			error = pstore_problem(&pstore->records, "%s: record at offset %llu is too short for what it says",
					       record->path, (unsigned long long)record->offset);
			continue;
		}
		nr_classes[which] = summary->nr_classes;
		classes[which] = calloc(summary->nr_classes + 1, sizeof(**classes));
		if (!classes[which])
			error = -ENOMEM;
		else
			memcpy((void *)classes[which], contents + sizeof(*summary),
			       summary->nr_classes * sizeof(**classes));
		memcpy(pstore->head, summary->head, sizeof(pstore->head));
		pstore->has_head = true;
	}
	if (!error && classes[1])
		error = say_end(pstore, &summaries[1]);
	if (!error && classes[0] && classes[1])
		error = say_classes(pstore, classes[0], nr_classes[0], classes[1], nr_classes[1]);
	free((void *)classes[0]);
	free((void *)classes[1]);
	return error;
}

/* Bytes of a run, its header included, or 0 with a problem, or -ENOMEM. */
static int64_t take_run(struct pstore_memory *pstore, const struct pstore_record *record,
			const uint8_t *bytes, size_t length)
{
	struct meminspect_pstore_run run;
	size_t size = sizeof(run);
	struct pstore_ranges *to = &pstore->unreadable;
	const uint8_t *data = NULL;
	uint64_t same_as;
	int error = -EBADMSG;

	if (length < size)
		goto bad;
	memcpy(&run, bytes, sizeof(run));
	if (!run.length || run.length - 1 > UINT64_MAX - 1 - run.paddr)
		goto bad;
	if (run.kind == MEMINSPECT_PSTORE_BYTES) {
		if (run.length > length - size)
			goto bad;
		to = &pstore->bytes;
		data = bytes + size;
		size += run.length;
	} else if (run.kind == MEMINSPECT_PSTORE_SAME) {
		if (length - size < sizeof(same_as))
			goto bad;
		memcpy(&same_as, bytes + size, sizeof(same_as));
		to = &pstore->same;
		data = bytes + size;
		size += sizeof(same_as);
	} else if (run.kind != MEMINSPECT_PSTORE_UNREADABLE) {
		goto bad;
	}
	error = pstore_ranges_add(to, run.paddr, run.length, data);
	if (!error)
		return size;
	if (error == -ENOMEM)
		return error;
bad:
	return pstore_problem(&pstore->records, "%s: record at offset %llu %s: the rest of it is not used",
			      record->path, (unsigned long long)record->offset,
			      error == -E2BIG ? "has more runs of memory than there can be" :
			      "has a run of memory that can't be right, though its checksum is");
}

static int take_runs(struct pstore_memory *pstore, const struct pstore_record *record)
{
	const uint8_t *contents;
	size_t at = 0;
	int64_t got = pstore_contents(&pstore->records, record, &contents);

	while (got > 0 && at < record->header.size) {
		got = take_run(pstore, record, contents + at, record->header.size - at);
		at += got > 0 ? got : 0;
	}
	return got < 0 ? got : 0;
}

/* Makes what is the same as other bytes refer to these, as far as they are there. */
static int resolve_same(struct pstore_memory *pstore)
{
	struct pstore_ranges added = { 0 };
	int error = 0;
	size_t i;

	for (i = 0; i < pstore->same.nr && !error; i++) {
		const struct pstore_range *same = &pstore->same.list[i], *range;
		uint64_t at, done = 0;

		memcpy(&at, same->data, sizeof(at));
		while (!error && done < same->length && at <= UINT64_MAX - done &&
		       (range = pstore_ranges_find(&pstore->bytes, at + done))) {
			uint64_t offset = at + done - range->paddr;
			uint64_t part = range->length - offset;

			if (part > same->length - done)
				part = same->length - done;
			error = pstore_ranges_add(&added, same->paddr + done, part,
						  range->data + offset);
			done += part;
		}
	}
	for (i = 0; i < added.nr && !error; i++)
		error = pstore_ranges_add(&pstore->bytes, added.list[i].paddr,
					  added.list[i].length, added.list[i].data);
	free(added.list);
	pstore_ranges_settle(&pstore->bytes);
	if (error == -E2BIG)
		error = pstore_problem(&pstore->records, "the records have more runs of memory than there can be: not all are used");
	return error;
}

static int explain_absence(struct pstore_memory *pstore)
{
	const char *why = "";
	char missing[64] = "";

	if (pstore->missing)
		snprintf(missing, sizeof(missing), " (records that are missing: %llu)",
			 (unsigned long long)pstore->missing);
	if (pstore->incomplete)
		why = ": storing was cut off, or the last records are lost";
	else if (pstore->cut)
		why = ": the kernel stopped before it stored all";
	if (asprintf(&pstore->absent, "no record has it%s%s", missing, why) < 0) {
		pstore->absent = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int join(struct pstore_memory *pstore)
{
	int error = pstore_choose_crash(&pstore->records, &pstore->missing, &pstore->incomplete);
	size_t i;

	if (!error)
		error = take_summaries(pstore);
	for (i = 0; i < pstore->records.nr && !error; i++) {
		progress(pstore->memory.context, "joining records", i, pstore->records.nr);
		if (pstore->records.list[i].header.kind == MEMINSPECT_PSTORE_DATA)
			error = take_runs(pstore, &pstore->records.list[i]);
	}
	progress(pstore->memory.context, "joining records", i, pstore->records.nr);
	pstore_ranges_settle(&pstore->bytes);
	if (!error)
		error = resolve_same(pstore);
	pstore_ranges_settle(&pstore->unreadable);
	if (!error)
		error = explain_absence(pstore);
	if (!error)
		error = pstore_end_problems(&pstore->records);
	return error;
}

static int open_records(struct pstore_memory *pstore)
{
	struct meminspect_context *context = pstore->memory.context;
	int error = pstore_read_files(&pstore->records, pstore->path);

	if (error)
		return error;
	if (!pstore->records.nr)
		return fail(context, -ENOENT, "%s: none of the %zu files has a record of meminspect that can be used%s%s; expected those of /sys/fs/pstore, or of /var/lib/systemd/pstore where systemd-pstore moved them",
			    pstore->path, pstore->records.nr_files,
			    pstore->memory.nr_problems ? ": " : "",
			    pstore->memory.nr_problems ? pstore->memory.problems[0] : "");
	error = join(pstore);
	return error ? fail(context, error, "out of memory") : 0;
}

int meminspect_memory_open_pstore(struct meminspect_context *context, const char *path,
				  struct meminspect_memory **memory)
{
	struct pstore_memory *pstore = calloc(1, sizeof(*pstore));
	int error;

	if (!pstore)
		return fail(context, -ENOMEM, "out of memory");
	pstore->memory.context = context;
	pstore->memory.operations = &pstore_operations;
	pstore->records.memory = &pstore->memory;
	pstore->path = strdup(path);
	if (!pstore->path ||
	    asprintf(&pstore->memory.description, "pstore records in %s", path) < 0) {
		pstore->memory.description = NULL;
		error = fail(context, -ENOMEM, "out of memory");
	} else {
		error = open_records(pstore);
	}
	if (error) {
		pstore_close(&pstore->memory);
		return error;
	}
	*memory = &pstore->memory;
	return 0;
}
