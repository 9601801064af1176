#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# sparse has nothing to say about our files, in the kernels of both boards. Linux 7.3 wants a newer
# one than Debian 12 has.
cd "$(dirname "$0")/../.." || exit 1
. tests/kernel/lib.sh
mkdir -p "build/log/$kernel_version"

sources=$(cd linux/files && find . -name '*.c' -printf '%P\n')
for board in x86_64 arm64; do
	load_board "$board"
	log=build/log/$kernel_version/sparse-$board.log
	objects=()
	for source in $sources; do
		[ ! -f "$(kernel_build "$board")/${source%.c}.o" ] || objects+=("${source%.c}.o")
	done
	CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} make -C "$kernel_source" O="$(kernel_build "$board")" \
		ARCH="$kernel_arch" CROSS_COMPILE="$cross_compile" CC="ccache ${cross_compile}gcc" \
		HOSTCC="ccache gcc" CHECK="$tools_bin/sparse" C=2 "${objects[@]}" >"$log" 2>&1
	ok $? "$board: make C=2" || tail -n 5 "$log" | comment
	missed=$(printf '%s\n' "${objects[@]%.o}" | while read -r object; do
		grep -qE "^ +CHECK +(.*/)?$object\.c$" "$log" || echo "$object.c"
	done)
	[ -z "$missed" ] && [ "${#objects[@]}" -gt 25 ]
	ok $? "$board: sparse saw every file that the board has (${#objects[@]})" || echo "$missed" | comment
	! grep -E "($(tr '\n' '|' <<<"$sources")include/.*meminspect)[^ ]*:[0-9]+.*(warning|error):" "$log"
	ok $? "$board: and found nothing"
done
done_testing
