// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of marked regions: registration, removal, traversal, and the
 * consumers that are told of both.
 */
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/notifier.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/barrier.h>

#include "internal.h"

/* Protects all rows, slots, the tree, the list of consumers and the counts. */
DEFINE_RAW_SPINLOCK(meminspect_rows_lock);
static struct rb_root regions_by_pa = RB_ROOT;
static RAW_NOTIFIER_HEAD(consumers);
static bool formatted;
/* Without SMP the lock itself does not tell an NMI that it came upon its holder. */
static bool locked;

#define MAX_EXTENTS	4096

/* Row of the region with a well-known id and no key, plus one; 0 if none. */
static u32 row_of_id[MEMINSPECT_ID_MAX];

static atomic_long_t refused[MEMINSPECT_NR_REFUSALS];

#define WELL_KNOWN_NAME(name, class, reason) \
	[MEMINSPECT_ID_##name] = #name,
static const char *const well_known_names[MEMINSPECT_ID_MAX] = {
	MEMINSPECT_WELL_KNOWN_REGIONS(WELL_KNOWN_NAME)
};

#define WELL_KNOWN_CLASS(name, class, reason) \
	[MEMINSPECT_ID_##name] = MEMINSPECT_CLASS_##class,
static const u16 well_known_classes[MEMINSPECT_ID_MAX] = {
	MEMINSPECT_WELL_KNOWN_REGIONS(WELL_KNOWN_CLASS)
};

/**
 * __meminspect_table_trylock - lock the table where that can't deadlock
 * @flags: saved interrupt state
 *
 * Waits for the lock, but not in an NMI, which may have come upon the holder,
 * nor in a panic, which may have stopped the holder.
 *
 * Context: Any.
 *
 * Return: true if the table is locked now.
 */
bool __meminspect_table_trylock(unsigned long *flags)
{
	if (in_nmi() || panic_in_progress()) {
		if (READ_ONCE(locked) ||
		    !raw_spin_trylock_irqsave(&meminspect_rows_lock, *flags))
			return false;
	} else {
		raw_spin_lock_irqsave(&meminspect_rows_lock, *flags);
	}
	WRITE_ONCE(locked, true);
	/* For sparse: the macro that callers use counts the lock. */
	__release(&meminspect_rows_lock);
	if (!formatted) {
		formatted = true;
		meminspect_format_boot_chunks();
	}
	return true;
}

/**
 * meminspect_table_release - unlock the table
 * @flags: as meminspect_table_trylock() set them
 *
 * Context: Any.
 */
void meminspect_table_release(unsigned long flags)
	__releases(&meminspect_rows_lock)
{
	WRITE_ONCE(locked, false);
	raw_spin_unlock_irqrestore(&meminspect_rows_lock, flags);
}

/**
 * meminspect_nr_refused - how many registrations were refused
 * @why: reason
 *
 * Context: Any.
 *
 * Return: the number since boot.
 */
unsigned long meminspect_nr_refused(enum meminspect_refusal why)
{
	return atomic_long_read(&refused[why]);
}

static void refuse(const struct inspect_entry *want, int error)
{
	static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 10);
	enum meminspect_refusal why = MEMINSPECT_REFUSED_INVALID;

	if (error == -EFAULT)
		why = MEMINSPECT_REFUSED_NOT_RAM;
	else if (error == -EACCES)
		why = MEMINSPECT_REFUSED_SECRET;
	else if (error == -EEXIST)
		why = MEMINSPECT_REFUSED_EXISTS;
	else if (error == -ENOSPC)
		why = MEMINSPECT_REFUSED_NO_ROWS;
	else if (error == -EBUSY)
		why = MEMINSPECT_REFUSED_BUSY;

	atomic_long_inc(&refused[why]);
	/* The caller may hold locks that a console needs. */
	if (__ratelimit(&limit))
		printk_deferred(KERN_WARNING "meminspect: %s of %zu bytes not marked: error %d\n",
				want->name ?: "region", want->size, error);
}

static void first_extent(void *priv, phys_addr_t pa, size_t length)
{
	phys_addr_t *first = priv;

	if (!*first)
		*first = pa;
}

/*
 * Fills in what the caller may leave open: name, class, both addresses, number
 * of extents.
 */
static int describe(const struct inspect_entry *want, struct inspect_entry *entry)
{
	unsigned long start;
	int ret;

	*entry = *want;
	if (!want->size || want->id <= MEMINSPECT_ID_NONE ||
	    want->id >= MEMINSPECT_ID_MAX || want->key_kind >= MEMINSPECT_KEY_MAX ||
	    want->type >= MEMINSPECT_CLASS_MAX ||
	    (want->key && want->key_kind == MEMINSPECT_KEY_NONE))
		return -EINVAL;
	if (want->id != MEMINSPECT_ID_DYNAMIC) {
		entry->name = well_known_names[want->id];
		entry->type = well_known_classes[want->id];
	} else if (entry->type == MEMINSPECT_TYPE_REGULAR) {
		entry->type = MEMINSPECT_CLASS_DRIVER;
	}
	if (!entry->name || !*entry->name)
		return -EINVAL;

	start = (unsigned long)want->va;
	if (want->va ? start + want->size - 1 < start :
		       want->pa + want->size - 1 < want->pa)
		return -EINVAL;

	entry->pa = 0;
	ret = meminspect_walk_extents(want->va, want->pa, want->size,
				      first_extent, &entry->pa);
	if (ret < 0)
		return ret;
	/* All of them are written with interrupts off. */
	if (ret > MAX_EXTENTS)
		return -E2BIG;
	entry->nr_extents = ret;
	if (!want->va)
		entry->va = meminspect_phys_to_virt(want->pa);
	return 0;
}

static unsigned int rows_for(unsigned int nr_extents)
{
	return 1 + DIV_ROUND_UP(nr_extents - 1, MEMINSPECT_EXTENTS_PER_ROW);
}

/* Collects extents into row images, and writes each one as it fills. */
struct extents_writer {
	struct meminspect_region_row region;
	struct meminspect_extents_row more;
	u32 row;		/* of @more */
	unsigned int seen;
};

static void flush_extents(struct extents_writer *writer)
{
	void *copies[MEMINSPECT_COPIES];

	if (!writer->more.nr_extents)
		return;
	meminspect_get_row(writer->row, copies);
	writer->more.next = meminspect_get_slot(writer->row)->next;
	meminspect_write_record(copies, &writer->more, sizeof(writer->more));
	writer->row = writer->more.next;
	writer->more.nr_extents = 0;
	memset(writer->more.extents, 0, sizeof(writer->more.extents));
}

static void take_extent(void *priv, phys_addr_t pa, size_t length)
{
	struct extents_writer *writer = priv;
	struct meminspect_extent *extent;

	/* A mapping that changed under its owner must not overrun the rows. */
	if (writer->seen++ >= writer->region.nr_extents)
		return;
	if (writer->seen == 1) {
		writer->region.paddr = pa;
		writer->region.length = length;
		return;
	}
	extent = &writer->more.extents[writer->more.nr_extents++];
	extent->paddr = pa;
	extent->length = length;
	if (writer->more.nr_extents == MEMINSPECT_EXTENTS_PER_ROW)
		flush_extents(writer);
}

/* Takes the rows of a region and chains those for extents behind the first. */
static u32 take_rows(unsigned int nr_rows)
{
	u32 row = MEMINSPECT_NO_ROW, first;

	while (nr_rows--) {
		first = meminspect_take_row();
		meminspect_get_slot(first)->next = row;
		row = first;
	}
	return row;
}

static void return_rows(u32 row)
{
	void *copies[MEMINSPECT_COPIES];
	u32 next;

	for (; row != MEMINSPECT_NO_ROW; row = next) {
		next = meminspect_get_slot(row)->next;
		meminspect_get_row(row, copies);
		meminspect_empty_record(copies);
		meminspect_return_row(row);
	}
}

/* Extents rows first, the region row last; see directory.rst. */
static int write_rows(u32 row, struct inspect_entry *entry)
{
	struct meminspect_slot *slot = meminspect_get_slot(row);
	struct extents_writer writer = {
		.region = {
			.kind = MEMINSPECT_ROW_REGION,
			.class = entry->type,
			.serial = slot->serial,
			.vaddr = (unsigned long)entry->va,
			.size = entry->size,
			.nr_extents = entry->nr_extents,
			.extents_row = slot->next,
			.key = entry->key,
			.key_kind = entry->key_kind,
		},
		.more = {
			.kind = MEMINSPECT_ROW_EXTENTS,
			.serial = slot->serial,
			.owner = row,
		},
		.row = slot->next,
	};
	void *copies[MEMINSPECT_COPIES];
	int ret;

	if (entry->nr_extents == 1) {
		take_extent(&writer, entry->pa, entry->size);
	} else {
		ret = meminspect_walk_extents(entry->va, entry->pa, entry->size,
					      take_extent, &writer);
		if (ret < 0)
			return ret;
		if (writer.seen != entry->nr_extents ||
		    writer.region.paddr != entry->pa)
			return -EFAULT;
		flush_extents(&writer);
	}
	strscpy(writer.region.name, entry->name, sizeof(writer.region.name));
	meminspect_get_row(row, copies);
	meminspect_write_record(copies, &writer.region, sizeof(writer.region));
	/* The caller's string may go away with the caller's module. */
	entry->name = copies[0] + offsetof(struct meminspect_region_row, name);
	return 0;
}

static int compare(phys_addr_t pa, size_t size, const void *va,
		   const struct inspect_entry *entry)
{
	if (pa != entry->pa)
		return pa < entry->pa ? -1 : 1;
	if (size != entry->size)
		return size < entry->size ? -1 : 1;
	if (va != entry->va)
		return va < (const void *)entry->va ? -1 : 1;
	return 0;
}

static struct meminspect_slot *slot_of(struct rb_node *node)
{
	return rb_entry(node, struct meminspect_slot, node);
}

static void insert(struct meminspect_slot *slot)
{
	struct rb_node **link = &regions_by_pa.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		if (compare(slot->entry.pa, slot->entry.size, slot->entry.va,
			    &slot_of(parent)->entry) < 0)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&slot->node, parent, link);
	rb_insert_color(&slot->node, &regions_by_pa);
}

