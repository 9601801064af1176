// SPDX-License-Identifier: GPL-2.0-only
/* meminspect kinfo: the page that a kernel fills for boot firmware, and symbols by it. */
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
	"Usage: meminspect kinfo [--json] PAGE\n"
	"       meminspect kinfo [--json] --ram FILE [--base ADDRESS] [--at ADDRESS]\n"
	"                        [--text ADDRESS] [--symbolize [ADDRESS...]]\n\n"
	"Decodes a kinfo page, which a kernel fills for boot firmware (\"debug kinfo\"), and\n"
	"verifies it. With an image of RAM, names addresses by the symbol table of the\n"
	"kernel in it: no vmlinux is needed.\n\n"
	"  --json          the same as JSON\n"
	"  --ram FILE      image of RAM, in which the page is searched\n"
	"  --base ADDRESS  physical address of the first byte of FILE; without it, the\n"
	"                  directory of marked regions tells\n"
	"  --at ADDRESS    physical address of the page\n"
	"  --symbolize     name each ADDRESS, or each word of the standard input\n"
	"  --text ADDRESS  virtual address of _text, if page tables are not in FILE\n\n"
	"Exit status: 0 all is right, 1 the checksum is wrong, a value cannot be, or an\n"
	"address has no name, 2 no answer.\n";

struct arguments {
	char *ram;
	uint64_t base, at, text;
	bool has_text, json, symbolize;
	int nr;			/* operands */
	char **operands;
};

static bool is_address(enum meminspect_kinfo_field field)
{
	const char *name = meminspect_kinfo_field_name(field);
	size_t length = strlen(name);

	return length > 3 && (!strcmp(name + length - 3, "_pa") ||
			      !strcmp(name + length - 3, "_va"));
}

static bool is_text(enum meminspect_kinfo_field field)
{
	return field == MEMINSPECT_KINFO_release || field == MEMINSPECT_KINFO_build_info;
}

static const char *text_of(const struct meminspect_kinfo_reading *reading,
			   enum meminspect_kinfo_field field)
{
	return field == MEMINSPECT_KINFO_release ? reading->release : reading->build_info;
}

static void print_reading(const struct meminspect_kinfo *kinfo,
			  const struct meminspect_kinfo_reading *reading)
{
	printf("layout                  %s, %zu bytes\n",
	       meminspect_kinfo_layout_name(reading->layout), reading->size);
	printf("checksum                %#010" PRIx32, kinfo->checksum);
	if (reading->checksum_good)
		puts(", right");
	else
		printf(", wrong: the bytes give %#010" PRIx32 "\n", reading->computed);
	for (unsigned int i = 0; i < MEMINSPECT_KINFO_NR_FIELDS; i++) {
		if (!meminspect_kinfo_field_size(reading->layout, i, NULL))
			continue;
		printf("%-23s ", meminspect_kinfo_field_name(i));
		if (is_text(i))
			tool_print_escaped(stdout, text_of(reading, i),
					   strlen(text_of(reading, i)));
		else if (is_address(i) && !reading->number[i])
			fputs("not told", stdout);
		else
			printf(is_address(i) ? "%#" PRIx64 : "%" PRIu64, reading->number[i]);
		putchar('\n');
	}
	for (size_t i = 0; i < reading->nr_doubts; i++)
		printf("in doubt: %s\n", reading->doubts[i]);
}

/* With a wrong checksum the one that fits best is shown, else all that fit as well. */
static size_t nr_shown(const struct meminspect_kinfo *kinfo)
{
	return kinfo->readings[0].checksum_good ? kinfo->nr_alike : 1;
}

static void print_page(const struct meminspect_kinfo *kinfo)
{
	if (kinfo->paddr)
		printf("page                    %#" PRIx64 "\n", kinfo->paddr);
	printf("byte order              %s\n", kinfo->big_endian ? "big endian" : "little endian");
	if (nr_shown(kinfo) > 1)
		printf("%zu layouts fit, and nothing tells which one it is:\n", nr_shown(kinfo));
	for (size_t i = 0; i < nr_shown(kinfo); i++) {
		if (nr_shown(kinfo) > 1)
			putchar('\n');
		print_reading(kinfo, &kinfo->readings[i]);
	}
}

