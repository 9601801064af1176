// SPDX-License-Identifier: GPL-2.0-only
/* Records stores, barriers and cleans in the order of the program. */
#include <stdlib.h>
#include <string.h>
#include "shim.h"

struct shim_event *shim_events;
size_t shim_nr_events;
bool shim_recording;
void (*shim_on_store)(void), (*shim_on_exchange)(void);

void shim_record(void)
{
	shim_nr_events = 0;
	shim_recording = true;
}

static void add_event(enum shim_event_type type, const volatile void *start, size_t size,
		      uint64_t value)
{
	static size_t capacity;

	if (!shim_recording)
		return;
	if (shim_nr_events == capacity) {
		capacity = capacity ? 2 * capacity : 1024;
		shim_events = reallocarray(shim_events, capacity, sizeof(*shim_events));
		if (!shim_events)
			shim_die("out of memory");
	}
	shim_events[shim_nr_events++] = (struct shim_event){
		.type = type,
		.locked = shim_locks_held,
		.start = (const char *)start,
		.size = size,
		.value = value,
	};
}

void shim_stored(const volatile void *start, size_t size)
{
	uint64_t value = 0;

	if (size > sizeof(value))
		shim_die("WRITE_ONCE() of %zu bytes", size);
	memcpy(&value, (const void *)start, size);
	add_event(SHIM_STORE, start, size, value);
	if (shim_on_store)
		shim_on_store();
}

void shim_barrier(void)
{
	add_event(SHIM_BARRIER, NULL, 0, 0);
}

void shim_cleaned(const void *start, size_t size)
{
	add_event(SHIM_CLEAN, start, size, 0);
}

void shim_allocated(const void *start, size_t size)
{
	add_event(SHIM_ALLOCATED, start, size, 0);
}
