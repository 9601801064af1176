// SPDX-License-Identifier: GPL-2.0-only
/*
 * A consumer that writes the regions to persistent storage when the kernel
 * dies, for machines where nobody else gets at RAM.
 *
 * pstore calls it behind the log, where it holds the lock of its buffer.
 * Nothing is allocated, waited for or printed then: all it needs was taken when
 * the back end was registered.
 */
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/meminspect_pstore.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/nmi.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/pstore.h>
#include <linux/random.h>
#include <linux/security.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/zlib.h>
#include <asm/barrier.h>

#include "internal.h"
#include "pstore_pack.h"

/* Larger ones lose more when one is damaged, and deflate hardly better. */
#define MAX_RECORD_SIZE		SZ_32K

/* What the last record may need in any case. */
#define END_SIZE		MEMINSPECT_PACK_MIN_RECORD

#define BUDGET_OF_BACK_END	U64_MAX

/* What the command line says. */
static u64 budget_wanted __ro_after_init = BUDGET_OF_BACK_END;

/* pstore serialises those that attach and detach, and those that dump. */
static struct pstore_info *backend;
static u64 backend_budget;
static void *deflate_workspace;
static struct meminspect_packer packer;
static struct pstore_record pstore_record;
static u8 boot_id[MEMINSPECT_PSTORE_BOOT_ID_SIZE];

/* A summary with room for all classes */
static u64 plan_memory[(sizeof(struct meminspect_pstore_summary) +
			MEMINSPECT_CLASS_MAX *
			sizeof(struct meminspect_pstore_class)) / sizeof(u64)];
static struct meminspect_pstore_summary *const plan = (void *)plan_memory;

static int __init parse_pstore(char *text)
{
	char *end = text;
	u64 bytes = 0;

	if (text)
		bytes = memparse(text, &end);
	if (!text || end == text || *end) {
		pr_err("meminspect: meminspect_pstore=%s is no number of bytes: nothing will be stored\n",
		       text ?: "");
		bytes = 0;
	}
	budget_wanted = bytes;
	return 0;
}
early_param("meminspect_pstore", parse_pstore);

/* What a back end that has a fixed place for it has is there to be used. */
static u64 choose_budget(const struct pstore_info *psi)
{
	u64 room = psi->meminspect_size ?: U64_MAX;

	if (budget_wanted != BUDGET_OF_BACK_END)
		return min(budget_wanted, room);
	return psi->meminspect_size ?: CONFIG_MEMINSPECT_PSTORE_KB * 1024ULL;
}

/**
 * meminspect_pstore_attach - a back end of pstore is registered
 * @psi: the back end
 *
 * Context: Process context. May sleep. The log is not dumped to it yet.
 */
void meminspect_pstore_attach(struct pstore_info *psi)
{
	size_t record_size = min_t(size_t, psi->bufsize, MAX_RECORD_SIZE);

	if (!(psi->flags & PSTORE_FLAGS_MEMINSPECT))
		return;
	backend_budget = choose_budget(psi);
	if (!backend_budget)
		return;
	/* What is stored can be read by root after the reboot. */
	if (security_locked_down(LOCKDOWN_KCORE)) {
		pr_warn("meminspect: nothing will be stored by pstore's %s: the kernel is locked down\n",
			psi->name);
		return;
	}
	if (record_size < MEMINSPECT_PACK_MIN_RECORD || backend_budget < 4 * END_SIZE) {
		pr_warn("meminspect: pstore's %s has records of %zu bytes and room for %llu, which is too small: nothing will be stored\n",
			psi->name, record_size, backend_budget);
		return;
	}

	packer.record_size = record_size;
	packer.runs_size = MEMINSPECT_PACK_RATIO * record_size;
	packer.runs = kvmalloc(packer.runs_size, GFP_KERNEL);
	deflate_workspace = vmalloc(zlib_deflate_workspacesize(MAX_WBITS,
							       DEF_MEM_LEVEL));
	if (!packer.runs || !deflate_workspace) {
		pr_warn("meminspect: no memory for storing by pstore's %s\n",
			psi->name);
		meminspect_pstore_detach(psi);
		return;
	}
	get_random_bytes(boot_id, sizeof(boot_id));
	backend = psi;
	pr_info("meminspect: up to %llu bytes will be stored by pstore's %s\n",
		backend_budget, psi->name);
}

/**
 * meminspect_pstore_detach - a back end of pstore goes away
 * @psi: the back end
 *
 * Context: Process context. May sleep. The log is no longer dumped to it.
 */
void meminspect_pstore_detach(struct pstore_info *psi)
{
	backend = NULL;
	kvfree(packer.runs);
	packer.runs = NULL;
	vfree(deflate_workspace);
	deflate_workspace = NULL;
}

