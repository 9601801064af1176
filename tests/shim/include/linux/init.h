/* SPDX-License-Identifier: GPL-2.0-only */
/* Initcalls run when a test calls shim_run_initcalls(). */
#ifndef SHIM_LINUX_INIT_H
#define SHIM_LINUX_INIT_H

#define __init
#define __ref
#define core_initcall(function)						\
	static int (*const shim_initcall_##function)(void)		\
	__attribute__((used, section("shim_initcalls"))) = function

#endif
