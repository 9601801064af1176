// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packs runs of memory into records of a limited size.
 *
 * Each record is deflated by itself, so that one that is lost costs no other.
 * How many bytes of runs fill a record is known only when they are deflated:
 * more runs are gathered than a record may have bytes, and as many of them as
 * fit are taken, the last one in part if need be.
 */
#include <linux/build_bug.h>
#include <linux/crc32.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "pstore_pack.h"

#define HEADER_SIZE	sizeof(struct meminspect_pstore_record)
#define RUN_SIZE	sizeof(struct meminspect_pstore_run)
#define SAME_SIZE	(RUN_SIZE + sizeof(u64))
/* What is left of the limit is not worth another record. */
#define MIN_ROOM	256
/* Deflating takes time, and a record need not be full to the last byte. */
#define MAX_TRIES	6
/* Reading fails, or does not, for a page as a whole. */
#define READ_STEP	4096

static_assert(HEADER_SIZE + sizeof(struct meminspect_pstore_summary) +
	      MEMINSPECT_CLASS_MAX * sizeof(struct meminspect_pstore_class) <=
	      MEMINSPECT_PACK_MIN_RECORD);

/**
 * struct cut - where runs are cut for a record
 * @length: bytes before the cut
 * @run: offset of the run that it goes through, or @length
 */
struct cut {
	size_t length;
	size_t run;
};

static struct meminspect_pstore_run get_run(const struct meminspect_packer *packer,
					    size_t offset)
{
	struct meminspect_pstore_run run;

	memcpy(&run, packer->runs + offset, RUN_SIZE);
	return run;
}

static void put_run(struct meminspect_packer *packer, size_t offset,
		    const struct meminspect_pstore_run *run)
{
	memcpy(packer->runs + offset, run, RUN_SIZE);
}

static size_t size_of_run(const struct meminspect_pstore_run *run)
{
	switch (run->kind) {
	case MEMINSPECT_PSTORE_BYTES:
		return RUN_SIZE + run->length;
	case MEMINSPECT_PSTORE_SAME:
		return SAME_SIZE;
	default:
		return RUN_SIZE;
	}
}

/* The last place to cut that has at most @want bytes before it. */
static struct cut find_cut(const struct meminspect_packer *packer, size_t want)
{
	struct meminspect_pstore_run run;
	struct cut cut = { };
	size_t size;

	while (cut.length < packer->used) {
		run = get_run(packer, cut.length);
		size = size_of_run(&run);
		if (size > want - cut.length) {
			cut.run = cut.length;
			if (run.kind == MEMINSPECT_PSTORE_BYTES &&
			    want - cut.length > RUN_SIZE)
				cut.length = want;
			return cut;
		}
		cut.length += size;
	}
	cut.run = cut.length;
	return cut;
}

/* Makes the run that a cut goes through end there; returns it as it was. */
static struct meminspect_pstore_run shorten(struct meminspect_packer *packer,
					    const struct cut *cut)
{
	struct meminspect_pstore_run whole = { }, part;

	if (cut->run < cut->length) {
		whole = get_run(packer, cut->run);
		part = whole;
		part.length = cut->length - cut->run - RUN_SIZE;
		put_run(packer, cut->run, &part);
	}
	return whole;
}

/* Deflates what is before a cut at @want; returns 0 if that does not fit. */
static size_t try_deflate(struct meminspect_packer *packer, size_t want,
			  size_t room)
{
	struct cut cut = find_cut(packer, want);
	struct meminspect_pstore_run whole = shorten(packer, &cut);
	int size;

	size = packer->deflate(packer->priv, packer->runs, cut.length,
			       packer->record + HEADER_SIZE, room);
	if (cut.run < cut.length)
		put_run(packer, cut.run, &whole);
	return size > 0 && (size_t)size <= room ? size : 0;
}

/*
 * Finds how many bytes of runs fill a record, and deflates them into it.
 * Returns the number of deflated bytes, or 0 if the runs have to go in as they
 * are. It need not be the best place to cut, but one that is there in time.
 */
static size_t fill_deflated(struct meminspect_packer *packer, size_t room,
			    size_t *want)
{
	size_t low = 0, high = packer->used + 1, held = 0, size = 0, fits;
	size_t next = packer->guess ? min(packer->guess, packer->used) :
				      packer->used;
	unsigned int tries;

	if (!packer->deflate)
		return 0;
	for (tries = 0; tries < MAX_TRIES && next > low; tries++) {
		held = next;
		fits = try_deflate(packer, next, room);
		if (fits) {
			low = next;
			size = fits;
			if (low == packer->used || size >= room - room / 8)
				break;
			/* As if the rest were no different, with a margin */
			next = low + (room - size) * (low * 8 / size) / 64 * 7 + 64;
			next = min(next, packer->used);
		} else {
			high = next;
		}
		if (next >= high)
			next = low + (high - low) / 2;
	}
	*want = low;
	/* Not even what fits as it is: it cannot be deflated. */
	if (!low || low <= min(packer->used, room))
		return low && low == packer->used && size < low && held == low ?
		       size : 0;
	if (held != low)
		size = try_deflate(packer, low, room);
	return size;
}

