// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A header of the kind whose rows carry no numbers: files have numbers that go
 * up, with holes, and rows stand in the same order. Of all ways to give rows to
 * files in that order, those with the least damage are looked for; what is the
 * same in all of these is taken.
 */
#include "minidump.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Numbers of such files start at 3: the header is 1, VMCOREINFO 2. */
#define FIRST_NUMBER	3U
#define VMCOREINFO_NUMBER 2U
/* The kernel that writes such a header has 201 rows: more are not matched by order. */
#define MAX_ORDERED	256U
/* How many files in a row may be nobody's. */
#define MAX_FOREIGN	3U

enum {
	COST_NO_FILE	= 2,	/* a row without a file */
	COST_FOREIGN	= 2,	/* a file without a row */
	COST_DAMAGED	= 3,	/* a file of another size than its row, or of a strange name */
	COST_NEVER	= 1 << 20,
};

struct candidate {
	size_t file;
	uint32_t number;
	bool posted;		/* the driver has that name */
	bool neighbour;		/* a file with the number before or behind is there */
};

struct order {
	struct minidump *minidump;
	size_t nr_files, nr_rows;
	struct candidate files[MAX_ORDERED];
	size_t rows[MAX_ORDERED];	/* those without a file */
	/* Least cost up to, and from, a file that has a row. */
	unsigned int before[MAX_ORDERED][MAX_ORDERED], after[MAX_ORDERED][MAX_ORDERED];
};

static int compare_numbers(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;

	return left->number < right->number ? -1 : left->number > right->number;
}

/* Names that the driver has, of which it takes 8 characters; it calls all else unknown. */
static bool name_posted(const char *full)
{
	static const char *const names[] = {
		"config", "totalram", "cpu_possible", "cpu_present", "cpu_online", "cpu_active",
		"mem_section", "jiffies", "linux_banner", "nr_threads", "nr_irqs", "total_nr_irqs",
		"tainted_mask", "taint_flags", "node_states", "__per_cpu_offset", "nr_swapfiles",
		"init_uts_ns", "printk_rb_static", "printk_rb_dynamic", "prb", "prb_descs",
		"prb_infos", "prb_data", "clear_seq", "high_memory", "init_mm", "init_mm_pgd",
		"tk_data", "unknown",
	};
	size_t length = strlen(full);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t wanted = strnlen(names[i], 8);

		if (length > wanted && !strncasecmp(full + 1, names[i], wanted) &&
		    strspn(full + 1 + wanted, "0123456789") == length - 1 - wanted)
			return true;
	}
	return false;
}

/* Whether a file with the number before or behind is there: then no row can be in between. */
static bool has_neighbour(const struct order *order, size_t file)
{
	uint32_t number = order->files[file].number;

	return (file && order->files[file - 1].number == number - 1) ||
	       (file + 1 < order->nr_files && order->files[file + 1].number == number + 1);
}

static unsigned int pair_cost(const struct order *order, size_t file, size_t row)
{
	const struct minidump *minidump = order->minidump;

	/* At most one row for each number, from the first one on. */
	if (order->rows[row] > order->files[file].number - FIRST_NUMBER)
		return COST_NEVER;
	/* Nothing is known of this row. */
	if (minidump->header.rows[order->rows[row]].lost)
		return 0;
	if (minidump->files.files[order->files[file].file].size !=
	    minidump->header.rows[order->rows[row]].size)
		return order->files[file].posted && order->files[file].neighbour ? COST_DAMAGED :
										   COST_NEVER;
	return order->files[file].posted ? 0 :
	       order->files[file].neighbour ? COST_DAMAGED : COST_NEVER;
}

