#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's own test of memblock, which compiles mm/memblock.c in user space, passes with our
# patches as it does without them. The same memblock with the option on marks what it is asked to.
cd "$(dirname "$0")/../.." || exit 1
. tests/kernel/lib.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
simulator=$work/tools/testing/memblock
# It makes its links and objects next to its sources
(cd "$kernel_source" && cp -r --parents -t "$work" include/linux mm/memblock.c tools/arch/x86/include \
	tools/include tools/lib tools/testing/memblock tools/testing/selftests/*.h) ||
	{ echo "Bail out! cannot copy the kernel source"; exit 1; }
grep -q 'meminspect' "$work/mm/memblock.c"
ok $? "the source is the patched one"
make -s -j"$(nproc)" -C "$simulator" main >"$work/log" 2>&1
ok $? "it compiles" || tail -n 5 "$work/log" | comment
(cd "$simulator" && ./main -v) >"$work/log" 2>&1 && grep -q '^ok ' "$work/log"
ok $? "and passes" || tail -n 5 "$work/log" | comment

make -s -C "$simulator" clean
cp tests/kernel/memblock-inspect.c "$simulator/main.c"
cat >"$simulator/linux/meminspect.h" <<-'END'
	#pragma once
	#include <linux/types.h>
	#define MEMINSPECT_SIMPLE_ENTRY(symbol)	struct inspect_entry
	s64 meminspect_register_pa(phys_addr_t pa, size_t size);
	int meminspect_unregister(s64 handle);
	int meminspect_unregister_pa(phys_addr_t pa, size_t size);
	void meminspect_drop_range(phys_addr_t pa, phys_addr_t size);
END
CFLAGS=-DCONFIG_MEMINSPECT make -s -j"$(nproc)" -C "$simulator" main >"$work/log" 2>&1
ok $? "it compiles with the option on" || grep -E 'error|undefined' "$work/log" | head -n 5 | comment
(cd "$simulator" && ./main) >"$work/log" 2>"$work/errors"
[ $? -eq 0 ] && [ ! -s "$work/errors" ]
ok $? "all of it is as it should" || cat "$work/errors" | comment
while read -r line; do
	case $line in
	"ok "*) ok 0 "${line#* - }" ;;
	"not ok "*) ok 1 "${line#* - }" ;;
	esac
done <"$work/log"
grep -q '^1\.\.[1-9]' "$work/log"
ok $? "it came to its end"
done_testing
