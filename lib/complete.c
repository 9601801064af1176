// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Adds to a dump what stands in vmlinux. crash, before it answers anything,
 * reads tables of constants and disassembles functions; no kernel marks these,
 * as whoever has the core has vmlinux as well. docs/what-suffices.md has what
 * crash says where one is missing.
 */
#include "complete.h"
#include "core-format.h"
#include "little-endian.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_STRING	256U
#define MAX_STRINGS	4096U	/* that one region points to; of pv_info it is one */
#define MAX_OBJECT	(1U << 20)
/* As crash reads it: this much, or twice, four times, ... */
#define CONFIG_READ	(32U << 10)
#define IKCFG_ST_SIZE	8U

void completion_release(struct pieces *pieces)
{
	for (size_t i = 0; i < pieces->nr; i++)
		free((void *)pieces->array[i].data);
	free(pieces->array);
	*pieces = (struct pieces) { 0 };
}

bool completion_read(const struct completion *completion, uint64_t paddr, void *buffer, size_t length)
{
	return !dump_index_read(&completion->collected, paddr, buffer, length);
}

bool completion_has_added(const struct completion *completion, uint64_t paddr)
{
	for (size_t i = completion->nr_collected; i < completion->dump->nr_regions; i++)
		if (completion->dump->regions[i].pieces[0].paddr == paddr)
			return true;
	return false;
}

uint64_t completion_paddr(const struct completion *completion, uint64_t vaddr)
{
	return vaddr - completion->ident->image_va + completion->ident->image_pa;
}

static int append(struct pieces *pieces, struct meminspect_piece piece)
{
	struct meminspect_piece *array = reallocarray(pieces->array, pieces->nr + 1, sizeof(*array));

	if (!array)
		return -ENOMEM;
	pieces->array = array;
	array[pieces->nr++] = piece;
	return 0;
}

int completion_add_piece_at(const struct completion *completion, struct pieces *pieces,
			    uint64_t vaddr, uint64_t paddr, uint8_t *data, uint64_t length)
{
	struct meminspect_piece piece = {
		.paddr = paddr, .vaddr = vaddr, .length = length, .present = length, .data = data,
	};

	if (!data || paddr > UINT64_MAX - length || append(pieces, piece)) {
		free(data);
		return -ENOMEM;
	}
	/* Where something was collected, that is what stands there. */
	dump_index_overlay(&completion->collected, paddr, data, length);
	return 0;
}

int completion_add_missing(struct pieces *pieces, uint64_t vaddr, uint64_t paddr, uint64_t length)
{
	return append(pieces, (struct meminspect_piece) {
		.paddr = paddr, .vaddr = vaddr, .length = length,
	});
}

int completion_add_piece(const struct completion *completion, struct pieces *pieces, uint64_t vaddr,
			 uint8_t *data, uint64_t length)
{
	return completion_add_piece_at(completion, pieces, vaddr, completion_paddr(completion, vaddr),
				       data, length);
}

static void count(struct completion *completion, const struct meminspect_piece *pieces, size_t nr)
{
	completion->nr_pieces += nr;
	for (size_t i = 0; i < nr; i++)
		completion->nr_bytes += pieces[i].present;
}

/* Whether a core holds @pieces as well; they count then. */
static bool has_room(struct completion *completion, const struct pieces *pieces)
{
	struct completion after = *completion;

	count(&after, pieces->array, pieces->nr);
	if (after.nr_pieces > MAX_PIECES || after.nr_bytes > MAX_COLLECTED_BYTES) {
		completion->full = true;
		return false;
	}
	*completion = after;
	return true;
}

int completion_say_full(const struct completion *completion)
{
	if (!completion->full)
		return 0;
	return dump_add_problem(completion->dump, "not all was added that the host knows: a core holds %u pieces and %llu bytes at most",
				MAX_PIECES, MAX_COLLECTED_BYTES);
}

int completion_add_region(struct completion *completion, const char *name,
			  enum meminspect_origin origin, struct pieces *pieces)
{
	struct meminspect_dump *dump = completion->dump;
	struct meminspect_region *regions, *region;

	if (!pieces->nr || !has_room(completion, pieces))
		return 0;
	regions = reallocarray(dump->regions, dump->nr_regions + 1, sizeof(*regions));
	if (!regions)
		return -ENOMEM;
	dump->regions = regions;
	region = &regions[dump->nr_regions];
	*region = (struct meminspect_region) {
		.name = strdup(name), .why = strdup(""), .origin = origin,
		.vaddr = pieces->array[0].vaddr, .verdict = MEMINSPECT_PRESENT,
	};
	if (!region->name || !region->why) {
		free((void *)region->name);
		free((void *)region->why);
		return -ENOMEM;
	}
	region->nr_pieces = pieces->nr;
	region->pieces = pieces->array;
	for (size_t i = 0; i < pieces->nr; i++)
		region->size += pieces->array[i].length;
	dump->nr_regions++;
	dump_changed(dump);
	*pieces = (struct pieces) { 0 };
	return 0;
}

