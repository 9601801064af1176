// SPDX-License-Identifier: GPL-2.0-only
#include "firmware.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void make_directory(const char *path)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		fail(OUTCOME_TROUBLE, "%s: cannot create it: %s", path, strerror(errno));
}

void output_open(struct output *output, const char *directory, const char *name)
{
	if (asprintf(&output->path, "%s%s%s", directory ? directory : "", directory ? "/" : "",
		     name) < 0 || asprintf(&output->temporary, "%s.XXXXXX", output->path) < 0)
		fail(OUTCOME_TROUBLE, "out of memory");
	/* Only to tell early: the rename is what makes sure. */
	if (faccessat(AT_FDCWD, output->path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		fail(OUTCOME_TROUBLE, "%s: exists; give a new name", output->path);
	output->fd = mkostemp(output->temporary, O_CLOEXEC);
	if (output->fd < 0)
		fail(OUTCOME_TROUBLE, "%s: cannot create a file beside it: %s", output->path,
		     strerror(errno));
}

static void __attribute__((noreturn)) give_up(struct output *output, const char *what)
{
	int error = errno;

	unlink(output->temporary);
	fail(OUTCOME_TROUBLE, "%s: cannot %s: %s", output->path, what, strerror(error));
}

void output_write(struct output *output, const void *bytes, size_t length)
{
	const uint8_t *from = bytes;

	while (length) {
		ssize_t written = write(output->fd, from, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			give_up(output, "write it");
		from += written;
		length -= (size_t)written;
	}
}

/* So that the name survives a loss of power as the contents do */
static void sync_directory(struct output *output)
{
	char *copy = strdup(output->path);
	int fd;

	if (!copy)
		fail(OUTCOME_TROUBLE, "out of memory");
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
		fail(OUTCOME_TROUBLE, "%s: is written, but its directory cannot be synced: %s",
		     output->path, strerror(errno));
	close(fd);
	free(copy);
}

void output_close(struct output *output)
{
	if (fsync(output->fd) < 0)
		give_up(output, "write it out to the disk");
	if (renameat2(AT_FDCWD, output->temporary, AT_FDCWD, output->path, RENAME_NOREPLACE) < 0)
		give_up(output, "give it its name");
	sync_directory(output);
	close(output->fd);
	free(output->temporary);
	free(output->path);
}
