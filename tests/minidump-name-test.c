// SPDX-License-Identifier: GPL-2.0-only
/* Names of a minidump's files, and who gets which row. */
#include "minidump.h"
#include "tap.h"
#include <stdlib.h>

static void check_name(const char *file, const char *machine, const char *full, int64_t number)
{
	struct minidump_name name;
	uint32_t found = 0;

	if (!ok(minidump_name_parse(file, &name), "%s is a file of a minidump", file))
		return;
	is_string(name.machine, machine, "... of machine '%s'", machine);
	is_string(name.full, full, "... named %s", full);
	is_number(minidump_name_number(name.full, &found) ? (int64_t)found : -1, number,
		  "... number %" PRId64, number);
}

static void test_parse(void)
{
	static const char *const foreign[] = {
		"", "md_", ".BIN", "md_.BIN", "minidump.elf", "load.cmm", "md_KELF1", "md_KELF1.BINX",
		"md_KELF1.BIN.gz", "mdKELF1.BIN", "md_K\x1b[2J.BIN", "DDRCS0_0.BIN",
		"md_KAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.BIN",
	};

	check_name("md_KELF1.BIN", "", "KELF1", 1);
	check_name("md_Kvmcorein2.bin", "", "Kvmcorein2", 2);
	check_name("MD_KLOGBUF.Bin", "", "KLOGBUF", -1);
	check_name("md_2d_KELF_HDR.bin", "2d", "KELF_HDR", -1);
	check_name("md_31_Kfoo12.BIN", "31", "Kfoo12", 12);
	check_name("md_FEED.BIN", "", "FEED", -1);
	check_name("md_SHRDIMEM.BIN", "", "SHRDIMEM", -1);
	/* Numbers have no zeros before them; all of a name is no number. */
	check_name("md_Krunqu014.BIN", "", "Krunqu014", 14);
	check_name("md_K0.BIN", "", "K0", -1);
	check_name("md_K123456789012.BIN", "", "K123456789012", 9012);
	check_name("md_17.BIN", "", "17", 7);
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++) {
		struct minidump_name name;

		ok(!minidump_name_parse(foreign[i], &name), "file %zu is none of a minidump", i);
	}
}

static void test_number(void)
{
	is_number(minidump_name_ends_in("Kcpu15", 15), 2, "Kcpu15 ends in 15");
	is_number(minidump_name_ends_in("Kcpu15", 5), 1, "... and in 5");
	is_number(minidump_name_ends_in("Kcpu15", 1), 0, "... not in 1");
	is_number(minidump_name_ends_in("Kcpu15", 115), 0, "... nor in 115");
	is_number(minidump_name_ends_in("15", 15), 0, "a name is not all a number");
	is_number(minidump_name_ends_in("Kcpu0", 0), 0, "0 is no number");
}

static void test_fits(void)
{
	ok(minidump_name_fits("prb_desc", 8, "prb_descs"), "the beginning of a name");
	ok(minidump_name_fits("per_cp", 6, "__per_cpu_offset"), "without what stands before it");
	ok(minidump_name_fits("LOGBUF", 6, "__log_buf"), "in another case, without underscores");
	ok(minidump_name_fits("cpupsm", 6, "__cpu_possible_mask"), "letters left out");
	ok(minidump_name_fits("irq_s_ab", 8, "irq_stack"), "letters that tell it from others");
	ok(!minidump_name_fits("irq_x_ab", 8, "irq_stack"), "... but for these, it must fit");
	ok(!minidump_name_fits("og_buf", 6, "__log_buf"), "not the first one");
	ok(!minidump_name_fits("log_bufx", 8, "__log_buf"), "no letter more");
	ok(!minidump_name_fits("log", 0, "__log_buf"), "nothing fits nothing");
	ok(!minidump_name_fits("___", 3, "___"), "nor does what has no letter");
}

/* By trying all: the highest sum, and whether all others are worse by a margin. */
static unsigned int try_all(const unsigned int *weights, size_t file, size_t nr_files, size_t nr_rows,
			    unsigned int used, size_t without_file, size_t without_row)
{
	unsigned int best;

	if (file == nr_files)
		return 0;
	best = try_all(weights, file + 1, nr_files, nr_rows, used, without_file, without_row);
	for (size_t row = 0; row < nr_rows; row++) {
		unsigned int sum;

		if (used >> row & 1 || !weights[file * nr_rows + row] ||
		    (file == without_file && row == without_row))
			continue;
		sum = weights[file * nr_rows + row] +
		      try_all(weights, file + 1, nr_files, nr_rows, used | 1U << row, without_file,
			      without_row);
		best = sum > best ? sum : best;
	}
	return best;
}

/* A pair must be given exactly if without it the sum is less by the margin or more. */
static bool right_assignment(const unsigned int *weights, size_t nr_files, size_t nr_rows)
{
	unsigned int best = try_all(weights, 0, nr_files, nr_rows, 0, SIZE_MAX, SIZE_MAX);
	size_t row_of[8];

	if (assignment_solve(weights, nr_files, nr_rows, 10, row_of))
		return false;
	for (size_t file = 0; file < nr_files; file++) {
		for (size_t row = 0; row < nr_rows; row++) {
			unsigned int other = try_all(weights, 0, nr_files, nr_rows, 0, file, row);

			if ((other + 10 <= best) != (row_of[file] == row))
				return false;
		}
	}
	return true;
}

static void test_assignment(void)
{
	static const unsigned int values[] = { 0, 0, 0, 20, 35, 40, 50, 55, 70, 85, 90 };
	unsigned int weights[36], good = 0;
	const unsigned int rounds = 3000;
	size_t row;

	srand(1);
	for (unsigned int i = 0; i < rounds; i++) {
		size_t nr_files = rand() % 6, nr_rows = rand() % 6;

		for (size_t j = 0; j < nr_files * nr_rows; j++)
			weights[j] = values[rand() % ARRAY_SIZE(values)];
		good += right_assignment(weights, nr_files, nr_rows);
	}
	is_number(good, rounds, "what is given is what trying all ways gives, and it is sure");
	weights[0] = 5;
	ok(!assignment_solve(weights, 1, 1, 10, &row) && row == SIZE_MAX,
	   "a weight below the margin is no reason");
}

int main(void)
{
	test_parse();
	test_number();
	test_fits();
	test_assignment();
	return done_testing();
}
