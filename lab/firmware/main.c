// SPDX-License-Identifier: GPL-2.0-only
#include "firmware.h"
#include "map.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void usage(FILE *out)
{
	fputs("usage: firmware prepare [--subsystems N] DIRECTORY\n"
	      "       firmware dump DEAD [--lower-case] DIRECTORY\n"
	      "       firmware rawdump DEAD [--lower-case] [--partition-size BYTES] FILE\n"
	      "       firmware sahara DEAD [--lower-case] [--table32] [--timeout SECONDS]\n"
	      "                       [--unreadable FILE] [--hang-up-after BYTES] --socket PATH\n"
	      "       firmware bite --ram FILE [--base ADDRESS] --registers FILE\n"
	      "\n"
	      "where DEAD is: --ram FILE [--base ADDRESS] [--bite --registers FILE]\n"
	      "\n"
	      "A model of a Qualcomm phone's boot firmware. `prepare` writes what firmware leaves\n"
	      "in memory before it starts the kernel, and prints QEMU's options that load it. The\n"
	      "others work on the RAM of the machine when it is dead, as firmware does after the\n"
	      "reset: `dump` writes the regions of the kernel's minidump table as files,\n"
	      "`rawdump` into one file as firmware does into a partition, `sahara` gives them to\n"
	      "one host over a socket. `bite` is a watchdog's: it saves registers into the RAM\n"
	      "file, where the kernel asked for them; with --bite, others do so in a copy.\n"
	      "\n"
	      "  --subsystems N        rows in the table of contents (10)\n"
	      "  --ram FILE            the RAM, of 1 GiB or more; it is only read, but for `bite`\n"
	      "  --base ADDRESS        where the RAM is (0x40000000)\n"
	      "  --registers FILE      lines `cpu NUMBER REGISTER VALUE`: x0 to x30, pc,\n"
	      "                        currentel, sp_el0, and sp_, elr_, spsr_ of el1 to el3\n"
	      "  --lower-case          names that end in .bin\n"
	      "  --partition-size BYTES  room for the rawdump (128 MiB)\n"
	      "  --socket PATH         Unix socket to make, for one host\n"
	      "  --table32             a table with addresses of 32 bits\n"
	      "  --timeout SECONDS     for a host to come or to go on (60)\n"
	      "  --unreadable FILE     reads of that file's memory fail\n"
	      "  --hang-up-after BYTES as if the cable were pulled, after so many bytes of memory\n"
	      "\n"
	      "Exit status: 0 all as it should be; 1 trouble on this host; 2 wrong usage;\n"
	      "3 firmware refuses: there is no table that it takes; 4 something of it was refused\n"
	      "or not taken, as the messages say.\n", out);
}

void warn(const char *format, ...)
{
	va_list arguments;

	fputs("firmware: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

void fail(enum outcome outcome, const char *format, ...)
{
	va_list arguments;

	fputs("firmware: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(outcome);
}

static uint64_t number(const char *option, const char *text, uint64_t least, uint64_t most)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-' || value < least || value > most)
		fail(OUTCOME_USAGE, "--%s %s: give a number from %llu to %llu", option, text,
		     (unsigned long long)least, (unsigned long long)most);
	return value;
}

/* Each with the short names of the options that it takes */
static const struct command {
	const char *name;
	enum outcome (*run)(const struct options *options);
	const char *options;
	bool output;
} commands[] = {
	{ "prepare", prepare, "s", true },
	{ "dump", dump, "rbBgl", true },
	{ "rawdump", rawdump, "rbBglp", true },
	{ "sahara", sahara, "rbBglS3tuh", false },
	{ "bite", bite, "rbg", false },
};

static const struct option long_options[] = {
	{ "subsystems", required_argument, NULL, 's' },
	{ "ram", required_argument, NULL, 'r' },
	{ "base", required_argument, NULL, 'b' },
	{ "bite", no_argument, NULL, 'B' },
	{ "registers", required_argument, NULL, 'g' },
	{ "lower-case", no_argument, NULL, 'l' },
	{ "partition-size", required_argument, NULL, 'p' },
	{ "socket", required_argument, NULL, 'S' },
	{ "table32", no_argument, NULL, '3' },
	{ "timeout", required_argument, NULL, 't' },
	{ "unreadable", required_argument, NULL, 'u' },
	{ "hang-up-after", required_argument, NULL, 'h' },
	{ "help", no_argument, NULL, 'H' },
	{ NULL, 0, NULL, 0 },
};

static void take_option(struct options *options, int option, const char *name)
{
	switch (option) {
	case 's':
		options->subsystems = (unsigned int)number(name, optarg, 1, 100);
		break;
	case 'r':
		options->ram = optarg;
		break;
	case 'b':
		options->base = number(name, optarg, 0, UINT64_MAX);
		break;
	case 'B':
		options->bite = true;
		break;
	case 'g':
		options->registers = optarg;
		break;
	case 'l':
		options->lower_case = true;
		break;
	case 'p':
		options->partition_size = number(name, optarg, 1, INT64_MAX);
		break;
	case 'S':
		options->socket = optarg;
		break;
	case '3':
		options->table32 = true;
		break;
	case 't':
		options->timeout = (unsigned int)number(name, optarg, 1, 3600);
		break;
	case 'u':
		options->unreadable = optarg;
		break;
	case 'h':
		options->hang_up_after = number(name, optarg, 1, UINT64_MAX);
		break;
	}
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (name && strcmp(commands[i].name, name) == 0)
			return &commands[i];
	usage(stderr);
	exit(OUTCOME_USAGE);
}

/* What a command cannot do without */
static void check_options(const struct command *command, const struct options *options)
{
	if (strchr(command->options, 'r') && !options->ram)
		fail(OUTCOME_USAGE, "%s: give the RAM of the dead machine with --ram",
		     command->name);
	if ((options->bite || command->run == bite) && !options->registers)
		fail(OUTCOME_USAGE, "%s: a bite saves registers; give them with --registers",
		     command->name);
	if (options->registers && !options->bite && command->run != bite)
		fail(OUTCOME_USAGE, "%s: --registers are saved by a bite; give --bite too",
		     command->name);
	if (command->run == sahara && !options->socket)
		fail(OUTCOME_USAGE, "%s: give the name of a socket with --socket", command->name);
}

int main(int argc, char **argv)
{
	struct options options = {
		.base = RAM_BASE, .subsystems = 10, .partition_size = 128 << 20, .timeout = 60,
		.hang_up_after = UINT64_MAX,
	};
	const struct command *command;
	int option, index = 0;

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return OUTCOME_DONE;
	}
	command = find_command(argv[1]);
	argc--;
	argv++;
	while ((option = getopt_long(argc, argv, "", long_options, &index)) >= 0) {
		if (option == 'H') {
			usage(stdout);
			return OUTCOME_DONE;
		}
		if (option == '?') {
			usage(stderr);
			return OUTCOME_USAGE;
		}
		if (!strchr(command->options, option))
			fail(OUTCOME_USAGE, "%s takes no --%s", command->name,
			     long_options[index].name);
		take_option(&options, option, long_options[index].name);
	}
	if (argc - optind != (command->output ? 1 : 0)) {
		usage(stderr);
		return OUTCOME_USAGE;
	}
	options.output = command->output ? argv[optind] : NULL;
	check_options(command, &options);
	return command->run(&options);
}
