// SPDX-License-Identifier: GPL-2.0-only
#include "firmware.h"
#include "map.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void ram_open(struct ram *ram, const struct options *options, bool in_place)
{
	const char *path = options->ram;
	int file = open(path, (in_place ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	struct stat status;

	if (file < 0 || fstat(file, &status) < 0)
		fail(OUTCOME_TROUBLE, "%s: cannot open it: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		fail(OUTCOME_TROUBLE, "%s: is no regular file; give that of the RAM", path);
	if (status.st_size <= 0 || UINT64_MAX - options->base < (uint64_t)status.st_size)
		fail(OUTCOME_TROUBLE, "%s: %llu bytes cannot be RAM from 0x%llx on", path,
		     (unsigned long long)status.st_size, (unsigned long long)options->base);
	ram->path = path;
	ram->base = options->base;
	ram->size = (uint64_t)status.st_size;
	ram->bytes = mmap(NULL, ram->size, PROT_READ | PROT_WRITE,
			  (in_place ? MAP_SHARED : MAP_PRIVATE) | MAP_NORESERVE, file, 0);
	if (ram->bytes == MAP_FAILED)
		fail(OUTCOME_TROUBLE, "%s: cannot map it: %s", path, strerror(errno));
	close(file);
	if (!ram_at(ram, SMEM_BASE, PRIVATE_BASE + PRIVATE_SIZE - SMEM_BASE))
		fail(OUTCOME_TROUBLE, "%s: 0x%llx to 0x%llx does not have firmware's memory, 0x%x "
		     "to 0x%x; give the whole RAM of a machine with 1 GiB or more", path,
		     (unsigned long long)ram->base, (unsigned long long)(ram->base + ram->size),
		     SMEM_BASE, PRIVATE_BASE + PRIVATE_SIZE);
}

void ram_sync(const struct ram *ram)
{
	if (msync(ram->bytes, ram->size, MS_SYNC) < 0)
		fail(OUTCOME_TROUBLE, "%s: cannot write it: %s", ram->path, strerror(errno));
}

uint8_t *ram_at(const struct ram *ram, uint64_t address, uint64_t length)
{
	uint64_t offset = address - ram->base;

	if (address < ram->base || offset > ram->size || length > ram->size - offset)
		return NULL;
	return ram->bytes + offset;
}