static void count_packed(struct meminspect_packer *packer, size_t length)
{
	struct meminspect_pstore_run run;
	size_t offset, class;

	for (offset = 0; offset < length; offset += size_of_run(&run)) {
		run = get_run(packer, offset);
		class = min_t(size_t, run.class, MEMINSPECT_PACKED_DIRECTORY);
		if (run.kind == MEMINSPECT_PSTORE_BYTES)
			packer->packed[class] += run.length;
	}
}

/* Takes out what is before a cut. */
static void consume(struct meminspect_packer *packer, const struct cut *cut,
		    const struct meminspect_pstore_run *whole)
{
	size_t start = cut->length;
	struct meminspect_pstore_run rest = *whole;

	if (cut->run < cut->length) {
		/* What remains of the run gets a header over bytes that are gone. */
		start -= RUN_SIZE;
		rest.paddr += start - cut->run;
		rest.length -= start - cut->run;
		put_run(packer, start, &rest);
		if (packer->last == cut->run)
			packer->last = start;
	}
	packer->used -= start;
	memmove(packer->runs, packer->runs + start, packer->used);
	packer->last = packer->last >= start ? packer->last - start : packer->used;
}

/* Everything but the contents is there: completes the record and stores it. */
static int write_record(struct meminspect_packer *packer, u16 kind, size_t stored,
			size_t size, u32 flags)
{
	size_t behind_crc = offsetofend(struct meminspect_pstore_record, crc);
	struct meminspect_pstore_record header = packer->identity;
	size_t total = HEADER_SIZE + stored;
	int ret;

	memcpy(header.magic, MEMINSPECT_PSTORE_MAGIC, sizeof(header.magic));
	header.version = MEMINSPECT_PSTORE_VERSION;
	header.byte_order = MEMINSPECT_PSTORE_BYTE_ORDER;
	header.header_size = HEADER_SIZE;
	header.kind = kind;
	header.sequence = packer->sequence;
	header.total = kind == MEMINSPECT_PSTORE_END ? packer->sequence + 1 : 0;
	header.stored = stored;
	header.size = size;
	header.flags = flags;
	memcpy(packer->record, &header, HEADER_SIZE);
	header.crc = ~crc32_le(~0U, packer->record + behind_crc,
			       total - behind_crc);
	memcpy(packer->record, &header, HEADER_SIZE);

	ret = packer->write(packer->priv, total, packer->sequence);
	if (ret) {
		packer->error = ret;
		return ret;
	}
	packer->sequence++;
	packer->written += total;
	return 0;
}

/* Writes a record of as many runs as fit. */
static int write_runs(struct meminspect_packer *packer)
{
	struct meminspect_pstore_run whole;
	u64 left = packer->limit > packer->written ?
		   packer->limit - packer->written : 0;
	size_t room, want, size;
	struct cut cut;
	u32 flags = 0;
	int ret;

	if (packer->error)
		return packer->error;
	if (left < HEADER_SIZE + MIN_ROOM)
		return -ENOSPC;
	room = min_t(u64, packer->record_size, left) - HEADER_SIZE;

	size = fill_deflated(packer, room, &want);
	if (size)
		flags = MEMINSPECT_PSTORE_DEFLATED;
	else
		want = min(packer->used, room);
	cut = find_cut(packer, want);
	whole = shorten(packer, &cut);
	if (!size) {
		size = cut.length;
		memcpy(packer->record + HEADER_SIZE, packer->runs, size);
	}
	ret = write_record(packer, MEMINSPECT_PSTORE_DATA, size, cut.length, flags);
	if (ret)
		return ret;
	count_packed(packer, cut.length);
	packer->guess = cut.length;
	consume(packer, &cut, &whole);
	return 0;
}

static int make_room(struct meminspect_packer *packer, size_t size)
{
	int ret = packer->error;

	while (!ret && packer->runs_size - packer->used < size)
		ret = write_runs(packer);
	return ret;
}

static void append_run(struct meminspect_packer *packer,
		       const struct meminspect_pstore_run *run)
{
	packer->last = packer->used;
	put_run(packer, packer->used, run);
	packer->used += RUN_SIZE;
}

