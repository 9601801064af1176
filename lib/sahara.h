/* SPDX-License-Identifier: LGPL-2.1-only */
/* The memory-debug part of Sahara, the protocol of Qualcomm's boot code, seen from the host. */
#ifndef MEMINSPECT_SAHARA_H
#define MEMINSPECT_SAHARA_H

#include "internal.h"

/* A row of the device's table: a range of memory, and the name of a file for it. */
struct sahara_row {
	uint64_t address;
	uint64_t length;
	char name[21];
};

struct sahara {
	struct meminspect_context *context;
	const char *socket;
	int fd;
	bool wide;		/* addresses of 64 bits */
	bool broken;		/* what comes next can't be told */
	size_t nr_rows;
	struct sahara_row *rows;
};

/* sahara.c; they set the context's error, which names the socket */
/* Connects, and reads the table. */
int sahara_open(struct meminspect_context *context, const char *socket, struct sahara *sahara);
/*
 * Reads at most SAHARA_BLOCK bytes; -EREMOTEIO if the device refuses, and the
 * next read may work; else sahara->broken is set.
 */
#define SAHARA_BLOCK (512U << 10)
int sahara_read(struct sahara *sahara, uint64_t address, void *buffer, size_t length);
/* The device starts anew: what it had in memory is gone. */
int sahara_reset(struct sahara *sahara);
void sahara_close(struct sahara *sahara);

#endif /* MEMINSPECT_SAHARA_H */
