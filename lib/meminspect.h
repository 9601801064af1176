/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libmeminspect: reads what a kernel with meminspect left in RAM, and writes
 * it as an ELF core that crash, drgn and gdb open.
 *
 * Functions that can fail return 0 or a negative errno; meminspect_error()
 * then has a sentence for people: file, offset, what was expected. Nothing in
 * here is thread safe for one context; different contexts are independent.
 *
 * Every byte that comes from a dump is treated as hostile.
 */
#ifndef MEMINSPECT_H
#define MEMINSPECT_H

#include <linux/meminspect.h>
#include <linux/meminspect_kinfo.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------- context --- */

struct meminspect_context;

/**
 * meminspect_progress_function - told how far long work has come
 * @priv: as given to meminspect_set_progress()
 * @what: what is being done, a few words
 * @done: units done
 * @total: units in all, 0 if unknown
 */
typedef void (*meminspect_progress_function)(void *priv, const char *what,
					     uint64_t done, uint64_t total);

/* Returns NULL when memory is short. */
struct meminspect_context *meminspect_context_new(void);
void meminspect_context_free(struct meminspect_context *context);
/* Text of the last error; valid until the next call with this context; "" if there was none. */
const char *meminspect_error(const struct meminspect_context *context);
void meminspect_set_progress(struct meminspect_context *context,
			     meminspect_progress_function function, void *priv);

/* ------------------------------------------------- memory of a machine --- */

/* Physical memory of a machine, wherever it can be read from. */
struct meminspect_memory;

/**
 * meminspect_memory_open_ram - open a plain image of RAM
 * @path: file; byte 0 is the byte at physical address @base
 * @base: physical address, or MEMINSPECT_BASE_FROM_DIRECTORY: the directory is
 *	searched in the file and tells by its own address where the file starts
 */
#define MEMINSPECT_BASE_FROM_DIRECTORY UINT64_MAX
int meminspect_memory_open_ram(struct meminspect_context *context, const char *path,
			       uint64_t base, struct meminspect_memory **memory);
/**
 * meminspect_memory_open_qmp - open the RAM of a guest of a QEMU on this host
 * @socket: path of QEMU's QMP socket
 *
 * The guest is stopped while it is open, and goes on at close if it ran:
 * meminspect_memory_close() tells if it does not.
 * A one-page dump-guest-memory gives VMCOREINFO and the registers of all CPUs.
 */
int meminspect_memory_open_qmp(struct meminspect_context *context, const char *socket,
			       struct meminspect_memory **memory);
/**
 * meminspect_memory_open_minidump - open the files of a minidump
 * @path: the folder that qdl or edl left, with files md_*.BIN of one machine
 *
 * Files that are missing, damaged or can't be told apart are no error: what
 * they had is missing, and problems and verdicts say so.
 */
int meminspect_memory_open_minidump(struct meminspect_context *context, const char *path,
				    struct meminspect_memory **memory);
/* The same from the container that boot firmware writes to a partition "rawdump". */
int meminspect_memory_open_rawdump(struct meminspect_context *context, const char *path,
				   struct meminspect_memory **memory);
/**
 * meminspect_memory_open_pstore - open what a dying kernel wrote to pstore
 * @path: file, or folder of files, as pstore shows them or systemd-pstore leaves them
 *
 * The memory has what the records of the last crash have. Problems say which
 * records are damaged or missing, and why the kernel stored no more.
 */
int meminspect_memory_open_pstore(struct meminspect_context *context, const char *path,
				  struct meminspect_memory **memory);
/**
 * meminspect_memory_open_vmcore - open a dump of all memory
 * @path: a file that libkdumpfile reads: ELF, kdump-compressed, /proc/kcore
 *
 * The directory has to be named in its VMCOREINFO.
 */
int meminspect_memory_open_vmcore(struct meminspect_context *context, const char *path,
				  struct meminspect_memory **memory);
