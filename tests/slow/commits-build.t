#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Each commit of the series compiles by itself: the folders that it touches and
# our own with the option on, and those that it touches with the option off. With
# the option on, an x86_64 kernel links after each, and after the few commits that
# the cover letter says could go first.
cd "$(dirname "$0")/../.." || exit 1
. tests/kernel/lib.sh
make_pristine || { echo "Bail out! cannot unpack the kernel source"; exit 1; }

work=$cache/linux-$kernel_version/commits
log=build/log/$kernel_version/commits-build.log
rm -rf "$work"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/mail" "$work/tree" "build/log/$kernel_version"
tar -C "$work/tree" --strip-components=1 -xf "$(kernel_tarball "$kernel_version")"
linux/format-series "$pristine" >"$work/series"
linux/format-series --drivers "$pristine" >>"$work/series"
git mailsplit -o"$work/mail" "$work/series" >/dev/null
kernel_source=$work/tree

common=(CONFIG_64BIT=y CONFIG_SMP=y CONFIG_PRINTK=y CONFIG_MODULES=y CONFIG_MODULE_UNLOAD=y CONFIG_DEBUG_FS=y
	CONFIG_NUMA=y CONFIG_KALLSYMS=y CONFIG_SWAP=y CONFIG_KEXEC=y CONFIG_CRASH_DUMP=y CONFIG_IKCONFIG=y
	CONFIG_MEMORY_FAILURE=y CONFIG_PROC_FS=y CONFIG_MISC_FILESYSTEMS=y CONFIG_PSTORE=y
	CONFIG_MEMORY_HOTPLUG=y CONFIG_SHMEM=y CONFIG_KUNIT=y)
x86_64=("${common[@]}" CONFIG_X86_MCE=y CONFIG_PCI=y CONFIG_ACPI=y CONFIG_X86_64_ACPI_NUMA=y CONFIG_RELOCATABLE=y CONFIG_RANDOMIZE_BASE=y
	CONFIG_RANDOMIZE_MEMORY=y CONFIG_HYPERVISOR_GUEST=y CONFIG_PARAVIRT=y)
arm64=("${common[@]}" CONFIG_SUSPEND=y CONFIG_ARM_SDE_INTERFACE=y CONFIG_ARCH_QCOM=y CONFIG_HWSPINLOCK=y CONFIG_MAILBOX=y
	CONFIG_REMOTEPROC=y CONFIG_QCOM_SMEM=y CONFIG_QCOM_Q6V5_PAS=y)
! grep -qx 'menuconfig QCOM_SOC' "$kernel_source/drivers/soc/qcom/Kconfig" || arm64+=(CONFIG_QCOM_SOC=y)

off=('# CONFIG_MEMINSPECT is not set')
# All that the tree offers by now
offered() {
	local option
	echo CONFIG_MEMINSPECT=y
	for option in CURRENT DEBUG DEBUGFS KUNIT_TEST PSTORE; do
		! grep -qx "config MEMINSPECT_$option" "$work"/tree/{kernel/meminspect,fs/pstore}/Kconfig ||
			echo "CONFIG_MEMINSPECT_$option=y"
	done
}

# What only an arm64 kernel has
of_arm64='arch/arm64/|drivers/(base|of|remoteproc|soc/qcom)/'

# What a patch touches: the objects, whether the configuration has them or not, and their folders.
# Those that a header asks for are in our folder.
touched() {	# MAIL on|off
	local file
	sed -n 's/^+++ b\///p' "$1" | grep '\.c$' | grep -v -e '^kernel/meminspect/' -e '^samples/' |
		while read -r file; do
			case $file in
			# Included by other files
			init/version-timestamp.c) ;;
			kernel/sched/loadavg.c) echo kernel/sched/build_utility.o ;;
			*) echo "${file%.c}.o" ;;
			esac
			echo "${file%/*}/"
		done | sort -u
	if [ "$2" = on ]; then echo kernel/meminspect/; fi
}

compile() {	# ARCH CROSS_COMPILE on|off MAIL
	local -n config=$1 options=$3
	local targets
	if [ "$1" = arm64 ]; then
		targets=$(touched "$4" "$3" | grep -E "^($of_arm64|kernel/meminspect)")
	else
		targets=$(touched "$4" "$3" | grep -vE "^($of_arm64)")
	fi
	! grep -q '^+++ b/.*Kconfig' "$4" || rm -f "$work/$1-$3/.config"
	[ -n "$targets" ] || return 0
	objects_for "$1" "$2" "$work/$1-$3" "${config[@]}" "${options[@]}" -- $targets 2>&1
}

links() {	# NAME
	objects_for x86_64 "" "$work/x86_64-on" "${x86_64[@]}" "${on[@]}" -- vmlinux >"$log" 2>&1
	ok $? "$1" || grep -E 'rror|undefined|not taken' "$log" | head -n 5 | comment
}

few=$(minimum | xargs printf "$work/mail/%04d ")
cat $few | patch -d "$work/tree" -p1 -s -f --no-backup-if-mismatch >"$log" 2>&1
ok $? "patches $(minimum | xargs) apply by themselves" || comment <"$log"
mapfile -t on < <(offered)
links "  and a kernel links"
cat $few | patch -d "$work/tree" -p1 -s -f --no-backup-if-mismatch -R >"$log" 2>&1

for mail in "$work"/mail/*; do
	patch -d "$work/tree" -p1 -s -f --no-backup-if-mismatch <"$mail" >"$log" 2>&1
	ok $? "$(sed -n 's/^Subject: //p' "$mail")" || comment <"$log"
	mapfile -t on < <(offered)
	for arch in x86_64: arm64:aarch64-linux-gnu-; do
		# Few of the patches are about arm64: the rest is compiled once
		[ "${arch%%:*}" = x86_64 ] || grep -qE "^\+\+\+ b/($of_arm64)" "$mail" || continue
		for state in on off; do
			compile "${arch%%:*}" "${arch#*:}" $state "$mail" >"$log" &&
				! grep -E 'warning:|error:' "$log"
			ok $? "  ${arch%%:*}, option $state" || grep -E 'rror|not taken' "$log" | head -n 5 | comment
		done
	done
	links "  x86_64, a kernel links"
done
done_testing
