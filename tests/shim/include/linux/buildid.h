/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_BUILDID_H
#define SHIM_LINUX_BUILDID_H

#define BUILD_ID_SIZE_MAX		20

static const unsigned char vmlinux_build_id[BUILD_ID_SIZE_MAX] = { 0x1d };
/* In the kernel these come with the architecture. */
static const char swapper_pg_dir[1] = { 1 };
static const unsigned long kimage_voffset = 0x1000;

#endif
