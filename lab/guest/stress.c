// SPDX-License-Identifier: GPL-2.0-only
/*
 * lab.stress=SECONDS: regions come and go everywhere, while modules, interrupts, CPUs and blocks of memory do,
 * each in its own time. "LAB: stress=" tells how often each of them did, and the modules' own counts stand
 * in the log.
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int load(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	int ret = (int)syscall(SYS_finit_module, file, "", 0);

	close(file);
	return ret;
}

static int unload(const char *name)
{
	return (int)syscall(SYS_delete_module, name, O_NONBLOCK);
}

enum {
	MICROSECONDS_AWAY = 600000,	/* at most: who looks at random moments has to see that, too */
	MICROSECONDS_BACK = 300000,
};

static void pause_at_random(long microseconds)
{
	usleep((useconds_t)(random() % microseconds));
}

/*
 * The second one has so many interrupts that the nodes of their tree are marked some time later, if it is
 * still there then.
 */
static int cycle_modules(unsigned int turn)
{
	(void)turn;
	if (load("/lab_churn.ko") || unload("lab_churn") || load("/lab_irqs.ko"))
		return 0;
	pause_at_random(MICROSECONDS_AWAY);
	return unload("lab_irqs") == 0;
}

/* Whether a block of memory, or a CPU, let itself be turned off and on again */
static int toggle(const char *path, const char *off, const char *on)
{
	if (write_text(path, off) < 0)
		return 0;
	pause_at_random(MICROSECONDS_AWAY);
	return write_text(path, on) == 0;
}

static int compare_numbers(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

static int toggle_memory(unsigned int turn)
{
	glob_t blocks;
	int toggled = 0;

	if (glob("/sys/devices/system/memory/memory*/state", 0, NULL, &blocks) == 0) {
		size_t last = blocks.gl_pathc - 1 - turn % (blocks.gl_pathc > 2 ? 3 : 1);

		/* Movable memory has the highest numbers: memory9 is before memory10 */
		qsort(blocks.gl_pathv, blocks.gl_pathc, sizeof(*blocks.gl_pathv), compare_numbers);
		toggled = toggle(blocks.gl_pathv[last], "offline", "online_movable");
		globfree(&blocks);
	}
	return toggled;
}

static int toggle_cpu(unsigned int turn)
{
	char path[64];
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	if (cpus < 2)
		return 0;
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%ld/online",
		 1 + (long)turn % (cpus - 1));
	return toggle(path, "0", "1");
}

enum { MODULES, CPUS, BLOCKS, NR_KINDS };
static int (*const cycles[NR_KINDS])(unsigned int turn) = {
	[MODULES] = cycle_modules,
	[CPUS] = toggle_cpu,
	[BLOCKS] = toggle_memory,
};

/* On a slow machine it may take longer to come and go once. */
static void repeat(int (*cycle)(unsigned int turn), time_t wanted, unsigned int *done)
{
	const time_t start = time(NULL);
	unsigned int turn = 0;
	time_t ran;

	srandom((unsigned int)(start ^ getpid()));
	do {
		*done += (unsigned int)cycle(turn++);
		pause_at_random(MICROSECONDS_BACK);
		ran = time(NULL) - start;
	} while (ran < wanted || (ran < 4 * wanted && !*done));
}

void stress_run(const char *seconds)
{
	/* Shared with those who count */
	unsigned int *done = mmap(NULL, NR_KINDS * sizeof(*done), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (done == MAP_FAILED) {
		lab_say("LAB: error=no memory for the stress: %s", strerror(errno));
		return;
	}
	if (load("/lab_stress.ko") < 0) {
		lab_say("LAB: error=cannot load lab_stress.ko: %s", strerror(errno));
		return;
	}
	if (load("/lab_block.ko") < 0)
		lab_say("LAB: error=cannot load lab_block.ko: %s", strerror(errno));
	if (fork() != 0)
		return;
	for (unsigned int kind = 0; kind < NR_KINDS; kind++) {
		if (fork() == 0) {
			repeat(cycles[kind], atol(seconds), &done[kind]);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	if (unload("lab_stress") < 0 || unload("lab_block") < 0)
		lab_say("LAB: error=cannot unload lab_stress and lab_block: %s", strerror(errno));
	lab_say("LAB: stress=%u modules, %u CPUs, %u blocks of memory came and went", done[MODULES],
		done[CPUS], done[BLOCKS]);
	lab_mark("stress-done");
	_exit(0);
}
