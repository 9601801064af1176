#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The folder of a kernel with meminspect, whole and with each damage that a folder can have.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
. tests/minidump.sh
f=$work/d

fresh whole
collect
lacks "as it was fetched"
is "$(model registers "$core")" "$(printf '%s\n' \
	'0 0x1000 0x101e 0xffff800080001000 0xffff800081000000 0x3c5' \
	'1 0x2000 0x201e 0xffff800080001001 0xffff800081000100 0x3c5' \
	'3 0x4000 0x401e 0xffff800080001003 0xffff800081000300 0x3c5')" "registers that firmware saved"
is "$(readelf -nW "$core" 2>/dev/null | grep -c 'NT_PRSTATUS')" 2 "of which crash counts those before the CPU that has none"
is "$("$tool" regions --json "$core" | python3 -c 'import json, sys
print([r["source"] for r in json.load(sys.stdin)["registers"]])')" \
	"['firmware', 'firmware', 'none', 'firmware']" "they are said to be firmware's; one CPU's were not saved"
is "$("$tool" check "$core" | grep " CPUs: ")" \
	"4 CPUs: registers of 0 saved by the kernel, of 0 by QEMU, of 3 by boot firmware, of 1 by nobody" "check counts them"
is "$("$tool" report "$core" | grep -c 'registers saved by the boot firmware')" 3 "report shows them"
is "$("$tool" report "$core" | grep -o 'KASLR offset 0x.*')" "KASLR offset 0x1200000" \
	"the identification block is believed, not the cookie"
is "$("$tool" report "$core" | grep '^  from')" "  from      minidump in $work/d" "the source is named"

mkdir "$work/edl"; mv "$f" "$work/edl/memory"
collect --minidump "$work/edl"
lacks "edl's folder has them below memory/"
rm -rf "$work/edl"

fresh whole
for name in "$f"/md_*.BIN; do mv "$name" "${name%.BIN}.bin"; done
collect
lacks ".bin for .BIN"

fresh whole
for name in "$f"/md_*.BIN; do mv "$name" "$f/$(basename "$name" | tr '[:upper:]' '[:lower:]')"; done
collect
lacks "lower case"

fresh whole
for name in "$f"/md_*.BIN; do mv "$name" "$f/$(basename "$name" .BIN | tr '[:lower:]' '[:upper:]').BIN"; done
collect
lacks "upper case"

# Numbers that firmware did not write. The names by themselves tell all but the CPUs' run queues.
fresh whole
for name in "$f"/md_K*.BIN; do
	number=$(sed 's/.*[^0-9]\([0-9]*\)\.BIN/\1/' <<<"$name")
	case $name in
	*Kmeminsp[01][01]*|*Krunqu[0-3]*|*Kstack[0-2]*) stem=${name%.BIN}; mv "$name" "$(sed -E 's/(insp..|unqu.|tack.)[0-9]+$/\1/' <<<"$stem").BIN";;
	*) mv "$name" "${name%$number.BIN}.BIN";;
	esac
done
dirty=1
collect
lacks "no numbers" "runqueue[cpu 0]" "runqueue[cpu 1]" "runqueue[cpu 2]" "runqueue[cpu 3]" stack
says "md_Krunqu0.BIN: 4096 bytes that can't be told to be of one row: not used" "... what is unclear is said"
dirty=

for missing in Klog_buf13:__log_buf Kjiffies8:jiffies_64 Krunqu014:"runqueue[cpu 0]" Kstack121:stack Kprb_des11:prb_descs; do
	fresh whole
	rm "$f/md_${missing%%:*}.BIN"
	collect
	lacks "md_${missing%%:*}.BIN is missing" "${missing#*:}"
	number=$(sed 's/.*[a-z_]\([0-9]*\)$/\1/' <<<"${missing%%:*}")
	says "its file is missing: md_K" "... and named"
done

fresh whole
rm "$f"/md_Kleft19.BIN
collect
lacks "a row with two regions is missing" left right
says "md_K...19.BIN, of 8192 bytes" "... its number and size are said"

fresh whole
rm "$f"/md_Kmeminsp002.BIN
collect
dirty=1 lacks "one copy of the directory's head is missing" 
fresh whole
rm "$f"/md_Kmeminsp013.BIN "$f"/md_Kmeminsp104.BIN
collect
dirty=1 lacks "a copy of each chunk is missing"

# Without the directory, rows are the regions: their bytes are right all the same.
fresh whole
rm "$f"/md_Kmeminsp*.BIN
collect
lacks "the directory is missing: a name has two meanings then, rows 15 and 5" "runqueue[cpu 1]"
says "no directory" "... and it is said"
is "$("$tool" vmcoreinfo "$core" | head -n 1)" "OSRELEASE=6.12.0-minidump" "... VMCOREINFO is the header's"
"$tool" regions "$core" | grep -q 'log_buf\[number 13\]'
ok $? "... and files name the regions"

fresh whole
rm "$f"/md_KELF1.BIN
collect
lacks "the header is missing: names and sizes tell where they can" left right stack \
	runqueue\[cpu\ {0,1,2,3}\]
says "has no header, as md_KELF1.BIN" "... and it is said"
is "$("$tool" vmcoreinfo "$core" | head -n 1)" "OSRELEASE=6.12.0-minidump" "... VMCOREINFO is the region's"

