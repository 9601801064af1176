#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's own test of memblock, which compiles mm/memblock.c in user space, passes with our
# patches as it does without them.
cd "$(dirname "$0")/../.." || exit 1
. tests/kernel/lib.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# It makes its links and objects next to its sources
(cd "$kernel_source" && cp -r --parents -t "$work" include/linux mm/memblock.c tools/arch/x86/include \
	tools/include tools/lib tools/testing/memblock tools/testing/selftests/*.h) ||
	{ echo "Bail out! cannot copy the kernel source"; exit 1; }
grep -q 'meminspect' "$work/mm/memblock.c"
ok $? "the source is the patched one"
make -s -j"$(nproc)" -C "$work/tools/testing/memblock" main >"$work/log" 2>&1
ok $? "it compiles" || tail -n 5 "$work/log" | comment
(cd "$work/tools/testing/memblock" && ./main -v) >"$work/log" 2>&1 && grep -q '^ok ' "$work/log"
ok $? "and passes" || tail -n 5 "$work/log" | comment
done_testing
