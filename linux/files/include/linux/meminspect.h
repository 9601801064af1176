/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * meminspect: mark the regions of memory that a post-mortem needs.
 *
 * Documentation/dev-tools/meminspect/index.rst tells when to use this.
 */
#ifndef _LINUX_MEMINSPECT_H
#define _LINUX_MEMINSPECT_H

#include <linux/args.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/meminspect_regions.h>
#include <linux/types.h>
#include <uapi/linux/meminspect.h>

struct irq_desc;
struct irqaction;
struct maple_tree;
struct meminspect_slot;
struct module;
struct notifier_block;
struct printk_ringbuffer;
struct pt_regs;

#define MEMINSPECT_ID_ENUMERATOR(name, class, size, reason) MEMINSPECT_ID_##name,

/*
 * Ids of regions: those of include/linux/meminspect_regions.h, and one that
 * regions that are not well known share. Ids live in one kernel build only;
 * the directory has names.
 */
enum meminspect_uid {
	MEMINSPECT_ID_NONE = 0,
	MEMINSPECT_WELL_KNOWN_REGIONS(MEMINSPECT_ID_ENUMERATOR)
	MEMINSPECT_ID_DYNAMIC,
	MEMINSPECT_ID_MAX
};

/*
 * For callers that were written for the series that was posted. It had ids for
 * no id and for a core header; no region has them.
 */
#define MEMINSPECT_ID_STATIC		MEMINSPECT_ID_NONE
#define MEMINSPECT_ID_ELF		MEMINSPECT_ID_NONE
#define MEMINSPECT_ID_VMCOREINFO	MEMINSPECT_ID_vmcoreinfo
#define MEMINSPECT_ID_CONFIG		MEMINSPECT_ID_kernel_config_data
#define MEMINSPECT_ID_tk_data		MEMINSPECT_ID_timekeeper_data

/* The class of a region is taken from its id, or is MEMINSPECT_CLASS_DRIVER. */
#define MEMINSPECT_TYPE_REGULAR		MEMINSPECT_CLASS_OTHER

/**
 * struct inspect_entry - a marked region
 * @id: well-known id, or MEMINSPECT_ID_DYNAMIC
 * @type: enum meminspect_class
 * @va: virtual address that pointers in a dump use; in the table, without a tag
 *	of KASAN
 * @pa: physical address of the first byte
 * @size: bytes
 * @name: name in the directory
 * @key_kind: what @key counts
 * @key: CPU or node number, or process ID
 * @nr_extents: number of physically contiguous runs
 * @owner: module that marked the region, NULL for built-in code
 *
 * To register, either @va or @pa is given, and @nr_extents is not looked at.
 */
struct inspect_entry {
	enum meminspect_uid id;
	unsigned int type;
	void *va;
	phys_addr_t pa;
	size_t size;
	const char *name;
	enum meminspect_key key_kind;
	unsigned int key;
	unsigned int nr_extents;
	struct module *owner;
};

/**
 * struct meminspect_extents - goes through the extents of a region
 * @va: virtual address of the first byte of the extent where it is, NULL if it
 *	has none
 * @pa: physical address
 * @length: bytes
 *
 * All of it is 0 before the first call of meminspect_next_extent().
 */
struct meminspect_extents {
	void *va;
	phys_addr_t pa;
	size_t length;
	/* private: where the next one is found */
	struct meminspect_slot *slot;
	unsigned int nr;
	unsigned int nr_extents;
};

#define MEMINSPECT_NOTIFIER_ADD		0
#define MEMINSPECT_NOTIFIER_REMOVE	1
#define MEMINSPECT_NOTIFIER_DENY	2

/**
 * struct meminspect_limits - what a consumer can take
 * @nr_runs: number of runs
 * @alignment: of address and size, in bytes; a power of two
 * @preferred_alignment: where policy allows it; a multiple of @alignment
 * @max_gap: bytes of the kernel's image between two runs that may come along
 *	when there are too many
 */
struct meminspect_limits {
	unsigned int nr_runs;
	size_t alignment;
	size_t preferred_alignment;
	size_t max_gap;
};

/**
 * struct meminspect_run - physically contiguous memory that a consumer takes
 * @va: virtual address of its first byte, as pointers in a dump have it
 * @pa: physical address
 * @size: bytes
 * @rank: 0 is the directory; a higher one matters less
 * @name: of the most important region in it
 */
