// SPDX-License-Identifier: GPL-2.0-only
/* The decoder of the printk ringbuffer, against rings by the writer in printk-ring.h. */
#include "printk-ring.h"
#include "tap.h"
#include <errno.h>

#define MAX_RECORDS	4096

struct found {
	size_t nr;
	struct meminspect_log_record record[MAX_RECORDS];
	char text[MAX_RECORDS][128];
};

static struct meminspect_context *context;
static struct meminspect_log_summary summary;
static struct found found;

static int keep_record(void *priv, const struct meminspect_log_record *record)
{
	(void)priv;
	if (found.nr == MAX_RECORDS)
		return -ENOSPC;
	found.record[found.nr] = *record;
	snprintf(found.text[found.nr], sizeof(found.text[0]), "%.*s", (int)record->length,
		 record->text);
	found.nr++;
	return 0;
}

static int stop_at_second(void *priv, const struct meminspect_log_record *record)
{
	(void)record;
	return ++*(int *)priv == 2 ? 77 : 0;
}

/* Decodes @dump and frees it. */
static int decode(struct meminspect_dump *dump)
{
	int result;

	found.nr = 0;
	result = meminspect_log(context, dump, keep_record, NULL, &summary);
	meminspect_dump_free(dump);
	return result;
}

static int decode_ring(const struct ring *ring)
{
	return decode(ring_dump(ring));
}

static uint64_t ring_print(struct ring *ring, const char *text)
{
	return ring_write(ring, 1000000000ULL + ring->next_seq, 6, text, strlen(text));
}

/* Three records, "one", "two", "three"; returns the ID of the first. */
static uint64_t ring_print_three(struct ring *ring)
{
	uint64_t id = ring_print(ring, "one");

	ring_print(ring, "two");
	ring_print(ring, "three");
	return id;
}

static void test_fields(const struct ring_layout *layout, const char *name)
{
	struct ring *ring = ring_new(layout, 4, 9);

	is_number(decode_ring(ring), 0, "%s: an unused ring decodes", name);
	is_number(summary.records + summary.lost, 0, "%s: and has no record", name);
	ring_write(ring, 12345678901234, 4, "first", 5);
	ring_write(ring, 12345678901235, 7, "a\0b\nc", 5);
	is_number(decode_ring(ring), 0, "%s: two records decode", name);
	is_number(found.nr, 2, "%s: both are found", name);
	is_number(found.record[0].time, 12345678901234, "%s: time", name);
	is_number(found.record[0].level, 4, "%s: level", name);
	is_number(found.record[0].facility, 3, "%s: facility", name);
	is_number(found.record[0].caller, 0x80000004U, "%s: caller", name);
	is_number(found.record[1].sequence, 1, "%s: sequence", name);
	is_string(found.text[0], "first", "%s: text", name);
	is_number(found.record[1].length, 5, "%s: length of a text with a NUL", name);
	ring_free(ring);
}

struct written {
	uint64_t id, begin;
	char text[100];
};

/* Prints until everything has wrapped many times; what must be left is known from positions. */
static void test_wraps(bool exact_fit)
{
	enum { MESSAGES = 3000 };
	struct ring *ring = ring_new(&linux_layout, 5, 10);
	struct written *written = calloc(MESSAGES, sizeof(*written));
	const char *name = exact_fit ? "blocks up to the end" : "blocks short of the end";
	bool good = true;
	size_t i, oldest = 0;

	ring->exact_fit = exact_fit;
	srandom(1);
	for (i = 0; i < MESSAGES && good; i++) {
		/* A multiple of 8 each, so that blocks often end just where the ring does. */
		int length = 8 * (1 + (int)(random() % (i % 64 < 40 ? 3 : 11)));

		snprintf(written[i].text, sizeof(written[i].text), "%0*zu", length, i);
		written[i].begin = ring->head_lpos;
		written[i].id = ring_print(ring, written[i].text);
		while (oldest < i && (int64_t)(written[oldest].begin - ring->tail_lpos) < 0) {
			if (i - oldest < 32)
				ring_set_state(ring, written[oldest].id, REUSABLE);
			oldest++;
		}
		if (i - oldest >= 32)
			oldest = i - 31;
		if (decode_ring(ring) || summary.lost || found.nr != i - oldest + 1 ||
		    summary.first != oldest) {
			good = false;
			break;
		}
		for (size_t j = 0; j < found.nr; j++)
			good = good && found.record[j].sequence == oldest + j &&
			       !strcmp(found.text[j], written[oldest + j].text);
	}
	if (!ok(good, "%s: after each of %d messages, what should be left is found", name,
		MESSAGES))
		diag("at message %zu: found %zu, lost %" PRIu64 ", first %" PRIu64
		     "; expected %zu, first %zu: %s", i, found.nr, summary.lost, summary.first, i - oldest + 1,
		     oldest, meminspect_error(context));
	free(written);
	ring_free(ring);
}

