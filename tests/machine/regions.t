#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Each region of meminspect_regions.h that a board can have is there, where it has to be, as large
# as it has to be: drgn says so from the debugging information of vmlinux and the pointers in the dump.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

# Where the linker's symbols are, after relocation
layout() {
	local moved=$(($(said symbol._text) - 0x$(nm "$vmlinux" | sed -n 's/ . _text$//p'))) symbol
	for symbol in _text _etext _sinittext _einittext _end; do
		printf '%s %x\n' $symbol $((0x$(nm "$vmlinux" | sed -n "s/ . $symbol\$//p") + moved))
	done
}

for board in x86_64 arm64; do
	die_by "$board-regions" "$board" panic --append "meminspect=stack,symbols,types,task lab.irqs"
	$meminspect collect --qmp "$machine_dir/qmp.sock" -o "$core" >"$log/collect.out" 2>&1
	ok $? "$board: everything is collected" || comment <"$log/collect.out"
	finish
	$meminspect regions --json "$core" >"$log/regions.json"
	timeout 300 "$tools_bin/drgn" -q -c "$core" -s "$vmlinux" --no-default-symbols \
		tests/consumers/regions.py "$log/regions.json" >"$log/drgn.out" 2>"$log/drgn.err"
	ok $? "$board: drgn answers" || tail -n 5 "$log/drgn.err" | comment
	! grep -vE '^(right|missing|passing|layout): ' "$log/drgn.out"
	ok $? "$board: every region is where it has to be, and is known"
	! grep '^missing: ' "$log/drgn.out"
	ok $? "$board: none is missing ($(grep -c '^right: ' "$log/drgn.out") names)"
	awk '$1 == "passing:" {print "# " $0; most = $3 > most ? $3 : most} END {exit most > 40}' "$log/drgn.out"
	ok $? "$board: of tasks that came and went hardly one is still marked"
	is "$(sed -n 's/.* irq_desc number=//p' "$machine_dir/regions" | sort -n | tr '\n' ' ')" \
		"$(said irqs | tr , '\n' | sort -n | tr '\n' ' ')" "$board: a descriptor for each interrupt"
	is "$(sed -n 's/^layout: //p' "$log/drgn.out")" "$(layout)" "$board: VMCOREINFO has the layout of the image"
	# lab_regions.ko asks for what cannot be had
	! grep 'meminspect: .* not marked' "$log/console" | grep -v 'meminspect: lab_'
	ok $? "$board: nothing was refused of what the kernel marks"
	is "$(sed -n 's/.*refused: //p' "$machine_dir/regions" | tr ' ' '\n' |
		awk -F= '$1 != "class-off" {sum += $2} END {print sum}')" \
		"$(grep -c 'meminspect: lab_.* not marked' "$log/console")" "$board: nor without a word"
done

# Without being asked for, stacks are not marked.
die_by x86_64-no-stacks x86_64 panic
finish
grep -q ' sched  *runqueues ' "$machine_dir/regions" && ! grep -q ' stack ' "$machine_dir/regions"
ok $? "no stack is marked unless somebody asks for it"
done_testing
