// SPDX-License-Identifier: GPL-2.0-only
/* A directory in an image of RAM, written straight from directory.rst. */
#include "directory-model.h"
#include <elf.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

void *model_at(const struct model *model, uint64_t paddr)
{
	if (paddr < model->base || paddr - model->base >= model->size)
		errx(1, "model: no RAM at %#llx", (unsigned long long)paddr);
	return model->ram + (paddr - model->base);
}

uint64_t model_alloc(struct model *model, size_t length)
{
	uint64_t paddr = model->next_page;

	model->next_page += (length + 4095) / 4096 * 4096;
	if (model->next_page > model->base + model->size)
		errx(1, "model: out of RAM");
	return paddr;
}

int64_t model_read(void *priv, uint64_t paddr, void *buffer, size_t length)
{
	const struct model *model = priv;
	uint64_t offset = paddr - model->base;

	if (paddr < model->base || offset >= model->size)
		return 0;
	if (length > model->size - offset)
		length = model->size - offset;
	memcpy(buffer, model->ram + offset, length);
	return length;
}

static void seal(void *record, size_t size)
{
	struct meminspect_record *start = record;

	start->crc = crc32(0, (uint8_t *)record + 8, size - 8);
	start->state = MEMINSPECT_STATE_VALID;
}

struct meminspect_chunk_header *model_header(const struct model *model, uint32_t chunk, int copy)
{
	return model_at(model, model->chunks[chunk][copy]);
}

struct meminspect_ident *model_ident(const struct model *model, int copy)
{
	return model_at(model, model->chunks[0][copy] + 128);
}

struct meminspect_capture *model_capture(const struct model *model, int copy)
{
	return model_at(model, model->chunks[0][copy] + 640);
}

/* The head has (4096 - 1152) / 128 = 23 rows, every other chunk (4096 - 128) / 128 = 31. */
uint64_t model_row_paddr(const struct model *model, uint32_t row, int copy)
{
	if (row < 23)
		return model->chunks[0][copy] + 1152 + 128 * (uint64_t)row;
	row -= 23;
	return model->chunks[1 + row / 31][copy] + 128 + 128 * (uint64_t)(row % 31);
}

void *model_row(const struct model *model, uint32_t row, int copy)
{
	return model_at(model, model_row_paddr(model, row, copy));
}

void model_seal_ident(const struct model *model, int copy)
{
	seal(model_ident(model, copy), 512);
}

void model_seal_capture(const struct model *model, int copy)
{
	seal(model_capture(model, copy), 512);
}

void model_seal_header(const struct model *model, uint32_t chunk, int copy)
{
	seal(&model_header(model, chunk, copy)->record, 128 - 16);
}

void model_seal_row(const struct model *model, uint32_t row, int copy)
{
	seal(model_row(model, row, copy), 128);
}

static void add_chunk(struct model *model)
{
	uint32_t index = model->nr_chunks++;
	struct meminspect_chunk_header *header;
	int copy;

	if (index == MODEL_MAX_CHUNKS)
		errx(1, "model: too many chunks");
	for (copy = 0; copy < 2; copy++)
		model->chunks[index][copy] = model_alloc(model, 4096);
	for (copy = 0; copy < 2; copy++) {
		header = model_header(model, index, copy);
		memset(header, 0, 4096);
		memcpy(header->magic, index ? "\x7fMEMINSPECT-ROWS" : "\x7fMEMINSPECT-HEAD", 16);
		header->version = 1;
		header->byte_order = 0x01020304;
		header->index = index;
		header->chunk_size = 4096;
		header->row_size = 128;
		header->rows_offset = index ? 128 : 1152;
		header->nr_rows = index ? 31 : 23;
		if (!index) {
			header->ident_offset = 128;
			header->ident_size = 512;
			header->capture_offset = 640;
			header->capture_size = 512;
		}
		memcpy(header->self, model->chunks[index], sizeof(header->self));
		model_seal_header(model, index, copy);
		if (!index) {
			model_seal_ident(model, copy);
			model_capture(model, copy)->record.state = MEMINSPECT_STATE_EMPTY;
		}
	}
	for (; model->nr_rows < 23 + 31 * index; model->nr_rows++)
		for (copy = 0; copy < 2; copy++)
			((struct meminspect_record *)model_row(model, model->nr_rows, copy))->state =
				MEMINSPECT_STATE_EMPTY;
	if (!index)
		return;
	for (copy = 0; copy < 2; copy++) {
		header = model_header(model, index - 1, copy);
		memcpy(header->next, model->chunks[index], sizeof(header->next));
		model_seal_header(model, index - 1, copy);
	}
}

struct model *model_new(uint64_t base, size_t size)
{
	struct model *model = calloc(1, sizeof(*model));

	if (model)
		model->ram = malloc(size);
	if (!model || !model->ram)
		errx(1, "model: out of memory");
	memset(model->ram, 0xa5, size);
	model->base = base;
	model->size = size;
	/* Not at the very start, so that positions and addresses can't be mixed up. */
	model->next_page = base + 3 * 4096;
	model->next_serial = 1;
	add_chunk(model);
	return model;
}