fresh whole
truncate -s 10000 "$f"/md_Klog_buf13.BIN
collect
lacks "a file was cut" __log_buf
says "md_Klog_buf13.BIN has 10000 of its 20480 bytes: the transfer was cut" "... and named, with both sizes"
says "__log_buf: truncated" "... its region is truncated"

fresh whole
truncate -s 0 "$f"/md_Knr_irqs9.BIN
collect
lacks "a file is empty" nr_irqs

fresh whole
head -c 3000 /dev/urandom >>"$f"/md_Kprb_des11.BIN
collect
dirty=1 lacks "a file is too long"
says "md_Kprb_des11.BIN: has 15288 bytes, but the header says 12288: what is behind them is not used" "... and named"

fresh whole
cp "$f"/md_Klog_buf13.BIN "$f"/md_klog_buf13.bin
collect
lacks "a file is there twice, and the same"
truncate -s 5000 "$f"/md_klog_buf13.bin
collect
dirty=1 lacks "a file is there twice, once cut: the whole one is used"
says "md_klog_buf13.bin: 5000 bytes that can't be told" "... the other is named"
fresh whole
head -c 4096 /dev/urandom >"$f"/md_Kother15.BIN
collect
dirty=1 lacks "two files have one number and one size: the directory knows the name of one"
mv "$f"/md_Kother15.BIN "$f"/md_Krunq15.BIN
collect
lacks "two files have one number and one size, and both names fit" "runqueue[cpu 1]"
says "unclear which file is its own" "... neither is used"

fresh whole
head -c 4096 /dev/urandom >"$f"/md_Kother77.BIN
collect
dirty=1 lacks "a file that is no row's"
says "md_Kother77.BIN: 4096 bytes that can't be told to be of one row: not used" "... is named"
echo hello >"$f"/notes.txt; rm "$f"/md_Kother77.BIN; head -c 1000 /dev/zero >"$f"/md_MODEM.BIN
collect
lacks "files that are nobody's do no harm"

for kind in link directory FIFO; do
	fresh whole
	rm "$f"/md_Klog_buf13.BIN
	case $kind in
	link) ln -s /dev/zero "$f"/md_Klog_buf13.BIN;;
	directory) mkdir "$f"/md_Klog_buf13.BIN;;
	FIFO) mkfifo "$f"/md_Klog_buf13.BIN;;
	esac
	collect
	lacks "a $kind in place of a file" __log_buf
	says "md_Klog_buf13.BIN: is a" "... is not opened, and named"
done
fresh whole
chmod 0 "$f"/md_Klog_buf13.BIN
if [ "$(id -u)" = 0 ]; then
	skip "a file that can't be read" "root reads all"
else
	collect
	lacks "a file that can't be read" __log_buf
fi

for size in 0 40 500 1200 1300 2000; do
	fresh whole
	truncate -s "$size" "$f"/md_KELF1.BIN
	collect
	is "$status" 1 "the header has $size bytes: exit status" || comment <<<"$output"
	is "$(model check "$core" "$plan" 2>&1 | grep -v 'bytes are missing$\|^right$'; echo)." "." "... no byte is wrong"
done

fresh whole
cp "$f"/md_KELF1.BIN "$f"/md_2d_KELF1.BIN; cp "$f"/md_Klog_buf13.BIN "$f"/md_2d_Klog_buf13.BIN
collect
dirty=1 lacks "files of another virtual machine"
says "files are of another virtual machine" "... are not used, and counted"
fresh whole
cp "$f"/md_KELF1.BIN "$f"/md_KELF24.BIN; printf x | dd of="$f"/md_KELF24.BIN conv=notrunc status=none seek=100 bs=1
collect
is "$status" 2 "two headers that differ"
says "are headers of a minidump, and differ" "... are refused, and named"

fresh whole
collect
before=$(md5sum "$core")
output=$("$tool" collect --minidump "$f" -o "$core" 2>&1)
is $? 2 "a core that exists"
says "exists; give the name of a new file" "... is not overwritten"
is "$(md5sum "$core")" "$before" "... and stays as it is"
collect --minidump "$work/nowhere"
is "$status" 2 "no folder"
says "expected the folder with the files md_*.BIN" "... says what is expected"
mkdir "$work/empty"
collect --minidump "$work/empty"
says "has no file md_*.BIN" "an empty folder is none"

# The table that firmware fills in is somewhere, though not a row.
fresh whole
rm "$f"/md_SHRDIMEM.BIN
collect
lacks "no on-chip memory: the table's own row tells"
is "$(model registers "$core" | wc -l)" 3 "... where registers are"

fresh whole-long
collect
lacks "a table with longer entries"
is "$(model registers "$core" | cut -d ' ' -f 1,5 | tr '\n' ' ')" "0 0xffff800081000000 1 0xffff800081000100 3 0xffff800081000300 " \
	"... has the same registers"
fresh whole-hole
collect
lacks "a row that was given up, in the middle"
fresh whole-full
collect
dirty=1 lacks "firmware's table was full"
says "the kernel had no row for 17 ranges of memory, 12345678901 bytes in all" "... as the kernel recorded"
fresh whole-newer
collect
dirty=1 lacks "registers in a layout that is not known"
says "firmware saved registers of CPU 3 in version 0x20, but only 0x14 is known: not used" "... are not guessed"
is "$(model registers "$core" | wc -l)" 0 "... nor in the core"
done_testing
