// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Decodes the printk ringbuffer of a dead kernel.
 *
 * A ring of descriptors, each with an ID that counts up, says where in a ring
 * of bytes the text of a record is; an array parallel to the descriptors has
 * time and level. VMCOREINFO tells the layout. The kernel may have died while
 * it wrote, memory may be missing, and nothing here needs be what a kernel
 * wrote: a record is believed only if descriptor, information and text agree.
 */
#include "internal.h"
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* No structure of the log is larger; the kernel's own have 16 to 88 bytes. */
#define MAX_STRUCTURE	4096
/* What goes with a log buffer of 128 MiB: bounds the work that a corrupt head can cause. */
#define MAX_COUNT_BITS	22
/* One block ID is the least; the kernel refuses log_buf_len over 2 GiB. */
#define MIN_SIZE_BITS	3
#define MAX_SIZE_BITS	31

/* The two top bits of a descriptor's state word. */
#define STATE_SHIFT	62
#define ID_MASK		((1ULL << STATE_SHIFT) - 1)
enum descriptor_state {
	STATE_RESERVED	= 0,	/* the text is being written */
	STATE_COMMITTED	= 1,	/* complete, but may be continued */
	STATE_FINALIZED	= 2,	/* complete */
	STATE_REUSABLE	= 3,	/* given up, the text may be overwritten */
};

/* In place of both positions of a text block: an empty line. It has no block. */
#define EMPTY_LINE	3
/* A text block starts with the ID of its descriptor. */
#define BLOCK_ID_SIZE	sizeof(uint64_t)

/* As in VMCOREINFO; the members of a structure follow its size. */
struct log_layout {
	uint64_t prb;
	uint64_t ringbuffer_size, desc_ring, text_data_ring;
	uint64_t desc_ring_size, count_bits, descs, infos, head_id, tail_id;
	uint64_t desc_size, state_var, text_blk_lpos;
	uint64_t blk_lpos_size, begin, next;
	uint64_t info_size, seq, ts_nsec, text_len, caller_id;
	uint64_t data_ring_size, size_bits, data;
	uint64_t atomic_long_size;
};

struct layout_key {
	const char *key;
	size_t member;	/* in struct log_layout */
	size_t size;	/* there: size of the structure that this is an offset in; 0: is none */
	unsigned int width;	/* bytes read at that offset */
};

#define SIZE_KEY(key, member) \
	{ key, offsetof(struct log_layout, member), 0, 0 }
#define OFFSET_KEY(key, member, size, width) \
	{ key, offsetof(struct log_layout, member), offsetof(struct log_layout, size), width }

/* The size of a structure stands before its members. */
static const struct layout_key layout_keys[] = {
	SIZE_KEY("SIZE(printk_ringbuffer)", ringbuffer_size),
	OFFSET_KEY("OFFSET(printk_ringbuffer.desc_ring)", desc_ring, ringbuffer_size, 0),
	OFFSET_KEY("OFFSET(printk_ringbuffer.text_data_ring)", text_data_ring, ringbuffer_size, 0),
	SIZE_KEY("SIZE(prb_desc_ring)", desc_ring_size),
	OFFSET_KEY("OFFSET(prb_desc_ring.count_bits)", count_bits, desc_ring_size, 4),
	OFFSET_KEY("OFFSET(prb_desc_ring.descs)", descs, desc_ring_size, 8),
	OFFSET_KEY("OFFSET(prb_desc_ring.infos)", infos, desc_ring_size, 8),
	OFFSET_KEY("OFFSET(prb_desc_ring.head_id)", head_id, desc_ring_size, 8),
	OFFSET_KEY("OFFSET(prb_desc_ring.tail_id)", tail_id, desc_ring_size, 8),
	SIZE_KEY("SIZE(prb_desc)", desc_size),
	OFFSET_KEY("OFFSET(prb_desc.state_var)", state_var, desc_size, 8),
	OFFSET_KEY("OFFSET(prb_desc.text_blk_lpos)", text_blk_lpos, desc_size, 0),
	SIZE_KEY("SIZE(prb_data_blk_lpos)", blk_lpos_size),
	OFFSET_KEY("OFFSET(prb_data_blk_lpos.begin)", begin, blk_lpos_size, 8),
	OFFSET_KEY("OFFSET(prb_data_blk_lpos.next)", next, blk_lpos_size, 8),
	SIZE_KEY("SIZE(printk_info)", info_size),
	OFFSET_KEY("OFFSET(printk_info.seq)", seq, info_size, 8),
	OFFSET_KEY("OFFSET(printk_info.ts_nsec)", ts_nsec, info_size, 8),
	OFFSET_KEY("OFFSET(printk_info.text_len)", text_len, info_size, 4),
	OFFSET_KEY("OFFSET(printk_info.caller_id)", caller_id, info_size, 4),
	SIZE_KEY("SIZE(prb_data_ring)", data_ring_size),
	OFFSET_KEY("OFFSET(prb_data_ring.size_bits)", size_bits, data_ring_size, 4),
	OFFSET_KEY("OFFSET(prb_data_ring.data)", data, data_ring_size, 8),
	SIZE_KEY("SIZE(atomic_long_t)", atomic_long_size),
};

