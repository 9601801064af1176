/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Qualcomm minidump: the table in shared memory by which the kernel and the
 * coprocessors tell boot firmware what to dump after a warm reset.
 *
 * All of it is little-endian and naturally aligned.
 */
#ifndef __QCOM_MINIDUMP_H__
#define __QCOM_MINIDUMP_H__

#include <linux/types.h>

/* The item of shared memory (SMEM) that boot firmware makes for the table. */
#define QCOM_MINIDUMP_SMEM_ID		602

#define QCOM_MINIDUMP_NAME_SIZE		16

/* Four letters, the first one in the highest byte. */
#define QCOM_MINIDUMP_WORD(a, b, c, d)	((a) << 24 | (b) << 16 | (c) << 8 | (d))

#define QCOM_MINIDUMP_REGION_VALID	QCOM_MINIDUMP_WORD('V', 'A', 'L', 'I')
#define QCOM_MINIDUMP_REGION_INVALID	QCOM_MINIDUMP_WORD('I', 'N', 'V', 'A')
#define QCOM_MINIDUMP_SS_ENABLED	QCOM_MINIDUMP_WORD('E', 'N', 'B', 'L')
#define QCOM_MINIDUMP_SS_ENCR_DONE	QCOM_MINIDUMP_WORD('D', 'O', 'N', 'E')
#define QCOM_MINIDUMP_SS_ENCR_NOTREQ	QCOM_MINIDUMP_WORD(0, 0, 'N', 'R')

/**
 * struct minidump_region - a range of memory to dump
 * @name: not unique, and not always NUL-terminated
 * @seq_num: tells regions of one name apart
 * @valid: QCOM_MINIDUMP_REGION_VALID if it is to be dumped
 * @address: physical address
 * @size: bytes
 */
struct minidump_region {
	char	name[QCOM_MINIDUMP_NAME_SIZE];
	__le32	seq_num;
	__le32	valid;
	__le64	address;
	__le64	size;
};

/**
 * struct minidump_subsystem - the regions of a processor
 * @status: 1 if the rest is filled in
 * @enabled: QCOM_MINIDUMP_SS_ENABLED if its regions are to be dumped
 * @encryption_status: QCOM_MINIDUMP_SS_ENCR_DONE if they can be read now
 * @encryption_required: QCOM_MINIDUMP_SS_ENCR_NOTREQ if they may be in the clear
 * @region_count: number of regions
 * @regions_baseptr: physical address of an array of &struct minidump_region
 */
struct minidump_subsystem {
	__le32	status;
	__le32	enabled;
	__le32	encryption_status;
	__le32	encryption_required;
	__le32	region_count;
	__le64	regions_baseptr;
};

/* Number of the processor that runs Linux. */
#define QCOM_MINIDUMP_SS_APSS		0

/**
 * struct minidump_global_toc - the table
 * @status: not 0 if boot firmware made it
 * @md_revision: revision of the format
 * @enabled: whether boot firmware dumps anything
 * @subsystems: as many as fit into the item of shared memory
 */
struct minidump_global_toc {
	__le32				status;
	__le32				md_revision;
	__le32				enabled;
	struct minidump_subsystem	subsystems[];
};

#endif /* __QCOM_MINIDUMP_H__ */
