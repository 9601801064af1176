// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A kinfo page, which boot firmware reads: no version is in it, so it is read
 * in each layout, and checksum and values tell which one it can be.
 */
#include "internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_SIZE	(1U << 20)

static const struct {
	const char *name;
	uint16_t size;
	uint16_t part;
} fields[MEMINSPECT_KINFO_NR_FIELDS] = {
#define FIELD(name, bytes, part) { #name, (bytes), (part) },
	MEMINSPECT_KINFO_FIELDS(FIELD)
};

static const struct {
	const char *name;
	uint16_t size;
	uint16_t parts;
} layouts[MEMINSPECT_KINFO_NR_LAYOUTS] = {
#define LAYOUT(name, size, parts) { #name, (size), (parts) },
	MEMINSPECT_KINFO_LAYOUTS(LAYOUT)
};

const char *meminspect_kinfo_layout_name(enum meminspect_kinfo_layout layout)
{
	return layout < MEMINSPECT_KINFO_NR_LAYOUTS ? layouts[layout].name : "unknown";
}

const char *meminspect_kinfo_field_name(enum meminspect_kinfo_field field)
{
	return field < MEMINSPECT_KINFO_NR_FIELDS ? fields[field].name : "unknown";
}

static bool has_field(enum meminspect_kinfo_layout layout, enum meminspect_kinfo_field field)
{
	return !fields[field].part || fields[field].part & layouts[layout].parts;
}

size_t meminspect_kinfo_field_size(enum meminspect_kinfo_layout layout,
				   enum meminspect_kinfo_field field, size_t *offset)
{
	size_t at = MEMINSPECT_KINFO_START;

	for (unsigned int i = 0; i < field; i++)
		if (has_field(layout, i))
			at += fields[i].size;
	if (offset)
		*offset = at;
	return has_field(layout, field) ? fields[field].size : 0;
}

static uint64_t number_at(const uint8_t *bytes, size_t size, bool big_endian)
{
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++)
		number |= (uint64_t)bytes[i] << 8 * (big_endian ? size - 1 - i : i);
	return number;
}

__attribute__((format(printf, 2, 3)))
static void doubt(struct meminspect_kinfo_reading *reading, const char *format, ...)
{
	va_list arguments;

	reading->unlikely++;
	if (reading->nr_doubts == MEMINSPECT_KINFO_MAX_DOUBTS)
		return;
	va_start(arguments, format);
	vsnprintf(reading->doubts[reading->nr_doubts++], sizeof(reading->doubts[0]), format,
		  arguments);
	va_end(arguments);
}

#define NUMBER(field) (reading->number[MEMINSPECT_KINFO_##field])

/* Zero is a value that was not told. */
static void check_range(struct meminspect_kinfo_reading *reading,
			enum meminspect_kinfo_field field, uint64_t least, uint64_t most)
{
	uint64_t number = reading->number[field];

	if (number && (number < least || number > most))
		doubt(reading, "%s is %llu, expected %llu to %llu", fields[field].name,
		      (unsigned long long)number, (unsigned long long)least,
		      (unsigned long long)most);
}

/* Addresses of which each is behind the one before it, if both are told. */
static void check_order(struct meminspect_kinfo_reading *reading,
			const enum meminspect_kinfo_field *order, size_t nr)
{
	enum meminspect_kinfo_field last = 0;
	uint64_t address = 0;

	for (size_t i = 0; i < nr; i++) {
		uint64_t next = reading->number[order[i]];

		if (!next)
			continue;
		if (next < address)
			doubt(reading, "%s is %#llx, expected not before %s at %#llx",
			      fields[order[i]].name, (unsigned long long)next, fields[last].name,
			      (unsigned long long)address);
		last = order[i];
		address = next;
	}
}

static void check_addresses(struct meminspect_kinfo_reading *reading)
{
#define F(name) MEMINSPECT_KINFO_##name
	static const enum meminspect_kinfo_field image[] = {
		F(text_pa), F(stext_pa), F(etext_pa), F(sinittext_pa), F(einittext_pa), F(end_pa),
	};
	static const enum meminspect_kinfo_field tables[] = {
		F(addresses_pa), F(offsets_pa), F(names_pa), F(token_table_pa), F(token_index_pa),
		F(markers_pa), F(seqs_of_names_pa), F(v2_seqs_of_names_pa),
	};

	check_order(reading, image, ARRAY_SIZE(image));
	/* They are in read-only data, which is behind the text. */
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		const enum meminspect_kinfo_field order[] = { F(etext_pa), tables[i], F(end_pa) };

		check_order(reading, order, ARRAY_SIZE(order));
	}
