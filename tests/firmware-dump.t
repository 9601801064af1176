#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What boot firmware takes of a kernel's minidump table, and what it refuses.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
. tests/firmware.sh

# RAM with a table; the standard input has Python that calls minidump() or changes what it made
image() {
	rm -rf "$work/ram" "$work/out.d"
	{ echo 'from firmware_image import *'; cat; } | python
}
dump() {	# STATUS NAME [OPTION...]
	run "$1" "$2" dump --ram "$work/ram" "${@:3}" "$work/out.d"
}
files() { (cd "$work/out.d" && ls | tr '\n' ' '); }

image <<'END'
minidump('ram', [
    row('KELF', 1, 0x41000000, 8),
    row('Kprintk_r', 20, 0x42000003, 4),
    row('Kprintk_r', 21, 0x43000000, 12),
    row('Kgone', 4, 0x41000000, 8, tag('INVA')),
    row('Kfresh', 5, 0x41000000, 8, tag('INIT')),
    row('Kzero', 6, 0x41000000, 8, 0),
    row('K12character', 0, RAM + SIZE - 4, 4),
    row('Ka-longer-name!!', 0, RAM, 4),
], [(0x41000000, b'\x7fELFcore'), (0x42000003, b'text'), (0x43000000, bytes(range(12))),
    (RAM + SIZE - 4, b'last'), (RAM, b'1st!'), (IMEM + 0x6d0, b'\xad\x4e\xad\xde')])
END
dump 0 'a table with rows of all kinds'
is "$(files)" 'md_K12character.BIN md_KELF1.BIN md_Ka-longer-na.BIN md_Kprintk_r20.BIN md_Kprintk_r21.BIN md_SHRDIMEM.BIN ' \
	'valid rows are files; number 0 is none'
is "$(cat "$work/out.d/md_KELF1.BIN" | od -An -c | tr -d ' ')" '177ELFcore' 'with the bytes that RAM has'
is "$(cat "$work/out.d/md_Kprintk_r20.BIN")" text 'also from odd addresses'
is "$(bytes "$work/out.d/md_Kprintk_r21.BIN" 0 100)" 000102030405060708090a0b 'of the size that was given'
is "$(cat "$work/out.d/md_K12character.BIN" "$work/out.d/md_Ka-longer-na.BIN")" last1st! \
	'also the first and the last byte of RAM'
is "$(stat -c %s "$work/out.d/md_SHRDIMEM.BIN") $(bytes "$work/out.d/md_SHRDIMEM.BIN" 1744 4)" \
	'4096 ad4eadde' 'IMEM is given to the host too'
says "row 3, 'Kgone', is not valid" 'a row that is marked invalid is named'
says "row 7, 'Ka-longer-name!!': the name is cut to 12" 'a name that is cut is named'
is "$(cat "$work/out")" "firmware: 6 files in $work/out.d" 'it says how many files there are'
is "$(stat -c %a "$work/out.d/md_KELF1.BIN")" 600 'only the owner can read them'
dump 1 'a second dump into the same folder'
says 'md_KELF1.BIN: exists' 'overwrites nothing'
rm -rf "$work/out.d"
dump 0 'some firmware writes names in lower case' --lower-case
is "$(files)" 'md_K12character.bin md_KELF1.bin md_Ka-longer-na.bin md_Kprintk_r20.bin md_Kprintk_r21.bin md_SHRDIMEM.bin ' \
	'then all end in .bin'

# What is refused as a whole
refused() {	# NAME WORDS ARGUMENTS-OF-MINIDUMP
	image <<-END
		minidump('ram', [row('KELF', 1, 0x41000000, 8)], $3)
	END
	dump 3 "refused: $1"
	says "$2" "it says so: $2"
	[ ! -e "$work/out.d" ]
	ok $? 'and writes nothing'
}
refused 'a table of contents that is not set up' 'table of contents has status 0' 'status=0'
refused 'a kernel that is not set up' "the kernel's table has status 2" 'ss_status=2'
refused 'a table that is disabled' '0x4453424c, not ENBL' 'enabled="DSBL"'
refused 'encryption that has only started' '0x53545254, not DONE' 'done="STRT"'
refused 'regions that must be encrypted' '0x594553, not NR' 'required="YES"'
refused 'more rows than there is room for' '202 rows, firmware has room for 201' 'count=202'
refused 'no table' 'has entered no table' 'table=0'
refused 'a table below RAM' 'is not in RAM' 'table=0x3ffffff8'
refused 'a table that ends after RAM' 'is not in RAM' 'table=RAM + SIZE - 39'
refused 'a table at the end of all addresses' 'is not in RAM' 'table=0xffffffffffffffe0'
refused 'shared memory of version 11' 'expected version 12' 'version=11'

# The most rows that there is room for
image <<'END'
minidump('ram', [row('K%d' % i, 0, RAM + 4 * i, 4) for i in range(201)])
END
dump 0 'a full table is taken'
is "$(files | wc -w)" 202 'with all its rows'

