// SPDX-License-Identifier: LGPL-2.1-only
/* Makes the table of a core from a dump. */
#include "core-table.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

struct encoder {
	bool brief;	/* without what follows from the rest */
	bool failed;
};

static void put(struct encoder *encoder, struct json_object *object, const char *name,
		struct json_object *value)
{
	if (value && object && !json_object_object_add(object, name, value))
		return;
	json_object_put(value);
	encoder->failed = true;
}

static void append(struct encoder *encoder, struct json_object *array, struct json_object *value)
{
	if (value && array && !json_object_array_add(array, value))
		return;
	json_object_put(value);
	encoder->failed = true;
}

static struct json_object *json_from_text(const char *text, size_t length)
{
	struct json_object *value;
	char *utf8 = malloc(2 * length + 1);
	size_t used = 0;

	if (!utf8)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		uint8_t byte = text[i];

		if (byte >= 0x80) {
			utf8[used++] = 0xc0 | byte >> 6;
			byte = 0x80 | (byte & 0x3f);
		}
		utf8[used++] = byte;
	}
	value = json_object_new_string_len(utf8, used);
	free(utf8);
	return value;
}

static struct json_object *json_from_string(const char *string)
{
	return json_from_text(string ? string : "", string ? strlen(string) : 0);
}

static struct json_object *json_from_bytes(const uint8_t *bytes, size_t length)
{
	char hex[2 * MEMINSPECT_BUILD_ID_SIZE + 1] = "";

	for (size_t i = 0; i < length && i < MEMINSPECT_BUILD_ID_SIZE; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	return json_object_new_string(hex);
}

static struct json_object *json_from_address(uint64_t address, size_t size)
{
	char text[20];

	snprintf(text, sizeof(text), "0x%0*llx", (int)(2 * size), (unsigned long long)address);
	return json_object_new_string(text);
}

static bool is_empty(const struct field *field, const void *structure)
{
	const void *member = (const uint8_t *)structure + field->offset;

	if (field->kind == FIELD_POINTER)
		return !*(const char *const *)member || !**(const char *const *)member;
	return !field_load(field, structure);
}

static void put_fields(struct encoder *encoder, struct json_object *object, const void *structure,
		       const struct field_list *list)
{
	for (size_t i = 0; i < list->nr; i++) {
		const struct field *field = &list->fields[i];
		const uint8_t *member = (const uint8_t *)structure + field->offset;
		struct json_object *value = NULL;

		if (encoder->brief && field->optional && is_empty(field, structure))
			continue;
		switch (field->kind) {
		case FIELD_NUMBER:
			value = json_object_new_uint64(field_load(field, structure));
			break;
		case FIELD_ADDRESS:
			value = json_from_address(field_load(field, structure), field->size);
			break;
		case FIELD_TEXT:
			value = json_from_text((const char *)member,
					       strnlen((const char *)member, field->size));
			break;
		case FIELD_BYTES:
			value = json_from_bytes(member, field->size);
			break;
		case FIELD_POINTER:
			value = json_from_string(*(const char *const *)member);
			break;
		}
		put(encoder, object, field->name, value);
	}
}

/* @vaddr: where it is expected to be */
static void put_piece(struct encoder *encoder, struct json_object *object,
		      const struct meminspect_piece *piece, uint64_t vaddr)
{
	/* The program header has it. */
	if (!encoder->brief || !piece->present)
		put_fields(encoder, object, piece, &piece_paddr_member);
	put_fields(encoder, object, piece, &piece_members);
	if (!encoder->brief || piece->vaddr != vaddr)
		put_fields(encoder, object, piece, &piece_vaddr_member);
	if (!encoder->brief || piece->present != piece->length)
		put_fields(encoder, object, piece, &piece_present_member);
}

static struct json_object *encode_region(struct encoder *encoder,
					 const struct meminspect_region *region,
					 const struct core_piece *pieces)
{
	struct json_object *object = json_object_new_object();
	struct json_object *array = json_object_new_array();

	uint64_t vaddr = region->vaddr;

	put_fields(encoder, object, region, &region_members);
	if (!encoder->brief || region->origin != MEMINSPECT_FROM_DIRECTORY)
		put(encoder, object, "origin",
		    json_object_new_string(meminspect_origin_name(region->origin)));
	if (!encoder->brief || region->verdict != MEMINSPECT_PRESENT)
		put(encoder, object, "verdict",
		    json_object_new_string(meminspect_verdict_name(region->verdict)));
	put(encoder, object, "pieces", array);
	for (size_t i = 0; i < region->nr_pieces && !encoder->failed; i++) {
		struct json_object *piece = json_object_new_object();

		append(encoder, array, piece);
		if (encoder->failed)
			break;
		put_piece(encoder, piece, &region->pieces[i], vaddr);
		if (pieces && region->pieces[i].present)
			put_fields(encoder, piece, &pieces[i], &core_piece_members);
		vaddr = core_next_vaddr(&region->pieces[i]);
	}
	return object;
}

static struct json_object *encode_registers(struct encoder *encoder,
					    const struct meminspect_registers *registers)
{
	struct json_object *object = json_object_new_object();

	put_fields(encoder, object, registers, &register_members);
	put(encoder, object, "source",
	    json_object_new_string(meminspect_register_source_name(registers->source)));
	if (registers->prstatus && registers->size >= CORE_PRSTATUS_MIN)
		put(encoder, object, "pid",
		    json_object_new_uint64(prstatus_pid(registers->prstatus)));
	return object;
}

/* All but the regions. */
static struct json_object *encode_dump(struct encoder *encoder, const struct meminspect_dump *dump)
{
	struct json_object *root = json_object_new_object();
	struct json_object *array;