#undef F
	if (NUMBER(end_pa) && NUMBER(stext_pa) &&
	    NUMBER(end_pa) - NUMBER(stext_pa) > MAX_COLLECTED_BYTES)
		doubt(reading, "the image ends %#llx bytes behind stext_pa, expected at most 1 GiB",
		      (unsigned long long)(NUMBER(end_pa) - NUMBER(stext_pa)));
	if (NUMBER(swapper_pg_dir_pa) % 64)
		doubt(reading, "swapper_pg_dir_pa is %#llx, expected a multiple of 64",
		      (unsigned long long)NUMBER(swapper_pg_dir_pa));
}

static void check_modules(struct meminspect_kinfo_reading *reading)
{
	uint64_t start = NUMBER(module_start_va), end = NUMBER(module_end_va);
	const uint64_t kernel_half = NUMBER(bits_per_long) == 64 ? 0xfe00000000000000 : 0x1000;

	check_range(reading, MEMINSPECT_KINFO_modules_tree_lookup, 1, 1);
	/* struct module has a few KiB at most. */
	check_range(reading, MEMINSPECT_KINFO_mod_core_layout_offset, 16, 16384);
	check_range(reading, MEMINSPECT_KINFO_mod_init_layout_offset, 16, 16384);
	check_range(reading, MEMINSPECT_KINFO_mod_mem_offset, 16, 16384);
	check_range(reading, MEMINSPECT_KINFO_mod_kallsyms_offset, 16, 16384);
	check_range(reading, MEMINSPECT_KINFO_module_start_va, kernel_half, UINT64_MAX);
	check_range(reading, MEMINSPECT_KINFO_module_end_va, kernel_half, UINT64_MAX);
	check_range(reading, MEMINSPECT_KINFO_module_plt_start_va, kernel_half, UINT64_MAX);
	if (start && end && start >= end)
		doubt(reading, "module_start_va is %#llx, expected less than module_end_va, %#llx",
		      (unsigned long long)start, (unsigned long long)end);
}

static void check_text(struct meminspect_kinfo_reading *reading, const char *name,
		       const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	if (length == size)
		doubt(reading, "%s has no end in its %zu bytes", name, size);
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = text[i];

		if (byte >= 0x20 && byte < 0x7f)
			continue;
		doubt(reading, "%s has the byte %#x, expected printable text", name, byte);
		break;
	}
}

static void check_values(struct meminspect_kinfo_reading *reading)
{
	static const enum meminspect_kinfo_field flags[] = {
		MEMINSPECT_KINFO_enabled_all, MEMINSPECT_KINFO_enabled_base_relative,
		MEMINSPECT_KINFO_enabled_absolute_percpu, MEMINSPECT_KINFO_enabled_cfi,
	};
	uint64_t thread_size = NUMBER(thread_size), bits = NUMBER(bits_per_long);

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		check_range(reading, flags[i], 1, 1);
	if (bits != 32 && bits != 64)
		doubt(reading, "bits_per_long is %llu, expected 32 or 64",
		      (unsigned long long)bits);
	check_range(reading, MEMINSPECT_KINFO_num_syms, 100, 1 << 22);
	check_range(reading, MEMINSPECT_KINFO_name_len, 64, 4096);
	check_range(reading, MEMINSPECT_KINFO_module_name_len, 16, 512);
	if (NUMBER(symbol_len) < NUMBER(name_len))
		doubt(reading, "symbol_len is %llu, expected more than name_len",
		      (unsigned long long)NUMBER(symbol_len));
	if (thread_size & (thread_size - 1))
		doubt(reading, "thread_size is %llu, expected a power of two",
		      (unsigned long long)thread_size);
	check_range(reading, MEMINSPECT_KINFO_thread_size, 4096, 1 << 18);
	check_addresses(reading);
	check_modules(reading);
	check_text(reading, "release", reading->release, sizeof(reading->release) - 1);
	check_text(reading, "build_info", reading->build_info, sizeof(reading->build_info) - 1);

	/*
	 * Android's kernels of some years have the flag wrong: no reason to
	 * doubt, but to prefer a layout in which it is right.
	 */
	reading->unlikely += !NUMBER(enabled_base_relative) != !NUMBER(relative_pa);
	reading->unlikely += NUMBER(enabled_base_relative) && NUMBER(addresses_pa);
}

