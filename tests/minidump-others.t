#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Folders of kernels without our directory: the posted series' names, and the older header with sections.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
. tests/minidump.sh
f=$work/d
dirty=1		# without a directory, identification is always missing

fresh split
collect
lacks "the posted series"
says "no directory" "... that there is no directory is said"
is "$("$tool" vmcoreinfo "$core" | head -n 1)" "OSRELEASE=6.12.0-minidump" "... VMCOREINFO comes from the second file"
is "$("$tool" regions --json "$core" | python3 -c 'import json, sys
d = json.load(sys.stdin)
print(len(d["regions"]), [(r["name"], r["key"]) for r in d["regions"] if r["key"] in (3, 20, 21, 29, 46)])')" \
	"36 [('config', 3), ('printk_r', 20), ('printk_r', 21), ('unknown', 29), ('unknown', 46)]" "... names and numbers are the files'"
is "$(readelf -hW "$core" | sed -n 's/ *Machine: *//p')" AArch64 "... the header tells the machine"
is "$(model registers "$core" | wc -l)" 3 "... registers are found by the address in on-chip memory"

for missing in Kconfig3:"config[number 3]" Knr_irqs13:"nr_irqs[number 13]" Kprb22:"prb[number 22]" \
	Kinit_mm27:"init_mm[number 27]" K__per_cp17:"__per_cp[number 17]" Kjiffies10:"jiffies[number 10]"; do
	fresh split
	rm "$f/md_${missing%%:*}.BIN"
	collect
	lacks "md_${missing%%:*}.BIN is missing: holes in the numbers tell which row it was" "${missing#*:}"
done
fresh split
rm "$f"/md_Kcpu_{poss5,pres6}.BIN
collect
lacks "two neighbours of one size are missing" "cpu_poss[number 5]" "cpu_pres[number 6]"

# Numbers have holes around these anyway, and their rows are alike: it can't be told which is missing.
fresh split
rm "$f"/md_Kunknown32.BIN
collect
lacks "one of several that are alike is missing: none can be told" "unknown[number "{29,30,31,32,33,34,35}"]"
fresh split
rm "$f"/md_Kunknown{44,46}.BIN
collect
lacks "of rows that are alike, the one that is left can't be told" "unknown[number 44]" "unknown[number 45]" "unknown[number 46]"
says "md_Kunknown45.BIN: 640 bytes that can't be told to be of one row: not used" "... and is not used"

fresh split
truncate -s 1000 "$f"/md_Kconfig3.BIN
collect
lacks "a file was cut" "config[number 3]"
says "md_Kconfig3.BIN has 1000 of its 5000 bytes" "... and named"
# What a device says in the place of bytes that it refuses: a packet of Sahara, which qdl takes for them
refusal='\4\0\0\0\20\0\0\0\0\0\0\0\31\0\0\0'
fresh split
printf "$refusal" >"$f"/md_Kconfig3.BIN
collect
lacks "a file has nothing but a refusal" "config[number 3]"
says "md_Kconfig3.BIN: ends in the device's refusal to read more, status 0x19, at offset 0" "... which is said"
head -c 1000 "$work/split/md_Kconfig3.BIN" >"$f"/md_Kconfig3.BIN
printf "$refusal" >>"$f"/md_Kconfig3.BIN
collect
lacks "a file ends in a refusal" "config[number 3]"
says "md_Kconfig3.BIN has 1000 of its 5000 bytes" "... before which is memory"
fresh split
printf "$refusal" >"$f"/md_Kprb22.BIN
collect
lacks "a refusal that is longer than what was asked for" "prb[number 22]"
fresh split
echo more >>"$f"/md_Kjiffies10.BIN
collect
lacks "a file is too long"
says "md_Kjiffies10.BIN: has 13 bytes, but the header says 8" "... and named"
fresh split
rm "$f"/md_Kvmcorein2.BIN
collect
lacks "VMCOREINFO's file is missing"
says "md_Kvmcorein2.BIN, of" "... and named"
says "VMCOREINFO is missing: crash and drgn won't open this core" "... with what that means"
is "$("$tool" report "$core" | grep -o "symbol-file -o 0x[0-9a-f]*")" "symbol-file -o 0x1340000" \
	"... then the cookie for boot firmware tells how far symbols moved"
