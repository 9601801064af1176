/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A writer of printk ringbuffers, for tests of the reader: made from the
 * format, and shares nothing with the library that reads it.
 */
#ifndef TESTS_PRINTK_RING_H
#define TESTS_PRINTK_RING_H

#include "internal.h"
#include <stdlib.h>
#include <string.h>

/* Bytes and offsets, as VMCOREINFO has them. */
struct ring_layout {
	unsigned int ringbuffer_size, desc_ring, text_data_ring;
	unsigned int desc_ring_size, count_bits, descs, infos, head_id, tail_id;
	unsigned int desc_size, state_var, text_blk_lpos;
	unsigned int blk_lpos_size, begin, next;
	unsigned int info_size, seq, ts_nsec, text_len, caller_id;
	unsigned int data_ring_size, size_bits, data;
};

/* Linux 6.12, x86_64 and arm64. */
static const struct ring_layout linux_layout = {
	.ringbuffer_size = 88, .desc_ring = 0, .text_data_ring = 48,
	.desc_ring_size = 48, .count_bits = 0, .descs = 8, .infos = 16, .head_id = 24,
	.tail_id = 32,
	.desc_size = 24, .state_var = 0, .text_blk_lpos = 8,
	.blk_lpos_size = 16, .begin = 0, .next = 8,
	.info_size = 88, .seq = 0, .ts_nsec = 8, .text_len = 16, .caller_id = 20,
	.data_ring_size = 32, .size_bits = 0, .data = 8,
};

/* No kernel has this one: a reader that knows offsets by heart gets it wrong. */
__attribute__((unused))
static const struct ring_layout other_layout = {
	.ringbuffer_size = 160, .desc_ring = 72, .text_data_ring = 16,
	.desc_ring_size = 64, .count_bits = 44, .descs = 32, .infos = 0, .head_id = 8,
	.tail_id = 56,
	.desc_size = 48, .state_var = 40, .text_blk_lpos = 8,
	.blk_lpos_size = 24, .begin = 16, .next = 0,
	.info_size = 64, .seq = 24, .ts_nsec = 40, .text_len = 4, .caller_id = 8,
	.data_ring_size = 48, .size_bits = 20, .data = 40,
};

enum ring_state { RESERVED, COMMITTED, FINALIZED, REUSABLE };

#define RING_PRB_VADDR		0xffffffff82a01230ULL
#define RING_HEAD_VADDR		0xffffffff82b00040ULL
#define RING_DESCS_VADDR	0xffff888001000000ULL
#define RING_INFOS_VADDR	0xffff888002000000ULL
#define RING_TEXT_VADDR		0xffff888003000000ULL
#define RING_ID_MASK		(~0ULL >> 2)

struct ring {
	const struct ring_layout *layout;
	unsigned int count_bits, size_bits;
	/* Newer kernels let a block end where the ring does; older wrap it. */
	bool exact_fit;
	uint8_t prb[8], *head, *descs, *infos, *text;
	size_t head_size, descs_size, infos_size, text_size;
	uint64_t head_id, tail_id, head_lpos, tail_lpos, next_seq;
};

static void put(uint8_t *to, uint64_t value, unsigned int bytes)
{
	for (; bytes; bytes--, value >>= 8)
		*to++ = (uint8_t)value;
}

static uint8_t *ring_desc(const struct ring *ring, uint64_t id)
{
	return ring->descs + (id % (1U << ring->count_bits)) * ring->layout->desc_size;
}

static uint8_t *ring_info(const struct ring *ring, uint64_t id)
{
	return ring->infos + (id % (1U << ring->count_bits)) * ring->layout->info_size;
}

static void ring_set_state(struct ring *ring, uint64_t id, enum ring_state state)
{
	put(ring_desc(ring, id) + ring->layout->state_var, (uint64_t)state << 62 | id, 8);
}

static void ring_set_position(struct ring *ring, uint64_t id, uint64_t begin, uint64_t next)
{
	uint8_t *position = ring_desc(ring, id) + ring->layout->text_blk_lpos;

	put(position + ring->layout->begin, begin, 8);
	put(position + ring->layout->next, next, 8);
}

static void ring_put_ids(struct ring *ring)
{
	uint8_t *desc_ring = ring->head + ring->layout->desc_ring;

	put(desc_ring + ring->layout->head_id, ring->head_id, 8);
	put(desc_ring + ring->layout->tail_id, ring->tail_id, 8);
}

