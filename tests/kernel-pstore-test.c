// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packing of memory into records for pstore: what comes out is decoded here by
 * the numbers of pstore.rst, and compared with what went in.
 */
#include <errno.h>
#include <stdlib.h>
#include <zlib.h>
#include "linux/files/kernel/meminspect/pstore_pack.h"
#include "tap.h"

#define BASE		0x1234567000ULL
#define MEMORY_SIZE	(1 << 20)
#define MAX_RECORDS	4096
#define HEADER		72

/* What kinds of bytes memory holds, page by page in turn. */
enum contents { ZEROS, TEXT, NOISE, MIXED };

static uint8_t memory[MEMORY_SIZE];
static uint8_t unreadable[MEMORY_SIZE / 4096];

/* What was stored, in order. */
static uint8_t *records[MAX_RECORDS];
static size_t sizes[MAX_RECORDS];
static unsigned int nr_records, fail_at;
static uint8_t record[65536], runs[8 * 65536];

/* What decoding gives: 0 nothing, or the kind of run: 1 bytes, 2 the same as elsewhere, 3 unreadable */
static uint8_t state[MEMORY_SIZE];
static uint8_t decoded[MEMORY_SIZE];
static uint64_t decoded_bytes, order_faults, next_paddr;

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)(((uint64_t)seed * below) >> 32);
}

static void fill_memory(enum contents contents)
{
	static const char words[] = "the quick brown fox jumps over the lazy dog 0123456789";
	size_t i, j;

	for (i = 0; i < MEMORY_SIZE; i += 4096) {
		enum contents kind = contents == MIXED ? (enum contents)draw(3) : contents;

		for (j = i; j < i + 4096; j++)
			memory[j] = kind == ZEROS ? 0 :
				    kind == TEXT ? (uint8_t)words[draw(8) + j % 40] : draw(256);
	}
	memset(unreadable, 0, sizeof(unreadable));
}

static int deflate_raw(void *priv, const void *from, size_t length, void *to, size_t room)
{
	z_stream stream = {
		.next_in = (void *)from, .avail_in = length, .next_out = to, .avail_out = room,
	};
	int result;

	(void)priv;
	if (deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return -EINVAL;
	result = deflate(&stream, Z_FINISH);
	deflateEnd(&stream);
	return result == Z_STREAM_END ? (int)stream.total_out : -E2BIG;
}

static int store(void *priv, size_t size, u32 sequence)
{
	(void)priv;
	if (sequence == fail_at)
		return -EIO;
	if (nr_records == MAX_RECORDS || sequence != nr_records)
		return -EINVAL;
	records[nr_records] = malloc(size);
	memcpy(records[nr_records], record, size);
	sizes[nr_records++] = size;
	return 0;
}

static int read_memory(void *priv, u64 offset, void *to, size_t length)
{
	u64 from = *(u64 *)priv + offset;

	if (length > 4096 || unreadable[from / 4096] ||
	    from / 4096 != (from + length - 1) / 4096)
		return -EFAULT;
	memcpy(to, memory + from, length);
	return 0;
}

static struct meminspect_packer start(size_t record_size, u64 limit, bool deflated)
{
	struct meminspect_packer packer = {
		.identity = { .crash = 7, .time = 0x1122334455667788ULL },
		.record = record, .record_size = record_size,
		.runs = runs, .runs_size = 8 * record_size,
		.limit = limit, .deflate = deflated ? deflate_raw : NULL, .write = store,
	};

	memcpy(packer.identity.boot_id, "sixteen bytes id", 16);
	while (nr_records)
		free(records[--nr_records]);
	fail_at = -1;
	return packer;
}

static uint64_t number(const uint8_t *from, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, from, size);
	return value;
}

static const char *decode_runs(const uint8_t *from, size_t length)
{
	size_t offset = 0, i;

	while (offset < length) {
		uint64_t paddr, size, at;
		unsigned int kind;

		if (length - offset < 16)
			return "a run's header is cut";
		paddr = number(from + offset, 8);
		size = number(from + offset + 8, 4);
		kind = number(from + offset + 12, 2);
		offset += 16;
		at = paddr - BASE;
		if (!size || at >= MEMORY_SIZE || size > MEMORY_SIZE - at)
			return "a run is out of memory's range";
		if (kind == 1 && size > length - offset)
			return "a run's bytes are cut";
		if (kind == 3 && length - offset < 8)
			return "an address is cut";
		order_faults += paddr < next_paddr;
		next_paddr = paddr + size;
		for (i = at; i < at + size; i++) {
			if (state[i])
				return "memory comes twice";
			state[i] = (uint8_t)kind;
		}
		if (kind == 1) {
			memcpy(decoded + at, from + offset, size);
			decoded_bytes += size;
			offset += size;
		} else if (kind == 2) {
			at = number(from + offset, 8) - BASE;
			memcpy(decoded + (paddr - BASE), decoded + at, size);
			offset += 8;
		} else if (kind != 3) {
			return "kind of run";
		}
	}
	return NULL;
}

