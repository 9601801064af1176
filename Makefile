# SPDX-License-Identifier: GPL-2.0-only
# The only front door. `make help` lists what there is.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
# What a chain of rules makes on the way is kept: it costs time, and tests use some of it.
.SECONDARY:
.DEFAULT_GOAL := all

CC ?= gcc
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wvla \
	-Wformat=2 -Wpointer-arith -Werror
INCLUDES := -Ilib -Ilinux/files/include/uapi
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 $(INCLUDES) $(WARNINGS) $(CFLAGS)

ifneq ($(V),1)
.SILENT:
QUIET_CC = echo "  CC      $@" &&
QUIET_AR = echo "  AR      $@" &&
QUIET_LD = echo "  LD      $@" &&
endif

include lib/lib.mk
include tools/tools.mk
include lab/lab.mk
include linux/linux.mk
include tests/tests.mk

build/%.o: %.c
	$(QUIET_CC)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

-include $(patsubst %.c,build/%.d,$(wildcard lib/*.c tools/*.c))

.PHONY: all clean help
all: build/meminspect

help:
	echo "make                          build/meminspect, the host tool"
	echo "make demo [BOARD=arm64] [DEATH=panic|null|irq-bug|deaf-cpu|hang|hang-task|hang-irq] [KERNEL=7.3]"
	echo "                              a machine that dies, and what its core tells"
	echo "make check                    set up, build and run all tests, with Linux 6.12"
	echo "make check-fast               the tests that need no kernel"
	echo "make check-kernel KERNEL=7.3  the tests that need a kernel, with Linux 7.3"
	echo "make check-all                also what takes hours: Linux 7.3, sanitizers, long stress"
	echo "make bench [BOARD=arm64]      ratios, measured side by side"
	echo "make bench-cost [BOARD=arm64] what the kernel's option costs, against the same kernel without it"
	echo "make bench-table              what the kernel's table costs with up to a million regions"
	echo "make bench-consumers [BOARD=arm64] [DEATH=hang]"
	echo "                              how crash and drgn answer on each core, against the full dump"
	echo "make install [PREFIX=DIR]     the tool, its man page and completions"
	echo "make setup [KERNEL=7.3]       install and fetch what the others need"
	echo "make guest [KERNEL=7.3]       kernels and initramfs of all boards"
	echo "make clean                    remove build/; the cache stays"

clean:
	rm -rf build
