# SPDX-License-Identifier: GPL-2.0-only
# Machines that crash on purpose: their kernels, their init, and what runs them.

# The version of Linux that the lab builds and runs: the name of a folder in linux/patches
KERNEL ?= 6.12
export KERNEL
# A file of lab/variant, for kernels with more or less in them
VARIANT ?=
export VARIANT
KERNEL_NAME := $(KERNEL)$(VARIANT:%=-%)

LAB_BOARDS := x86_64 arm64
RUNNER_OBJECTS := $(patsubst %.c,build/%.o,$(wildcard lab/runner/*.c))
GUEST_SOURCES := $(wildcard lab/guest/*.c)
GUEST_CC_x86_64 := gcc
GUEST_CC_arm64 := aarch64-linux-gnu-gcc

.PHONY: setup guest $(LAB_BOARDS:%=kernel-%)

setup:
	lab/setup

$(LAB_BOARDS:%=kernel-%): kernel-%: setup
	lab/kernel $*

build/lab/machine: $(RUNNER_OBJECTS)
	$(QUIET_LD)$(CC) $(LDFLAGS) -o $@ $^ -ljson-c

guest: $(LAB_BOARDS:%=build/lab/initramfs-%-$(KERNEL_NAME).cpio)

build/lab/guest-%/init: $(GUEST_SOURCES) lab/guest/guest.h
	$(QUIET_LD)mkdir -p $(@D) && $(GUEST_CC_$*) -std=gnu11 -D_GNU_SOURCE -O2 $(WARNINGS) \
		-static -s -pthread -o $@ $(GUEST_SOURCES)

# The module in it belongs to the kernel as it was built last
build/lab/initramfs-%-$(KERNEL_NAME).cpio: build/lab/guest-%/init kernel-%
	lab/initramfs $* $@

-include $(RUNNER_OBJECTS:.o=.d)

include lab/firmware/firmware.mk

# make demo [BOARD=arm64] [DEATH=hang] [KERNEL=7.3]
BOARD ?= x86_64
DEATH ?= panic
LAB_DEATHS := panic null irq-bug deaf-cpu hang hang-task hang-irq
.PHONY: demo
demo: setup
	case " $(LAB_BOARDS) " in *" $(BOARD) "*) ;; *) \
		echo "no board '$(BOARD)'; boards: $(LAB_BOARDS)" >&2; exit 2 ;; esac
	case " $(LAB_DEATHS) " in *" $(DEATH) "*) ;; *) \
		echo "no death '$(DEATH)'; deaths: $(LAB_DEATHS)" >&2; exit 2 ;; esac
	+$(MAKE) --no-print-directory all build/lab/machine build/lab/initramfs-$(BOARD)-$(KERNEL_NAME).cpio
	lab/demo $(BOARD) $(DEATH)
