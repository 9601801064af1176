#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The class "current" alone: what each CPU ran, and its stack, are in the core, also after a hang, when
# no code of the kernel runs any more. The scheduler's own runqueues say what it was.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

for machine in x86_64-hang x86_64-panic arm64-hang; do
	board=${machine%-*}
	die_by "current-$machine" "$board" "${machine#*-}" --append meminspect=current
	$meminspect collect --qmp "$machine_dir/qmp.sock" -o "$core" >"$log/collect.out" 2>&1
	ok $? "$machine: collected" || comment <"$log/collect.out"
	finish
	$meminspect regions --json "$core" >"$log/regions.json"
	timeout 120 "$tools_bin/drgn" -q -c "$core" -s "$vmlinux" --no-default-symbols \
		tests/consumers/current.py >"$log/current" 2>"$log/drgn.err"
	ok $? "$machine: drgn reads what each CPU ran" || tail -n 3 "$log/drgn.err" | comment
	is "$(wc -l <"$log/current")" 4 "$machine: of each CPU"
	while read -r cpu task pid stack; do
		is "$(jq -r "[.regions[] | select((.name == \"current_task\" or .name == \"current_stack\") and .key == $pid and
			.verdict == \"present\" and (.vaddr == \"0x$task\" or .vaddr == \"0x$stack\")) | .name] | unique | join(\" \")" \
			"$log/regions.json")" "current_stack current_task" \
			"$machine: CPU $cpu: task and stack of process $pid are those of the slot"
	done <"$log/current"

	# x86 has less of a task than its type: how much, the boot decides
	read -r has nr <<<"$(jq -r '[.regions[] | select(.name == "current_task" and .size > 8) | .size] | "\(min) \(length)"' "$log/regions.json")"
	type=$(pahole -F btf --sizes "$vmlinux" | awk '$1 == "task_struct" {print $2; exit}')
	# What is marked behind one may go on to its end
	expected="  current_task: some of $nr; $has bytes, struct task_struct has $type"
	[ "$has" -lt "$type" ] || expected="No object is shorter than its type."
	is "$($meminspect check --vmlinux "$vmlinux" "$core" | sed -n 's/^  current_task: [0-9]* /  current_task: some /p; /^No object/p')" "$expected" \
		"$machine: check lists the objects that are shorter than their type ($has of $type bytes)"
done
done_testing
