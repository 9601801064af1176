/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of the lab's init. */
#ifndef LAB_GUEST_H
#define LAB_GUEST_H

#include <stddef.h>

/* console.c: lines that a kernel message rarely splits; the port "facts" has them whole */
void console_open(void);
void lab_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void lab_mark(const char *text);
void console_hand_over(void);

/* ports.c: ways to the host, by name */
int port_open(const char *name);
int port_write(int port, const char *block, size_t length);

/* files.c: small text files of proc and sysfs */
int read_text(const char *path, char *buffer, size_t size);
int write_text(const char *path, const char *text);

/* debugfs.c: what meminspect shows in debugfs, and to whom */
void debugfs_report(void);

/* crash-kernel.c: loads /crash-kernel, if the initramfs has one */
void crash_kernel_load(void);

/* pstore.c: sends what an earlier boot left there */
int pstore_report(void);

/* load.c: threads in every state a scheduler knows, and work for the kernel; so many more processes */
void load_start(int more_processes);
/* Whatever ran by itself does so no more: CPUs idle */
void load_end(void);

/* bench.c: nothing else should run meanwhile */
void bench(void);

/* facts.c: what the machine says of itself while it lives */
void facts_print(void);

/* secretmem.c: tells how marking it ended */
void secretmem_mark(void);

/* stress.c: returns at once, and goes on for that long */
void stress_run(const char *seconds);

/* lifetime.c: modules, memory and a CPU that come and go; @kept: where a block is that stays, or NULL */
void lifetime_run(const char *added);

/* modules.c: modules of the kernel, names with commas in between, which are cut */
void modules_load(char *names);
void modules_unload(char *names);

/* unbind.c: a driver lets go of its platform device, and takes it again if @again is not 0 */
void unbind(const char *device, int again);

/* typed.c: commands as they are typed, one behind the other */
void type(const char *commands);

/* death.c: returns only when the death asked for is to stay alive or is not known */
void die(const char *death);

#endif