static uint8_t *copy_of(const uint8_t *bytes, uint64_t length)
{
	uint8_t *copy = bytes ? malloc(length) : NULL;

	return copy ? memcpy(copy, bytes, length) : NULL;
}

/* The string at @address, where the kernel ran; nothing if vmlinux has none there. */
static int add_string(const struct completion *completion, struct pieces *pieces, uint64_t address)
{
	uint64_t length = MAX_STRING;
	const uint8_t *bytes = vmlinux_bytes_up_to(completion->vmlinux, address - completion->kaslr_offset,
						   &length);
	const uint8_t *end = bytes ? memchr(bytes, '\0', length) : NULL;

	if (!end)
		return 0;
	length = (uint64_t)(end + 1 - bytes);
	return completion_add_piece(completion, pieces, address, copy_of(bytes, length), length);
}

/* Tables that the kernel never writes, with the strings that they point to. */
static int add_constant(struct completion *completion, const char *name, unsigned int beyond)
{
	struct pieces table = { 0 }, strings = { 0 };
	uint64_t address, size, i;
	uint8_t *data;
	int error = 0;

	/* What a kernel does not have, nobody asks for. */
	if (vmlinux_symbol(completion->vmlinux, name, &address, &size) || !size || size > MAX_OBJECT)
		return 0;
	size += beyond;
	if (!vmlinux_bytes(completion->vmlinux, address, size))
		return 0;
	data = malloc(size);
	if (!data)
		return -ENOMEM;
	memcpy(data, vmlinux_bytes(completion->vmlinux, address, size), size);
	for (i = 0; i + 8 <= size && !error && address % 8 == 0; i += 8) {
		uint64_t word = htole64(vmlinux_word(completion->vmlinux, address + i,
						     completion->kaslr_offset));

		memcpy(data + i, &word, sizeof(word));
		if (vmlinux_bytes(completion->vmlinux, le64toh(word) - completion->kaslr_offset, 1))
			error = add_string(completion, &strings, le64toh(word));
	}
	if (error)
		free(data);
	else
		error = completion_add_piece(completion, &table, address + completion->kaslr_offset,
					     data, size);
	if (!error)
		error = completion_add_region(completion, name, MEMINSPECT_FROM_VMLINUX, &table);
	if (!error)
		error = completion_add_region(completion, "strings", MEMINSPECT_FROM_VMLINUX, &strings);
	completion_release(&table);
	completion_release(&strings);
	return error;
}

static int add_constants(struct completion *completion)
{
	/* crash looks for a null pointer behind the last state, which is what the linker put there. */
	static const struct {
		const char *name;
		unsigned int beyond;
	} constants[] = {
		{ "task_state_array", 8 }, { "pageflag_names", 0 }, { "mt_slots", 0 },
		{ "mt_pivots", 0 },
	};
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(constants) && !error; i++)
		error = add_constant(completion, constants[i].name, constants[i].beyond);
	return error;
}

/* What a pointer in a collected region points to. */
static int add_strings_of(struct completion *completion, const char *name)
{
	const struct meminspect_region *region = meminspect_dump_find(completion->dump, name, -1);
	struct pieces strings = { 0 };
	uint64_t left = MAX_OBJECT;
	int error = 0;

	for (size_t i = 0; region && i < region->nr_pieces; i++) {
		const struct meminspect_piece *piece = &region->pieces[i];

		if (piece->present > left) {
			completion->too_much = true;
			break;
		}
		left -= piece->present;
		for (uint64_t at = 0; at + 8 <= piece->present && !error &&
		     strings.nr < MAX_STRINGS; at += 8)
			error = add_string(completion, &strings, get64(piece->data + at));
	}
	completion->too_much |= strings.nr == MAX_STRINGS;
	if (!error)
		error = completion_add_region(completion, "strings", MEMINSPECT_FROM_VMLINUX, &strings);
	completion_release(&strings);
	return error;
}

uint8_t *completion_filler(uint64_t vaddr, uint64_t length)
{
	uint8_t *data = malloc(length);

	for (uint64_t i = 0; data && i < length; i++)
		data[i] = (uint8_t)CORE_POISON[(vaddr + i) % CORE_POISON_SIZE];
	return data;
}

