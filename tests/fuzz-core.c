// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes the reader of cores: the input is either a file, or a list of edits
 * to a good core, so that checks of the outer layers don't hide the inner ones.
 */
#include "sample-core.h"

#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct edit {
	uint8_t kind;		/* 0 cuts the file */
	uint8_t length;		/* bytes of @value, 0 to 8 */
	uint8_t place[2];
	uint8_t value[8];
};

static uint8_t *good_core(size_t *size)
{
	struct meminspect_context *context = meminspect_context_new();
	struct meminspect_dump *dump = sample_dump();
	char *path = sample_path("good");
	uint8_t *file;

	if (meminspect_core_write(context, dump, path))
		abort();
	file = sample_load(path, size);
	unlink(path);
	sample_end();
	free(path);
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	return file;
}

static size_t apply(uint8_t *file, size_t size, const uint8_t *data, size_t length)
{
	struct edit edit;

	for (; length >= sizeof(edit); data += sizeof(edit), length -= sizeof(edit)) {
		size_t place;

		memcpy(&edit, data, sizeof(edit));
		place = (edit.place[0] | (size_t)edit.place[1] << 8) % size;
		if (!edit.kind)
			size = place + 1;
		else if (place + edit.length % 9 <= size)
			memcpy(file + place, edit.value, edit.length % 9);
	}
	return size;
}

/* Uses all of a dump, and stops where it contradicts itself. */
static void use(const struct meminspect_dump *dump, size_t file_size)
{
	uint64_t present = 0;
	uint8_t byte, sum = 0;
	char *json;

	for (size_t i = 0; i < meminspect_dump_nr_regions(dump); i++) {
		const struct meminspect_region *region = meminspect_dump_region(dump, i);

		for (size_t j = 0; j < region->nr_pieces; j++) {
			const struct meminspect_piece *piece = &region->pieces[j];

			present += piece->present;
			if (piece->present > piece->length || !piece->data != !piece->present ||
			    (region->verdict == MEMINSPECT_PRESENT &&
			     piece->present != piece->length))
				abort();
			for (size_t k = 0; k < piece->present; k++)
				sum += piece->data[k];
			meminspect_dump_read(dump, piece->vaddr, &byte, 1);
		}
	}
	if (present > file_size)
		abort();
	for (size_t i = 0; i < meminspect_dump_nr_regions(dump); i++) {
		const struct meminspect_region *region = meminspect_dump_region(dump, i);

		if (region->verdict > MEMINSPECT_LEFT_OUT ||
		    (region->verdict == MEMINSPECT_LEFT_OUT && region->nr_pieces))
			abort();
	}
	for (size_t i = 0; i < meminspect_dump_nr_registers(dump); i++) {
		const struct meminspect_registers *registers = meminspect_dump_registers(dump, i);

		for (size_t j = 0; registers->prstatus && j < registers->size; j++)
			sum += registers->prstatus[j];
	}
	json = meminspect_dump_json(dump);
	if (!json || (sum && !json[0]))
		abort();
	free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t *good;
	static size_t good_size;
	struct meminspect_context *context = meminspect_context_new();
	struct meminspect_dump *dump;
	uint8_t *file;
	char path[64];
	int fd = memfd_create("core", 0);

	if (!good)
		good = good_core(&good_size);
	if (size && data[0] & 1) {
		file = malloc(good_size);
		memcpy(file, good, good_size);
		size = apply(file, good_size, data + 1, size - 1);
	} else {
		file = malloc(size + 1);
		memcpy(file, data, size);
	}
	if (fd < 0 || write(fd, file, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!meminspect_core_open(context, path, &dump))
		use(dump, size);
	else if (!meminspect_error(context)[0])
		abort();
	meminspect_dump_free(dump);
	meminspect_context_free(context);
	close(fd);
	free(file);
	return 0;
}
