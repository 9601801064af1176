/* SPDX-License-Identifier: GPL-2.0-only */
/* Options are defined to 1, or not defined, as the compiler's arguments say. */
#ifndef SHIM_LINUX_KCONFIG_H
#define SHIM_LINUX_KCONFIG_H

#define SHIM_COMMA_1			0,
#define SHIM_SECOND(a, b, ...)		b
#define SHIM_IS_DEFINED(x)		SHIM_SECOND(x 1, 0, 0)
#define SHIM_IS_SET(value)		SHIM_IS_DEFINED(SHIM_PASTE(SHIM_COMMA_, value))
#define IS_ENABLED(option)		SHIM_IS_SET(option)

/* Not the defaults of Kconfig, so that tests see that they are heeded. */
#define CONFIG_MEMINSPECT_CLASSES	"-module,stack"
#define CONFIG_MEMINSPECT_BUDGET_KB	0
#define CONFIG_MEMINSPECT_CONSUMERS	"first_consumer,other-consumer"

#endif
