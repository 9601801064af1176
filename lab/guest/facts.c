// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the machine knows of itself through interfaces that have nothing to do with meminspect, in
 * lines "LAB: key=value". A test compares a dump with them.
 */
#include "guest.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static void print_file(const char *key, const char *path)
{
	char text[4096];

	if (read_text(path, text, sizeof(text)) >= 0)
		lab_say("LAB: %s=%s", key, text);
}

/* The number after the first occurrence of label in a file that may be long */
static int number_after(const char *path, const char *label, uint64_t *number)
{
	FILE *file = fopen(path, "re");
	char line[1024];
	int found = 0;

	if (!file)
		return 0;
	while (!found && fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, label);

		if (at) {
			*number = strtoull(at + strlen(label), NULL, 10);
			found = 1;
		}
	}
	fclose(file);
	return found;
}

static void print_number(const char *key, const char *path, const char *label, uint64_t divisor)
{
	uint64_t number;

	if (number_after(path, label, &number))
		lab_say("LAB: %s=%" PRIu64, key, number / divisor);
}

static void print_identity(void)
{
	struct utsname name;

	uname(&name);
	lab_say("LAB: release=%s", name.release);
	lab_say("LAB: version=%s", name.version);
	lab_say("LAB: machine=%s", name.machine);
	lab_say("LAB: nodename=%s", name.nodename);
	print_file("banner", "/proc/version");
	print_file("cmdline", "/proc/cmdline");
	print_file("tainted", "/proc/sys/kernel/tainted");
}

static void print_symbols(void)
{
	static const char *const wanted[] = {
		"_text", "_end", "init_uts_ns", "linux_banner", "jiffies_64", "tainted_mask",
		"__per_cpu_offset", "init_task", "init_top_pgt", "swapper_pg_dir",
		"__cpu_online_mask", "node_states", "prb", "saved_command_line",
	};
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[512], address[32], name[128];

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%31s %*c %127s", address, name) != 2)
			continue;
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (strcmp(name, wanted[i]) == 0)
				lab_say("LAB: symbol.%s=0x%s", name, address);
	}
	fclose(file);
}

/* The kernel says the number of interrupts only in its log, at boot */
static void print_interrupts(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[8192];
	ssize_t length;

	while ((length = read(log, record, sizeof(record) - 1)) > 0) {
		const char *at;

		record[length] = '\0';
		at = strstr(record, ", nr_irqs: ");
		if (at) {
			lab_say("LAB: nr_irqs=%lu", strtoul(at + strlen(", nr_irqs: "), NULL, 10));
			break;
		}
	}
	close(log);
}

/* Of which there are descriptors */
static void print_interrupt_numbers(void)
{
	DIR *directory = opendir("/sys/kernel/irq");
	struct dirent *entry;
	char list[4096] = "";
	size_t length = 0;

	if (!directory)
		return;
	while ((entry = readdir(directory)))
		if (entry->d_name[0] != '.' && length + strlen(entry->d_name) + 2 < sizeof(list))
			length += sprintf(list + length, "%s%s", length ? "," : "", entry->d_name);
	closedir(directory);
	lab_say("LAB: irqs=%s", list);
}

static void print_modules(void)
{
	FILE *file = fopen("/proc/modules", "re");
	char line[1024], list[4096] = "";
	size_t length = 0;

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, " ")] = '\0';
		if (length + strlen(line) + 2 < sizeof(list))
			length += sprintf(list + length, "%s%s", length ? "," : "", line);
	}
	fclose(file);
	lab_say("LAB: modules=%s", list);
}

/* In the kernel's log, not only on the console, and not to be guessed */
static void print_marker(void)
{
	unsigned char noise[16];
	char line[64] = "LAB: marker=";
	size_t length = strlen(line);

	if (getrandom(noise, sizeof(noise), GRND_INSECURE) != sizeof(noise))
		return;
	for (size_t i = 0; i < sizeof(noise); i++)
		length += (size_t)sprintf(line + length, "%02x", noise[i]);
	strcpy(line + length, "\n");
	write_text("/dev/kmsg", line);
}

/* What moves, last: as near to the death as can be */
static void print_counters(void)
{
	char text[256], *threads;
	struct timespec now, boot;
	uint64_t jiffies;

	if (read_text("/proc/loadavg", text, sizeof(text)) > 0) {
		threads = strchr(text, '/');
		if (threads)
			lab_say("LAB: threads=%lu", strtoul(threads + 1, NULL, 10));
	}
	if (number_after("/proc/timer_list", "jiffies: ", &jiffies))
		lab_say("LAB: jiffies=%" PRIu64, jiffies);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	clock_gettime(CLOCK_REALTIME, &now);
	lab_say("LAB: uptime=%lld.%09ld", (long long)boot.tv_sec, boot.tv_nsec);
	lab_say("LAB: time=%lld.%09ld", (long long)now.tv_sec, now.tv_nsec);
}

void facts_print(void)
{
	print_identity();
	print_file("cpus-online", "/sys/devices/system/cpu/online");
	print_file("cpus-possible", "/sys/devices/system/cpu/possible");
	print_file("cpus-present", "/sys/devices/system/cpu/present");
	print_file("nodes-online", "/sys/devices/system/node/online");
	print_file("nodes-possible", "/sys/devices/system/node/possible");
	print_file("lockdown", "/sys/kernel/security/lockdown");
	print_number("memory-pages", "/proc/meminfo", "MemTotal:",
		     (uint64_t)sysconf(_SC_PAGESIZE) / 1024);
	print_interrupts();
	print_interrupt_numbers();
	print_modules();
	print_symbols();
	debugfs_report();
	print_marker();
	print_counters();
}