struct meminspect_run {
	u64 va;
	u64 pa;
	u64 size;
	unsigned int rank;
	char name[MEMINSPECT_NAME_SIZE];
};

/**
 * struct meminspect_fit - all regions, fitted to a consumer
 * @runs: the most important first
 * @nr_runs: number of @runs
 * @nr_left_out: runs for which there was no room, or that policy does not
 *	allow in the consumer's alignment
 * @bytes_left_out: bytes in them
 */
struct meminspect_fit {
	struct meminspect_run *runs;
	unsigned int nr_runs;
	unsigned int nr_left_out;
	u64 bytes_left_out;
};

/**
 * typedef meminspect_iter_cb_t - called by meminspect_traverse() for an entry
 * @priv: as given to meminspect_traverse()
 * @ie: the entry, valid during the call
 *
 * Runs with the table locked and interrupts off: it must not sleep and must
 * not call meminspect functions other than meminspect_next_extent() and
 * meminspect_may_dump().
 */
typedef void (*meminspect_iter_cb_t)(void *priv, const struct inspect_entry *ie);
#define MEMINSPECT_ITERATOR_CB meminspect_iter_cb_t

#ifdef CONFIG_MEMINSPECT

/*
 * Annotation of static objects, in built-in code and in modules. The record
 * gets an explicit alignment because the compiler may over-align objects in a
 * section that is walked as an array.
 *
 * An annotation is data: it runs no code, takes no lock and has no error to
 * return. What can't be marked is logged and counted when it is taken in, by
 * meminspect_init() or by the loader of modules.
 */
