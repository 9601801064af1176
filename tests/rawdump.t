#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# collect --rawdump: the container that boot firmware leaves on a disk.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
. tests/minidump.sh
fresh whole

from_container() {	# [FAULT...]
	model rawdump "$plan" "$work/raw" "$@"
	collect --rawdump "$work/raw"
}

from_container
lacks "a container"
is "$(model registers "$core" | wc -l)" 3 "... registers are found"
is "$("$tool" report "$core" | grep '^  from')" "  from      rawdump $work/raw" "... the source is named"
from_container no-addresses
lacks "sections without addresses are told like files"
size=$(stat -c %s "$work/raw")
truncate -s $((size - 30000)) "$work/raw"
collect --rawdump "$work/raw"
is "$status" 1 "a container that was cut: exit status"
is "$(model check "$core" "$plan" 2>&1 | grep -v 'bytes are missing$'; echo .)" . "... no byte is wrong"
says "goes beyond the end of the file" "... it is said"
from_container invalid
lacks "a section that is not valid" __log_buf
says "section md_Klog_buf13.BIN is marked as not valid" "... is named"
from_container far
lacks "a section that is elsewhere" __log_buf
from_container no-space
dirty=1 lacks "a container that had no room"
says "there was no room for all of the dump" "... says so"
from_container many
is "$status" 2 "a table that has no end"
says "claims 2147483648 sections" "... is refused"
from_container magic
is "$status" 2 "another file"
says "does not start with Raw_Dmp!" "... is refused"
truncate -s 20 "$work/raw"
collect --rawdump "$work/raw"
is "$status" 2 "a header that was cut"
says "ends within the header" "... is said"
mkfifo "$work/fifo"
collect --rawdump "$work/fifo"
is "$status" 2 "a FIFO is not waited for"

# All of memory is in it: no files, but the directory is found.
python3 - "$plan" "$work/ddr" <<'END'
import json, struct, sys
plan = json.load(open(sys.argv[1]))
data = bytes.fromhex(plan["memory"])
header = struct.pack("<8sIIQ8sIQQI", b"Raw_Dmp!", 0x1000, 1, 0, b"", 0, 0, 0, 1)
section = struct.pack("<IIIQQQQ20s", 1, 0x1000, 1, 120, len(data), plan["base"], 0, b"DDRCS0_0.BIN")
open(sys.argv[2], "wb").write(header + section + data)
END
collect --rawdump "$work/ddr"
dirty=1 lacks "a container with all of memory"
done_testing