void model_free(struct model *model)
{
	free(model->ram);
	free(model);
}

void model_save(const struct model *model, const char *path)
{
	FILE *file = fopen(path, "wx");

	if (!file || fwrite(model->ram, model->size, 1, file) != 1 || fclose(file))
		err(1, "%s", path);
}

void model_set_ident(struct model *model, const struct meminspect_ident *ident)
{
	int copy;

	for (copy = 0; copy < 2; copy++) {
		*model_ident(model, copy) = *ident;
		model_seal_ident(model, copy);
	}
}

void model_set_capture(struct model *model, const struct meminspect_capture *capture)
{
	int copy;

	for (copy = 0; copy < 2; copy++) {
		*model_capture(model, copy) = *capture;
		model_seal_capture(model, copy);
	}
}

static uint32_t next_row(struct model *model)
{
	if (model->used_rows == model->nr_rows)
		add_chunk(model);
	return model->used_rows++;
}

static void write_row(struct model *model, uint32_t number, const void *row)
{
	int copy;

	for (copy = 0; copy < 2; copy++) {
		memcpy(model_row(model, number, copy), row, 128);
		model_seal_row(model, number, copy);
	}
}

uint32_t model_add_region(struct model *model, const struct model_region *region)
{
	struct meminspect_region_row row = {
		.kind = 1,
		.class = region->class,
		.serial = model->next_serial++,
		.vaddr = region->vaddr,
		.paddr = region->extents[0].paddr,
		.length = region->extents[0].length,
		.nr_extents = region->nr_extents,
		.extents_row = 0xffffffff,
		.key = region->key,
		.key_kind = region->key_kind,
	};
	uint32_t number = next_row(model);
	uint32_t i, next, count;

	for (i = 0; i < region->nr_extents; i++)
		row.size += region->extents[i].length;
	if (region->nr_extents > 1)
		row.extents_row = next_row(model);
	memcpy(row.name, region->name, strlen(region->name));
	write_row(model, number, &row);

	next = row.extents_row;
	for (i = 1; i < region->nr_extents; i += count) {
		struct meminspect_extents_row more = {
			.kind = 2,
			.serial = row.serial,
			.owner = number,
			.next = 0xffffffff,
		};
		uint32_t this = next;

		count = region->nr_extents - i < 6 ? region->nr_extents - i : 6;
		more.nr_extents = count;
		memcpy(more.extents, &region->extents[i], count * 16);
		if (i + count < region->nr_extents)
			more.next = next = next_row(model);
		write_row(model, this, &more);
	}
	return number;
}

uint32_t model_add_bytes(struct model *model, const char *name, uint16_t class, uint64_t vaddr,
			 const void *bytes, size_t length)
{
	const struct meminspect_extent extent = {
		.paddr = model_alloc(model, length),
		.length = length,
	};
	const struct model_region region = {
		.name = name,
		.class = class,
		.vaddr = vaddr,
		.nr_extents = 1,
		.extents = &extent,
	};

	memcpy(model_at(model, extent.paddr), bytes, length);
	return model_add_region(model, &region);
}

uint32_t model_add_left_out(struct model *model, const char *name, uint16_t class, uint64_t size,
			    uint32_t reason)
{
	struct meminspect_left_out_row row = {
		.kind = 3,
		.class = class,
		.serial = model->next_serial++,
		.size = size,
		.reason = reason,
	};
	uint32_t number = next_row(model);

	memcpy(row.name, name, strlen(name));
	write_row(model, number, &row);
	return number;
}

void model_seal_half(struct meminspect_current_half *half)
{
	uint64_t words[23], check = 0x63757272656e7421;
	int i, turn;

	memcpy(words, half, sizeof(words));
	for (i = 0; i < 23; i++) {
		for (turn = 0; turn < i; turn++)
			words[i] = words[i] * 2 + (words[i] >> 63);
		check ^= words[i];
	}
	half->check = check;
}

uint32_t model_add_current(struct model *model, uint32_t cpu,
			   const struct meminspect_current *current)
{
	const struct meminspect_extent extent = { model_alloc(model, 384) + 1024, 384 };
	const struct model_region region = {
		.name = "current",
		.class = 11,
		.key_kind = 1,
		.key = cpu,
		.vaddr = 0xffff888000000000ULL + extent.paddr,
		.nr_extents = 1,
		.extents = &extent,
	};

	memcpy(model_at(model, extent.paddr), current, 384);
	return model_add_region(model, &region);
}

void model_empty_row(struct model *model, uint32_t row)
{
	int copy;

	for (copy = 0; copy < 2; copy++)
		((struct meminspect_record *)model_row(model, row, copy))->state =
			MEMINSPECT_STATE_EMPTY;
}

