/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The meminspect directory: the table of marked memory regions, as it stands
 * in RAM for whoever reads it after the kernel died.
 *
 * Documentation/dev-tools/meminspect/directory.rst defines how the records
 * are published and how they are read. All integers are in the byte order of
 * the kernel that wrote them; byte_order in the chunk header tells which.
 * All addresses are in bytes, all times in nanoseconds.
 */
#ifndef _UAPI_LINUX_MEMINSPECT_H
#define _UAPI_LINUX_MEMINSPECT_H

#include <linux/types.h>

/* Every chunk has this size and starts at a multiple of it, physically. */
#define MEMINSPECT_CHUNK_SIZE		4096
#define MEMINSPECT_ROW_SIZE		128
/* The directory is kept twice: copy 0 is written first and goes first. */
#define MEMINSPECT_COPIES		2

/* First bytes of the head chunk and of every chunk chained behind it. */
#define MEMINSPECT_MAGIC_SIZE		16
#define MEMINSPECT_HEAD_MAGIC		"\x7fMEMINSPECT-HEAD"
#define MEMINSPECT_ROWS_MAGIC		"\x7fMEMINSPECT-ROWS"

#define MEMINSPECT_VERSION		1
#define MEMINSPECT_BYTE_ORDER		0x01020304

/*
 * States of a record. Any other value, zero included, means that the record
 * is damaged in this copy. The codes differ in 12 bits or more.
 */
#define MEMINSPECT_STATE_EMPTY		0x59544d45	/* holds nothing */
#define MEMINSPECT_STATE_BUSY		0xa6b0c2d9	/* being written */
#define MEMINSPECT_STATE_VALID		0x3c9be817	/* complete */

/* Row kinds. */
#define MEMINSPECT_ROW_REGION		1
#define MEMINSPECT_ROW_EXTENTS		2
#define MEMINSPECT_ROW_LEFT_OUT		3

/* No row, where a row index is expected. */
#define MEMINSPECT_NO_ROW		0xffffffffU

/* What kind of information a region holds. */
enum meminspect_class {
	MEMINSPECT_CLASS_OTHER		= 0,
	MEMINSPECT_CLASS_LOG		= 1,	/* printk ringbuffer */
	MEMINSPECT_CLASS_IDENTITY	= 2,	/* which kernel, which machine */
	MEMINSPECT_CLASS_CPU		= 3,	/* CPU masks, registers */
	MEMINSPECT_CLASS_TASK		= 4,
	MEMINSPECT_CLASS_MM		= 5,
	MEMINSPECT_CLASS_IRQ		= 6,
	MEMINSPECT_CLASS_TIME		= 7,
	MEMINSPECT_CLASS_SYMBOLS	= 8,
	MEMINSPECT_CLASS_TYPES		= 9,
	MEMINSPECT_CLASS_DRIVER		= 10,	/* marked by a driver */
	MEMINSPECT_CLASS_CURRENT	= 11,	/* what each CPU runs, followed at switches */
	MEMINSPECT_CLASS_STACK		= 12,	/* interrupt, NMI, overflow and idle stacks */
	MEMINSPECT_CLASS_MODULE		= 13,	/* loaded modules */
	MEMINSPECT_CLASS_CONFIG		= 14,	/* the kernel's configuration */
	MEMINSPECT_CLASS_PAGETABLE	= 15,	/* kernel page tables */
	MEMINSPECT_CLASS_SCHED		= 16,	/* run queues */
	MEMINSPECT_CLASS_MAX
};

/* What the key of a region counts, for objects that exist many times. */
enum meminspect_key {
	MEMINSPECT_KEY_NONE		= 0,
	MEMINSPECT_KEY_CPU		= 1,
	MEMINSPECT_KEY_NODE		= 2,
	MEMINSPECT_KEY_PID		= 3,	/* in the initial namespace; not unique */
	MEMINSPECT_KEY_INDEX		= 4,	/* such as an interrupt's number; not unique */
	MEMINSPECT_KEY_MAX
};

/**
 * struct meminspect_record - what every record starts with
 * @state: MEMINSPECT_STATE_*
 * @crc: CRC-32 (IEEE 802.3, as zlib's crc32()) of all bytes of the record
 *	that follow this field
 */