/* Whether @run continues the last one, so that it needs no header of its own. */
static bool grow_run(struct meminspect_packer *packer,
		     const struct meminspect_pstore_run *run)
{
	struct meminspect_pstore_run last;

	if (packer->last + RUN_SIZE > packer->used)
		return false;
	last = get_run(packer, packer->last);
	if (last.kind != run->kind || last.class != run->class ||
	    last.paddr + last.length != run->paddr ||
	    last.length + run->length < last.length)
		return false;
	last.length += run->length;
	put_run(packer, packer->last, &last);
	return true;
}

/**
 * meminspect_pack_memory - pack a physically contiguous range
 * @packer: the packer
 * @class: enum meminspect_class, or MEMINSPECT_PSTORE_DIRECTORY
 * @paddr: physical address
 * @length: in bytes
 * @read: gives the bytes
 * @priv: passed on to @read
 *
 * What cannot be read is recorded as such. Bytes are in a record for sure when
 * meminspect_pack_flush() was called.
 *
 * Context: Any.
 *
 * Return: 0, -ENOSPC if the limit is reached, or what storing a record gave.
 */
int meminspect_pack_memory(struct meminspect_packer *packer, u16 class,
			   u64 paddr, u64 length, meminspect_pack_read_t read,
			   void *priv)
{
	struct meminspect_pstore_run run = { .class = class };
	u64 done, step;
	int ret;

	for (done = 0; done < length; done += run.length) {
		ret = make_room(packer, RUN_SIZE + 1);
		if (ret)
			return ret;
		step = READ_STEP - (paddr + done) % READ_STEP;
		step = min_t(u64, step, length - done);
		step = min_t(u64, step, packer->runs_size - packer->used - RUN_SIZE);
		run.paddr = paddr + done;
		run.length = step;
		run.kind = MEMINSPECT_PSTORE_BYTES;
		/* Where the bytes go if the run needs a header; it may not. */
		if (read(priv, done, packer->runs + packer->used + RUN_SIZE, step)) {
			run.kind = MEMINSPECT_PSTORE_UNREADABLE;
			packer->unreadable += step;
			if (!grow_run(packer, &run))
				append_run(packer, &run);
			continue;
		}
		if (grow_run(packer, &run))
			memmove(packer->runs + packer->used,
				packer->runs + packer->used + RUN_SIZE, step);
		else
			append_run(packer, &run);
		packer->used += step;
	}
	return 0;
}

/**
 * meminspect_pack_same - say that memory holds the same as other memory
 * @packer: the packer
 * @class: enum meminspect_class, or MEMINSPECT_PSTORE_DIRECTORY
 * @paddr: physical address
 * @length: in bytes
 * @same_as: physical address of the other memory, which is packed
 *
 * Context: Any.
 *
 * Return: as meminspect_pack_memory().
 */
int meminspect_pack_same(struct meminspect_packer *packer, u16 class, u64 paddr,
			 u32 length, u64 same_as)
{
	const struct meminspect_pstore_run run = {
		.paddr = paddr,
		.length = length,
		.kind = MEMINSPECT_PSTORE_SAME,
		.class = class,
	};
	int ret = make_room(packer, SAME_SIZE);

	if (ret)
		return ret;
	append_run(packer, &run);
	memcpy(packer->runs + packer->used, &same_as, sizeof(same_as));
	packer->used += sizeof(same_as);
	/* Two of them are not one. */
	packer->last = packer->used;
	return 0;
}

/**
 * meminspect_pack_flush - write all that was gathered
 * @packer: the packer
 *
 * What the limit has no room for is dropped.
 *
 * Context: Any.
 *
 * Return: as meminspect_pack_memory().
 */
int meminspect_pack_flush(struct meminspect_packer *packer)
{
	int ret = packer->error;

	while (!ret && packer->used)
		ret = write_runs(packer);
	packer->used = 0;
	packer->last = 0;
	return ret;
}

/**
 * meminspect_pack_summary - write the first or the last record
 * @packer: the packer
 * @kind: MEMINSPECT_PSTORE_HEAD or MEMINSPECT_PSTORE_END
 * @summary: its contents, at most MEMINSPECT_CLASS_MAX classes
 *
 * It is written whatever the limit says, and also after storing another record
 * failed: it is smaller than most, and says so.
 *
 * Context: Any.
 *
 * Return: 0, or what storing it gave.
 */
int meminspect_pack_summary(struct meminspect_packer *packer, u16 kind,
			    const struct meminspect_pstore_summary *summary)
{
	size_t size = sizeof(*summary) +
		      summary->nr_classes * sizeof(summary->classes[0]);

	memcpy(packer->record + HEADER_SIZE, summary, size);
	return write_record(packer, kind, size, size, 0);
}
