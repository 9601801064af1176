// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The container in which boot firmware leaves a dump on a disk: a header, a
 * table of sections, and their bytes. All numbers are little-endian, and none
 * is aligned.
 */
#include "minidump.h"
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC		"Raw_Dmp!"
#define VALID_COMPLETE	1U
#define VALID_NO_SPACE	2U

struct container_header {
	char magic[8];
	uint32_t version;
	uint32_t valid;
	uint64_t data;
	char context[8];
	uint32_t trigger;
	uint64_t dump_size;
	uint64_t total_size;
	uint32_t nr_sections;
} __attribute__((packed));

#define SECTION_VALID	1U

struct container_section {
	uint32_t valid;
	uint32_t version;
	uint32_t type;
	uint64_t offset;
	uint64_t size;
	uint64_t paddr;
	uint64_t info;
	char name[20];
} __attribute__((packed));

static int read_bytes(struct minidump_files *files, uint64_t offset, void *buffer, size_t length)
{
	ssize_t got = pread(files->container, buffer, length, offset);

	if (got == (ssize_t)length)
		return 0;
	if (got < 0)
		return fail(files->memory->context, -errno, "%s: reading at offset %llu: %s",
			    files->where, (unsigned long long)offset, strerror(errno));
	return fail(files->memory->context, -EBADMSG,
		    "%s: ends within the header or the table of sections, %zu bytes at offset %llu",
		    files->where, length, (unsigned long long)offset);
}

/* Names go into messages and are compared with names of files. */
static void copy_name(const struct container_section *section, char name[sizeof(section->name) + 1])
{
	size_t i;

	for (i = 0; i < sizeof(section->name) && section->name[i]; i++)
		name[i] = section->name[i] > ' ' && section->name[i] <= '~' ? section->name[i] : '?';
	name[i] = '\0';
}

static int add_section(struct minidump_files *files, const struct container_section *section,
		       uint64_t end)
{
	uint64_t offset = le64toh(section->offset), size = le64toh(section->size);
	char name[sizeof(section->name) + 1];
	struct minidump_file *file;

	copy_name(section, name);
	if (!(le32toh(section->valid) & SECTION_VALID))
		return memory_add_problem(files->memory, "%s: section %s is marked as not valid: not used",
					  files->where, name);
	if (offset > end || size > end - offset) {
		if (memory_add_problem(files->memory, "%s: section %s, %llu bytes at offset %llu, goes beyond the end of the file at %llu",
				       files->where, name, (unsigned long long)size,
				       (unsigned long long)offset, (unsigned long long)end))
			return -ENOMEM;
		size = offset > end ? 0 : end - offset;
	}
	file = minidump_files_add(files, name);
	if (!file)
		return -ENOMEM;
	minidump_name_parse(name, &file->name);
	file->position = offset;
	file->size = size;
	file->address = le64toh(section->paddr);
	file->has_address = file->address != 0;
	return 0;
}

static int check_header(struct minidump_files *files, const struct container_header *header)
{
	if (memcmp(header->magic, MAGIC, sizeof(header->magic)) != 0)
		return fail(files->memory->context, -EINVAL,
			    "%s: does not start with " MAGIC ": expected the partition rawdump, or a copy of it",
			    files->where);
	if (le32toh(header->valid) & VALID_NO_SPACE &&
	    memory_add_problem(files->memory, "%s: says that there was no room for all of the dump",
			       files->where))
		return -ENOMEM;
	if (!(le32toh(header->valid) & VALID_COMPLETE) &&
	    memory_add_problem(files->memory, "%s: says that the dump is not complete", files->where))
		return -ENOMEM;
	return 0;
}

int rawdump_open(struct minidump_files *files, const char *path)
{
	struct container_section section;
	struct container_header header;
	uint32_t nr, i;
	off_t end;
	int error;

	files->where = strdup(path);
	if (!files->where)
		return fail(files->memory->context, -ENOMEM, "out of memory");
	files->container = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (files->container < 0)
		return fail(files->memory->context, -errno, "%s: %s", path, strerror(errno));
	end = lseek(files->container, 0, SEEK_END);
	if (end < 0)
		return fail(files->memory->context, -errno, "%s: %s; expected a file or block device",
			    path, strerror(errno));
	error = read_bytes(files, 0, &header, sizeof(header));
	if (!error)
		error = check_header(files, &header);
	nr = error ? 0 : le32toh(header.nr_sections);
	if (nr > MAX_MINIDUMP_FILES)
		return fail(files->memory->context, -EBADMSG,
			    "%s: claims %u sections; no boot firmware has more than %u", path, nr,
			    MAX_MINIDUMP_FILES);
	for (i = 0; !error && i < nr; i++) {
		error = read_bytes(files, sizeof(header) + i * sizeof(section), &section,
				   sizeof(section));
		if (!error)
			error = add_section(files, &section, end);
	}
	return error == -ENOMEM ? fail(files->memory->context, error, "out of memory") : error;
}
