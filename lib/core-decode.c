// SPDX-License-Identifier: LGPL-2.1-only
/* Makes a dump, still without contents, from the table of a core. */
#include "core-table.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH		8

/* Where we are in the table, for errors: "regions[3].pieces[0]". */
struct decoder {
	struct meminspect_context *context;
	const char *path;
	char where[64];
	struct json_tokener *tokener;
	size_t nr_pieces;
	struct core_piece *pieces;	/* of all regions so far */
};

static int bad(struct decoder *decoder, const char *name, const char *expected)
{
	return fail(decoder->context, -EBADMSG,
		    "%s: table of regions in the note " CORE_NOTE_PRIVATE
		    ": %s%s%s is not %s: damaged, or not written by meminspect",
		    decoder->path, decoder->where, decoder->where[0] ? "." : "", name, expected);
}

static int out_of_memory(struct decoder *decoder)
{
	return fail(decoder->context, -ENOMEM, "%s: out of memory", decoder->path);
}

static int get_number(struct decoder *decoder, struct json_object *object, const char *name,
		      size_t size, uint64_t *number)
{
	struct json_object *value;
	uint64_t maximum = size < 8 ? (1ULL << 8 * size) - 1 : UINT64_MAX;

	if (!json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
		return bad(decoder, name, "a number");
	*number = json_object_get_uint64(value);
	if (*number > maximum)
		return bad(decoder, name, "as small as it must be");
	return 0;
}

static int get_address(struct decoder *decoder, struct json_object *object, const char *name,
		       size_t size, uint64_t *number)
{
	struct json_object *value;
	const char *text;

	if (!json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return bad(decoder, name, "a hexadecimal string");
	text = json_object_get_string(value);
	if (strlen(text) != 2 + 2 * size || strncmp(text, "0x", 2) ||
	    strspn(text + 2, "0123456789abcdef") != 2 * size)
		return bad(decoder, name, "a hexadecimal string of its width");
	*number = strtoull(text, NULL, 16);
	return 0;
}

static int text_from_json(struct decoder *decoder, struct json_object *value, const char *name,
			  char **text)
{
	const uint8_t *utf8;
	size_t length, used = 0;

	if (!json_object_is_type(value, json_type_string))
		return bad(decoder, name, "a string");
	utf8 = (const uint8_t *)json_object_get_string(value);
	length = json_object_get_string_len(value);
	*text = malloc(length + 1);
	if (!*text)
		return out_of_memory(decoder);
	for (size_t i = 0; i < length; i++) {
		uint8_t byte = utf8[i];

		/* U+0080 to U+00FF take two bytes, 0xc2 or 0xc3 and ten bits on. */
		if ((byte == 0xc2 || byte == 0xc3) && i + 1 < length)
			byte = (uint8_t)(byte << 6) | (utf8[++i] & 0x3f);
		else if (!byte || byte >= 0x80) {
			free(*text);
			*text = NULL;
			return bad(decoder, name, "a string of U+0001 to U+00FF");
		}
		(*text)[used++] = byte;
	}
	(*text)[used] = '\0';
	return 0;
}

static int get_text(struct decoder *decoder, struct json_object *object, const char *name,
		    char **text)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return text_from_json(decoder, value, name, text);
}

static bool has_member(struct json_object *object, const char *name)
{
	return json_object_object_get_ex(object, name, NULL);
}

/* One of the names of the numbers up to @last */
static int get_choice(struct decoder *decoder, struct json_object *object, const char *name,
		      const char *(*name_of)(unsigned int number), unsigned int last,
		      unsigned int *choice)
{
	char *text;
	int error = get_text(decoder, object, name, &text);

	if (error)
		return error;
	for (*choice = 0; *choice <= last && strcmp(text, name_of(*choice)); ++*choice)
		;
	free(text);
	return *choice <= last ? 0 : bad(decoder, name, "known");
}

static int get_text_array(struct decoder *decoder, struct json_object *object,
			  const struct field *field, void *structure)
{
	char *text;
	int error = get_text(decoder, object, field->name, &text);

	if (error)
		return error;
	if (strlen(text) >= field->size)
		error = bad(decoder, field->name, "as short as it must be");
	else
		strcpy((char *)structure + field->offset, text);
	free(text);
	return error;
}

static int get_bytes(struct decoder *decoder, struct json_object *object,
		     const struct field *field, void *structure)
{
	uint8_t *bytes = (uint8_t *)structure + field->offset;
	struct json_object *value;
	const char *hex;

	if (!json_object_object_get_ex(object, field->name, &value) ||
	    !json_object_is_type(value, json_type_string))
		return bad(decoder, field->name, "a hexadecimal string");
	hex = json_object_get_string(value);
	if (strlen(hex) != 2 * field->size ||
	    strspn(hex, "0123456789abcdef") != 2 * field->size)
		return bad(decoder, field->name, "a hexadecimal string of its width");
	for (size_t i = 0; i < field->size; i++) {
		char digits[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		bytes[i] = strtoul(digits, NULL, 16);
	}
	return 0;
}

/* What a member is that was left out. */
static int set_empty(struct decoder *decoder, void *structure, const struct field *field)
{
	char **text = (char **)((uint8_t *)structure + field->offset);

	if (field->kind != FIELD_POINTER) {
		field_store(field, structure, 0);
		return 0;
	}
	*text = strdup("");
	return *text ? 0 : out_of_memory(decoder);
}

static int get_fields(struct decoder *decoder, struct json_object *object, void *structure,
		      const struct field_list *list)
{
	int error = 0;

	for (size_t i = 0; i < list->nr && !error; i++) {
		const struct field *field = &list->fields[i];
		uint64_t number = 0;

		if (field->optional && !has_member(object, field->name)) {
			error = set_empty(decoder, structure, field);
			continue;
		}
		switch (field->kind) {
		case FIELD_NUMBER:
			error = get_number(decoder, object, field->name, field->size, &number);
			if (!error)
				field_store(field, structure, number);
			break;
		case FIELD_ADDRESS:
			error = get_address(decoder, object, field->name, field->size, &number);
			if (!error)
				field_store(field, structure, number);
			break;
		case FIELD_TEXT:
			error = get_text_array(decoder, object, field, structure);
			break;
		case FIELD_BYTES:
			error = get_bytes(decoder, object, field, structure);
			break;
		case FIELD_POINTER:
			error = get_text(decoder, object, field->name,
					 (char **)((uint8_t *)structure + field->offset));
			break;
		}
	}
	return error;
}

static int get_array(struct decoder *decoder, struct json_object *object, const char *name,
		     struct json_object **array, size_t *length)
{
	if (!json_object_object_get_ex(object, name, array) ||
	    !json_object_is_type(*array, json_type_array))
		return bad(decoder, name, "an array");
	*length = json_object_array_length(*array);
	return 0;
}

static int decode_registers(struct decoder *decoder, struct json_object *root,
			    struct meminspect_dump *dump)
{
	struct json_object *array;
	size_t nr;
	int error = get_array(decoder, root, "registers", &array, &nr);

	if (error)
		return error;
	if (nr > MAX_CPUS)
		return bad(decoder, "registers", "as short as it must be");
	dump->registers = calloc(nr ? nr : 1, sizeof(*dump->registers));
	if (!dump->registers)
		return out_of_memory(decoder);
	for (; dump->nr_registers < nr; dump->nr_registers++) {
		struct meminspect_registers *registers = &dump->registers[dump->nr_registers];
		struct json_object *object = json_object_array_get_idx(array, dump->nr_registers);
		unsigned int source;
		uint64_t pid;

		snprintf(decoder->where, sizeof(decoder->where), "registers[%zu]",
			 dump->nr_registers);
		error = get_fields(decoder, object, registers, &register_members);
		if (!error)
			error = get_choice(decoder, object, "source", meminspect_register_source_name,
					   MEMINSPECT_REGISTERS_FIRMWARE, &source);
		if (error)
			return error;
		registers->source = source;
		if (!registers->size)
			continue;
		if (!prstatus_size_possible(registers->size, 0))
			return bad(decoder, "size", "possible");
		/* The note has another number there; the true one is kept here. */
		error = get_number(decoder, object, "pid", sizeof(uint32_t), &pid);
		if (error)
			return error;
		registers->prstatus = calloc(1, registers->size);
		if (!registers->prstatus)
			return out_of_memory(decoder);
		prstatus_set_pid((uint8_t *)registers->prstatus, pid);
	}
	decoder->where[0] = '\0';
	return 0;
}

static int decode_problems(struct decoder *decoder, struct json_object *root,
			   struct meminspect_dump *dump)
{
	struct json_object *array;
	size_t nr;
	int error = get_array(decoder, root, "problems", &array, &nr);

	for (size_t i = 0; i < nr && !error; i++) {
		char *problem;

		error = text_from_json(decoder, json_object_array_get_idx(array, i), "problems",
				       &problem);
		if (error)
			break;
		if (dump_add_problem(dump, "%s", problem))
			error = out_of_memory(decoder);
		free(problem);
	}
	return error;
}

/* Elements that an array of @nr has room for. */
static size_t room_for(size_t nr)
{
	size_t room = 1;

	while (room < nr)
		room *= 2;
	return nr ? room : 0;
}

/* Returns @array, which has @nr elements, with room for @more; NULL if memory is short. */
static void *make_room(void *array, size_t nr, size_t more, size_t size)
{
	size_t old = room_for(nr), room = room_for(nr + more);

	if (room == old)
		return array;
	array = reallocarray(array, room, size);
	if (array)
		memset((uint8_t *)array + nr * size, 0, (room - nr) * size);
	return array;
}

/* @vaddr: where it is if nothing else is said */
static int decode_piece(struct decoder *decoder, struct json_object *object, uint64_t vaddr,
			struct meminspect_piece *piece, struct core_piece *place)
{
	int error = get_fields(decoder, object, piece, &piece_members);

	piece->vaddr = vaddr;
	piece->present = piece->length;
	if (!error && has_member(object, "vaddr"))
		error = get_fields(decoder, object, piece, &piece_vaddr_member);
	if (!error && has_member(object, "present"))
		error = get_fields(decoder, object, piece, &piece_present_member);
	if (!error && piece->present > piece->length)
		error = bad(decoder, "pieces", "possible: more present than its length");
	if (!error && piece->present)
		error = get_fields(decoder, object, place, &core_piece_members);
	else if (!error)
		error = get_fields(decoder, object, piece, &piece_paddr_member);
	return error;
}

/* Appends what the table has of the pieces of a region to those of the others. */
static int decode_pieces(struct decoder *decoder, struct json_object *object,
			 struct meminspect_region *region)
{
	struct meminspect_piece *pieces;
	struct core_piece *all;
	struct json_object *array;
	uint64_t vaddr = region->vaddr;
	size_t nr;
	int error = get_array(decoder, object, "pieces", &array, &nr);

	if (error || !nr)
		return error;
	pieces = calloc(nr, sizeof(*pieces));
	region->pieces = pieces;
	all = make_room(decoder->pieces, decoder->nr_pieces, nr, sizeof(*all));
	if (all)
		decoder->pieces = all;
	if (!pieces || !all)
		return out_of_memory(decoder);
	region->nr_pieces = nr;
	for (size_t i = 0; i < nr && !error; i++) {
		error = decode_piece(decoder, json_object_array_get_idx(array, i), vaddr,
				     &pieces[i], &all[decoder->nr_pieces++]);
		vaddr = core_next_vaddr(&pieces[i]);
	}
	return error;
}

static int decode_region(struct decoder *decoder, struct json_object *object,
			 struct meminspect_region *region)
{
	unsigned int origin = MEMINSPECT_FROM_DIRECTORY, verdict = MEMINSPECT_PRESENT;
	int error = get_fields(decoder, object, region, &region_members);

	if (!error && has_member(object, "origin"))
		error = get_choice(decoder, object, "origin", meminspect_origin_name,
				   MEMINSPECT_FILLER, &origin);
	if (!error && has_member(object, "verdict"))
		error = get_choice(decoder, object, "verdict", meminspect_verdict_name,
				   MEMINSPECT_LEFT_OUT, &verdict);
	if (error)
		return error;
	region->origin = origin;
	region->verdict = verdict;
	return decode_pieces(decoder, object, region);
}

static int parse(struct decoder *decoder, const char *text, size_t length,
		 struct json_object **object)
{
	if (!json_is_bounded(text, length))
		return bad(decoder, "it", "of a size that can be");
	json_tokener_reset(decoder->tokener);
	*object = json_tokener_parse_ex(decoder->tokener, text, (int)length);
	if (json_object_is_type(*object, json_type_object) &&
	    json_tokener_get_parse_end(decoder->tokener) == length)
		return 0;
	json_object_put(*object);
	return bad(decoder, "it", "a JSON object");
}

/* A line for each region; a comma behind all but the last. */
static int decode_regions(struct decoder *decoder, const char *text, size_t length,
			  struct meminspect_dump *dump)
{
	const char *newline, *end = text + length;
	struct meminspect_region *regions;
	bool last = false;
	int error = 0;

	for (; !error && (newline = memchr(text, '\n', end - text)); text = newline + 1) {
		size_t line = newline - text;
		struct json_object *object;

		if (line == strlen(TABLE_END) && !memcmp(text, TABLE_END, line)) {
			decoder->where[0] = '\0';
			return last || !dump->nr_regions ? 0 : bad(decoder, "regions", "whole");
		}
		snprintf(decoder->where, sizeof(decoder->where), "regions[%zu]",
			 dump->nr_regions);
		if (last)
			return bad(decoder, "it", "behind a comma");
		last = !line || text[line - 1] != ',';
		error = parse(decoder, text, line - !last, &object);
		if (error)
			return error;
		regions = make_room(dump->regions, dump->nr_regions, 1, sizeof(*regions));
		if (regions) {
			dump->regions = regions;
			error = decode_region(decoder, object, &regions[dump->nr_regions++]);
		} else {
			error = out_of_memory(decoder);
		}
		json_object_put(object);
	}
	return error ? error : bad(decoder, "regions", "ended");
}

static int decode_dump(struct decoder *decoder, struct json_object *root,
		       struct meminspect_dump *dump)
{
	struct json_object *object;
	uint64_t version;
	int error = get_number(decoder, root, "version", sizeof(uint32_t), &version);

	if (error)
		return error;
	if (version != CORE_TABLE_VERSION)
		return fail(decoder->context, -EPROTONOSUPPORT,
			    "%s: format %llu of the table of regions, this meminspect knows %d: %s",
			    decoder->path, (unsigned long long)version, CORE_TABLE_VERSION,
			    version > CORE_TABLE_VERSION ? "use a newer one" :
			    "collect again, or use the one that wrote it");
	error = get_fields(decoder, root, dump, &dump_members);
	if (!error && json_object_object_get_ex(root, "ident", &object)) {
		dump->has_ident = true;
		strcpy(decoder->where, "ident");
		error = get_fields(decoder, object, &dump->ident, &ident_members);
		if (!error && dump->ident.build_id_size > sizeof(dump->ident.build_id))
			error = bad(decoder, "build_id_size", "possible");
		decoder->where[0] = '\0';
	}
	if (!error && json_object_object_get_ex(root, "capture", &object)) {
		dump->has_capture = true;
		strcpy(decoder->where, "capture");
		error = get_fields(decoder, object, &dump->capture, &capture_members);
		decoder->where[0] = '\0';
	}
	/* Only a dump from boot firmware's files has it. */
	if (!error && json_object_object_get_ex(root, "kaslr_offset", &object)) {
		dump->has_kaslr_offset = true;
		error = get_fields(decoder, root, dump, &kaslr_members);
	}
	if (!error && json_object_object_get_ex(root, "level", &object))
		error = get_fields(decoder, root, dump, &level_members);
	if (!error)
		error = decode_problems(decoder, root, dump);
	if (!error)
		error = decode_registers(decoder, root, dump);
	return error;
}

/* The first line, up to where the regions begin, is made an object of its own. */
static int decode_first_line(struct decoder *decoder, const char *text, size_t length,
			     struct meminspect_dump *dump)
{
	static const char regions[] = TABLE_REGIONS, end[] = TABLE_END;
	size_t tail = strlen(regions);
	struct json_object *root;
	char *line;
	int error;

	if (length < tail || memcmp(text + length - tail, regions, tail) != 0)
		return bad(decoder, "its first line", "ended by " TABLE_REGIONS);
	line = malloc(length + strlen(end));
	if (!line)
		return out_of_memory(decoder);
	memcpy(line, text, length);
	memcpy(line + length, end, strlen(end));
	error = parse(decoder, line, length + strlen(end), &root);
	free(line);
	if (error)
		return error;
	error = decode_dump(decoder, root, dump);
	json_object_put(root);
	return error;
}

static int decode_table(struct decoder *decoder, const char *text, size_t length,
			struct meminspect_dump *dump)
{
	const char *newline = memchr(text, '\n', length);
	int error;

	if (length > CORE_TABLE_MAX_BYTES || !newline)
		return bad(decoder, "it", "of a size that can be");
	decoder->tokener = json_tokener_new_ex(MAX_DEPTH);
	if (!decoder->tokener)
		return out_of_memory(decoder);
	json_tokener_set_flags(decoder->tokener,
			       JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
	error = decode_first_line(decoder, text, newline - text, dump);
	if (!error)
		error = decode_regions(decoder, newline + 1, text + length - (newline + 1), dump);
	json_tokener_free(decoder->tokener);
	return error;
}

int core_table_decode(struct meminspect_context *context, const char *path, const char *text,
		      size_t length, struct meminspect_dump **dump, struct core_piece **pieces)
{
	struct decoder decoder = { .context = context, .path = path };
	int error;

	*dump = dump_new();
	error = *dump ? decode_table(&decoder, text, length, *dump) : out_of_memory(&decoder);
	if (error) {
		meminspect_dump_free(*dump);
		*dump = NULL;
		free(decoder.pieces);
		return error;
	}
	*pieces = decoder.pieces;
	return 0;
}
