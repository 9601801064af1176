// SPDX-License-Identifier: GPL-2.0-only
/* What an earlier boot left in pstore: sent to the host as a tar file, through a port. */
#include "guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORDS "/sys/fs/pstore/"

enum { BLOCK = 512 };

/* The header of POSIX ustar; what is not set is zero */
static int send_header(int port, const char *name, size_t size)
{
	char block[BLOCK] = "";
	unsigned int sum = 0;

	snprintf(block, 100, "%s", name);
	memcpy(block + 100, "0000600\0000000000\0000000000", 24);
	snprintf(block + 124, 12, "%011zo", size);
	memcpy(block + 136, "00000000000", 12);
	memset(block + 148, ' ', 8);
	block[156] = '0';
	memcpy(block + 257, "ustar\00000", 8);
	for (size_t i = 0; i < sizeof(block); i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
	return port_write(port, block, sizeof(block));
}

static int send_file(int port, const char *name)
{
	char path[320], block[BLOCK];
	struct stat status;
	size_t left;
	int file, error = 0;

	snprintf(path, sizeof(path), RECORDS "%s", name);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &status) < 0 || send_header(port, name, (size_t)status.st_size) < 0)
		error = -1;
	for (left = error ? 0 : (size_t)status.st_size; left > 0 && !error; ) {
		size_t want = left < BLOCK ? left : BLOCK;

		memset(block, 0, sizeof(block));
		/* pstore gives as much as is asked for */
		if (read(file, block, want) != (ssize_t)want || port_write(port, block, BLOCK) < 0)
			error = -1;
		left -= want;
	}
	if (file >= 0)
		close(file);
	return error;
}

/* Number of files that tell of an earlier death; all others are sent as well */
int pstore_report(void)
{
	static const char end[2 * BLOCK];
	int port, sent = 0, ours = 0;
	struct dirent *entry;
	DIR *records;

	if (mount("pstore", RECORDS, "pstore", 0, NULL) < 0)
		lab_say("LAB: error=cannot mount pstore: %s", strerror(errno));
	records = opendir(RECORDS);
	port = port_open("pstore");
	if (!records || port < 0) {
		lab_say("LAB: error=no pstore, or no port for it");
		return 0;
	}
	while ((entry = readdir(records))) {
		if (entry->d_name[0] == '.')
			continue;
		if (send_file(port, entry->d_name) < 0)
			lab_say("LAB: error=cannot send %s", entry->d_name);
		sent++;
		ours += strncmp(entry->d_name, "meminspect-", 11) == 0;
	}
	if (sent && port_write(port, end, sizeof(end)) < 0)
		lab_say("LAB: error=cannot send the end of the tar file");
	close(port);
	closedir(records);
	lab_say("LAB: pstore=%d", sent);
	return ours;
}
