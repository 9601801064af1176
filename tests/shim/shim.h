/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User-space stand-ins for what kernel/meminspect needs of the kernel: what
 * tests see of them. include/ has the headers that the kernel sources include.
 */
#ifndef SHIM_H
#define SHIM_H

#include <linux/types.h>

/* context.c: where the code under test thinks that it runs */
/* A module that is being unloaded. */
extern struct module *shim_module_going;
extern bool shim_in_nmi, shim_in_panic, shim_no_smp, shim_slab_available;
extern bool shim_locked_down;	/* for confidentiality */
extern unsigned int shim_locks_held;	/* spinlocks */
extern unsigned int shim_warnings;	/* printed so far */
extern char shim_last_warning[256];
/* Nodes of trees and lists, and rows, that were looked at. */
extern unsigned long shim_steps;

struct module {
	char name[56];
};

/* What irq_work_queue() and schedule_work() were asked to do. */
void shim_run_work(void);
bool shim_work_pending(void);
void shim_run_initcalls(void);

struct shim_parameter {
	const char *name;
	int (*parse)(char *value);
};

/* The command line has "name=value", or "name" if @value is NULL. */
void shim_boot_parameter(const char *name, const char *value);
__attribute__((format(printf, 1, 2))) void shim_printk(const char *format, ...);
/* The test can't go on: there is no plan behind this. */
__attribute__((noreturn, format(printf, 1, 2))) void shim_die(const char *format, ...);

/* memory.c: physical memory and what maps it */
/* RAM goes across 4 GiB, so that a physical address in 32 bits would show. */
#define SHIM_RAM_PADDR		0xff800000ULL
#define SHIM_RAM_SIZE		(1ULL << 30)
#define SHIM_IMAGE_PADDR	0x40000000ULL

struct address_space;

struct page {
	bool reserved;
	bool is_ram;		/* says the firmware's memory map */
	bool zone_device;
	bool highmem;
	bool absent;		/* a hole: no struct page, if it were not for this */
	bool poisoned, offline;
	bool slab, anonymous, lru;
	struct address_space *mapping;
};

extern char *shim_linear_map;
extern struct address_space shim_file;	/* of a user, or of memfd_secret() */

phys_addr_t shim_image_paddr(const void *va);
/* The page of RAM at a physical address; dies if there is none. */
struct page *shim_page(phys_addr_t pa);
/* Pages of RAM that nobody uses, one behind the other; returns the physical address. */
phys_addr_t shim_take_pages(unsigned int nr_pages);
/* Maps pages in the vmalloc area, and leaves a hole behind them. */
void *shim_vmap(const phys_addr_t *pages, unsigned int nr_pages);
/* Makes one page of the vmalloc area map another page, or none if @pa is 0. */
void shim_remap(void *va, phys_addr_t pa);
/* The page that one page of the vmalloc area maps. */
phys_addr_t shim_vmapped(const void *va);
#define SHIM_CPU_NUMBERS	4
#define SHIM_POSSIBLE_CPUS	3
#define shim_cpu_possible(cpu)	((cpu) != 2)
extern unsigned long shim_per_cpu_offset[SHIM_CPU_NUMBERS];

/* Gives each possible CPU its own copy of all per-CPU variables. */
void shim_set_up_per_cpu(void);

/* As directory_read() wants to read. */
int64_t shim_read_physical(void *priv, uint64_t pa, void *buffer, size_t length);

/* sched.c: CPUs, and who wants to know of them */
struct task_struct;

extern unsigned int shim_cpu;
extern struct task_struct *shim_current, *shim_idle_tasks[SHIM_CPU_NUMBERS];
extern int (*shim_cpu_comes)(unsigned int cpu), (*shim_cpu_is_gone)(unsigned int cpu);
extern void (*shim_on_switch)(void *data, bool preempt, struct task_struct *prev,
			      struct task_struct *next, unsigned int prev_state);

/* slab.c */
/* Allocations that succeed before all others fail; negative: none fails. */
extern int shim_allocations_left;
extern unsigned int shim_allocations;	/* that were not freed */

/* record.c: what the code under test does to memory, in order */
enum shim_event_type {
	SHIM_STORE,		/* @value to @start */
	SHIM_BARRIER,
	SHIM_CLEAN,
	SHIM_ALLOCATED,		/* a zeroed page, that still is in the caches only */
};

struct shim_event {
	enum shim_event_type type;
	bool locked;		/* while a spinlock was held */
	const char *start;
	size_t size;
	uint64_t value;
};

extern struct shim_event *shim_events;
extern size_t shim_nr_events;
extern bool shim_recording;

/* Called after each store, and before each exchange, if a test sets it. */
extern void (*shim_on_store)(void), (*shim_on_exchange)(void);

/* Forgets the events, and records. */
void shim_record(void);
void shim_stored(const volatile void *start, size_t size);
void shim_barrier(void);
void shim_cleaned(const void *start, size_t size);
void shim_allocated(const void *start, size_t size);

#endif /* SHIM_H */
