// SPDX-License-Identifier: LGPL-2.1-only
/* The RAM of a guest of a QEMU on this host, by way of files that QEMU writes for us. */
#include "internal.h"
#include "qemu-ram.h"
#include "qmp.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMMAND_SECONDS		10
#define SAVE_SECONDS		60
#define DUMP_SIZE		4096
/* Ranges nearer than this are fetched as one: a request costs more than the bytes between. */
#define MERGE_DISTANCE		65536
/* Ranges that are fetched together are held in memory. */
#define MAX_PREFETCH		(256ULL << 20)
#define SEARCH_WINDOW		(64ULL << 20)

/* Guest memory that was fetched. */
struct segment {
	uint64_t paddr;
	uint64_t length;
	uint8_t *data;
};

struct qmp_guest {
	struct meminspect_memory memory;
	struct qmp *qmp;
	bool resume;		/* it ran, and is to go on */
	char *directory;	/* of the files that QEMU writes */
	char *file;		/* the one file that is there at a time */
	size_t nr_ram;
	struct meminspect_extent ram[MAX_RAM_RANGES];	/* sorted, apart */
	size_t nr_segments;
	struct segment *segments;	/* sorted */
};

static int no_memory(struct qmp_guest *guest)
{
	return fail(guest->memory.context, -ENOMEM, "out of memory");
}

/* Has QEMU write guest->file; returns it, open, or a negative errno. */
static int execute_to_file(struct qmp_guest *guest, const char *command,
			   struct json_object *arguments)
{
	int error = qmp_execute(guest->qmp, command, arguments, SAVE_SECONDS, NULL);
	int fd;

	if (error)
		return error;
	fd = open(guest->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return fail(guest->memory.context, -errno,
			    "%s: QEMU should have written it: %s: it must run on this host and see this directory",
			    guest->file, strerror(errno));
	return fd;
}

/*
 * Has QEMU save guest memory to a file and opens it. QEMU reads what isn't RAM
 * as zeros, so the range must be in RAM.
 */
static int save(struct qmp_guest *guest, uint64_t paddr, uint64_t length)
{
	struct json_object *arguments = json_object_new_object();
	struct stat status;
	int fd;

	if (!arguments)
		return no_memory(guest);
	json_object_object_add(arguments, "val", json_object_new_int64(paddr));
	json_object_object_add(arguments, "size", json_object_new_int64(length));
	json_object_object_add(arguments, "filename", json_object_new_string(guest->file));
	fd = execute_to_file(guest, "pmemsave", arguments);
	if (fd < 0)
		return fd;
	unlink(guest->file);
	if (!fstat(fd, &status) && (uint64_t)status.st_size == length)
		return fd;
	close(fd);
	return fail(guest->memory.context, -ENODATA,
		    "%s: QEMU saved %lld bytes of guest memory, %llu were expected: is the file system full?",
		    guest->file, (long long)status.st_size, (unsigned long long)length);
}

static int read_file(struct qmp_guest *guest, int fd, uint8_t *buffer, uint64_t length)
{
	uint64_t done = 0;

	while (done < length) {
		ssize_t part = pread(fd, buffer + done, length - done, done);

		if (part < 0 && errno == EINTR)
			continue;
		if (part <= 0)
			return fail(guest->memory.context, -ENODATA,
				    "%s: reading %llu bytes that QEMU saved: %s", guest->file,
				    (unsigned long long)length,
				    part ? strerror(errno) : "the file ends early");
		done += part;
	}
	return 0;
}

static int fetch(struct qmp_guest *guest, uint64_t paddr, uint8_t *buffer, uint64_t length)
{
	int fd = save(guest, paddr, length);
	int error;

	if (fd < 0)
		return fd;
	error = read_file(guest, fd, buffer, length);
	close(fd);
	return error;
}

/* How many of @length bytes at @paddr are RAM; 0 if the first isn't. */
static uint64_t ram_length(const struct qmp_guest *guest, uint64_t paddr, uint64_t length)
{
	size_t i;

	for (i = 0; i < guest->nr_ram; i++) {
		const struct meminspect_extent *range = &guest->ram[i];
		uint64_t offset = paddr - range->paddr;

		if (paddr >= range->paddr && offset < range->length)
			return length < range->length - offset ? length : range->length - offset;
	}
	return 0;
}

static const struct segment *find_segment(const struct qmp_guest *guest, uint64_t paddr)
{
	size_t low = 0, high = guest->nr_segments;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct segment *segment = &guest->segments[middle];

		if (paddr < segment->paddr)
			high = middle;
		else if (paddr - segment->paddr >= segment->length)
			low = middle + 1;
		else
			return segment;
	}
	return NULL;
}

