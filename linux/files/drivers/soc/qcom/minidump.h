/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the minidump driver share. */
#ifndef _QCOM_MINIDUMP_INTERNAL_H
#define _QCOM_MINIDUMP_INTERNAL_H

#include <linux/meminspect.h>
#include <linux/types.h>

struct device;
struct memory_dump;

/*
 * Old boot firmware has room for 201 regions of the processor that runs Linux:
 * the core header, and 200 more.
 */
#define MINIDUMP_MAX_REGIONS	201
#define MINIDUMP_MAX_RUNS	(MINIDUMP_MAX_REGIONS - 1)

/* minidump_names.c */
void minidump_name_rows(const struct meminspect_fit *fit,
			char names[][MEMINSPECT_NAME_SIZE]);

/* minidump_imem.c */
struct memory_dump *minidump_imem_prepare(struct device *dev);
void minidump_imem_publish(const struct memory_dump *dump);
void minidump_imem_withdraw(struct memory_dump *dump);

#endif /* _QCOM_MINIDUMP_INTERNAL_H */
