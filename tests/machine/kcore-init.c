// SPDX-License-Identifier: GPL-2.0-only
/* Process 1 of a guest that has meminspect in it: makes a core of its own living kernel. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#define CORE "/core"

static void run(const char *const arguments[])
{
	pid_t pid = fork();
	int status = -1;

	if (!pid) {
		execv(arguments[0], (char *const *)arguments);
		perror(arguments[0]);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	printf("kcore: %s: %d\n", arguments[1], WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	fflush(stdout);
}

int main(void)
{
	static const char *const extract[] = {
		"/meminspect", "extract", "/proc/kcore", "--vmlinux", "/vmlinux", "-o", CORE, NULL
	};
	static const char *const check[] = { "/meminspect", "check", CORE, NULL };
	static const char *const regions[] = { "/meminspect", "regions", CORE, NULL };
	static const char *const log[] = { "/meminspect", "log", CORE, NULL };
	int console;

	mount("proc", "/proc", "proc", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	console = open("/dev/console", O_RDWR);
	for (int fd = 0; fd < 3; fd++)
		dup2(console, fd);
	puts("kcore: begin");
	fflush(stdout);
	run(extract);
	run(check);
	run(regions);
	puts("kcore: begin log");
	fflush(stdout);
	run(log);
	reboot(RB_POWER_OFF);
	return 0;
}
