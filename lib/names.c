// SPDX-License-Identifier: LGPL-2.1-only
/* Names of the values in a dump, as the tool prints and the core stores them. */
#include "internal.h"

static const char *const class_names[MEMINSPECT_CLASS_MAX] = {
	[MEMINSPECT_CLASS_OTHER]	= "other",
	[MEMINSPECT_CLASS_LOG]		= "log",
	[MEMINSPECT_CLASS_IDENTITY]	= "identity",
	[MEMINSPECT_CLASS_CPU]		= "cpu",
	[MEMINSPECT_CLASS_TASK]		= "task",
	[MEMINSPECT_CLASS_MM]		= "mm",
	[MEMINSPECT_CLASS_IRQ]		= "irq",
	[MEMINSPECT_CLASS_TIME]		= "time",
	[MEMINSPECT_CLASS_SYMBOLS]	= "symbols",
	[MEMINSPECT_CLASS_TYPES]	= "types",
	[MEMINSPECT_CLASS_DRIVER]	= "driver",
	[MEMINSPECT_CLASS_CURRENT]	= "current",
	[MEMINSPECT_CLASS_STACK]	= "stack",
	[MEMINSPECT_CLASS_MODULE]	= "module",
	[MEMINSPECT_CLASS_CONFIG]	= "config",
	[MEMINSPECT_CLASS_PAGETABLE]	= "pagetable",
	[MEMINSPECT_CLASS_SCHED]	= "sched",
};

static const char *const key_names[MEMINSPECT_KEY_MAX] = {
	[MEMINSPECT_KEY_NONE]	= "",
	[MEMINSPECT_KEY_CPU]	= "cpu",
	[MEMINSPECT_KEY_NODE]	= "node",
	[MEMINSPECT_KEY_PID]	= "pid",
	[MEMINSPECT_KEY_INDEX]	= "number",
};

static const char *const verdict_names[] = {
	[MEMINSPECT_PRESENT]	= "present",
	[MEMINSPECT_TRUNCATED]	= "truncated",
	[MEMINSPECT_ABSENT]	= "absent",
	[MEMINSPECT_CORRUPT]	= "corrupt",
	[MEMINSPECT_LEFT_OUT]	= "left-out",
};

static const char *const origin_names[] = {
	[MEMINSPECT_FROM_DIRECTORY]	= "directory",
	[MEMINSPECT_DERIVED]		= "derived",
	[MEMINSPECT_FROM_VMLINUX]	= "vmlinux",
	[MEMINSPECT_MADE]		= "made",
	[MEMINSPECT_FILLER]		= "filler",
};

static const char *const register_source_names[] = {
	[MEMINSPECT_REGISTERS_NONE]	= "none",
	[MEMINSPECT_REGISTERS_KERNEL]	= "kernel",
	[MEMINSPECT_REGISTERS_QEMU]	= "qemu",
	[MEMINSPECT_REGISTERS_FIRMWARE]	= "firmware",
};

const char *meminspect_class_name(uint16_t class)
{
	return class < MEMINSPECT_CLASS_MAX ? class_names[class] : "unknown";
}

const char *meminspect_key_name(uint16_t key_kind)
{
	return key_kind < MEMINSPECT_KEY_MAX ? key_names[key_kind] : "key";
}

const char *meminspect_verdict_name(enum meminspect_verdict verdict)
{
	return verdict < ARRAY_SIZE(verdict_names) ? verdict_names[verdict] : "unknown";
}

const char *meminspect_origin_name(enum meminspect_origin origin)
{
	return origin < ARRAY_SIZE(origin_names) ? origin_names[origin] : "unknown";
}

const char *meminspect_register_source_name(enum meminspect_register_source source)
{
	return source < ARRAY_SIZE(register_source_names) ? register_source_names[source] :
							    "unknown";
}