static int deflate_runs(void *priv, const void *from, size_t length, void *to,
			size_t room)
{
	struct z_stream_s stream = {
		.next_in = from,
		.avail_in = length,
		.next_out = to,
		.avail_out = room,
		.workspace = deflate_workspace,
	};

	/* A watchdog must not cut off what tells why it would bite. */
	touch_nmi_watchdog();
	if (zlib_deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
			      -MAX_WBITS, DEF_MEM_LEVEL,
			      Z_DEFAULT_STRATEGY) != Z_OK)
		return -EINVAL;
	if (zlib_deflate(&stream, Z_FINISH) != Z_STREAM_END)
		return -E2BIG;
	zlib_deflateEnd(&stream);
	return stream.total_out;
}

static int store(void *priv, size_t size, u32 sequence)
{
	touch_nmi_watchdog();
	pstore_record.size = size;
	pstore_record.part = sequence + 1;
	return backend->write(&pstore_record);
}

/* In a panic, who holds the lock was stopped; then rows stay as they are. */
static bool lock_table(unsigned long *flags, bool *locked)
{
	*locked = __meminspect_table_trylock(flags);
	return *locked || panic_in_progress();
}

static void unlock_table(unsigned long flags, bool locked)
{
	if (locked) {
		__acquire(&meminspect_rows_lock);
		meminspect_table_release(flags);
	}
}

/* An extent of a region, or a chunk if @slot is NULL */
struct source {
	const struct meminspect_slot *slot;
	u32 serial;
	const void *va;
};

static int read_source(void *priv, u64 offset, void *to, size_t length)
{
	const struct source *source = priv;
	unsigned long flags;
	int ret = -ESTALE;
	bool locked;

	if (!lock_table(&flags, &locked))
		return -EBUSY;
	/* The owner unmarks a region before it frees the memory. */
	if (!source->slot || (meminspect_slot_is_listed(source->slot) &&
			      source->slot->serial == source->serial))
		ret = copy_from_kernel_nofault(to, source->va + offset, length);
	unlock_table(flags, locked);
	return ret;
}

static void plan_region(void *priv, const struct inspect_entry *entry)
{
	struct meminspect_pstore_class *class;

	if (entry->type >= MEMINSPECT_CLASS_MAX)
		return;
	class = &plan->classes[meminspect_class_rank(entry->type)];
	class->class = entry->type;
	class->nr_regions++;
	class->bytes += entry->size;
}

/* What there is, by rank, without classes that have no regions. */
static int make_plan(enum kmsg_dump_reason reason)
{
	const struct meminspect_chunk *head = meminspect_get_chunk(0);
	unsigned int rank;
	int ret;

	if (!head)
		return -ENOENT;
	memset(plan, 0, sizeof(plan_memory));
	ret = meminspect_traverse(NULL, plan_region);
	if (ret)
		return ret;
	for (rank = 0; rank < MEMINSPECT_CLASS_MAX; rank++)
		if (plan->classes[rank].nr_regions)
			plan->classes[plan->nr_classes++] = plan->classes[rank];

	plan->head[0] = head->pa[0];
	plan->head[1] = head->pa[1];
	plan->budget = backend_budget;
	/* Pairs with the release in append_chunk(): the chunks are there. */
	plan->directory = (u64)smp_load_acquire(&meminspect_nr_chunks) *
			  MEMINSPECT_CHUNK_SIZE;
	plan->record_size = packer.record_size;
	plan->reason = reason == KMSG_DUMP_PANIC ? MEMINSPECT_REASON_PANIC :
						   MEMINSPECT_REASON_OOPS;
	return 0;
}

static int store_chunk(const struct meminspect_chunk *chunk, unsigned int copy)
{
	struct source source = { .va = chunk->copy[copy] };

	return meminspect_pack_memory(&packer, MEMINSPECT_PSTORE_DIRECTORY,
				      chunk->pa[copy], MEMINSPECT_CHUNK_SIZE,
				      read_source, &source);
}

/* Copy 0 of all chunks; returns the number of those that are there, from the first on. */
static u32 store_directory(void)
{
	u32 index, nr_chunks = plan->directory / MEMINSPECT_CHUNK_SIZE;
	int ret = 0;

	for (index = 0; index < nr_chunks && !ret; index++)
		ret = store_chunk(meminspect_get_chunk(index), 0);
	meminspect_pack_flush(&packer);
	return packer.packed[MEMINSPECT_PACKED_DIRECTORY] / MEMINSPECT_CHUNK_SIZE;
}

/* Mostly both copies hold the same, and it is enough to say so. */
static void store_mirror(u32 nr_chunks)
{
	const struct meminspect_chunk *chunk;
	int ret = 0;
	u32 index;

	for (index = 0; index < nr_chunks && !ret; index++) {
		chunk = meminspect_get_chunk(index);
		if (memcmp(chunk->copy[0], chunk->copy[1], MEMINSPECT_CHUNK_SIZE))
			ret = store_chunk(chunk, 1);
		else
			ret = meminspect_pack_same(&packer,
						   MEMINSPECT_PSTORE_DIRECTORY,
						   chunk->pa[1],
						   MEMINSPECT_CHUNK_SIZE,
						   chunk->pa[0]);
	}
	meminspect_pack_flush(&packer);
}