/**
 * meminspect_memory_close - close any of these
 * @memory: it is gone afterwards, whatever is returned; may be NULL
 *
 * Only that of a guest of QEMU can fail: the guest ran before, and stays stopped. It is another
 * error than that of what was read.
 */
int meminspect_memory_close(struct meminspect_memory *memory);

/* What became of a device's memory. */
struct meminspect_sahara {
	char *folder;		/* with the files, for free(); NULL if there is none */
	size_t nr_files;	/* in it */
	size_t nr_lost;		/* rows of the device's table that were not, or not all, read */
	bool reset;		/* the device was told to start anew, and agreed */
};

/**
 * meminspect_sahara_save - save the memory that a device in Sahara's memory debug offers
 * @socket: Unix-domain stream socket that the device listens on
 * @folder: name of a new folder for the files, for meminspect_memory_open_minidump()
 * @reset_anyway: let the device start anew also if not all of it could be read
 * @result: filled in, also if it fails
 *
 * The folder has its name if nothing is missing; else @result has another one,
 * and the device keeps its memory, unless @reset_anyway.
 */
int meminspect_sahara_save(struct meminspect_context *context, const char *socket,
			   const char *folder, bool reset_anyway,
			   struct meminspect_sahara *result);

/**
 * meminspect_memory_read - read physical memory
 *
 * Returns the number of bytes, from @paddr on, that the source has: @length if
 * all, less if some, 0 if none; or a negative errno if reading failed.
 */
int64_t meminspect_memory_read(struct meminspect_memory *memory, uint64_t paddr,
			       void *buffer, size_t length);

/* ---------------------------------------------------------------- dump --- */

/* What the host says of a region. */
enum meminspect_verdict {
	MEMINSPECT_PRESENT,	/* every byte is there */
	MEMINSPECT_TRUNCATED,	/* some bytes are there */
	MEMINSPECT_ABSENT,	/* no byte is there */
	MEMINSPECT_CORRUPT,	/* row or contents can't be what the kernel wrote */
	MEMINSPECT_LEFT_OUT,	/* the machine's policy keeps it out of dumps: no damage */
};

/* Where the contents of a region come from. */
enum meminspect_origin {
	MEMINSPECT_FROM_DIRECTORY,	/* collected: the kernel's directory lists it */
	MEMINSPECT_DERIVED,		/* collected: it follows from another region's contents */
	MEMINSPECT_FROM_VMLINUX,	/* not collected: constants that stand in vmlinux */
	MEMINSPECT_MADE,		/* not collected: worked out by the host */
	MEMINSPECT_FILLER,		/* nothing: poison, for tools that read beyond an object */
};

/* Where the registers of a CPU come from. */
enum meminspect_register_source {
	MEMINSPECT_REGISTERS_NONE,	/* nobody saved them */
	MEMINSPECT_REGISTERS_KERNEL,	/* the dying kernel, in crash_notes */
	MEMINSPECT_REGISTERS_QEMU,	/* QEMU, after the death */
	MEMINSPECT_REGISTERS_FIRMWARE,	/* boot firmware, when the watchdog bit */
};

/* An extent and its contents. */
struct meminspect_piece {
	uint64_t paddr;		/* physical address */
	uint64_t vaddr;		/* virtual address of its first byte, 0 if none */
	uint64_t length;	/* in bytes, as the directory has it */
	uint64_t present;	/* bytes collected, from the start, <= length */
	const uint8_t *data;	/* @present bytes; NULL if none */
};

struct meminspect_region {
	const char *name;
	uint16_t class;			/* enum meminspect_class or unknown */
	uint16_t key_kind;		/* enum meminspect_key */
	uint32_t key;
	uint64_t vaddr;			/* 0 if none */
	uint64_t size;			/* bytes */
	size_t nr_pieces;
	const struct meminspect_piece *pieces;
	enum meminspect_verdict verdict;
	const char *why;		/* reason of a verdict other than PRESENT, else "" */
	enum meminspect_origin origin;
};

