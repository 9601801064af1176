// SPDX-License-Identifier: GPL-2.0-only
/* lab.memfd_secret: whether the kernel marks a page of memfd_secret(), which only its owner can read. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE		4096
#define FRAME_NUMBER	((1ULL << 55) - 1)	/* of an entry of pagemap, Documentation/admin-guide/mm/pagemap.rst */

/* 0 if there is none */
static uint64_t frame_of(const void *page)
{
	int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	if (pread(file, &entry, sizeof(entry), (off_t)((uintptr_t)page / PAGE * sizeof(entry))) != sizeof(entry))
		entry = 0;
	close(file);
	return entry & FRAME_NUMBER;
}

static const char *mark(uint64_t frame)
{
	int file = open("/lab_page.ko", O_RDONLY | O_CLOEXEC);
	char parameters[40];
	int error;

	snprintf(parameters, sizeof(parameters), "pfn=%llu", (unsigned long long)frame);
	error = syscall(SYS_finit_module, file, parameters, 0) < 0 ? errno : 0;
	close(file);
	if (!error)
		syscall(SYS_delete_module, "lab_page", O_NONBLOCK);
	return error ? strerror(error) : "marked";
}

void secretmem_mark(void)
{
	int file = (int)syscall(SYS_memfd_secret, O_CLOEXEC);
	char *page;

	if (file < 0 || ftruncate(file, PAGE) < 0) {
		lab_say("LAB: error=no secret memory: %s", strerror(errno));
		return;
	}
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (page == MAP_FAILED) {
		lab_say("LAB: error=secret memory cannot be mapped: %s", strerror(errno));
		return;
	}
	memset(page, 's', PAGE);
	if (frame_of(page))
		lab_say("LAB: secret-page=%s", mark(frame_of(page)));
	lab_say("LAB: kernel-page=%s", mark(0));
}
