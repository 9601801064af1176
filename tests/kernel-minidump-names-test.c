// SPDX-License-Identifier: GPL-2.0-only
/* Names that firmware and the host make files of: short, unique, and of harmless characters. */
#include <ctype.h>
#include "linux/files/drivers/soc/qcom/minidump.h"
#include "tap.h"

#define ALLOWED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

static struct meminspect_run runs[MINIDUMP_MAX_RUNS];
static struct meminspect_fit fit = { .runs = runs, .nr_runs = MINIDUMP_MAX_RUNS };
static char names[MINIDUMP_MAX_RUNS][MEMINSPECT_NAME_SIZE];

static void call(unsigned int i, const char *name)
{
	snprintf(runs[i].name, sizeof(runs[i].name), "%s", name);
}

static void check(const char *what)
{
	unsigned int i, j, twice = 0, wrong = 0;
	char file[64];

	minidump_name_rows(&fit, names);
	for (i = 0; i < fit.nr_runs; i++) {
		/* The number of a row is one more than that of its run, as the header comes first. */
		snprintf(file, sizeof(file), "md_%s%u.BIN", names[i], i + 2);
		wrong += strlen(file) >= 20 || names[i][0] != 'K' ||
			 isdigit(names[i][strlen(names[i]) - 1]) ||
			 strspn(names[i], ALLOWED) != strlen(names[i]);
		twice += !strcasecmp(names[i], "KELF");
		for (j = 0; j < i; j++)
			twice += !strcasecmp(names[i], names[j]);
	}
	is_number(wrong, 0, "%s: file names have 19 characters at most, no harmful one, and numbers of their own", what);
	is_number(twice, 0, "%s: no name stands twice", what);
}

int main(void)
{
	unsigned int i;
	char name[20];

	for (i = 0; i < fit.nr_runs; i++)
		call(i, "irq_desc");
	check("all the same");
	for (i = 0; i < fit.nr_runs; i++)
		call(i, i % 2 ? "../../etc/passwd" : "");
	check("harmful");
	for (i = 0; i < fit.nr_runs; i++) {
		/* What the others are given for lack of another name */
		snprintf(name, sizeof(name), i % 2 ? "IRQ_D_a%c" : "irq_desc", 'a' + i / 2 % 26);
		call(i, name);
	}
	check("names that look like made ones");

	fit.nr_runs = 5;
	call(0, "directory");
	call(1, "prb_descs");
	call(2, "elf");
	call(3, "jiffies_64");
	call(4, "eth0");
	check("short");
	is_string(names[0], "Kdirector", "the start of a name");
	is_string(names[1], "Kprb_desc", "the start of another");
	is_string(names[3], "Kjiffies_", "no digit at the end of a long one");
	is_string(names[4], "Keth_", "nor of a short one");
	return done_testing();
}
