/* SPDX-License-Identifier: GPL-2.0-only */
/* A kernel version's patch brings the real one. */
#ifndef SHIM_NAMESPACE_H
#define SHIM_NAMESPACE_H

#define MEMINSPECT_NAMESPACE		MEMINSPECT

#endif
