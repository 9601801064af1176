/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The kernel's image as the build left it. Addresses in here are those that it
 * was linked at.
 */
#ifndef MEMINSPECT_VMLINUX_H
#define MEMINSPECT_VMLINUX_H

#include "internal.h"

struct vmlinux;

/* -EINVAL if it is no vmlinux, or has not the build-id of @ident. */
int vmlinux_open(struct meminspect_context *context, const char *path,
		 const struct meminspect_ident *ident, struct vmlinux **vmlinux);
void vmlinux_close(struct vmlinux *vmlinux);
/* 0, or -ENOENT. @size is 0 where the symbol has none. */
int vmlinux_symbol(const struct vmlinux *vmlinux, const char *name, uint64_t *address,
		   uint64_t *size);
/* The function around @address; false if there is none. */
bool vmlinux_function(const struct vmlinux *vmlinux, uint64_t address, uint64_t *start,
		      uint64_t *end);
/* What the image holds there; NULL if it does not hold all of it. */
const uint8_t *vmlinux_bytes(const struct vmlinux *vmlinux, uint64_t address, uint64_t length);
/* The same for as many bytes of *@length, which it sets, as are there in one section. */
const uint8_t *vmlinux_bytes_up_to(const struct vmlinux *vmlinux, uint64_t address,
				   uint64_t *length);
/*
 * The address that is stored at @address, moved by @kaslr_offset as the kernel
 * moves it when it boots; any other number as it is.
 */
uint64_t vmlinux_word(const struct vmlinux *vmlinux, uint64_t address, uint64_t kaslr_offset);

#endif /* MEMINSPECT_VMLINUX_H */
