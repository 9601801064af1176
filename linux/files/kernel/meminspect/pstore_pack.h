/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MEMINSPECT_PSTORE_PACK_H
#define _MEMINSPECT_PSTORE_PACK_H

#include <linux/types.h>
#include <uapi/linux/meminspect.h>
#include <uapi/linux/meminspect_pstore.h>

/* Smaller records are refused: the first and the last one must fit. */
#define MEMINSPECT_PACK_MIN_RECORD	1024
/* Runs that are gathered for a record, as a multiple of its size. */
#define MEMINSPECT_PACK_RATIO		8

/**
 * struct meminspect_packer - packs runs of memory into records
 * @identity: @crash, @time and @boot_id of all records
 * @record: where a record is put together
 * @record_size: bytes that it may have
 * @runs: where runs are gathered
 * @runs_size: its size, at least @record_size
 * @limit: bytes that all records up to now and to come may have
 * @deflate: deflates @length bytes to at most @room bytes, and returns how many
 *	it took, or a negative errno; the same input gives the same output. NULL
 *	if nothing is to be deflated
 * @write: stores the first @size bytes of @record, which has the number
 *	@sequence; 0 or a negative errno
 * @priv: passed on to @deflate and @write
 * @used: bytes of @runs that hold runs
 * @last: offset of the last of them, or @used if none can grow
 * @guess: bytes of runs that went into the last record
 * @written: bytes of all records
 * @sequence: number of the next record
 * @error: negative errno of @write, after which nothing more is packed
 * @unreadable: bytes that could not be read
 * @packed: bytes of memory in records, for each class, and of the directory
 *
 * The caller fills in all up to @priv, and zeros the others.
 */
struct meminspect_packer {
	struct meminspect_pstore_record identity;
	u8 *record;
	size_t record_size;
	u8 *runs;
	size_t runs_size;
	u64 limit;
	int (*deflate)(void *priv, const void *from, size_t length, void *to,
		       size_t room);
	int (*write)(void *priv, size_t size, u32 sequence);
	void *priv;

	size_t used;
	size_t last;
	size_t guess;
	u64 written;
	u32 sequence;
	int error;
	u64 unreadable;
	u64 packed[MEMINSPECT_CLASS_MAX + 1];
};

/* Index of the directory in @packed */
#define MEMINSPECT_PACKED_DIRECTORY	MEMINSPECT_CLASS_MAX

/* Copies @length bytes, at most a page, from @offset on; 0 or a negative errno. */
typedef int (*meminspect_pack_read_t)(void *priv, u64 offset, void *to,
				      size_t length);

int meminspect_pack_summary(struct meminspect_packer *packer, u16 kind,
			    const struct meminspect_pstore_summary *summary);
int meminspect_pack_memory(struct meminspect_packer *packer, u16 class,
			   u64 paddr, u64 length, meminspect_pack_read_t read,
			   void *priv);
int meminspect_pack_same(struct meminspect_packer *packer, u16 class, u64 paddr,
			 u32 length, u64 same_as);
int meminspect_pack_flush(struct meminspect_packer *packer);

#endif /* _MEMINSPECT_PSTORE_PACK_H */