static int page_status(const struct meminspect_kinfo *kinfo)
{
	return kinfo->readings[0].checksum_good && !kinfo->readings[0].nr_doubts ?
	       TOOL_COMPLETE : TOOL_INCOMPLETE;
}

/* JSON's strings are UTF-8; a page can hold anything. */
static struct json_object *json_text(const char *text)
{
	char escaped[4 * (MEMINSPECT_KINFO_BUILD_SIZE + 1024) + 1], *to = escaped;

	for (; *text && to < escaped + sizeof(escaped) - 5; text++) {
		unsigned char byte = *text;

		if (byte >= 0x20 && byte < 0x7f)
			*to++ = byte;
		else
			to += sprintf(to, "\\x%02x", byte);
	}
	*to = '\0';
	return json_object_new_string(escaped);
}

static struct json_object *json_hex(uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%#" PRIx64, number);
	return json_object_new_string(text);
}

static struct json_object *json_reading(const struct meminspect_kinfo_reading *reading)
{
	struct json_object *object = json_object_new_object();
	struct json_object *fields = json_object_new_object(), *doubts = json_object_new_array();

	json_object_object_add(object, "layout", json_object_new_string(
		meminspect_kinfo_layout_name(reading->layout)));
	json_object_object_add(object, "size", json_object_new_int64(reading->size));
	json_object_object_add(object, "checksum_good",
			       json_object_new_boolean(reading->checksum_good));
	json_object_object_add(object, "computed_checksum", json_hex(reading->computed));
	for (unsigned int i = 0; i < MEMINSPECT_KINFO_NR_FIELDS; i++) {
		struct json_object *value;

		if (!meminspect_kinfo_field_size(reading->layout, i, NULL))
			continue;
		if (is_text(i))
			value = json_text(text_of(reading, i));
		else if (is_address(i))
			value = reading->number[i] ? json_hex(reading->number[i]) : NULL;
		else
			value = json_object_new_int64(reading->number[i]);
		json_object_object_add(fields, meminspect_kinfo_field_name(i), value);
	}
	json_object_object_add(object, "fields", fields);
	for (size_t i = 0; i < reading->nr_doubts; i++)
		json_object_array_add(doubts, json_text(reading->doubts[i]));
	json_object_object_add(object, "doubts", doubts);
	return object;
}

static struct json_object *json_page(const struct meminspect_kinfo *kinfo)
{
	struct json_object *object = json_object_new_object(), *readings = json_object_new_array();

	if (kinfo->paddr)
		json_object_object_add(object, "page", json_hex(kinfo->paddr));
	json_object_object_add(object, "byte_order", json_object_new_string(
		kinfo->big_endian ? "big" : "little"));
	json_object_object_add(object, "checksum", json_hex(kinfo->checksum));
	json_object_object_add(object, "checksum_good",
			       json_object_new_boolean(kinfo->readings[0].checksum_good));
	for (size_t i = 0; i < nr_shown(kinfo); i++)
		json_object_array_add(readings, json_reading(&kinfo->readings[i]));
	json_object_object_add(object, "readings", readings);
	return object;
}