struct meminspect_record {
	__u32 state;
	__u32 crc;
};

/**
 * struct meminspect_chunk_header - first 128 bytes of a chunk
 * @magic: MEMINSPECT_HEAD_MAGIC or MEMINSPECT_ROWS_MAGIC without its NUL;
 *	not part of the record
 * @record: state and checksum; the checksum covers @version and all behind it
 * @version: MEMINSPECT_VERSION; a reader refuses versions that it does not know
 * @byte_order: MEMINSPECT_BYTE_ORDER
 * @index: number of this chunk in the chain, 0 for the head
 * @chunk_size: MEMINSPECT_CHUNK_SIZE
 * @row_size: MEMINSPECT_ROW_SIZE
 * @rows_offset: of the first row, from the start of the chunk
 * @nr_rows: number of rows in this chunk
 * @ident_offset: of struct meminspect_ident, 0 if this chunk has none
 * @ident_size: size of struct meminspect_ident
 * @capture_offset: of struct meminspect_capture, 0 if this chunk has none
 * @capture_size: size of struct meminspect_capture
 * @reserved: 0
 * @self: physical addresses of both copies of this chunk
 * @next: physical addresses of both copies of the next chunk, 0 at the end
 * @reserved2: 0
 *
 * Both copies of a chunk hold the same bytes when no update is under way.
 */
struct meminspect_chunk_header {
	__u8  magic[MEMINSPECT_MAGIC_SIZE];
	struct meminspect_record record;
	__u32 version;
	__u32 byte_order;
	__u32 index;
	__u32 chunk_size;
	__u32 row_size;
	__u32 rows_offset;
	__u32 nr_rows;
	__u32 ident_offset;
	__u32 ident_size;
	__u32 capture_offset;
	__u32 capture_size;
	__u32 reserved;
	__u64 self[MEMINSPECT_COPIES];
	__u64 next[MEMINSPECT_COPIES];
	__u64 reserved2[3];
};

#define MEMINSPECT_BUILD_ID_SIZE	20
#define MEMINSPECT_RELEASE_SIZE		72

/**
 * struct meminspect_ident - which kernel this is and how it maps memory
 * @record: state and checksum
 * @machine: ELF e_machine of the kernel
 * @page_size: in bytes
 * @nr_cpus: number of possible CPU numbers (nr_cpu_ids)
 * @va_bits: bits of a kernel virtual address that are in use
 * @build_id_size: bytes of @build_id in use, 0 if the kernel has none
 * @pgtable_levels: levels of page tables in use
 * @kaslr_offset: run time address of a kernel symbol minus its address in vmlinux
 * @image_va: virtual address of the first byte of the kernel image (_text)
 * @image_pa: its physical address
 * @page_offset: virtual address of the start of the linear map
 * @phys_offset: physical address that @page_offset maps
 * @phys_base: x86_64's phys_base, else 0
 * @kimage_voffset: arm64's kimage_voffset, else 0
 * @pac_mask: bits of a kernel pointer that hold a pointer authentication code
 * @swapper_pg_dir: physical address of the kernel's top level page table
 * @boot_time: wall clock at boot, ns since 1970, 0 if unknown when written
 * @reserved: 0
 * @build_id: GNU build-id of vmlinux
 * @reserved2: 0
 * @release: uname -r, NUL-terminated
 * @reserved3: 0
 */
struct meminspect_ident {
	struct meminspect_record record;
	__u32 machine;
	__u32 page_size;
	__u32 nr_cpus;
	__u32 va_bits;
	__u32 build_id_size;
	__u32 pgtable_levels;
	__u64 kaslr_offset;
	__u64 image_va;
	__u64 image_pa;
	__u64 page_offset;
	__u64 phys_offset;
	__u64 phys_base;
	__u64 kimage_voffset;
	__u64 pac_mask;
	__u64 swapper_pg_dir;
	__u64 boot_time;
	__u64 reserved[6];
	__u8  build_id[MEMINSPECT_BUILD_ID_SIZE];
	__u8  reserved2[4];
	__u8  release[MEMINSPECT_RELEASE_SIZE];
	__u64 reserved3[32];
};

