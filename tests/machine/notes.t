#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Registers at a panic where things are not as usual: a CPU that nobody could
# save, kdump's own way of stopping CPUs, a crash kernel that is started.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

collect() {
	$meminspect collect --qmp "$machine_dir/qmp.sock" -o "$core" >"$log/collect.out" 2>&1
	ok $? "everything is collected" || comment <"$log/collect.out"
	$meminspect regions --json "$core" >"$log/regions.json"
	$meminspect report "$core" >"$log/report.out"
}
sources() { jq -c '[.registers[].source]' "$log/regions.json"; }

# The note of a CPU, byte for byte: where the program headers say that it is in the core
note_words() {	# CPU
	local paddr offset
	paddr=$(jq -r ".regions[] | select(.name == \"crash_note\" and .key == $1) | .pieces[0].paddr" \
		"$log/regions.json")
	offset=$(readelf -lW "$core" | awk -v paddr="$paddr" '$1 == "LOAD" && $4 == paddr {print $2; exit}')
	od -An -v -tu4 -w4 -j $((offset)) -N 368 "$core" | tr -d ' '
}

die_by arm64-deaf-cpu-without-nmi arm64 deaf-cpu --append irqchip.gicv3_pseudo_nmi=0
collect
is "$(sources)" '["kernel","qemu","kernel","kernel"]' "a CPU that no NMI reaches has QEMU's registers"
finish_ram=$log/ram.core
$meminspect collect --ram "$machine_dir/ram" -o "$finish_ram" >>"$log/collect.out" 2>&1
$meminspect report "$finish_ram" | grep -qE '^ +1 .*registers not saved'
ok $? "and where there is no QEMU, it is named as not saved"
finish

die_by x86_64-post-notifiers x86_64 panic --append crash_kexec_post_notifiers
collect
is "$(sources)" '["kernel","kernel","kernel","kernel"]' "CPUs that kdump's own handler stopped are saved"
finish

initramfs=build/lab/initramfs-x86_64-crash-$kernel_version.cpio
lab/initramfs x86_64 "$initramfs" crash-kernel
die_by x86_64-crash-kernel x86_64 panic --memory 512M --append crashkernel=192M \
	--initramfs "$initramfs"
is "$(said crash-kernel)" loaded "a crash kernel was loaded"
[ "$(grep -c '^\[.*\] Linux version' "$log/console")" -eq 2 ]
ok $? "and started at the panic"
collect
is "$(sources)" '["kernel","kernel","kernel","kernel"]' "all CPUs are saved"
is "$(jq -r .capture.text "$log/regions.json")" "sysrq triggered crash" "the panic of the first kernel was captured"
# The text of the note, if the crash was the first kernel's
note_text() {
	local paddr offset
	paddr=$(jq -r '.regions[] | select(.name == "vmcoreinfo_note") | .pieces[0].paddr' "$log/regions.json")
	offset=$(readelf -lW "$core" | awk -v paddr="$paddr" '$1 == "LOAD" && $4 == paddr {print $2; exit}')
	dd if="$core" bs=1 skip=$((offset)) count=4132 status=none | strings -n 5
}
note_text >"$log/note"
crash_time=$(sed -n 's/^CRASHTIME=//p' "$log/note")
seconds=$((crash_time - $(jq -r '.capture.realtime / 1000000000 | floor' "$log/regions.json")))
[ -n "$crash_time" ] && [ $seconds -ge 0 ] && [ $seconds -le 5 ] && grep -qx "OSRELEASE=$(said release)" "$log/note"
ok $? "VMCOREINFO with the time of the crash is there: $crash_time"
for cpu in 0 1 2 3; do
	# n_namesz, n_descsz, n_type of the note; and the zero length that ends the list
	is "$(note_words $cpu | sed -n '1p;2p;3p;90p' | tr '\n' ' ')" "5 336 1 0 " "CPU $cpu has one note"
done
finish

if [ "$kernel_version" = 6.12 ]; then
	skip "a panic that is handed to another CPU" "6.12 has no panic_force_cpu="
else
	# CPU 0 panics, CPU 1 is deaf, CPU 2 does the rest
	die_by x86_64-forced-cpu x86_64 deaf-cpu --append panic_force_cpu=2
	collect
	grep -q 'Redirecting from CPU 0 to CPU 2' "$log/console"
	ok $? "the panic was handed to another CPU"
	is "$(jq -c '[.capture.cpu, .capture.text]' "$log/regions.json")" '[0,"sysrq triggered crash"]' \
		"captured is the CPU that saw the cause"
	is "$(sources)" '["kernel","kernel","kernel","kernel"]' "all CPUs are saved"
	finish
fi

die_by x86_64-lockdown x86_64 panic --append lockdown=confidentiality
is "$(said lockdown)" "none integrity [confidentiality]" "the kernel is locked down for confidentiality"
is "$(said regions-as-root) $(said core-as-root)" "Operation not permitted Operation not permitted" \
	"debugfs shows nothing then, not even to root"
done_testing