image <<'END'
minidump('ram', [])
END
dump 0 'an empty table is taken'
is "$(files)" 'md_SHRDIMEM.BIN ' 'and has only what firmware adds'
says 'no row' 'it says that nothing is of the kernel'

# What is refused of a table
image <<'END'
top = 1 << 64
minidump('ram', [
    row('Kgood', 1, 0x41000000, 8),
    row('Kbelow', 2, 0x3ffffffc, 8),
    row('Kabove', 3, RAM + SIZE - 4, 8),
    row('Kwrap', 4, RAM, top - 4),
    row('Kwrap', 5, top - 4, 8),
    row('Ksize', 6, 0x41000000, 6),
    row('Kempty', 7, 0x41000000, 0),
    row('', 8, 0x41000000, 8),
    row('../K', 9, 0x41000000, 8),
    row('K\xe9', 10, 0x41000000, 8),
    row('K12character', 1, 0x41000000, 8),
    row('K9letters', 4294967295, 0x41000000, 8),
    row('Kgood', 1, 0x42000000, 8),
], [(0x41000000, b'good bye'), (0x42000000, b'good\0two')])
END
dump 4 'refused: single rows'
is "$(files)" 'md_Kgood1.BIN md_SHRDIMEM.BIN ' 'the others are taken'
is "$(cat "$work/out.d/md_Kgood1.BIN")" 'good bye' 'of two with one name it is the first'
for said in "row 1, 'Kbelow', address 0x3ffffffc, size 0x8, is left out: it is not in RAM" \
	"row 2, 'Kabove', address 0x6ffffffc, size 0x8, is left out: it is not in RAM" \
	"row 3, 'Kwrap', address 0x40000000, size 0xfffffffffffffffc, is left out: it goes beyond" \
	"row 4, 'Kwrap', address 0xfffffffffffffffc, size 0x8, is left out: it goes beyond" \
	"row 5, 'Ksize', address 0x41000000, size 0x6, is left out: its size is no multiple of 4" \
	"row 6, 'Kempty', address 0x41000000, size 0x0, is left out: it has no bytes" \
	"row 7, '', address 0x41000000, size 0x8, is left out: it has no name" \
	"row 8, '../K', address 0x41000000, size 0x8, is left out: its name is none" \
	"row 9, 'K?', address 0x41000000, size 0x8, is left out: its name is none" \
	"row 10, 'K12character', address 0x41000000, size 0x8, is left out: its name and number" \
	"row 11, 'K9letters', address 0x41000000, size 0x8, is left out: its name and number" \
	"a second md_Kgood1.BIN, address 0x42000000, is left out"; do
	says "$said" "$said"
done

# Shared memory that is broken: every word that is followed, with a value that leads outside
broken() {	# OFFSET VALUE WORDS
	image <<-END
		image = minidump('ram', [row('KELF', 1, 0x41000000, 8)])
		image.put(SMEM + $1, struct.pack('<I', $2))
	END
	dump 3 "refused: shared memory with $2 at $1"
	says "$3" "$3"
}
broken 192 0 '0x600000c0: expected 1, for initialized'
broken 0x1ff000 0x434f5425 '0x601ff000: expected $TOC'
broken 0x1ff004 2 '0x601ff004: expected version 1'
broken 0x1ff008 0x20000000 '0x601ff008: expected no more partitions'
broken 0x1ff008 1 '0x601ff000: expected a partition for all hosts'
broken 0x1ff050 0x1ff000 'expected a partition inside'
broken 0x1ff054 0xffffffff 'expected a partition inside'
broken 0x20000 0 '0x60020000: expected $PRT'
broken 0x20004 0 '0x60020004: expected the hosts'
broken 0x20008 0x3fff8 '0x60020008: expected the size'
broken 0x2000c 0x40008 '0x6002000c: expected the end of the items'
broken 0x2000c 0x10 '0x6002000c: expected the end of the items'
broken 0x2000c 0x28 '0x60020020: expected room for the header'
broken 0x20020 0 '0x60020020: expected 0xa5a5'
broken 0x20024 0xfffffff8 '0x60020024: expected an item that ends'
broken 0x20028 0xffff0000 '0x60020024: expected an item that ends'
broken 0x20020 0x025aa5a5 'table of contents has 5 bytes'
broken 0x20048 0xffff '0x60020048: expected less padding'
broken 0x20040 0x025ba5a5 'has no item 602'

# The RAM itself
dump 1 'RAM that lies elsewhere' --base 0x30000000
says 'give the whole RAM' 'it says which part is missing'
run 1 'a file that is not there' dump --ram "$work/nothing" "$work/out.d"
run 2 'no RAM given' dump "$work/out.d"
run 2 'registers without a bite' dump --ram "$work/ram" --registers "$work/ram" "$work/out.d"
run 2 'a bite without registers' dump --ram "$work/ram" --bite "$work/out.d"
run 2 'an option of another command' dump --ram "$work/ram" --subsystems 3 "$work/out.d"

done_testing