static void print_json(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

/* A page in a file of its own. */
static int read_page(struct meminspect_context *context, const char *path,
		     struct meminspect_kinfo **kinfo)
{
	/* One byte more, to see that the file has more. */
	uint8_t page[MEMINSPECT_KINFO_PAGE + 1];
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error = -1;
	size_t length = 0;
	ssize_t got = 1;

	if (file < 0) {
		tool_error("%s: %s", path, strerror(errno));
		return -1;
	}
	while (length < sizeof(page) && got > 0) {
		got = read(file, page + length, sizeof(page) - length);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			length += got;
	}
	if (got < 0)
		tool_error("%s: %s", path, strerror(errno));
	else if (length > MEMINSPECT_KINFO_PAGE)
		tool_error("%s: more than a page of %d bytes; for an image of RAM, use --ram",
			   path, MEMINSPECT_KINFO_PAGE);
	else
		error = meminspect_kinfo_decode(context, page, length, kinfo);
	if (error && got >= 0 && length <= MEMINSPECT_KINFO_PAGE)
		tool_error("%s: %s", path, meminspect_error(context));
	close(file);
	return error;
}

static bool parse_address(const char *text, uint64_t *address)
{
	char *end;

	/* As traces have them: without 0x too. */
	errno = 0;
	*address = strtoull(text, &end, 16);
	return *text != '-' && *text && !errno && end != text && !*end;
}

struct output {
	struct meminspect_symbols *symbols;
	struct json_object *json;	/* array, or NULL */
	int status;
};

static void name_address(struct output *output, const char *text)
{
	struct meminspect_symbol symbol = { 0 };
	struct json_object *object = NULL;
	const char *why = NULL;
	uint64_t address;
	int error = -EINVAL;

	if (!parse_address(text, &address))
		why = "no hexadecimal address";
	else
		error = meminspect_symbols_find(output->symbols, address, &symbol);
	if (error == -ENXIO)
		why = "not mapped, or its page tables are not in memory";
	else if (error == -ENOENT)
		why = "not in a symbol of the kernel's image";
	if (error)
		output->status = TOOL_INCOMPLETE;
	if (output->json) {
		object = json_object_new_object();
		json_object_object_add(object, "address", json_text(text));
		if (error) {
			json_object_object_add(object, "why", json_object_new_string(why));
		} else {
			json_object_object_add(object, "physical", json_hex(symbol.paddr));
			json_object_object_add(object, "symbol", json_text(symbol.name));
			json_object_object_add(object, "offset",
					       json_object_new_int64(symbol.offset));
			json_object_object_add(object, "size", json_object_new_int64(symbol.size));
		}
		json_object_array_add(output->json, object);
		return;
	}
	tool_print_escaped(stdout, text, strlen(text));
	putchar(' ');
	if (error) {
		printf("? (%s)\n", why);
		return;
	}
	tool_print_escaped(stdout, symbol.name, strlen(symbol.name));
	printf("+0x%" PRIx64 "/0x%" PRIx64 "\n", symbol.offset, symbol.size);
}

static void name_lines(struct output *output)
{
	char *line = NULL, *rest, *word;
	size_t size = 0;

	while (getline(&line, &size, stdin) >= 0) {
		rest = line;
		while ((word = strsep(&rest, " \t\r\n")))
			if (*word)
				name_address(output, word);
	}
	free(line);
}

static int name_addresses(struct meminspect_context *context, struct meminspect_memory *memory,
			  const struct meminspect_kinfo *kinfo, const struct arguments *arguments,
			  struct json_object *json)
{
	struct output output = { .status = TOOL_COMPLETE };

	if (meminspect_symbols_open(context, memory, kinfo, &output.symbols)) {
		tool_error("%s", meminspect_error(context));
		return TOOL_FAILED;
	}
	tool_progress_clear();
	if (arguments->has_text)
		meminspect_symbols_set_text(output.symbols, arguments->text);
	if (json) {
		output.json = json_object_new_array();
		json_object_object_add(json, "encoding", json_object_new_string(
			meminspect_symbols_encoding(output.symbols)));
		json_object_object_add(json, "symbols", output.json);
	}
	for (int i = 0; i < arguments->nr; i++)
		name_address(&output, arguments->operands[i]);
	if (!arguments->nr)
		name_lines(&output);
	meminspect_symbols_close(output.symbols);
	return output.status;
}

/* Those who ask for names see the page only in JSON, but hear of what is wrong with it. */
static int show(struct meminspect_context *context, struct meminspect_memory *memory,
		const struct meminspect_kinfo *kinfo, const struct arguments *arguments)
{
	struct json_object *json = arguments->json ? json_page(kinfo) : NULL;
	int status = page_status(kinfo), named = TOOL_COMPLETE;

	if (arguments->symbolize)
		named = name_addresses(context, memory, kinfo, arguments, json);
	if (arguments->symbolize && !json && status)
		tool_error("the page is damaged or in doubt: without --symbolize it is shown");
	if (!arguments->symbolize && !json)
		print_page(kinfo);
	if (json && named != TOOL_FAILED)
		print_json(json);
	else
		json_object_put(json);
	return tool_finish(named > status ? named : status);
}

static int show_ram(struct meminspect_context *context, const struct arguments *arguments)
{
	struct meminspect_kinfo *kinfo = NULL;
	struct meminspect_memory *memory;
	size_t nr_others;
	int status = TOOL_FAILED;

	if (meminspect_memory_open_ram(context, arguments->ram, arguments->base, &memory)) {
		tool_error("%s%s", meminspect_error(context),
			   arguments->base == MEMINSPECT_BASE_FROM_DIRECTORY ?
			   " (--base tells where the image starts)" : "");
		return TOOL_FAILED;
	}
	if (meminspect_kinfo_find(context, memory, arguments->at, &kinfo, &nr_others)) {
		tool_error("%s", meminspect_error(context));
	} else {
		tool_progress_clear();
		if (nr_others)
			tool_error("%zu more pages are kinfo pages; --at tells which one to take",
				   nr_others);
		status = show(context, memory, kinfo, arguments);
	}
	free(kinfo);
	meminspect_memory_close(memory);
	return status;
}

static bool take_number(const char *option, const char *text, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 0);
	if (*text >= '0' && *text <= '9' && !errno && !*end && *number != UINT64_MAX)
		return true;
	tool_error("kinfo: --%s %s: expected an address, in hexadecimal with 0x", option, text);
	return false;
}

