#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What boot firmware leaves in memory for the kernel, byte by byte, and the tree that tells of it.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
. tests/firmware.sh

run 0 'firmware prepares its areas' prepare "$work/boot"
is "$(sed "s|$work|W|" "$work/out" | sort)" "-device loader,file=W/boot/imem,addr=0x60220000,force-raw=on
-device loader,file=W/boot/kinfo,addr=0x60221000,force-raw=on
-device loader,file=W/boot/smem,addr=0x60000000,force-raw=on
-device loader,file=W/boot/tcsr-mutex,addr=0x60200000,force-raw=on" 'it says how QEMU loads them'
smem=$work/boot/smem
is "$(stat -c %s "$smem")" 2097152 'shared memory has 2 MiB'

# The header
is "$(bytes "$smem" 92 4)" 00000c00 'the boot loader has version 12'
is "$(bytes "$smem" 192 4)" 01000000 'shared memory is initialized'
is "$(bytes "$smem" 204 4)" 00000000 'the reserved word is 0'

# The table of partitions: one, of all hosts, and how many items there can be
is "$(bytes "$smem" 2093056 12)" 24544f430100000001000000 '$TOC, version 1, one partition'
is "$(bytes "$smem" 2093088 20)" 000001000000080000000000fefffeff20000000 'it is at 0x10000, for all hosts'
is "$(bytes "$smem" 2093136 18)" 534949490000200000000060000000000004 'SIII: 2 MiB at 0x60000000, 1024 items'

# The partition: a header, the SoC's description, and the table of contents of minidump
is "$(bytes "$smem" 65536 20)" 24505254fefffeff00000800c001000000000800 '$PRT with the same hosts and size'
is "$(bytes "$smem" 65568 16)" a5a58900300000000400000000000000 'item 137: 48 bytes, 4 of them padding'
is "$(bytes "$smem" 65584 12)" 010000001602000000000100 'it is a SoC that the kernel knows'
is "$(bytes "$smem" 65632 16)" a5a55a02500100000000000000000000 'item 602: 336 bytes'
is "$(bytes "$smem" 65648 16)" 01000000010000000100000000000000 'minidump: status, revision, enabled'
is "$(bytes "$smem" 65664 320 | tr -d 0 | wc -c)" 0 'no subsystem has entered itself'

# The kernel gets through this by its own rules: smem.c of Linux, in other words
python <<'END' >"$work/walk"
import struct
memory = open('boot/smem', 'rb').read()
table = memory[-4096:]
count, = struct.unpack_from('<I', table, 8)
for i in range(count):
    offset, size, flags, host0, host1, line = struct.unpack_from('<IIIHHI', table, 32 + 48 * i)
    if (host0, host1) == (0xfffe, 0xfffe):
        part = memory[offset:offset + size]
end, cached = struct.unpack_from('<II', part, 12)
at = 32
while at < end:
    canary, number, size, pad, gap = struct.unpack_from('<HHIHH', part, at)
    assert canary == 0xa5a5
    print('item', number, size - pad)
    at += 16 + gap + size
print('ends', at == end, 'none cached', cached == len(part), 'line', line & (line - 1) == 0 < line)
END
is "$(cat "$work/walk")" "item 137 44
item 602 336
ends True none cached True line True" 'the items are found one after the other'

# The model finds in it what a kernel enters, which is subsystem 0 of the table of contents
python <<'END'
from firmware_image import *
image = Image('ram')
image.put(SMEM, open('boot/smem', 'rb').read())
image.put(SMEM + 65664, struct.pack('<IIIII4xQ', 1, tag('ENBL'), tag('DONE'), tag('NR'), 1, TABLE))
image.put(TABLE, row('KELF', 1, RAM, 4))
END
run 0 'firmware reads what it prepared' dump --ram "$work/ram" "$work/dump"
[ -f "$work/dump/md_KELF1.BIN" ]
ok $? 'and what the kernel entered'

