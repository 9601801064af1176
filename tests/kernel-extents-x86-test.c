// SPDX-License-Identifier: GPL-2.0-only
/* The same, built as for x86, which asks other functions what is RAM. */
#include "kernel-extents-test.c"
