#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Our own files, and those with hooks that depend on the configuration, compile
# without a warning where no board of the lab is.
cd "$(dirname "$0")/../.." || exit 1
. tests/kernel/lib.sh

# How many objects the Makefile asks for: wanted_objects CONFIG
wanted_objects() {
	local option objects number=0
	while read -r option objects; do
		[ "$option" != y ] && ! grep -qx "$option=y" "$1" || number=$((number + $(wc -w <<<"$objects")))
	done < <(sed -n -e 's/^obj-y += /y /p' -e 's/^obj-$(\(.*\)) += /\1 /p' linux/files/kernel/meminspect/Makefile)
	echo "$number"
}

check() {	# NAME ARCH CROSS_COMPILE CONFIG-LINE...
	local name=$1 arch=$2 cross=$3 output=$cache/linux-$kernel_version/objects-$1 log objects
	log=build/log/$kernel_version/objects-$name.log
	shift 3
	rm -f "$output"/kernel/meminspect/*.o
	objects_for "$arch" "$cross" "$output" CONFIG_PRINTK=y CONFIG_MODULES=y CONFIG_DEBUG_FS=y \
		CONFIG_MEMINSPECT=y "$@" -- kernel/meminspect/ ${hooked-} >"$log" 2>&1
	ok $? "$name: compiles" || tail -n 5 "$log" | comment
	objects=$(wanted_objects "$output/.config")
	[ "$objects" -gt 0 ] && [ "$(ls "$output"/kernel/meminspect/*.o 2>/dev/null | grep -vc built-in)" -eq "$objects" ]
	ok $? "$name: $objects objects"
	! grep -E 'meminspect[^ ]*:[0-9]+.*warning' "$log"
	ok $? "$name: no warning"
}

mkdir -p "build/log/$kernel_version"
check i386 i386 "" CONFIG_SMP=y
check arm arm arm-linux-gnueabi- CONFIG_MMU=y
check riscv riscv riscv64-linux-gnu- CONFIG_64BIT=y CONFIG_SMP=y CONFIG_MEMINSPECT_DEBUGFS=y
check s390 s390 s390x-linux-gnu- CONFIG_64BIT=y CONFIG_MEMINSPECT_DEBUGFS=y
check powerpc powerpc powerpc64-linux-gnu- CONFIG_PPC64=y CONFIG_SMP=y CONFIG_MEMINSPECT_DEBUGFS=y

# Hooks that depend on the configuration, on what the boards have and more
hooked="arch/arm64/kernel/irq.o arch/arm64/kernel/sdei.o arch/arm64/kernel/traps.o mm/memblock.o mm/swapfile.o"
check arm64-flat arm64 aarch64-linux-gnu- CONFIG_BLOCK=y CONFIG_SWAP=y CONFIG_ARM_SDE_INTERFACE=y \
	'# CONFIG_NUMA is not set' '# CONFIG_VMAP_STACK is not set'
# kexec without kdump, which no board has
hooked="arch/arm64/kernel/smp.o kernel/panic.o"
check arm64-kexec arm64 aarch64-linux-gnu- CONFIG_SUSPEND=y CONFIG_KEXEC=y \
	'# CONFIG_CRASH_DUMP is not set' CONFIG_MEMINSPECT_DEBUGFS=y
# One CPU
hooked="kernel/panic.o kernel/cpu.o arch/x86/kernel/reboot.o kernel/sched/core.o kernel/time/timer.o \
	arch/x86/kernel/cpu/common.o mm/sparse.o mm/memblock.o"
check x86_64-up x86_64 "" CONFIG_64BIT=y '# CONFIG_SMP is not set' CONFIG_MEMINSPECT_DEBUGFS=y
done_testing