static void drop_segments(struct qmp_guest *guest)
{
	size_t i;

	for (i = 0; i < guest->nr_segments; i++)
		free(guest->segments[i].data);
	guest->nr_segments = 0;
}

static int64_t qmp_read(struct meminspect_memory *memory, uint64_t paddr, void *buffer,
			size_t length)
{
	struct qmp_guest *guest = (struct qmp_guest *)memory;
	const struct segment *segment = find_segment(guest, paddr);
	int error;

	length = ram_length(guest, paddr, length);
	if (!length)
		return 0;
	if (segment && length <= segment->length - (paddr - segment->paddr)) {
		memcpy(buffer, segment->data + (paddr - segment->paddr), length);
		return length;
	}
	error = fetch(guest, paddr, buffer, length);
	return error ? error : (int64_t)length;
}

static int add_segment(struct qmp_guest *guest, const struct meminspect_extent *range)
{
	struct segment *segments;
	uint8_t *data;
	int error;

	segments = reallocarray(guest->segments, guest->nr_segments + 1, sizeof(*segments));
	if (!segments)
		return no_memory(guest);
	guest->segments = segments;
	data = malloc(range->length);
	if (!data)
		return no_memory(guest);
	error = fetch(guest, range->paddr, data, range->length);
	if (error) {
		free(data);
		return error;
	}
	segments[guest->nr_segments++] = (struct segment){ range->paddr, range->length, data };
	return 0;
}

static int qmp_prefetch(struct meminspect_memory *memory, const struct meminspect_extent *ranges,
			size_t nr_ranges)
{
	struct qmp_guest *guest = (struct qmp_guest *)memory;
	struct meminspect_extent *wanted = calloc(nr_ranges + 1, sizeof(*wanted));
	uint64_t total = 0;
	size_t nr = 0;
	size_t i;
	int error = 0;

	if (!wanted)
		return no_memory(guest);
	drop_segments(guest);
	for (i = 0; i < nr_ranges; i++) {
		wanted[nr] = ranges[i];
		wanted[nr].length = ram_length(guest, ranges[i].paddr, ranges[i].length);
		nr += wanted[nr].length != 0;
	}
	nr = merge_ranges(wanted, nr, MERGE_DISTANCE);
	for (i = 0; i < nr && !error; i++) {
		/* The gap between two ranges may have a hole in RAM: leave those for later. */
		if (ram_length(guest, wanted[i].paddr, wanted[i].length) != wanted[i].length ||
		    wanted[i].length > MAX_PREFETCH - total)
			continue;
		total += wanted[i].length;
		progress(memory->context, "fetching guest memory", i, nr);
		error = add_segment(guest, &wanted[i]);
	}
	free(wanted);
	return error;
}

static int64_t image_read(void *priv, uint64_t position, void *buffer, size_t length)
{
	return qmp_read(priv, position, buffer, length);
}

