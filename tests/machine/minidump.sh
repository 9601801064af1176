#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A phone's way out: the kernel dies, boot firmware comes after the reset and writes the regions of the
# kernel's minidump table into files, and a host makes a core of them. minidump-DEATH.t are links to
# this file. After a hang the watchdog bites: firmware saves the registers, not the kernel.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

name=$(basename "$0" .t)
death=${name#minidump-}
answer() { sed -n "s/^$1=//p" "$log/drgn.out"; }

die_with_firmware "$name" "$death"

# --- what firmware does after the reset ---
bite=()
if [ "$death" = hang ]; then
	tests/machine/qmp.py "$machine_dir/qmp.sock" registers >"$log/registers"
	is "$(cut -d' ' -f2 "$log/registers" | sort -u | tr '\n' ' ')" "0 1 2 3 " "registers of each CPU"
	bite=(--bite --registers "$log/registers")
fi
folder=$log/folder
firmware_dumps "$folder" "${bite[@]}"
ok $? "firmware takes the kernel's table, and every row of it: $(tail -n 1 "$log/firmware.out")" ||
	head -n 5 "$log/firmware.refused" | comment
stop
is "$(od -An -tx4 -N4 -j $((0x6d0)) "$folder/md_SHRDIMEM.BIN" | tr -d ' ')" dead4ead "the KASLR cookie is in IMEM"

# struct meminspect_left_out_note: 8 bytes of size, 4 of count
is "$(readelf -nW "$folder/md_KELF1.BIN" | sed -n 's/^  MEMINSPECT .*(0x4d454d03).*data: //p')" \
	"$(printf '00 %.0s' {1..16})" "the kernel recorded that all had a row"

# --- the page for boot loaders that show symbols ---
$meminspect kinfo --json --ram "$machine_dir/ram" --base 0x40000000 --at 0x60221000 \
	--symbolize "$(said symbol.prb)" "$(said symbol.init_uts_ns)" >"$log/kinfo.json" 2>"$log/kinfo.err"
ok $? "the kinfo page is right" || comment <"$log/kinfo.err"
is "$(jq -r '.. | strings | select(. == "prb" or . == "init_uts_ns")' "$log/kinfo.json" | tr '\n' ' ')" "prb init_uts_ns " \
	"by it, addresses get the names of symbols, without vmlinux" || comment <"$log/kinfo.json"
grep -qF "$(said release)" "$log/kinfo.json"
ok $? "it has the release"

# --- by hand: the files in the order of their numbers ---
for file in "$folder"/md_K*.BIN; do
	number=${file%.BIN}
	echo "${number##*[!0-9]} $file"
done | sort -n | cut -d' ' -f2 | xargs cat >"$log/cat.core"
console_lines >"$log/console.lines"
printf 'log\nquit\n' | timeout 300 "$tools_bin/crash-arm64" --minimal -s "$vmlinux" "$log/cat.core" >"$log/crash.out" 2>&1
ok $? "crash --minimal opens what cat made" || tail -n 5 "$log/crash.out" | comment
timed_lines <"$log/crash.out" >"$log/crash.lines"
is "$(comm -23 "$log/console.lines" "$log/crash.lines" | wc -l)" 0 \
	"its log has every line of the console ($(wc -l <"$log/console.lines"))"
timeout 120 "$tools_bin/drgn" -q -c "$log/cat.core" -s "$vmlinux" --no-default-symbols \
	tests/consumers/questions.py >"$log/drgn.out" 2>"$log/drgn.err"
ok $? "drgn answers every question on it" || tail -n 3 "$log/drgn.err" | comment
is "$(answer nodename)" "$(said nodename)" "drgn: node name"
sed -n 's/^dmesg=//p' "$log/drgn.out" | timed_lines >"$log/drgn.lines"
is "$(comm -23 "$log/console.lines" "$log/drgn.lines" | wc -l)" 0 "drgn's dmesg has every line of the console"

text=$(nm "$vmlinux" | sed -n 's/ T _text$//p')
offset=$(($(said symbol._text) - 0x$text))
# It has no notes of registers: gdb knows its machine by the header alone
timeout 120 gdb-multiarch -nx -batch -c "$log/cat.core" -ex "symbol-file -o $offset $vmlinux" \
	-ex 'printf "nodename=%s\n", init_uts_ns.name.nodename' -ex 'printf "jiffies=%lu\n", jiffies_64' >"$log/gdb-cat.out" 2>&1
is "$(sed -n 's/^nodename=//p' "$log/gdb-cat.out")" "$(said nodename)" "gdb opens it, and reads init_uts_ns" ||
	tail -n 5 "$log/gdb-cat.out" | comment
jiffies=$(sed -n 's/^jiffies=//p' "$log/gdb-cat.out")
# The guest printed them last before it died
[ "${jiffies:-0}" -ge "$(said jiffies)" ] && [ "$jiffies" -le $(($(said jiffies) + 30000)) ]
ok $? "gdb: jiffies_64 ($jiffies) is at or shortly after what the guest saw ($(said jiffies))"

# --- with our tool ---
core=$log/minidump.core
$meminspect collect --minidump "$folder" -o "$core" >"$log/collect.out" 2>&1
ok $? "collect finds everything in the folder" || comment <"$log/collect.out"
$meminspect check "$core" >"$log/check.out" 2>&1
ok $? "check finds every region whole" || grep -v ' present ' "$log/check.out" | head -n 5 | comment
$meminspect regions --json "$core" >"$log/regions.json"
same_regions_as_guest "$log/regions.json"
is "$(jq -r .ident.kaslr_offset "$log/regions.json")" "$(printf '0x%016x' $offset)" \
	"the KASLR offset is what kallsyms and vmlinux differ by"
is "$(od -An -tu8 -N8 -j $((0x6d4)) "$folder/md_SHRDIMEM.BIN" | tr -d ' ')" "$offset" "so it is in IMEM"
source=$([ "$death" = hang ] && echo firmware || echo kernel)
is "$(jq -c '[.registers[].source] | unique' "$log/regions.json")" "[\"$source\"]" "registers are the $source's"

symbols=$($meminspect report "$core" 2>&1 | sed -n "s/.*-ex '\(symbol-file [^']*\) vmlinux'.*/\1/p")
timeout 120 gdb-multiarch -nx -batch -c "$core" -ex "$symbols $vmlinux" -ex 'info threads' \
	-ex 'printf "nodename=%s\n", init_uts_ns.name.nodename' \
	-ex 'thread apply all -q info symbol $pc' >"$log/gdb.out" 2>&1
is "$(grep -cE '^[* ]+[0-9]+ +(LWP|Thread)' "$log/gdb.out")" 4 "gdb: a thread for each CPU"
is "$(sed -n 's/^nodename=//p' "$log/gdb.out")" "$(said nodename)" "gdb: init_uts_ns"
[ "$death" != hang ] || is "$(sed -n 's/\( + [0-9]*\)\{0,1\} in section .*//p' "$log/gdb.out" | sort -u)" \
	lkdtm_HARDLOCKUP "gdb: all CPUs spin where they were sent"
done_testing
