/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_KMSG_DUMP_H
#define SHIM_LINUX_KMSG_DUMP_H

enum kmsg_dump_reason {
	KMSG_DUMP_UNDEF,
	KMSG_DUMP_PANIC,
	KMSG_DUMP_OOPS,
	KMSG_DUMP_EMERG,
	KMSG_DUMP_SHUTDOWN,
};

#endif
