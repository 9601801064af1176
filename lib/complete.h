/* SPDX-License-Identifier: LGPL-2.1-only */
/* What the files share that add to a dump what the host knows. */
#ifndef MEMINSPECT_COMPLETE_H
#define MEMINSPECT_COMPLETE_H

#include "vmlinux.h"

struct completion {
	struct meminspect_context *context;
	struct meminspect_dump *dump;
	struct meminspect_memory *memory;	/* may be NULL */
	const struct meminspect_ident *ident;
	struct vmlinux *vmlinux;
	uint64_t kaslr_offset;
	size_t nr_collected;
	struct dump_index collected;	/* by physical addresses */
	size_t nr_pieces;	/* of all regions, and how many bytes they have */
	uint64_t nr_bytes;
	uint64_t module_data;	/* bytes that modules claim */
	bool too_much;		/* the dump asks for more than any machine needs */
	bool full;		/* a core holds no more */
};

/* Pieces of a region that is being made. */
struct pieces {
	size_t nr;
	struct meminspect_piece *array;
};

/* complete.c */
/* Of an address in the kernel's image, where the kernel ran. */
uint64_t completion_paddr(const struct completion *completion, uint64_t vaddr);
/* All @length bytes, if they were collected. */
bool completion_read(const struct completion *completion, uint64_t paddr, void *buffer, size_t length);
/* Whether a region that was added starts there */
bool completion_has_added(const struct completion *completion, uint64_t paddr);
/*
 * @vaddr: where the kernel ran. @data, from malloc(), is the piece's own from
 * here on, also if this fails; -ENOMEM if it is NULL.
 */
int completion_add_piece(const struct completion *completion, struct pieces *pieces, uint64_t vaddr,
			 uint8_t *data, uint64_t length);
/* The same for what is not in the kernel's image. */
int completion_add_piece_at(const struct completion *completion, struct pieces *pieces,
			    uint64_t vaddr, uint64_t paddr, uint8_t *data, uint64_t length);
/* A piece of which no byte is there; -ENOMEM. */
int completion_add_missing(struct pieces *pieces, uint64_t vaddr, uint64_t paddr, uint64_t length);
/* Poison, as core-write.c has between pieces; NULL if memory is short. */
uint8_t *completion_filler(uint64_t vaddr, uint64_t length);
/*
 * Adds a region of @pieces, which are none then. Nothing is added if there are none, or if no core
 * could hold them as well: what was collected is worth more.
 */
int completion_add_region(struct completion *completion, const char *name,
			  enum meminspect_origin origin, struct pieces *pieces);
/* Adds a problem if something was not added for that; -ENOMEM. */
int completion_say_full(const struct completion *completion);
void completion_release(struct pieces *pieces);

/* complete-code.c: what crash needs to find and to unwind the frames of stacks on x86_64 */
int complete_code(struct completion *completion);

/* complete-modules.c: what crash reads around each struct module */
int complete_modules(struct completion *completion);

/* complete-tables.c: by which makedumpfile finds the image and the linear map of x86_64 */
int complete_tables(struct completion *completion);

/* complete-vmap.c: page tables that are not in the dump, for what only they lead to */
int complete_vmap(struct completion *completion);

/*
 * follow.c: what pointers lead to, as follow-rules.c says. -ENODATA without memory, or if
 * @vmlinux does not describe the kernel's types.
 */
int complete_by_following(struct completion *completion, enum meminspect_level level,
			  const char *vmlinux);

#endif /* MEMINSPECT_COMPLETE_H */
