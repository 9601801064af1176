// SPDX-License-Identifier: GPL-2.0-only
/* Without CONFIG_MEMINSPECT, and without any of its code. */
#include "kernel-snippets-test.c"
