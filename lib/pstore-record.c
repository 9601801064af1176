// SPDX-License-Identifier: LGPL-2.1-only
/* Finds the records of meminspect in what pstore kept, and checks them. */
#include "pstore.h"
#include <byteswap.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* No kernel gathers more for a record: larger ones are an attack. */
#define MAX_CONTENTS	(1U << 22)
/* Contents that can't be deflated get a little longer. */
#define MAX_STORED	(MAX_CONTENTS + (8U << 10))
/* How often the bytes of a file are looked at: once each, where records are whole. */
#define MAX_CHECKS	4
/* Nobody reads more. */
#define MAX_PROBLEMS	1000
#define CRC_END		offsetof(struct meminspect_pstore_record, version)

int pstore_problem(struct pstore_records *records, const char *format, ...)
{
	va_list arguments;
	char *text;
	int error;

	if (records->nr_problems++ >= MAX_PROBLEMS)
		return 0;
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	error = text ? memory_add_problem(records->memory, "%s", text) : -ENOMEM;
	free(text);
	return error;
}

int pstore_end_problems(struct pstore_records *records)
{
	if (records->nr_problems <= MAX_PROBLEMS)
		return 0;
	return memory_add_problem(records->memory, "%zu more problems of records are not listed",
				  records->nr_problems - MAX_PROBLEMS);
}

int pstore_keep(struct pstore_records *records, void *memory)
{
	void **kept = reallocarray(records->kept, records->nr_kept + 1, sizeof(*kept));

	if (!kept) {
		free(memory);
		return -ENOMEM;
	}
	records->kept = kept;
	kept[records->nr_kept++] = memory;
	return 0;
}

void pstore_records_free(struct pstore_records *records)
{
	while (records->nr_kept)
		free(records->kept[--records->nr_kept]);
	free(records->kept);
	free(records->list);
}

/* Why a record can't be used; NULL if it can. */
static char *record_fault(const struct meminspect_pstore_record *header, const uint8_t *bytes,
			  size_t length)
{
	uint32_t crc;
	char *fault = NULL;
	int done = 0;

	if (header->byte_order == bswap_32(MEMINSPECT_PSTORE_BYTE_ORDER))
		return strdup("was written by a kernel of the other byte order: read it on a machine of that byte order");
	if (header->header_size != sizeof(*header) ||
	    header->byte_order != MEMINSPECT_PSTORE_BYTE_ORDER)
		return strdup("is damaged: its header does not look like one");
	if (header->stored > MAX_STORED) {
		done = asprintf(&fault, "can't be right: expected at most %u bytes, but it says that it has %u",
				MAX_STORED, header->stored);
		return done < 0 ? NULL : fault;
	}
	if (header->stored > length - sizeof(*header)) {
		done = asprintf(&fault, "is cut off: it has %zu of %llu bytes", length,
				(unsigned long long)sizeof(*header) + header->stored);
		return done < 0 ? NULL : fault;
	}
	crc = crc32(0, bytes + CRC_END, sizeof(*header) - CRC_END + header->stored);
	if (crc != header->crc)
		done = asprintf(&fault, "is damaged: its checksum is %#x, but its bytes give %#x",
				header->crc, crc);
	else if (header->version != MEMINSPECT_PSTORE_VERSION)
		done = asprintf(&fault, "has version %u of the format, but only version %d is known: a newer meminspect may read it",
				header->version, MEMINSPECT_PSTORE_VERSION);
	else if (header->kind < MEMINSPECT_PSTORE_HEAD || header->kind > MEMINSPECT_PSTORE_END)
		done = asprintf(&fault, "is of kind %u, which is not known", header->kind);
	else if (header->flags & ~MEMINSPECT_PSTORE_DEFLATED)
		done = asprintf(&fault, "has flags %#x, which are not known", header->flags);
	else if (header->size > MAX_CONTENTS ||
		 (!(header->flags & MEMINSPECT_PSTORE_DEFLATED) && header->size != header->stored))
		done = asprintf(&fault, "can't be right: %u bytes are to be made of %u",
				header->size, header->stored);
	else
		return strdup("");
	return done < 0 ? NULL : fault;
}

