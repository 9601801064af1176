/* SPDX-License-Identifier: GPL-2.0-only */
/* The library, which tests use as well, knows it by the name that it is installed under. */
#include <uapi/linux/meminspect_kinfo.h>