/* NULL, or what is wrong with a record. */
static const char *check_record(unsigned int nr, size_t record_size, unsigned int kind)
{
	static uint8_t inflated[8 * 65536];
	const uint8_t *bytes = records[nr];
	size_t stored = number(bytes + 32, 4), size = number(bytes + 36, 4);
	z_stream stream = {
		.next_in = (uint8_t *)bytes + HEADER, .avail_in = stored,
		.next_out = inflated, .avail_out = sizeof(inflated),
	};
	int result;

	if (sizes[nr] > record_size || sizes[nr] < HEADER || sizes[nr] != HEADER + stored)
		return "size";
	if (memcmp(bytes, "\177MIPSTOR", 8) != 0)
		return "magic";
	if (number(bytes + 8, 4) != crc32(0, bytes + 12, sizes[nr] - 12))
		return "CRC";
	if (number(bytes + 12, 4) != 1 || number(bytes + 16, 4) != 0x01020304 ||
	    number(bytes + 20, 2) != HEADER || number(bytes + 22, 2) != kind)
		return "version, byte order, size of header or kind";
	if (number(bytes + 24, 4) != nr || number(bytes + 28, 4) != (kind == 3 ? nr + 1 : 0))
		return "sequence or total";
	if (number(bytes + 40, 4) > 1 || number(bytes + 44, 4) != 7 ||
	    number(bytes + 48, 8) != 0x1122334455667788ULL)
		return "flags, crash or time";
	if (memcmp(bytes + 56, "sixteen bytes id", 16) != 0)
		return "boot id";
	if (kind != 2)
		return NULL;
	if (!number(bytes + 40, 4)) {
		if (size != stored)
			return "size of what is not deflated";
		return decode_runs(bytes + HEADER, size);
	}
	if (inflateInit2(&stream, -15) != Z_OK)
		return "memory";
	result = inflate(&stream, Z_FINISH);
	inflateEnd(&stream);
	if (result != Z_STREAM_END || stream.total_out != size || stream.avail_in)
		return "inflating";
	return decode_runs(inflated, size);
}

static const char *decode(size_t record_size)
{
	unsigned int i;

	memset(state, 0, sizeof(state));
	decoded_bytes = order_faults = next_paddr = 0;
	for (i = 0; i < nr_records; i++) {
		const char *fault = check_record(i, record_size, 2);

		if (fault)
			return fault;
	}
	return NULL;
}

/* Whether every byte that decoding gave is the one that went in. */
static bool right_bytes(void)
{
	size_t i;

	for (i = 0; i < MEMORY_SIZE; i++)
		if (state[i] == 1 && decoded[i] != memory[i])
			return false;
	return true;
}

/* Ranges of all lengths, with gaps, ascending. Returns how much went in until it was full. */
static int pack_all(struct meminspect_packer *packer, size_t longest, uint64_t *given)
{
	u64 at = 0, length;
	int result = 0;

	*given = 0;
	while (!result) {
		length = draw(8) ? 1 + draw(longest) : 1 + draw(16);
		at += draw(3) ? draw(200) : 0;
		if (at + length > MEMORY_SIZE)
			break;
		result = meminspect_pack_memory(packer, draw(17), BASE + at, length, read_memory,
						&at);
		*given += length;
		at += length;
	}
	return result ? result : meminspect_pack_flush(packer);
}

static uint64_t bytes_stored(void)
{
	uint64_t all = 0;
	unsigned int i;

	for (i = 0; i < nr_records; i++)
		all += sizes[i];
	return all;
}

static uint64_t bytes_packed(const struct meminspect_packer *packer)
{
	uint64_t all = 0;
	size_t i;

	for (i = 0; i < MEMINSPECT_CLASS_MAX; i++)
		all += packer->packed[i];
	return all;
}

