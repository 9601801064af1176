// SPDX-License-Identifier: GPL-2.0-only
/* The registers that the CPUs of the dead machine had, as whoever could read them noted them */
#include "firmware.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* After x0 to x30, in the order of firmware's CPU context */
static const char *const special[] = {
	"pc", "currentel", "sp_el3", "elr_el3", "spsr_el3", "sp_el2", "elr_el2", "spsr_el2",
	"sp_el1", "elr_el1", "spsr_el1", "sp_el0",
};

enum { GENERAL_REGISTERS = 31 };
_Static_assert(GENERAL_REGISTERS + sizeof(special) / sizeof(special[0]) == REGISTERS,
	       "all registers of a CPU context have a name");

/* Its place in the CPU context, or -1 */
static int find_register(const char *name)
{
	char number[8];

	for (int i = 0; i < GENERAL_REGISTERS; i++) {
		snprintf(number, sizeof(number), "x%d", i);
		if (strcmp(name, number) == 0)
			return i;
	}
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (strcmp(name, special[i]) == 0)
			return GENERAL_REGISTERS + (int)i;
	return -1;
}

static bool parse_number(const char *text, uint64_t *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 0);
	return !errno && !*end;
}

/* What is wrong with a line, or NULL */
static const char *parse_line(struct registers *cpus, char *line)
{
	char *words[5], *rest;
	uint64_t cpu, value;
	int count = 0, reg;

	for (char *word = strtok_r(line, " \t\n", &rest); word && count < 5;
	     word = strtok_r(NULL, " \t\n", &rest))
		words[count++] = word;
	if (!count || *words[0] == '#')
		return NULL;
	if (count != 4 || strcmp(words[0], "cpu") != 0)
		return "expected 'cpu NUMBER REGISTER VALUE'";
	if (!parse_number(words[1], &cpu) || cpu >= MAX_CPUS)
		return "the number of the CPU is none below 32";
	reg = find_register(words[2]);
	if (reg < 0)
		return "no such register; there are x0 to x30, pc, currentel, sp_el0, and sp_, "
		       "elr_ and spsr_ of el1 to el3";
	if (!parse_number(words[3], &value))
		return "the value is no number of 64 bits";
	cpus[cpu].given = true;
	cpus[cpu].value[reg] = value;
	return NULL;
}

void registers_read(struct registers *cpus, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	unsigned int number = 0;

	if (!file)
		fail(OUTCOME_TROUBLE, "%s: cannot open it: %s", path, strerror(errno));
	while (getline(&line, &size, file) >= 0) {
		const char *wrong = parse_line(cpus, line);

		number++;
		if (wrong)
			fail(OUTCOME_TROUBLE, "%s: line %u: %s", path, number, wrong);
	}
	if (ferror(file))
		fail(OUTCOME_TROUBLE, "%s: cannot read it: %s", path, strerror(errno));
	free(line);
	fclose(file);
}
