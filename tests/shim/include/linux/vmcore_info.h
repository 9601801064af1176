/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_VMCORE_INFO_H
#define SHIM_LINUX_VMCORE_INFO_H

#include <linux/types.h>

#define VMCOREINFO_BYTES		4096
#define VMCOREINFO_NOTE_SIZE		(4096 + 36)

#define VMCOREINFO_NOTE_NAME		"VMCOREINFO"

extern unsigned char *vmcoreinfo_data;
extern size_t vmcoreinfo_size;
extern u32 *vmcoreinfo_note;
extern char *saved_command_line;
extern const char linux_banner[];

__attribute__((format(printf, 1, 2)))
void vmcoreinfo_append_str(const char *format, ...);
#define VMCOREINFO_SYMBOL(name)						\
	vmcoreinfo_append_str("SYMBOL(%s)=%lx\n", #name, (unsigned long)&name)

#endif
