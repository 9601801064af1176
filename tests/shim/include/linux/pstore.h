/* SPDX-License-Identifier: GPL-2.0-only */
/* What pstore shows of a back end, as far as it is used. */
#ifndef SHIM_LINUX_PSTORE_H
#define SHIM_LINUX_PSTORE_H

#include <linux/kmsg_dump.h>
#include <linux/types.h>
#include <time.h>

#define timespec64			timespec

enum pstore_type_id {
	PSTORE_TYPE_MEMINSPECT		= 9,
};

#define PSTORE_FLAGS_DMESG		0x1
#define PSTORE_FLAGS_MEMINSPECT		0x10

struct pstore_info;

struct pstore_record {
	struct pstore_info *psi;
	enum pstore_type_id type;
	struct timespec64 time;
	char *buf;
	ssize_t size;
	int count;
	enum kmsg_dump_reason reason;
	unsigned int part;
};

struct pstore_info {
	const char *name;
	char *buf;
	size_t bufsize;
	int flags;
	size_t meminspect_size;
	int (*write)(struct pstore_record *record);
};

#endif
