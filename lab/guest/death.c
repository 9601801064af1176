// SPDX-License-Identifier: GPL-2.0-only
/* The ways to die, by sysrq, LKDTM through debugfs, and our own module. */
#include "guest.h"

#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CRASHPOINT "/sys/kernel/debug/provoke-crash/"

static void die_panic(void)
{
	write_text("/proc/sysrq-trigger", "c");
}

static void die_in_interrupt(void)
{
	write_text("/sys/module/lab_death/parameters/irq_bug", "1");
	/* The timer is armed; give it the time to expire */
	sleep(1);
}

static void die_null(void)
{
	write_text(CRASHPOINT "DIRECT", "EXCEPTION");
}

static void take_cpu(size_t cpu)
{
	const struct sched_param highest = { .sched_priority = 99 };
	cpu_set_t mask;

	CPU_ZERO(&mask);
	CPU_SET(cpu, &mask);
	if (sched_setaffinity(0, sizeof(mask), &mask) < 0 ||
	    sched_setscheduler(0, SCHED_FIFO, &highest) < 0)
		lab_say("LAB: error=cannot take CPU %zu for itself", cpu);
}

/*
 * CPU 1 spins with interrupts off while CPU 0 panics: only an NMI gets at its registers. Nothing
 * that waits for CPU 1 may run on CPU 0 meanwhile: what panics has an address space of its own, is
 * there before CPU 1 stops, and does not sleep.
 */
static void die_with_deaf_cpu(void)
{
	int ready[2];
	char byte;

	lab_mark("deaf-cpu=1");
	if (pipe(ready) < 0)
		return;
	if (fork() == 0) {
		const time_t start = time(NULL);

		take_cpu(0);
		if (write(ready[1], "", 1) < 0)
			lab_say("LAB: error=cannot tell that CPU 0 is taken");
		while (time(NULL) < start + 3)
			;
		die_panic();
		_exit(1);
	}
	if (read(ready[0], &byte, 1) < 0)
		return;
	take_cpu(1);
	write_text(CRASHPOINT "DIRECT", "HARDLOCKUP");
}

/*
 * All CPUs have to be here before the first one stops: a CPU that waits for another's answer with
 * its interrupts on would live, and complain. For the same reason each has an address space of its
 * own, and has touched what it needs by writing once in vain: mapping a page may need an answer
 * from every CPU that uses the address space.
 */
static void hang_cpu(long cpu, long cpus, atomic_long *arrived)
{
	static const char command[] = "HARDLOCKUP";
	const int file = open(CRASHPOINT "DIRECT", O_WRONLY | O_CLOEXEC);

	take_cpu((size_t)cpu);
	if (write(file, command, 0) == 0)
		lab_say("LAB: error=LKDTM takes an empty command");
	/* By itself: where a thread prints what the kernel says, that never gets to run again */
	lab_say("LAB: stopping=%ld", cpu);
	atomic_fetch_add(arrived, 1);
	while (atomic_load(arrived) < cpus)
		;
	if (write(file, command, strlen(command)) < 0)
		lab_say("LAB: error=LKDTM does not stop CPU %ld", cpu);
}

/* All others idle: which it is has to be found out */
enum { LONE_CPU = 2 };

static void hang_one_in_task(void)
{
	load_end();
	lab_mark("hanging");
	if (fork() == 0) {
		atomic_long arrived = 0;

		hang_cpu(LONE_CPU, 1, &arrived);
		_exit(1);
	}
	while (wait(NULL) > 0)
		;
}

/* The timer waits for the idle task, which runs as soon as this one sleeps */
static void hang_one_in_interrupt(void)
{
	load_end();
	lab_mark("hanging");
	take_cpu(LONE_CPU);
	lab_say("LAB: stopping=%d", LONE_CPU);
	if (write_text("/sys/module/lab_death/parameters/irq_hang", "1") < 0)
		return;
	for (;;)
		pause();
}

/* Interrupts off on all CPUs: nothing is left that could notice */
static void die_hang(void)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	atomic_long *arrived = mmap(NULL, sizeof(*arrived), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (arrived == MAP_FAILED)
		return;
	lab_mark("hanging");
	for (long cpu = 0; cpu < cpus; cpu++) {
		if (fork() == 0) {
			hang_cpu(cpu, cpus, arrived);
			_exit(1);
		}
	}
	while (wait(NULL) > 0)
		;
}

void die(const char *death)
{
	static const struct {
		const char *name;
		void (*act)(void);
	} deaths[] = {
		{ "panic", die_panic },
		{ "irq-bug", die_in_interrupt },
		{ "null", die_null },
		{ "deaf-cpu", die_with_deaf_cpu },
		{ "hang", die_hang },
		{ "hang-task", hang_one_in_task },
		{ "hang-irq", hang_one_in_interrupt },
	};

	if (strcmp(death, "none") == 0) {
		lab_mark("alive");
		return;
	}
	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
		if (strcmp(death, deaths[i].name) == 0) {
			deaths[i].act();
			lab_say("LAB: error=survived the death '%s'", death);
			return;
		}
	}
	lab_say("LAB: error=unknown death '%s'", death);
}
