// SPDX-License-Identifier: GPL-2.0-only
/* What a dump lacks, counted and shown. */
#include "tool.h"

#include <stdlib.h>
#include <string.h>

void tool_count_verdicts(const struct meminspect_dump *dump, struct tool_verdicts *verdicts)
{
	*verdicts = (struct tool_verdicts) { 0 };
	for (size_t i = 0; i < meminspect_dump_nr_regions(dump); i++) {
		const struct meminspect_region *region = meminspect_dump_region(dump, i);

		bool collected = region->origin <= MEMINSPECT_DERIVED;

		verdicts->nr_regions += collected;
		verdicts->regions[region->verdict] += collected;
		for (size_t j = 0; j < region->nr_pieces; j++)
			*(collected ? &verdicts->bytes : &verdicts->bytes_added) +=
				region->pieces[j].present;
	}
}

int tool_status(const struct meminspect_dump *dump)
{
	struct tool_verdicts verdicts;

	tool_count_verdicts(dump, &verdicts);
	if (verdicts.regions[MEMINSPECT_PRESENT] + verdicts.regions[MEMINSPECT_LEFT_OUT] !=
	    verdicts.nr_regions ||
	    meminspect_dump_nr_problems(dump) || !meminspect_dump_ident(dump) ||
	    !meminspect_dump_vmcoreinfo(dump))
		return TOOL_INCOMPLETE;
	return TOOL_COMPLETE;
}

void tool_print_verdicts(FILE *out, const struct meminspect_dump *dump)
{
	struct tool_verdicts verdicts;
	char size[TOOL_SIZE_LENGTH];
	const char *separator = ":", *level;
	uint64_t nr_beyond;

	level = meminspect_dump_level(dump, &nr_beyond);
	tool_count_verdicts(dump, &verdicts);
	fprintf(out, "%zu regions", verdicts.nr_regions);
	for (int i = 0; i <= MEMINSPECT_LEFT_OUT; i++) {
		if (!verdicts.regions[i])
			continue;
		fprintf(out, "%s %zu %s", separator, verdicts.regions[i],
			meminspect_verdict_name(i));
		separator = ",";
	}
	if (level && nr_beyond)
		fprintf(out, ", %llu beyond the level %s", (unsigned long long)nr_beyond, level);
	fprintf(out, "; %s", tool_size(size, verdicts.bytes));
	if (verdicts.bytes_added)
		fprintf(out, "; %s added by the host", tool_size(size, verdicts.bytes_added));
}

char *tool_region_label(const struct meminspect_region *region)
{
	char *label;
	int length;

	if (region->key_kind == MEMINSPECT_KEY_NONE)
		length = asprintf(&label, "%s", region->name);
	else
		length = asprintf(&label, "%s[%s %u]", region->name,
				  meminspect_key_name(region->key_kind), region->key);
	if (length < 0)
		tool_out_of_memory();
	return label;
}

static void print_label(FILE *out, const struct meminspect_region *region, int width)
{
	char *label = tool_region_label(region);

	tool_print_column(out, label, width);
	free(label);
}

/* Neither there nor left out on purpose. */
static bool is_missing(const struct meminspect_region *region)
{
	return region->verdict != MEMINSPECT_PRESENT && region->verdict != MEMINSPECT_LEFT_OUT;
}

void tool_print_regions(FILE *out, const struct meminspect_dump *dump)
{
	char size[TOOL_SIZE_LENGTH];

	fprintf(out, "  %-10s %-9s %10s  %s\n", "VERDICT", "CLASS", "SIZE", "REGION");
	for (size_t i = 0; i < meminspect_dump_nr_regions(dump); i++) {
		const struct meminspect_region *region = meminspect_dump_region(dump, i);
		bool good = !is_missing(region);

		fprintf(out, "  %s%-10s%s %-9s %10s  ", good ? "" : tool_red(out),
			meminspect_verdict_name(region->verdict), good ? "" : tool_plain(out),
			meminspect_class_name(region->class), tool_size(size, region->size));
		print_label(out, region, 0);
		putc('\n', out);
	}
}

static void print_problem(FILE *out, const char *text)
{
	fprintf(out, "  %s", tool_red(out));
	tool_print_escaped(out, text, strlen(text));
	fprintf(out, "%s\n", tool_plain(out));
}

static void print_why(FILE *out, const struct meminspect_region *region, const char *color)
{
	fputs("  ", out);
	print_label(out, region, 0);
	fprintf(out, ": %s%s%s: ", color, meminspect_verdict_name(region->verdict),
		*color ? tool_plain(out) : "");
	tool_print_escaped(out, region->why, strlen(region->why));
	putc('\n', out);
}

void tool_print_left_out(FILE *out, const struct meminspect_dump *dump)
{
	for (size_t i = 0; i < meminspect_dump_nr_regions(dump); i++) {
		const struct meminspect_region *region = meminspect_dump_region(dump, i);

		if (region->verdict == MEMINSPECT_LEFT_OUT)
			print_why(out, region, "");
	}
}

void tool_print_problems(FILE *out, const struct meminspect_dump *dump)
{
	for (size_t i = 0; i < meminspect_dump_nr_regions(dump); i++) {
		const struct meminspect_region *region = meminspect_dump_region(dump, i);

		if (is_missing(region))
			print_why(out, region, tool_red(out));
	}
	if (!meminspect_dump_ident(dump))
		print_problem(out, "the identification block is missing");
	if (!meminspect_dump_vmcoreinfo(dump))
		print_problem(out, "VMCOREINFO is missing: crash and drgn won't open this core");
	for (size_t i = 0; i < meminspect_dump_nr_problems(dump); i++)
		print_problem(out, meminspect_dump_problem(dump, i));
}