static struct ring *ring_new(const struct ring_layout *layout, unsigned int count_bits,
			     unsigned int size_bits)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	uint64_t count = 1ULL << count_bits;

	ring->layout = layout;
	ring->count_bits = count_bits;
	ring->size_bits = size_bits;
	ring->head_size = layout->ringbuffer_size;
	ring->descs_size = count * layout->desc_size;
	ring->infos_size = count * layout->info_size;
	ring->text_size = 1ULL << size_bits;
	ring->head = calloc(1, ring->head_size);
	ring->descs = calloc(1, ring->descs_size);
	ring->infos = calloc(1, ring->infos_size);
	ring->text = calloc(1, ring->text_size);
	put(ring->prb, RING_HEAD_VADDR, 8);
	put(ring->head + layout->desc_ring + layout->count_bits, count_bits, 4);
	put(ring->head + layout->desc_ring + layout->descs, RING_DESCS_VADDR, 8);
	put(ring->head + layout->desc_ring + layout->infos, RING_INFOS_VADDR, 8);
	put(ring->head + layout->text_data_ring + layout->size_bits, size_bits, 4);
	put(ring->head + layout->text_data_ring + layout->data, RING_TEXT_VADDR, 8);
	/* Chosen by the kernel so that IDs and positions overflow soon. */
	ring->head_id = ring->tail_id = -(count + 1) & RING_ID_MASK;
	ring->head_lpos = ring->tail_lpos = -ring->text_size;
	ring_set_state(ring, ring->head_id, REUSABLE);
	ring_set_position(ring, ring->head_id, 1, 1);
	ring_put_ids(ring);
	return ring;
}

static void ring_free(struct ring *ring)
{
	free(ring->head);
	free(ring->descs);
	free(ring->infos);
	free(ring->text);
	free(ring);
}

/* Takes a descriptor for a new record; returns its ID. */
static uint64_t ring_reserve(struct ring *ring)
{
	uint64_t id = (ring->head_id + 1) & RING_ID_MASK;

	if (((id - (1ULL << ring->count_bits)) & RING_ID_MASK) == ring->tail_id)
		ring->tail_id = (ring->tail_id + 1) & RING_ID_MASK;
	ring->head_id = id;
	ring_put_ids(ring);
	return id;
}

/*
 * Takes @length bytes of text. The caller marks as reusable whose text gets
 * overwritten: everything before the new tail_lpos.
 */
static uint8_t *ring_allocate(struct ring *ring, uint64_t id, size_t length)
{
	uint64_t size = 8 + ((length + 7) & ~7ULL), begin = ring->head_lpos;
	uint64_t next = begin + size, last = ring->exact_fit ? next - 1 : next;
	uint64_t block = begin % ring->text_size;

	if (begin / ring->text_size != last / ring->text_size) {
		put(ring->text + block, id, 8);
		next = (begin / ring->text_size + 1) * ring->text_size + size;
		block = 0;
	}
	ring->head_lpos = next;
	if (next - ring->tail_lpos > ring->text_size)
		ring->tail_lpos = next - ring->text_size;
	ring_set_position(ring, id, begin, next);
	put(ring->text + block, id, 8);
	return ring->text + block + 8;
}

static void ring_describe(struct ring *ring, uint64_t id, uint64_t time, unsigned int level,
			  size_t length)
{
	uint8_t *info = ring_info(ring, id);

	put(info + ring->layout->seq, ring->next_seq++, 8);
	put(info + ring->layout->ts_nsec, time, 8);
	put(info + ring->layout->text_len, length, 2);
	put(info + ring->layout->text_len + 2, 3, 1);			/* facility: daemon */
	put(info + ring->layout->text_len + 3, level << 5 | 2, 1);	/* flags: newline */
	put(info + ring->layout->caller_id, 0x80000000U | level, 4);
}

/* A whole record; returns its ID. */
static uint64_t ring_write(struct ring *ring, uint64_t time, unsigned int level, const char *text,
			   size_t length)
{
	uint64_t id = ring_reserve(ring);

	memcpy(ring_allocate(ring, id, length), text, length);
	ring_describe(ring, id, time, level, length);
	ring_set_state(ring, id, FINALIZED);
	return id;
}

