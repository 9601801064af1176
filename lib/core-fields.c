// SPDX-License-Identifier: LGPL-2.1-only
/* The members of structures that the table of a core holds, by name. */
#include "core-table.h"

#include <limits.h>
#include <string.h>

/*
 * json-c takes some 700 bytes for "{}" and 80 for a number: both are limited
 * before it sees them. Enough for a region of as many pieces as a core can have.
 */
#define MAX_CONTAINERS	(MAX_PIECES + 16)
#define MAX_VALUES	(8 * MAX_PIECES)

#define FIELD_AS(kind, optional, structure, member) \
	{ #member, kind, optional, offsetof(struct structure, member), \
	  sizeof(((struct structure *)0)->member) }
#define FIELD(kind, structure, member) FIELD_AS(kind, false, structure, member)
#define OPTIONAL_FIELD(kind, structure, member) FIELD_AS(kind, true, structure, member)

static const struct field dump_fields[] = {
	FIELD(FIELD_POINTER, meminspect_dump, source),
	FIELD(FIELD_NUMBER, meminspect_dump, collected),
};

static const struct field kaslr_fields[] = {
	FIELD(FIELD_ADDRESS, meminspect_dump, kaslr_offset),
};

static const struct field level_fields[] = {
	FIELD(FIELD_POINTER, meminspect_dump, level),
	FIELD(FIELD_NUMBER, meminspect_dump, nr_beyond),
};

static const struct field ident_fields[] = {
	FIELD(FIELD_NUMBER, meminspect_ident, machine),
	FIELD(FIELD_NUMBER, meminspect_ident, page_size),
	FIELD(FIELD_NUMBER, meminspect_ident, nr_cpus),
	FIELD(FIELD_NUMBER, meminspect_ident, va_bits),
	FIELD(FIELD_NUMBER, meminspect_ident, build_id_size),
	FIELD(FIELD_NUMBER, meminspect_ident, pgtable_levels),
	FIELD(FIELD_ADDRESS, meminspect_ident, kaslr_offset),
	FIELD(FIELD_ADDRESS, meminspect_ident, image_va),
	FIELD(FIELD_ADDRESS, meminspect_ident, image_pa),
	FIELD(FIELD_ADDRESS, meminspect_ident, page_offset),
	FIELD(FIELD_ADDRESS, meminspect_ident, phys_offset),
	FIELD(FIELD_ADDRESS, meminspect_ident, phys_base),
	FIELD(FIELD_ADDRESS, meminspect_ident, kimage_voffset),
	FIELD(FIELD_ADDRESS, meminspect_ident, pac_mask),
	FIELD(FIELD_ADDRESS, meminspect_ident, swapper_pg_dir),
	FIELD(FIELD_NUMBER, meminspect_ident, boot_time),
	FIELD(FIELD_BYTES, meminspect_ident, build_id),
	FIELD(FIELD_TEXT, meminspect_ident, release),
};

static const struct field capture_fields[] = {
	FIELD(FIELD_NUMBER, meminspect_capture, reason),
	FIELD(FIELD_NUMBER, meminspect_capture, cpu),
	FIELD(FIELD_NUMBER, meminspect_capture, realtime),
	FIELD(FIELD_NUMBER, meminspect_capture, monotonic),
	FIELD(FIELD_ADDRESS, meminspect_capture, task),
	FIELD(FIELD_NUMBER, meminspect_capture, pid),
	FIELD(FIELD_NUMBER, meminspect_capture, nr_cpus_online),
	FIELD(FIELD_TEXT, meminspect_capture, comm),
	FIELD(FIELD_TEXT, meminspect_capture, text),
};

static const struct field region_fields[] = {
	FIELD(FIELD_POINTER, meminspect_region, name),
	FIELD(FIELD_NUMBER, meminspect_region, class),
	OPTIONAL_FIELD(FIELD_NUMBER, meminspect_region, key_kind),
	OPTIONAL_FIELD(FIELD_NUMBER, meminspect_region, key),
	FIELD(FIELD_ADDRESS, meminspect_region, vaddr),
	FIELD(FIELD_NUMBER, meminspect_region, size),
	OPTIONAL_FIELD(FIELD_POINTER, meminspect_region, why),
};

static const struct field piece_fields[] = {
	FIELD(FIELD_NUMBER, meminspect_piece, length),
};

static const struct field piece_paddr_field[] = {
	FIELD(FIELD_ADDRESS, meminspect_piece, paddr),
};

static const struct field piece_vaddr_field[] = {
	FIELD(FIELD_ADDRESS, meminspect_piece, vaddr),
};

static const struct field piece_present_field[] = {
	FIELD(FIELD_NUMBER, meminspect_piece, present),
};

static const struct field core_piece_fields[] = {
	FIELD(FIELD_NUMBER, core_piece, load),
	FIELD(FIELD_ADDRESS, core_piece, crc),
};

static const struct field register_fields[] = {
	FIELD(FIELD_NUMBER, meminspect_registers, cpu),
	FIELD(FIELD_NUMBER, meminspect_registers, size),
};

const struct field_list dump_members = { dump_fields, ARRAY_SIZE(dump_fields) };
const struct field_list level_members = { level_fields, ARRAY_SIZE(level_fields) };
const struct field_list kaslr_members = { kaslr_fields, ARRAY_SIZE(kaslr_fields) };
const struct field_list ident_members = { ident_fields, ARRAY_SIZE(ident_fields) };
const struct field_list capture_members = { capture_fields, ARRAY_SIZE(capture_fields) };
const struct field_list region_members = { region_fields, ARRAY_SIZE(region_fields) };
const struct field_list piece_members = { piece_fields, ARRAY_SIZE(piece_fields) };
const struct field_list piece_paddr_member = { piece_paddr_field, ARRAY_SIZE(piece_paddr_field) };
const struct field_list piece_vaddr_member = { piece_vaddr_field, ARRAY_SIZE(piece_vaddr_field) };
const struct field_list piece_present_member = { piece_present_field, ARRAY_SIZE(piece_present_field) };
const struct field_list core_piece_members = { core_piece_fields, ARRAY_SIZE(core_piece_fields) };
const struct field_list register_members = { register_fields, ARRAY_SIZE(register_fields) };

uint64_t field_load(const struct field *field, const void *structure)
{
	const void *from = (const uint8_t *)structure + field->offset;

	switch (field->size) {
	case 2:
		return *(const uint16_t *)from;
	case 4:
		return *(const uint32_t *)from;
	default:
		return *(const uint64_t *)from;
	}
}

void field_store(const struct field *field, void *structure, uint64_t number)
{
	void *to = (uint8_t *)structure + field->offset;

	switch (field->size) {
	case 2:
		*(uint16_t *)to = number;
		break;
	case 4:
		*(uint32_t *)to = number;
		break;
	default:
		*(uint64_t *)to = number;
	}
}

bool json_is_bounded(const char *text, size_t length)
{
	size_t containers = 0, values = 0;

	for (size_t i = 0; i < length; i++) {
		containers += text[i] == '{' || text[i] == '[';
		values += text[i] == ',';
	}
	return length <= INT_MAX && containers <= MAX_CONTAINERS && values <= MAX_VALUES;
}
