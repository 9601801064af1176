/* SPDX-License-Identifier: GPL-2.0-only */
/* Nothing is too often for a test. */
#ifndef SHIM_LINUX_RATELIMIT_H
#define SHIM_LINUX_RATELIMIT_H

#include <linux/types.h>

struct ratelimit_state {
	int interval, burst;
};

#define DEFINE_RATELIMIT_STATE(name, every, many)			\
	struct ratelimit_state name = { .interval = every, .burst = many }

static inline bool __ratelimit(struct ratelimit_state *state)
{
	return state->burst > 0;
}

#endif
