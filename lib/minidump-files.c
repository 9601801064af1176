// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The files of a minidump. They came from a machine that is broken, by way of
 * tools that may have stopped halfway, into a folder where anybody may have put
 * something: nothing is opened that is not a plain file.
 */
#include "minidump.h"
#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * By all comparisons of files: copies are few, and small. Sections of a container can be the same
 * bytes, and all be called the same.
 */
#define MAX_COMPARED	(1ULL << 30)

struct minidump_file *minidump_files_add(struct minidump_files *files, const char *name)
{
	struct minidump_file *file;

	/* Powers of two. */
	if (!(files->nr & (files->nr - 1))) {
		size_t nr = files->nr ? 2 * files->nr : 1;

		file = reallocarray(files->files, nr, sizeof(*file));
		if (!file)
			return NULL;
		files->files = file;
	}
	file = &files->files[files->nr];
	*file = (struct minidump_file) { .path = strdup(name) };
	if (!file->path)
		return NULL;
	files->nr++;
	return file;
}

static int no_memory(struct minidump_files *files)
{
	return fail(files->memory->context, -ENOMEM, "out of memory");
}

static int file_open(struct minidump_files *files, const char *name, struct stat *status)
{
	int fd = openat(files->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
			O_NOCTTY);
	int error = fd < 0 ? -errno : 0;

	if (!error && fstat(fd, status))
		error = -errno;
	/* It was a file when the folder was read. */
	if (!error && !S_ISREG(status->st_mode))
		error = -EINVAL;
	if (!error)
		return fd;
	if (fd >= 0)
		close(fd);
	return error;
}

/* 0 if the entry is no file of a minidump, or can't be used. */
static int add_entry(struct minidump_files *files, const char *name)
{
	struct minidump_file *file;
	struct minidump_name parsed;
	struct stat status;
	int fd;

	if (!minidump_name_parse(name, &parsed))
		return 0;
	/* Opening a device or a FIFO can do something: look first. */
	if (fstatat(files->folder, name, &status, AT_SYMLINK_NOFOLLOW))
		return memory_add_problem(files->memory, "%s/%s: %s", files->where, name,
					  strerror(errno));
	if (!S_ISREG(status.st_mode))
		return memory_add_problem(files->memory, "%s/%s: is %s, not a file: not used",
					  files->where, name,
					  S_ISLNK(status.st_mode) ? "a symbolic link" :
					  S_ISDIR(status.st_mode) ? "a directory" :
					  S_ISFIFO(status.st_mode) ? "a FIFO" : "a device or socket");
	fd = file_open(files, name, &status);
	if (fd < 0)
		return memory_add_problem(files->memory, "%s/%s: can't be read: %s", files->where,
					  name, strerror(-fd));
	close(fd);
	file = minidump_files_add(files, name);
	if (!file)
		return -ENOMEM;
	file->name = parsed;
	file->size = status.st_size;
	return 0;
}

static int compare_paths(const void *a, const void *b)
{
	const struct minidump_file *left = a, *right = b;

	return strcmp(left->path, right->path);
}

static int read_folder(struct minidump_files *files)
{
	struct dirent *entry;
	int fd = dup(files->folder), error = 0;
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (!stream) {
		error = fail(files->memory->context, -errno, "%s: %s", files->where,
			     strerror(errno));
		if (fd >= 0)
			close(fd);
		return error;
	}
	while (!error && (errno = 0, entry = readdir(stream))) {
		if (files->nr == MAX_MINIDUMP_FILES) {
			error = memory_add_problem(files->memory, "%s: has more than %u files md_*.BIN: the rest is not looked at",
						   files->where, MAX_MINIDUMP_FILES);
			break;
		}
		error = add_entry(files, entry->d_name);
	}
	if (!error && !entry && errno)
		error = fail(files->memory->context, -errno, "%s: %s", files->where,
			     strerror(errno));
	closedir(stream);
	/* The order of a folder's entries is nobody's: what is said must not depend on it. */
	if (files->nr)
		qsort(files->files, files->nr, sizeof(*files->files), compare_paths);
	return error == -ENOMEM ? no_memory(files) : error;
}

static int open_folder(struct minidump_files *files, const char *path)
{
	free(files->where);
	files->where = strdup(path);
	if (!files->where)
		return no_memory(files);
	if (files->folder >= 0)
		close(files->folder);
	files->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (files->folder < 0)
		return fail(files->memory->context, -errno, "%s: %s; expected the folder with the files md_*.BIN",
			    path, strerror(errno));
	return read_folder(files);
}

/*
 * A list that 'meminspect collect --sahara' leaves beside the files: address,
 * length and name, as the device had them.
 */
static int read_list(struct minidump_files *files)
{
	unsigned long long address, length;
	struct stat status;
	char line[1024], name[64];
	FILE *stream;
	int fd = file_open(files, MINIDUMP_LIST, &status);

	if (fd == -ENOENT)
		return 0;
	stream = fd < 0 ? NULL : fdopen(fd, "r");
	if (!stream)
		return memory_add_problem(files->memory, "%s/%s: can't be read: %s", files->where,
					  MINIDUMP_LIST, strerror(fd < 0 ? -fd : errno));
	for (unsigned int i = 0; i < MAX_MINIDUMP_FILES && fgets(line, sizeof(line), stream); i++) {
		if (!strncmp(line, MINIDUMP_LOST, strlen(MINIDUMP_LOST)) &&
		    memory_add_problem(files->memory, "%s/%s: not read from the device: %.*s",
				       files->where, MINIDUMP_LIST, (int)strcspn(line, "\n") -
				       (int)strlen(MINIDUMP_LOST), line + strlen(MINIDUMP_LOST))) {
			fclose(stream);
			return no_memory(files);
		}
		if (sscanf(line, "%llx %llx %63s", &address, &length, name) != 3)
			continue;
		for (size_t j = 0; j < files->nr; j++) {
			struct minidump_file *file = &files->files[j];

			/* The last one of a name is the one whose bytes are there. */
			if (strcmp(file->path, name) != 0)
				continue;
			file->address = address;
			file->has_address = true;
		}
	}
	fclose(stream);
	return 0;
}

