/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that stop an update share. */
#ifndef TESTS_CRASH_CHECKS_H
#define TESTS_CRASH_CHECKS_H

#include "crash-states.h"

/* Of a group of things all subsets are tried up to this many; of a larger one, some. */
#define ALL_SUBSETS_UP_TO	12

/* A stop, and what a reader may find then. */
struct stop {
	const struct update *update;
	struct ram *ram;
	int old, new;		/* states that are right */
	size_t step;
	const char *what;
};

/* crash-checks.c: each tells whether it is so, or prints why not */
bool each_store_is_recorded(const struct update *update);
bool each_group_is_cleaned(const struct update *update);
bool copies_take_turns(const struct update *update);
bool stores_are_locked(const struct update *update);
bool stop_after_each_store(const struct update *update);
bool stop_in_any_order(const struct update *update);
/*
 * Stops an update after each store and makes a second one then, as a panic
 * does, which is stopped after each store too. The second one takes no region.
 */
bool stop_for_another(const struct update *update, const struct update *other);
bool stop_here(const struct stop *stop);
void apply_step(struct ram *ram, const struct step *step);
struct ram *copy_of(const struct ram *ram);
/* The same numbers in every run. */
uint64_t random_bits(void);

/* crash-caches.c */
bool stop_without_caches(const struct update *update);

/* crash-flips.c */
/* No bit of either copy changes what a reader finds after the update, or goes unnoticed. */
bool each_flip_is_found(const struct update *update);

#endif /* TESTS_CRASH_CHECKS_H */
