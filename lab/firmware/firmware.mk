# SPDX-License-Identifier: GPL-2.0-only
# build/lab/firmware: a model of boot firmware, written from the formats. It gets no include path:
# nothing of the project can come into it.

firmware_sources := $(wildcard lab/firmware/*.c)
firmware_objects := $(firmware_sources:lab/firmware/%.c=build/firmware/%.o)

build/firmware/%.o build/sanitized/lab/firmware/%.o: INCLUDES :=

build/firmware/%.o: lab/firmware/%.c
	$(QUIET_CC)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

build/lab/firmware: $(firmware_objects)
	$(QUIET_LD)mkdir -p $(@D) && $(CC) $(LDFLAGS) -o $@ $^

-include $(firmware_objects:.o=.d)
