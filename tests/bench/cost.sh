#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# cost.sh BOARD: what meminspect costs at boot, in memory, at a switch of tasks and at a fork, against
# the same kernel with the option off. The machines take turns, in one run.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
. lab/lib.sh

board=${1:-x86_64}
rounds=${ROUNDS:-5}
log=$top_dir/build/log/bench-cost-$board
rm -rf "$log"
mkdir -p "$log"

# What is compared: name, variant of the kernel, command line
machines=(
	"off|off|"
	"on||"
	"current||meminspect=current"
	"task||meminspect=task"
	"all classes||meminspect=all"
)

measure() {	# NAME VARIANT CMDLINE
	local quantity
	VARIANT=$2 "$(lab_machine)" --board "$board" --death none --dir "$log/machine" --timeout 120 \
		--append "lab.bench $3" >"$log/out" 2>&1 || die "$1: $(cat "$log/out")"
	for quantity in boot free switch fork; do
		lab_value "$log/machine" "bench-$quantity" >>"$log/$1-$quantity"
	done
}
for ((round = 1; round <= rounds; round++)); do
	say "$board: round $round of $rounds"
	for machine in "${machines[@]}"; do
		IFS='|' read -r name variant cmdline <<<"$machine"
		measure "$name" "$variant" "$cmdline"
	done
done
rm -f "$log/machine/ram"

# What disturbs a guest makes it slower, and has more of its memory in use
best() {
	case $1 in
	*-free) sort -n "$log/$1" | tail -n 1 ;;
	*) sort -n "$log/$1" | head -n 1 ;;
	esac
}
printf '%s, Linux %s, best of %d boots, and the ratio to the option off:\n' "$board" "$kernel_version" "$rounds"
printf '%-12s %18s %22s %20s %18s\n' '' 'boot [ms]' 'memory free [KiB]' 'switch [ns]' 'fork [us]'
for machine in "${machines[@]}"; do
	IFS='|' read -r name _ <<<"$machine"
	for quantity in boot free switch fork; do
		printf '%s %s ' "$(best "$name-$quantity")" "$(best "off-$quantity")"
	done | awk -v name="$name" '{
		printf "%-12s %10.0f %7.3f %14d %7.3f %12.0f %7.3f %10.1f %7.3f\n", name, $1 / 1e6, $1 / $2,
			$3 / 1024, $3 / $4, $5, $5 / $6, $7 / 1e3, $7 / $8
	}'
done
