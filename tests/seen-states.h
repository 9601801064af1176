/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In which states a machine was stopped: what modules, online CPUs and memory it had. Stops that see
 * the same each time say nothing of what comes and goes.
 */
#ifndef TESTS_SEEN_STATES_H
#define TESTS_SEEN_STATES_H

#include "internal.h"

struct seen_states;

/* For so many stops; NULL if there is no memory for it. */
struct seen_states *seen_states_new(size_t nr_stops);
void seen_states_free(struct seen_states *states);

/* Takes the state at a stop; false if the core does not have it. */
bool seen_states_take(struct seen_states *states, const struct meminspect_dump *dump);
/* Prints how many different ones there were of each kind; what was taken is gone then. */
void seen_states_print(struct seen_states *states);

#endif /* TESTS_SEEN_STATES_H */
