// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Saves what a device in memory debug offers, each row as a file of a new
 * folder. The folder gets its name when all of it is on the disk; and only then
 * is the device told to start anew, as its memory can't be had twice.
 */
#include "core-format.h"
#include "minidump.h"
#include "sahara.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* No machine with boot code of this kind has more memory. */
#define MAX_ROW_BYTES	(64ULL << 30)
/* How many rows may have the same name. */
#define MAX_SAME_NAME	2000

struct saver {
	struct meminspect_context *context;
	struct sahara sahara;
	struct meminspect_sahara *result;
	char *folder;		/* the name that it gets */
	int fd;			/* of the folder as long as it has another one */
	FILE *list;
	uint8_t *block;
	uint64_t done, total;	/* for progress */
};

static int no_memory(struct saver *saver)
{
	return fail(saver->context, -ENOMEM, "out of memory");
}

static int failed(struct saver *saver, const char *what)
{
	return fail(saver->context, -errno, "%s/%s: %s", saver->result->folder, what,
		    strerror(errno));
}

/* The device chooses names: each must be a file's in the folder, and none that we write. */
static bool name_allowed(const char *name)
{
	if (!*name || *name == '.' || !strcasecmp(name, MINIDUMP_LIST))
		return false;
	for (; *name; name++)
		if (*name <= ' ' || *name > '~' || *name == '/' || *name == '\\')
			return false;
	return true;
}

/* A name that is taken gets a number: none of two files is given up. */
static int create_file(struct saver *saver, const char *wanted, char *name, size_t size)
{
	const char *dot = strrchr(wanted, '.');
	size_t stem = dot ? (size_t)(dot - wanted) : strlen(wanted);

	snprintf(name, size, "%s", wanted);
	for (int i = 2; i < MAX_SAME_NAME; i++) {
		int fd = openat(saver->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

		if (fd >= 0 || errno != EEXIST)
			return fd;
		snprintf(name, size, "%.*s~%d%s", (int)stem, wanted, i, wanted + stem);
	}
	return -1;
}

static int write_block(struct saver *saver, int fd, const char *name, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t part = write(fd, saver->block + done, length - done);

		if (part < 0 && errno == EINTR)
			continue;
		if (part <= 0)
			return failed(saver, name);
		done += part;
	}
	return 0;
}

/* 0, or -EREMOTEIO or what broke the connection: then @saved is what came before. */
static int copy_row(struct saver *saver, const struct sahara_row *row, int fd, const char *name,
		    uint64_t *saved, bool *disk)
{
	for (*saved = 0; *saved < row->length;) {
		uint64_t left = row->length - *saved;
		size_t step = left < SAHARA_BLOCK ? left : SAHARA_BLOCK;
		int error = sahara_read(&saver->sahara, row->address + *saved, saver->block, step);

		if (error)
			return error;
		error = write_block(saver, fd, name, step);
		if (error) {
			*disk = true;
			return error;
		}
		*saved += step;
		saver->done += step;
		progress(saver->context, "reading the device", saver->done, saver->total);
	}
	return 0;
}

/* Lines that begin with this are no files; who reads the folder is told. */
static int row_lost(struct saver *saver, const struct sahara_row *row, const char *name,
		    const char *why)
{
	saver->result->nr_lost++;
	fprintf(saver->list, MINIDUMP_LOST "%s, %llu bytes at %#llx: %s\n", name,
		(unsigned long long)row->length, (unsigned long long)row->address, why);
	return 0;
}

static int save_row(struct saver *saver, const struct sahara_row *row)
{
	bool disk = false;
	char name[40];
	uint64_t saved;
	int fd, error;

	if (!name_allowed(row->name))
		return row_lost(saver, row, "a row", "its name can't be that of a file");
	if (row->length > MAX_ROW_BYTES || row->address + row->length < row->address)
		return row_lost(saver, row, row->name, "no memory has such a place and size");
	if (saver->sahara.broken)
		return row_lost(saver, row, row->name, "not read: the connection was lost before");
	fd = create_file(saver, row->name, name, sizeof(name));
	if (fd < 0)
		return failed(saver, row->name);
	error = copy_row(saver, row, fd, name, &saved, &disk);
	fprintf(saver->list, "%#llx %#llx %s\n", (unsigned long long)row->address,
		(unsigned long long)row->length, name);
	if (error && !disk)
		error = row_lost(saver, row, name, meminspect_error(saver->context));
	if (!error && fsync(fd))
		error = failed(saver, name);
	close(fd);
	if (!error)
		saver->result->nr_files++;
	return error;
}

