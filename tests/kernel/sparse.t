#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# sparse has nothing to say about our files, in the kernels of both boards.
cd "$(dirname "$0")/../.." || exit 1
. tests/kernel/lib.sh
mkdir -p "build/log/$kernel_version"

for board in x86_64 arm64; do
	load_board "$board"
	log=build/log/$kernel_version/sparse-$board.log
	CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} make -C "$kernel_source" O="$(kernel_build "$board")" \
		ARCH="$kernel_arch" CROSS_COMPILE="$cross_compile" CC="ccache ${cross_compile}gcc" \
		HOSTCC="ccache gcc" C=2 kernel/meminspect/ >"$log" 2>&1
	ok $? "$board: make C=2" || tail -n 5 "$log" | comment
	# Objects of sources that are gone may be left, but not in the archive
	built=$(ar t "$(kernel_build "$board")/kernel/meminspect/built-in.a" | wc -l)
	[ "$(grep -cE '^ +CHECK +.*kernel/meminspect/' "$log")" -eq "$built" ] && [ "$built" -gt 0 ]
	ok $? "$board: sparse saw every file ($built)"
	! grep -E '(kernel/meminspect/|include/.*meminspect)[^ ]*:[0-9]+.*(warning|error):' "$log"
	ok $? "$board: and found nothing"
done
done_testing