/*
 * A device that refuses to read some memory says so in the place of the bytes,
 * in a packet of Sahara, END_OF_IMAGE; qdl writes that into the file, and may
 * stop there, or not see it. Little-endian words: command, length, image, status.
 */
static int cut_refusal(struct minidump_files *files, size_t index)
{
	struct minidump_file *file = &files->files[index];
	uint32_t packet[4];
	int64_t got;

	if (file->size < sizeof(packet))
		return 0;
	got = minidump_file_read(files, index, file->size - sizeof(packet), packet, sizeof(packet));
	/* Whoever reads a file that can't be read says so. */
	if (got != sizeof(packet) || le32toh(packet[0]) != 4 ||
	    le32toh(packet[1]) != sizeof(packet) || packet[2] || !packet[3])
		return 0;
	file->size -= sizeof(packet);
	return memory_add_problem(files->memory, "%s/%s: ends in the device's refusal to read more, status 0x%x, at offset %llu: those %zu bytes are not memory",
				  files->where, file->path, le32toh(packet[3]),
				  (unsigned long long)file->size, sizeof(packet));
}

int minidump_files_open(struct minidump_files *files, const char *path)
{
	char *below;
	int error = open_folder(files, path);

	/* edl makes a folder of its own for them. */
	if (!error && !files->nr && !faccessat(files->folder, "memory", F_OK, 0)) {
		if (asprintf(&below, "%s/memory", path) < 0)
			return no_memory(files);
		error = open_folder(files, below);
		free(below);
	}
	if (!error && !files->nr)
		return fail(files->memory->context, -ENOENT,
			    "%s: has no file md_*.BIN: expected the folder that qdl or edl left",
			    path);
	for (size_t i = 0; !error && i < files->nr; i++)
		error = cut_refusal(files, i);
	return error ? error : read_list(files);
}

void minidump_files_close(struct minidump_files *files)
{
	for (size_t i = 0; i < files->nr; i++)
		free(files->files[i].path);
	free(files->files);
	free(files->where);
	if (files->folder >= 0)
		close(files->folder);
	if (files->container >= 0)
		close(files->container);
}

/* One file of a folder is open at a time: there can be more of them than descriptors. */
static int use_file(struct minidump_files *files, size_t index)
{
	struct stat status;

	if (files->folder < 0 || (files->container >= 0 && files->opened == index))
		return 0;
	if (files->container >= 0)
		close(files->container);
	files->container = file_open(files, files->files[index].path, &status);
	files->opened = index;
	if (files->container >= 0)
		return 0;
	return fail(files->memory->context, -EIO, "%s/%s: %s", files->where,
		    files->files[index].path, strerror(-files->container));
}

int64_t minidump_file_read(struct minidump_files *files, size_t index, uint64_t offset,
			   void *buffer, size_t length)
{
	const struct minidump_file *file = &files->files[index];
	size_t done = 0;

	if (offset >= file->size)
		return 0;
	if (length > file->size - offset)
		length = file->size - offset;
	if (use_file(files, index))
		return -EIO;
	while (done < length) {
		ssize_t part = pread(files->container, (char *)buffer + done, length - done,
				     file->position + offset + done);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return fail(files->memory->context, -EIO, "%s/%s: reading at offset %llu: %s",
				    files->where, file->path, (unsigned long long)(offset + done),
				    strerror(errno));
		if (!part)
			break;
		done += part;
	}
	return done;
}

uint64_t minidump_file_data(struct minidump_files *files, size_t index, uint64_t offset)
{
	const struct minidump_file *file = &files->files[index];
	off_t data;

	if (offset >= file->size || use_file(files, index))
		return offset;
	data = lseek(files->container, file->position + offset, SEEK_DATA);
	/* Where holes are not known, all is data. */
	if (data < 0)
		return errno == ENXIO ? file->size : offset;
	return (uint64_t)data - file->position < file->size ? data - file->position : file->size;
}

int minidump_files_same(struct minidump_files *files, size_t one, size_t other, uint64_t length)
{
	uint8_t bytes[2][4096];
	uint64_t offset;

	if (length > MAX_COMPARED - files->compared)
		return 0;
	for (offset = 0; offset < length; offset += sizeof(bytes[0])) {
		size_t step = length - offset < sizeof(bytes[0]) ? length - offset : sizeof(bytes[0]);
		int64_t first = minidump_file_read(files, one, offset, bytes[0], step);
		int64_t second = minidump_file_read(files, other, offset, bytes[1], step);

		if (first < 0 || second < 0)
			return first < 0 ? first : second;
		files->compared += step;
		if (first != second || memcmp(bytes[0], bytes[1], first) != 0)
			return 0;
	}
	return 1;
}
