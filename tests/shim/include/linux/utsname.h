/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_UTSNAME_H
#define SHIM_LINUX_UTSNAME_H

static const struct {
	struct {
		char release[65];
	} name;
} init_uts_ns = { { "test" } };

#endif