/* Why the kernel filled in the capture block. */
enum meminspect_reason {
	MEMINSPECT_REASON_NONE		= 0,	/* it did not */
	MEMINSPECT_REASON_PANIC		= 1,	/* panic() */
	MEMINSPECT_REASON_OOPS		= 2,	/* panic() that an oops led to */
	MEMINSPECT_REASON_MAX
};

#define MEMINSPECT_COMM_SIZE		16
#define MEMINSPECT_TEXT_SIZE		384

/**
 * struct meminspect_capture - what the dying kernel had to say
 * @record: state and checksum; empty as long as the kernel has not panicked
 * @reason: enum meminspect_reason
 * @cpu: number of the CPU that panicked
 * @realtime: wall clock, ns since 1970
 * @monotonic: time since boot, ns
 * @task: virtual address of the struct task_struct that ran on @cpu
 * @pid: its process ID in the initial namespace
 * @nr_cpus_online: CPUs that were online when the panic started
 * @comm: its name, NUL-terminated
 * @reserved: 0
 * @text: the panic message, NUL-terminated, cut if it is longer
 */
struct meminspect_capture {
	struct meminspect_record record;
	__u32 reason;
	__u32 cpu;
	__u64 realtime;
	__u64 monotonic;
	__u64 task;
	__u32 pid;
	__u32 nr_cpus_online;
	__u8  comm[MEMINSPECT_COMM_SIZE];
	__u64 reserved[8];
	__u8  text[MEMINSPECT_TEXT_SIZE];
};

#define MEMINSPECT_NAME_SIZE		56

/**
 * struct meminspect_region_row - a marked region
 * @record: state and checksum
 * @kind: MEMINSPECT_ROW_REGION
 * @class: enum meminspect_class
 * @serial: differs for every region that ever used this row
 * @vaddr: virtual address that pointers in the dump use, 0 if it has none
 * @size: in bytes, the sum of the lengths of all extents
 * @paddr: physical address of the first extent
 * @length: of the first extent, in bytes
 * @nr_extents: number of extents, at least 1
 * @extents_row: index of the first extents row, or MEMINSPECT_NO_ROW if
 *	@nr_extents is 1
 * @key: CPU or node number, as @key_kind tells, else 0
 * @key_kind: enum meminspect_key
 * @reserved: 0
 * @reserved2: 0
 * @name: NUL-terminated; a well-known name stands once for each key
 *
 * Extents stand in the order of virtual addresses: an extent continues, in
 * @vaddr's range, where the one before it ended.
 */
struct meminspect_region_row {
	struct meminspect_record record;
	__u16 kind;
	__u16 class;
	__u32 serial;
	__u64 vaddr;
	__u64 size;
	__u64 paddr;
	__u64 length;
	__u32 nr_extents;
	__u32 extents_row;
	__u32 key;
	__u16 key_kind;
	__u16 reserved;
	__u64 reserved2;
	__u8  name[MEMINSPECT_NAME_SIZE];
};

/**
 * struct meminspect_extent - a physically contiguous run of a region
 * @paddr: physical address
 * @length: in bytes
 */
struct meminspect_extent {
	__u64 paddr;
	__u64 length;
};

#define MEMINSPECT_EXTENTS_PER_ROW	6

/**
 * struct meminspect_extents_row - second and further extents of a region
 * @record: state and checksum
 * @kind: MEMINSPECT_ROW_EXTENTS
 * @nr_extents: number of extents in this row
 * @serial: the serial of the region that owns this row
 * @owner: row index of the region that owns this row
 * @next: index of the next extents row of the region, or MEMINSPECT_NO_ROW
 * @reserved: 0
 * @extents: the extents; those behind @nr_extents are 0
 */
struct meminspect_extents_row {
	struct meminspect_record record;
	__u16 kind;
	__u16 nr_extents;
	__u32 serial;
	__u32 owner;
	__u32 next;
	__u64 reserved;
	struct meminspect_extent extents[MEMINSPECT_EXTENTS_PER_ROW];
};

/* Why a region that somebody marked is not listed as one. */
enum meminspect_left_out {
	MEMINSPECT_NOT_LEFT_OUT		= 0,
	MEMINSPECT_LEFT_OUT_DENIED	= 1,	/* who runs the machine forbids it */
	MEMINSPECT_LEFT_OUT_BUDGET	= 2,	/* what matters more took the room */
	MEMINSPECT_LEFT_OUT_MAX
};

