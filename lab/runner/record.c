// SPDX-License-Identifier: GPL-2.0-only
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>

static void add_text(struct json_object *record, const char *key, const char *text)
{
	json_object_object_add(record, key, json_object_new_string(text));
}

static void add_time(struct json_object *record, const char *key, double seconds)
{
	if (seconds >= 0)
		json_object_object_add(record, key, json_object_new_double(seconds));
}

void record_write(const struct request *request, const struct sightings *seen)
{
	struct json_object *record = json_object_new_object();

	add_text(record, "board", request->board.name);
	add_text(record, "death", request->death);
	add_text(record, "kernel_version", request->kernel_version);
	add_text(record, "kernel", request->kernel);
	add_text(record, "vmlinux", request->vmlinux);
	add_text(record, "cmdline", request->cmdline);
	add_text(record, "memory", request->memory);
	json_object_object_add(record, "ram_base",
			       json_object_new_uint64(strtoull(request->board.ram_base, NULL, 0)));
	add_text(record, "state", seen->state);
	json_object_object_add(record, "outcome", json_object_new_int(seen->outcome));
	add_time(record, "seconds_to_kernel", seen->kernel);
	add_time(record, "seconds_to_ready", seen->ready);
	add_time(record, "seconds_to_death", seen->dead);
	if (json_object_to_file_ext("machine.json", record, JSON_C_TO_STRING_PRETTY) < 0)
		fail("cannot write %s/machine.json", request->directory);
	json_object_put(record);
}
