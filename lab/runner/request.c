// SPDX-License-Identifier: GPL-2.0-only
#include "machine.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *join(const char *a, const char *b, const char *c)
{
	char *joined;

	if (asprintf(&joined, "%s%s%s", a, b, c) < 0)
		fail("no memory");
	return joined;
}

/* This program is TOP/build/lab/machine */
static char *top_directory(void)
{
	char *path = realpath("/proc/self/exe", NULL);

	for (int level = 0; path && level < 3; level++) {
		char *slash = strrchr(path, '/');

		if (!slash)
			break;
		*slash = '\0';
	}
	if (!path)
		fail("cannot find the directory of this program: %s", strerror(errno));
	return path;
}

static char *cache_directory(void)
{
	const char *set;

	set = getenv("MEMINSPECT_CACHE");
	if (set && *set)
		return strdup(set);
	set = getenv("XDG_CACHE_HOME");
	if (set && *set)
		return join(set, "/meminspect", "");
	set = getenv("HOME");
	if (!set || !*set)
		fail("none of MEMINSPECT_CACHE, XDG_CACHE_HOME and HOME is set");
	return join(set, "/.cache/meminspect", "");
}

static void need(const char *path, const char *remedy)
{
	if (access(path, R_OK) < 0)
		fail("cannot read %s: %s; %s", path, strerror(errno), remedy);
}

/* Fills in all that follows from the board and from where things are kept */
void request_complete(struct request *request, const char *board_name)
{
	char *top = top_directory();
	char *cache = cache_directory();
	const char *variant = getenv("VARIANT");
	char *build;

	request->variant = variant && *variant ? join("-", variant, "") : "";
	if (asprintf(&build, "%s/linux-%s/build-%s%s", cache, request->kernel_version, board_name,
		     request->variant) < 0)
		fail("no memory");
	board_load(&request->board, top, board_name);
	request->kernel = join(build, "/", request->board.kernel_image);
	request->vmlinux = join(build, "/", "vmlinux");
	if (request->initramfs) {
		request->initramfs = realpath(request->initramfs, NULL);
		if (!request->initramfs)
			fail("--initramfs: %s", strerror(errno));
	} else {
		if (asprintf(&request->initramfs, "%s/build/lab/initramfs-%s-%s%s.cpio", top, board_name,
			     request->kernel_version, request->variant) < 0)
			fail("no memory");
	}
	if (asprintf(&request->cmdline, "%s lab.death=%s%s%s", request->board.cmdline, request->death,
		     *request->append ? " " : "", request->append) < 0)
		fail("no memory");
	need(request->kernel, "build it with lab/kernel");
	need(request->initramfs, "build it with 'make guest'");

	if (mkdir(request->directory, 0755) < 0 && errno != EEXIST)
		fail("cannot create %s: %s", request->directory, strerror(errno));
	request->directory = realpath(request->directory, NULL);
	if (!request->directory || chdir(request->directory) < 0)
		fail("cannot enter the directory of the machine: %s", strerror(errno));
	free(top);
	free(cache);
	free(build);
}
