/* SPDX-License-Identifier: LGPL-2.1-only */
/* Which pointers of a kernel are followed: rules, and the roots that they start from. */
#ifndef MEMINSPECT_FOLLOW_H
#define MEMINSPECT_FOLLOW_H

#include "meminspect.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum follow_kind {
	FOLLOW_OBJECT,		/* what stands here, or an array of it */
	FOLLOW_POINTER,		/* a pointer, or an array of them; to the member @link if that is not NULL */
	FOLLOW_NODES,		/* an array of pointers, with as many as there are NUMA nodes */
	FOLLOW_POINTERS,	/* a pointer to an array of them, as many as the member @link says */
	FOLLOW_PERCPU,		/* an offset in the data of each CPU; without @target, of a word */
	FOLLOW_LIST,		/* struct list_head or hlist_head, or an array of it, through the member @link */
	FOLLOW_RBTREE,		/* struct rb_root, through the member @link */
	FOLLOW_XARRAY,		/* the head of an xarray */
	FOLLOW_STRING,		/* a pointer to characters, up to a NUL */
	FOLLOW_STACK,		/* a pointer to a kernel stack */
	FOLLOW_STACK_TOP,	/* a pointer to the last word of one */
	FOLLOW_BYTES,		/* a pointer to as many bytes as the member @link says */
	FOLLOW_MAPLE,		/* the root of a maple tree */
	FOLLOW_SLAB,		/* of a struct slab: a pointer to its cache, whose member @link has its order */
};

/*
 * What @member of each struct @type leads to: structs @target, to which the
 * rules for those apply. A kernel that has not these types or members is not
 * followed there; some differ between versions.
 */
struct follow_rule {
	const char *type;
	const char *member;
	enum follow_kind kind;
	const char *target;
	const char *link;
};

/*
 * What a variable of the kernel leads to. @rule.type is NULL where it is itself the member,
 * and @rule.target where it is wanted as it is.
 */
struct follow_root {
	enum meminspect_level level;	/* the least that has it */
	const char *symbol;
	bool percpu;
	struct follow_rule rule;
};

/*
 * Place of @key in a table that has a power of two of them. @multiplier is from follow_random(): who
 * makes a dump could choose addresses that meet, else.
 */
static inline size_t follow_hash(uint64_t key, uint64_t multiplier, size_t size)
{
	return (size_t)(key * multiplier >> (64 - __builtin_ctzll(size)));
}

extern const struct follow_rule follow_rules[];
extern const size_t nr_follow_rules;
extern const struct follow_root follow_roots[];
extern const size_t nr_follow_roots;

/* follow-pages.c: memory by virtual addresses, and what is taken of it */
struct completion;
struct table_format;
struct follow_pages;

/* Regions of their own: tables on the way to what is taken; stacks, of class MEMINSPECT_CLASS_TASK */
extern const char follow_page_table[];
extern const char follow_task_stack[];

/* For follow_hash() */
uint64_t follow_random(void);
/* NULL if memory is short */
struct follow_pages *follow_pages_new(const struct completion *completion,
				      const struct table_format *format);
void follow_pages_free(struct follow_pages *pages);
/* False if not all of it is there; it is taken only by follow_take(). */
bool follow_read(struct follow_pages *pages, uint64_t vaddr, void *buffer, size_t length);
/*
 * Takes the pages for a region of the name @owner, unless another has them. Those that page tables
 * lead to and the source lacks are missing in that region.
 */
void follow_take(struct follow_pages *pages, uint64_t vaddr, uint64_t length, const char *owner);
/* Physical addresses of all pages that are taken, for free(); NULL if memory is short. */
uint64_t *follow_pages_taken(const struct follow_pages *pages, size_t *nr);
/* Adds what was taken and was not collected before to the dump, in regions; -ENOMEM. */
int follow_pages_add(struct follow_pages *pages, struct completion *completion);
/*
 * Adds a variable of the kernel as a region of that name, unless the kernel marked it; of @cpu if that
 * is not NULL. -ENOMEM.
 */
int follow_add_variable(struct follow_pages *pages, struct completion *completion, const char *name,
			const unsigned int *cpu, uint64_t vaddr, uint64_t size);
/* 0, or -ENOMEM: then something was neither read nor taken. */
int follow_pages_error(const struct follow_pages *pages);
/* Whether a limit was met that no machine should meet. */
bool follow_pages_too_much(const struct follow_pages *pages);

#endif /* MEMINSPECT_FOLLOW_H */
