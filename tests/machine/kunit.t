#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The KUnit suite passes in the kernels of both boards.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

cases=$(sed -n 's/^\tKUNIT_CASE(\([a-z_]*\)),$/\1/p' linux/files/kernel/meminspect/meminspect_kunit.c)
declare -A needs=([memblock_test]=ARCH_KEEP_MEMBLOCK)

for board in x86_64 arm64; do
	die_by "$board-kunit" "$board" none --timeout 240 --append "kunit.enable=1 kunit.filter_glob=meminspect"
	# KTAP, as the console shows it
	sed -n 's/^\[ *[0-9.]*\] \( *\(not \)\{0,1\}ok [0-9].*\|.*# .*\)$/\1/p' "$log/console" >"$log/ktap"
	for name in $cases; do
		if [ -n "${needs[$name]-}" ] && ! grep -qx "CONFIG_${needs[$name]}=y" "$(kernel_build "$board")/.config"; then
			skip "$board: $name" "the kernel is built without ${needs[$name]}"
			continue
		fi
		grep -qE "^ +ok [0-9]+ $name\$" "$log/ktap"
		ok $? "$board: $name" || grep -B 8 -E "not ok [0-9]+ $name|ok [0-9]+ $name " "$log/ktap" | comment
	done
	is "$(grep -E '^(not )?ok ' "$log/ktap")" "ok 1 meminspect" "$board: the suite"
	no_reports "$board"
	finish
done
done_testing
