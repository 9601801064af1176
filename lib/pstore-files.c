// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The files that pstore shows, or that systemd-pstore moved to a folder of its
 * own. They are told by what is in them: names get changed on the way.
 */
#include "pstore.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What pstore keeps is small, and so is what it is kept in. */
#define MAX_FILE_SIZE	(1U << 28)
#define MAX_FILES	65536
/* systemd-pstore makes a folder for each crash, and folders in it for parts. */
#define MAX_DEPTH	3

struct walk {
	struct pstore_records *records;
	struct meminspect_context *context;
};

static int fail_errno(struct walk *walk, const char *path)
{
	int error = -errno;

	return fail(walk->context, error, "%s: %s", path, strerror(-error));
}

static int out_of_memory(struct walk *walk)
{
	return fail(walk->context, -ENOMEM, "out of memory");
}

/* Bytes read, or a negative errno. */
static int64_t read_all(int fd, uint8_t *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t part = read(fd, bytes + done, length - done);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return -errno;
		if (!part)
			break;
		done += part;
	}
	return done;
}

static bool name_is_ours(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !strncmp(slash ? slash + 1 : path, "meminspect-", strlen("meminspect-"));
}

static int keep_path(struct walk *walk, const char *path, const char **kept)
{
	char *copy = strdup(path);

	*kept = copy;
	return copy && !pstore_keep(walk->records, copy) ? 0 : out_of_memory(walk);
}

static int scan_file(struct walk *walk, const char *path, int fd, size_t size, bool asked_for)
{
	struct pstore_records *records = walk->records;
	uint8_t *bytes = malloc(size + 1);
	const char *kept;
	int64_t length;
	size_t before;
	int error;

	if (!bytes)
		return out_of_memory(walk);
	length = read_all(fd, bytes, size);
	if (length < 0) {
		free(bytes);
		error = pstore_problem(records, "%s: can't be read: %s", path,
				       strerror((int)-length));
		return error ? out_of_memory(walk) : 0;
	}
	if (pstore_keep(records, bytes))
		return out_of_memory(walk);
	error = keep_path(walk, path, &kept);
	if (error)
		return error;
	records->nr_files++;
	records->bytes += length;
	before = records->nr + records->nr_problems;
	error = pstore_scan(records, kept, bytes, length, asked_for || name_is_ours(path));
	if (!error && !length && (asked_for || name_is_ours(path)))
		error = pstore_problem(records, "%s: the file is empty", path);
	if (error)
		return out_of_memory(walk);
	/* Nothing refers to what is not ours. */
	if (before == records->nr + records->nr_problems) {
		free(records->kept[--records->nr_kept]);
		free(records->kept[--records->nr_kept]);
		records->bytes -= length;
	}
	return 0;
}

static int visit(struct walk *walk, const char *path, unsigned int depth);

static int visit_folder(struct walk *walk, const char *path, int fd, unsigned int depth)
{
	struct dirent **entries;
	int i, nr, error = 0;
	char *below;

	close(fd);
	/* In order, so that the same folder gives the same core. */
	nr = scandir(path, &entries, NULL, alphasort);
	if (nr < 0)
		return fail_errno(walk, path);
	for (i = 0; i < nr; i++) {
		const char *name = entries[i]->d_name;

		if (!error && strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
			if (asprintf(&below, "%s/%s", path, name) < 0) {
				error = out_of_memory(walk);
			} else {
				error = visit(walk, below, depth + 1);
				free(below);
			}
		}
		free(entries[i]);
	}
	free(entries);
	return error;
}

static int visit(struct walk *walk, const char *path, unsigned int depth)
{
	struct pstore_records *records = walk->records;
	int error = 0, fd;
	struct stat status;

	/*
	 * Who opens a FIFO otherwise waits for its other end. A thousand links to a folder, in that
	 * folder, would be a billion paths.
	 */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (depth ? O_NOFOLLOW : 0));
	if (fd < 0 || fstat(fd, &status)) {
		if (!depth) {
			error = fail_errno(walk, path);
		} else if (errno != ENXIO &&
			   pstore_problem(records, "%s: can't be read: %s", path,
					  errno == ELOOP ? "it is a symbolic link" : strerror(errno))) {
			error = out_of_memory(walk);
		}
		if (fd >= 0)
			close(fd);
		return error;
	}
	if (S_ISDIR(status.st_mode)) {
		if (depth < MAX_DEPTH)
			return visit_folder(walk, path, fd, depth);
	} else if (!S_ISREG(status.st_mode)) {
		if (!depth)
			error = fail(walk->context, -EINVAL,
				     "%s: neither a file nor a folder; expected records of pstore",
				     path);
	} else if (records->nr_files >= MAX_FILES || status.st_size > MAX_FILE_SIZE ||
		   records->bytes + status.st_size > MAX_COLLECTED_BYTES) {
		if (pstore_problem(records, "%s: not read: %s", path,
				   records->nr_files >= MAX_FILES ? "too many files" :
				   "more bytes than pstore ever keeps"))
			error = out_of_memory(walk);
	} else {
		error = scan_file(walk, path, fd, status.st_size, !depth);
	}
	close(fd);
	return error;
}

int pstore_read_files(struct pstore_records *records, const char *path)
{
	struct walk walk = { .records = records, .context = records->memory->context };

	return visit(&walk, path, 0);
}