/*
 * A page ends in zeros: with them in the place of what it has not, many a longer
 * layout fits as well. It would say no more.
 */
static bool ends_in_zeros(enum meminspect_kinfo_layout layout, const uint8_t *bytes)
{
	size_t shorter = 0, end = layouts[layout].size;

	for (unsigned int i = 0; i < MEMINSPECT_KINFO_NR_LAYOUTS; i++)
		if (layouts[i].size < end && layouts[i].size > shorter)
			shorter = layouts[i].size;
	while (end > shorter && !bytes[end - 1])
		end--;
	return shorter && end == shorter;
}

static void read_as(struct meminspect_kinfo_reading *reading, enum meminspect_kinfo_layout layout,
		    const uint8_t *bytes, bool big_endian, uint32_t checksum)
{
	memset(reading, 0, sizeof(*reading));
	reading->layout = layout;
	reading->size = layouts[layout].size;
	for (size_t at = MEMINSPECT_KINFO_START; at + 4 <= reading->size; at += 4)
		reading->computed ^= number_at(bytes + at, 4, big_endian);
	reading->checksum_good = reading->computed == checksum;
	for (unsigned int i = 0; i < MEMINSPECT_KINFO_NR_FIELDS; i++) {
		size_t offset, size = meminspect_kinfo_field_size(layout, i, &offset);

		if (i == MEMINSPECT_KINFO_release)
			memcpy(reading->release, bytes + offset, size);
		else if (i == MEMINSPECT_KINFO_build_info)
			memcpy(reading->build_info, bytes + offset, size);
		else if (size)
			reading->number[i] = number_at(bytes + offset, size, big_endian);
	}
	check_values(reading);
	reading->unlikely += ends_in_zeros(layout, bytes);
}

static int compare_readings(const void *a, const void *b)
{
	const struct meminspect_kinfo_reading *first = a, *second = b;

	if (first->checksum_good != second->checksum_good)
		return first->checksum_good ? -1 : 1;
	if (first->unlikely != second->unlikely)
		return first->unlikely < second->unlikely ? -1 : 1;
	return (int)first->layout - (int)second->layout;
}

/* No error text: a search looks at many pages. */
static int decode(const uint8_t *bytes, size_t length, struct meminspect_kinfo *kinfo)
{
	memset(kinfo, 0, offsetof(struct meminspect_kinfo, readings));
	if (length < MEMINSPECT_KINFO_START)
		return -ENODATA;
	kinfo->big_endian = number_at(bytes, 4, true) == MEMINSPECT_KINFO_MAGIC;
	if (!kinfo->big_endian && number_at(bytes, 4, false) != MEMINSPECT_KINFO_MAGIC)
		return -ENOENT;
	kinfo->checksum = number_at(bytes + MEMINSPECT_KINFO_CHECKSUM, 4, kinfo->big_endian);
	for (unsigned int i = 0; i < MEMINSPECT_KINFO_NR_LAYOUTS; i++)
		if (layouts[i].size <= length)
			read_as(&kinfo->readings[kinfo->nr_readings++], i, bytes,
				kinfo->big_endian, kinfo->checksum);
	if (!kinfo->nr_readings)
		return -ENODATA;
	qsort(kinfo->readings, kinfo->nr_readings, sizeof(kinfo->readings[0]), compare_readings);
	while (kinfo->nr_alike < kinfo->nr_readings &&
	       kinfo->readings[kinfo->nr_alike].checksum_good ==
			kinfo->readings[0].checksum_good &&
	       kinfo->readings[kinfo->nr_alike].unlikely == kinfo->readings[0].unlikely)
		kinfo->nr_alike++;
	return 0;
}

int meminspect_kinfo_decode(struct meminspect_context *context, const void *bytes, size_t length,
			    struct meminspect_kinfo **result)
{
	struct meminspect_kinfo *kinfo = malloc(sizeof(*kinfo));
	int error;