# The rest
is "$(stat -c %s "$work/boot/tcsr-mutex")" 131072 'there are 32 pages of lock registers'
is "$(tr -d '\0' <"$work/boot/tcsr-mutex" | wc -c)" 0 'no lock is held'
is "$(bytes "$work/boot/imem" 16 8)$(bytes "$work/boot/imem" 1744 12)" \
	0000000000000000000000000000000000000000 'IMEM has no dump table and no offset of KASLR'
is "$(stat -c %s "$work/boot/imem" "$work/boot/kinfo" | uniq)" 4096 'IMEM and debug kinfo have a page'
is "$(tr -d '\333' <"$work/boot/kinfo" | wc -c)" 0 'debug kinfo has garbage in it'

run 1 'what is there is not overwritten' prepare "$work/boot"
says 'boot/tcsr-mutex: exists' 'and it says so'
run 0 'newer firmware has more subsystems' prepare --subsystems 16 "$work/more"
is "$(bytes "$work/more/smem" 65636 4)" 10020000 'item 602 has 528 bytes then'
run 2 'a table of contents without subsystems is none' prepare --subsystems 0 "$work/none"

# The tree, on one as QEMU has it
cat >"$work/virt.dts" <<'END'
/dts-v1/;
/ {
	#address-cells = <2>;
	#size-cells = <2>;
	interrupt-controller { phandle = <0x8001>; };
	chosen { kaslr-seed = <1 2>; rng-seed = <1 2 3>; };
};
END
dtc -O dtb -o "$work/virt.dtb" "$work/virt.dts"
lab/firmware/tree "$work/virt.dtb" "$work/tree.dtb" 2>"$work/err"
ok $? 'a tree is made' || comment <"$work/err"
is "$(wc -c <"$work/err")" 0 'without a warning' || comment <"$work/err"
lab/firmware/tree "$work/virt.dtb" "$work/tree2.dtb"
get() { fdtget -t x "$work/tree.dtb" "$@"; }
is "$(get /reserved-memory/smem@60000000 reg)" '0 60000000 0 200000' 'shared memory is where its file goes'
is "$(fdtget "$work/tree.dtb" /reserved-memory/smem@60000000 compatible)" qcom,smem 'its driver finds it'
is "$(get /reserved-memory/smem@60000000 hwlocks)" "$(get /hwlock@60200000 phandle) 3" 'it has lock 3'
is "$(fdtget "$work/tree.dtb" /hwlock@60200000 compatible) $(get /hwlock@60200000 reg)" \
	'qcom,tcsr-mutex 0 60200000 0 20000' 'the locks are where their file goes'
is "$(get /sram@60220000 ranges) $(get /sram@60220000/mem-dump-table@10 reg)" \
	'0 0 60220000 1000 10 8' 'the place for the dump table is in IMEM'
is "$(fdtget "$work/tree.dtb" /sram@60220000/kaslr-offset@6d0 compatible) $(get /sram@60220000/kaslr-offset@6d0 reg)" \
	'qcom,msm-imem-kaslr_offset 6d0 c' 'and that for the offset of KASLR'
is "$(fdtget "$work/tree.dtb" /reserved-memory/debug-kinfo@60221000 compatible)" \
	'google,pixel-debug-kinfo google,debug-kinfo' 'debug kinfo has the new name and the old one'
mapped=
for node in $(fdtget -l "$work/tree.dtb" /reserved-memory); do
	fdtget -p "$work/tree.dtb" "/reserved-memory/$node" | grep -qx no-map || mapped+=" $node"
done
is "${mapped:-none}" none 'no area is mapped as RAM'
is "$(fdtget -l "$work/tree.dtb" /reserved-memory | wc -l)" 5 'five areas are reserved'
seeds() { fdtget -t x "$1" /chosen kaslr-seed; fdtget -t x "$1" /chosen rng-seed; }
[ "$(seeds "$work/tree.dtb")" != "$(seeds "$work/tree2.dtb")" ] &&
	[ "$(get /chosen kaslr-seed)" != '1 2' ]
ok $? 'each tree has seeds of its own'
is "$(seeds "$work/tree.dtb" | wc -w)" 10 'of 8 and 32 bytes'

done_testing
