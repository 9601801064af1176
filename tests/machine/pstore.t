#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Machines that die by panic, boot again, and have the regions of the dead kernel in pstore: in
# ramoops, and in a back end with records as small as EFI variables.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

declare -A reserved=(
	[x86_64]='memmap=2M$0x8000000 ramoops.mem_address=0x8000000 ramoops.mem_size=0x200000'
	[arm64]='reserve_mem=2M:4096:oops ramoops.mem_name=oops'
)
ramoops='ramoops.record_size=0x20000 ramoops.meminspect_size=0x100000 ramoops.console_size=0 ramoops.ftrace_size=0 ramoops.pmsg_size=0'
declare -A small=(
	[x86_64]='memmap=2M$0x8000000 lab.pstore=small,address=0x8000000'
	[arm64]='reserve_mem=1M:4096:oops lab.pstore=small'
)

# reboot NAME BOARD COMMAND-LINE: two boots; the files of pstore, unpacked, and a core of them
reboot() {
	log=build/log/$kernel_version$variant/machine-pstore-$1
	core=$log/core
	rm -rf "$log"
	mkdir -p "$log/files"
	"$(lab_machine)" --board "$2" --death panic --dir "$log/machine" --timeout 180 --reboot \
		--append "panic=1 $3" >"$log/machine.out" 2>&1
	ok $? "$1: died, booted again, and found records" || {
		tail -n 20 "$log/machine/serial.log" | tr -d '\r' | comment
		return 1
	}
	rm -f "$log/machine/ram"
	is "$(grep -c '\] Linux version ' "$log/machine/serial.log")" 2 "$1: there were two boots"
	tar -xf "$log/machine/pstore" -C "$log/files"
	ok $? "$1: the files came whole: $(find "$log/files" -type f | wc -l)"
	"$meminspect" collect --pstore "$log/files" -o "$core" >"$log/collect" 2>&1
	status=$?
	[ -e "$core" ]
	ok $? "$1: a core is made of them" || comment <"$log/collect"
}

# told NAME: what the core has of the dead kernel
told() {
	"$meminspect" log "$core" >"$log/log" 2>&1
	grep -q 'Kernel panic - not syncing' "$log/log"
	ok $? "$1: its log has the panic" || tail -n 3 "$log/log" | comment
	"$meminspect" report "$core" >"$log/report" 2>&1
	grep -qi 'panic' "$log/report"
	ok $? "$1: the report says why it died" || comment <"$log/report"
	"$meminspect" check "$core" >"$log/check" 2>&1
	! grep -q '^ *corrupt' "$log/check"
	ok $? "$1: nothing is corrupt" || grep '^ *corrupt' "$log/check" | comment
	! grep -E '^ *(absent|truncated) +(log|identity|cpu) ' "$log/check" >"$log/lacks"
	ok $? "$1: the most important classes are whole" || comment <"$log/lacks"
}

for board in x86_64 arm64; do
	if reboot "$board-ramoops" "$board" "${reserved[$board]} $ramoops lab.pstore=ramoops"; then
		told "$board-ramoops"
		[ -s "$log/files/meminspect-ramoops-0" ]
		ok $? "$board-ramoops: the file has the name that is documented"
		is "$status" 0 "$board-ramoops: nothing is missing" || head -n 20 "$log/collect" | comment
	fi

	if reboot "$board-small" "$board" "${small[$board]} meminspect_pstore=256K"; then
		told "$board-small"
		[ "$(find "$log/files" -name 'meminspect-small-*' -size -3 | wc -l)" -gt 20 ]
		ok $? "$board-small: there are many records, none larger than 1 KiB"
	fi

	# So little that not all fits, which is said
	if reboot "$board-tiny" "$board" "${small[$board]} meminspect_pstore=64K"; then
		is "$status" 1 "$board-tiny: something is missing"
		grep -q 'stored no more than its budget of 65536 bytes' "$log/collect"
		ok $? "$board-tiny: and why" || head -n 20 "$log/collect" | comment
	fi
done
done_testing
