// SPDX-License-Identifier: LGPL-2.1-only
/* Files that appear whole or not at all, and never replace another. */
#include "core-format.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int output_create(struct meminspect_context *context, const char *path, struct output *output)
{
	int error;

	*output = (struct output) { .fd = -1 };
	/* Only to tell early: the rename is what makes sure. */
	if (!faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW))
		return fail(context, -EEXIST, "%s: exists; give the name of a new file", path);
	output->path = strdup(path);
	if (!output->path || asprintf(&output->temporary, "%s.XXXXXX", path) < 0) {
		free(output->path);
		return fail(context, -ENOMEM, "%s: out of memory", path);
	}
	/* Readable by its owner only: this is memory of a kernel. */
	output->fd = mkostemp(output->temporary, O_CLOEXEC);
	if (output->fd < 0) {
		error = -errno;
		fail(context, error, "%s: can't create a file beside it: %s", path,
		     strerror(-error));
		free(output->temporary);
		free(output->path);
		return error;
	}
	return 0;
}

int output_write(struct meminspect_context *context, struct output *output, const void *bytes,
		 size_t length)
{
	const uint8_t *from = bytes;

	while (length) {
		ssize_t written = pwrite(output->fd, from, length, (off_t)output->offset);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			int error = written ? -errno : -EIO;

			return fail(context, error, "%s: can't write at offset %llu: %s",
				    output->path, (unsigned long long)output->offset,
				    strerror(-error));
		}
		from += written;
		length -= written;
		output->offset += written;
	}
	return 0;
}

static void output_end(struct output *output)
{
	if (output->fd >= 0)
		close(output->fd);
	free(output->temporary);
	free(output->path);
	*output = (struct output) { .fd = -1 };
}

void output_discard(struct output *output)
{
	if (output->temporary)
		unlink(output->temporary);
	output_end(output);
}

/* Gives the file its name unless that is taken. */
static int output_rename(const struct output *output)
{
	if (!renameat2(AT_FDCWD, output->temporary, AT_FDCWD, output->path, RENAME_NOREPLACE))
		return 0;
	/* File systems that don't know the flag mostly know hard links. */
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (link(output->temporary, output->path))
		return -errno;
	unlink(output->temporary);
	return 0;
}

/* So that the name survives a loss of power as the contents do. */
static int sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd, error = 0;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	/* Files can be made in a directory that we must not read. */
	if (fd < 0)
		return errno == EACCES ? 0 : -errno;
	/* Some file systems can't sync directories. */
	if (fsync(fd) && errno != EINVAL)
		error = -errno;
	close(fd);
	return error;
}

int output_commit(struct meminspect_context *context, struct output *output)
{
	int error = fsync(output->fd) ? -errno : 0;

	if (error) {
		fail(context, error, "%s: can't write it out to the disk: %s", output->path,
		     strerror(-error));
		output_discard(output);
		return error;
	}
	error = output_rename(output);
	if (error) {
		if (error == -EEXIST)
			fail(context, error, "%s: exists; give the name of a new file",
			     output->path);
		else
			fail(context, error, "%s: can't give it its name: %s", output->path,
			     strerror(-error));
		output_discard(output);
		return error;
	}
	error = sync_directory(output->path);
	if (error)
		fail(context, error, "%s: is written, but its directory can't be synced: %s",
		     output->path, strerror(-error));
	output_end(output);
	return error;
}
