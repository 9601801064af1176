// SPDX-License-Identifier: GPL-2.0-only
/*
 * Something to find in a dump: threads that sleep, spin, and wait in a pipe and on a futex, timers,
 * writes to a file, and processes that come and go.
 */
#include "guest.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	SLEEPERS = 4,
	PIPE_READERS = 2,
	FUTEX_WAITERS = 2,
	TIMERS = 2,
	CHILDREN = 2,
};

static int silent_pipe[2];
static pthread_mutex_t never_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static volatile bool ended;

static void sleep_milliseconds(long milliseconds)
{
	struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

static void *sleeper(void *unused)
{
	while (!ended)
		sleep_milliseconds(50);
	return unused;
}

/* Linux keeps a nice value for each thread: only this one gives way */
static void *spinner(void *unused)
{
	volatile unsigned long turns = 0;

	setpriority(PRIO_PROCESS, 0, 19);
	while (!ended)
		turns++;
	return unused;
}

static void *pipe_reader(void *unused)
{
	char byte;

	while (read(silent_pipe[0], &byte, 1) >= 0)
		;
	return unused;
}

static void *futex_waiter(void *unused)
{
	pthread_mutex_lock(&never_lock);
	for (;;)
		pthread_cond_wait(&never, &never_lock);
	return unused;
}

static void *timer_reader(void *unused)
{
	const struct itimerspec every = { { 0, 20000000 }, { 0, 20000000 } };
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	uint64_t expirations;

	timerfd_settime(timer, 0, &every, NULL);
	while (!ended && read(timer, &expirations, sizeof(expirations)) > 0)
		;
	return unused;
}

static void *file_writer(void *unused)
{
	static const char block[4096];
	int file = open("/tmp/load", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	for (unsigned int turn = 0; !ended; turn++) {
		if (pwrite(file, block, sizeof(block), turn % 64 * sizeof(block)) < 0)
			break;
		sleep_milliseconds(10);
	}
	return unused;
}

static void *forker(void *unused)
{
	while (!ended) {
		pid_t child = fork();

		if (child == 0)
			_exit(0);
		if (child > 0)
			waitpid(child, NULL, 0);
		sleep_milliseconds(30);
	}
	return unused;
}

static void start(void *(*work)(void *), const char *name, int count)
{
	while (count-- > 0) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, work, NULL) != 0) {
			lab_say("LAB: error=cannot start thread %s", name);
			return;
		}
		pthread_setname_np(thread, name);
		pthread_detach(thread);
	}
}

void load_start(int more_processes)
{
	for (int child = 0; child < CHILDREN + more_processes; child++) {
		if (fork() == 0) {
			prctl(PR_SET_NAME, "lab-child");
			for (;;)
				pause();
		}
	}
	if (pipe2(silent_pipe, O_CLOEXEC) < 0)
		lab_say("LAB: error=no pipe");
	start(sleeper, "lab-sleep", SLEEPERS);
	start(spinner, "lab-spin", 1);
	start(pipe_reader, "lab-pipe", PIPE_READERS);
	start(futex_waiter, "lab-futex", FUTEX_WAITERS);
	start(timer_reader, "lab-timer", TIMERS);
	start(file_writer, "lab-file", 1);
	start(forker, "lab-fork", 1);
	/* Let every thread come to where it stays */
	sleep_milliseconds(300);
}

void load_end(void)
{
	ended = true;
	sleep_milliseconds(300);
}
