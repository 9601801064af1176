#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Our own files, and those with hooks that depend on the configuration, compile
# without a warning where no board of the lab is: 32 bit, big endian, one CPU,
# one node, flat memory, no modules. Where they do not work, Kconfig refuses them.
cd "$(dirname "$0")/../.." || exit 1
. tests/kernel/lib.sh

# What the Makefile of our folder asks for in this configuration
objects_wanted() {	# CONFIG
	local when files
	sed -n 's/^obj-\(.*\) += \(.*\)/\1 \2/p' linux/files/kernel/meminspect/Makefile |
		while read -r when files; do
			[ "$when" = y ] || grep -qx "$(tr -d '$()' <<<"$when")=y" "$1" || continue
			printf '%s\n' $files
		done | sort
}

# What patches touch that every architecture compiles, as far as it is asked for
common_hooks() {	# ARCH CONFIG-LINE...
	local file need folders='init|kernel|lib|mm'
	[ "$1" != i386 ] || folders+='|arch/x86'
	sed -n 's/^+++ b\/\(.*\)\.c$/\1/p' linux/patches/"$kernel_version"/*.patch | grep -E "^($folders)/" | sort -u |
		while read -r file; do
			case $file in
			# Included by another file; of 64 bit
			kernel/sched/loadavg | arch/x86/kernel/head64 | arch/x86/kernel/irq_64) continue ;;
			kernel/smp | arch/x86/kernel/smp | arch/x86/kernel/setup_percpu) need=SMP ;;
			kernel/configs) need=IKCONFIG ;;
			kernel/crash_core) need=CRASH_DUMP ;;
			kernel/kexec_core) need=KEXEC ;;
			kernel/module/main) need=MODULES ;;
			mm/memory-failure) need=MEMORY_FAILURE ;;
			mm/numa | mm/arch_numa) need=NUMA ;;
			mm/sparse) need=SPARSEMEM ;;
			mm/swapfile) need=SWAP ;;
			arch/x86/kernel/paravirt) need=PARAVIRT ;;
			*) need= ;;
			esac
			[ -z "$need" ] || [[ " $* " =~ " CONFIG_$need="[ym]" " ]] || continue
			echo "$file.o"
		done
}

check() {	# NAME ARCH CROSS_COMPILE CONFIG-LINE...
	local name=$1 arch=$2 cross=$3 output=$cache/linux-$kernel_version/objects-$1 log
	log=build/log/$kernel_version/objects-$name.log
	shift 3
	rm -f "$output"/kernel/meminspect/*.o
	objects_for "$arch" "$cross" "$output" CONFIG_PRINTK=y CONFIG_MEMINSPECT=y CONFIG_SHMEM=y \
		CONFIG_KUNIT=y CONFIG_MEMINSPECT_KUNIT_TEST=y "$@" -- kernel/meminspect/ ${hooked-$(common_hooks "$arch" "$@")} >"$log" 2>&1
	ok $? "$name: compiles" || grep -E 'error|not taken' "$log" | head -n 5 | comment
	is "$(cd "$output/kernel/meminspect" && ls ./*.o | grep -v built-in | sed 's|./||' | sort)" \
		"$(objects_wanted "$output/.config")" "$name: all of it"
	# An architecture says so of system calls that it lacks
	! grep 'warning:' "$log" | grep -vF '#warning'
	ok $? "$name: no warning"
}

refused() {	# NAME ARCH CROSS_COMPILE CONFIG-LINE...
	local output=$cache/linux-$kernel_version/objects-$1 name=$1 arch=$2 cross=$3
	shift 3
	rm -rf "$output"
	mkdir -p "$output"
	printf '%s\n' CONFIG_PRINTK=y CONFIG_MEMINSPECT=y "$@" >"$output/.fragment"
	make -s -C "$kernel_source" O="$output" ARCH="$arch" CROSS_COMPILE="$cross" \
		KCONFIG_ALLCONFIG="$output/.fragment" allnoconfig >"$output/log" 2>&1 &&
		! grep -vxF -f "$output/.config" "$output/.fragment" | grep -v '^CONFIG_MEMINSPECT=y$' &&
		! grep -q '^CONFIG_MEMINSPECT=' "$output/.config"
	ok $? "$name: refused"
	rm -rf "$output"
}

mkdir -p "build/log/$kernel_version"
more=(CONFIG_MODULES=y CONFIG_DEBUG_FS=y CONFIG_KALLSYMS=y CONFIG_IKCONFIG=m CONFIG_BLOCK=y CONFIG_SWAP=y)
# Where nobody booted it, one says so
untried=CONFIG_COMPILE_TEST=y
kdump=(CONFIG_KEXEC=y CONFIG_CRASH_DUMP=y)
# 32 bit and flat memory; one CPU; big endian
check i386 i386 "" "${more[@]}" $untried CONFIG_SMP=y
check i386-highmem i386 "" $untried CONFIG_HIGHMEM4G=y CONFIG_IKCONFIG=y "${kdump[@]}" '# CONFIG_MODULES is not set' '# CONFIG_SMP is not set'
check arm arm arm-linux-gnueabi- "${more[@]}" $untried CONFIG_MMU=y
hooked="" check armeb arm arm-linux-gnueabi- "${more[@]}" $untried CONFIG_MEMINSPECT_KINFO=y \
	CONFIG_MMU=y CONFIG_ARCH_MULTI_V5=y CONFIG_ARCH_IXP4XX=y '# CONFIG_ARCH_MULTI_V7 is not set' CONFIG_CPU_BIG_ENDIAN=y
more+=(CONFIG_MEMINSPECT_DEBUGFS=y CONFIG_MEMINSPECT_CURRENT=y CONFIG_MEMINSPECT_DEBUG=y)
check riscv riscv riscv64-linux-gnu- "${more[@]}" $untried "${kdump[@]}" CONFIG_MEMINSPECT_KINFO=y CONFIG_64BIT=y CONFIG_SMP=y CONFIG_NUMA=y
check s390 s390 s390x-linux-gnu- "${more[@]}" $untried "${kdump[@]}" CONFIG_64BIT=y CONFIG_SMP=y CONFIG_PCI=y
check powerpc powerpc powerpc64-linux-gnu- "${more[@]}" $untried CONFIG_PPC64=y CONFIG_SMP=y
check sparc64 sparc sparc64-linux-gnu- "${more[@]}" $untried CONFIG_64BIT=y CONFIG_SMP=y CONFIG_NUMA=y

# Hooks that depend on the configuration, on what the boards have and more
hooked="arch/arm64/kernel/irq.o arch/arm64/kernel/sdei.o arch/arm64/kernel/traps.o mm/memblock.o mm/swapfile.o kernel/configs.o"
flat=('# CONFIG_NUMA is not set')
grep -q 'select VMAP_STACK$' "$kernel_source/arch/arm64/Kconfig" || flat+=('# CONFIG_VMAP_STACK is not set')
check arm64-flat arm64 aarch64-linux-gnu- "${more[@]}" CONFIG_ARM_SDE_INTERFACE=y \
	"${flat[@]}"
# kexec without kdump, which no board has
hooked="arch/arm64/kernel/smp.o kernel/panic.o"
check arm64-kexec arm64 aarch64-linux-gnu- "${more[@]}" CONFIG_SUSPEND=y CONFIG_KEXEC=y \
	'# CONFIG_CRASH_DUMP is not set'
# One CPU, and no modules: neither has a board
hooked="kernel/panic.o kernel/cpu.o arch/x86/kernel/reboot.o kernel/sched/core.o kernel/time/timer.o \
	arch/x86/kernel/cpu/common.o mm/memblock.o"
check x86_64-up x86_64 "" "${more[@]}" CONFIG_64BIT=y '# CONFIG_SMP is not set'
hooked="mm/sparse.o mm/numa.o kernel/irq/irqdesc.o"
check x86_64-static x86_64 "" CONFIG_64BIT=y CONFIG_SMP=y CONFIG_NUMA=y CONFIG_DEBUG_FS=y \
	CONFIG_MEMINSPECT_DEBUGFS=y '# CONFIG_MODULES is not set'

# The driver as a module is loaded by its alias, and gets at what is exported by its namespace
hooked="drivers/soc/qcom/minidump.o drivers/soc/qcom/qcom_minidump.o"
soc=(CONFIG_ARCH_QCOM=y)
! grep -qx 'menuconfig QCOM_SOC' "$kernel_source/drivers/soc/qcom/Kconfig" || soc+=(CONFIG_QCOM_SOC=y)
check arm64-module arm64 aarch64-linux-gnu- CONFIG_MODULES=y "${soc[@]}" CONFIG_HWSPINLOCK=y \
	CONFIG_MAILBOX=y CONFIG_QCOM_SMEM=y CONFIG_QCOM_MINIDUMP=m
modinfo=$(strings "$cache/linux-$kernel_version/objects-arm64-module/drivers/soc/qcom/qcom_minidump.o")
grep -qx 'import_ns=MEMINSPECT' <<<"$modinfo"
ok $? "arm64-module: imports the namespace"
nm "$cache/linux-$kernel_version/objects-arm64-module/drivers/soc/qcom/minidump.o" | grep -q 'mod.*device_table'
ok $? "arm64-module: has a table of the devices that load it"

refused arm-nommu arm arm-linux-gnueabi- $untried '# CONFIG_MMU is not set'
refused arm-untried arm arm-linux-gnueabi- CONFIG_MMU=y
refused riscv-untried riscv riscv64-linux-gnu- CONFIG_64BIT=y
refused i386-untried i386 "" CONFIG_SMP=y
done_testing
