/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of meminspect share, grouped by the file that implements it. */
#ifndef _MEMINSPECT_INTERNAL_H
#define _MEMINSPECT_INTERNAL_H

#include <linux/meminspect.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct task_struct;

#define MEMINSPECT_ROWS_PER_CHUNK	((MEMINSPECT_CHUNK_SIZE -	\
					  MEMINSPECT_ROWS_OFFSET) /	\
					 MEMINSPECT_ROW_SIZE)
#define MEMINSPECT_ROWS_IN_HEAD		((MEMINSPECT_CHUNK_SIZE -	\
					  MEMINSPECT_HEAD_ROWS_OFFSET) / \
					 MEMINSPECT_ROW_SIZE)

/**
 * struct meminspect_extent_node - a physically contiguous run of a region
 * @by_pa: in the tree of all of them, by address
 * @first: physical address of its first byte
 * @last: of its last byte
 * @last_below: greatest @last of all that are below @by_pa
 * @slot: of the region
 */
struct meminspect_extent_node {
	struct rb_node by_pa;
	u64 first;
	u64 last;
	u64 last_below;
	struct meminspect_slot *slot;
};

/*
 * Extents rows hold fewer extents than they have room for: the nodes of three
 * take what a region's slot takes anyway.
 */
#define MEMINSPECT_EXTENTS_IN_SLOT	3U

/**
 * struct meminspect_slot - what the kernel knows of a row
 * @entry: the region; @entry.id is MEMINSPECT_ID_NONE in rows that hold none
 * @left_out: enum meminspect_left_out, or MEMINSPECT_LEFT_OUT_MAX while the row
 *	is written for the first time; the region is listed if it is 0
 * @row: number of the row
 * @serial: counts the uses of this row
 * @next: next free row, or next extents row of the region
 * @first_extent: the first extent of a region
 * @by_id: in the tree by id and key, if there may be only one
 * @of_class: in a list of regions of its class, or of those that are denied
 * @by_va: in debug.c's tree
 * @last_below: last byte of all that are below @by_va
 * @more_extents: in extents rows, instead of the fields from @first_extent on
 */
struct meminspect_slot {
	struct inspect_entry entry;
	enum meminspect_left_out left_out;
	u32 row;
	u32 serial;
	u32 next;
	union {
		struct {
			struct meminspect_extent_node first_extent;
			struct rb_node by_id;
			struct list_head of_class;
#ifdef CONFIG_MEMINSPECT_DEBUG
			struct rb_node by_va;
			unsigned long last_below;
#endif
		};
		struct meminspect_extent_node more_extents[MEMINSPECT_EXTENTS_IN_SLOT];
	};
};

/**
 * struct meminspect_chunk - a chunk and what the kernel knows of its rows
 * @copy: where both copies of the chunk are mapped
 * @pa: their physical addresses
 * @index: number in the chain
 * @nr_rows: number of rows
 * @slots: one for each row
 *
 * Like the rows, it stays for good: a slot can be looked at without a lock.
 */
struct meminspect_chunk {
	void *copy[MEMINSPECT_COPIES];
	phys_addr_t pa[MEMINSPECT_COPIES];
	u32 index;
	u32 nr_rows;
	struct meminspect_slot slots[MEMINSPECT_ROWS_PER_CHUNK];
};

/* What registration returns for the region in @slot. */
static inline s64 meminspect_slot_handle(const struct meminspect_slot *slot)
{
	return (s64)(slot->serial & S32_MAX) << 32 | slot->row;
}

/* directory.c */
void meminspect_write_record(void *const copy[MEMINSPECT_COPIES],
			     const void *record, size_t size);
void meminspect_empty_record(void *const copy[MEMINSPECT_COPIES]);
void meminspect_format_chunk(const struct meminspect_chunk *chunk);
void meminspect_link_chunk(const struct meminspect_chunk *last,
			   const struct meminspect_chunk *next);

/* storage.c: the caller holds the table lock unless noted otherwise */
extern unsigned int meminspect_nr_free_rows;
extern unsigned int meminspect_nr_chunks;
struct meminspect_chunk *meminspect_get_chunk(u32 index);
struct meminspect_slot *meminspect_get_slot(u32 row);
void meminspect_get_row(u32 row, void *copy[MEMINSPECT_COPIES]);
void meminspect_format_boot_chunks(void);
u32 meminspect_take_row(void);
void meminspect_return_row(u32 row);
void meminspect_want_rows(unsigned int nr_rows);
void meminspect_reserve_early(unsigned int nr_rows);

/* table.c */
extern raw_spinlock_t meminspect_rows_lock;
bool __meminspect_table_trylock(unsigned long *flags);
#define meminspect_table_trylock(flags)					\
	(__meminspect_table_trylock(flags) ?				\
	 ({ __acquire(&meminspect_rows_lock); true; }) : false)
void meminspect_table_release(unsigned long flags)
	__releases(&meminspect_rows_lock);
bool meminspect_table_is_held_here(void);

void meminspect_visit(meminspect_iter_cb_t fn, void *priv);
bool meminspect_slot_is_listed(const struct meminspect_slot *slot);
bool meminspect_next_entry(u32 *row, struct inspect_entry *entry,
			   char name[MEMINSPECT_NAME_SIZE], u32 *serial,
			   enum meminspect_left_out *left_out);
