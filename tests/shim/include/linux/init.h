/* SPDX-License-Identifier: GPL-2.0-only */
/* Initcalls run when a test calls shim_run_initcalls(), parameters when it gives them. */
#ifndef SHIM_LINUX_INIT_H
#define SHIM_LINUX_INIT_H

#include "shim.h"

#define __init
#define __initconst
#define __initdata
#define __ref
#define core_initcall(function)						\
	static int (*const shim_initcall_##function)(void)		\
	__attribute__((used, section("shim_initcalls"))) = function
#define early_initcall(function)		core_initcall(function)
#define late_initcall(function)			core_initcall(function)

#define early_param(text, function)					\
	static const struct shim_parameter shim_parameter_##function	\
	__attribute__((used, section("shim_parameters"), aligned(16))) = {	\
		.name = text, .parse = function,			\
	}

#endif
