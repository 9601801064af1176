#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# With the option off, the files that our patches touch are what they were
# before: the same symbols of the same sizes, and no section of ours. Whole
# kernels build, and nothing of it is in them.
cd "$(dirname "$0")/../.." || exit 1
. tests/kernel/lib.sh
mkdir -p "build/log/$kernel_version"
make_pristine || { echo "Bail out! cannot unpack the kernel source"; exit 1; }

output=$cache/linux-$kernel_version/objects-off
log=build/log/$kernel_version/option-off.log
config=(CONFIG_64BIT=y CONFIG_SMP=y CONFIG_PRINTK=y CONFIG_SYSFS=y CONFIG_KEXEC=y CONFIG_CRASH_DUMP=y
	CONFIG_RELOCATABLE=y CONFIG_RANDOMIZE_BASE=y CONFIG_RANDOMIZE_MEMORY=y CONFIG_MODULES=y
	CONFIG_KALLSYMS=y CONFIG_PROC_FS=y CONFIG_IKCONFIG=y CONFIG_IKCONFIG_PROC=y CONFIG_BLOCK=y CONFIG_SWAP=y
	CONFIG_NUMA=y CONFIG_MEMORY_HOTPLUG=y CONFIG_X86_MCE=y
	CONFIG_MEMORY_FAILURE=y CONFIG_HYPERVISOR_GUEST=y CONFIG_PARAVIRT=y)
sources=$(sed -n 's/^+++ b\/\(.*\.c\)$/\1/p' linux/patches/"$kernel_version"/*.patch |
	grep -v -e '^arch/arm64/' -e '/arch_numa.c$' | sort -u)	# not of x86_64
# A kernel without the option shows what another one stored, and keeps it
sources=$(grep -v -e '^fs/pstore/' -e '/efi-pstore.c$' <<<"$sources")
# Devices of the tree and of shared memory are there with or without a driver, and the table of
# minidump has moved to a header
sources=$(grep -v -e '^drivers/of/' -e '^drivers/remoteproc/' -e '^drivers/soc/qcom/' <<<"$sources")
# What another source includes is compiled with that
included=kernel/sched/loadavg.c
sources=$(grep -vx "$included" <<<"$sources")

objects_for x86_64 "" "$output" "${config[@]}" -- ${sources//.c/.o} >"$log" 2>&1
ok $? "the touched files compile with the option off" || tail -n 5 "$log" | comment
grep -q '^# CONFIG_MEMINSPECT is not set' "$output/.config"
ok $? "the option is off"

# Size, type and name; numbers in names come from line numbers
symbols() { awk '{$1 = ""; gsub(/[0-9]+/, "N", $NF); print}' | sort; }

# How to unload what is built in is dropped when the kernel is linked
kept() {
	nm -S -f sysv "$1" | awk -F '|' 'NF == 7 && $7 !~ /^\.exit\.text/ {gsub(/ /, ""); print $2, $5, $3, $1}'
}

# The unpatched file takes the place of the patched one for one compilation: the
# command is the one that kbuild used.
cp "$pristine/$included" "$kernel_source/$(dirname "$included")/.unpatched-$(basename "$included")"
for source in $sources; do
	object=$output/${source%.c}.o
	command=$output/$(dirname "$source")/.$(basename "${source%.c}").o.cmd
	unpatched=$kernel_source/$(dirname "$source")/.unpatched-$(basename "$source")
	sed 's/#include "loadavg.c"/#include ".unpatched-loadavg.c"/' "$pristine/$source" >"$unpatched"
	line=$(sed -n 's/^savedcmd_[^ ]* := //p' "$command" | sed 's/ ; .*//; s/\$(pound)/#/g')
	line=${line//"$kernel_source/$source"/$unpatched}
	line=${line//" -o ${source%.c}.o "/ -o build-unpatched.o }
	(cd "$output" && rm -f build-unpatched.o && eval "$line") >>"$log" 2>&1
	rm -f "$unpatched"
	kept "$object" | symbols >"$output/.symbols-patched"
	kept "$output/build-unpatched.o" 2>>"$log" | symbols >"$output/.symbols-unpatched"
	[ -s "$output/.symbols-unpatched" ] && cmp -s "$output/.symbols-patched" "$output/.symbols-unpatched" &&
		! readelf -SW "$object" | grep -q inspect
	ok $? "$source" || diff "$output/.symbols-patched" "$output/.symbols-unpatched" | head -n 5 | comment
done
rm -f "$kernel_source/$(dirname "$included")/.unpatched-$(basename "$included")"

for board in x86_64 arm64; do
	kernel=$cache/linux-$kernel_version/build-$board-off
	VARIANT=off lab/kernel "$board" >"$log" 2>&1
	ok $? "$board: a whole kernel with the option off" || tail -n 5 "$log" | comment
	grep -q '^# CONFIG_MEMINSPECT is not set' "$kernel/.config"
	ok $? "$board: the option is off"
	# ramoops keeps, and shows, what another kernel stored
	left=$(nm "$kernel/vmlinux" | awk '{print $NF}' | grep meminspect |
		grep -vx -e 'ramoops_meminspect_size' -e '__param_\(str_\)*meminspect_size')
	[ -s "$kernel/vmlinux" ] && [ -z "$left" ]
	ok $? "$board: no symbol of ours is in it" || head -n 5 <<<"$left" | comment
	[ -s "$kernel/vmlinux" ] && ! readelf -SW "$kernel/vmlinux" | grep inspect
	ok $? "$board: nor a section"
done
done_testing
