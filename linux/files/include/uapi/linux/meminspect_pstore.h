/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What a dying kernel writes to persistent storage (pstore) of the memory
 * regions that meminspect lists.
 *
 * Documentation/dev-tools/meminspect/pstore.rst tells how records are written
 * and how they are put together again. All integers are in the byte order of
 * the kernel that wrote them; byte_order in each record tells which.
 */
#ifndef _UAPI_LINUX_MEMINSPECT_PSTORE_H
#define _UAPI_LINUX_MEMINSPECT_PSTORE_H

#include <linux/types.h>

/* First bytes of each record. */
#define MEMINSPECT_PSTORE_MAGIC_SIZE	8
#define MEMINSPECT_PSTORE_MAGIC		"\x7fMIPSTOR"

#define MEMINSPECT_PSTORE_VERSION	1
#define MEMINSPECT_PSTORE_BYTE_ORDER	0x01020304

#define MEMINSPECT_PSTORE_BOOT_ID_SIZE	16

/* Kinds of records. */
#define MEMINSPECT_PSTORE_HEAD		1	/* the first: what is to follow */
#define MEMINSPECT_PSTORE_DATA		2	/* runs of memory */
#define MEMINSPECT_PSTORE_END		3	/* the last: what did follow */

/* Flags of a record. */
#define MEMINSPECT_PSTORE_DEFLATED	0x1

/**
 * struct meminspect_pstore_record - what every record starts with
 * @magic: MEMINSPECT_PSTORE_MAGIC without its NUL
 * @crc: CRC-32 (IEEE 802.3, as zlib's crc32()) of all bytes of the record that
 *	follow this field, contents included
 * @version: MEMINSPECT_PSTORE_VERSION; a reader refuses versions that it does
 *	not know
 * @byte_order: MEMINSPECT_PSTORE_BYTE_ORDER
 * @header_size: size of this struct
 * @kind: MEMINSPECT_PSTORE_HEAD, _DATA or _END
 * @sequence: number of the record among those of its crash, 0 for the head
 * @total: number of records of the crash, in the record of kind END; else 0:
 *	not known yet
 * @stored: bytes that follow this struct
 * @size: bytes that they stand for; the same number if they are not deflated
 * @flags: MEMINSPECT_PSTORE_DEFLATED if they are a raw deflate stream (RFC 1951)
 * @crash: counts the crashes of a boot
 * @time: wall clock when the crash was written, ns since 1970
 * @boot_id: random, the same for all records of a boot
 *
 * Records of one crash have the same @crash, @time and @boot_id.
 */
struct meminspect_pstore_record {
	__u8  magic[MEMINSPECT_PSTORE_MAGIC_SIZE];
	__u32 crc;
	__u32 version;
	__u32 byte_order;
	__u16 header_size;
	__u16 kind;
	__u32 sequence;
	__u32 total;
	__u32 stored;
	__u32 size;
	__u32 flags;
	__u32 crash;
	__u64 time;
	__u8  boot_id[MEMINSPECT_PSTORE_BOOT_ID_SIZE];
};

/* Kinds of runs. */
#define MEMINSPECT_PSTORE_BYTES		1	/* @length bytes of memory follow */
#define MEMINSPECT_PSTORE_SAME		2	/* __u64 follows: address of the same bytes */
#define MEMINSPECT_PSTORE_UNREADABLE	3	/* nothing follows: reading failed */

/* In the place of a class: the directory itself. */
#define MEMINSPECT_PSTORE_DIRECTORY	0xffff

/**
 * struct meminspect_pstore_run - physically contiguous memory
 * @paddr: physical address
 * @length: in bytes, not 0
 * @kind: MEMINSPECT_PSTORE_BYTES, _SAME or _UNREADABLE
 * @class: enum meminspect_class, or MEMINSPECT_PSTORE_DIRECTORY
 *
 * A record of kind DATA consists of runs, one right behind the other. It needs
 * no other record to be understood, but for those that _SAME refers to.
 */
struct meminspect_pstore_run {
	__u64 paddr;
	__u32 length;
	__u16 kind;
	__u16 class;
};

/* Why no more was written, in the record of kind END. */
#define MEMINSPECT_PSTORE_COMPLETE	1	/* all is there */
#define MEMINSPECT_PSTORE_BUDGET	2	/* the bytes for it were used up */
#define MEMINSPECT_PSTORE_REFUSED	3	/* the storage took no more */

/**
 * struct meminspect_pstore_class - regions of a class
 * @class: enum meminspect_class
 * @reserved: 0
 * @nr_regions: regions that the directory lists
 * @bytes: in the record of kind HEAD, what they have; in the record of kind
 *	END, what was written of them
 */
struct meminspect_pstore_class {
	__u16 class;
	__u16 reserved;
	__u32 nr_regions;
	__u64 bytes;
};

/**
 * struct meminspect_pstore_summary - contents of the first and the last record
 * @head: physical addresses of both copies of the directory's head chunk
 * @budget: bytes that all records together may have
 * @written: bytes of the records before this one
 * @directory: bytes of one copy of the directory; in the record of kind END,
 *	what was written of it
 * @unreadable: bytes that could not be read, in the record of kind END
 * @record_size: bytes that a record has at most
 * @reason: enum meminspect_reason
 * @stop: 0 in the record of kind HEAD, else MEMINSPECT_PSTORE_COMPLETE, _BUDGET
 *	or _REFUSED
 * @error: errno that the storage gave, if @stop is _REFUSED
 * @nr_classes: number of @classes
 * @reserved: 0
 * @classes: those that have regions, in the order in which they are written:
 *	the most important first
 */
struct meminspect_pstore_summary {
	__u64 head[2];
	__u64 budget;
	__u64 written;
	__u64 directory;
	__u64 unreadable;
	__u32 record_size;
	__u32 reason;
	__u32 stop;
	__u32 error;
	__u32 nr_classes;
	__u32 reserved;
	struct meminspect_pstore_class classes[];
};

#endif /* _UAPI_LINUX_MEMINSPECT_PSTORE_H */
