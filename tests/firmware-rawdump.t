#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The container that boot firmware writes into a partition.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
. tests/firmware.sh

python <<'END'
from firmware_image import *
minidump('ram', [
    row('KELF', 1, 0x41000000, 8),
    row('Kodd', 2, 0x41000001, 3),
    row('Ktext', 3, 0x42000000, 4096),
], [(0x41000000, b'\x7fELFcore'), (0x42000000, b'text' * 1024), (IMEM, b'imem' * 1024)])
END

run 4 'a dump, without a row that is refused' rawdump --ram "$work/ram" "$work/raw"
says "'Kodd'" 'which is named'
raw=$work/raw
# 56 bytes, three times 64, and 8 + 4096 + 4096
is "$(stat -c %s "$raw")" 8448 'headers and contents follow each other'
is "$(bytes "$raw" 0 16)" 5261775f446d70210010000001000000 'Raw_Dmp!, version 0x1000, complete'
is "$(bytes "$raw" 16 20 | tr -d 0 | wc -c)" 0 'no flags, no context, no trigger'
is "$(bytes "$raw" 36 20)" 0021000000000000002100000000000003000000 '8448 bytes of 8448, three sections'
is "$(bytes "$raw" 56 12)" 010000000010000001000000 'KELF: complete, version 0x1000, a range of RAM'
is "$(bytes "$raw" 68 32)" f80000000000000008000000000000000000004100000000"$(printf %016d 0)" \
	'8 bytes at 248, of 0x41000000'
is "$(bytes "$raw" 100 20)" 6d645f4b454c46312e42494e0000000000000000 'md_KELF1.BIN'
is "$(bytes "$raw" 132 24)" 000100000000000000100000000000000000004200000000 'Ktext: 4096 bytes at 256, of 0x42000000'
is "$(bytes "$raw" 196 24)" 001100000000000000100000000000000000226000000000 'IMEM: 4096 bytes at 4352'
is "$(bytes "$raw" 248 12)" 7f454c46636f726574657874 'the contents of the first, then of the next'
is "$(tail -c 4096 "$raw" | sed 's/imem//g' | wc -c)" 0 'and of the last'
run 1 'what is there is not overwritten' rawdump --ram "$work/ram" "$raw"

run 4 'a partition that is just large enough' rawdump --ram "$work/ram" --partition-size 8448 "$work/exact"
cmp -s "$raw" "$work/exact"
ok $? 'has all'

run 4 'a partition that is too small' rawdump --ram "$work/ram" --partition-size 8447 --lower-case "$work/small"
says '8447 bytes, 8448 are wanted' 'it says how much is wanted'
is "$(stat -c %s "$work/small")" 4352 'what does not fit is not there'
is "$(bytes "$work/small" 12 4) $(bytes "$work/small" 36 20)" \
	'02000000 0011000000000000002100000000000003000000' 'the header says so'
is "$(bytes "$work/small" 56 4)$(bytes "$work/small" 120 4)$(bytes "$work/small" 184 4)" \
	010000000100000002000000 'and that of the section that is not there'
is "$(bytes "$work/small" 108 4)" 2e62696e 'names in lower case'
run 3 'a partition that is too small for headers' rawdump --ram "$work/ram" --partition-size 247 "$work/tiny"
[ ! -e "$work/tiny" ]
ok $? 'nothing is written then'

done_testing
