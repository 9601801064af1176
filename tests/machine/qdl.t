#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's own qdl fetches a dead kernel's files from the model of boot firmware: it says what a host
# in use understands of the model, and what files our collector gets to see. A library in the place of
# libusb connects the two. No machine runs: RAM is made here, with a table and all that it lists.
cd "$(dirname "$0")/../.." || exit 1
. lab/lib.sh
. tests/tap.sh
. tests/minidump.sh
tool=build/meminspect
firmware=build/lab/firmware
dirty=

# image KIND: RAM that has the files of that kind, as a kernel has them: each is a row of its table.
# What firmware makes of it is in $work/dump.
image() {
	fresh "$1"
	rm -rf "$work/dump"
	PYTHONPATH=tests /usr/bin/python3 -B - "$plan" "$work/$1/md_SHRDIMEM.BIN" "$work/ram" <<-'END'
		import json, re, sys
		import firmware_image
		plan = json.load(open(sys.argv[1]))
		memory = bytes.fromhex(plan['memory'])
		firmware_image.SIZE = plan['base'] + len(memory) - firmware_image.RAM
		rows = []
		for place, (address, length, file) in enumerate(plan['table'], 1):
		    name = re.match(r'md_(.*)\.BIN', file).group(1)
		    number = str(place) if name.endswith(str(place)) else re.search('[0-9]+$', name).group()
		    rows.append(firmware_image.row(name.removesuffix(number), int(number), address, length))
		imem = open(sys.argv[2], 'rb').read()
		firmware_image.minidump(sys.argv[3], rows, [(plan['base'], memory), (firmware_image.IMEM, imem)])
	END
	"$firmware" dump --ram "$work/ram" "$work/dump" >"$work/dump.out" 2>&1
	is "$?" 0 "$1: firmware writes files" || comment <"$work/dump.out"
}

# fetch FOLDER ARGUMENT...: what qdl says is in $work/qdl.out, its exit status in $status; how the
# model ended is in $ended
fetch() {
	local folder=$1 device
	shift
	rm -rf "$work/socket" "$folder"
	"$firmware" sahara --ram "$work/ram" --socket "$work/socket" --timeout 60 $options \
		>"$work/firmware.out" 2>&1 &
	device=$!
	for _ in {1..200}; do
		[ -S "$work/socket" ] && break
		sleep 0.05
	done
	QDL_USB_SOCKET=$work/socket LD_PRELOAD=$PWD/build/tests/qdl-usb.so \
		timeout 120 "$tools_bin/qdl" ramdump -o "$folder" "$@" >"$work/qdl.out" 2>&1
	status=$?
	wait $device
	ended=$?
}
files() { (cd "$1" && ls); }
qdl_says() {
	grep -qF -- "$1" "$work/qdl.out"
	ok $? "$2" || comment <"$work/qdl.out"
}

differing() {	# FOLDER OF-FILES
	(cd "$1" && for file in $2; do cmp -s "$file" "$work/qdl/$file" || echo "$file"; done; echo .)
}
fetched() {
	is "$status" 0 "qdl fetches them: exit status" || comment <"$work/qdl.out"
	is "$ended" 0 "... the model was asked for nothing that it has not, and was reset" ||
		comment <"$work/firmware.out"
	is "$(files "$work/qdl" | grep -vx minidump.elf)" "$(files "$work/dump")" \
		"qdl's folder has the names that dump has"
	is "$(differing "$work/dump" '*')" . "... and their bytes"
}