static char *ring_vmcoreinfo(const struct ring_layout *layout)
{
	char *text;

	if (asprintf(&text,
		     "OSRELEASE=6.12.0-test\nSYMBOL(prb)=%llx\nSIZE(printk_ringbuffer)=%u\n"
		     "OFFSET(printk_ringbuffer.desc_ring)=%u\n"
		     "OFFSET(printk_ringbuffer.text_data_ring)=%u\nSIZE(prb_desc_ring)=%u\n"
		     "OFFSET(prb_desc_ring.count_bits)=%u\nOFFSET(prb_desc_ring.descs)=%u\n"
		     "OFFSET(prb_desc_ring.infos)=%u\nOFFSET(prb_desc_ring.head_id)=%u\n"
		     "OFFSET(prb_desc_ring.tail_id)=%u\nSIZE(prb_desc)=%u\n"
		     "OFFSET(prb_desc.state_var)=%u\nOFFSET(prb_desc.text_blk_lpos)=%u\n"
		     "SIZE(prb_data_blk_lpos)=%u\nOFFSET(prb_data_blk_lpos.begin)=%u\n"
		     "OFFSET(prb_data_blk_lpos.next)=%u\nSIZE(printk_info)=%u\n"
		     "OFFSET(printk_info.seq)=%u\nOFFSET(printk_info.ts_nsec)=%u\n"
		     "OFFSET(printk_info.text_len)=%u\nOFFSET(printk_info.caller_id)=%u\n"
		     "SIZE(prb_data_ring)=%u\nOFFSET(prb_data_ring.size_bits)=%u\n"
		     "OFFSET(prb_data_ring.data)=%u\nSIZE(atomic_long_t)=8\n",
		     RING_PRB_VADDR, layout->ringbuffer_size, layout->desc_ring,
		     layout->text_data_ring, layout->desc_ring_size, layout->count_bits,
		     layout->descs, layout->infos, layout->head_id, layout->tail_id,
		     layout->desc_size, layout->state_var, layout->text_blk_lpos,
		     layout->blk_lpos_size, layout->begin, layout->next, layout->info_size,
		     layout->seq, layout->ts_nsec, layout->text_len, layout->caller_id,
		     layout->data_ring_size, layout->size_bits, layout->data) < 0)
		abort();
	return text;
}

static void ring_add_region(struct meminspect_dump *dump, const char *name, uint64_t vaddr,
			    const uint8_t *data, size_t size)
{
	struct meminspect_piece *piece = calloc(1, sizeof(*piece));
	struct meminspect_region *region = &dump->regions[dump->nr_regions++];
	uint8_t *copy = malloc(size ? size : 1);

	memcpy(copy, data, size);
	*piece = (struct meminspect_piece) {
		.vaddr = vaddr, .length = size, .present = size, .data = copy,
	};
	*region = (struct meminspect_region) {
		.name = strdup(name), .why = strdup(""), .class = MEMINSPECT_CLASS_LOG, .vaddr = vaddr,
		.size = size, .nr_pieces = 1, .pieces = piece,
	};
}

/* The dump of a machine with this log. */
static struct meminspect_dump *ring_dump(const struct ring *ring)
{
	struct meminspect_dump *dump = dump_new();

	dump->regions = calloc(5, sizeof(*dump->regions));
	ring_add_region(dump, "prb", RING_PRB_VADDR, ring->prb, sizeof(ring->prb));
	ring_add_region(dump, "head", RING_HEAD_VADDR, ring->head, ring->head_size);
	ring_add_region(dump, "descs", RING_DESCS_VADDR, ring->descs, ring->descs_size);
	ring_add_region(dump, "infos", RING_INFOS_VADDR, ring->infos, ring->infos_size);
	ring_add_region(dump, "text", RING_TEXT_VADDR, ring->text, ring->text_size);
	dump->vmcoreinfo = ring_vmcoreinfo(ring->layout);
	return dump;
}

/* As a collector that got only the first @present bytes of that region. */
static void ring_dump_cut(struct meminspect_dump *dump, const char *name, size_t present)
{
	for (size_t i = 0; i < dump->nr_regions; i++) {
		struct meminspect_piece *piece = (void *)dump->regions[i].pieces;

		if (!strcmp(dump->regions[i].name, name) && present < piece->present)
			piece->present = present;
	}
}

#endif /* TESTS_PRINTK_RING_H */
