// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes finding, reading and collecting: the input is a list of edits to the
 * memory of a dead kernel. An edit can make the checksum of the record that it
 * hits right again, so that what lies behind the checksums is reached.
 */
#include "directory-model.h"
#include "internal.h"
#include <stdlib.h>
#include <string.h>

#define RAM_BASE 0x40000000ULL
#define RAM_SIZE (1 << 17)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct edit {
	uint8_t place[2];	/* in the image, in units of 2 bytes */
	uint8_t length;		/* bytes of @value, 0 to 8 */
	uint8_t seal;		/* bit 0: checksum of this copy, bit 1: the same edit in both */
	uint8_t value[8];
};

static uint64_t current_paddr[2];	/* of the regions "current" */

struct source {
	struct meminspect_memory memory;
	struct model model;
};

static int64_t read_image(struct meminspect_memory *memory, uint64_t paddr, void *buffer,
			  size_t length)
{
	return model_read(&((struct source *)memory)->model, paddr, buffer, length);
}

static int64_t read_at_position(void *priv, uint64_t position, void *buffer, size_t length)
{
	return model_read(priv, RAM_BASE + position, buffer, length);
}

static int find_head(struct meminspect_memory *memory, uint64_t head[MEMINSPECT_COPIES])
{
	struct model *model = &((struct source *)memory)->model;
	struct head_search *search = head_search_new(memory->context);
	uint64_t base = MEMINSPECT_BASE_FROM_DIRECTORY;
	int error;

	head_search_window(search, model->ram, model->size, 0);
	error = head_search_result(search, memory, read_at_position, model, &base, head);
	head_search_free(search);
	return error;
}

static const struct memory_operations operations = {
	.read = read_image,
	.find_head = find_head,
};

/* Whose checksum covers that byte of a chunk? */
static void seal(struct model *model, uint32_t chunk, int copy, size_t offset)
{
	uint32_t row = chunk ? 23 + (chunk - 1) * 31 + (offset - 128) / 128 :
		       (uint32_t)((offset - 1152) / 128);

	if (offset < 128)
		model_seal_header(model, chunk, copy);
	else if (!chunk && offset < 640)
		model_seal_ident(model, copy);
	else if (!chunk && offset < 1152)
		model_seal_capture(model, copy);
	else
		model_seal_row(model, row, copy);
}

/* Makes the check word right of the half that holds that byte. */
static void seal_half(struct model *model, uint64_t paddr)
{
	struct meminspect_current_half half;
	uint32_t cpu;

	for (cpu = 0; cpu < 2; cpu++) {
		uint64_t offset = paddr - current_paddr[cpu];
		uint8_t *at;

		if (offset >= sizeof(struct meminspect_current))
			continue;
		at = model_at(model, paddr - offset % sizeof(half));
		memcpy(&half, at, sizeof(half));
		model_seal_half(&half);
		memcpy(at, &half, sizeof(half));
	}
}

static void apply(struct model *model, const struct edit *edit)
{
	size_t place = 2 * (edit->place[0] | (size_t)edit->place[1] << 8);
	size_t length = edit->length % 9;
	uint32_t chunk;
	int copy, hit;

	if (length > RAM_SIZE - place)
		length = RAM_SIZE - place;
	memcpy(model->ram + place, edit->value, length);
	if (edit->seal & 1)
		seal_half(model, RAM_BASE + place);
	for (chunk = 0; chunk < model->nr_chunks; chunk++) {
		for (hit = 0; hit < MEMINSPECT_COPIES; hit++) {
			size_t offset = RAM_BASE + place - model->chunks[chunk][hit];

			if (offset >= 4096 || offset + length > 4096)
				continue;
			for (copy = 0; copy < MEMINSPECT_COPIES; copy++) {
				if (copy != hit && !(edit->seal & 2))
					continue;
				memcpy((uint8_t *)model_header(model, chunk, copy) + offset,
				       edit->value, length);
				if (edit->seal & 1)
					seal(model, chunk, copy, offset);
			}
		}
	}
}

