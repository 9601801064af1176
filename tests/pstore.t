#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Records of pstore, whole and in every way damaged: a right core, or what it lacks.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
records=$work/records
mkdir "$records"
python3 tests/pstore/records.py make "$records" || { echo "Bail out! no records"; exit 1; }

# collect CASE: sets status, output, and bytes, what python3 finds in the core
collect() {
	output=$(build/tests/meminspect collect --pstore "$records/$1" -o "$work/$1.core" 2>&1)
	status=$?
	bytes=
	[ ! -e "$work/$1.core" ] ||
		bytes=$(python3 tests/pstore/records.py compare "$work/$1.core" "$records")
}

# says CASE TEXT: it is in what collecting said
says() {
	[[ $output == *"$2"* ]]
	ok $? "$1: says '$2'" || echo "$output" | comment
}

# case CASE STATUS BYTES TEXT...: all of the memory is 41343 bytes of 7 regions
expect() {
	local case=$1 expected=$2 right=$3
	shift 3
	collect "$case"
	is "$status" "$expected" "$case: exit status" || echo "$output" | comment
	if [ "$expected" -eq 2 ]; then
		[ ! -e "$work/$case.core" ]
		ok $? "$case: no core"
	else
		is "$bytes" "$right right, 0 wrong" "$case: what the core has of the machine's memory"
	fi
	[ "$expected" -ne 0 ] || says "$case" "7 regions: 7 present"
	for text; do
		says "$case" "$text"
	done
}

all=41343
expect whole 0 $all
expect reversed 0 $all
expect one-file 0 $all
expect ecc 0 $all
expect systemd 0 $all
expect twice 0 $all
expect ecc-damage 1 $all "ramoops found damaged bytes: ECC: 3 Corrected bytes, 1 unrecoverable blocks"

# The first record of the driver's region has 3000 bytes of it; its piece of 4096 bytes is lost
part=$((all - 4096))
missing="a_driver: truncated: 4096 of 9000 bytes are missing, from physical address 0x40028000 on: no record has it"
expect missing 1 $part "$missing (records that are missing: 1)" "record 14 of 0 to 18 is missing"
expect missing-two 1 $((all - 17000)) "records 4 to 5 of 0 to 18 are missing" \
	"a_log: truncated: 17000 of 20000 bytes are missing, from physical address 0x4000ac1c on: no record has it"
for at in 9 30 60 72 100; do
	expect damaged-$at 1 $part "$missing" "record 14 of 0 to 18 is missing" \
		"000000014100: record at offset 0 is damaged: its checksum is"
done
expect damaged-inside 1 $part "$missing" "meminspect-ramoops-0: record at offset 20582 is damaged"
expect no-magic 1 $part "$missing" "3093 bytes from offset 0 on are no record"
expect cut 1 $((all - 1904)) "record at offset 27952 is cut off: it has 1892 of 1992 bytes" \
	"the last record is missing: storing was cut off behind record 16" \
	"1904 of 9000 bytes are missing, from physical address 0x4001ebb8 on: no record has it: storing was cut off"
expect cut-header 1 $all "is cut off: it has 30 bytes of its header" "the last record is missing"
expect differs 1 $all "has number 14, but differs from the one in"
expect two-crashes 1 $all "19 records are of another crash, number 1 of its boot, at 2023-11-14 22:15:00 UTC"
expect second-oops 1 $all "19 records are of another crash, number 1 of its boot, at 2023-11-14 22:30:00 UTC"
expect mixed-boots 1 $part "$missing" "1 records are of another crash"

expect no-head 1 $all "record 0 of 0 to 18 is missing"
expect no-end 1 $all "the last record is missing: storing was cut off behind record 17"
expect no-head-no-end 1 $all "record 0 is missing" "the last record is missing"
expect no-mirror 1 $part "meminspect_directory_mirror: absent" "record 2 of 0 to 18 is missing"
expect no-directory 2 '' "the directory, at 0x40002000 and 0x40005000, is not among what was stored"
expect no-directory-no-head 2 '' "no record says where the directory is"

expect budget 1 $((all - 4904)) "stored no more than its budget of 65536 bytes" \
	"of class driver 4096 of 9000 bytes were stored" "the kernel stopped before it stored all"
expect refused 1 $((all - 9000)) "the storage took no more than 12345 bytes: it gave error 28" \
	"a_driver: absent: 9000 of 9000 bytes"
expect refused-same-number 1 $((all - 4904)) "it gave error 5"
expect unreadable 1 $part "0x40028000 on: the dying kernel could not read it" \
	"the kernel could not read 3000 bytes"

expect foreign 2 '' "none of the 1 files has a record of meminspect"
expect empty 2 '' "none of the 0 files has a record of meminspect"
expect nothing 2 '' "No such file or directory"
expect other-order 2 '' "was written by a kernel of the other byte order"
expect other-version 2 '' "has version 2 of the format, but only version 1 is known"
expect garbage 1 $all "efi_pstore-1: 260 bytes from offset 0 on are no record" \
	"efi_pstore-2: the file is empty"

# Checksums are right, what they cover is not
expect bomb 1 $part "$missing" "can't be inflated, though its checksum is right"
expect short-stream 1 $part "$missing" "can't be inflated, though its checksum is right"
expect bad-deflate 1 $((all - 1096)) "can't be inflated, though its checksum is right"
expect huge 1 $all "can't be right: 4294967295 bytes are to be made of 2"
for run in long wraps kind none half; do
	expect run-$run 1 $part "$missing" "has a run of memory that can't be right"
done
expect same-as-nothing 1 $part "meminspect_directory_mirror: absent"
expect many-classes 1 $all "is too short for what it says"

echo mine >"$work/mine"
build/tests/meminspect collect --pstore "$records/whole" -o "$work/mine" >/dev/null 2>&1
is "$? $(cat "$work/mine")" "2 mine" "a file that is there is not overwritten"
build/tests/meminspect collect --pstore "$records/whole" --ram "$records/memory" -o "$work/both" \
	>/dev/null 2>&1
is "$?" 2 "--pstore and --ram are not taken together"
mkfifo "$records/whole/meminspect-fifo"
timeout 20 build/tests/meminspect collect --pstore "$records/whole" -o "$work/fifo.core" >/dev/null 2>&1
is "$?" 0 "a FIFO in the folder is not waited for"
done_testing