static int parse(int argc, char **argv, struct arguments *arguments)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' }, { "ram", required_argument, NULL, 'r' },
		{ "base", required_argument, NULL, 'b' }, { "at", required_argument, NULL, 'a' },
		{ "text", required_argument, NULL, 't' }, { "symbolize", no_argument, NULL, 's' },
		{ 0 }
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'j')
			arguments->json = true;
		else if (option == 'r')
			arguments->ram = optarg;
		else if (option == 's')
			arguments->symbolize = true;
		else if (option == 'b' && take_number("base", optarg, &arguments->base))
			continue;
		else if (option == 'a' && take_number("at", optarg, &arguments->at))
			continue;
		else if (option == 't' && take_number("text", optarg, &arguments->text))
			arguments->has_text = true;
		else
			return -1;
	}
	arguments->nr = argc - optind;
	arguments->operands = argv + optind;
	return 0;
}

int command_kinfo(int argc, char **argv)
{
	struct arguments arguments = {
		.base = MEMINSPECT_BASE_FROM_DIRECTORY, .at = MEMINSPECT_KINFO_SEARCH,
	};
	struct meminspect_context *context;
	struct meminspect_kinfo *kinfo;
	int status = TOOL_FAILED;

	if (tool_help_wanted(argc, argv, help, &status))
		return status;
	if (parse(argc, argv, &arguments))
		return tool_usage_error(argv[0]);
	if (!arguments.ram && (arguments.symbolize || arguments.has_text ||
			       arguments.base != MEMINSPECT_BASE_FROM_DIRECTORY ||
			       arguments.at != MEMINSPECT_KINFO_SEARCH)) {
		tool_error("kinfo: --base, --at, --text and --symbolize need --ram FILE");
		return tool_usage_error(argv[0]);
	}
	if (arguments.ram && arguments.nr && !arguments.symbolize) {
		tool_error("kinfo: addresses need --symbolize, a PAGE goes without --ram");
		return tool_usage_error(argv[0]);
	}
	if (!arguments.ram && !tool_operand(argc, argv, "PAGE"))
		return TOOL_FAILED;
	context = tool_context();
	if (arguments.ram) {
		status = show_ram(context, &arguments);
	} else if (!read_page(context, arguments.operands[0], &kinfo)) {
		status = show(context, NULL, kinfo, &arguments);
		free(kinfo);
	}
	meminspect_context_free(context);
	return status;
}
