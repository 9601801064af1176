#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A log buffer that replaces the static one early in boot, and is larger.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

for board in x86_64 arm64; do
	die_by "$board-dynamic-log" "$board" panic --append log_buf_len=1M
	$meminspect collect --qmp "$machine_dir/qmp.sock" -o "$core" >"$log/collect.out" 2>&1
	ok $? "everything is collected" || comment <"$log/collect.out"
	finish
	$meminspect regions --json "$core" >"$log/regions.json"
	is "$(jq -r '[.regions[] | select(.name == "prb_dynamic_data") | .size] | first' "$log/regions.json")" \
		$((1 << 20)) "the text of the dynamic ringbuffer has the size that was asked for"
	is "$(jq -c '[.regions[].name | select(startswith("prb_"))] | unique | length' "$log/regions.json")" 6 \
		"both ringbuffers are there, with three parts each"
	$meminspect log "$core" >"$log/log.out" 2>"$log/log.err"
	ok $? "the log is whole"
	console_lines >"$log/console.lines"
	timed_lines <"$log/log.out" >"$log/log.lines"
	is "$(comm -23 "$log/console.lines" "$log/log.lines" | wc -l)" 0 \
		"every line of the console is in it ($(wc -l <"$log/console.lines"))"
	timeout 120 "$tools_bin/drgn" -q -c "$core" -s "$vmlinux" --no-default-symbols \
		tests/consumers/questions.py 2>&1 | sed -n 's/^dmesg=//p' | timed_lines >"$log/drgn.lines"
	is "$(comm -23 "$log/console.lines" "$log/drgn.lines" | wc -l)" 0 "and in drgn's"
done
done_testing