/* Two CPUs, three tasks. */
static void add_current(struct model *model)
{
	struct meminspect_current current;
	uint32_t cpu, half;

	for (cpu = 0; cpu < 2; cpu++) {
		memset(&current, 0, sizeof(current));
		for (half = 0; half < MEMINSPECT_CURRENT_HALVES; half++) {
			uint32_t task = cpu + half;

			current.half[half] = (struct meminspect_current_half){
				.task = 0xffff888004000000ULL + 0x4000 * task,
				.task_paddr = RAM_BASE + 0x4000 * task, .task_size = 6000,
				.stack = 0xffffc90000010000ULL + 0x8000 * task, .stack_size = 8192,
				.pid = task, .nr_extents = 2,
				.extents = { RAM_BASE + 0x8000, RAM_BASE + 0x2000 * task },
			};
			model_seal_half(&current.half[half]);
		}
		current_paddr[cpu] = model->next_page + 1024;
		model_add_current(model, cpu, &current);
	}
}

static struct model *pristine(void)
{
	static struct meminspect_extent extents[20];
	const struct model_region many = {
		.name = "many", .vaddr = 0xffffc90000000000ULL, .nr_extents = 20,
		.extents = extents,
	};
	struct model *model = model_dead_kernel(RAM_BASE, RAM_SIZE, 2);
	int i;

	for (i = 0; i < 20; i++)
		extents[i] = (struct meminspect_extent){ RAM_BASE + 256 * i, 100 };
	for (i = 0; i < 6; i++)
		model_add_region(model, &many);
	model_add_left_out(model, "denied", MEMINSPECT_CLASS_TASK, 4096, 1);
	model_add_left_out(model, "too large", MEMINSPECT_CLASS_SYMBOLS, 1 << 20, 2);
	add_current(model);
	return model;
}

static void check(const struct meminspect_dump *dump)
{
	uint64_t total = 0;
	size_t i, j;

	for (i = 0; i < dump->nr_regions; i++) {
		const struct meminspect_region *region = &dump->regions[i];
		uint64_t present = 0;

		for (j = 0; j < region->nr_pieces; j++) {
			const struct meminspect_piece *piece = &region->pieces[j];

			if (piece->present > piece->length || !piece->present != !piece->data)
				abort();
			present += piece->present;
		}
		if (region->verdict == MEMINSPECT_PRESENT && present != region->size)
			abort();
		if ((region->verdict == MEMINSPECT_PRESENT) != !*region->why)
			abort();
		if (region->verdict == MEMINSPECT_LEFT_OUT &&
		    (region->nr_pieces || region->vaddr ||
		     region->origin != MEMINSPECT_FROM_DIRECTORY))
			abort();
		if (region->origin == MEMINSPECT_DERIVED && (!region->size || region->size > 1 << 20 ||
					region->key_kind != MEMINSPECT_KEY_PID))
			abort();
		if (strspn(region->name, "\x7f\x1b\n") || strlen(region->name) > 224)
			abort();
		total += present;
	}
	if (total > MAX_COLLECTED_BYTES)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct model *good;
	struct source source = { .memory.operations = &operations };
	struct meminspect_context *context = meminspect_context_new();
	struct meminspect_dump *dump;
	size_t at;

	if (!good)
		good = pristine();
	source.model = *good;
	source.model.ram = malloc(RAM_SIZE);
	memcpy(source.model.ram, good->ram, RAM_SIZE);
	for (at = 0; size - at >= sizeof(struct edit); at += sizeof(struct edit)) {
		struct edit edit;

		memcpy(&edit, data + at, sizeof(edit));
		apply(&source.model, &edit);
	}
	source.memory.context = context;
	source.memory.description = strdup("a model");
	if (!meminspect_collect(context, &source.memory, &dump)) {
		check(dump);
		meminspect_dump_free(dump);
	}
	memory_release(&source.memory);
	meminspect_context_free(context);
	free(source.model.ram);
	return 0;
}
