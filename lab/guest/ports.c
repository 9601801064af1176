// SPDX-License-Identifier: GPL-2.0-only
/* Ports through which files go to the host, whole, whatever the kernel prints meanwhile. */
#include "guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PORTS "/sys/class/virtio-ports/"

enum {
	TRIES = 200,
	MICROSECONDS_BETWEEN = 50000,
};

/*
 * A port opens for one at a time, and a child that was forked while it was open has it as well,
 * until that exits.
 */
static int open_when_free(const char *path)
{
	int port = open(path, O_WRONLY | O_CLOEXEC);

	for (int tries = 1; port < 0 && errno == EBUSY && tries < TRIES; tries++) {
		usleep(MICROSECONDS_BETWEEN);
		port = open(path, O_WRONLY | O_CLOEXEC);
	}
	return port;
}

int port_open(const char *wanted)
{
	DIR *ports = opendir(PORTS);
	struct dirent *entry;
	char path[320], name[64];
	int port = -1;

	if (!ports)
		return -1;
	while (port < 0 && (entry = readdir(ports))) {
		snprintf(path, sizeof(path), PORTS "%s/name", entry->d_name);
		if (read_text(path, name, sizeof(name)) < 0 || strcmp(name, wanted) != 0)
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		port = open_when_free(path);
	}
	closedir(ports);
	return port;
}

int port_write(int port, const char *block, size_t length)
{
	while (length > 0) {
		ssize_t done = write(port, block, length);

		if (done <= 0)
			return -1;
		block += done;
		length -= (size_t)done;
	}
	return 0;
}