/* The rings of one log, and room to read a record of it. */
struct log_ring {
	const struct meminspect_dump *dump;
	struct log_layout layout;
	uint64_t descs, infos, data;	/* virtual addresses */
	uint64_t head_id, tail_id;
	uint64_t count;			/* of descriptors, a power of two */
	uint64_t size;			/* of the text ring in bytes, a power of two */
	uint64_t used;			/* of these, by the blocks of the records so far */
	char text[UINT16_MAX];
};

enum record_fate {
	RECORD_GOOD,
	RECORD_NONE,	/* no record there, or not any more: a reader in the kernel sees none */
	RECORD_LOST,
};

static uint16_t get_16(const uint8_t *from)
{
	uint16_t value;

	memcpy(&value, from, sizeof(value));
	return le16toh(value);
}

static uint32_t get_32(const uint8_t *from)
{
	uint32_t value;

	memcpy(&value, from, sizeof(value));
	return le32toh(value);
}

static uint64_t get_64(const uint8_t *from)
{
	uint64_t value;

	memcpy(&value, from, sizeof(value));
	return le64toh(value);
}

static int missing_key(struct meminspect_context *context, const char *key, int error)
{
	return fail(context, error == -ENOENT ? -ENODATA : error,
		    "VMCOREINFO has %s %s: the log can't be decoded without it",
		    error == -ENOENT ? "no" : "a bad value for", key);
}

static int read_layout(struct meminspect_context *context, const char *vmcoreinfo,
		       struct log_layout *layout)
{
	int error = meminspect_vmcoreinfo_number(vmcoreinfo, "SYMBOL(prb)", 16, &layout->prb);
	size_t i;

	if (error)
		return missing_key(context, "SYMBOL(prb)", error);
	for (i = 0; i < ARRAY_SIZE(layout_keys); i++) {
		const struct layout_key *key = &layout_keys[i];
		uint64_t *value = (uint64_t *)((char *)layout + key->member);
		uint64_t limit = MAX_STRUCTURE;

		error = meminspect_vmcoreinfo_number(vmcoreinfo, key->key, 10, value);
		if (error)
			return missing_key(context, key->key, error);
		if (key->size)
			limit = *(const uint64_t *)((const char *)layout + key->size);
		if (*value > limit || key->width > limit - *value)
			return fail(context, -EINVAL,
				    "VMCOREINFO: %s=%" PRIu64 " is more than a kernel can have",
				    key->key, *value);
	}
	if (layout->atomic_long_size != sizeof(uint64_t))
		return fail(context, -ENOTSUP,
			    "SIZE(atomic_long_t)=%" PRIu64 " in VMCOREINFO: only logs of 64 bit "
			    "kernels can be decoded", layout->atomic_long_size);
	if (layout->ringbuffer_size - layout->desc_ring < layout->desc_ring_size ||
	    layout->ringbuffer_size - layout->text_data_ring < layout->data_ring_size ||
	    layout->desc_size - layout->text_blk_lpos < layout->blk_lpos_size)
		return fail(context, -EINVAL,
			    "VMCOREINFO: structures of the log don't fit into one another");
	/* Facility and level have no key: they stand between these two. */
	if (layout->caller_id != layout->text_len + 4)
		return fail(context, -ENOTSUP,
			    "VMCOREINFO: this order of members in printk_info is not known");
	return 0;
}

