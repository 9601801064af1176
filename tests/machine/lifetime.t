#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Modules, a block of memory and a CPU come and go, and with them what is marked of theirs. The
# guest (lab/guest/lifetime.c) shows its regions at each point; the loader's own view of modules, in
# sysfs, tells what to expect. MEMINSPECT_DEBUG, which is in some variants, finds more and earlier.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

# What is marked at a point, a region a line: address, bytes, name, key. Page tables stay.
at() {
	awk -v point="$1" '/^# point: / {here = $3 == point} /^# end/ {here = 0}
		here && !/^#/ && $6 != "page_table" {print $1, $3, $6, $7}' \
		"$machine_dir/regions" | sort
}
# What is marked at a point, and was not at the start; and the other way round
more_at() { comm -13 <(at start) <(at "$1"); }
list() { [ $# -eq 0 ] || printf '%s\n' "$@" | sort | tr '\n' ' '; }
names_at() { more_at "$1" | sed 's/^[^ ]* [^ ]* //; s/ *$//' | sort | tr '\n' ' '; }
as_at_start() {
	[ -n "$(at "$1")" ] && [ "$(at "$1")" = "$(at start)" ]
	ok $? "$board: $2" || diff <(at start) <(at "$1") | head -n 10 | comment
}
address() { printf '%016x\n' "$(said "$1")"; }

for board in x86_64 arm64; do
	# A kernel that KASLR put into the block keeps it from going; arm64 keeps all that it booted with. Of
	# that, 192 MiB are movable here: a block, and half a block behind it, which what is allocated in boot
	# is in. The careless module takes more than these before it marks.
	memory="movablecore=512M nokaslr"
	[ "$board" != arm64 ] || memory="mem=704M movablecore=192M lab.memory=0x70000000,0x10000000 lab.kept=0x60000000"
	die_by "$board-lifetime" "$board" hang --memory 1G --timeout 240 --append "lab.lifetime $memory"
	is "$(grep -a 'LAB: error' "$log/console" || echo none)" none "$board: all went as it should"
	finds=0
	freed=(careless_page careless_freed careless_unmapped)
	if grep -qx CONFIG_MEMINSPECT_DEBUG=y "$(kernel_build "$board")/.config"; then
		finds=1
		freed=()
	fi
	page=$(list "${freed[@]:0:1}")

	# --- the sample driver: as it is documented to be done ---
	is "$(names_at sample-loaded)" "$(list kallsyms:meminspect_sample module:meminspect_sample sample_last sample_queue sample_trace \
		sample_urgent 'sample_percpu cpu='{0..3})" "$board: the sample marks all its memory"
	is "$(more_at sample-loaded | sed -n 's/^\([^ ]*\) .* module:meminspect_sample *$/\1/p')" \
		"$(address meminspect_sample..gnu.linkonce.this_module)" "$board: struct module is where sysfs says"
	is "$(more_at sample-loaded | awk '$3 ~ /^sample_(last|queue|trace|urgent)$/ {print $3 "=" $2}' | sort | tr '\n' ' ')" \
		"sample_last=24 sample_queue=480 sample_trace=48000 sample_urgent=24 " "$board: of the right size"
	as_at_start sample-unloaded "unloaded, it leaves nothing behind"

	# --- a module that unmarks nothing, and frees some of it ---
	as_at_start careless-failed "a module whose init fails leaves nothing behind"
	is "$(grep -ac 'lab: careless_init marked' "$log/console")" 2 "$board: init memory can be marked"
	tables=$(for section in __ksymtab __ksymtab_gpl; do
		[ -z "$(said "lab_careless.$section")" ] || address "lab_careless.$section"
	done | sort)
	is "$(more_at careless-loaded | sed -n 's/^\([^ ]*\) .* ksymtab:lab_careless *$/\1/p' | sort)" "$tables" \
		"$board: all tables of what it exports are marked"
	is "$(names_at careless-loaded | sed 's/ksymtab:lab_careless //g')" \
		"$(list careless_annotated careless_other careless_owned 'careless_percpu cpu='{0..3} \
			kallsyms:lab_careless module:lab_careless "${freed[@]}")" "$board: so is what it marked, but no init memory"
	is "$(names_at careless-unloaded)." "$page." \
		"$board: unloaded, what it marked is gone, and what others marked of its memory"
	for region in careless_freed careless_unmapped careless_page; do
		# The init that fails does not come to the page
		is "$(grep -ac "region $region is freed while it is marked; owner: " "$log/console")" \
			$((finds * $([ $region = careless_page ] && echo 1 || echo 2))) "$board: $region: how often freeing it was found"
	done

	# --- memory ---
	if [ "$board" = arm64 ]; then
		is "$(said memory-kept)" refused "$board: a block of what it booted with stays"
		grep -q 'Boot memory .* offlining' "$log/console"
		ok $? "$board: which somebody objected to"
		is "$(names_at memory-kept)" "$(list "${freed[@]:0:1}" kallsyms:lab_page lab_page module:lab_page)" \
			"$board: and what is marked in it"
	fi
	is "$(said memory-offline) $(said memory-state)" "done online" "$board: a block of memory went and came"
	as_at_start memory-offline "what was marked in it is gone"
	is "$(grep -a 'lab: careless_only' "$log/console" | sed 's/.*lab: //')" "careless_only not marked" \
		"$board: nothing is marked in it while it is offline"
	as_at_start memory-marked "nothing is there"

	# --- a CPU ---
	is "$(said cpu-offline)" "done" "$board: a CPU went"
	is "$(at cpu-offline)" "$(at memory-marked)" "$board: what is keyed by it stays"
	is "$(at cpu-online)" "$(at memory-marked)" "$board: and is the same when it is back"
	$meminspect collect --qmp "$machine_dir/qmp.sock" -o "$core" >"$log/collect.out" 2>&1
	ok $? "$board: everything is collected" || comment <"$log/collect.out"
	tac "$machine_dir/regions" | sed '/^# end/q' | tac >"$log/regions"
	timeout 120 "$tools_bin/drgn" -q -c "$core" -s "$vmlinux" --no-default-symbols \
		tests/consumers/contents.py "$log/regions" >"$log/contents.out" 2>"$log/contents.err"
	is "$(grep lab_percpu "$log/contents.out" | sort | tr '\n' ' ')" "$(printf 'lab_percpu cpu=%s right ' 0 1 2 3)" \
		"$board: per-CPU memory holds what was put there"
	no_reports "$board" 'WARNING: .*meminspect/debug\.c'
	finish
done
done_testing
