/* SPDX-License-Identifier: GPL-2.0-only */
/* The test program is the kernel image. */
#ifndef SHIM_ASM_SECTIONS_H
#define SHIM_ASM_SECTIONS_H

#define SHIM_IMAGE_DATA_SIZE		0x10000

extern const char __executable_start[], _etext[], _end[];
/* It has no text that is freed after boot. */
#define _sinittext			_etext
#define _einittext			_etext

#define _text				__executable_start

/* All of its data is of one kind. */
extern const char shim_image_data[SHIM_IMAGE_DATA_SIZE];
#define _sdata				shim_image_data
#define _edata				(shim_image_data + SHIM_IMAGE_DATA_SIZE)
#define __start_rodata			_edata
#define __end_rodata			_edata
#define __bss_start			_edata
#define __bss_stop			_edata

/* What is freed after boot; the test program has one such object. */
extern char shim_init_memory[64];

static inline int init_section_contains(void *va, unsigned long size)
{
	return (char *)va >= shim_init_memory &&
	       (char *)va + size <= shim_init_memory + sizeof(shim_init_memory);
}

#endif
