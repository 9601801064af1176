// SPDX-License-Identifier: GPL-2.0-only
/* meminspect regions: where the regions in a core are, for people or as JSON. */
#include "tool.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>

static const char help[] =
	"Usage: meminspect regions [--json] CORE\n\n"
	"Lists the regions in CORE with the virtual and physical address of each piece.\n\n"
	"  --json  all that CORE knows, except contents and registers, as JSON\n\n"
	"Exit status: 0 all is there, 1 something is missing or damaged, 2 no answer.\n";

static void print_address(uint64_t vaddr)
{
	if (vaddr)
		printf("%016" PRIx64, vaddr);
	else
		printf("%-16s", "-");
}

static void print_table(const struct meminspect_dump *dump)
{
	printf("%-16s %-16s %10s %10s %-9s %-9s %s\n", "VIRTUAL", "PHYSICAL", "BYTES", "PRESENT",
	       "VERDICT", "CLASS", "REGION");
	for (size_t i = 0; i < meminspect_dump_nr_regions(dump); i++) {
		const struct meminspect_region *region = meminspect_dump_region(dump, i);
		char *label = tool_region_label(region);

		if (!region->nr_pieces) {
			print_address(region->vaddr);
			printf(" %-16s %10" PRIu64 " %10u",
			       region->verdict == MEMINSPECT_LEFT_OUT ? "-" : "?", region->size, 0);
		}
		for (size_t j = 0; j < region->nr_pieces; j++) {
			const struct meminspect_piece *piece = &region->pieces[j];

			print_address(piece->vaddr);
			printf(" %016" PRIx64 " %10" PRIu64 " %10" PRIu64, piece->paddr,
			       piece->length, piece->present);
			if (j + 1 < region->nr_pieces)
				printf(" %-9s %-9s  ...\n", "", "");
		}
		printf(" %-9s %-9s ", meminspect_verdict_name(region->verdict),
		       meminspect_class_name(region->class));
		tool_print_column(stdout, label, 0);
		putchar('\n');
		free(label);
	}
}

static void print_json(const struct meminspect_dump *dump)
{
	char *json = meminspect_dump_json(dump);

	if (!json)
		tool_out_of_memory();
	fputs(json, stdout);
	free(json);
}

int command_regions(int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { 0 } };
	struct meminspect_context *context;
	struct meminspect_dump *dump;
	bool json = false;
	const char *path;
	int option, status;

	if (tool_help_wanted(argc, argv, help, &status))
		return status;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'j')
			return tool_usage_error(argv[0]);
		json = true;
	}
	path = tool_operand(argc, argv, "CORE");
	if (!path)
		return TOOL_FAILED;
	context = tool_context();
	dump = tool_open_dump(context, path);
	status = TOOL_FAILED;
	if (dump) {
		if (json)
			print_json(dump);
		else
			print_table(dump);
		status = tool_finish(tool_status(dump));
	}
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	return status;
}