static int search_ram(struct qmp_guest *guest, struct head_search *search, uint8_t *window)
{
	uint64_t done = 0, total = 0;
	size_t i;

	for (i = 0; i < guest->nr_ram; i++)
		total += guest->ram[i].length;
	for (i = 0; i < guest->nr_ram; i++) {
		const struct meminspect_extent *range = &guest->ram[i];
		uint64_t position, length;

		for (position = 0; position < range->length; position += length) {
			int error;

			length = range->length - position;
			if (length > SEARCH_WINDOW)
				length = SEARCH_WINDOW;
			progress(guest->memory.context, "searching the directory", done, total);
			error = fetch(guest, range->paddr + position, window, length);
			if (error)
				return error;
			head_search_window(search, window, length, range->paddr + position);
			done += length;
		}
	}
	progress(guest->memory.context, "searching the directory", total, total);
	return 0;
}

static int qmp_find_head(struct meminspect_memory *memory, uint64_t head[MEMINSPECT_COPIES])
{
	struct qmp_guest *guest = (struct qmp_guest *)memory;
	struct head_search *search = head_search_new(memory->context);
	uint8_t *window = malloc(SEARCH_WINDOW);
	uint64_t base = 0;
	int error;

	error = search && window ? search_ram(guest, search, window) : no_memory(guest);
	free(window);
	if (!error) {
		error = head_search_result(search, memory, image_read, guest, &base, head);
		if (error == -ENOENT && !memory->vmcoreinfo)
			fail(memory->context, error,
			     "%s; this QEMU has no VMCOREINFO of the guest either: next time, start it with -device vmcoreinfo, and the guest with CONFIG_FW_CFG_SYSFS",
			     meminspect_error(memory->context));
	}
	head_search_free(search);
	return error;
}

/* Where QEMU has ended, there is nothing left that could go on. */
static int qmp_resume(struct meminspect_memory *memory)
{
	struct qmp_guest *guest = (struct qmp_guest *)memory;
	struct meminspect_context *context = memory->context;
	char *before;
	int error;

	if (!guest->resume)
		return 0;
	before = strdup(meminspect_error(context));
	error = qmp_execute(guest->qmp, "cont", NULL, COMMAND_SECONDS, NULL);
	/* QEMU serves a connection whose commands it is done with. */
	if (error && error != -ENOTCONN && error != -EREMOTEIO)
		error = qmp_reconnect(guest->qmp) ?:
			qmp_execute(guest->qmp, "cont", NULL, COMMAND_SECONDS, NULL);
	if (!error || error == -ENOTCONN)
		error = fail(context, 0, "%s", before ? before : "out of memory");
	else
		fail(context, error, "the guest %s stopped: %s; type cont in its monitor",
		     error == -EREMOTEIO ? "is still" : "may still be", meminspect_error(context));
	free(before);
	return error;
}

static void qmp_memory_close(struct meminspect_memory *memory)
{
	struct qmp_guest *guest = (struct qmp_guest *)memory;

	qmp_close(guest->qmp);
	if (guest->file)
		unlink(guest->file);
	if (guest->directory)
		rmdir(guest->directory);
	drop_segments(guest);
	free(guest->segments);
	free(guest->file);
	free(guest->directory);
	memory_release(memory);
	free(guest);
}

static const struct memory_operations qmp_operations = {
	.read = qmp_read,
	.prefetch = qmp_prefetch,
	.find_head = qmp_find_head,
	.resume = qmp_resume,
	.close = qmp_memory_close,
};

static int make_directory(struct qmp_guest *guest)
{
	const char *parent = getenv("TMPDIR");
	char *template, *absolute;

	absolute = realpath(parent && *parent ? parent : "/tmp", NULL);
	if (!absolute)
		return fail(guest->memory.context, -errno, "TMPDIR: %s: %s", parent,
			    strerror(errno));
	if (asprintf(&template, "%s/meminspect-XXXXXX", absolute) < 0)
		template = NULL;
	free(absolute);
	if (!template)
		return no_memory(guest);
	if (!mkdtemp(template)) {
		int error = fail(guest->memory.context, -errno, "%s: %s", template,
				 strerror(errno));

		free(template);
		return error;
	}
	guest->directory = template;
	if (asprintf(&guest->file, "%s/memory", template) < 0) {
		guest->file = NULL;
		return no_memory(guest);
	}
	return 0;
}