# qdl also puts an ELF together: the header, KELF, a file that is at no segment's address, which it takes
# for the end of the notes, and the files at the segments' addresses. Ours has all notes in its header.
for kind in whole split; do
	image "$kind"
	fetch "$work/qdl"
	fetched
	is "$(cut -d' ' -f3- "$work/firmware.out")" "bytes to the host, and reset" "... the model says so"
	qdl_says "Collecting crash dump from device (PID 0x900e" "qdl takes it for a phone that crashed"
	is "$(differing "$work/$kind" "$(jq -r '.table[][2]' "$plan")")" . "... its files are what was planted"
	jq -r '.table[][2]' "$plan" | (cd "$work/qdl" && xargs cat) | cmp - "$work/qdl/minidump.elf"
	ok $? "qdl's own ELF is what cat makes of the files" || comment <"$work/qdl.out"
	is "$(model check "$work/qdl/minidump.elf" "$plan" 2>&1)" right "... and has all at its address"

	[ "$kind" = whole ] || dirty=1	# there is no directory, and that is said
	collect --minidump "$work/qdl"
	lacks "our collector, with qdl's folder"
	is "$(grep -c 'minidump\.elf' <<<"$output")" 0 "... does not care about that file"
	"$tool" regions --json "$core" | jq -c .regions >"$work/with"
	rm "$work/qdl/minidump.elf"
	collect --minidump "$work/qdl"
	is "$("$tool" regions --json "$core" | jq -c .regions)" "$(cat "$work/with")" "... and finds the same without it"
done
dirty=

# Longer than a read of qdl's, and as long as one, whose end an empty packet of USB tells
rm -rf "$work/dump"
PYTHONPATH=tests /usr/bin/python3 -B - "$work/ram" <<'END'
import sys
from firmware_image import *
data = bytes(i * 7 & 255 for i in range(1300000))
minidump(sys.argv[1], [row('Kbig', 2, 0x42000000, 1300000), row('Kread', 3, 0x42000004, 524288),
                       row('Kpacket', 4, 0x42000100, 512), row('Klast', 5, 0x42000008, 4)],
         [(0x42000000, data)])
END
"$firmware" dump --ram "$work/ram" "$work/dump" >"$work/dump.out" 2>&1
is "$?" 0 "longer regions: firmware writes files" || comment <"$work/dump.out"
fetch "$work/qdl"
fetched
is "$(grep -c ZLP "$work/qdl.out")" 0 "... the empty packet came where it has to"
[ ! -e "$work/qdl/minidump.elf" ]
ok $? "... and makes no ELF, as there is no header"

image whole
fetch "$work/qdl" 'md_K*1?,md_KELF1.BIN,md_Kmeminsp*'
is "$status $ended" "0 0" "qdl with a filter: exit status, and the model's" || comment <"$work/qdl.out"
is "$(files "$work/qdl" | grep -vx minidump.elf)" \
	"$(files "$work/dump" | grep -E '^md_K(.*1.|ELF1|meminsp.*)\.BIN$')" "... its folder has what was asked for"
collect --minidump "$work/qdl"
lacks "our collector says what the filter left out" linux_banner vmcoreinfo jiffies_64 nr_irqs stack
model check "$work/qdl/minidump.elf" "$plan" 2>&1 | grep -q 'are not those that were planted'
ok $? "qdl's own ELF is wrong then: behind a file that it lacks nothing is at its address"

options="--hang-up-after 40000"
fetch "$work/qdl"
is "$status $ended" "1 4" "a cable that is pulled: qdl's exit status, and the model's" || comment <"$work/qdl.out"
collect --minidump "$work/qdl"
is "$status" 1 "... our collector's"
is "$(model check "$core" "$plan" 2>&1 | grep -v 'bytes are missing$'; echo .)" . "... no byte is wrong"
says "prb_descs: absent" "... what did not come is said"

# qdl takes a refusal for memory. It stops there and resets the device, if it was not as long as what
# was asked for; and calls it success.
refusal=04000000100000000000000019000000
refused() {	# FILE REGION...
	options="--unreadable $1"
	fetch "$work/qdl"
	is "$status $ended" "0 0" "firmware refuses $1: qdl is content, the device reset" || comment <"$work/qdl.out"
	is "$(od -An -v -tx1 "$work/qdl/$1" | tr -d ' \n')" $refusal "... the file has the refusal"
	collect --minidump "$work/qdl"
	lacks "... our collector" "${@:2}"
	says "$1: ends in the device's refusal" "... which says why"
}
refused md_Krunqu014.BIN "runqueue[cpu "{0..3}"]" "driver state" left right stack
refused md_Kjiffies8.BIN jiffies_64
done_testing