static int add_record(struct pstore_records *records, const struct pstore_record *record)
{
	struct pstore_record *list = reallocarray(records->list, records->nr + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	records->list = list;
	list[records->nr++] = *record;
	return 0;
}

/*
 * ramoops appends a line to what it kept with its error correction. It is at the
 * end of the file, if it is there.
 */
static int check_tail(struct pstore_records *records, const char *path, const uint8_t *bytes,
		      size_t length, uint64_t offset)
{
	static const char start[] = "\nECC: ", good[] = "\nECC: No errors detected\n";
	size_t i;

	if (length >= sizeof(good) - 1 && !memcmp(bytes, good, sizeof(good) - 1) &&
	    length == sizeof(good) - 1)
		return 0;
	for (i = 1; i < length && bytes[i] >= ' ' && bytes[i] <= '~'; i++)
		;
	if (length > sizeof(start) && length < 100 && i == length - 1 &&
	    !memcmp(bytes, start, sizeof(start) - 1))
		return pstore_problem(records, "%s: ramoops found damaged bytes: %.*s", path,
				      (int)(length - 2), bytes + 1);
	return pstore_problem(records, "%s: %zu bytes from offset %llu on are no record: expected the magic of one",
			      path, length, (unsigned long long)offset);
}

/* Bytes that record_fault() looks at, at most. */
static uint64_t bytes_to_check(const struct meminspect_pstore_record *header, size_t length)
{
	if (header->stored > MAX_STORED || header->stored > length - sizeof(*header))
		return 0;
	return sizeof(*header) + header->stored;
}

int pstore_scan(struct pstore_records *records, const char *path, const uint8_t *bytes,
		size_t length, bool expected)
{
	const size_t magic_size = MEMINSPECT_PSTORE_MAGIC_SIZE;
	struct pstore_record record = { .path = path };
	uint64_t budget = MAX_CHECKS * (uint64_t)length + MAX_STORED, to_check;
	size_t at = 0;
	int error = 0;

	while (at < length && !error) {
		const uint8_t *next = memmem(bytes + at, length - at, MEMINSPECT_PSTORE_MAGIC,
					     magic_size);
		size_t gap = next ? (size_t)(next - bytes) - at : length - at;
		char *fault;

		/* What follows a record that is damaged is the rest of it. */
		if (gap && expected)
			error = check_tail(records, path, bytes + at, gap, at);
		at += gap;
		if (!next || error)
			break;
		expected = true;
		record.offset = at;
		if (length - at < sizeof(record.header))
			return pstore_problem(records, "%s: record at offset %zu is cut off: it has %zu bytes of its header",
					      path, at, length - at);
		memcpy(&record.header, next, sizeof(record.header));
		record.stored = next + sizeof(record.header);
		/* Damaged records that claim each other's bytes would take hours. */
		to_check = bytes_to_check(&record.header, length - at);
		if (to_check > budget)
			return pstore_problem(records, "%s: what is behind offset %zu is not looked at: expected records, but most are damaged",
					      path, at);
		budget -= to_check;
		fault = record_fault(&record.header, next, length - at);
		if (!fault)
			return -ENOMEM;
		if (*fault) {
			error = pstore_problem(records, "%s: record at offset %zu %s", path, at, fault);
			at += magic_size;
			expected = false;
		} else {
			error = add_record(records, &record);
			at += sizeof(record.header) + record.header.stored;
		}
		free(fault);
	}
	return error;
}

static bool inflate_all(const struct pstore_record *record, uint8_t *to)
{
	uint8_t beyond;
	z_stream stream = {
		.next_in = (uint8_t *)record->stored,
		.avail_in = record->header.stored,
		.next_out = record->header.size ? to : &beyond,
		.avail_out = record->header.size,
	};
	int result;

	if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
		return false;
	result = inflate(&stream, Z_FINISH);
	inflateEnd(&stream);
	return result == Z_STREAM_END && stream.total_out == record->header.size &&
	       !stream.avail_in;
}

int pstore_contents(struct pstore_records *records, const struct pstore_record *record,
		    const uint8_t **contents)
{
	int error;
	uint8_t *bytes;

	if (!(record->header.flags & MEMINSPECT_PSTORE_DEFLATED)) {
		*contents = record->stored;
		return 1;
	}
	if (records->bytes + record->header.size > MAX_COLLECTED_BYTES) {
		error = pstore_problem(records, "%s: record at offset %llu is not used: all together have more than %llu bytes",
				       record->path, (unsigned long long)record->offset,
				       MAX_COLLECTED_BYTES);
		return error;
	}
	/* Also if it turns out that it can't be inflated: that takes as long. */
	records->bytes += record->header.size;
	bytes = malloc((size_t)record->header.size + 1);
	if (!bytes)
		return -ENOMEM;
	if (!inflate_all(record, bytes)) {
		free(bytes);
		return pstore_problem(records, "%s: record at offset %llu can't be inflated, though its checksum is right",
				      record->path, (unsigned long long)record->offset);
	}
	*contents = bytes;
	error = pstore_keep(records, bytes);
	return error ? error : 1;
}
