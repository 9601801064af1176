#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# collect --sahara, from a device that behaves, and from ones that don't.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
. tests/minidump.sh
fresh whole
keep=$work/core.minidump

# Collects from a device with these faults; $options go to the tool.
from_device() {	# [FAULT...]
	rm -rf "$work/socket" "$keep"* "$work/log"
	python3 tests/sahara-device.py "$work/socket" "$plan" "$work/log" "$@" &
	device=$!
	for _ in $(seq 100); do
		[ -S "$work/socket" ] && break
		sleep 0.1
	done
	collect --sahara "$work/socket" $options
	wait "$device"
}

reset_or_not() { is "$(grep -c '^reset' "$work/log")" "$1" "$2"; }

from_device
lacks "a device"
reset_or_not 1 "... is reset"
is "$(head -n 1 "$work/log")" "hello 2 48 (2, 1, 0, 2)" "... the hello is answered with version, and the mode"
says "core.minidump: 23 files; the device restarts" "... how many files there are is said"
is "$(stat -c %a "$keep")" 700 "... only the owner looks into the folder"
is "$(cd "$keep" && for name in md_K*; do cmp -s "$name" "$work/whole/$name" || echo "$name differs"; done; ls | wc -l)" 24 \
	"... which has all files, as the device had them, and a list"
collect --minidump "$keep"
lacks "the folder, another time"
output=$("$tool" collect --sahara "$work/socket" -o "$work/core2" --keep "$keep" 2>&1)
is $? 2 "a folder that exists"
says "exists; give the name of a new folder" "... is not written to"

from_device narrow
lacks "a device of 32 bits"
reset_or_not 1 "... is reset"

from_device same-name
lacks "rows of one name: addresses tell them apart"
is "$(ls "$keep" | grep -c 'md_Krunqu')" 4 "... none is given up"

from_device refuse
lacks "a row that the device refuses to read" __log_buf
reset_or_not 0 "... the device keeps its memory"
says "1 not or not all read; the device was not restarted: try again, or use --reset" "... and that is said"
says "the device refuses to read 20480 bytes at" "... and why"
[ ! -e "$keep" ] && ls -d "$keep".??????  >/dev/null
ok $? "... the folder has not the name of a whole one"
options=--reset
from_device refuse
lacks "the same, but it is to be reset" __log_buf
reset_or_not 1 "... it is"
options="--keep $work/core.minidump/"
from_device
lacks "--keep names the folder"
options=

from_device hang-up
is "$status" 1 "a device that hangs up: exit status"
is "$(model check "$core" "$plan" 2>&1 | grep -v 'bytes are missing$'; echo .)" . "... what came before is used, and right"
says "the other end hung up" "... it is said"
reset_or_not 0 "... it was not reset"
from_device too-much
is "$status" 1 "a device that sends more than it was asked for: exit status"
is "$(model check "$core" "$plan" 2>&1 | grep -v 'bytes are missing$'; echo .)" . "... no byte is in a wrong place"
says "the device sent more than it was asked for" "... it is said"

from_device bad-name
dirty=1 lacks "a row with a name that leads out of the folder"
says "a row, 16 bytes at 0x80000000: its name can't be that of a file" "... is not saved"
is "$(find "$work" -name 'evil*' | wc -l)" 0 "... anywhere"
reset_or_not 0 "... and the device not reset"
from_device huge
dirty=1 lacks "a row of an exabyte"
says "no memory has such a place and size" "... is not asked for"

for fault in noise other-mode long-table silent; do
	from_device "$fault"
	is "$status" 2 "$fault: exit status"
	is "$(ls -d "$core"* 2>/dev/null | wc -l)" 0 "... neither core nor folder"
	reset_or_not 0 "... nor reset"
done
says "waited 10 s for the place of the table" "a silent device is not waited for without end"
collect --sahara "$work/nowhere"
is "$status" 2 "no device"
says "nowhere: can't connect" "... is said"
python3 - "$work/busy" "$tool" "$work/core" <<-'END'
	import socket, subprocess, sys
	listener = socket.socket(socket.AF_UNIX)
	listener.bind(sys.argv[1])
	listener.listen(0)
	first = socket.socket(socket.AF_UNIX)
	first.connect(sys.argv[1])
	out = subprocess.run([sys.argv[2], "collect", "--sahara", sys.argv[1], "-o", sys.argv[3] + ".busy"],
			     timeout=20, capture_output=True, text=True)
	sys.exit(out.returncode != 2 or "others wait for this device already" not in out.stderr)
END
ok $? "a device that others wait for is not waited for"
done_testing