static int read_ring(struct meminspect_context *context, struct log_ring *ring)
{
	const struct log_layout *layout = &ring->layout;
	uint8_t head[MAX_STRUCTURE], pointer[sizeof(uint64_t)];
	const uint8_t *desc_ring = head + layout->desc_ring;
	const uint8_t *data_ring = head + layout->text_data_ring;
	uint32_t count_bits, size_bits;

	if (meminspect_dump_read(ring->dump, layout->prb, pointer, sizeof(pointer)))
		return fail(context, -ENODATA, "the pointer to the log (prb, at %#" PRIx64
			    ") is not in the dump", layout->prb);
	if (meminspect_dump_read(ring->dump, get_64(pointer), head, layout->ringbuffer_size))
		return fail(context, -ENODATA, "the head of the log (%" PRIu64 " bytes at %#" PRIx64
			    ") is not in the dump", layout->ringbuffer_size, get_64(pointer));

	count_bits = get_32(desc_ring + layout->count_bits);
	size_bits = get_32(data_ring + layout->size_bits);
	if (!count_bits || count_bits > MAX_COUNT_BITS ||
	    size_bits < MIN_SIZE_BITS || size_bits > MAX_SIZE_BITS)
		return fail(context, -EINVAL, "the head of the log is corrupt: 2^%" PRIu32
			    " descriptors and 2^%" PRIu32 " bytes of text", count_bits, size_bits);
	ring->count = 1ULL << count_bits;
	ring->size = 1ULL << size_bits;
	ring->descs = get_64(desc_ring + layout->descs);
	ring->infos = get_64(desc_ring + layout->infos);
	ring->data = get_64(data_ring + layout->data);
	ring->head_id = get_64(desc_ring + layout->head_id) & ID_MASK;
	ring->tail_id = get_64(desc_ring + layout->tail_id) & ID_MASK;
	if (((ring->head_id - ring->tail_id) & ID_MASK) >= ring->count)
		return fail(context, -EINVAL, "the head of the log is corrupt: oldest ID %#" PRIx64
			    ", newest %#" PRIx64 ", but %" PRIu64 " descriptors",
			    ring->tail_id, ring->head_id, ring->count);
	return 0;
}

/* Reads a record's text into the ring's buffer. */
static bool read_text(struct log_ring *ring, uint64_t id, uint64_t begin, uint64_t next,
		      size_t length)
{
	uint64_t space = next - begin;
	uint64_t block = begin & (ring->size - 1);
	uint8_t block_id[BLOCK_ID_SIZE];

	if (begin == EMPTY_LINE && next == EMPTY_LINE)
		return !length;
	if (begin % BLOCK_ID_SIZE || next % BLOCK_ID_SIZE || space > ring->size)
		return false;
	/* A block is in one piece: where it would cross the end, all of it is at the start. */
	if (space && begin / ring->size != (next - 1) / ring->size) {
		block = 0;
		space = next & (ring->size - 1);
	}
	if (space < BLOCK_ID_SIZE || space - BLOCK_ID_SIZE < length)
		return false;
	if (meminspect_dump_read(ring->dump, ring->data + block, block_id, sizeof(block_id)) ||
	    get_64(block_id) != id)
		return false;
	/* Blocks share no byte: this limits what a small ring can make a reader print. */
	if (space > ring->size - ring->used)
		return false;
	ring->used += space;
	return !length || !meminspect_dump_read(ring->dump, ring->data + block + BLOCK_ID_SIZE,
						ring->text, length);
}

/*
 * Whether the information array has never held a record at this index. The
 * very first sequence number stands there before the first record does.
 */
