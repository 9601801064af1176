// SPDX-License-Identifier: GPL-2.0-only
/* lab.load=NAME,...: modules of the kernel itself are loaded. lab.unload=NAME,...: and unloaded later. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Has @function for each name of a list with commas in between, which is cut into them. */
static void for_each_name(char *names, void (*function)(const char *name))
{
	char *name;

	while ((name = strsep(&names, ",")))
		function(name);
}

static void load(const char *name)
{
	char path[128];
	int file;

	snprintf(path, sizeof(path), "/%s.ko", name);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (syscall(SYS_finit_module, file, "", 0) < 0)
		lab_say("LAB: error=cannot load %s: %s", path, strerror(errno));
	else
		lab_say("LAB: loaded.%s=1", name);
	close(file);
}

static void unload(const char *name)
{
	if (syscall(SYS_delete_module, name, O_NONBLOCK) < 0)
		lab_say("LAB: error=cannot unload %s: %s", name, strerror(errno));
	else
		lab_say("LAB: unloaded.%s=1", name);
}

/* By which a machine with udev would find the module */
static void say_modalias(void)
{
	char text[256];

	if (read_text("/sys/bus/platform/devices/qcom-minidump/modalias", text, sizeof(text)) < 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	lab_say("LAB: modalias=%s", text);
}

void modules_load(char *names)
{
	say_modalias();
	for_each_name(names, load);
}

void modules_unload(char *names)
{
	for_each_name(names, unload);
}
