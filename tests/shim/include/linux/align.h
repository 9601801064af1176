/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_ALIGN_H
#define SHIM_LINUX_ALIGN_H

#define ALIGN(size, alignment)		(((size) + (alignment) - 1) / (alignment) * (alignment))

#endif
