// SPDX-License-Identifier: GPL-2.0-only
/*
 * What this kernel costs: "LAB: bench-boot=", from the start of its clock to that of init,
 * "LAB: bench-switch=" of tasks and "LAB: bench-fork=", in nanoseconds; "LAB: bench-free=", the
 * bytes of memory that it left. Of several rounds the fastest counts: whatever disturbs makes a
 * round slower.
 */
#include "guest.h"

#include <sched.h>
#include <stdbool.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	ROUNDS = 7,
	PASSES = 5000,
	FORKS = 300,
};

static double nanoseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Gives a byte away and waits until it comes back, or the other way round */
static void pass_byte(int in, int out, bool first)
{
	char byte = 0;

	for (int pass = 0; pass < PASSES; pass++) {
		if (first && write(out, &byte, 1) != 1)
			return;
		if (read(in, &byte, 1) != 1)
			return;
		if (!first && write(out, &byte, 1) != 1)
			return;
	}
}

/* Each pass is two switches, as both processes have one CPU */
static double time_of_switch(void)
{
	int there[2], back[2];
	double start;
	pid_t child;

	if (pipe(there) < 0 || pipe(back) < 0)
		return 0;
	child = fork();
	if (child == 0) {
		pass_byte(there[0], back[1], false);
		_exit(0);
	}
	start = nanoseconds();
	pass_byte(back[0], there[1], true);
	start = nanoseconds() - start;
	waitpid(child, NULL, 0);
	for (int end = 0; end < 2; end++) {
		close(there[end]);
		close(back[end]);
	}
	return start / PASSES / 2;
}

/* From fork to the end of the child */
static double time_of_fork(void)
{
	double start = nanoseconds();

	for (int i = 0; i < FORKS; i++) {
		pid_t child = fork();

		if (child == 0)
			_exit(0);
		waitpid(child, NULL, 0);
	}
	return (nanoseconds() - start) / FORKS;
}

static void print_fastest(const char *what, double (*time_of)(void))
{
	double best = 0, took;

	for (int round = 0; round < ROUNDS; round++) {
		took = time_of();
		if (round == 0 || took < best)
			best = took;
	}
	lab_say("LAB: bench-%s=%.0f", what, best);
}

void bench(void)
{
	double boot = nanoseconds();
	cpu_set_t before, one;
	struct sysinfo memory;

	sysinfo(&memory);
	lab_say("LAB: bench-boot=%.0f", boot);
	lab_say("LAB: bench-free=%llu", (unsigned long long)memory.freeram * memory.mem_unit);
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_getaffinity(0, sizeof(before), &before) < 0 ||
	    sched_setaffinity(0, sizeof(one), &one) < 0) {
		lab_say("LAB: error=cannot stay on one CPU");
		return;
	}
	print_fastest("switch", time_of_switch);
	print_fastest("fork", time_of_fork);
	sched_setaffinity(0, sizeof(before), &before);
}
