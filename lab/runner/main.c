// SPDX-License-Identifier: GPL-2.0-only
#include "machine.h"

#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void usage(FILE *out)
{
	fputs("usage: machine --board BOARD --death DEATH --dir DIRECTORY [--memory SIZE]\n"
	      "               [--timeout SECONDS] [--append CMDLINE] [--initramfs FILE]\n"
	      "               [--kernel-version VERSION] [--qemu ARGUMENTS] [--keep] [--reboot]\n"
	      "       machine --stop DIRECTORY\n"
	      "\n"
	      "Boots a machine of the lab and waits until it is dead. DEATH is panic, irq-bug, null,\n"
	      "deaf-cpu (panic while another CPU has interrupts off), hang, or none (stays alive).\n"
	      "DIRECTORY gets serial.log, facts (what the guest said of itself), ram (the guest's\n"
	      "memory as a plain file), regions and core (what the living guest's debugfs showed),\n"
	      "qemu.log and machine.json. With --keep the dead machine stays, paused or hanging, for\n"
	      "at most 15 minutes, controlled by DIRECTORY/qmp.sock; --stop ends it.\n"
	      "\n"
	      "  --memory SIZE      RAM as QEMU writes sizes, at most 2G (256M)\n"
	      "  --timeout SECONDS  for the machine to come up and die (90)\n"
	      "  --append CMDLINE   added to the kernel's command line\n"
	      "  --initramfs FILE   in place of the board's\n"
	      "  --qemu ARGUMENTS   more arguments for QEMU, with blanks or line ends in between\n"
	      "  --reboot           the machine boots again when it died, with its RAM as it was, and stays\n"
	      "                     alive then; the command line has to say panic=SECONDS\n"
	      "  --kernel-version VERSION  of the kernels that lab/kernel built (what KERNEL in the\n"
	      "                     environment says, or 6.12)\n"
	      "\n"
	      "Exit status: 0 as asked; 1 trouble on the host; 2 wrong usage; 3 the guest never came up;\n"
	      "4 it came up, but did not die in time; 5 it died otherwise than asked.\n", out);
}

void fail(const char *format, ...)
{
	va_list arguments;

	fputs("machine: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(OUTCOME_TROUBLE);
}

double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void sleep_briefly(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
}

static void add_time(char *text, size_t size, const char *name, double seconds)
{
	size_t length = strlen(text);

	if (seconds >= 0)
		snprintf(text + length, size - length, "%s %s %.1f s", length ? "," : ":", name, seconds);
}

static void report(const struct request *request, const struct sightings *seen)
{
	char times[128] = "";

	add_time(times, sizeof(times), "kernel", seen->kernel);
	add_time(times, sizeof(times), "ready", seen->ready);
	add_time(times, sizeof(times), "death", seen->dead);
	printf("machine: %s, %s: %s%s\n", request->board.name, request->death, seen->state, times);
	if (*seen->error)
		printf("machine: the guest says: %s\n", seen->error);
	if (seen->outcome != OUTCOME_AS_ASKED)
		printf("machine: see %s/serial.log and qemu.log\n", request->directory);
}

/* What ends us ends the guest, unless it was to stay: then timeout(1) does */
static pid_t running;

static void on_signal(int signal)
{
	kill(running, SIGTERM);
	_exit(128 + signal);
}

static void run(struct request *request)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct sightings seen;

	running = qemu_start(request);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	watch(request, running, &seen);
	record_write(request, &seen);
	if (!request->keep || seen.outcome != OUTCOME_AS_ASKED)
		qemu_end(running);
	report(request, &seen);
	exit(seen.outcome);
}

static unsigned long long megabytes(const char *size)
{
	char *unit;
	unsigned long long number = strtoull(size, &unit, 10);

	if (unit == size || (strcmp(unit, "M") != 0 && strcmp(unit, "G") != 0) || number > 4096)
		return 0;
	return *unit == 'G' ? number * 1024 : number;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "board", required_argument, NULL, 'b' },
		{ "death", required_argument, NULL, 'd' },
		{ "dir", required_argument, NULL, 'o' },
		{ "memory", required_argument, NULL, 'm' },
		{ "timeout", required_argument, NULL, 't' },
		{ "append", required_argument, NULL, 'a' },
		{ "keep", no_argument, NULL, 'k' },
		{ "reboot", no_argument, NULL, 'r' },
		{ "initramfs", required_argument, NULL, 'i' },
		{ "qemu", required_argument, NULL, 'q' },
		{ "kernel-version", required_argument, NULL, 'v' },
		{ "stop", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct request request = { .memory = "256M", .append = "", .qemu = "", .time_limit = 90 };
	const char *board = NULL;
	int option;

	request.kernel_version = getenv("KERNEL");
	if (!request.kernel_version || !*request.kernel_version)
		request.kernel_version = "6.12";
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 'b':
			board = optarg;
			break;
		case 'd':
			request.death = optarg;
			break;
		case 'o':
			request.directory = optarg;
			break;
		case 'm':
			request.memory = optarg;
			break;
		case 't':
			request.time_limit = strtod(optarg, NULL);
			break;
		case 'a':
			request.append = optarg;
			break;
		case 'q':
			request.qemu = optarg;
			break;
		case 'k':
			request.keep = true;
			break;
		case 'r':
			request.reboot = true;
			break;
		case 'i':
			request.initramfs = optarg;
			break;
		case 'v':
			request.kernel_version = optarg;
			break;
		case 's':
			return qemu_stop_kept(optarg);
		case 'h':
			usage(stdout);
			return OUTCOME_AS_ASKED;
		default:
			usage(stderr);
			return OUTCOME_USAGE;
		}
	}
	if (!board || !request.death || !request.directory || optind < argc ||
	    request.time_limit <= 0) {
		usage(stderr);
		return OUTCOME_USAGE;
	}
	/* Above that q35 splits its RAM around the hole for devices, and the file is no image of it */
	if (megabytes(request.memory) == 0 || megabytes(request.memory) > 2048)
		fail("--memory %s: give a number of M or G, at most 2G", request.memory);
	request_complete(&request, board);
	run(&request);
}