static void add_crash_note(struct model *model, uint32_t cpu, int saved)
{
	/* Note header, "CORE" padded to 8, prstatus, and an empty note. */
	uint8_t bytes[12 + 8 + MODEL_PRSTATUS_SIZE + 12] = { 0 };
	const Elf64_Nhdr header = { 5, MODEL_PRSTATUS_SIZE, NT_PRSTATUS };
	const struct meminspect_extent extent = {
		.paddr = model_alloc(model, sizeof(bytes)) + 64,
		.length = sizeof(bytes),
	};
	const struct model_region region = {
		.name = "crash_note",
		.class = MEMINSPECT_CLASS_CPU,
		.key_kind = MEMINSPECT_KEY_CPU,
		.key = cpu,
		.vaddr = 0xffff888000000000ULL + extent.paddr,
		.nr_extents = 1,
		.extents = &extent,
	};
	int i;

	if (saved) {
		memcpy(bytes, &header, sizeof(header));
		memcpy(bytes + 12, "CORE", 5);
		for (i = 0; i < MODEL_PRSTATUS_SIZE - 112; i++)
			bytes[20 + 112 + i] = MODEL_REGISTER_BYTE(cpu) + i;
	}
	memcpy(model_at(model, extent.paddr), bytes, sizeof(bytes));
	model_add_region(model, &region);
}

struct model *model_dead_kernel(uint64_t base, size_t size, uint32_t unsaved_cpu)
{
	static const char banner[] =
		"Linux version " MODEL_RELEASE " (builder@model) (gcc 12) #1 SMP\n";
	const struct meminspect_ident ident = {
		.machine = EM_X86_64,
		.page_size = 4096,
		.nr_cpus = MODEL_NR_CPUS,
		.va_bits = 48,
		.build_id_size = 20,
		.pgtable_levels = 4,
		.kaslr_offset = 0x1e000000,
		.image_va = 0xffffffff9f000000ULL,
		.image_pa = base + 0x100000,
		.page_offset = 0xffff888000000000ULL,
		.boot_time = MODEL_BOOT_TIME,
		.build_id = "model build identity",
		.release = MODEL_RELEASE,
	};
	const struct meminspect_capture capture = {
		.reason = MEMINSPECT_REASON_PANIC,
		.cpu = 1,
		.realtime = MODEL_BOOT_TIME + 5000000000ULL,
		.monotonic = 5000000000ULL,
		.task = 0xffff888004000000ULL,
		.pid = 77,
		.nr_cpus_online = MODEL_NR_CPUS,
		.comm = "model",
		.text = "sysrq triggered crash",
	};
	const uint64_t jiffies = MODEL_JIFFIES, possible = (1 << MODEL_NR_CPUS) - 1;
	struct model *model = model_new(base, size);
	struct meminspect_extent pieces[2];
	struct model_region uts = {
		.name = "init_uts_ns",
		.class = MEMINSPECT_CLASS_IDENTITY,
		.vaddr = 0xffffffff9f203000ULL,
		.nr_extents = 2,
		.extents = pieces,
	};
	char vmcoreinfo[4096] = "";
	uint32_t cpu;

	model_set_ident(model, &ident);
	model_set_capture(model, &capture);
	model_add_bytes(model, "linux_banner", MEMINSPECT_CLASS_IDENTITY, 0xffffffff9f200000ULL,
			banner, sizeof(banner));
	/* The second half stands before the first in physical memory. */
	pieces[1].paddr = model_alloc(model, 4096);
	pieces[1].length = 40;
	pieces[0].paddr = model_alloc(model, 4096) + 4096 - 350;
	pieces[0].length = 350;
	memset(model_at(model, pieces[0].paddr), 'a', 350);
	memset(model_at(model, pieces[1].paddr), 'b', 40);
	model_add_region(model, &uts);
	snprintf(vmcoreinfo, sizeof(vmcoreinfo),
		 "OSRELEASE=" MODEL_RELEASE "\nPAGESIZE=4096\n"
		 "NUMBER(meminspect_directory)=0x%llx\n"
		 "NUMBER(meminspect_directory_mirror)=0x%llx\nCRASHTIME=1700000005\n",
		 (unsigned long long)model->chunks[0][0], (unsigned long long)model->chunks[0][1]);
	model_add_bytes(model, "vmcoreinfo", MEMINSPECT_CLASS_IDENTITY, 0xffff888003000000ULL,
			vmcoreinfo, sizeof(vmcoreinfo));
	model_add_bytes(model, "jiffies_64", MEMINSPECT_CLASS_TIME, 0xffffffff9f300040ULL,
			&jiffies, sizeof(jiffies));
	model_add_bytes(model, "__cpu_possible_mask", MEMINSPECT_CLASS_CPU, 0xffffffff9f300080ULL,
			&possible, sizeof(possible));
	for (cpu = 0; cpu < MODEL_NR_CPUS; cpu++)
		add_crash_note(model, cpu, cpu != unsaved_cpu);
	return model;
}
