#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# KASLR is really random on the boards: else what finds the directory without
# symbols, and what relocates symbols, would be tested with one address only.
cd "$(dirname "$0")/../.." || exit 1
. lab/lib.sh

echo "1..2"
number=0
for board in x86_64 arm64; do
	number=$((number + 1))
	addresses=
	for boot in 1 2 3; do
		log=build/log/$kernel_version/machine-kaslr/$board-$boot
		rm -rf "$log"
		mkdir -p "$log"
		"$(lab_machine)" --board "$board" --death panic --dir "$log" --timeout 120 >"$log.out" 2>&1
		rm -f "$log/ram"
		addresses="$addresses $(lab_value "$log" symbol._text)"
	done
	# Three boots: with some 500 places or more, two may meet by chance, three do not
	if [ "$(echo $addresses | tr ' ' '\n' | sort -u | wc -l)" -ge 2 ] && [ "$(echo $addresses | wc -w)" -eq 3 ]; then
		echo "ok $number - $board: _text at $addresses"
	else
		echo "not ok $number - $board: _text at $addresses"
	fi
done
