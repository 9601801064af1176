/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An update of the directory, as the stores, barriers and cleans that it was
 * made of, and every state of RAM in which a death can leave it.
 */
#ifndef TESTS_CRASH_STATES_H
#define TESTS_CRASH_STATES_H

#include "expected-regions.h"

#define PAGE_BYTES		4096
#define MAX_PAGES		64
#define MAX_STATES		8

/* The pages of the directory: both copies of chunk 0, of chunk 1, and so on. */
struct ram {
	size_t nr_pages;
	uint64_t paddr[MAX_PAGES];
	const char *va[MAX_PAGES];
	uint8_t bytes[MAX_PAGES][PAGE_BYTES];
};

/* What a reader is to find. */
struct state {
	bool none;		/* no directory at all */
	size_t nr_chunks;
	struct expected_regions regions;
	bool has_ident, has_capture;
	struct meminspect_ident ident;
	struct meminspect_capture capture;
};

/* A store or clean, by page and offset; @page is -1 for a barrier. */
struct step {
	bool store, locked;
	int page;
	uint32_t offset, size, value;
};

struct update {
	const char *name;
	bool unlocked;		/* makes its stores without the table lock, as a panic does */
	size_t nr_old_pages;	/* that were part of the chain before */
	struct ram before;	/* as the CPUs see it; new pages are zero */
	size_t nr_steps;
	struct step *steps;
	size_t nr_states;	/* what it goes through, from the old state to the new one */
	struct state states[MAX_STATES];
};

/* Between these two the code under test makes the update. */
void update_begin(struct update *update, const char *name);
void update_end(struct update *update);
void update_free(struct update *update);

struct ram *ram_now(void);
/* Which of the states a reader finds; -1 if none, or if it sees damage: *@why tells. */
int judge(const struct ram *ram, const struct state *states, size_t nr_states, const char **why);
/* Reads, with the directory freed by the caller; NULL if there is none, with a reason. */
struct directory *read_ram(const struct ram *ram, const char **why);
/* How an answer differs from a state; NULL if it does not. */
const char *state_differs(const struct directory *directory, const struct state *state);

extern unsigned long crash_states;	/* that were read so far */

#endif /* TESTS_CRASH_STATES_H */
