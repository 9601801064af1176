// SPDX-License-Identifier: GPL-2.0-only
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_ARGUMENTS = 96 };

struct arguments {
	char *list[MAX_ARGUMENTS + 1];
	size_t count;
};

static void add(struct arguments *arguments, const char *argument)
{
	if (arguments->count == MAX_ARGUMENTS)
		fail("more than %d arguments for QEMU", MAX_ARGUMENTS);
	arguments->list[arguments->count++] = strdup(argument);
}

static void add_pair(struct arguments *arguments, const char *option, const char *value)
{
	add(arguments, option);
	add(arguments, value);
}

/* A port through which the guest fills the file of that name */
static void add_port(struct arguments *arguments, const char *name)
{
	char text[96];

	snprintf(text, sizeof(text), "file,id=%s,path=%s", name, name);
	add_pair(arguments, "-chardev", text);
	snprintf(text, sizeof(text), "virtserialport,chardev=%s,name=%s", name, name);
	add_pair(arguments, "-device", text);
}

/* What stands between blanks and ends of lines */
static void add_words(struct arguments *arguments, const char *text)
{
	char *words = strdup(text), *word, *rest;

	for (word = strtok_r(words, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest))
		add(arguments, word);
	free(words);
}

static void compose(struct arguments *arguments, const struct request *request)
{
	char text[64];

	/* A kept machine has nobody who ends it for sure */
	if (request->keep) {
		snprintf(text, sizeof(text), "%d", KEEP_LIMIT_SECONDS);
		add_pair(arguments, "timeout", "--kill-after=5");
		add(arguments, text);
	}
	add(arguments, request->board.qemu);
	add_words(arguments, request->board.qemu_arguments);

	add_pair(arguments, "-no-user-config", "-nodefaults");
	add_pair(arguments, "-display", "none");
	add_pair(arguments, "-accel", "tcg");
	snprintf(text, sizeof(text), "%d", CPUS);
	add_pair(arguments, "-smp", text);
	add_pair(arguments, "-m", request->memory);
	snprintf(text, sizeof(text), "memory-backend-file,id=ram,size=%s,mem-path=ram,share=on",
		 request->memory);
	add_pair(arguments, "-object", text);
	add_pair(arguments, "-machine", "memory-backend=ram");
	add_pair(arguments, "-device", "vmcoreinfo");
	/* A dead machine stays for the collector; one that resets itself ends, or is to come back */
	if (!request->reboot) {
		add_pair(arguments, "-action", "panic=pause");
		add(arguments, "-no-reboot");
	} else {
		add_pair(arguments, "-action", "panic=none");
	}
	add_pair(arguments, "-qmp", "unix:qmp.sock,server=on,wait=off");
	add_pair(arguments, "-pidfile", "pid");
	add_pair(arguments, "-serial", "file:serial.log");
	/* What is too long for the console, or must not be split by kernel messages */
	add_pair(arguments, "-device", "virtio-serial");
	add_port(arguments, "facts");
	add_port(arguments, "regions");
	add_port(arguments, "core");
	add_port(arguments, "pstore");
	add_pair(arguments, "-kernel", request->kernel);
	add_pair(arguments, "-initrd", request->initramfs);
	add_pair(arguments, "-append", request->cmdline);
	add_words(arguments, request->qemu);
}

/* The kept machine of the current directory, as a pidfd, or -1 */
static int open_kept(void)
{
	char text[32] = "", link[64], here[PATH_MAX], there[PATH_MAX];
	int file = open("pid", O_RDONLY | O_CLOEXEC);
	int process;
	ssize_t length;
	long pid;

	if (file < 0)
		return -1;
	length = read(file, text, sizeof(text) - 1);
	close(file);
	pid = length > 0 ? strtol(text, NULL, 10) : 0;
	if (pid <= 0)
		return -1;
	process = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (process < 0)
		return -1;
	/* The number may belong to another process by now: ours works in this directory */
	snprintf(link, sizeof(link), "/proc/%ld/cwd", pid);
	length = readlink(link, there, sizeof(there) - 1);
	if (length > 0 && getcwd(here, sizeof(here))) {
		there[length] = '\0';
		if (strcmp(here, there) == 0)
			return process;
	}
	close(process);
	return -1;
}

pid_t qemu_start(const struct request *request)
{
	static const char *const leftovers[] = {
		"serial.log", "ram", "qmp.sock", "qemu.log", "pid", "machine.json", "facts", "regions",
		"core", "pstore",
	};
	struct arguments arguments = { .count = 0 };
	const pid_t parent = getpid();
	int log, kept;
	pid_t pid;

	kept = open_kept();
	if (kept >= 0)
		fail("a machine still lives in %s; end it with --stop", request->directory);
	for (size_t i = 0; i < sizeof(leftovers) / sizeof(leftovers[0]); i++)
		unlink(leftovers[i]);
	compose(&arguments, request);
	log = open("qemu.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (log < 0)
		fail("cannot create %s/qemu.log: %s", request->directory, strerror(errno));

	pid = fork();
	if (pid < 0)
		fail("fork: %s", strerror(errno));
	if (pid == 0) {
		if (!request->keep) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != parent)
				_exit(127);
		}
		dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
		dup2(log, STDOUT_FILENO);
		dup2(log, STDERR_FILENO);
		execvp(arguments.list[0], arguments.list);
		dprintf(STDERR_FILENO, "cannot run %s: %s\n", arguments.list[0], strerror(errno));
		_exit(127);
	}
	close(log);
	for (size_t i = 0; i < arguments.count; i++)
		free(arguments.list[i]);
	return pid;
}

/* Ends our child: TERM, which timeout(1) hands on to a kept QEMU, then KILL */
void qemu_end(pid_t pid)
{
	const double until = now() + 3;
	int kept;

	kill(pid, SIGTERM);
	while (waitpid(pid, NULL, WNOHANG) == 0) {
		if (now() > until) {
			kept = open_kept();
			if (kept >= 0)
				syscall(SYS_pidfd_send_signal, kept, SIGKILL, NULL, 0);
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
			return;
		}
		sleep_briefly();
	}
}

/* Ends the machine that an earlier run left in the directory */
int qemu_stop_kept(const char *directory)
{
	struct pollfd end = { .events = POLLIN };

	if (chdir(directory) < 0)
		fail("cannot enter %s: %s", directory, strerror(errno));
	end.fd = open_kept();
	if (end.fd < 0) {
		fprintf(stderr, "machine: no machine lives in %s\n", directory);
		return OUTCOME_AS_ASKED;
	}
	syscall(SYS_pidfd_send_signal, end.fd, SIGTERM, NULL, 0);
	if (poll(&end, 1, 3000) == 0) {
		syscall(SYS_pidfd_send_signal, end.fd, SIGKILL, NULL, 0);
		if (poll(&end, 1, 3000) == 0)
			fail("the machine in %s survives SIGKILL", directory);
	}
	unlink("pid");
	unlink("qmp.sock");
	return OUTCOME_AS_ASKED;
}
