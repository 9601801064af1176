#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# collect.sh BOARD: collecting the marked regions from a hung guest of 2 GiB, against
# QEMU's own full dump of the same guest, in turns, in one run.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
. lab/lib.sh

board=${1:-x86_64}
rounds=5
log=$top_dir/build/log/bench-collect-$board
machine=$log/machine
rm -rf "$log"
mkdir -p "$log"
trap '"$(lab_machine)" --stop "$machine" >/dev/null 2>&1 || true; rm -f "$machine/ram" "$log/full"' EXIT

"$(lab_machine)" --board "$board" --death hang --memory 2G --dir "$machine" --timeout 120 --keep
microseconds() {
	local started
	started=$(date +%s%N)
	"$@" >>"$log/out" 2>&1
	echo $((($(date +%s%N) - started) / 1000))
}
for ((i = 0; i < rounds; i++)); do
	rm -f "$log/core" "$log/full"
	microseconds build/meminspect collect --qmp "$machine/qmp.sock" -o "$log/core" >>"$log/collect"
	microseconds build/tests/full-dump "$machine/qmp.sock" "$log/full" >>"$log/full-dump"
done
median() { sort -n "$1" | sed -n "$(((rounds + 1) / 2))p"; }
awk -v board="$board" -v ours="$(median "$log/collect")" -v theirs="$(median "$log/full-dump")" \
	-v core="$(stat -c %s "$log/core")" -v full="$(stat -c %s "$log/full")" -v rounds=$rounds 'BEGIN {
	printf "%s, hung guest of 2 GiB, median of %d:\n", board, rounds
	printf "  meminspect collect        %9.1f ms  %11.0f bytes\n", ours / 1000, core
	printf "  QEMU dump-guest-memory    %9.1f ms  %11.0f bytes\n", theirs / 1000, full
	printf "  ratio                     1 : %.1f     1 : %.0f\n", theirs / ours, full / core
	exit theirs <= ours
}'
