#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A living kernel on two NUMA nodes: meminspect runs in the guest, and makes a core of /proc/kcore.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

log=build/log/$kernel_version$variant/machine-kcore
root=$log/root
load_board x86_64
rm -rf "$log"
mkdir -p "$root/proc" "$root/dev"
gcc -static -O2 -Wall -Werror -o "$root/init" tests/machine/kcore-init.c && cp $meminspect "$root/meminspect" &&
	strip -g "$(kernel_vmlinux x86_64)" -o "$root/vmlinux" &&
	ldd $meminspect | grep -o '/[^ ]*' | xargs cp -L --parents -t "$root" &&
	(cd "$root" && find . | cpio --quiet -o -H newc | gzip -1) >"$log/initramfs"
ok $? "a guest with meminspect in it"
rm -rf "$root"
timeout 240 "$qemu" $qemu_arguments -m 1G -smp 2 \
	-object memory-backend-ram,id=low,size=640M -object memory-backend-ram,id=high,size=384M \
	-numa node,nodeid=0,cpus=0,memdev=low -numa node,nodeid=1,cpus=1,memdev=high -display none -no-reboot -serial stdio \
	-kernel "$(kernel_build x86_64)/$kernel_image" -initrd "$log/initramfs" \
	-append "$cmdline meminspect=current,stack,task panic=5" </dev/null 2>"$log/qemu.log" |
	tr '\r' '\n' | sed 's/\x1b\[K/\n/g' >"$log/serial"
rm -f "$log/initramfs"
is "$(sed -n 's/^kcore: \([a-z]*: -*[0-9]*\)$/\1/p' "$log/serial" | tr '\n' ' ')" "extract: 0 check: 0 regions: 0 log: 0 " \
	"a core of /proc/kcore, of which all is there" || tail -n 5 "$log/serial" "$log/qemu.log" | comment
expected="sys, log, ps, runq, irq, mod, timer, files, mount, vm, sig, net, dev, kmem -i, kmem -s"
# crash 9 cannot read the modules of Linux 7
[ "${kernel_version%%.*}" -lt 7 ] || expected=${expected/ mod,/}
is "$(sed -n 's/^  crash answers: //p' "$log/serial")" "$expected" "nobody saved registers: crash is expected to answer all but bt"
# Where the kernel put each, it said when it set the node up
sed -n 's/^.*NODE_DATA(\([0-9]\)) allocated \[mem \(0x[0-9a-f]*\)-.*/\2 \1/p' "$log/serial" | head -n 2 | sed 's/^0x0*//' >"$log/nodes"
is "$(awk '$1 ~ /^ffff/ {sub(/^0+/, "", $2)} $1 ~ /^ffff/ && match($0, /pglist_data\[node [0-9]+\]$/) {node = substr($0, RSTART + 17); print $2, node + 0}' "$log/serial")" \
	"$(cat "$log/nodes")" "the struct of each node is where the kernel said" || comment <"$log/nodes"
is "$(wc -l <"$log/nodes")" 2 "of which there are two"
# What the kernel printed before is in the log that was read of its memory
sed '/^kcore: begin$/,$d' "$log/serial" | timed_lines >"$log/before"
sed -n '/^kcore: begin log/,/^kcore: log/p' "$log/serial" | timed_lines >"$log/after"
is "$(comm -23 "$log/before" "$log/after" | wc -l)" 0 "log: every line that the kernel had printed ($(wc -l <"$log/before"))"
[ "$(wc -l <"$log/before")" -gt 50 ]
ok $? "of which there are some"
done_testing
