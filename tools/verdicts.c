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

		verdicts->regions[region->verdict]++;
		for (size_t j = 0; j < region->nr_pieces; j++)
			verdicts->bytes += region->pieces[j].present;
	}
}

int tool_status(const struct meminspect_dump *dump)
{
	struct tool_verdicts verdicts;

	tool_count_verdicts(dump, &verdicts);
	if (verdicts.regions[MEMINSPECT_PRESENT] != meminspect_dump_nr_regions(dump) ||
	    meminspect_dump_nr_problems(dump) || !meminspect_dump_ident(dump) ||
	    !meminspect_dump_vmcoreinfo(dump))
		return TOOL_INCOMPLETE;
	return TOOL_COMPLETE;
}

void tool_print_verdicts(FILE *out, const struct meminspect_dump *dump)
{
	struct tool_verdicts verdicts;
	char size[TOOL_SIZE_LENGTH];
	const char *separator = ":";

	tool_count_verdicts(dump, &verdicts);
	fprintf(out, "%zu regions", meminspect_dump_nr_regions(dump));
	for (int i = 0; i <= MEMINSPECT_CORRUPT; i++) {
		if (!verdicts.regions[i])
			continue;
		fprintf(out, "%s %zu %s", separator, verdicts.regions[i],
			meminspect_verdict_name(i));
		separator = ",";
	}
	fprintf(out, "; %s", tool_size(size, verdicts.bytes));
}

char *tool_region_label(const struct meminspect_region *region)
{
	char *label;
	int length;

	switch (region->key_kind) {
	case MEMINSPECT_KEY_NONE:
		length = asprintf(&label, "%s", region->name);
		break;
	case MEMINSPECT_KEY_CPU:
		length = asprintf(&label, "%s[cpu %u]", region->name, region->key);
		break;
	case MEMINSPECT_KEY_NODE:
		length = asprintf(&label, "%s[node %u]", region->name, region->key);
		break;
	default:
		length = asprintf(&label, "%s[%u]", region->name, region->key);
	}
	if (length < 0) {
		tool_error("out of memory");
		exit(TOOL_FAILED);
	}
	return label;
}

static void print_label(FILE *out, const struct meminspect_region *region, int width)
{
	char *label = tool_region_label(region);

	tool_print_column(out, label, width);
	free(label);
}

void tool_print_regions(FILE *out, const struct meminspect_dump *dump)
{
	char size[TOOL_SIZE_LENGTH];

	fprintf(out, "  %-10s %-9s %10s  %s\n", "VERDICT", "CLASS", "SIZE", "REGION");
	for (size_t i = 0; i < meminspect_dump_nr_regions(dump); i++) {
		const struct meminspect_region *region = meminspect_dump_region(dump, i);
		bool good = region->verdict == MEMINSPECT_PRESENT;

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

void tool_print_problems(FILE *out, const struct meminspect_dump *dump)
{
	for (size_t i = 0; i < meminspect_dump_nr_regions(dump); i++) {
		const struct meminspect_region *region = meminspect_dump_region(dump, i);

		if (region->verdict == MEMINSPECT_PRESENT)
			continue;
		fputs("  ", out);
		print_label(out, region, 0);
		fprintf(out, ": %s%s%s: ", tool_red(out), meminspect_verdict_name(region->verdict),
			tool_plain(out));
		tool_print_escaped(out, region->why, strlen(region->why));
		putc('\n', out);
	}
	if (!meminspect_dump_ident(dump))
		print_problem(out, "the identification block is missing");
	if (!meminspect_dump_vmcoreinfo(dump))
		print_problem(out, "VMCOREINFO is missing: crash and drgn won't open this core");
	for (size_t i = 0; i < meminspect_dump_nr_problems(dump); i++)
		print_problem(out, meminspect_dump_problem(dump, i));
}