static bool never_used(const struct log_ring *ring, uint64_t index)
{
	const struct log_layout *layout = &ring->layout;
	uint8_t info[MAX_STRUCTURE];

	return !meminspect_dump_read(ring->dump, ring->infos + index * layout->info_size, info,
				     layout->info_size) &&
	       !get_64(info + layout->ts_nsec) && !get_16(info + layout->text_len) &&
	       (!index || !get_64(info + layout->seq));
}

static enum record_fate read_record(struct log_ring *ring, uint64_t id,
				    struct meminspect_log_record *record)
{
	const struct log_layout *layout = &ring->layout;
	uint64_t index = id & (ring->count - 1);
	uint8_t desc[MAX_STRUCTURE], info[MAX_STRUCTURE];
	const uint8_t *position = desc + layout->text_blk_lpos;
	uint64_t state;

	if (meminspect_dump_read(ring->dump, ring->descs + index * layout->desc_size, desc,
				 layout->desc_size))
		return RECORD_LOST;
	state = get_64(desc + layout->state_var);
	if ((state & ID_MASK) != id) {
		/* A new ID is first made known, then put into its descriptor. */
		uint64_t before = ((id - ring->count) & ID_MASK) |
				  (uint64_t)STATE_REUSABLE << STATE_SHIFT;
		bool taken = state ? state == before : never_used(ring, index);

		return taken ? RECORD_NONE : RECORD_LOST;
	}
	switch ((enum descriptor_state)(state >> STATE_SHIFT)) {
	case STATE_RESERVED:
	case STATE_REUSABLE:
		return RECORD_NONE;
	case STATE_COMMITTED:
	case STATE_FINALIZED:
		break;
	}

	if (meminspect_dump_read(ring->dump, ring->infos + index * layout->info_size, info,
				 layout->info_size))
		return RECORD_LOST;
	record->sequence = get_64(info + layout->seq);
	record->time = get_64(info + layout->ts_nsec);
	record->length = get_16(info + layout->text_len);
	record->facility = info[layout->text_len + 2];
	record->level = info[layout->text_len + 3] >> 5;
	record->caller = get_32(info + layout->caller_id);
	record->text = ring->text;
	/* IDs and sequence numbers count up together, and started at the same index. */
	if ((record->sequence & (ring->count - 1)) != index)
		return RECORD_LOST;
	if (!read_text(ring, id, get_64(position + layout->begin),
		       get_64(position + layout->next), record->length))
		return RECORD_LOST;
	return RECORD_GOOD;
}

static int read_records(struct log_ring *ring, meminspect_log_function function, void *priv,
			struct meminspect_log_summary *summary)
{
	uint64_t total = ((ring->head_id - ring->tail_id) & ID_MASK) + 1;
	struct meminspect_log_record record;
	uint64_t i;
	int stop;

	for (i = 0; i < total; i++) {
		switch (read_record(ring, (ring->tail_id + i) & ID_MASK, &record)) {
		case RECORD_GOOD:
			break;
		case RECORD_NONE:
			continue;
		case RECORD_LOST:
			summary->lost++;
			continue;
		}
		if (!summary->records++)
			summary->first = record.sequence;
		stop = function(priv, &record);
		if (stop)
			return stop;
	}
	return 0;
}

int meminspect_log(struct meminspect_context *context, const struct meminspect_dump *dump,
		   meminspect_log_function function, void *priv,
		   struct meminspect_log_summary *summary)
{
	const char *vmcoreinfo = meminspect_dump_vmcoreinfo(dump);
	struct log_ring *ring;
	int error;

	memset(summary, 0, sizeof(*summary));
	if (!vmcoreinfo)
		return fail(context, -ENODATA,
			    "the dump has no VMCOREINFO, which tells the layout of the log");
	ring = calloc(1, sizeof(*ring));
	if (!ring)
		return fail(context, -ENOMEM, "not enough memory to decode the log");
	ring->dump = dump;
	error = read_layout(context, vmcoreinfo, &ring->layout);
	if (!error)
		error = read_ring(context, ring);
	if (!error)
		error = read_records(ring, function, priv, summary);
	free(ring);
	return error;
}