static int add_filler(struct completion *completion, uint64_t vaddr, uint64_t length)
{
	struct pieces pieces = { 0 };
	int error = completion_add_piece(completion, &pieces, vaddr, completion_filler(vaddr, length),
					 length);

	if (!error)
		error = completion_add_region(completion, "beyond", MEMINSPECT_FILLER, &pieces);
	completion_release(&pieces);
	return error;
}

/* crash reads beyond the configuration, and looks for the marker of its end in what it read. */
static int add_config_rest(struct completion *completion)
{
	const struct meminspect_region *config =
		meminspect_dump_find(completion->dump, "kernel_config_data", -1);
	uint64_t start, end, ask = CONFIG_READ;

	if (!config || config->verdict != MEMINSPECT_PRESENT || config->nr_pieces != 1 ||
	    config->size > MAX_OBJECT || config->vaddr > UINT64_MAX - 4 * MAX_OBJECT)
		return 0;
	start = config->vaddr + IKCFG_ST_SIZE;
	end = config->vaddr + config->size;
	while (start + ask < end)
		ask *= 2;
	return add_filler(completion, end, start + ask - end);
}

static int add_all(struct completion *completion)
{
	int error = add_constants(completion);

	if (!error)
		error = add_config_rest(completion);
	if (!error)
		error = complete_modules(completion);
	/* crash for arm64 looks at no code: frames are linked by pointers. */
	if (!error && completion->ident->machine == EM_X86_64) {
		error = add_strings_of(completion, "pv_info");
		if (!error)
			error = complete_code(completion);
		if (!error)
			error = complete_tables(completion);
	}
	if (!error)
		error = complete_vmap(completion);
	if (!error && completion->too_much)
		error = dump_add_problem(completion->dump, "not all was added that modules and pv_info ask for, or page tables: it is more than in any machine");
	return error ? error : completion_say_full(completion);
}

int meminspect_vmlinux_check(struct meminspect_context *context,
			     const struct meminspect_dump *dump, const char *path)
{
	struct vmlinux *vmlinux;
	int error;

	if (!dump->has_ident || !dump->ident.build_id_size)
		return fail(context, -ENODATA, "%s: the dump does not tell the build-id of its kernel",
			    path);
	error = vmlinux_open(context, path, &dump->ident, &vmlinux);
	if (!error)
		vmlinux_close(vmlinux);
	return error;
}

/* 0 if there is what is needed, and nobody was here before; opens vmlinux. */
static int begin(struct completion *completion, struct meminspect_context *context,
		 struct meminspect_dump *dump, struct meminspect_memory *memory, const char *path)
{
	int error;

	*completion = (struct completion) {
		.context = context, .dump = dump, .memory = memory, .ident = &dump->ident,
		.nr_collected = dump->nr_regions,
	};
	if (!dump->has_ident || meminspect_dump_kaslr_offset(dump, &completion->kaslr_offset))
		return fail(completion->context, -ENODATA, "%s: of no use: the identification block is missing, which says where the kernel was",
			    path);
	for (size_t i = 0; i < dump->nr_regions; i++) {
		if (dump->regions[i].origin > MEMINSPECT_DERIVED)
			return fail(completion->context, -EEXIST, "what stands in vmlinux has been added already");
		count(completion, dump->regions[i].pieces, dump->regions[i].nr_pieces);
	}
	if (dump_index_build(&completion->collected, dump, dump->nr_regions, BY_PADDR))
		return fail(context, -ENOMEM, "%s: out of memory", path);
	error = vmlinux_open(context, path, &dump->ident, &completion->vmlinux);
	if (error)
		dump_index_release(&completion->collected);
	return error;
}

static void finish(struct completion *completion)
{
	vmlinux_close(completion->vmlinux);
	dump_index_release(&completion->collected);
}

int meminspect_follow(struct meminspect_context *context, struct meminspect_dump *dump,
		      struct meminspect_memory *memory, enum meminspect_level level,
		      const char *path)
{
	struct completion completion;
	int error = begin(&completion, context, dump, memory, path);

	if (error)
		return error;
	error = complete_by_following(&completion, level, path);
	finish(&completion);
	return error;
}

int meminspect_complete(struct meminspect_context *context, struct meminspect_dump *dump,
			struct meminspect_memory *memory, const char *path)
{
	struct completion completion;
	int error = begin(&completion, context, dump, memory, path);

	if (error)
		return error;
	error = add_all(&completion);
	finish(&completion);
	if (error)
		fail(context, error, "%s: out of memory", path);
	return error;
}
