// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A plain image of RAM. It is read with pread() rather than mapped: a file
 * that somebody cuts while it is read must give an error, not a signal.
 */
#include "internal.h"
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW_SIZE (1U << 20)

struct ram_image {
	struct meminspect_memory memory;
	char *path;
	int fd;
	uint64_t base;
	uint64_t size;
	bool searched;
	uint64_t head[MEMINSPECT_COPIES];	/* as found by the search */
};

static int64_t image_read(void *priv, uint64_t position, void *buffer, size_t length)
{
	struct ram_image *image = priv;
	size_t done = 0;

	if (position >= image->size)
		return 0;
	if (length > image->size - position)
		length = image->size - position;
	while (done < length) {
		ssize_t part = pread(image->fd, (char *)buffer + done, length - done,
				     position + done);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return fail(image->memory.context, -errno,
				    "%s: reading %zu bytes at offset %#llx: %s", image->path,
				    length - done, (unsigned long long)(position + done),
				    strerror(errno));
		if (!part)
			break;
		done += part;
	}
	return done;
}

static int64_t ram_read(struct meminspect_memory *memory, uint64_t paddr, void *buffer,
			size_t length)
{
	struct ram_image *image = (struct ram_image *)memory;

	if (paddr < image->base)
		return 0;
	return image_read(image, paddr - image->base, buffer, length);
}

static int search_file(struct ram_image *image, struct head_search *search)
{
	uint8_t *window = malloc(WINDOW_SIZE);
	uint64_t position = 0;
	int64_t length;

	if (!window)
		return fail(image->memory.context, -ENOMEM, "out of memory");
	while (position < image->size) {
		/* Images are often sparse; where holes aren't known, all is data. */
		off_t data = lseek(image->fd, position, SEEK_DATA);

		if (data < 0 && errno == ENXIO)
			break;
		if (data > 0 && (uint64_t)data > position)
			position = data - data % MEMINSPECT_CHUNK_SIZE;
		progress(image->memory.context, "searching the directory", position, image->size);
		length = image_read(image, position, window, WINDOW_SIZE);
		if (length <= 0) {
			free(window);
			return length;
		}
		head_search_window(search, window, length, position);
		position += length;
	}
	progress(image->memory.context, "searching the directory", image->size, image->size);
	free(window);
	return 0;
}

/* Sets the base if it isn't known. */
static int search_head(struct ram_image *image)
{
	struct meminspect_context *context = image->memory.context;
	struct head_search *search = head_search_new(context);
	int error;

	if (!search)
		return fail(context, -ENOMEM, "out of memory");
	error = search_file(image, search);
	if (!error)
		error = head_search_result(search, &image->memory, image_read, image,
					   &image->base, image->head);
	head_search_free(search);
	if (error)
		return fail(context, error, "%s: %s", image->path, meminspect_error(context));
	image->searched = true;
	return 0;
}

static int ram_find_head(struct meminspect_memory *memory, uint64_t head[MEMINSPECT_COPIES])
{
	struct ram_image *image = (struct ram_image *)memory;
	int error = 0;

	if (!image->searched)
		error = search_head(image);
	memcpy(head, image->head, sizeof(image->head));
	return error;
}

static void ram_range(struct meminspect_memory *memory, uint64_t *start, uint64_t *length)
{
	struct ram_image *image = (struct ram_image *)memory;

	*start = image->base;
	*length = image->size;
}

static void ram_close(struct meminspect_memory *memory)
{
	struct ram_image *image = (struct ram_image *)memory;

	if (image->fd >= 0)
		close(image->fd);
	free(image->path);
	memory_release(memory);
	free(image);
}

static const struct memory_operations ram_operations = {
	.read = ram_read,
	.find_head = ram_find_head,
	.range = ram_range,
	.close = ram_close,
};

/* The first page of RAM may well be that of a program. */
static bool is_elf_core(int fd)
{
	Elf64_Ehdr header;

	return pread(fd, &header, sizeof(header), 0) == sizeof(header) &&
	       !memcmp(header.e_ident, ELFMAG, SELFMAG) &&
	       (header.e_type == htole16(ET_CORE) || header.e_type == htobe16(ET_CORE));
}

static int check_file(struct ram_image *image)
{
	struct meminspect_context *context = image->memory.context;
	struct stat status;
	off_t size;

	/* Who opens a FIFO otherwise waits for its other end. */
	image->fd = open(image->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (image->fd < 0 || fstat(image->fd, &status))
		return fail(context, -errno, "%s: %s", image->path, strerror(errno));
	if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
		return fail(context, -EINVAL,
			    "%s: neither a file nor a block device; expected an image of RAM",
			    image->path);
	size = lseek(image->fd, 0, SEEK_END);
	if (size < 0)
		return fail(context, -errno, "%s: %s", image->path, strerror(errno));
	if (!size)
		return fail(context, -EINVAL, "%s: the file is empty", image->path);
	image->size = size;
	if (is_elf_core(image->fd))
		return fail(context, -EINVAL,
			    "%s: this is an ELF core, but a plain image of RAM is expected, as QEMU's pmemsave writes it",
			    image->path);
	if (image->base != MEMINSPECT_BASE_FROM_DIRECTORY &&
	    image->base + image->size < image->base)
		return fail(context, -EINVAL,
			    "%s: %#llx bytes from base %#llx on wrap around the end of addresses",
			    image->path, (unsigned long long)image->size,
			    (unsigned long long)image->base);
	return 0;
}

int meminspect_memory_open_ram(struct meminspect_context *context, const char *path,
			       uint64_t base, struct meminspect_memory **memory)
{
	struct ram_image *image = calloc(1, sizeof(*image));
	int error;

	if (!image)
		return fail(context, -ENOMEM, "out of memory");
	image->memory.context = context;
	image->memory.operations = &ram_operations;
	image->fd = -1;
	image->base = base;
	image->path = strdup(path);
	if (!image->path || asprintf(&image->memory.description, "RAM image %s", path) < 0) {
		image->memory.description = NULL;
		error = fail(context, -ENOMEM, "out of memory");
	} else {
		error = check_file(image);
		if (!error && base == MEMINSPECT_BASE_FROM_DIRECTORY)
			error = search_head(image);
	}
	if (error) {
		ram_close(&image->memory);
		return error;
	}
	*memory = &image->memory;
	return 0;
}
