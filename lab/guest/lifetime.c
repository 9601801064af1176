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

static void load(const char *path, const char *parameters, int expected)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	int error = syscall(SYS_finit_module, file, parameters, 0) < 0 ? errno : 0;

	if (error != expected)
		lab_say("LAB: error=loading %s %s: %s", path, parameters, strerror(error));
	close(file);
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

static void use_memory(unsigned long page)
{
	char text[32], path[64], parameters[64];

	if (read_text(MEMORY "block_size_bytes", text, sizeof(text)) <= 0) {
		lab_say("LAB: error=no block_size_bytes");
		return;
	}
	snprintf(path, sizeof(path), MEMORY "memory%lu/state", page / strtoul(text, NULL, 16));
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

void lifetime_run(void)
{
	point("start");
	use_sample();
	use_memory(use_careless());
	use_cpu();
}
