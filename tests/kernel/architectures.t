#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Our own files compile without a warning where no board of the lab is.
cd "$(dirname "$0")/../.." || exit 1
. tests/kernel/lib.sh

check() {	# ARCH CROSS_COMPILE OBJECTS CONFIG-LINE...
	local arch=$1 cross=$2 objects=$3 output=$cache/linux-$kernel_version/objects-$1 log
	log=build/log/objects-$1.log
	shift 3
	rm -f "$output"/kernel/meminspect/*.o
	objects_for "$arch" "$cross" "$output" CONFIG_PRINTK=y CONFIG_MODULES=y CONFIG_DEBUG_FS=y \
		CONFIG_MEMINSPECT=y "$@" -- kernel/meminspect/ >"$log" 2>&1
	ok $? "$arch: compiles" || tail -n 5 "$log" | comment
	[ "$(ls "$output"/kernel/meminspect/*.o 2>/dev/null | grep -vc built-in)" -eq "$objects" ]
	ok $? "$arch: $objects objects"
	! grep -E 'meminspect.*warning' "$log"
	ok $? "$arch: no warning"
}

mkdir -p build/log
check i386 "" 8 CONFIG_SMP=y
check arm arm-linux-gnueabi- 8 CONFIG_MMU=y
check riscv riscv64-linux-gnu- 10 CONFIG_64BIT=y CONFIG_SMP=y CONFIG_MEMINSPECT_DEBUGFS=y
check s390 s390x-linux-gnu- 10 CONFIG_64BIT=y CONFIG_MEMINSPECT_DEBUGFS=y
check powerpc powerpc64-linux-gnu- 10 CONFIG_PPC64=y CONFIG_SMP=y CONFIG_MEMINSPECT_DEBUGFS=y
done_testing
