# SPDX-License-Identifier: GPL-2.0-only
# Tests that run the kernel's sources in user space, under the stand-ins in tests/shim/.

kernel_tests := $(wildcard tests/kernel-*-test.c) tests/crash-point-test.c

shim_sources := $(addprefix linux/files/kernel/meminspect/,table.c index.c policy.c consumers.c storage.c \
	directory.c extents.c fit.c) \
	$(wildcard tests/shim/*.c) tests/expected-regions.c \
	$(addprefix lib/,directory.c directory-region.c record.c context.c head-search.c vmcoreinfo.c \
	memory.c dump.c)

shim_sanitize := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

shim_options := -DCONFIG_MEMINSPECT -DCONFIG_MODULES -DCONFIG_64BIT -DCONFIG_MEMINSPECT_CURRENT
# Kinds of builds. Crash points are too many for sanitizers.
shim_flags_arm64 := $(shim_options) -DCONFIG_ARM64 $(shim_sanitize)
shim_flags_x86 := $(shim_options) -DCONFIG_X86 $(shim_sanitize)
shim_flags_fast := $(shim_options) -DCONFIG_ARM64
shim_flags_off := $(filter-out -DCONFIG_MEMINSPECT,$(shim_options)) -DCONFIG_ARM64

# The kernel's headers go first: to all but the library <linux/meminspect.h> is the kernel's own.
shim_includes := -Itests/shim -Itests/shim/include -Ilinux/files/include -I. -Itests
define shim_kind
build/shim/$(1)/%.o: INCLUDES := $$(shim_includes)
build/shim/$(1)/%.o: WARNINGS += -Wno-unused-parameter
build/shim/$(1)/lib/%.o: INCLUDES := -Ilib -Ilinux/files/include/uapi
# From there kernel/meminspect finds its ../printk.
build/shim/$(1)/linux/%.o: INCLUDES += -Itests/shim/include/printk
build/shim/$(1)/linux/%.o: WARNINGS := $$(filter-out -Wpointer-arith -Wextra,$$(WARNINGS))
build/shim/$(1)/%.o: %.c
	$$(QUIET_CC)mkdir -p $$(@D) && $$(CC) $$(ALL_CFLAGS) $$(shim_flags_$(1)) -MMD -MP -c -o $$@ $$<

shim_objects_$(1) := $$(patsubst %.c,build/shim/$(1)/%.o,$$(shim_sources))

-include $$(shim_objects_$(1):.o=.d) $$(patsubst %.c,build/shim/$(1)/%.d,$$(kernel_tests) $$(wildcard tests/crash-*.c))
endef
$(foreach kind,arm64 x86 fast off,$(eval $(call shim_kind,$(kind))))

shim_link = $(QUIET_LD)mkdir -p $(@D) && $(CC) $(shim_flags_$(1)) $(LDFLAGS) -Wl,-T,tests/shim/sections.lds \
	-o $@ $(filter %.o,$^) -lz

$(patsubst tests/%.c,build/tests/%,$(filter-out %-x86-test.c %-growth-test.c %-off-test.c %-current-test.c %-irq-test.c %-names-test.c %-pstore-test.c %-pstore-dump-test.c,$(filter tests/kernel-%,$(kernel_tests)))): \
build/tests/%: build/shim/arm64/tests/%.o $(shim_objects_arm64) tests/shim/sections.lds
	$(call shim_link,arm64)

build/tests/kernel-extents-x86-test: build/shim/x86/tests/kernel-extents-x86-test.o \
		$(shim_objects_x86) tests/shim/sections.lds
	$(call shim_link,x86)

build/tests/crash-point-test: $(patsubst %.c,build/shim/fast/%.o,$(wildcard tests/crash-*.c)) \
		$(shim_objects_fast) tests/shim/sections.lds
	$(call shim_link,fast)

# Marks what the kernel marks: the other tests start with an empty table.
build/tests/kernel-api-test: build/shim/arm64/linux/files/kernel/meminspect/init.o
-include build/shim/arm64/linux/files/kernel/meminspect/init.d

# All that modules may be refused
consumers_objects := $(patsubst %,build/shim/arm64/linux/files/kernel/meminspect/%.o,corefile coreheader ident)
build/tests/kernel-consumers-test: $(consumers_objects)
-include $(consumers_objects:.o=.d)

build/tests/kernel-kinfo-test: build/shim/arm64/linux/files/kernel/meminspect/kinfo_page.o
-include build/shim/arm64/linux/files/kernel/meminspect/kinfo_page.d

# The kernel's code has void pointers count in bytes.
build/shim/%-snippets-test.o build/shim/%-snippets-off-test.o: WARNINGS := \
	$(filter-out -Wpointer-arith -Wextra,$(WARNINGS))

build/tests/kernel-snippets-off-test: build/shim/off/tests/kernel-snippets-off-test.o \
		$(filter build/shim/fast/tests/shim/%,$(shim_objects_fast)) tests/shim/sections.lds
	$(call shim_link,off)

# Counts and measures: sanitizers would be in the way.
build/tests/kernel-growth-test: build/shim/fast/tests/kernel-growth-test.o $(shim_objects_fast) tests/shim/sections.lds
	$(call shim_link,fast)
build/tests/bench-table: build/shim/fast/tests/bench/table.o $(shim_objects_fast) tests/shim/sections.lds
	$(call shim_link,fast)
-include build/shim/fast/tests/bench/table.d

# make bench-table: what the kernel's table costs with up to a million regions
.PHONY: bench-table
bench-table: build/tests/bench-table
	build/tests/bench-table

# Has stand-ins of its own for the rest of meminspect: nothing but current_slots.c is under test.
build/tests/kernel-current-test: build/shim/arm64/tests/kernel-current-test.o \
		$(patsubst %.c,build/shim/arm64/%.o,linux/files/kernel/meminspect/current_slots.c \
		$(wildcard tests/shim/*.c)) tests/shim/sections.lds
	$(call shim_link,arm64)
-include build/shim/arm64/linux/files/kernel/meminspect/current_slots.d

# So has this one, for irq.c.
build/tests/kernel-irq-test: build/shim/arm64/tests/kernel-irq-test.o \
		$(patsubst %.c,build/shim/arm64/%.o,linux/files/kernel/meminspect/irq.c \
		$(wildcard tests/shim/*.c)) tests/shim/sections.lds
	$(call shim_link,arm64)
-include build/shim/arm64/linux/files/kernel/meminspect/irq.d

# A part of a driver, which needs nothing else.
build/tests/kernel-minidump-names-test: build/shim/arm64/tests/kernel-minidump-names-test.o \
		build/shim/arm64/linux/files/drivers/soc/qcom/minidump_names.o tests/shim/sections.lds
	$(call shim_link,arm64)
-include build/shim/arm64/linux/files/drivers/soc/qcom/minidump_names.d

# Needs nothing of the rest.
build/tests/kernel-pstore-test: build/shim/arm64/tests/kernel-pstore-test.o \
		$(patsubst %.c,build/shim/arm64/%.o,linux/files/kernel/meminspect/pstore_pack.c \
		$(wildcard tests/shim/*.c)) tests/shim/sections.lds
	$(call shim_link,arm64)
-include build/shim/arm64/linux/files/kernel/meminspect/pstore_pack.d

# Of what the kernel stored the library makes memory again.
pstore_dump_objects := $(patsubst %.c,build/shim/arm64/%.o,tests/kernel-pstore-dump-test.c \
	linux/files/kernel/meminspect/pstore_pack.c lib/memory-pstore.c $(wildcard lib/pstore-*.c) lib/names.c)
build/tests/kernel-pstore-dump-test: $(pstore_dump_objects) $(shim_objects_arm64) tests/shim/sections.lds
	$(call shim_link,arm64)
build/shim/arm64/tests/kernel-pstore-dump-test.o: WARNINGS := $(filter-out -Wpointer-arith -Wextra,$(WARNINGS))
-include $(pstore_dump_objects:.o=.d)

# What crash-point-mutations.t breaks: build/mutants/SOURCE/MUTATION.c in the place of SOURCE.c.
define shim_mutants
build/mutants/$(1)/%.o: INCLUDES := $$(shim_includes) -Ilinux/files/kernel/meminspect
build/mutants/$(1)/%.o: WARNINGS :=
build/mutants/$(1)/%.o: build/mutants/$(1)/%.c
	$$(CC) $$(ALL_CFLAGS) $$(shim_flags_fast) -c -o $$@ $$<
build/mutants/$(1)/%: build/mutants/$(1)/%.o $(patsubst %.c,build/shim/fast/%.o,$(wildcard tests/crash-*.c)) \
		$(filter-out %/meminspect/$(1).o,$(shim_objects_fast)) tests/shim/sections.lds
	$$(call shim_link,fast)
endef
$(foreach source,table storage directory,$(eval $(call shim_mutants,$(source))))