/* What is read later must belong together. */
static int stop_guest(struct qmp_guest *guest)
{
	struct json_object *status, *running;
	int error = qmp_execute(guest->qmp, "query-status", NULL, COMMAND_SECONDS, &status);

	if (error)
		return error;
	guest->resume = json_object_object_get_ex(status, "running", &running) &&
			json_object_get_boolean(running);
	json_object_put(status);
	if (!guest->resume)
		return 0;
	error = qmp_execute(guest->qmp, "stop", NULL, COMMAND_SECONDS, NULL);
	/* Without an answer, QEMU may stop it yet: whoever opens it hears of that. */
	if (error == -EREMOTEIO)
		guest->resume = false;
	return error;
}

/* A dump of one page, for its notes. */
static int read_notes(struct qmp_guest *guest)
{
	struct json_object *arguments = json_object_new_object();
	const struct meminspect_extent *largest = &guest->ram[0];
	char *protocol;
	size_t i;
	int error, fd;

	if (!arguments || asprintf(&protocol, "file:%s", guest->file) < 0) {
		json_object_put(arguments);
		return no_memory(guest);
	}
	/* Only main memory can be dumped; small ranges can be firmware or devices. */
	for (i = 1; i < guest->nr_ram; i++)
		if (guest->ram[i].length > largest->length)
			largest = &guest->ram[i];
	json_object_object_add(arguments, "paging", json_object_new_boolean(false));
	json_object_object_add(arguments, "protocol", json_object_new_string(protocol));
	json_object_object_add(arguments, "begin", json_object_new_int64(largest->paddr));
	json_object_object_add(arguments, "length", json_object_new_int64(DUMP_SIZE));
	free(protocol);
	fd = execute_to_file(guest, "dump-guest-memory", arguments);
	if (fd < 0)
		return fd;
	error = qemu_notes_read(&guest->memory, fd, guest->file);
	close(fd);
	unlink(guest->file);
	if (!error && !guest->memory.vmcoreinfo)
		error = memory_add_problem(&guest->memory, "QEMU has no VMCOREINFO of this guest, so all of its RAM was searched: next time, start QEMU with -device vmcoreinfo, and the guest with CONFIG_FW_CFG_SYSFS");
	return error;
}

/* After a failure, which is the first thing to know; then, if the guest stays stopped. */
static int give_up(struct qmp_guest *guest, int error)
{
	struct meminspect_context *context = guest->memory.context;
	char *why = strdup(meminspect_error(context));

	if (meminspect_memory_close(&guest->memory))
		fail(context, error, "%s; %s", why ? why : "out of memory", meminspect_error(context));
	free(why);
	return error;
}

int meminspect_memory_open_qmp(struct meminspect_context *context, const char *socket,
			       struct meminspect_memory **memory)
{
	struct qmp_guest *guest = calloc(1, sizeof(*guest));
	int error;

	if (!guest)
		return fail(context, -ENOMEM, "out of memory");
	guest->memory.context = context;
	guest->memory.operations = &qmp_operations;
	if (asprintf(&guest->memory.description, "QEMU at %s", socket) < 0) {
		guest->memory.description = NULL;
		error = no_memory(guest);
	} else {
		error = qmp_open(context, socket, &guest->qmp);
	}
	if (!error)
		error = make_directory(guest);
	if (!error)
		error = stop_guest(guest);
	if (!error)
		error = qemu_ram_ranges(context, guest->qmp, guest->ram, &guest->nr_ram);
	if (!error)
		error = read_notes(guest);
	if (error)
		return give_up(guest, error);
	*memory = &guest->memory;
	return 0;
}