/**
 * struct meminspect_left_out_row - a region that policy keeps out of a dump
 * @record: state and checksum
 * @kind: MEMINSPECT_ROW_LEFT_OUT
 * @class: enum meminspect_class
 * @serial: as of a region; a region that is left out later on, or taken in
 *	again, keeps its row and serial
 * @size: in bytes
 * @reason: enum meminspect_left_out
 * @key: CPU or node number, or process ID, as @key_kind tells, else 0
 * @key_kind: enum meminspect_key
 * @reserved: 0
 * @reserved2: 0
 * @name: NUL-terminated
 *
 * It has no address on purpose.
 */
struct meminspect_left_out_row {
	struct meminspect_record record;
	__u16 kind;
	__u16 class;
	__u32 serial;
	__u64 size;
	__u32 reason;
	__u32 key;
	__u16 key_kind;
	__u16 reserved;
	__u32 reserved2[9];
	__u8  name[MEMINSPECT_NAME_SIZE];
};

/*
 * The contents of a region "current": what its CPU runs. A switch of tasks
 * writes the half that the switch before the last one wrote, so that there is
 * always a complete half for the task that runs. Both halves are to be taken:
 * the last one can be the task that runs already, or the one that runs next.
 */
#define MEMINSPECT_CURRENT_HALVES	2
#define MEMINSPECT_CURRENT_EXTENTS	16

/**
 * struct meminspect_current_half - a task that a CPU runs, or ran before
 * @task: virtual address of its struct task_struct, 0 while this is written
 * @task_paddr: physical address of it; it is physically contiguous
 * @task_size: in bytes
 * @stack: virtual address of its stack
 * @stack_size: in bytes
 * @pid: its process ID in the initial namespace
 * @nr_extents: number of extents of the stack
 * @extents: physical addresses of runs of @stack_size / @nr_extents bytes each
 * @check: exclusive or of all other words, rotated to the left by the
 *	index of the word, with MEMINSPECT_CURRENT_SEED
 *
 * All stores are 64 bits wide. @task is cleared first and written last.
 */
struct meminspect_current_half {
	__u64 task;
	__u64 task_paddr;
	__u64 task_size;
	__u64 stack;
	__u64 stack_size;
	__u64 pid;
	__u64 nr_extents;
	__u64 extents[MEMINSPECT_CURRENT_EXTENTS];
	__u64 check;
};

#define MEMINSPECT_CURRENT_SEED		0x63757272656e7421ULL

/**
 * struct meminspect_current - what a CPU runs
 * @half: the task that runs and the one before, or the one that comes next
 */
struct meminspect_current {
	struct meminspect_current_half half[MEMINSPECT_CURRENT_HALVES];
};

/* ELF notes in the header of a core that a consumer's runs are. */
#define MEMINSPECT_NOTE_NAME		"MEMINSPECT"
#define MEMINSPECT_NOTE_LEFT_OUT	0x4d454d03

/**
 * struct meminspect_left_out_note - what a consumer had no room for
 * @bytes: bytes of memory in all
 * @nr_ranges: number of ranges of memory
 * @pad: 0
 *
 * The directory tells which regions there are, and program headers what there
 * was room for. This tells that nothing else was lost on the way.
 */
struct meminspect_left_out_note {
	__u64 bytes;
	__u32 nr_ranges;
	__u32 pad;
};

/* Where the records of the head chunk stand. */
#define MEMINSPECT_IDENT_OFFSET		128
#define MEMINSPECT_CAPTURE_OFFSET	640
#define MEMINSPECT_HEAD_ROWS_OFFSET	1152
#define MEMINSPECT_ROWS_OFFSET		128

/*
 * Keys in VMCOREINFO that give the physical addresses of both copies of the
 * head chunk, hexadecimal with 0x.
 */
#define MEMINSPECT_VMCOREINFO_KEY0	"NUMBER(meminspect_directory)"
#define MEMINSPECT_VMCOREINFO_KEY1	"NUMBER(meminspect_directory_mirror)"

#endif /* _UAPI_LINUX_MEMINSPECT_H */