"$tool" core "$core" -o "$work/again"
is "$("$tool" report "$work/again" | grep -o "symbol-file -o 0x[0-9a-f]*")" "symbol-file -o 0x1340000" \
	"... also in a core of that core"
is "$(readelf -hW "$work/again" | sed -n 's/ *Machine: *//p')" AArch64 "... as does the machine"
rm "$work/again"
fresh split
head -c 5000 /dev/urandom >>"$f"/md_KELF1.BIN
collect
lacks "the header is too long: it is not taken for another kind"
fresh split
head -c 8 /dev/urandom >"$f"/md_Kother60.BIN
rm "$f"/md_Khigh_mem26.BIN
collect
lacks "a foreign file does not take a lost one's place" "high_mem[number 26]"
fresh split
cp "$f"/md_Kprb22.BIN "$f"/md_kprb22.bin
collect
lacks "a file that is there twice"
fresh split
for name in "$f"/md_K*.BIN; do
	[[ $name = *KELF* ]] || mv -f "$name" "$(sed -E 's/[0-9]+\.BIN$/.BIN/' <<<"$name")"
done
collect
is "$status" 1 "no numbers, so that files overwrote each other: exit status"
is "$(model check "$core" "$plan" 2>&1 | grep -v 'bytes are missing$'; echo).$(ls "$f"/md_Kunk* | wc -l)" ".1" "... no byte is wrong"

fresh sections
collect
lacks "the older header"
is "$("$tool" regions --json "$core" | python3 -c 'import json, sys
print([r["name"] for r in json.load(sys.stdin)["regions"]][:4])')" \
	"['linux_banner', 'KLOGBUF', 'KLOG_DESC', 'KDATABSS']" "... sections name the regions; the banner is in the header"
says "VMCOREINFO is missing" "... it has no notes, and that is said"
is "$(model registers "$core")" "$(printf '%s\n' \
	'0 0x1000 0x101e 0xffff800080001000 0xffff800081000000 0x3c5' \
	'1 0x2000 0x201e 0xffff800080001001 0xffff800081000100 0x3c5' \
	'3 0x4000 0x401e 0xffff800080001003 0xffff800081000300 0x3c5')" "... registers come from KCPU_CTX and KMDT0x files"
fresh sections
rm "$f"/md_KSPERCPU10.BIN "$f"/md_KLOGBUF.BIN
collect
lacks "two files are missing" KSPERCPU10 KLOGBUF
says "its file is missing: md_KLOGBUF.BIN, of 16384 bytes" "... and named"
fresh sections-cut
collect
# Of KSPERCPU1, 10 and 11, the last one is left under a name that all three have: its size tells.
lacks "names of six characters overwrote each other" KSPERCPU1 KSPERCPU10
is "$(ls "$f" | grep -c 'md_KSPERCPU1')" 1 "... there is one file for three"
fresh sections-cut
truncate -s 7050 "$f"/md_KSPERCPU1.BIN
collect
lacks "... and is no one's if its size tells nothing" KSPERCPU1 KSPERCPU10 KSPERCPU11
fresh sections-machine
collect
lacks "of a virtual machine, whose number stands before the names"
for size in 13000 24500 26000; do
	fresh sections
	truncate -s "$size" "$f"/md_KELF_HEADER.BIN
	collect
	is "$status" 1 "the header was cut to $size bytes: exit status" || comment <<<"$output"
	is "$(model check "$core" "$plan" 2>&1 | grep -v 'bytes are missing$'; echo .)" . "... no byte is wrong"
done
done_testing
