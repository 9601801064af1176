# SPDX-License-Identifier: GPL-2.0-only
# `make check`: everything that asserts, with one kernel. `make check-fast`: what needs no kernel.
# `make check-kernel`: what needs the kernel of version $(KERNEL). `make check-all`: all of it.
# Logs of runs stay in build/log.

include tests/shim.mk

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FUZZ_CC ?= clang
# Machines wait for much of their time: one more at a time than there are CPUs
PROVE := prove --timer -j$(shell echo $$(($$(nproc) + 1)))

sanitized_objects := $(lib_sources:%.c=build/sanitized/%.o)
unit_tests := $(patsubst tests/%.c,build/tests/%,$(wildcard tests/*-test.c))
fuzz_targets := $(patsubst tests/fuzz-%.c,build/fuzz/%,$(wildcard tests/fuzz-*.c))
fast_tests := $(wildcard tests/*.t)
source_tests := $(wildcard tests/kernel/*.t)
machine_tests := $(wildcard tests/machine/*.t)
machine_tools := $(addprefix build/tests/,stress-rows full-dump qdl-usb.so)

build/sanitized/%.o: %.c
	$(QUIET_CC)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(SANITIZE) -MMD -MP -c -o $@ $<

build/sanitized/libmeminspect.a: $(sanitized_objects)
	$(QUIET_AR)rm -f $@ && $(AR) rcs $@ $^

build/tests/%-test: build/sanitized/tests/%-test.o build/sanitized/tests/directory-model.o \
		build/sanitized/libmeminspect.a
	$(QUIET_LD)mkdir -p $(@D) && $(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(lib_libraries)

# Sanitizers would measure themselves.
build/tests/scale-test: build/tests/scale-test.o build/tests/directory-model.o build/libmeminspect.a
	$(QUIET_LD)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(lib_libraries)

# The command line too is tested with sanitizers.
build/tests/meminspect: $(tools_sources:%.c=build/sanitized/%.o) build/sanitized/libmeminspect.a
	$(QUIET_LD)mkdir -p $(@D) && $(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(lib_libraries)

build/tests/firmware: $(firmware_sources:%.c=build/sanitized/%.o)
	$(QUIET_LD)mkdir -p $(@D) && $(CC) $(SANITIZE) $(LDFLAGS) -o $@ $^

# All fuzzers share the objects of the library.
FUZZ_SANITIZE := address,undefined
fuzz_objects := $(patsubst %.c,build/fuzz/objects/%.o,$(lib_sources) $(wildcard tests/directory-model.c))
build/fuzz/objects/%.o: %.c
	$(QUIET_CC)mkdir -p $(@D) && $(FUZZ_CC) $(ALL_CFLAGS) -Itests -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE) \
		-fno-sanitize-recover=undefined -MMD -MP -c -o $@ $<

build/fuzz/%: build/fuzz/objects/tests/fuzz-%.o $(fuzz_objects)
	$(QUIET_LD)mkdir -p $(@D) && $(FUZZ_CC) -fsanitize=fuzzer,$(FUZZ_SANITIZE) $(LDFLAGS) -o $@ $^ $(lib_libraries)

-include $(fuzz_objects:.o=.d) $(patsubst tests/%.c,build/fuzz/objects/tests/%.d,$(wildcard tests/fuzz-*.c))
-include build/tests/scale-test.d build/tests/directory-model.d
-include $(patsubst %.c,build/sanitized/%.d,$(lib_sources) $(firmware_sources) \
	$(wildcard tests/*.c tools/*.c))

.PHONY: check check-fast check-kernel check-all machines
check-fast: all $(unit_tests) build/tests/meminspect build/tests/firmware $(fuzz_targets)
	mkdir -p build/log
	$(PROVE) $(unit_tests) $(fast_tests)

check: setup
	$(MAKE) guest
	$(MAKE) -j$(shell nproc) all build/lab/machine build/lab/firmware $(machine_tools) $(unit_tests) \
		build/tests/meminspect build/tests/firmware $(fuzz_targets)
	mkdir -p build/log
	$(PROVE) $(unit_tests) $(fast_tests) $(source_tests) $(machine_tests)

# What tests of machines use, for the version in KERNEL and the VARIANT
machines: setup
	$(MAKE) all guest build/lab/machine build/lab/firmware $(machine_tools)
	mkdir -p build/log

# What depends on the kernel
check-kernel: machines
	$(PROVE) $(source_tests) $(machine_tests)

# What takes longer: docs/check-all.md has the last result
check-all:
	tests/check-all

build/tests/stress-rows: build/tests/stress-rows.o build/tests/row-truth.o build/tests/seen-states.o \
		build/libmeminspect.a
	$(QUIET_LD)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(lib_libraries)

# For LD_PRELOAD under the newer C library of lab/setup's root: it needs nothing but that.
build/tests/qdl-usb.so: tests/qdl-usb.c
	$(QUIET_LD)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(LDFLAGS) -shared -fPIC -o $@ $<

build/tests/full-dump: build/tests/bench/full-dump.o build/libmeminspect.a
	$(QUIET_LD)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(lib_libraries)

# make bench [BOARD=arm64]: ratios, measured side by side
.PHONY: bench
bench: setup
	+$(MAKE) --no-print-directory all build/lab/machine build/lab/initramfs-$(BOARD)-$(KERNEL_NAME).cpio build/tests/full-dump
	tests/bench/collect.sh $(BOARD)

# make bench-cost [BOARD=arm64]: what the kernel's option costs, in ratios to the same kernel without it
.PHONY: bench-cost
bench-cost: setup
	+$(MAKE) --no-print-directory VARIANT= build/lab/machine build/lab/initramfs-$(BOARD)-$(KERNEL).cpio
	+$(MAKE) --no-print-directory VARIANT=off build/lab/initramfs-$(BOARD)-$(KERNEL)-off.cpio
	tests/bench/cost.sh $(BOARD)

# make bench-consumers [BOARD=arm64] [DEATH=hang]: how crash and drgn answer on each core, against the full dump of the same death
.PHONY: bench-consumers
bench-consumers: setup
	+$(MAKE) --no-print-directory all build/lab/machine build/lab/initramfs-$(BOARD)-$(KERNEL_NAME).cpio build/tests/full-dump
	tests/bench/consumers.sh $(BOARD) $(DEATH)