	if (!kinfo)
		return fail(context, -ENOMEM, "out of memory");
	error = decode(bytes, length, kinfo);
	if (!error) {
		*result = kinfo;
		return 0;
	}
	free(kinfo);
	if (error == -ENOENT)
		return fail(context, error,
			    "no magic %#x at its start, but %#x: no kernel filled the page, or it was being changed",
			    MEMINSPECT_KINFO_MAGIC, (unsigned int)number_at(bytes, 4, false));
	return fail(context, error, "%zu bytes are less than any kinfo page has", length);
}

struct search {
	struct meminspect_kinfo *best, *now;
	bool found;
	size_t nr_good;
};

static void look_at_window(struct search *search, const uint8_t *window, size_t length,
			   uint64_t paddr)
{
	for (size_t at = 0; at < length; at += MEMINSPECT_KINFO_PAGE) {
		size_t there = length - at < MEMINSPECT_KINFO_PAGE ? length - at :
								   MEMINSPECT_KINFO_PAGE;
		struct meminspect_kinfo *now = search->now;

		if (decode(window + at, there, now))
			continue;
		now->paddr = paddr + at;
		search->nr_good += now->readings[0].checksum_good;
		if (search->found && (search->best->readings[0].checksum_good ||
				      !now->readings[0].checksum_good))
			continue;
		search->now = search->best;
		search->best = now;
		search->found = true;
	}
}

static int search_memory(struct meminspect_context *context, struct meminspect_memory *memory,
			 struct search *search)
{
	const uint64_t page = MEMINSPECT_KINFO_PAGE;
	uint64_t start, length, paddr, end;
	uint8_t *window;

	if (!memory->operations->range)
		return fail(context, -EOPNOTSUPP, "%s: can't be searched; where is the page?",
			    memory->description);
	memory->operations->range(memory, &start, &length);
	end = length > UINT64_MAX - start ? UINT64_MAX : start + length;
	if (start > UINT64_MAX - page)
		return fail(context, -ENOENT, "%s: no page is in it", memory->description);
	window = malloc(WINDOW_SIZE);
	if (!window)
		return fail(context, -ENOMEM, "out of memory");
	for (paddr = (start + page - 1) / page * page; paddr < end;) {
		int64_t got = meminspect_memory_read(memory, paddr, window, WINDOW_SIZE);

		progress(context, "searching the kinfo page", paddr - start, length);
		if (got <= 0) {
			free(window);
			return got < 0 ? (int)got : 0;
		}
		look_at_window(search, window, got, paddr);
		if (got < WINDOW_SIZE || paddr > UINT64_MAX - WINDOW_SIZE)
			break;
		paddr += WINDOW_SIZE;
	}
	progress(context, "searching the kinfo page", length, length);
	free(window);
	return 0;
}

static int read_page(struct meminspect_context *context, struct meminspect_memory *memory,
		     uint64_t at, struct meminspect_kinfo **kinfo)
{
	uint8_t page[MEMINSPECT_KINFO_PAGE];
	int64_t got = meminspect_memory_read(memory, at, page, sizeof(page));
	int error;

	if (got < 0)
		return got;
	if (!got)
		return fail(context, -ENODATA, "%s: there is no memory at %#llx",
			    memory->description, (unsigned long long)at);
	error = meminspect_kinfo_decode(context, page, got, kinfo);
	if (error)
		return fail(context, error, "%s: at %#llx: %s", memory->description,
			    (unsigned long long)at, meminspect_error(context));
	(*kinfo)->paddr = at;
	return 0;
}

int meminspect_kinfo_find(struct meminspect_context *context, struct meminspect_memory *memory,
			  uint64_t at, struct meminspect_kinfo **kinfo, size_t *nr_others)
{
	struct search search = { 0 };
	int error;

	*nr_others = 0;
	if (at != MEMINSPECT_KINFO_SEARCH)
		return read_page(context, memory, at, kinfo);
	search.best = malloc(sizeof(*search.best));
	search.now = malloc(sizeof(*search.now));
	if (!search.best || !search.now)
		error = fail(context, -ENOMEM, "out of memory");
	else
		error = search_memory(context, memory, &search);
	free(search.now);
	if (!error && !search.found)
		error = fail(context, -ENOENT,
			     "%s: no page starts with the magic %#x of a kinfo page",
			     memory->description, MEMINSPECT_KINFO_MAGIC);
	if (error) {
		free(search.best);
		return error;
	}
	*kinfo = search.best;
	*nr_others = search.nr_good ? search.nr_good - 1 : 0;
	return 0;
}
