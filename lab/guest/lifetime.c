// SPDX-License-Identifier: GPL-2.0-only
/*
 * lab.lifetime: modules, a block of memory and a CPU come and go. What is marked at each point goes
 * to the host through the port "regions", between lines "# point: NAME" and "# end".
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEMORY "/sys/devices/system/memory/"

static void point(const char *name)
{
	static const char end[] = "# end\n";
	static char block[65536];
	int file = open("/sys/kernel/debug/meminspect/regions", O_RDONLY | O_CLOEXEC);
	int port = port_open("regions");
	ssize_t length = snprintf(block, sizeof(block), "# point: %s\n", name);

	if (port < 0) {
		lab_say("LAB: error=cannot open the port for %s: %s", name, strerror(errno));
		close(file);
		return;
	}
	do {
		if (port_write(port, block, (size_t)length) < 0)
			lab_say("LAB: error=cannot send the regions at %s: %s", name, strerror(errno));
		length = read(file, block, sizeof(block));
	} while (length > 0);
	port_write(port, end, strlen(end));
	close(port);
	close(file);
}

static int try_load(const char *path, const char *parameters)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	int error = syscall(SYS_finit_module, file, parameters, 0) < 0 ? errno : 0;

	close(file);
	return error;
}

static void load(const char *path, const char *parameters, int expected)
{
	int error = try_load(path, parameters);

	if (error != expected)
		lab_say("LAB: error=loading %s %s: %s", path, parameters, strerror(error));
}

static void unload(const char *name)
{
	if (syscall(SYS_delete_module, name, O_NONBLOCK) < 0)
		lab_say("LAB: error=cannot unload %s: %s", name, strerror(errno));
}

/* Where the loader put the parts of a module, as sysfs has it */
static void say_sections(const char *module)
{
	static const char *const sections[] = {
		".gnu.linkonce.this_module", "__ksymtab", "__ksymtab_gpl",
	};
	char path[128], text[64];

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		snprintf(path, sizeof(path), "/sys/module/%s/sections/%s", module, sections[i]);
		if (read_text(path, text, sizeof(text)) > 0)
			lab_say("LAB: %s.%s=%s", module, sections[i], text);
	}
}

static void use_sample(void)
{
	load("/meminspect_sample.ko", "", 0);
	say_sections("meminspect_sample");
	point("sample-loaded");
	unload("meminspect_sample");
	point("sample-unloaded");
}

/* Returns the physical address of the page that stays marked */
static unsigned long use_careless(void)
{
	char page[32];

	load("/lab_careless.ko", "fail=1", ENODEV);
	point("careless-failed");
	load("/lab_careless.ko", "", 0);
	say_sections("lab_careless");
	read_text("/sys/module/lab_careless/parameters/page", page, sizeof(page));
	point("careless-loaded");
	unload("lab_careless");
	point("careless-unloaded");
	return strtoul(page, NULL, 10);
}

/* 0 if there are no blocks */
static unsigned long block_size(void)
{
	char text[32];

	if (read_text(MEMORY "block_size_bytes", text, sizeof(text)) <= 0) {
		lab_say("LAB: error=no block_size_bytes");
		return 0;
	}
	return strtoul(text, NULL, 16);
}

/* Somewhere in the block, where no user's page is, which is refused */
static int mark_in_block(unsigned long block, unsigned long size)
{
	const unsigned long pages = size / (unsigned long)getpagesize();
	char parameters[64];
	int error = ENOENT;

	for (unsigned long page = 0; error && page < pages; page += pages / 32) {
		snprintf(parameters, sizeof(parameters), "pfn=%lu", block * pages + page);
		error = try_load("/lab_page.ko", parameters);
	}
	return error;
}

/* The block at @address could go for all that the kernel knows, until it asks whether anybody objects. */
static void keep_memory(const char *address)
{
	const unsigned long size = block_size();
	unsigned long block;
	char path[64];

	if (!size)
		return;
	block = strtoul(address, NULL, 0) / size;
	if (mark_in_block(block, size)) {
		lab_say("LAB: error=no page of block %lu can be marked", block);
		return;
	}
	snprintf(path, sizeof(path), MEMORY "memory%lu/state", block);
	lab_say("LAB: memory-kept=%s", write_text(path, "offline") < 0 ? "refused" : "done");
	point("memory-kept");
	unload("lab_page");
}

static void use_memory(unsigned long page)
{
	const unsigned long size = block_size();
	char text[32], path[64], parameters[64];

	if (!size)
		return;
	snprintf(path, sizeof(path), MEMORY "memory%lu/state", page / size);
	lab_say("LAB: memory-offline=%s", write_text(path, "offline") < 0 ? "refused" : "done");
	point("memory-offline");
	snprintf(parameters, sizeof(parameters), "mark_only=%lu", page);
	load("/lab_careless.ko", parameters, ENODEV);
	point("memory-marked");
	write_text(path, "online_movable");
	read_text(path, text, sizeof(text));
	lab_say("LAB: memory-state=%s", text);
}

static void use_cpu(void)
{
	lab_say("LAB: cpu-offline=%s",
		write_text("/sys/devices/system/cpu/cpu2/online", "0") < 0 ? "refused" : "done");
	point("cpu-offline");
	write_text("/sys/devices/system/cpu/cpu2/online", "1");
	point("cpu-online");
}

void lifetime_run(const char *kept)
{
	unsigned long page;

	point("start");
	use_sample();
	page = use_careless();
	if (kept)
		keep_memory(kept);
	use_memory(page);
	use_cpu();
}
