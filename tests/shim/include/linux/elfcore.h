/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_ELFCORE_H
#define SHIM_LINUX_ELFCORE_H
#endif