struct meminspect_registers {
	uint32_t cpu;
	enum meminspect_register_source source;
	size_t size;			/* of @prstatus, bytes */
	const uint8_t *prstatus;	/* struct elf_prstatus of the dead machine; NULL if none */
};

/* Everything known of a dead machine. */
struct meminspect_dump;

/**
 * meminspect_collect - find the directory and read the marked regions
 *
 * Succeeds also when regions are absent or corrupt: verdicts tell. Fails when
 * there is no directory, unless the source knows regions by itself.
 */
int meminspect_collect(struct meminspect_context *context, struct meminspect_memory *memory,
		       struct meminspect_dump **dump);
/**
 * meminspect_core_open - open a core that meminspect_core_write() wrote
 *
 * A core that lost its end opens, with verdicts that say what is missing.
 */
int meminspect_core_open(struct meminspect_context *context, const char *path,
			 struct meminspect_dump **dump);
void meminspect_dump_free(struct meminspect_dump *dump);

/* NULL if the identification block is lost. Strings in it are terminated. */
const struct meminspect_ident *meminspect_dump_ident(const struct meminspect_dump *dump);
/* NULL if the kernel filled in none, or it is lost. Strings in it are terminated. */
const struct meminspect_capture *meminspect_dump_capture(const struct meminspect_dump *dump);
/* Text of VMCOREINFO, NUL-terminated; NULL if there is none. */
const char *meminspect_dump_vmcoreinfo(const struct meminspect_dump *dump);
/*
 * By how much symbols are away from their addresses in vmlinux: by the
 * identification block, else by VMCOREINFO, else by what boot firmware was
 * told. -ENODATA if nothing tells.
 */
int meminspect_dump_kaslr_offset(const struct meminspect_dump *dump, uint64_t *offset);
/* One line: what was collected from. */
const char *meminspect_dump_source(const struct meminspect_dump *dump);
/* Wall clock of the collecting host, seconds since 1970. */
int64_t meminspect_dump_collected(const struct meminspect_dump *dump);
size_t meminspect_dump_nr_regions(const struct meminspect_dump *dump);
const struct meminspect_region *meminspect_dump_region(const struct meminspect_dump *dump,
						       size_t index);
/* First region of that name and, unless it is negative, that key; NULL if none. */
const struct meminspect_region *meminspect_dump_find(const struct meminspect_dump *dump,
						     const char *name, int64_t key);
/* One for each possible CPU, in order; source NONE where nobody saved them. */
size_t meminspect_dump_nr_registers(const struct meminspect_dump *dump);
const struct meminspect_registers *meminspect_dump_registers(const struct meminspect_dump *dump,
							     size_t index);
/* Sentences on damage found in the directory or the core, beyond single regions. */
size_t meminspect_dump_nr_problems(const struct meminspect_dump *dump);
const char *meminspect_dump_problem(const struct meminspect_dump *dump, size_t index);
/* Adds one, of which a copy is made. -ENOMEM. */
int meminspect_dump_add_problem(struct meminspect_dump *dump, const char *problem);
/* 0 if the dump holds all @length bytes at that virtual address, else -ENODATA. */
int meminspect_dump_read(const struct meminspect_dump *dump, uint64_t vaddr,
			 void *buffer, size_t length);

const char *meminspect_class_name(uint16_t class);
/* What stands before a key: "cpu", "node", "pid"; "" for none, "key" for an unknown kind. */
const char *meminspect_key_name(uint16_t key_kind);
const char *meminspect_verdict_name(enum meminspect_verdict verdict);
const char *meminspect_origin_name(enum meminspect_origin origin);
const char *meminspect_register_source_name(enum meminspect_register_source source);

/* ------------------------------------------------- what the host knows --- */

/**
 * meminspect_vmlinux_check - see whether a file is the vmlinux of the kernel that died
 *
 * -EINVAL if it is another one, or none; -ENODATA if the dump does not tell the build-id.
 */
int meminspect_vmlinux_check(struct meminspect_context *context,
			     const struct meminspect_dump *dump, const char *path);

