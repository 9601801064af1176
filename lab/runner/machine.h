/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of lab/machine, which runs one machine of the lab until it is dead. */
#ifndef LAB_MACHINE_H
#define LAB_MACHINE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Exit statuses, documented in usage() */
enum outcome {
	OUTCOME_AS_ASKED = 0,
	OUTCOME_TROUBLE = 1,
	OUTCOME_USAGE = 2,
	OUTCOME_NEVER_UP = 3,
	OUTCOME_TIME_LIMIT = 4,
	OUTCOME_OTHER_DEATH = 5,
};

enum {
	CPUS = 4,
	/* How long a machine may exist that nobody stopped */
	KEEP_LIMIT_SECONDS = 900,
};

/* main.c: says it on stderr and exits with OUTCOME_TROUBLE */
void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...);
double now(void);
void sleep_briefly(void);

/* board.c: a board is a file of key=value lines that a shell can read too */
struct board {
	char *name;
	char *kernel_image;	/* inside the kernel's build tree */
	char *qemu;
	char *qemu_arguments;	/* separated by spaces */
	char *cmdline;
	char *ram_base;
};

void board_load(struct board *board, const char *top, const char *name);

/* request.c: what was asked for, and the paths that follow from it */
struct request {
	struct board board;
	const char *kernel_version;
	const char *variant;	/* with a - in front, or empty */
	const char *death;
	const char *memory;
	const char *append;
	const char *qemu;	/* more arguments for QEMU, with blanks in between */
	double time_limit;
	bool keep;
	bool reboot;
	char *directory;
	char *kernel;
	char *vmlinux;
	char *initramfs;
	char *cmdline;
};

void request_complete(struct request *request, const char *board_name);

/* qemu.c: the process. Everything happens inside request->directory, the current one. */
pid_t qemu_start(const struct request *request);
void qemu_end(pid_t pid);
int qemu_stop_kept(const char *directory);

/* qmp.c: QEMU's control socket */
struct qmp {
	int socket;
	size_t length;
	char line[65536];
};

bool qmp_connect(struct qmp *qmp);
void qmp_close(struct qmp *qmp);
bool qmp_send(struct qmp *qmp, const char *command);
/* The next message that has come whole, or NULL; never waits. *closed when QEMU hung up. */
struct json_object *qmp_next(struct qmp *qmp, bool *closed);
/* The status that query-status returns, for the caller to free, or NULL after five seconds */
char *qmp_status(struct qmp *qmp);

/* serial.c: follows the file that QEMU writes the guest's serial line to */
struct serial {
	int file;
	size_t length;
	char line[4096];
};

bool serial_next_line(struct serial *serial);

/* watch.c: what the machine did, in seconds since its start; negative: did not happen */
struct sightings {
	double kernel, ready, asked, dead;
	char state[64];
	char error[256];
	enum outcome outcome;
};

void watch(const struct request *request, pid_t pid, struct sightings *seen);

/* record.c: machine.json */
void record_write(const struct request *request, const struct sightings *seen);

#endif
