// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of marked regions: registration and removal, and what policy takes
 * out and lets in again.
 */
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kasan.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/meminspect_namespace.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/barrier.h>

#include "internal.h"

/* Protects all rows, slots, trees and lists, the consumers and the counts. */
DEFINE_RAW_SPINLOCK(meminspect_rows_lock);
static bool formatted;
/*
 * The CPU that holds it, or -1. Without SMP the lock itself does not tell an
 * NMI that it came upon its holder.
 */
static int holder = -1;

#define MAX_EXTENTS	4096

static atomic_long_t refused[MEMINSPECT_NR_REFUSALS];

/**
 * struct class_regions - the regions of a class
 * @listed: those in the directory, the newest last
 * @waiting: those that the budget has no room for, the next to be let in first
 * @bytes: size of all that are listed
 */
struct class_regions {
	struct list_head listed;
	struct list_head waiting;
	u64 bytes;
};

/* By the rank of the class: what is to be kept longest comes first. */
static struct class_regions by_rank[MEMINSPECT_CLASS_MAX];
static u64 bytes_listed;
/* Those that are denied for what they are: their memory is denied to all. */
static LIST_HEAD(denying);

#define WELL_KNOWN_NAME(name, class, size, reason) \
	[MEMINSPECT_ID_##name] = #name,
static const char *const well_known_names[MEMINSPECT_ID_MAX] = {
	MEMINSPECT_WELL_KNOWN_REGIONS(WELL_KNOWN_NAME)
};

#define WELL_KNOWN_CLASS(name, class, size, reason) \
	[MEMINSPECT_ID_##name] = MEMINSPECT_CLASS_##class,
static const u16 well_known_classes[MEMINSPECT_ID_MAX] = {
	MEMINSPECT_WELL_KNOWN_REGIONS(WELL_KNOWN_CLASS)
};

static void format_table(void)
{
	unsigned int rank;

	for (rank = 0; rank < MEMINSPECT_CLASS_MAX; rank++) {
		INIT_LIST_HEAD(&by_rank[rank].listed);
		INIT_LIST_HEAD(&by_rank[rank].waiting);
	}
	meminspect_format_boot_chunks();
}

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
		if (READ_ONCE(holder) >= 0 ||
		    !raw_spin_trylock_irqsave(&meminspect_rows_lock, *flags))
			return false;
	} else {
		raw_spin_lock_irqsave(&meminspect_rows_lock, *flags);
	}
	WRITE_ONCE(holder, raw_smp_processor_id());
	/* For sparse: the macro that callers use counts the lock. */
	__release(&meminspect_rows_lock);
	if (!formatted) {
		formatted = true;
		format_table();
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
	WRITE_ONCE(holder, -1);
	raw_spin_unlock_irqrestore(&meminspect_rows_lock, flags);
}

/**
 * meminspect_table_is_held_here - whether to lock the table would deadlock
 *
 * Context: Any.
 *
 * Return: true if this CPU holds the table lock.
 */
bool meminspect_table_is_held_here(void)
{
	return READ_ONCE(holder) == raw_smp_processor_id();
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
		why = MEMINSPECT_REFUSED_USER;
	else if (error == -EPERM)
		why = MEMINSPECT_REFUSED_CLASS;
	else if (error == -EEXIST)
		why = MEMINSPECT_REFUSED_EXISTS;
	else if (error == -ENOSPC)
		why = MEMINSPECT_REFUSED_NO_ROWS;
	else if (error == -EBUSY)
		why = MEMINSPECT_REFUSED_BUSY;

	atomic_long_inc(&refused[why]);
	/*
	 * That a class is off is no news. The caller may hold locks that a
	 * console needs.
	 */
	if (error != -EPERM && __ratelimit(&limit))
		printk_deferred(KERN_WARNING "meminspect: %s of %zu bytes not marked: error %d\n",
				want->name ?: "region", want->size, error);
}

struct first_byte {
	phys_addr_t pa;
	bool known;
};

static void take_first_byte(void *priv, phys_addr_t pa, size_t length)
{
	struct first_byte *first = priv;

	if (!first->known)
		first->pa = pa;
	first->known = true;
}

/*
 * Fills in what the caller may leave open: name, class, both addresses, number
 * of extents.
 */
static int describe(const struct inspect_entry *want, struct inspect_entry *entry)
{
	struct first_byte first = { };
	unsigned long start;
	int ret;

	*entry = *want;
	/* Tools know addresses without tags, and one address has many tags. */
	entry->va = kasan_reset_tag(want->va);
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
	if (!meminspect_takes(entry))
		return -EPERM;

	start = (unsigned long)entry->va;
	if (want->va ? start + want->size - 1 < start :
		       want->pa + want->size - 1 < want->pa)
		return -EINVAL;

	ret = meminspect_walk_extents(entry->va, want->pa, want->size,
				      take_first_byte, &first);
	if (ret < 0)
		return ret;
	entry->pa = first.pa;
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
	return 1 + DIV_ROUND_UP(nr_extents - 1, MEMINSPECT_EXTENTS_IN_SLOT);
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

/* Fills in the extents of a region as they are found. */
struct extents_filler {
	struct meminspect_extents extents;
	struct meminspect_slot *slot;
};

static void fill_extent(void *priv, phys_addr_t pa, size_t length)
{
	struct extents_filler *filler = priv;
	struct meminspect_extent_node *extent = meminspect_next_node(&filler->extents);

	/* A mapping that changed under its owner must not overrun the slots. */
	if (!extent)
		return;
	extent->first = pa;
	extent->last = (u64)pa + length - 1;
	extent->slot = filler->slot;
}

static int fill_extents(struct meminspect_slot *slot,
			const struct inspect_entry *entry)
{
	struct extents_filler filler = {
		.extents = { .slot = slot, .nr_extents = entry->nr_extents },
		.slot = slot,
	};
	int ret;

	if (entry->nr_extents == 1) {
		fill_extent(&filler, entry->pa, entry->size);
		return 0;
	}
	ret = meminspect_walk_extents(entry->va, entry->pa, entry->size,
				      fill_extent, &filler);
	if (ret < 0)
		return ret;
	if (ret != entry->nr_extents || slot->first_extent.first != entry->pa)
		return -EFAULT;
	return 0;
}

static struct meminspect_extent
extent_of(const struct meminspect_extent_node *node)
{
	return (struct meminspect_extent){
		.paddr = node->first,
		.length = node->last - node->first + 1,
	};
}

static void write_extents_rows(const struct meminspect_slot *owner)
{
	unsigned int missing = owner->entry.nr_extents - 1, i;
	struct meminspect_slot *slot;
	void *copies[MEMINSPECT_COPIES];
	u32 row;

	for (row = owner->next; row != MEMINSPECT_NO_ROW; row = slot->next) {
		struct meminspect_extents_row more = {
			.kind = MEMINSPECT_ROW_EXTENTS,
			.nr_extents = min(missing, MEMINSPECT_EXTENTS_IN_SLOT),
			.serial = owner->serial,
			.owner = owner->row,
		};

		slot = meminspect_get_slot(row);
		more.next = slot->next;
		for (i = 0; i < more.nr_extents; i++)
			more.extents[i] = extent_of(&slot->more_extents[i]);
		missing -= more.nr_extents;
		meminspect_get_row(row, copies);
		meminspect_write_record(copies, &more, sizeof(more));
	}
}

/* Extents rows first, the region row last; see directory.rst. */
static void write_rows(struct meminspect_slot *slot)
{
	struct inspect_entry *entry = &slot->entry;
	struct meminspect_extent first = extent_of(&slot->first_extent);
	struct meminspect_region_row region = {
		.kind = MEMINSPECT_ROW_REGION,
		.class = entry->type,
		.serial = slot->serial,
		.vaddr = (unsigned long)entry->va,
		.paddr = first.paddr,
		.length = first.length,
		.size = entry->size,
		.nr_extents = entry->nr_extents,
		.extents_row = slot->next,
		.key = entry->key,
		.key_kind = entry->key_kind,
	};
	void *copies[MEMINSPECT_COPIES];

	write_extents_rows(slot);
	strscpy(region.name, entry->name, sizeof(region.name));
	meminspect_get_row(slot->row, copies);
	meminspect_write_record(copies, &region, sizeof(region));
	/* The caller's string may go away with the caller's module. */
	entry->name = copies[0] + offsetof(struct meminspect_region_row, name);
}

/* In the place of the region row, if there is one: see directory.rst. */
static void write_left_out(struct meminspect_slot *slot)
{
	struct inspect_entry *entry = &slot->entry;
	struct meminspect_left_out_row left_out = {
		.kind = MEMINSPECT_ROW_LEFT_OUT,
		.class = entry->type,
		.serial = slot->serial,
		.size = entry->size,
		.reason = slot->left_out,
		.key = entry->key,
		.key_kind = entry->key_kind,
	};
	void *copies[MEMINSPECT_COPIES];

	static_assert(offsetof(struct meminspect_left_out_row, name) ==
		      offsetof(struct meminspect_region_row, name));
	strscpy(left_out.name, entry->name, sizeof(left_out.name));
	meminspect_get_row(slot->row, copies);
	meminspect_write_record(copies, &left_out, sizeof(left_out));
	entry->name = copies[0] + offsetof(struct meminspect_left_out_row, name);
}

static struct class_regions *class_of(const struct meminspect_slot *slot)
{
	return &by_rank[meminspect_class_rank(slot->entry.type)];
}

static void list_region(struct meminspect_slot *slot)
{
	struct class_regions *class = class_of(slot);

	write_rows(slot);
	/* Pairs with is_listed(): whoever sees it listed sees all of it. */
	smp_store_release(&slot->left_out, MEMINSPECT_NOT_LEFT_OUT);
	list_move_tail(&slot->of_class, &class->listed);
	class->bytes += slot->entry.size;
	bytes_listed += slot->entry.size;
	meminspect_tell_consumers(MEMINSPECT_NOTIFIER_ADD, slot);
}

/* The region is listed: what is told of it goes, its rows stay. */
static void unlist_region(struct meminspect_slot *slot)
{
	meminspect_tell_consumers(MEMINSPECT_NOTIFIER_REMOVE, slot);
	class_of(slot)->bytes -= slot->entry.size;
	bytes_listed -= slot->entry.size;
	list_del_init(&slot->of_class);
}

/* What the budget has no room for waits, unless it can never have. */
static void await_room(struct meminspect_slot *slot)
{
	list_del_init(&slot->of_class);
	if (!meminspect_budget || slot->entry.size <= meminspect_budget)
		list_add_tail(&slot->of_class, &class_of(slot)->waiting);
}

/* An empty row would keep its bytes, and tell where what is left out is. */
static void blank_rows(u32 row)
{
	const struct meminspect_extents_row nothing = {
		.kind = MEMINSPECT_ROW_EXTENTS,
		.owner = MEMINSPECT_NO_ROW,
		.next = MEMINSPECT_NO_ROW,
	};
	void *copies[MEMINSPECT_COPIES];

	for (; row != MEMINSPECT_NO_ROW; row = meminspect_get_slot(row)->next) {
		meminspect_get_row(row, copies);
		meminspect_write_record(copies, &nothing, sizeof(nothing));
		meminspect_empty_record(copies);
	}
}

/* Leaves out a region that is listed; it keeps its rows. */
static void leave_out(struct meminspect_slot *slot, enum meminspect_left_out why)
{
	unlist_region(slot);
	WRITE_ONCE(slot->left_out, why);
	write_left_out(slot);
	blank_rows(slot->next);
}

/* What was listed last goes first, and is the first of its class to come back. */
static void give_way(unsigned int rank)
{
	struct meminspect_slot *slot = list_last_entry(&by_rank[rank].listed,
						       struct meminspect_slot,
						       of_class);

	leave_out(slot, MEMINSPECT_LEFT_OUT_BUDGET);
	list_add(&slot->of_class, &by_rank[rank].waiting);
}

/* Has the least important give way until there is room for @size bytes. */
static void evict(u64 size)
{
	unsigned int last = MEMINSPECT_CLASS_MAX - 1;

	while (bytes_listed && bytes_listed + size > meminspect_budget)
		if (list_empty(&by_rank[last].listed))
			last--;
		else
			give_way(last);
}

/* Makes room for @size bytes at the cost of those that matter less than @rank. */
static bool make_room(u64 size, unsigned int rank)
{
	unsigned int last;
	u64 kept = 0;

	if (!meminspect_budget)
		return true;
	for (last = 0; last <= rank; last++)
		kept += by_rank[last].bytes;
	if (kept + size > meminspect_budget)
		return false;
	evict(size);
	return true;
}

/*
 * Room came free: those that matter most come first, at the cost of those that
 * matter less, as if they came anew.
 */
static void take_in(void)
{
	struct meminspect_slot *slot;
	unsigned int rank;

	for (rank = 0; rank < MEMINSPECT_CLASS_MAX; rank++) {
		while (!list_empty(&by_rank[rank].waiting)) {
			slot = list_first_entry(&by_rank[rank].waiting,
						struct meminspect_slot, of_class);
			if (!make_room(slot->entry.size, rank))
				break;
			list_region(slot);
		}
	}
}

static bool is_region(const struct meminspect_slot *slot)
{
	return READ_ONCE(slot->entry.id) != MEMINSPECT_ID_NONE;
}

/* Whether it can be looked at without the lock, in a panic. */
static bool is_listed(const struct meminspect_slot *slot)
{
	if (!is_region(slot))
		return false;
	/* Pairs with the barrier in add(): what has an id now may be new. */
	smp_rmb();
	/* Pairs with the release in list_region(). */
	return !smp_load_acquire(&slot->left_out);
}

/*
 * In a panic who changes the tree may have been stopped half-way, and what is
 * denied could be missed in it.
 */
static bool is_denied_in_panic(u64 first, u64 last)
{
	struct meminspect_slot *slot;

	list_for_each_entry(slot, &denying, of_class) {
		struct meminspect_extents extents = { };

		while (meminspect_next_extent(&slot->entry, &extents))
			if (extents.pa <= last &&
			    first <= (u64)extents.pa + extents.length - 1)
				return true;
	}
	return false;
}

/*
 * Whatever name, address and size it goes by: what is denied is denied. Who
 * maps a range of it elsewhere, or marks more around it, gets nothing.
 */
static bool is_denied_memory(u64 first, u64 last)
{
	struct meminspect_extent_node *extent;

	if (meminspect_denies_range(first, last))
		return true;
	if (list_empty(&denying))
		return false;
	if (panic_in_progress())
		return is_denied_in_panic(first, last);
	for (extent = meminspect_index_first_overlap(first, last); extent;
	     extent = meminspect_index_next_overlap(extent, first, last))
		if (extent->slot->left_out == MEMINSPECT_LEFT_OUT_DENIED &&
		    meminspect_denies(&extent->slot->entry))
			return true;
	return false;
}

/**
 * meminspect_denies_memory - whether memory is denied, by any rule
 * @first: first physical byte
 * @last: last physical byte
 *
 * For who tells of memory without marking it.
 *
 * Context: Any. The caller does not hold the table lock.
 *
 * Return: true if a byte of it is denied, and in an NMI or a panic also if
 * nobody can tell.
 */
bool meminspect_denies_memory(u64 first, u64 last)
{
	unsigned long flags;
	bool denied;

	/* Nobody waits for the lock where nothing is denied by name or class. */
	if (list_empty(&denying))
		return meminspect_denies_range(first, last);
	if (!meminspect_table_trylock(&flags))
		return true;
	denied = is_denied_memory(first, last);
	meminspect_table_release(flags);
	return denied;
}

/* @slot has the extents of the region */
static bool is_denied(struct meminspect_slot *slot,
		      const struct inspect_entry *entry)
{
	struct meminspect_extents extents = {
		.slot = slot,
		.nr_extents = entry->nr_extents,
	};
	struct meminspect_extent_node *extent;

	if (meminspect_denies(entry))
		return true;
	while ((extent = meminspect_next_node(&extents)))
		if (is_denied_memory(extent->first, extent->last))
			return true;
	return false;
}

static void deny(struct meminspect_slot *slot)
{
	if (!slot->left_out) {
		leave_out(slot, MEMINSPECT_LEFT_OUT_DENIED);
	} else if (slot->left_out != MEMINSPECT_LEFT_OUT_DENIED) {
		list_del_init(&slot->of_class);
		WRITE_ONCE(slot->left_out, MEMINSPECT_LEFT_OUT_DENIED);
		write_left_out(slot);
	}
}

static void deny_overlapping(const struct meminspect_extent_node *extent)
{
	struct meminspect_extent_node *other;

	for (other = meminspect_index_first_overlap(extent->first, extent->last);
	     other; other = meminspect_index_next_overlap(other, extent->first,
							  extent->last))
		deny(other->slot);
}

/*
 * Others may have marked the memory before. What is denied for its memory only
 * does not deny the rest of its own memory to others.
 */
static void deny_others(struct meminspect_slot *slot)
{
	struct meminspect_extents extents = {
		.slot = slot,
		.nr_extents = slot->entry.nr_extents,
	};
	struct meminspect_extent_node *extent;

	if (!meminspect_denies(&slot->entry))
		return;
	list_add(&slot->of_class, &denying);
	meminspect_tell_of_denial();
	while ((extent = meminspect_next_node(&extents)))
		deny_overlapping(extent);
}

static s64 add(struct inspect_entry *entry)
{
	enum meminspect_left_out why = MEMINSPECT_NOT_LEFT_OUT;
	unsigned int nr_rows = rows_for(entry->nr_extents);
	struct meminspect_slot *slot;
	u32 row;
	int ret;

	if (meminspect_index_find_id(entry) ||
	    meminspect_index_find_pa(entry->pa, entry->size, entry->va))
		return -EEXIST;
	if (meminspect_nr_free_rows < nr_rows) {
		meminspect_want_rows(nr_rows);
		return -ENOSPC;
	}
	row = take_rows(nr_rows);
	slot = meminspect_get_slot(row);
	ret = fill_extents(slot, entry);
	if (ret) {
		return_rows(row);
		return ret;
	}
	if (is_denied(slot, entry))
		why = MEMINSPECT_LEFT_OUT_DENIED;
	else if (!make_room(entry->size, meminspect_class_rank(entry->type)))
		why = MEMINSPECT_LEFT_OUT_BUDGET;

	INIT_LIST_HEAD(&slot->of_class);
	WRITE_ONCE(slot->left_out, MEMINSPECT_LEFT_OUT_MAX);
	/* It is not listed before it is written; pairs with is_listed(). */
	smp_wmb();
	slot->entry = *entry;
	if (why) {
		WRITE_ONCE(slot->left_out, why);
		if (why == MEMINSPECT_LEFT_OUT_BUDGET)
			await_room(slot);
		write_left_out(slot);
	} else {
		list_region(slot);
	}
	meminspect_index_insert(slot);
	deny_others(slot);
	/* Who gave way left more room than was needed, or was denied. */
	take_in();
	meminspect_want_rows(0);
	return meminspect_slot_handle(slot);
}

/**
 * meminspect_register_owned - mark a region
 * @want: the region; @want->va or @want->pa is set, and a name unless the id
 *	is a well-known one
 * @owner: module that unmarks it, at the latest when it is unloaded; NULL for
 *	built-in code
 *
 * Callers use meminspect_register(), which knows the owner.
 *
 * A region that policy leaves out, because it is denied or for the byte
 * budget, has a handle as any other: it may be let in later, and others may
 * not mark its memory.
 *
 * Context: Any, from the first C code of the kernel to a panic. In an NMI and
 * in a panic it fails rather than waits when the table is locked.
 *
 * Return: a handle, not negative; -EINVAL (size 0, wrap, bad id, class or
 * key, no name), -EPERM (its class is off, and it is not denied), -EFAULT (not
 * mapped, or not RAM), -EACCES (memory of a user), -EEXIST (marked already),
 * -E2BIG (in more than 4096 pieces), -ENODEV (the module is being unloaded),
 * -ENOSPC (no row is free: try again later, or call meminspect_reserve()
 * before), -EBUSY (NMI or panic, table locked).
 */
s64 meminspect_register_owned(const struct inspect_entry *want,
			      struct module *owner)
{
	struct inspect_entry entry;
	unsigned long flags;
	s64 ret;

	ret = describe(want, &entry);
	if (!ret) {
		entry.owner = owner;
		if (meminspect_table_trylock(&flags)) {
			ret = meminspect_is_going(owner) ? -ENODEV : add(&entry);
			meminspect_table_release(flags);
		} else {
			ret = -EBUSY;
		}
	}
	if (ret < 0)
		refuse(&entry, ret);
	else
		meminspect_mark_tables(&entry);
	return ret;
}
EXPORT_SYMBOL_GPL(meminspect_register_owned);

/**
 * __meminspect_register - mark a region, given piece by piece
 * @id: id
 * @va: virtual address, or NULL
 * @pa: physical address if @va is NULL
 * @size: bytes
 * @type: class, or MEMINSPECT_TYPE_REGULAR
 * @name: name, unless the id is a well-known one
 * @owner: as of meminspect_register_owned()
 *
 * Context: As meminspect_register_owned().
 *
 * Return: As meminspect_register_owned().
 */
s64 __meminspect_register(enum meminspect_uid id, void *va, phys_addr_t pa,
			  size_t size, unsigned int type, const char *name,
			  struct module *owner)
{
	const struct inspect_entry want = {
		.id = id,
		.va = va,
		.pa = pa,
		.size = size,
		.type = type,
		.name = name,
	};

	return meminspect_register_owned(&want, owner);
}
EXPORT_SYMBOL_GPL(__meminspect_register);

static void remove(struct meminspect_slot *slot)
{
	if (!slot->left_out)
		unlist_region(slot);
	else
		list_del_init(&slot->of_class);
	meminspect_index_remove(slot);
	return_rows(slot->row);
	take_in();
}

static int remove_found(struct meminspect_slot *slot)
{
	if (!slot)
		return -ENOENT;
	remove(slot);
	return 0;
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
	struct meminspect_slot *slot;
	unsigned long flags;
	int ret;

	if (handle < 0)
		return -ENOENT;
	if (!meminspect_table_trylock(&flags))
		return -EBUSY;
	slot = meminspect_get_slot(lower_32_bits(handle));
	if (slot && (!is_region(slot) ||
		     (slot->serial & S32_MAX) != upper_32_bits(handle)))
		slot = NULL;
	ret = remove_found(slot);
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
	const struct inspect_entry entry = { .id = id };
	unsigned long flags;
	int ret;

	if (!meminspect_table_trylock(&flags))
		return -EBUSY;
	ret = remove_found(meminspect_index_find_id(&entry));
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
	unsigned long flags;
	int ret;

	if (!meminspect_table_trylock(&flags))
		return -EBUSY;
	ret = remove_found(meminspect_index_find_pa(pa, size, NULL));
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
	unsigned long flags;
	phys_addr_t pa;
	int ret;

	va = kasan_reset_tag(va);
	if (meminspect_translate(va, &pa))
		return -ENOENT;
	if (!meminspect_table_trylock(&flags))
		return -EBUSY;
	ret = remove_found(meminspect_index_find_pa(pa, size, va));
	meminspect_table_release(flags);
	return ret;
}
EXPORT_SYMBOL_GPL(meminspect_unregister_va);

/**
 * meminspect_unregister_at - unmark a region that may have another size now
 * @id: its id
 * @va: the address that it was registered with, still mapped
 *
 * Context: As meminspect_unregister().
 *
 * Return: 0, -ENOENT or -EBUSY.
 */
int meminspect_unregister_at(enum meminspect_uid id, void *va)
{
	struct meminspect_extent_node *extent;
	unsigned long flags;
	phys_addr_t pa;
	int ret;

	va = kasan_reset_tag(va);
	if (meminspect_translate(va, &pa))
		return -ENOENT;
	if (!meminspect_table_trylock(&flags))
		return -EBUSY;
	extent = meminspect_index_first_overlap(pa, pa);
	while (extent && (extent->slot->entry.id != id ||
			  extent->slot->entry.va != va))
		extent = meminspect_index_next_overlap(extent, pa, pa);
	ret = remove_found(extent ? extent->slot : NULL);
	meminspect_table_release(flags);
	return ret;
}

/**
 * meminspect_drop_range - unmark what is in memory that goes away
 * @pa: physical address of its first byte
 * @size: bytes
 *
 * Context: Any. In an NMI and in a panic it does nothing if the table is
 * locked: the memory stays what it is then.
 */
void meminspect_drop_range(phys_addr_t pa, phys_addr_t size)
{
	struct meminspect_extent_node *extent;
	unsigned long flags;

	/* Memory is freed long before the first region is marked. */
	if (!size || !READ_ONCE(meminspect_nr_chunks) ||
	    !meminspect_table_trylock(&flags))
		return;
	while ((extent = meminspect_index_first_overlap(pa, (u64)pa + size - 1)))
		remove(extent->slot);
	meminspect_table_release(flags);
}

/**
 * meminspect_drop_matching - unmark regions
 * @match: tells which
 * @priv: passed on to @match
 *
 * Context: Process context. May sleep.
 */
void meminspect_drop_matching(bool (*match)(const void *priv,
					    const struct inspect_entry *entry),
			      const void *priv)
{
	struct meminspect_chunk *chunk;
	unsigned long flags;
	u32 index, i;

	for (index = 0; index < READ_ONCE(meminspect_nr_chunks); index++) {
		chunk = meminspect_get_chunk(index);
		while (!meminspect_table_trylock(&flags))
			cpu_relax();
		for (i = 0; i < chunk->nr_rows; i++)
			if (is_region(&chunk->slots[i]) &&
			    match(priv, &chunk->slots[i].entry))
				remove(&chunk->slots[i]);
		meminspect_table_release(flags);
		cond_resched();
	}
}

/**
 * __meminspect_may_dump - whether memory may be in a dump
 * @pa: physical address of its first byte
 * @size: bytes
 * @caller: the caller's module, NULL for built-in code
 *
 * Callers use meminspect_may_dump(), which knows the module.
 *
 * Context: As meminspect_may_dump().
 *
 * Return: As meminspect_may_dump().
 */
bool __meminspect_may_dump(phys_addr_t pa, phys_addr_t size,
			   const struct module *caller)
{
	return meminspect_may_consume(caller) &&
	       (meminspect_table_is_held_here() || panic_in_progress()) &&
	       !is_denied_memory(pa, (u64)pa + size - 1);
}
EXPORT_SYMBOL_NS_GPL(__meminspect_may_dump, MEMINSPECT_NAMESPACE);

/**
 * meminspect_visit - look at all regions that are listed
 * @fn: called for each of them
 * @priv: passed on to @fn
 *
 * Context: Any. The caller holds the table lock, or is in a panic.
 */
void meminspect_visit(meminspect_iter_cb_t fn, void *priv)
{
	struct meminspect_chunk *chunk;
	u32 index, i;

	/* Pairs with the release in append_chunk(): the chunk is there. */
	for (index = 0; index < smp_load_acquire(&meminspect_nr_chunks); index++) {
		chunk = meminspect_get_chunk(index);
		for (i = 0; i < chunk->nr_rows; i++)
			if (is_listed(&chunk->slots[i]))
				fn(priv, &chunk->slots[i].entry);
	}
}

/**
 * meminspect_slot_is_listed - whether a row holds a region that is listed
 * @slot: its slot
 *
 * Context: Any. The caller holds the table lock, or is in a panic.
 *
 * Return: true if it does.
 */
bool meminspect_slot_is_listed(const struct meminspect_slot *slot)
{
	return is_listed(slot);
}

/**
 * meminspect_next_entry - copy out a region
 * @row: where to look from; set to the row that it is in
 * @entry: set to the region
 * @name: set to its name, which @entry->name points to
 * @serial: set to the serial of the row
 * @left_out: set to why it is not listed
 *
 * For readers that go through the table at leisure, without its lock.
 *
 * Context: Any but NMI and panic.
 *
 * Return: false if there is no region in @row or behind it.
 */
bool meminspect_next_entry(u32 *row, struct inspect_entry *entry,
			   char name[MEMINSPECT_NAME_SIZE], u32 *serial,
			   enum meminspect_left_out *left_out)
{
	struct meminspect_slot *slot;
	unsigned long flags;
	bool found = false;

	if (!meminspect_table_trylock(&flags))
		return false;
	for (; !found && (slot = meminspect_get_slot(*row)); ) {
		found = is_region(slot);
		if (!found)
			(*row)++;
	}
	if (found) {
		*entry = slot->entry;
		strscpy(name, slot->entry.name, MEMINSPECT_NAME_SIZE);
		entry->name = name;
		*serial = slot->serial;
		*left_out = slot->left_out;
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
 * Return: 0, -ESTALE if the region is gone or left out, -EFAULT if it cannot be read.
 */
int meminspect_read_entry(u32 row, u32 serial, const void *va, void *to,
			  size_t length)
{
	struct meminspect_slot *slot = meminspect_get_slot(row);
	unsigned long flags;
	int ret = -ESTALE;

	if (!slot || !meminspect_table_trylock(&flags))
		return -ESTALE;
	if (is_region(slot) && !slot->left_out && slot->serial == serial)
		ret = copy_from_kernel_nofault(to, va, length) ? -EFAULT : 0;
	meminspect_table_release(flags);
	return ret;
}

static bool is_not_taken(const void *unused, const struct inspect_entry *entry)
{
	return !meminspect_takes(entry);
}

/**
 * meminspect_apply_policy - have policy hold for what was marked before it
 *
 * Context: Boot, one CPU.
 */
void __init meminspect_apply_policy(void)
{
	struct meminspect_slot *slot;
	unsigned long flags;
	u32 row;

	meminspect_drop_matching(is_not_taken, NULL);
	if (!meminspect_table_trylock(&flags))
		return;
	for (row = 0; (slot = meminspect_get_slot(row)); row++) {
		if (!is_region(slot))
			continue;
		if (is_denied(slot, &slot->entry)) {
			deny(slot);
			if (list_empty(&slot->of_class))
				deny_others(slot);
		} else if (slot->left_out == MEMINSPECT_LEFT_OUT_BUDGET) {
			/* It may fit the budget that holds now. */
			await_room(slot);
		}
	}
	if (meminspect_budget)
		evict(0);
	take_in();
	meminspect_table_release(flags);
}
