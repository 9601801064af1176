/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_ELF_H
#define SHIM_LINUX_ELF_H

#include_next <linux/elf.h>

#define ELF_DATA			ELFDATA2LSB
#define ELF_ARCH			EM_AARCH64

#endif