/**
 * meminspect_complete - add what stands in vmlinux, and stock tools ask for
 * @memory: what the dump was collected from, or NULL
 * @path: vmlinux of the kernel that died: an ELF file with its symbols
 *
 * Adds regions of other origins than the directory: text around every address
 * in the registers and on the stacks, unwind tables for it, tables of constants,
 * poison where tools read beyond an object. Where something was collected, it is
 * what counts. The kernel patches its text: @memory has it as it was, if it has it.
 *
 * -EINVAL if the build-id is another one, -ENODATA if the dump does not tell
 * which kernel it is of, or where that was, -EEXIST if this was done before.
 */
int meminspect_complete(struct meminspect_context *context, struct meminspect_dump *dump,
			struct meminspect_memory *memory, const char *path);

/* How much of what is marked a core is to have: docs/levels.md. */
enum meminspect_level {
	MEMINSPECT_LEVEL_SMALL,
	MEMINSPECT_LEVEL_DEFAULT,
	MEMINSPECT_LEVEL_RICH,		/* all of it, and what pointers lead to */
	MEMINSPECT_NR_LEVELS
};

/**
 * meminspect_follow - add what pointers lead to, in whole pages
 * @memory: what the dump was collected from; all of RAM has to be in it
 * @level: nothing of small, timers of default, of rich all that is known to be asked for:
 *	what crash's ps, foreach bt, files, mount, timer, vm, kmem -s, swap, net and dev read
 * @path: vmlinux of the kernel that died, with BTF (CONFIG_DEBUG_INFO_BTF) or DWARF
 *
 * To be called after meminspect_limit() and before meminspect_complete(). What policy denies on the
 * machine is not known to the host by its address, and is in it if a pointer leads there.
 *
 * -EINVAL if the build-id is another one, -ENODATA if the dump does not tell which
 * kernel it is of, or vmlinux has neither, -ENOTSUP if its page tables are not known.
 */
int meminspect_follow(struct meminspect_context *context, struct meminspect_dump *dump,
		      struct meminspect_memory *memory, enum meminspect_level level,
		      const char *path);

/**
 * meminspect_has_member - whether a struct of the kernel has a member
 * @path: vmlinux, with BTF (CONFIG_DEBUG_INFO_BTF) or DWARF
 * @member: name; those of anonymous structs count as the outer struct's own
 *
 * 1 or 0; -ENODATA if vmlinux has neither, -ENOENT if the kernel has no such struct.
 */
int meminspect_has_member(struct meminspect_context *context, const char *path, const char *type,
			  const char *member);

/* Regions of one name that end before their type does */
struct meminspect_straddling {
	const char *region;	/* their name */
	const char *type;	/* of a struct, by BTF */
	uint64_t type_size;	/* bytes */
	uint64_t least;		/* bytes that one of them has */
	size_t nr_objects;	/* regions of that name that are present */
	size_t nr;		/* of these, that have fewer bytes than the type */
};

typedef void (*meminspect_straddling_function)(void *priv, const struct meminspect_straddling *straddling);

/**
 * meminspect_find_straddling - objects whose end is not in the dump
 * @path: vmlinux of the kernel that died, with BTF (CONFIG_DEBUG_INFO_BTF) or DWARF
 * @function: called for each name of regions of which one is shorter than its type
 *
 * A tool that reads the type as a whole reads beyond what was collected. Regions that are cut are
 * not among them: their verdict says so.
 *
 * -EINVAL if the build-id is another one, -ENODATA if the dump does not tell which kernel it is of,
 * or vmlinux has neither.
 */
int meminspect_find_straddling(struct meminspect_context *context, const struct meminspect_dump *dump,
			       const char *path, meminspect_straddling_function function, void *priv);

const char *meminspect_level_name(enum meminspect_level level);
/*
 * Drops regions that are beyond a level. Timers are only in it if meminspect_follow() comes next, as
 * @follows says: crash takes a base without them for an empty one. If that fails, this is to be
 * called again, without @follows. -ENOMEM.
 */
