# SPDX-License-Identifier: GPL-2.0-only
# meminspect(1): one file a subcommand.
tools_sources := $(wildcard tools/*.c)
tools_objects := $(tools_sources:%.c=build/%.o)

build/meminspect: $(tools_objects) build/libmeminspect.a
	$(QUIET_LD)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(lib_libraries)
