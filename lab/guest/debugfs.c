// SPDX-License-Identifier: GPL-2.0-only
/*
 * What meminspect shows in debugfs goes to the host through ports of the same
 * names; and who may look at it.
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMINSPECT "/sys/kernel/debug/meminspect/"

static void send(const char *name, int file)
{
	static char block[65536];
	int port = port_open(name);
	ssize_t length;

	if (port < 0) {
		lab_say("LAB: error=no port for %s", name);
		return;
	}
	while ((length = read(file, block, sizeof(block))) > 0)
		if (port_write(port, block, (size_t)length) < 0)
			break;
	if (length != 0)
		lab_say("LAB: error=" MEMINSPECT "%s: %s", name, strerror(errno));
	close(port);
}

/* Root without the one capability that reading all of memory asks for */
static void drop_rawio(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		_exit(EINVAL);
	data[0].effective &= ~(1U << CAP_SYS_RAWIO);
	data[0].permitted &= ~(1U << CAP_SYS_RAWIO);
	if (syscall(SYS_capset, &header, data) < 0)
		_exit(EINVAL);
}

static void try_without_rawio(const char *name, const char *path)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		drop_rawio();
		_exit(open(path, O_RDONLY) < 0 ? errno : 0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		return;
	lab_say("LAB: %s-without-rawio=%s", name,
		WEXITSTATUS(status) ? strerror(WEXITSTATUS(status)) : "opened");
}

void debugfs_report(void)
{
	static const char *const names[] = { "regions", "core" };
	char path[64];

	if (access(MEMINSPECT, F_OK) < 0)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int file;

		snprintf(path, sizeof(path), MEMINSPECT "%s", names[i]);
		try_without_rawio(names[i], path);
		file = open(path, O_RDONLY | O_CLOEXEC);
		lab_say("LAB: %s-as-root=%s", names[i], file < 0 ? strerror(errno) : "opened");
		if (file < 0)
			continue;
		send(names[i], file);
		close(file);
	}
}