int meminspect_limit(struct meminspect_context *context, struct meminspect_dump *dump,
		     enum meminspect_level level, bool follows);
/* What it was cut down to, and how many regions are not in it for that; NULL if it was not. */
const char *meminspect_dump_level(const struct meminspect_dump *dump, uint64_t *nr_beyond);

/* ---------------------------------------------------------------- core --- */

/**
 * meminspect_core_write - write a dump as an ELF core
 * @path: must not exist; appears whole or not at all
 */
int meminspect_core_write(struct meminspect_context *context, const struct meminspect_dump *dump,
			  const char *path);
/**
 * meminspect_kdump_write - write a dump in the kdump-compressed format
 * @path: must not exist; appears whole or not at all
 *
 * For crash and makedumpfile; this library does not read it. What was not collected
 * of a page is poison. -E2BIG if a region is above the first 8 TiB of memory.
 */
int meminspect_kdump_write(struct meminspect_context *context, const struct meminspect_dump *dump,
			   const char *path);
/**
 * meminspect_dump_json - all that is known but contents, as JSON for people and programs
 *
 * The table of docs/core-format.md without what belongs to a file. Returns
 * text for free(), or NULL when memory is short.
 */
char *meminspect_dump_json(const struct meminspect_dump *dump);

/* ---------------------------------------------------------- VMCOREINFO --- */

/**
 * meminspect_vmcoreinfo_value - look up a key in the text of VMCOREINFO
 * @text: NUL-terminated lines KEY=VALUE
 * @key: the whole key, as "OFFSET(printk_info.seq)"
 * @length: set to the length of the value
 *
 * Returns the value, which is not terminated, or NULL.
 */
const char *meminspect_vmcoreinfo_value(const char *text, const char *key, size_t *length);
/* Number in base @base (0: as strtoull() tells); -ENOENT, or -EINVAL if it isn't one. */
int meminspect_vmcoreinfo_number(const char *text, const char *key, int base, uint64_t *value);
/**
 * meminspect_vmcoreinfo_explain - what a key of VMCOREINFO means
 * @key: the whole key
 * @used_by: set to the architectures it belongs to, "all" for every one
 *
 * Returns one or two sentences, or NULL for an unknown key.
 */
const char *meminspect_vmcoreinfo_explain(const char *key, const char **used_by);

/* ----------------------------------------------------------------- log --- */

struct meminspect_log_record {
	uint64_t sequence;
	uint64_t time;		/* ns since boot */
	uint8_t facility;
	uint8_t level;		/* 0 (emergency) to 7 (debug) */
	uint32_t caller;	/* thread ID, or CPU with bit 31 set */
	const char *text;	/* may hold any byte, not terminated */
	size_t length;
};

typedef int (*meminspect_log_function)(void *priv, const struct meminspect_log_record *record);

/* What meminspect_log() found. */
struct meminspect_log_summary {
	uint64_t records;	/* handed to the function */
	uint64_t lost;		/* whose text was overwritten, missing or unreadable */
	uint64_t first;		/* sequence of the first record handed over */
};

/**
 * meminspect_log - decode the printk ringbuffer, oldest record first
 *
 * The layout is the one in VMCOREINFO: no vmlinux is needed. Stops when
 * @function returns other than 0, and returns that.
 */
int meminspect_log(struct meminspect_context *context, const struct meminspect_dump *dump,
		   meminspect_log_function function, void *priv,
		   struct meminspect_log_summary *summary);

/* --------------------------------------------------------- kinfo page --- */

/* A page that tells boot firmware where symbols are: kinfo.rst in the kernel's documentation. */
#define MEMINSPECT_KINFO_PAGE		4096
#define MEMINSPECT_KINFO_MAX_DOUBTS	48