int meminspect_read_entry(u32 row, u32 serial, const void *va, void *to,
			  size_t length);
int meminspect_unregister_at(enum meminspect_uid id, void *va);
bool meminspect_denies_memory(u64 first, u64 last);
void meminspect_drop_matching(bool (*match)(const void *priv,
					    const struct inspect_entry *entry),
			      const void *priv);
void meminspect_apply_policy(void);

/* Why registrations were refused. */
enum meminspect_refusal {
	MEMINSPECT_REFUSED_INVALID,	/* size 0, wrap, no name, bad id */
	MEMINSPECT_REFUSED_CLASS,	/* its class is off */
	MEMINSPECT_REFUSED_NOT_RAM,	/* not mapped, or no RAM behind it */
	MEMINSPECT_REFUSED_USER,	/* memory of a user, memfd_secret() too */
	MEMINSPECT_REFUSED_EXISTS,	/* marked already */
	MEMINSPECT_REFUSED_NO_ROWS,	/* more came than were kept free */
	MEMINSPECT_REFUSED_BUSY,	/* NMI or panic while the table is locked */
	MEMINSPECT_NR_REFUSALS
};

unsigned long meminspect_nr_refused(enum meminspect_refusal why);

/* index.c: the caller holds the table lock unless noted otherwise */
struct meminspect_extent_node *
meminspect_next_node(struct meminspect_extents *extents);

struct meminspect_extent_node *meminspect_index_first_overlap(u64 first, u64 last);
struct meminspect_extent_node *
meminspect_index_next_overlap(struct meminspect_extent_node *node, u64 first,
			      u64 last);
struct meminspect_slot *meminspect_index_find_id(const struct inspect_entry *entry);
struct meminspect_slot *meminspect_index_find_pa(phys_addr_t pa, size_t size,
						 void *va);
void meminspect_index_insert(struct meminspect_slot *slot);
void meminspect_index_remove(struct meminspect_slot *slot);

/* policy.c */
extern u64 meminspect_budget;
bool meminspect_class_enabled(enum meminspect_class class);
bool meminspect_class_followed(enum meminspect_class class);
unsigned int meminspect_class_rank(enum meminspect_class class);
const char *meminspect_name_of_class(enum meminspect_class class);
bool meminspect_denies(const struct inspect_entry *entry);
bool meminspect_takes(const struct inspect_entry *entry);
bool meminspect_denies_range(u64 first, u64 last);
bool meminspect_may_tell(const struct inspect_entry *entry);
void meminspect_settle_policy(void);

/* consumers.c */
bool meminspect_may_consume(const struct module *caller);
void meminspect_tell_of_denial(void);
void meminspect_tell_consumers(unsigned long event, struct meminspect_slot *slot);

/* extents.c */
int meminspect_translate(const void *va, phys_addr_t *pa);
typedef void (*meminspect_extent_cb_t)(void *priv, phys_addr_t pa, size_t length);
int meminspect_walk_extents(const void *va, phys_addr_t pa, size_t size,
			    meminspect_extent_cb_t cb, void *priv);
void *meminspect_phys_to_virt(phys_addr_t pa);
bool meminspect_needs_tables(const void *va);

/* pagetable.c */
void meminspect_mark_tables(const struct inspect_entry *entry);

/* symbols.c */
extern char __start_BTF[] __weak;
extern char __stop_BTF[] __weak;
void meminspect_mark_symbols(void);
size_t meminspect_kallsyms_size(enum meminspect_uid id);

/* memory.c */
void meminspect_mark_memory(void);

/* init.c */
void meminspect_mark_annotated(const struct inspect_entry *entry,
			       struct module *owner);

/* modules.c */
unsigned int meminspect_rows_for(size_t size);
#ifdef CONFIG_MODULES
bool meminspect_is_going(struct module *owner);
#else
static inline bool meminspect_is_going(struct module *owner)
{
	return false;
}
#endif

/* debug.c */
#ifdef CONFIG_MEMINSPECT_DEBUG
void meminspect_debug_insert(struct meminspect_slot *slot);
void meminspect_debug_remove(struct meminspect_slot *slot);
#else
static inline void meminspect_debug_insert(struct meminspect_slot *slot) { }
static inline void meminspect_debug_remove(struct meminspect_slot *slot) { }
#endif

/* ident.c */
void meminspect_write_ident(void);

/* registers.c */
void meminspect_write_note(unsigned int cpu, const struct pt_regs *regs);

/* tasks.c */
void meminspect_follow_tasks(void);

/* current_slots.c */
#ifdef CONFIG_MEMINSPECT_CURRENT
void meminspect_forget_current(const struct task_struct *task);
#else
static inline void meminspect_forget_current(const struct task_struct *task) { }
#endif

#ifdef CONFIG_ARM64
#include <asm/cacheflush.h>

/* Firmware, and a debug probe, read RAM past caches that may be lost. */
static inline void meminspect_clean(const void *start, size_t size)
{
	dcache_clean_poc((unsigned long)start, (unsigned long)start + size);
}
#else
/* Whoever reads RAM sees the caches. */
static inline void meminspect_clean(const void *start, size_t size) { }
#endif

#endif /* _MEMINSPECT_INTERNAL_H */