static void test_sizes(void)
{
	static const size_t record_sizes[] = { 1024, 1500, 4096, 65536 };
	static const char *const names[] = { "zeros", "text", "noise", "mixed" };
	struct meminspect_packer packer;
	const char *fault;
	unsigned int i, contents, deflated;
	uint64_t given, longest;
	int result;

	for (i = 0; i < 4; i++) {
		for (contents = ZEROS; contents <= MIXED; contents++) {
			for (deflated = 0; deflated < 2; deflated++) {
				fill_memory(contents);
				packer = start(record_sizes[i], 1ULL << 40, deflated);
				longest = 1ULL << (4 + 4 * draw(4));
				result = pack_all(&packer, longest, &given);
				fault = decode(record_sizes[i]);
				ok(!result && !fault && right_bytes() && !order_faults &&
				   decoded_bytes == given && bytes_packed(&packer) == given &&
				   packer.written == bytes_stored(),
				   "records of %zu bytes, %s, %s: all comes back",
				   record_sizes[i], names[contents],
				   deflated ? "deflated" : "as they are");
				if (fault)
					diag("%s", fault);
				if (deflated && contents == ZEROS && longest > 256)
					ok(bytes_stored() < given / 5, "much is saved: %llu of %llu",
					   (unsigned long long)bytes_stored(),
					   (unsigned long long)given);
				if (deflated && contents == TEXT && longest > 256)
					ok(bytes_stored() < given * 3 / 4, "text gets smaller");
			}
		}
	}
}

/* A record is not left half empty where more would fit. */
static void test_full_records(void)
{
	static const size_t record_sizes[] = { 1024, 32768 };
	struct meminspect_packer packer;
	uint64_t whole = 0, given;
	unsigned int i, j;

	for (i = 0; i < 2; i++) {
		fill_memory(TEXT);
		packer = start(record_sizes[i], 1ULL << 40, true);
		pack_all(&packer, 65536, &given);
		for (j = 0, whole = 0; j + 1 < nr_records; j++)
			whole += sizes[j];
		ok(nr_records > 4 && whole > (nr_records - 1) * record_sizes[i] / 4 * 3,
		   "records of %zu bytes are full to three quarters", record_sizes[i]);
	}
}

static void test_budgets(void)
{
	static const size_t record_sizes[] = { 1024, 65536 };
	unsigned int i, good = 0, all = 0, used_up = 0;
	struct meminspect_packer packer;
	uint64_t given, limit;
	int result;

	for (i = 0; i < 2; i++) {
		for (limit = 0; limit < 300000; limit += limit / 7 + 61) {
			const char *fault;

			fill_memory(MIXED);
			packer = start(record_sizes[i], limit, true);
			result = pack_all(&packer, 9000, &given);
			fault = decode(record_sizes[i]);
			all++;
			good += !fault && right_bytes() && !order_faults &&
				bytes_stored() <= limit && bytes_stored() == packer.written &&
				decoded_bytes == bytes_packed(&packer) &&
				(result == -ENOSPC) == (decoded_bytes < given);
			used_up += result != -ENOSPC || bytes_stored() + 72 + 256 >= limit ||
				   bytes_stored() > limit / 4 * 3;
		}
	}
	is_number(good, all, "%u budgets: never more than that, and what is said is true", all);
	is_number(used_up, all, "and the budget is used");
}

static void test_unreadable(void)
{
	struct meminspect_packer packer = start(1024, 1 << 20, true);
	u64 at = 100;
	size_t i, wrong = 0;

	fill_memory(MIXED);
	unreadable[1] = unreadable[2] = unreadable[5] = 1;
	is_number(meminspect_pack_memory(&packer, 1, BASE + at, 30000, read_memory, &at), 0,
		  "memory with pages that cannot be read");
	is_number(meminspect_pack_flush(&packer), 0, "is packed");
	is_string(decode(1024), NULL, "and comes back");
	for (i = 0; i < MEMORY_SIZE; i++)
		wrong += state[i] != (i < 100 || i >= 30100 ? 0 : unreadable[i / 4096] ? 3 : 1);
	is_number(wrong, 0, "these pages are marked, and no other byte");
	ok(right_bytes(), "the others are right");
	is_number(packer.unreadable, 3 * 4096, "they are counted");
	is_number(packer.packed[1], 30000 - 3 * 4096, "what is packed is counted without them");
}

static void test_same(void)
{
	struct meminspect_packer packer = start(1024, 1 << 20, true);
	u64 at = 0;
	unsigned int i;

	fill_memory(NOISE);
	meminspect_pack_memory(&packer, 0xffff, BASE, 8192, read_memory, &at);
	for (i = 0; i < 40; i++)
		meminspect_pack_same(&packer, 0xffff, BASE + 8192 + i * 4096, 4096, BASE + 4096);
	meminspect_pack_flush(&packer);
	is_string(decode(1024), NULL, "memory that is the same as other memory");
	is_number(state[8192 + 39 * 4096 + 4095], 2, "is told by its address");
	ok(!memcmp(decoded + 8192 + 39 * 4096, memory + 4096, 4096), "which leads to its bytes");
	is_number(packer.packed[MEMINSPECT_PACKED_DIRECTORY], 8192, "and is not counted");
}

