// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only process image of a lab machine: prepares a minimal system, gives the kernel work,
 * prints what is known of the machine, and lets it die as the kernel's command line asks:
 * lab.death=panic|irq-bug|null|deaf-cpu|hang|hang-task|hang-irq|none. The runner follows "LAB: ready",
 * "LAB: hanging", "LAB: stopping=" and "LAB: alive"; "LAB: error=" says what went wrong.
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

static void mount_all(void)
{
	static const struct {
		const char *type, *at;
	} mounts[] = {
		{ "devtmpfs", "/dev" },
		{ "proc", "/proc" },
		{ "sysfs", "/sys" },
		{ "debugfs", "/sys/kernel/debug" },
		{ "securityfs", "/sys/kernel/security" },
		{ "tmpfs", "/tmp" },
	};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].at, 0755);
		mount(mounts[i].type, mounts[i].at, mounts[i].type, 0, NULL);
	}
}

static void set_hostname(void)
{
	struct utsname name;
	char host[80] = "lab-";

	uname(&name);
	strcat(host, name.machine);
	for (char *at = host; *at; at++)
		if (*at == '_')
			*at = '-';
	sethostname(host, strlen(host));
}

static void load_module_with(const char *path, const char *parameters)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (syscall(SYS_finit_module, file, parameters, 0) < 0)
		lab_say("LAB: error=cannot load %s: %s", path, strerror(errno));
	close(file);
}

static void load_module(const char *path)
{
	load_module_with(path, "");
}

/* The word after an option on the kernel's command line, or NULL */
static const char *asked(const char *option)
{
	static char cmdline[4096];
	char *word;

	read_text("/proc/cmdline", cmdline, sizeof(cmdline));
	word = strstr(cmdline, option);
	if (!word)
		return NULL;
	word += strlen(option);
	word[strcspn(word, " ")] = '\0';
	return word;
}

/* "ramoops", or "small" with the parameters of its module behind commas */
static bool died_before(char *backend)
{
	char *parameters = strchr(backend, ',');

	if (parameters)
		*parameters++ = '\0';
	if (strcmp(backend, "small") == 0)
		load_module_with("/lab_pstore.ko", parameters ? parameters : "");
	return pstore_report() > 0;
}

/* "START,SIZE": memory that mem= left out, to give away as it pleases */
static void add_memory(const char *start)
{
	const char *comma = strchr(start, ',');
	char parameters[128];

	if (!comma)
		return;
	write_text("/sys/devices/system/memory/auto_online_blocks", "online_movable");
	snprintf(parameters, sizeof(parameters), "start=%.*s size=%s", (int)(comma - start), start,
		 comma + 1);
	load_module_with("/lab_memory.ko", parameters);
}

int main(void)
{
	const char *death, *device;
	bool survivor = false;

	mount_all();
	console_open();
	if (asked("lab.bench"))
		bench();
	set_hostname();
	if (asked("lab.load="))
		modules_load((char *)asked("lab.load="));
	load_module("/lab_death.ko");
	load_module("/lab_regions.ko");
	if (asked("lab.secret"))
		load_module("/lab_secret.ko");
	if (asked("lab.memfd_secret"))
		secretmem_mark();
	if (asked("lab.irqs")) {
		load_module("/lab_irqs.ko");
		/* Nodes of a large tree are marked when it has come to rest. */
		usleep(500000);
	}
	if (asked("lab.stress="))
		load_module("/lab_layout.ko");
	if (asked("lab.memory="))
		add_memory(asked("lab.memory="));
	if (asked("lab.pstore="))
		survivor = died_before((char *)asked("lab.pstore="));
	load_start(asked("lab.tasks=") ? atoi(asked("lab.tasks=")) : 0);
	crash_kernel_load();
	if (asked("lab.lifetime"))
		lifetime_run(asked("lab.kept="));
	facts_print();
	device = asked("lab.unbind=");
	if (device)
		unbind(strdup(device), asked("lab.rebind") != NULL);
	if (asked("lab.unload="))
		modules_unload((char *)asked("lab.unload="));
	console_hand_over();
	lab_mark("ready");
	if (asked("lab.stress="))
		stress_run(asked("lab.stress="));
	if (asked("lab.type="))
		type(asked("lab.type="));
	death = asked("lab.death=");
	die(death && !survivor ? death : "none");
	for (;;)
		pause();
}