static void test_states(void)
{
	struct ring *ring = ring_new(&linux_layout, 4, 9);
	uint64_t id = ring_print_three(ring);

	ring_set_state(ring, id + 2, COMMITTED);
	decode_ring(ring);
	is_string(found.nr == 3 ? found.text[2] : NULL, "three", "a committed record is shown");
	ring_set_state(ring, id + 2, RESERVED);
	decode_ring(ring);
	ok(found.nr == 2 && !summary.lost, "a reserved record is neither shown nor lost");
	ring_set_state(ring, id, REUSABLE);
	decode_ring(ring);
	ok(found.nr == 1 && !summary.lost && summary.first == 1,
	   "a reusable record is neither shown nor lost, but the first is known");
	ring_reserve(ring);
	decode_ring(ring);
	ok(found.nr == 1 && !summary.lost, "an ID that is not in its descriptor yet is no loss");
	ring_free(ring);
}

static void test_no_data(void)
{
	struct ring *ring = ring_new(&linux_layout, 4, 9);
	uint64_t id = ring_reserve(ring);

	ring_set_position(ring, id, 3, 3);
	ring_describe(ring, id, 5, 6, 0);
	ring_set_state(ring, id, FINALIZED);
	decode_ring(ring);
	ok(found.nr == 1 && !found.record[0].length && !summary.lost, "an empty line is a record");
	ring_describe(ring, id, 5, 6, 4);
	ring->next_seq = 0;
	ring_describe(ring, id, 5, 6, 4);
	decode_ring(ring);
	ok(!found.nr && summary.lost == 1, "an empty line with a length is lost");
	ring->next_seq = 0;
	ring_describe(ring, id, 5, 6, 0);
	ring_set_position(ring, id, 1, 1);
	decode_ring(ring);
	ok(!found.nr && summary.lost == 1, "a record that got no room for its text is lost");
	ring_free(ring);
}

/* What is missing is named or counted, never blank. */
static void test_missing(void)
{
	struct ring *ring = ring_new(&linux_layout, 4, 9);
	static const char *const needed[] = { "prb", "head" };
	static const char *const counted[] = { "descs", "infos", "text" };
	struct meminspect_dump *dump;

	ring_print_three(ring);
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		dump = ring_dump(ring);
		ring_dump_cut(dump, needed[i], 7);
		is_number(decode(dump), -ENODATA, "without %s there is no log", needed[i]);
		ok(strstr(meminspect_error(context), needed[i]), "and the error says so: %s",
		   meminspect_error(context));
	}
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++) {
		dump = ring_dump(ring);
		ring_dump_cut(dump, counted[i], 0);
		is_number(decode(dump), 0, "without %s there still is a head", counted[i]);
		/* The unused descriptor that a ring starts with counts, if it can't be read. */
		ok(!found.nr && summary.lost == (i ? 3 : 4), "all are lost without %s", counted[i]);
	}
	/* Block of "one": 8 bytes of ID, 8 of text. "two" has 3 bytes from 24 on. */
	dump = ring_dump(ring);
	ring_dump_cut(dump, "text", 26);
	decode(dump);
	ok(found.nr == 1 && summary.lost == 2 && !strcmp(found.text[0], "one"),
	   "of a text ring cut within \"two\", \"one\" is left");
	dump = ring_dump(ring);
	ring_dump_cut(dump, "text", 27);
	decode(dump);
	ok(found.nr == 2 && summary.lost == 1 && !strcmp(found.text[1], "two"),
	   "of a text ring cut behind \"two\", that is left too");
	ring_free(ring);
}

/* A page of descriptors that reads as zeros is no page of unused ones. */
static void test_zeros(void)
{
	struct ring *ring = ring_new(&linux_layout, 4, 9);
	uint64_t id = ring_print_three(ring);

	put(ring_desc(ring, id), 0, 8);
	put(ring_desc(ring, id + 1), 0, 8);
	is_number(decode_ring(ring), 0, "a ring whose descriptors are zero decodes");
	ok(found.nr == 1 && summary.lost == 2 && !strcmp(found.text[0], "three"),
	   "their records are lost");
	ring_free(ring);
}