#define MEMINSPECT_ANNOTATION(idx, addr, sz, kind, text)		\
	static const struct inspect_entry				\
	__UNIQUE_ID(__inspect_entry_##idx)				\
	__used __section(".inspect_table")				\
	__aligned(__alignof__(struct inspect_entry)) = {		\
		.id = (idx),						\
		.va = (void *)(addr),					\
		.size = (sz),						\
		.name = (text),						\
		.key_kind = (kind),					\
	}

/**
 * MEMINSPECT_ENTRY - mark a static object, with all that there is to say
 * @idx: enum meminspect_uid
 * @sym: the object; a region with %MEMINSPECT_ID_DYNAMIC goes by its name
 * @sz: bytes
 *
 * Context: File scope.
 */
#define MEMINSPECT_ENTRY(idx, sym, sz)					\
	MEMINSPECT_ANNOTATION(idx, &(sym), sz, MEMINSPECT_KEY_NONE, #sym)

/**
 * MEMINSPECT_SIMPLE_ENTRY - mark a static object
 * @sym: the object, whose name is a well-known region's
 *
 * Context: File scope.
 */
#define MEMINSPECT_SIMPLE_ENTRY(sym)					\
	MEMINSPECT_ENTRY(MEMINSPECT_ID_##sym, sym, sizeof(sym))

/**
 * MEMINSPECT_NAMED_ENTRY - mark a static object by another name than its own
 * @name: a well-known region's
 * @sym: the object
 *
 * Context: File scope.
 */
#define MEMINSPECT_NAMED_ENTRY(name, sym)				\
	MEMINSPECT_ENTRY(MEMINSPECT_ID_##name, sym, sizeof(sym))

/**
 * MEMINSPECT_AREA_ENTRY - mark memory whose size the compiler does not know
 * @sym: what starts it, whose name is a well-known region's
 * @sz: bytes
 *
 * Context: File scope.
 */
#define MEMINSPECT_AREA_ENTRY(sym, sz)					\
	MEMINSPECT_ENTRY(MEMINSPECT_ID_##sym, sym, sz)

/**
 * MEMINSPECT_PERCPU_ENTRY - mark a static per-CPU variable
 * @sym: the variable, whose name is a well-known region's
 *
 * It is a region for each possible CPU, keyed by its number.
 *
 * Context: File scope.
 */
#define MEMINSPECT_PERCPU_ENTRY(sym)					\
	MEMINSPECT_PERCPU_AREA_ENTRY(sym, sizeof(sym))

/**
 * MEMINSPECT_PERCPU_AREA_ENTRY - mark the start of a static per-CPU variable
 * @sym: the variable, whose name is a well-known region's
 * @sz: bytes of it
 *
 * Context: File scope.
 */
#define MEMINSPECT_PERCPU_AREA_ENTRY(sym, sz)				\
	MEMINSPECT_ANNOTATION(MEMINSPECT_ID_##sym,			\
			      (void __force *)&(sym), sz,		\
			      MEMINSPECT_KEY_CPU, #sym)

/**
 * MEMINSPECT_DYNAMIC_ENTRY - mark a static object of a module
 * @sym: the object, which no list has: the region goes by its name
 *
 * Context: File scope.
 */
#define MEMINSPECT_DYNAMIC_ENTRY(sym)					\
	MEMINSPECT_ENTRY(MEMINSPECT_ID_DYNAMIC, sym, sizeof(sym))
/**
 * MEMINSPECT_DYNAMIC_PERCPU_ENTRY - mark a static per-CPU variable of a module
 * @sym: the variable, which no list has: the regions go by its name
 *
 * Context: File scope.
 */
#define MEMINSPECT_DYNAMIC_PERCPU_ENTRY(sym)				\
	MEMINSPECT_ANNOTATION(MEMINSPECT_ID_DYNAMIC,			\
			      (void __force *)&(sym), sizeof(sym),	\
			      MEMINSPECT_KEY_CPU, #sym)

extern const struct inspect_entry __start_inspect_table[];
extern const struct inspect_entry __stop_inspect_table[];

#define for_each_meminspect_entry(e)					\
	for ((e) = __start_inspect_table; (e) < __stop_inspect_table; (e)++)

s64 meminspect_register_owned(const struct inspect_entry *want,
			      struct module *owner);
s64 __meminspect_register(enum meminspect_uid id, void *va, phys_addr_t pa,
			  size_t size, unsigned int type, const char *name,
			  struct module *owner);
int meminspect_unregister(s64 handle);
int meminspect_unregister_id(enum meminspect_uid id);
int meminspect_unregister_pa(phys_addr_t pa, size_t size);
int meminspect_unregister_va(void *va, size_t size);
int meminspect_reserve(unsigned int nr_rows);
void meminspect_drop_range(phys_addr_t pa, phys_addr_t size);

int __meminspect_traverse(void *priv, meminspect_iter_cb_t cb,
			  const struct module *caller);
bool meminspect_next_extent(const struct inspect_entry *entry,
			    struct meminspect_extents *extents);
bool __meminspect_may_dump(phys_addr_t pa, phys_addr_t size,
			   const struct module *caller);
int __meminspect_fit_runs(const struct meminspect_limits *limits, struct meminspect_fit *fit,
			  const struct module *caller);
void meminspect_fit_free(struct meminspect_fit *fit);
ssize_t __meminspect_write_core_header(void *header, size_t room,
				       const struct meminspect_fit *fit,
				       const struct module *caller);
int __meminspect_kaslr_offset(u64 *offset, const struct module *caller);
int __meminspect_notifier_register(struct notifier_block *nb,
				   const struct module *caller);
int meminspect_notifier_unregister(struct notifier_block *nb);

void meminspect_init(void);
void meminspect_mark_vmcoreinfo(void);
void meminspect_mark_log(const struct printk_ringbuffer *rb);
void meminspect_tables_replaced(unsigned long start, unsigned long end);
void meminspect_page_table_freed(void *table);
void meminspect_mark_irq_desc(unsigned int irq, struct irq_desc *desc);
void meminspect_unmark_irq_desc(unsigned int irq);
void meminspect_irq_tree_changing(void);
void meminspect_irq_tree_changed(const struct maple_tree *tree);
void meminspect_mark_irqaction(unsigned int irq, struct irqaction *action);
void meminspect_unmark_irqaction(struct irqaction *action);
#ifdef CONFIG_SPARSEMEM_EXTREME
void meminspect_mark_mem_section(unsigned long root);
#endif
void meminspect_save_cpu(struct pt_regs *regs);

#else /* !CONFIG_MEMINSPECT */

#define MEMINSPECT_ENTRY(idx, sym, sz)		struct inspect_entry
#define MEMINSPECT_SIMPLE_ENTRY(sym)		struct inspect_entry
#define MEMINSPECT_NAMED_ENTRY(name, sym)	struct inspect_entry
#define MEMINSPECT_AREA_ENTRY(sym, sz)		struct inspect_entry
#define MEMINSPECT_PERCPU_ENTRY(sym)		struct inspect_entry
#define MEMINSPECT_PERCPU_AREA_ENTRY(sym, sz)	struct inspect_entry
#define MEMINSPECT_DYNAMIC_ENTRY(sym)		struct inspect_entry
#define MEMINSPECT_DYNAMIC_PERCPU_ENTRY(sym)	struct inspect_entry

#define for_each_meminspect_entry(e)		for ((e) = NULL; (e); )

static inline s64 meminspect_register_owned(const struct inspect_entry *want,
					    struct module *owner)
{
	return -EOPNOTSUPP;
}

static inline s64 __meminspect_register(enum meminspect_uid id, void *va,
					phys_addr_t pa, size_t size,
					unsigned int type, const char *name,
					struct module *owner)
{
	return -EOPNOTSUPP;
}

static inline int meminspect_unregister(s64 handle)
{
	return -EOPNOTSUPP;
}

static inline int meminspect_unregister_id(enum meminspect_uid id)
{
	return -EOPNOTSUPP;
}

static inline int meminspect_unregister_pa(phys_addr_t pa, size_t size)
{
	return -EOPNOTSUPP;
}

static inline int meminspect_unregister_va(void *va, size_t size)
{
	return -EOPNOTSUPP;
}

static inline int meminspect_reserve(unsigned int nr_rows)
{
	return -EOPNOTSUPP;
}

static inline void meminspect_drop_range(phys_addr_t pa, phys_addr_t size) { }

static inline int __meminspect_traverse(void *priv, meminspect_iter_cb_t cb,
					const struct module *caller)
{
	return -EOPNOTSUPP;
}

static inline int __meminspect_fit_runs(const struct meminspect_limits *limits,
					struct meminspect_fit *fit,
					const struct module *caller)
{
	return -EOPNOTSUPP;
}

static inline void meminspect_fit_free(struct meminspect_fit *fit) { }

static inline ssize_t
__meminspect_write_core_header(void *header, size_t room,
			       const struct meminspect_fit *fit,
			       const struct module *caller)
{
	return -EOPNOTSUPP;
}

static inline int __meminspect_kaslr_offset(u64 *offset,
					    const struct module *caller)
{
	return -EOPNOTSUPP;
}

static inline bool __meminspect_may_dump(phys_addr_t pa, phys_addr_t size,
					 const struct module *caller)
{
	return false;
}

static inline bool meminspect_next_extent(const struct inspect_entry *entry,
					  struct meminspect_extents *extents)
{
	return false;
}

static inline int __meminspect_notifier_register(struct notifier_block *nb,
						 const struct module *caller)
{
	return -EOPNOTSUPP;
}

static inline int meminspect_notifier_unregister(struct notifier_block *nb)
{
	return -EOPNOTSUPP;
}

static inline void meminspect_init(void) { }
static inline void meminspect_mark_vmcoreinfo(void) { }
static inline void meminspect_tables_replaced(unsigned long start,
					      unsigned long end) { }
static inline void meminspect_page_table_freed(void *table) { }
static inline void meminspect_mark_irq_desc(unsigned int irq,
					    struct irq_desc *desc) { }
static inline void meminspect_unmark_irq_desc(unsigned int irq) { }
static inline void meminspect_irq_tree_changing(void) { }
static inline void meminspect_irq_tree_changed(const struct maple_tree *tree) { }
static inline void meminspect_mark_irqaction(unsigned int irq,
					     struct irqaction *action) { }
static inline void meminspect_unmark_irqaction(struct irqaction *action) { }
static inline void meminspect_mark_mem_section(unsigned long root) { }
static inline void meminspect_mark_log(const struct printk_ringbuffer *rb) { }
static inline void meminspect_save_cpu(struct pt_regs *regs) { }

#endif /* CONFIG_MEMINSPECT */

/* kernel/module/main.c */
int module_walk_export_tables(struct module *mod,
			      int (*fn)(struct module *mod, const void *table,
					size_t size));

#ifdef CONFIG_MEMINSPECT_DEBUG
void meminspect_check_freed(const void *va, size_t size);
#else
static inline void meminspect_check_freed(const void *va, size_t size) { }
#endif

/*
 * Who calls. What a module marked is unmarked when it is unloaded, and who is
 * told of regions is on a list. A return address would not tell: who has a
 * call as its last act is not on the stack any more.
 */
#ifdef MODULE
extern struct module __this_module;
#define MEMINSPECT_OWNER	(&__this_module)
#else
#define MEMINSPECT_OWNER	((struct module *)NULL)
#endif

/**
 * meminspect_register - mark a region
 * @want: &struct inspect_entry: the region; see meminspect_register_owned()
 *
 * The module that calls is its owner. The table locks itself.
 *
 * Context: Any. In an NMI and in a panic it fails rather than waits.
 *
 * Return: a handle for meminspect_unregister(), or a negative errno: see
 * meminspect_register_owned().
 */
#define meminspect_register(want)					\
	meminspect_register_owned(want, MEMINSPECT_OWNER)
/**
 * meminspect_register_id_pa - mark a region at a physical address
 * @id: enum meminspect_uid; with %MEMINSPECT_ID_DYNAMIC the region goes by the
 *	name of the function that calls
 * @pa: physical address
 * @size: bytes
 * @type: enum meminspect_class; not looked at if the id is a well-known one
 *
 * Context: As meminspect_register().
 *
 * Return: As meminspect_register().
 */
#define meminspect_register_id_pa(id, pa, size, type)			\
	__meminspect_register(id, NULL, pa, size, type, __func__,	\
			      MEMINSPECT_OWNER)
/**
 * meminspect_register_pa - mark a region at a physical address by its address alone
 * @pa: physical address
 * @size: bytes
 *
 * The region goes by the name of the function that calls, and is of the class
 * driver.
 *
 * Context: As meminspect_register().
 *
 * Return: As meminspect_register().
 */
#define meminspect_register_pa(pa, size)				\
	meminspect_register_id_pa(MEMINSPECT_ID_DYNAMIC, pa, size,	\
				  MEMINSPECT_TYPE_REGULAR)
/**
 * meminspect_register_id_va - mark a region at a virtual address
 * @id: enum meminspect_uid; with %MEMINSPECT_ID_DYNAMIC the region goes by the
 *	name of the function that calls
 * @va: virtual address, of any kind that the kernel has
 * @size: bytes
 *
 * Context: As meminspect_register().
 *
 * Return: As meminspect_register().
 */
#define meminspect_register_id_va(id, va, size)				\
	__meminspect_register(id, va, 0, size, MEMINSPECT_TYPE_REGULAR,	\
			      __func__, MEMINSPECT_OWNER)
/**
 * meminspect_register_va - mark a region at a virtual address by its address alone
 * @va: virtual address, of any kind that the kernel has
 * @size: bytes
 *
 * The region goes by the name of the function that calls, and is of the class
 * driver.
 *
 * Context: As meminspect_register().
 *
 * Return: As meminspect_register().
 */
#define meminspect_register_va(va, size)				\
	meminspect_register_id_va(MEMINSPECT_ID_DYNAMIC, va, size)

/**
 * meminspect_register_keyed - mark a well-known object that exists many times
 * @id: enum meminspect_uid
 * @va: virtual address
 * @size: bytes
 * @key_kind: what @key counts
 * @key: tells this one from the others
 *
 * Context: As meminspect_register().
 *
 * Return: As meminspect_register().
 */
static inline s64 meminspect_register_keyed(enum meminspect_uid id, void *va,
					    size_t size,
					    enum meminspect_key key_kind,
					    unsigned int key)
{
	const struct inspect_entry want = {
		.id = id,
		.va = va,
		.size = size,
		.key_kind = key_kind,
		.key = key,
	};

	return meminspect_register(&want);
}

/**
 * meminspect_traverse - look at all regions
 * @priv: passed on to @cb
 * @cb: called for each region
 *
 * Context: Any. In a panic it goes on without the lock: the CPU that holds it
 * was stopped, and slots are never freed.
 *
 * Return: 0, -EPERM if the caller's module is no consumer, or -EBUSY in an NMI
 * that came upon the holder of the lock: nothing was visited then.
 */
static inline int meminspect_traverse(void *priv, meminspect_iter_cb_t cb)
{
	return __meminspect_traverse(priv, cb, MEMINSPECT_OWNER);
}

/**
 * meminspect_may_dump - whether memory may be in a dump
 * @pa: physical address of its first byte
 * @size: bytes
 *
 * For consumers that copy more than a region, because they round it to pages,
 * or take two regions and what is between them for one.
 *
 * Context: A callback of meminspect_traverse() or a notifier.
 *
 * Return: false if a byte of it is denied, and always to a module that is no
 * consumer, and outside of such a callback.
 */
static inline bool meminspect_may_dump(phys_addr_t pa, phys_addr_t size)
{
	return __meminspect_may_dump(pa, size, MEMINSPECT_OWNER);
}

/**
 * meminspect_fit_runs - fit the directory and all regions to a consumer
 * @limits: what the consumer can take; alignments are powers of two
 * @fit: filled in; meminspect_fit_free() frees it
 *
 * The runs do not overlap, except where the same memory has several virtual
 * addresses. They stand in the order of importance, the directory first. They
 * hold nothing that policy denied when this looked: a consumer is told by
 * MEMINSPECT_NOTIFIER_DENY of what is denied later.
 *
 * Context: Process context. May sleep.
 *
 * Return: 0, -EPERM if the caller's module is no consumer, -ENOMEM, -EAGAIN if
 * regions came in meanwhile, or -EBUSY in a panic.
 */
static inline int meminspect_fit_runs(const struct meminspect_limits *limits,
				      struct meminspect_fit *fit)
{
	return __meminspect_fit_runs(limits, fit, MEMINSPECT_OWNER);
}

/**
 * meminspect_write_core_header - write the header of a core of some runs
 * @header: where to; aligned to 8 bytes
 * @room: bytes that there are
 * @fit: the runs
 *
 * It has ELF header, program headers, a note of what was left out
 * (&struct meminspect_left_out_note) and VMCOREINFO as it is now, unless that
 * is denied. A line of it that is appended at a crash is in the region of that
 * name only.
 *
 * Context: Process context.
 *
 * Return: bytes of the header, a multiple of PAGE_SIZE, or -E2BIG, -ENODATA if
 * there is no VMCOREINFO yet, or -EPERM if the caller's module is no consumer.
 */
static inline ssize_t
meminspect_write_core_header(void *header, size_t room,
			     const struct meminspect_fit *fit)
{
	return __meminspect_write_core_header(header, room, fit, MEMINSPECT_OWNER);
}

/**
 * meminspect_kaslr_offset - how far the kernel was moved
 * @offset: set to the run time address of a kernel symbol minus its address in
 *	vmlinux
 *
 * Context: Any.
 *
 * Return: 0, or -EPERM if the caller's module is no consumer.
 */
static inline int meminspect_kaslr_offset(u64 *offset)
{
	return __meminspect_kaslr_offset(offset, MEMINSPECT_OWNER);
}

/**
 * meminspect_notifier_register - be told of regions that come and go
 * @nb: notifier; its data is a const struct inspect_entry
 *
 * The notifier is called with MEMINSPECT_NOTIFIER_ADD exactly once for each
 * region: before this returns for those that there are, and as they come for
 * all others. With MEMINSPECT_NOTIFIER_REMOVE it is called before the region
 * leaves the table. With MEMINSPECT_NOTIFIER_DENY, and an empty entry, it is called
 * when memory was denied that might be in what a consumer rounded or merged:
 * meminspect_may_dump() tells. It runs with the table locked and interrupts off, in
 * whatever context the region is registered from, NMI included: it must not
 * sleep, and must not call meminspect functions but meminspect_next_extent()
 * and meminspect_may_dump().
 *
 * Context: Process context.
 *
 * Return: 0, -EPERM if the caller's module is no consumer, -EEXIST if @nb is
 * registered, or -EBUSY in a panic.
 */
static inline int meminspect_notifier_register(struct notifier_block *nb)
{
	return __meminspect_notifier_register(nb, MEMINSPECT_OWNER);
}

/*
 * The table locks itself. These names are for callers that were written for
 * a table that did not.
 */
static inline void meminspect_table_lock(void) { }
static inline void meminspect_table_unlock(void) { }

#define meminspect_lock_register_id_pa(...)	meminspect_register_id_pa(__VA_ARGS__)
#define meminspect_lock_register_pa(...)	meminspect_register_pa(__VA_ARGS__)
#define meminspect_lock_register_id_va(...)	meminspect_register_id_va(__VA_ARGS__)
#define meminspect_lock_register_va(...)	meminspect_register_va(__VA_ARGS__)
#define meminspect_lock_unregister_id(...)	meminspect_unregister_id(__VA_ARGS__)
#define meminspect_lock_unregister_pa(...)	meminspect_unregister_pa(__VA_ARGS__)
#define meminspect_lock_unregister_va(...)	meminspect_unregister_va(__VA_ARGS__)
/* Takes a callback, or the callback's first argument and the callback. */
#define meminspect_lock_traverse(...)					\
	CONCATENATE(__meminspect_lock_traverse_,			\
		    COUNT_ARGS(__VA_ARGS__))(__VA_ARGS__)
#define __meminspect_lock_traverse_1(cb)	meminspect_traverse(NULL, cb)
#define __meminspect_lock_traverse_2(priv, cb)	meminspect_traverse(priv, cb)

#endif /* _LINUX_MEMINSPECT_H */