/* A run grows only if it is the last one, also when those before it have gone into records. */
static void test_back_and_forth(void)
{
	struct meminspect_packer packer = start(1024, 1 << 20, true);
	static const struct {
		u64 at, length;
	} ranges[] = { { 0, 7000 }, { 100000, 1150 }, { 7000, 4000 }, { 101150, 9000 }, { 11000, 1 } };
	unsigned int i, failed = 0;

	fill_memory(NOISE);
	for (i = 0; i < 5; i++) {
		u64 at = ranges[i].at;

		failed += meminspect_pack_memory(&packer, 1, BASE + at, ranges[i].length,
						 read_memory, &at) != 0;
	}
	failed += meminspect_pack_flush(&packer) != 0;
	is_number(failed, 0, "two ranges are packed in turns");
	is_string(decode(1024), NULL, "they come back");
	ok(right_bytes() && decoded_bytes == 21151, "each byte once, and right");
}

static void test_failing_store(void)
{
	struct meminspect_packer packer = start(1024, 1 << 20, true);
	struct meminspect_pstore_summary summary = { .stop = 3 };
	uint64_t given;

	fill_memory(NOISE);
	fail_at = 3;
	is_number(pack_all(&packer, 4096, &given), -EIO, "storage fails: its error is returned");
	is_number(nr_records, 3, "nothing is stored from then on");
	is_number(meminspect_pack_flush(&packer), -EIO, "and flushing gives the error again");
	is_string(decode(1024), NULL, "what was stored is right");
	ok(right_bytes() && decoded_bytes == bytes_packed(&packer), "and counted");
	fail_at = -1;
	is_number(meminspect_pack_summary(&packer, MEMINSPECT_PSTORE_END, &summary), 0,
		  "the last record is tried nevertheless");
	is_string(check_record(3, 1024, 3), NULL, "and takes the number that is free");
}

static void test_summary(void)
{
	static struct {
		struct meminspect_pstore_summary summary;
		struct meminspect_pstore_class classes[MEMINSPECT_CLASS_MAX];
	} full = {
		.summary = {
			.head = { 0x1111, 0x2222 }, .budget = 0x3333, .written = 0x4444,
			.directory = 0x5555, .unreadable = 0x6666, .record_size = 0x7777,
			.reason = 1, .stop = 2, .error = 28, .nr_classes = MEMINSPECT_CLASS_MAX,
		},
		.classes = { [16] = { .class = 5, .nr_regions = 6, .bytes = 0x8888 } },
	};
	static const uint64_t words[] = { 0x1111, 0x2222, 0x3333, 0x4444, 0x5555, 0x6666 };
	struct meminspect_packer packer = start(1024, 0, true);
	const uint8_t *at;
	unsigned int i, wrong = 0;

	is_number(meminspect_pack_summary(&packer, MEMINSPECT_PSTORE_HEAD, &full.summary), 0,
		  "a summary of all classes fits the smallest record, whatever the limit");
	is_string(check_record(0, 1024, 1), NULL, "it is a record");
	is_number(sizes[0], 72 + 72 + 17 * 16, "of the size that is documented");
	at = records[0] + 72;
	for (i = 0; i < 6; i++)
		wrong += number(at + 8 * i, 8) != words[i];
	wrong += number(at + 48, 4) != 0x7777 || number(at + 52, 4) != 1 ||
		 number(at + 56, 4) != 2 || number(at + 60, 4) != 28 || number(at + 64, 4) != 17;
	wrong += number(at + 72 + 16 * 16, 2) != 5 || number(at + 72 + 16 * 16 + 4, 4) != 6 ||
		 number(at + 72 + 16 * 16 + 8, 8) != 0x8888;
	is_number(wrong, 0, "its numbers are where they are documented to be");
}

/* The checks above see a byte that is wrong. */
static void test_damage(void)
{
	struct meminspect_packer packer = start(1024, 1 << 20, true);
	unsigned int found = 0;
	u64 at = 0;
	size_t i;

	fill_memory(MIXED);
	meminspect_pack_memory(&packer, 1, BASE, 4096, read_memory, &at);
	meminspect_pack_flush(&packer);
	for (i = 0; i < sizes[0]; i++) {
		uint8_t bit = 1 << draw(8);

		records[0][i] ^= bit;
		found += decode(1024) != NULL;
		records[0][i] ^= bit;
	}
	is_number(found, sizes[0], "a flipped bit in any byte of a record shows");
}

int main(void)
{
	test_summary();
	test_sizes();
	test_full_records();
	test_budgets();
	test_unreadable();
	test_same();
	test_back_and_forth();
	test_failing_store();
	test_damage();
	while (nr_records)
		free(records[--nr_records]);
	return done_testing();
}