static int make_folder(struct saver *saver)
{
	int fd;

	if (!faccessat(AT_FDCWD, saver->folder, F_OK, AT_SYMLINK_NOFOLLOW))
		return fail(saver->context, -EEXIST, "%s: exists; give the name of a new folder",
			    saver->folder);
	if (asprintf(&saver->result->folder, "%s.XXXXXX", saver->folder) < 0) {
		saver->result->folder = NULL;
		return no_memory(saver);
	}
	/* For its owner only: this is memory of a kernel. */
	if (!mkdtemp(saver->result->folder)) {
		int error = fail(saver->context, -errno, "%s: can't make a folder: %s",
				 saver->result->folder, strerror(errno));

		free(saver->result->folder);
		saver->result->folder = NULL;
		return error;
	}
	saver->fd = open(saver->result->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (saver->fd < 0)
		return failed(saver, "");
	fd = openat(saver->fd, MINIDUMP_LIST, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	saver->list = fd < 0 ? NULL : fdopen(fd, "w");
	if (!saver->list)
		return failed(saver, MINIDUMP_LIST);
	fprintf(saver->list, "# Physical address, length and name of what the device offered.\n");
	return 0;
}

/* Gives the folder its name unless that is taken. */
static int name_folder(const char *temporary, const char *folder)
{
	if (!renameat2(AT_FDCWD, temporary, AT_FDCWD, folder, RENAME_NOREPLACE))
		return 0;
	/* Some file systems don't know the flag. A folder replaces at most an empty one. */
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	return rename(temporary, folder);
}

static int sync_parent(const char *path)
{
	char *copy = strdup(path);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int error = fd < 0 || (fsync(fd) && errno != EINVAL) ? -EIO : 0;

	if (fd >= 0)
		close(fd);
	free(copy);
	return error;
}

/* All is on the disk before the device forgets; the name says that nothing is missing. */
static int finish_folder(struct saver *saver)
{
	char *folder;
	int error = 0;

	/* What was lost before is told by ferror(), without a reason. */
	errno = EIO;
	if (ferror(saver->list) || fflush(saver->list) || fsync(fileno(saver->list)))
		error = failed(saver, MINIDUMP_LIST);
	if (!error && fsync(saver->fd) && errno != EINVAL)
		error = failed(saver, "");
	if (error || saver->result->nr_lost)
		return error;
	folder = strdup(saver->folder);
	if (!folder)
		return no_memory(saver);
	if (name_folder(saver->result->folder, folder)) {
		error = fail(saver->context, -errno, "%s: can't be named %s: %s",
			     saver->result->folder, folder, strerror(errno));
		free(folder);
		return error;
	}
	free(saver->result->folder);
	saver->result->folder = folder;
	if (sync_parent(folder))
		return fail(saver->context, -EIO, "%s: its parent can't be synced", folder);
	return 0;
}

static int save_rows(struct saver *saver)
{
	int error = 0;

	for (size_t i = 0; i < saver->sahara.nr_rows; i++)
		if (saver->sahara.rows[i].length <= MAX_ROW_BYTES)
			saver->total += saver->sahara.rows[i].length;
	for (size_t i = 0; i < saver->sahara.nr_rows && !error; i++)
		error = save_row(saver, &saver->sahara.rows[i]);
	return error ? error : finish_folder(saver);
}

int meminspect_sahara_save(struct meminspect_context *context, const char *socket,
			   const char *folder, bool reset_anyway,
			   struct meminspect_sahara *result)
{
	struct saver saver = { .context = context, .result = result, .fd = -1 };
	size_t length = strlen(folder);
	int error;

	*result = (struct meminspect_sahara) { 0 };
	while (length > 1 && folder[length - 1] == '/')
		length--;
	saver.folder = strndup(folder, length);
	/* The folder first: without one, the device need not be disturbed. */
	error = saver.folder ? make_folder(&saver) : no_memory(&saver);
	saver.block = malloc(SAHARA_BLOCK);
	if (!error && !saver.block)
		error = no_memory(&saver);
	if (!error)
		error = sahara_open(context, socket, &saver.sahara);
	if (error) {
		/* Nothing but the list is in it. */
		if (saver.fd >= 0)
			unlinkat(saver.fd, MINIDUMP_LIST, 0);
		if (result->folder)
			rmdir(result->folder);
		free(result->folder);
		result->folder = NULL;
	} else {
		error = save_rows(&saver);
		if (!error && (!result->nr_lost || reset_anyway) && !saver.sahara.broken)
			result->reset = !sahara_reset(&saver.sahara);
		sahara_close(&saver.sahara);
	}
	if (saver.list)
		fclose(saver.list);
	if (saver.fd >= 0)
		close(saver.fd);
	free(saver.block);
	free(saver.folder);
	return error;
}