/* What the page says if it has this layout, which the page itself does not say. */
struct meminspect_kinfo_reading {
	enum meminspect_kinfo_layout layout;
	size_t size;			/* bytes of the layout */
	uint32_t computed;		/* checksum that the bytes give */
	bool checksum_good;
	uint64_t number[MEMINSPECT_KINFO_NR_FIELDS];	/* 0 where the layout has no such field */
	char release[MEMINSPECT_KINFO_RELEASE_SIZE + 1];
	char build_info[MEMINSPECT_KINFO_BUILD_SIZE + 1];
	size_t nr_doubts;		/* values that no kernel would write */
	char doubts[MEMINSPECT_KINFO_MAX_DOUBTS][120];
	unsigned int unlikely;		/* the less, the better does the layout fit */
};

struct meminspect_kinfo {
	uint64_t paddr;			/* of the page, if it comes from RAM */
	bool big_endian;
	uint32_t checksum;		/* as the page has it */
	size_t nr_readings;		/* by how well they fit, the best first */
	size_t nr_alike;		/* of these, as good as the first one */
	struct meminspect_kinfo_reading readings[MEMINSPECT_KINFO_NR_LAYOUTS];
};

/**
 * meminspect_kinfo_decode - read a kinfo page
 * @bytes: the page, of which @length bytes are there
 * @kinfo: set, for free()
 *
 * Succeeds also if no layout's checksum is right: checksum_good of the first
 * reading tells. -ENOENT if the page has no magic, and so holds nothing.
 */
int meminspect_kinfo_decode(struct meminspect_context *context, const void *bytes, size_t length,
			    struct meminspect_kinfo **kinfo);
/**
 * meminspect_kinfo_find - look for a kinfo page in RAM
 * @at: its physical address, or MEMINSPECT_KINFO_SEARCH
 * @nr_others: set to the number of other pages that hold one with a right checksum
 *
 * The first one with a right checksum is taken, or the first one at all.
 */
#define MEMINSPECT_KINFO_SEARCH UINT64_MAX
int meminspect_kinfo_find(struct meminspect_context *context, struct meminspect_memory *memory,
			  uint64_t at, struct meminspect_kinfo **kinfo, size_t *nr_others);
const char *meminspect_kinfo_layout_name(enum meminspect_kinfo_layout layout);
const char *meminspect_kinfo_field_name(enum meminspect_kinfo_field field);
/* Bytes that a field has in a layout; 0 if it has none there. @offset may be NULL. */
size_t meminspect_kinfo_field_size(enum meminspect_kinfo_layout layout,
				   enum meminspect_kinfo_field field, size_t *offset);

/* Names for addresses, from the tables that a kinfo page points to. */
struct meminspect_symbols;

struct meminspect_symbol {
	uint64_t paddr;		/* that was looked up */
	const char *name;	/* good until the next look-up */
	uint64_t offset, size;	/* from the symbol's start; its size, as far as known */
};

/**
 * meminspect_symbols_open - read the tables of kallsyms
 * @kinfo: page that points to them
 *
 * The way in which they hold addresses is tried out: it is right if symbols
 * are where the page says.
 */
int meminspect_symbols_open(struct meminspect_context *context, struct meminspect_memory *memory,
			    const struct meminspect_kinfo *kinfo,
			    struct meminspect_symbols **symbols);
void meminspect_symbols_close(struct meminspect_symbols *symbols);
size_t meminspect_symbols_count(const struct meminspect_symbols *symbols);
/* One line: how the tables hold addresses. */
const char *meminspect_symbols_encoding(const struct meminspect_symbols *symbols);
/* Virtual address of _text, for when the page tables don't tell. */
void meminspect_symbols_set_text(struct meminspect_symbols *symbols, uint64_t vaddr);
/**
 * meminspect_symbols_find - the symbol at an address
 * @address: virtual, or physical and in the kernel's image
 *
 * -ENXIO if the address is not mapped, as far as is known; -ENOENT if it is not
 * in the kernel's image, or in no symbol of it.
 */
int meminspect_symbols_find(struct meminspect_symbols *symbols, uint64_t address,
			    struct meminspect_symbol *symbol);

#ifdef __cplusplus
}
#endif

#endif /* MEMINSPECT_H */
