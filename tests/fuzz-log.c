// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes the decoder of the printk ringbuffer: the input is a list of edits to
 * a good ring, so that most of it stays good and deep code is reached.
 */
#include "printk-ring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct edit {
	uint8_t part;		/* which structure, or a region to cut */
	uint8_t length;		/* bytes of @value, 0 to 8 */
	uint8_t place[2];	/* in the part */
	uint8_t value[8];
};

static int count_record(void *priv, const struct meminspect_log_record *record)
{
	unsigned int *sum = priv;

	/* Touches every byte, so that the sanitizers see one that must not be. */
	for (size_t i = 0; i < record->length; i++)
		*sum += (unsigned char)record->text[i];
	return 0;
}

static struct ring *good_ring(void)
{
	struct ring *ring = ring_new(&linux_layout, 4, 9);
	static const char text[] = "the message of a machine";

	for (uint64_t i = 0; i < 40; i++)
		ring_write(ring, i, i % 8, text, 1 + i % (sizeof(text) - 1));
	return ring;
}

static void apply(struct ring *ring, struct meminspect_dump *dump, const struct edit *edit)
{
	struct { uint8_t *bytes; size_t size; } parts[] = {
		{ ring->prb, sizeof(ring->prb) }, { ring->head, ring->head_size },
		{ ring->descs, ring->descs_size }, { ring->infos, ring->infos_size },
		{ ring->text, ring->text_size },
		{ (uint8_t *)dump->vmcoreinfo, strlen(dump->vmcoreinfo) },
	};
	size_t part = edit->part % (2 * ARRAY_SIZE(parts)), length = edit->length % 9;
	size_t place = edit->place[0] | (size_t)edit->place[1] << 8;

	if (part >= ARRAY_SIZE(parts)) {
		size_t region = part - ARRAY_SIZE(parts);

		if (region < dump->nr_regions)
			ring_dump_cut(dump, dump->regions[region].name, place);
		return;
	}
	if (!parts[part].size)
		return;	/* text that an edit cut at its start */
	place %= parts[part].size;
	if (length > parts[part].size - place)
		length = parts[part].size - place;
	memcpy(parts[part].bytes + place, edit->value, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct meminspect_context *context = meminspect_context_new();
	struct meminspect_log_summary summary;
	struct ring *ring = good_ring();
	struct meminspect_dump *layout = ring_dump(ring), *dump;
	unsigned int sum = 0;

	/* Edits first: the regions of a dump are copies of the ring. */
	for (size_t at = 0; size - at >= sizeof(struct edit); at += sizeof(struct edit)) {
		struct edit edit;

		memcpy(&edit, data + at, sizeof(edit));
		apply(ring, layout, &edit);
	}
	dump = ring_dump(ring);
	memcpy(dump->vmcoreinfo, layout->vmcoreinfo, strlen(dump->vmcoreinfo));
	for (size_t i = 0; i < dump->nr_regions; i++)
		ring_dump_cut(dump, dump->regions[i].name, layout->regions[i].pieces->present);
	meminspect_log(context, dump, count_record, &sum, &summary);
	/* More than there are descriptors can only come from a loop that does not end well. */
	if (summary.records > 1ULL << 22 || summary.lost > 1ULL << 22)
		abort();
	meminspect_dump_free(dump);
	meminspect_dump_free(layout);
	ring_free(ring);
	meminspect_context_free(context);
	return 0;
}