/* Each text of nearly all of the ring: what would be printed grows with the square. */
static void test_overlaps(void)
{
	struct ring *ring = ring_new(&linux_layout, 5, 9);
	uint64_t i, id, total = 0;

	for (i = 0; i < 20; i++) {
		id = ring_print(ring, "");
		put(ring->text + 16 * i, id, 8);
		ring_set_position(ring, id, 512 + 16 * i, 512 + 16 * i + 200);
		put(ring_info(ring, id) + linux_layout.text_len, 192, 2);
	}
	is_number(decode_ring(ring), 0, "a ring of overlapping texts decodes");
	for (i = 0; i < found.nr; i++)
		total += 8 + found.record[i].length;
	ok(total && total <= 512, "no more comes out of it than it has: %llu bytes",
	   (unsigned long long)total);
	is_number(summary.records + summary.lost, 20, "other records are lost");
	ring_free(ring);
}

/* Each damage in turn, on a fresh ring of three records. */
static void test_damage(void)
{
	enum damage { BLOCK_ID, LENGTH, SEQUENCE, STATE, BEGIN, NEXT, NR_DAMAGES };
	static const char *const names[] = {
		"block with another ID", "text longer than its block", "sequence of another record",
		"descriptor with another ID", "block that starts at an odd position",
		"block that ends before it starts",
	};

	for (int damage = 0; damage < NR_DAMAGES; damage++) {
		struct ring *ring = ring_new(&linux_layout, 4, 9);
		uint64_t id = ring_print_three(ring) + 1;

		switch ((enum damage)damage) {
		case BLOCK_ID:
			put(ring->text + 16, id + 1, 8);
			break;
		case LENGTH:
			put(ring_info(ring, id) + linux_layout.text_len, 9, 2);
			break;
		case SEQUENCE:
			put(ring_info(ring, id) + linux_layout.seq, 2, 8);
			break;
		case STATE:
			ring_set_state(ring, id, FINALIZED);
			put(ring_desc(ring, id), (uint64_t)FINALIZED << 62 | (id + 5), 8);
			break;
		case BEGIN:
			put(ring->text + 17, id, 8);
			ring_set_position(ring, id, -512 + 17, -512 + 32);
			break;
		case NEXT:
			ring_set_position(ring, id, -512 + 16, -512 + 8);
			break;
		case NR_DAMAGES:
			break;
		}
		is_number(decode_ring(ring), 0, "%s: the others decode", names[damage]);
		ok(found.nr == 2 && summary.lost == 1 && !strcmp(found.text[1], "three"),
		   "%s: that one is lost", names[damage]);
		ring_free(ring);
	}
}

static void test_heads(void)
{
	struct ring *ring = ring_new(&linux_layout, 4, 9);
	struct meminspect_dump *dump;
	bool refused = true;

	ring_print_three(ring);
	put(ring->head + linux_layout.tail_id, ring->head_id - 16, 8);
	is_number(decode_ring(ring), -EINVAL, "more IDs than descriptors are refused");
	put(ring->head + linux_layout.tail_id, ring->head_id + 1, 8);
	is_number(decode_ring(ring), -EINVAL, "an oldest ID that is newer is refused");
	ring_put_ids(ring);
	for (unsigned int bits = 23; bits < 256; bits++) {
		put(ring->head, bits, 4);
		refused = refused && decode_ring(ring) == -EINVAL;
	}
	put(ring->head, 0, 4);
	ok(refused && decode_ring(ring) == -EINVAL,
	   "so are 2^0 descriptors, and more than 2^22");
	put(ring->head, 4, 4);
	put(ring->head + linux_layout.text_data_ring, 64, 4);
	is_number(decode_ring(ring), -EINVAL, "2^64 bytes of text are refused");
	put(ring->head + linux_layout.text_data_ring, 9, 4);
	dump = ring_dump(ring);
	free(dump->vmcoreinfo);
	dump->vmcoreinfo = NULL;
	is_number(decode(dump), -ENODATA, "without VMCOREINFO there is no log");
	is_number(decode_ring(ring), 0, "the ring was good all the time");
	ring_free(ring);
}

/* Takes every key away, and gives it a value that can't be, in turn. */
static void test_keys(void)
{
	struct ring *ring = ring_new(&linux_layout, 4, 9);
	char *all = ring_vmcoreinfo(&linux_layout);
	bool missing = true, named = true, impossible = true;
	size_t keys = 0;

	ring_print_three(ring);
	for (const char *line = strchr(all, '\n') + 1; *line; line = strchr(line, '\n') + 1) {
		int before = (int)(line - all), length = (int)strcspn(line, "=");
		const char *after = strchr(line, '\n') + 1;
		char name[80];
		struct meminspect_dump *dump = ring_dump(ring);

		keys++;
		snprintf(name, sizeof(name), "%.*s", length, line);
		free(dump->vmcoreinfo);
		if (asprintf(&dump->vmcoreinfo, "%.*s%s", before, all, after) < 0)
			abort();
		missing = missing && decode(dump) == -ENODATA;
		named = named && strstr(meminspect_error(context), name);

		dump = ring_dump(ring);
		free(dump->vmcoreinfo);
		if (asprintf(&dump->vmcoreinfo, "%.*s%s=18446744073709551615\n%s", before, all,
			     name, after) < 0)
			abort();
		impossible = impossible && decode(dump) < 0 && !found.nr;
		if (!missing || !named || !impossible) {
			diag("at %s: %s", name, meminspect_error(context));
			break;
		}
	}
	is_number(keys, 25, "the layout has as many keys as this test knows");
	ok(missing, "no log without every one of the keys");
	ok(named, "the error names the key");
	ok(impossible, "no log with an impossible value of any");
	free(all);
	ring_free(ring);
}

