# SPDX-License-Identifier: GPL-2.0-only
# libmeminspect, a static library: build/libmeminspect.a
lib_sources := $(wildcard lib/*.c)
lib_objects := $(lib_sources:%.c=build/%.o)
lib_libraries := -ldw -lelf -lbpf -lkdumpfile -ljson-c -lz

build/libmeminspect.a: $(lib_objects)
	$(QUIET_AR)rm -f $@ && $(AR) rcs $@ $^