/* From one file with a row to a later one with a later row. */
static unsigned int step_cost(const struct order *order, size_t file, size_t row,
			      size_t next_file, size_t next_row)
{
	size_t numbers = order->files[next_file].number - order->files[file].number;
	size_t rows = order->rows[next_row] - order->rows[row];

	/* Rows in between have numbers in between. */
	if (rows > numbers)
		return COST_NEVER;
	return (next_row - row - 1) * COST_NO_FILE + (next_file - file - 1) * COST_FOREIGN;
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static void compute_costs(struct order *order)
{
	size_t nr_files = order->nr_files, nr_rows = order->nr_rows;

	for (size_t i = 0; i < nr_files; i++) {
		for (size_t j = 0; j < nr_rows; j++) {
			unsigned int best = i <= MAX_FOREIGN ?
					    i * COST_FOREIGN + j * COST_NO_FILE : COST_NEVER;

			for (size_t k = i > MAX_FOREIGN + 1 ? i - MAX_FOREIGN - 1 : 0; k < i; k++)
				for (size_t l = 0; l < j; l++)
					best = least(best, order->before[k][l] +
						     step_cost(order, k, l, i, j));
			order->before[i][j] = least(best + pair_cost(order, i, j), COST_NEVER);
		}
	}
	for (size_t i = nr_files; i-- > 0;) {
		for (size_t j = nr_rows; j-- > 0;) {
			unsigned int best = nr_files - 1 - i <= MAX_FOREIGN ?
					    (nr_files - 1 - i) * COST_FOREIGN +
					    (nr_rows - 1 - j) * COST_NO_FILE : COST_NEVER;

			for (size_t k = i + 1; k < nr_files && k <= i + MAX_FOREIGN + 1; k++)
				for (size_t l = j + 1; l < nr_rows; l++)
					best = least(best, step_cost(order, i, j, k, l) +
						     pair_cost(order, k, l) + order->after[k][l]);
			order->after[i][j] = least(best, COST_NEVER);
		}
	}
}

/* The least cost if that file is nobody's. */
static unsigned int cost_without(const struct order *order, size_t file)
{
	size_t nr_files = order->nr_files, nr_rows = order->nr_rows;
	unsigned int best = COST_NEVER;

	for (size_t next = file + 1; next < nr_files && next <= MAX_FOREIGN; next++)
		for (size_t row = 0; row < nr_rows; row++)
			best = least(best, next * COST_FOREIGN + row * COST_NO_FILE +
				     pair_cost(order, next, row) + order->after[next][row]);
	for (size_t i = file > MAX_FOREIGN ? file - MAX_FOREIGN : 0; i < file; i++) {
		for (size_t row = 0; row < nr_rows; row++) {
			if (nr_files - 1 - i <= MAX_FOREIGN)
				best = least(best, order->before[i][row] +
					     (nr_files - 1 - i) * COST_FOREIGN +
					     (nr_rows - 1 - row) * COST_NO_FILE);
			for (size_t next = file + 1; next < nr_files && next <= i + MAX_FOREIGN + 1;
			     next++)
				for (size_t to = row + 1; to < nr_rows; to++)
					best = least(best, order->before[i][row] +
						     step_cost(order, i, row, next, to) +
						     pair_cost(order, next, to) +
						     order->after[next][to]);
		}
	}
	return best;
}

static int take_pairs(struct order *order)
{
	unsigned int best = COST_NEVER;

	for (size_t i = 0; i < order->nr_files; i++)
		for (size_t j = 0; j < order->nr_rows; j++)
			best = least(best, order->before[i][j] + order->after[i][j]);
	if (best >= COST_NEVER)
		return 0;
	for (size_t i = 0; i < order->nr_files; i++) {
		size_t ways = 0, row = 0;
		int error;

		for (size_t j = 0; j < order->nr_rows; j++) {
			if (order->before[i][j] + order->after[i][j] != best)
				continue;
			ways++;
			row = j;
		}
		if (ways != 1 || order->minidump->header.rows[order->rows[row]].lost ||
		    cost_without(order, i) <= best)
			continue;
		error = minidump_assign(order->minidump, order->rows[row], order->files[i].file);
		if (error)
			return error;
	}
	return 0;
}

/* A copy of a file says nothing new, and would make both unclear. */
static bool is_copy(struct order *order, size_t file, uint32_t number)
{
	struct minidump_files *files = &order->minidump->files;

	for (size_t i = 0; i < order->nr_files; i++)
		if (order->files[i].number == number &&
		    files->files[order->files[i].file].size == files->files[file].size &&
		    minidump_files_same(files, order->files[i].file, file,
					files->files[file].size) == 1)
			return true;
	return false;
}

static void gather(struct order *order)
{
	struct minidump *minidump = order->minidump;

	for (size_t i = 0; i < minidump->header.nr_rows && order->nr_rows < MAX_ORDERED; i++)
		if (minidump->header.rows[i].file == MINIDUMP_NO_FILE)
			order->rows[order->nr_rows++] = i;
	for (size_t i = 0; i < minidump->files.nr && order->nr_files < MAX_ORDERED; i++) {
		uint32_t number;

		if (!minidump_file_free(minidump, i) || minidump->files.files[i].has_address ||
		    !minidump_name_number(minidump->files.files[i].name.full, &number) ||
		    number < FIRST_NUMBER)
			continue;
		if (is_copy(order, i, number)) {
			minidump->files.files[i].used = true;
			continue;
		}
		order->files[order->nr_files++] = (struct candidate) {
			.file = i, .number = number,
			.posted = name_posted(minidump->files.files[i].name.full),
		};
	}
	qsort(order->files, order->nr_files, sizeof(order->files[0]), compare_numbers);
	for (size_t i = 0; i < order->nr_files; i++)
		order->files[i].neighbour = has_neighbour(order, i);
}

/* Its text, from a file that has nothing else. */
static int take_vmcoreinfo(struct minidump *minidump, size_t file)
{
	uint64_t size = minidump->header.vmcoreinfo_size;
	const char *path = minidump->files.files[file].path;
	char *text;
	int64_t length;

	if (size > MAX_VMCOREINFO)
		size = MAX_VMCOREINFO;
	text = malloc(size + 1);
	if (!text)
		return -ENOMEM;
	length = minidump_file_read(&minidump->files, file, 0, text, size);
	text[length < 0 ? 0 : length] = '\0';
	/* The kernel begins it like this; anything else is another file. */
	if (strncmp(text, "OSRELEASE=", strlen("OSRELEASE=")) != 0) {
		free(text);
		return length == -ENOMEM ? length : 0;
	}
	minidump->header.vmcoreinfo = text;
	minidump->files.files[file].used = true;
	if ((uint64_t)length == minidump->header.vmcoreinfo_size)
		return 0;
	return memory_add_problem(&minidump->memory, "%s/%s: has %lld of %llu bytes of VMCOREINFO: it is cut off",
				  minidump->files.where, path, (long long)length,
				  (unsigned long long)minidump->header.vmcoreinfo_size);
}

static int find_vmcoreinfo(struct minidump *minidump)
{
	for (size_t i = 0; i < minidump->files.nr && !minidump->header.vmcoreinfo; i++) {
		const char *full = minidump->files.files[i].name.full;
		int error;

		if (!minidump_file_free(minidump, i) ||
		    (!minidump_name_ends_in(full, VMCOREINFO_NUMBER) &&
		     strncasecmp(full, "Kvmcore", strlen("Kvmcore")) != 0))
			continue;
		error = take_vmcoreinfo(minidump, i);
		if (error)
			return error;
	}
	if (minidump->header.vmcoreinfo)
		return 0;
	return memory_add_problem(&minidump->memory, "%s: no file has VMCOREINFO: md_Kvmcorein%u.BIN, of %llu bytes, is missing",
				  minidump->files.where, VMCOREINFO_NUMBER,
				  (unsigned long long)minidump->header.vmcoreinfo_size);
}

int minidump_match_order(struct minidump *minidump)
{
	struct order *order;
	int error = find_vmcoreinfo(minidump);

	if (error)
		return error;
	order = calloc(1, sizeof(*order));
	if (!order)
		return -ENOMEM;
	order->minidump = minidump;
	gather(order);
	compute_costs(order);
	error = take_pairs(order);
	free(order);
	return error;
}