	put(encoder, root, "version", json_object_new_int(CORE_TABLE_VERSION));
	put_fields(encoder, root, dump, &dump_members);
	if (dump->has_ident) {
		struct json_object *ident = json_object_new_object();

		put_fields(encoder, ident, &dump->ident, &ident_members);
		put(encoder, root, "ident", ident);
	}
	if (dump->has_capture) {
		struct json_object *capture = json_object_new_object();

		put_fields(encoder, capture, &dump->capture, &capture_members);
		put(encoder, root, "capture", capture);
	}
	if (dump->has_kaslr_offset)
		put_fields(encoder, root, dump, &kaslr_members);
	if (dump->level)
		put_fields(encoder, root, dump, &level_members);
	array = json_object_new_array();
	put(encoder, root, "problems", array);
	for (size_t i = 0; i < dump->nr_problems && !encoder->failed; i++)
		append(encoder, array, json_from_string(dump->problems[i]));
	array = json_object_new_array();
	put(encoder, root, "registers", array);
	for (size_t i = 0; i < dump->nr_registers && !encoder->failed; i++)
		append(encoder, array, encode_registers(encoder, &dump->registers[i]));
	return root;
}

/* Pure ASCII, so that JSON on a terminal can't steer it; all of it is U+0000 to U+00FF. */
static void print_as_ascii(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		size_t start = i;
		uint8_t byte;

		while (i < length && (uint8_t)text[i] < 0x7f)
			i++;
		fwrite(text + start, 1, i - start, out);
		if (i == length)
			break;
		byte = text[i];
		if (byte == 0x7f)
			fputs("\\u007f", out);
		else
			fprintf(out, "\\u%04x", (byte & 0x1f) << 6 | (text[++i] & 0x3f));
	}
}

/* Takes @object; the last @cut bytes of its text are left out. */
static void print_object(struct encoder *encoder, FILE *out, struct json_object *object, int flags,
			 size_t cut)
{
	const char *text = NULL;
	size_t length;

	if (!encoder->failed)
		text = json_object_to_json_string_length(object, flags, &length);
	if (text && length >= cut)
		print_as_ascii(out, text, length - cut);
	else
		encoder->failed = true;
	json_object_put(object);
}

static void print_table(struct encoder *encoder, FILE *out, const struct meminspect_dump *dump,
			const struct core_piece *pieces)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE |
		    (pieces ? JSON_C_TO_STRING_PLAIN : JSON_C_TO_STRING_SPACED);

	/* Its last brace comes behind the regions. */
	if (pieces)
		print_object(encoder, out, encode_dump(encoder, dump), flags, strlen("}"));
	else
		print_object(encoder, out, encode_dump(encoder, dump),
			     flags | JSON_C_TO_STRING_PRETTY, strlen("\n}"));
	fputs(pieces ? "," TABLE_REGIONS : ",\n  \"regions\": [", out);
	for (size_t i = 0; i < dump->nr_regions && !encoder->failed; i++) {
		fputs(i ? ",\n" : "\n", out);
		print_object(encoder, out, encode_region(encoder, &dump->regions[i], pieces),
			     flags, 0);
		if (pieces)
			pieces += dump->regions[i].nr_pieces;
	}
	fputs("\n" TABLE_END "\n", out);
}

char *core_table_encode(const struct meminspect_dump *dump, const struct core_piece *pieces)
{
	struct encoder encoder = { .brief = pieces != NULL };
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	print_table(&encoder, out, dump, pieces);
	encoder.failed |= ferror(out) != 0;
	if (fclose(out) || encoder.failed) {
		free(text);
		return NULL;
	}
	return text;
}

char *meminspect_dump_json(const struct meminspect_dump *dump)
{
	return core_table_encode(dump, NULL);
}