/* Decodes a good ring with one value of VMCOREINFO replaced by one of as many digits. */
static int decode_with(const char *key, const char *value)
{
	struct ring *ring = ring_new(&linux_layout, 4, 9);
	struct meminspect_dump *dump;
	char *found_key;

	ring_print_three(ring);
	dump = ring_dump(ring);
	found_key = strstr(dump->vmcoreinfo, key);
	memcpy(found_key + strlen(key) + 1, value, strlen(value));
	ring_free(ring);
	return decode(dump);
}

static void test_layouts(void)
{
	is_number(decode_with("SIZE(atomic_long_t)", "4"), -ENOTSUP, "a 32 bit kernel is refused");
	ok(strstr(meminspect_error(context), "64 bit"), "and the error tells why: %s",
	   meminspect_error(context));
	is_number(decode_with("OFFSET(prb_desc_ring.tail_id)", "41"), -EINVAL,
		  "a member that ends behind its structure is refused");
	ok(strstr(meminspect_error(context), "tail_id"), "and the error names it: %s",
	   meminspect_error(context));
	is_number(decode_with("OFFSET(printk_ringbuffer.text_data_ring)", "57"), -EINVAL,
		  "so is a structure that ends behind the one it is in");
	ok(strstr(meminspect_error(context), "VMCOREINFO"), "and the error tells why: %s",
	   meminspect_error(context));
	is_number(decode_with("OFFSET(printk_info.caller_id)", "24"), -ENOTSUP,
		  "an unknown place of the level is refused");
	is_number(decode_with("OFFSET(printk_info.seq)", "x"), -EINVAL, "so is what is no number");
	is_number(decode_with("SIZE(atomic_long_t)", "8"), 0, "the ring was good all the time");
}

static void test_stop(void)
{
	struct ring *ring = ring_new(&linux_layout, 4, 9);
	struct meminspect_dump *dump;
	int calls = 0;

	ring_print_three(ring);
	dump = ring_dump(ring);
	is_number(meminspect_log(context, dump, stop_at_second, &calls, &summary), 77,
		  "what the function returns is handed on");
	is_number(calls, 2, "and it is not called again");
	meminspect_dump_free(dump);
	ring_free(ring);
}

/* The sanitizers watch; here it is only seen that work stays bounded. */
static void test_random_flips(void)
{
	struct ring *ring = ring_new(&linux_layout, 5, 10);
	uint64_t most = 0;

	for (int i = 0; i < 100; i++)
		ring_print(ring, "some message that is long enough");
	srandom(2);
	for (int round = 0; round < 20000; round++) {
		struct { uint8_t *bytes; size_t size; } parts[] = {
			{ ring->head, ring->head_size }, { ring->descs, ring->descs_size },
			{ ring->infos, ring->infos_size }, { ring->text, ring->text_size },
		};
		size_t part = (size_t)random() % ARRAY_SIZE(parts);
		uint8_t *byte = parts[part].bytes + (size_t)random() % parts[part].size;
		uint8_t old = *byte;

		*byte ^= (uint8_t)(1U << (random() % 8));
		decode_ring(ring);
		if (summary.records + summary.lost > most)
			most = summary.records + summary.lost;
		/* Half of them stay, so that damage adds up; the head is kept usable. */
		if (!part || random() % 2)
			*byte = old;
	}
	ok(most && most <= 32, "with flipped bits never more records than descriptors");
	ring_free(ring);
}

int main(void)
{
	context = meminspect_context_new();
	test_fields(&linux_layout, "layout of 6.12");
	test_fields(&other_layout, "another layout");
	test_wraps(false);
	test_wraps(true);
	test_states();
	test_no_data();
	test_missing();
	test_damage();
	test_zeros();
	test_overlaps();
	test_heads();
	test_keys();
	test_layouts();
	test_stop();
	test_random_flips();
	meminspect_context_free(context);
	return done_testing();
}