static int store_region(const struct meminspect_slot *slot, u16 class)
{
	struct source source = { .slot = slot };
	struct meminspect_extents extents = { };
	unsigned long flags;
	bool locked, more;
	int ret = 0;

	while (!ret) {
		if (!lock_table(&flags, &locked))
			return 0;
		more = meminspect_slot_is_listed(slot) &&
		       slot->entry.type == class &&
		       (!extents.length || slot->serial == source.serial) &&
		       meminspect_next_extent(&slot->entry, &extents);
		source.serial = slot->serial;
		unlock_table(flags, locked);
		if (!more)
			return 0;

		source.va = extents.va ?: meminspect_phys_to_virt(extents.pa);
		ret = meminspect_pack_memory(&packer, class, extents.pa,
					     extents.length, read_source, &source);
	}
	return ret;
}

/* Nobody would know what regions are whose rows are not stored. */
static int store_class(u16 class, u32 nr_rows)
{
	const struct meminspect_slot *slot;
	int ret = 0;
	u32 row;

	for (row = 0; row < nr_rows && !ret; row++) {
		slot = meminspect_get_slot(row);
		if (slot && slot->entry.type == class)
			ret = store_region(slot, class);
	}
	return ret ?: meminspect_pack_flush(&packer);
}

static void store_end(u32 nr_chunks, int error)
{
	u32 i;

	plan->stop = MEMINSPECT_PSTORE_COMPLETE;
	if (error == -ENOSPC ||
	    (u64)nr_chunks * MEMINSPECT_CHUNK_SIZE < plan->directory)
		plan->stop = MEMINSPECT_PSTORE_BUDGET;
	if (packer.error) {
		plan->stop = MEMINSPECT_PSTORE_REFUSED;
		plan->error = -packer.error;
	}
	plan->written = packer.written;
	plan->unreadable = packer.unreadable;
	plan->directory = (u64)nr_chunks * MEMINSPECT_CHUNK_SIZE;
	for (i = 0; i < plan->nr_classes; i++)
		plan->classes[i].bytes = packer.packed[plan->classes[i].class];
	meminspect_pack_summary(&packer, MEMINSPECT_PSTORE_END, plan);
}

static u32 rows_in_chunks(u32 nr_chunks)
{
	return nr_chunks ? MEMINSPECT_ROWS_IN_HEAD +
			   (nr_chunks - 1) * MEMINSPECT_ROWS_PER_CHUNK : 0;
}

static void start_packing(int crash, u64 now)
{
	u8 *runs = packer.runs;
	size_t record_size = packer.record_size, runs_size = packer.runs_size;

	packer = (struct meminspect_packer) {
		.identity = { .crash = crash, .time = now },
		.record = (u8 *)backend->buf,
		.record_size = record_size,
		.runs = runs,
		.runs_size = runs_size,
		.deflate = deflate_runs,
		.write = store,
	};
	memcpy(packer.identity.boot_id, boot_id, sizeof(boot_id));

	pstore_record = (struct pstore_record) {
		.psi = backend,
		.type = PSTORE_TYPE_MEMINSPECT,
		.time = ns_to_timespec64(now),
		.buf = backend->buf,
		.count = crash,
	};
}

/**
 * meminspect_pstore_dump - write the regions
 * @psi: the back end
 * @reason: why the log was dumped
 * @crash: counts the crashes of this boot
 *
 * Context: Panic or oops. The caller holds @psi->buf_lock, and is done with
 * @psi->buf.
 */
void meminspect_pstore_dump(struct pstore_info *psi,
			    enum kmsg_dump_reason reason, int crash)
{
	u32 i, nr_chunks;
	int ret = 0;

	if (psi != backend || !backend ||
	    (reason != KMSG_DUMP_PANIC && reason != KMSG_DUMP_OOPS))
		return;
	/* It would wait for itself. A panic that follows does not wait. */
	if (reason == KMSG_DUMP_OOPS && meminspect_table_is_held_here())
		return;
	start_packing(crash, ktime_get_real_fast_ns());
	pstore_record.reason = reason;
	if (make_plan(reason) ||
	    meminspect_pack_summary(&packer, MEMINSPECT_PSTORE_HEAD, plan))
		return;

	/* A table that is too large for the budget must leave room for contents. */
	packer.limit = backend_budget / 2;
	nr_chunks = store_directory();
	store_mirror(nr_chunks);
	packer.limit = backend_budget - END_SIZE;
	for (i = 0; i < plan->nr_classes && !ret; i++)
		ret = store_class(plan->classes[i].class, rows_in_chunks(nr_chunks));
	store_end(nr_chunks, ret);
}