/* First region at @pa of @size bytes, whatever virtual address it goes by. */
static struct meminspect_slot *find(phys_addr_t pa, size_t size)
{
	struct rb_node *node = regions_by_pa.rb_node;
	struct meminspect_slot *found = NULL;
	int order;

	while (node) {
		order = compare(pa, size, NULL, &slot_of(node)->entry);
		if (order <= 0) {
			if (slot_of(node)->entry.pa == pa &&
			    slot_of(node)->entry.size == size)
				found = slot_of(node);
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

static struct meminspect_slot *find_va(phys_addr_t pa, size_t size, const void *va)
{
	struct meminspect_slot *slot = find(pa, size);
	struct rb_node *node = slot ? &slot->node : NULL;

	for (; node; node = rb_next(node)) {
		slot = slot_of(node);
		if (slot->entry.pa != pa || slot->entry.size != size)
			break;
		if (slot->entry.va == va)
			return slot;
	}
	return NULL;
}

static void visit_all(meminspect_iter_cb_t fn, void *priv)
{
	struct meminspect_chunk *chunk;
	u32 index, i;

	/* Pairs with the release in append_chunk(): the chunk is there. */
	for (index = 0; index < smp_load_acquire(&meminspect_nr_chunks); index++) {
		chunk = meminspect_get_chunk(index);
		for (i = 0; i < chunk->nr_rows; i++)
			if (chunk->slots[i].entry.id != MEMINSPECT_ID_NONE)
				fn(priv, &chunk->slots[i].entry);
	}
}

struct key_search {
	const struct inspect_entry *entry;
	bool found;
};

static void compare_keys(void *priv, const struct inspect_entry *entry)
{
	struct key_search *search = priv;

	if (entry->id == search->entry->id && entry->key == search->entry->key &&
	    entry->key_kind == search->entry->key_kind)
		search->found = true;
}

/* A well-known name stands once, or once for each key. */
static bool name_is_taken(const struct inspect_entry *entry)
{
	struct key_search search = { .entry = entry };

	if (entry->id == MEMINSPECT_ID_DYNAMIC)
		return false;
	if (entry->key_kind == MEMINSPECT_KEY_NONE)
		return row_of_id[entry->id];
	visit_all(compare_keys, &search);
	return search.found;
}

static bool exists(const struct inspect_entry *entry)
{
	return name_is_taken(entry) ||
	       find_va(entry->pa, entry->size, entry->va);
}

static s64 add(struct inspect_entry *entry)
{
	unsigned int nr_rows = rows_for(entry->nr_extents);
	struct meminspect_slot *slot;
	int ret;
	u32 row;

	if (exists(entry))
		return -EEXIST;
	if (meminspect_nr_free_rows < nr_rows) {
		meminspect_want_rows(nr_rows);
		return -ENOSPC;
	}
	row = take_rows(nr_rows);
	ret = write_rows(row, entry);
	if (ret) {
		return_rows(row);
		return ret;
	}
	slot = meminspect_get_slot(row);
	slot->entry = *entry;
	insert(slot);
	if (entry->key_kind == MEMINSPECT_KEY_NONE)
		row_of_id[entry->id] = row + 1;
	raw_notifier_call_chain(&consumers, MEMINSPECT_NOTIFIER_ADD, &slot->entry);
	meminspect_want_rows(0);
	return (s64)(slot->serial & S32_MAX) << 32 | row;
}

/**
 * meminspect_register - mark a region
 * @want: the region; @want->va or @want->pa is set, and a name unless the id
 *	is a well-known one
 *
 * Context: Any, from the first C code of the kernel to a panic. In an NMI and
 * in a panic it fails rather than waits when the table is locked.
 *
 * Return: a handle, not negative; -EINVAL (size 0, wrap, bad id, class or
 * key, no name), -EFAULT (not mapped, or not RAM), -EACCES (secret memory),
 * -EEXIST (marked already), -E2BIG (in more than 4096 pieces), -ENOSPC (no row
 * is free: try again later, or call meminspect_reserve() before), -EBUSY (NMI
 * or panic, table locked).
 */
s64 meminspect_register(const struct inspect_entry *want)
{
	struct inspect_entry entry;
	unsigned long flags;
	s64 ret;

	ret = describe(want, &entry);
	if (!ret) {
		if (meminspect_table_trylock(&flags)) {
			ret = add(&entry);
			meminspect_table_release(flags);
		} else {
			ret = -EBUSY;
		}
	}
	if (ret < 0)
		refuse(&entry, ret);
	return ret;
}
EXPORT_SYMBOL_GPL(meminspect_register);

/**
 * __meminspect_register - mark a region, given piece by piece
 * @id: id
 * @va: virtual address, or NULL
 * @pa: physical address if @va is NULL
 * @size: bytes
 * @type: class, or MEMINSPECT_TYPE_REGULAR
 * @name: name, unless the id is a well-known one
 *
 * Context: As meminspect_register().
 *
 * Return: As meminspect_register().
 */
s64 __meminspect_register(enum meminspect_uid id, void *va, phys_addr_t pa,
			  size_t size, unsigned int type, const char *name)
{
	const struct inspect_entry want = {
		.id = id,
		.va = va,
		.pa = pa,
		.size = size,
		.type = type,
		.name = name,
	};

	return meminspect_register(&want);
}
EXPORT_SYMBOL_GPL(__meminspect_register);

static int remove(struct meminspect_slot *slot)
{
	u32 row = slot->row;

	raw_notifier_call_chain(&consumers, MEMINSPECT_NOTIFIER_REMOVE, &slot->entry);
	rb_erase(&slot->node, &regions_by_pa);
	if (row_of_id[slot->entry.id] == row + 1)
		row_of_id[slot->entry.id] = 0;
	return_rows(row);
	return 0;
}

static int remove_row(u32 row, const u32 *serial)
{
	struct meminspect_slot *slot = meminspect_get_slot(row);

	if (!slot || slot->entry.id == MEMINSPECT_ID_NONE ||
	    (serial && (slot->serial & S32_MAX) != *serial))
		return -ENOENT;
	return remove(slot);
}

/**
 * meminspect_unregister - unmark a region
 * @handle: as meminspect_register() returned it
 *
 * Call it before the memory is freed.
 *
 * Context: Any. In an NMI and in a panic it fails rather than waits.
 *
 * Return: 0, -ENOENT if there is no such region any more, or -EBUSY.
 */
int meminspect_unregister(s64 handle)
{
	u32 serial = handle >> 32;
	unsigned long flags;
	int ret;

	if (handle < 0)
		return -ENOENT;
	if (!meminspect_table_trylock(&flags))
		return -EBUSY;
	ret = remove_row(lower_32_bits(handle), &serial);
	meminspect_table_release(flags);
	return ret;
}
EXPORT_SYMBOL_GPL(meminspect_unregister);

/**
 * meminspect_unregister_id - unmark a well-known region that has no key
 * @id: its id
 *
 * Context: As meminspect_unregister().
 *
 * Return: 0, -ENOENT or -EBUSY.
 */
int meminspect_unregister_id(enum meminspect_uid id)
{
	unsigned long flags;
	int ret = -ENOENT;

	if (id <= MEMINSPECT_ID_NONE || id >= MEMINSPECT_ID_DYNAMIC)
		return -ENOENT;
	if (!meminspect_table_trylock(&flags))
		return -EBUSY;
	if (row_of_id[id])
		ret = remove_row(row_of_id[id] - 1, NULL);
	meminspect_table_release(flags);
	return ret;
}
EXPORT_SYMBOL_GPL(meminspect_unregister_id);

/**
 * meminspect_unregister_pa - unmark the region at a physical address
 * @pa: physical address of its first byte
 * @size: its size, as it was registered
 *
 * Context: As meminspect_unregister().
 *
 * Return: 0, -ENOENT or -EBUSY.
 */
int meminspect_unregister_pa(phys_addr_t pa, size_t size)
{
	struct meminspect_slot *slot;
	unsigned long flags;
	int ret = -ENOENT;

	if (!meminspect_table_trylock(&flags))
		return -EBUSY;
	slot = find(pa, size);
	if (slot)
		ret = remove(slot);
	meminspect_table_release(flags);
	return ret;
}
EXPORT_SYMBOL_GPL(meminspect_unregister_pa);

/**
 * meminspect_unregister_va - unmark the region at a virtual address
 * @va: the address that it was registered with, still mapped
 * @size: its size, as it was registered
 *
 * Context: As meminspect_unregister().
 *
 * Return: 0, -ENOENT or -EBUSY.
 */
int meminspect_unregister_va(void *va, size_t size)
{
	struct meminspect_slot *slot;
	unsigned long flags;
	phys_addr_t pa = 0;
	int ret = -ENOENT;

	if (meminspect_walk_extents(va, 0, 1, first_extent, &pa) < 0)
		return -ENOENT;
	if (!meminspect_table_trylock(&flags))
		return -EBUSY;
	slot = find_va(pa, size, va);
	if (slot)
		ret = remove(slot);
	meminspect_table_release(flags);
	return ret;
}
EXPORT_SYMBOL_GPL(meminspect_unregister_va);

static bool overlaps(const struct inspect_entry *entry, phys_addr_t pa,
		     phys_addr_t size)
{
	struct meminspect_extent extent;
	unsigned int i;

	for (i = 0; !meminspect_entry_extent(entry, i, &extent); i++)
		if (extent.paddr < pa + size && pa < extent.paddr + extent.length)
			return true;
	return false;
}

/**
 * meminspect_drop_range - unmark what is in memory that goes away
 * @pa: physical address of its first byte
 * @size: bytes
 *
 * Context: Any.
 */
void meminspect_drop_range(phys_addr_t pa, phys_addr_t size)
{
	struct meminspect_slot *slot;
	unsigned long flags;
	u32 row;

	if (!meminspect_table_trylock(&flags))
		return;
	for (row = 0; (slot = meminspect_get_slot(row)); row++)
		if (slot->entry.id != MEMINSPECT_ID_NONE &&
		    overlaps(&slot->entry, pa, size))
			remove(slot);
	meminspect_table_release(flags);
}

/**
 * meminspect_traverse - look at all regions
 * @priv: passed on to @cb
 * @cb: called for each region
 *
 * Context: Any. In a panic it goes on without the lock: the CPU that holds it
 * was stopped, and slots are never freed. In an NMI that came upon the holder
 * it visits nothing.
 */
void meminspect_traverse(void *priv, meminspect_iter_cb_t cb)
{
	unsigned long flags;

	if (meminspect_table_trylock(&flags)) {
		visit_all(cb, priv);
		meminspect_table_release(flags);
	} else if (panic_in_progress()) {
		visit_all(cb, priv);
	}
}

/**
 * meminspect_entry_extent - one physically contiguous run of a region
 * @entry: as given to a callback or notifier, which is still running
 * @nr: number of the extent, less than @entry->nr_extents
 * @extent: set to the extent
 *
 * Context: A callback of meminspect_traverse() or a notifier.
 *
 * Return: 0, or -ENOENT if there is no such extent.
 */
int meminspect_entry_extent(const struct inspect_entry *entry, unsigned int nr,
			    struct meminspect_extent *extent)
{
	const struct meminspect_slot *slot =
		container_of(entry, struct meminspect_slot, entry);
	const struct meminspect_region_row *region;
	const struct meminspect_extents_row *more;
	void *copies[MEMINSPECT_COPIES];

	if (nr >= entry->nr_extents)
		return -ENOENT;
	if (!nr) {
		meminspect_get_row(slot->row, copies);
		region = copies[0];
		extent->paddr = region->paddr;
		extent->length = region->length;
		return 0;
	}
	for (nr--; slot->next != MEMINSPECT_NO_ROW; nr -= MEMINSPECT_EXTENTS_PER_ROW) {
		slot = meminspect_get_slot(slot->next);
		if (nr < MEMINSPECT_EXTENTS_PER_ROW) {
			meminspect_get_row(slot->row, copies);
			more = copies[0];
			*extent = more->extents[nr];
			return 0;
		}
	}
	return -ENOENT;
}

static void announce(void *priv, const struct inspect_entry *entry)
{
	struct notifier_block *nb = priv;

	nb->notifier_call(nb, MEMINSPECT_NOTIFIER_ADD, (void *)entry);
}

/**
 * meminspect_notifier_register - be told of regions that come and go
 * @nb: notifier; its data is a const struct inspect_entry
 *
 * The notifier is called with MEMINSPECT_NOTIFIER_ADD exactly once for each
 * region: before this returns for those that there are, and as they come for
 * all others. With MEMINSPECT_NOTIFIER_REMOVE it is called before the region
 * leaves the table. It runs with the table locked and interrupts off, in
 * whatever context the region is registered from, NMI included: it must not
 * sleep, and must not call meminspect functions but meminspect_entry_extent().
 *
 * Context: Process context.
 *
 * Return: 0, -EEXIST if @nb is registered, or -EBUSY in a panic.
 */
int meminspect_notifier_register(struct notifier_block *nb)
{
	unsigned long flags;
	int ret;

	if (!meminspect_table_trylock(&flags))
		return -EBUSY;
	ret = raw_notifier_chain_register(&consumers, nb);
	if (!ret)
		visit_all(announce, nb);
	meminspect_table_release(flags);
	return ret;
}

/**
 * meminspect_notifier_unregister - no longer be told
 * @nb: notifier; it is not called any more when this returns
 *
 * Context: Process context.
 *
 * Return: 0, -ENOENT if @nb is not registered, or -EBUSY in a panic.
 */
int meminspect_notifier_unregister(struct notifier_block *nb)
{
	unsigned long flags;
	int ret;

	if (!meminspect_table_trylock(&flags))
		return -EBUSY;
	ret = raw_notifier_chain_unregister(&consumers, nb);
	meminspect_table_release(flags);
	return ret;
}

/**
 * meminspect_next_entry - copy out a region
 * @row: where to look from; set to the row that it is in
 * @entry: set to the region
 * @name: set to its name, which @entry->name points to
 * @serial: set to the serial of the row
 *
 * For readers that go through the table at leisure, without its lock.
 *
 * Context: Any but NMI and panic.
 *
 * Return: false if there is no region in @row or behind it.
 */
bool meminspect_next_entry(u32 *row, struct inspect_entry *entry,
			   char name[MEMINSPECT_NAME_SIZE], u32 *serial)
{
	struct meminspect_slot *slot;
	unsigned long flags;
	bool found = false;

	if (!meminspect_table_trylock(&flags))
		return false;
	for (; !found && (slot = meminspect_get_slot(*row)); ) {
		found = slot->entry.id != MEMINSPECT_ID_NONE;
		if (!found)
			(*row)++;
	}
	if (found) {
		*entry = slot->entry;
		strscpy(name, slot->entry.name, MEMINSPECT_NAME_SIZE);
		entry->name = name;
		*serial = slot->serial;
	}
	meminspect_table_release(flags);
	return found;
}

/**
 * meminspect_read_entry - read the contents of a region
 * @row: its row
 * @serial: serial of the row when the region was found
 * @va: address inside of the region
 * @to: buffer
 * @length: bytes to read, at most a page
 *
 * The owner unmarks the region before it frees the memory, and cannot do so
 * while this reads.
 *
 * Context: Any but NMI and panic.
 *
 * Return: 0, -ESTALE if the region is gone, -EFAULT if it cannot be read.
 */
int meminspect_read_entry(u32 row, u32 serial, const void *va, void *to,
			  size_t length)
{
	struct meminspect_slot *slot = meminspect_get_slot(row);
	unsigned long flags;
	int ret = -ESTALE;

	if (!slot || !meminspect_table_trylock(&flags))
		return -ESTALE;
	if (slot->entry.id != MEMINSPECT_ID_NONE && slot->serial == serial)
		ret = copy_from_kernel_nofault(to, va, length) ? -EFAULT : 0;
	meminspect_table_release(flags);
	return ret;
}
