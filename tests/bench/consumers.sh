#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# consumers.sh BOARD DEATH: how crash and drgn answer the questions of consumers.list about a core of each level, against
# the full dump of the same death; how large these are, and how long tools take to start on them. Exit status 1 if an
# answer is wrong, or another than meminspect check expects.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
. lab/lib.sh

board=${1:-x86_64}
death=${2:-panic}
rounds=3
meminspect=build/meminspect
list=tests/bench/consumers.list
log=$top_dir/build/log/bench-consumers-$board-$death
machine=$log/machine
large=$log/large
qmp=$machine/qmp.sock
full=$log/full.core
load_board "$board"
vmlinux=$(kernel_vmlinux "$board")
crash=$tools_bin/crash-$board
for file in "$vmlinux" "$crash" "$tools_bin/drgn" $meminspect build/tests/full-dump; do
	[ -e "$file" ] || die "$file is not there: run 'make bench-consumers BOARD=$board DEATH=$death', which builds it"
done
rm -rf "$log"
mkdir -p "$log"
trap '"$(lab_machine)" --stop "$machine" >/dev/null 2>&1 || true
	"$(lab_machine)" --stop "$large" >/dev/null 2>&1 || true
	rm -f "$machine/ram" "$large/ram" "$log"/{full,full.core,d31,regions.json,objects,nm}' EXIT

levels=(marked)
if $meminspect collect --help | grep -q -e --level; then
	levels=(small default rich)
fi
collect() {	# LEVEL QMP CORE
	local level=()
	[ "$1" = marked ] || level=(--level "$1")
	$meminspect collect "${level[@]}" --qmp "$2" --vmlinux "$vmlinux" -o "$3"
}

"$(lab_machine)" --board "$board" --death "$death" --dir "$machine" --timeout 600 --keep \
	--append meminspect=current,stack,task
{
	build/tests/full-dump "$qmp" "$log/full"
	for level in "${levels[@]}"; do
		collect "$level" "$qmp" "$log/$level.core"
	done
	$meminspect collect --qmp "$qmp" -o "$log/regions.core"
} >"$log/collect.out" 2>&1 || die "no dumps: $(tail -n 1 "$log/collect.out")"
"$(lab_machine)" --stop "$machine" >/dev/null
rm -f "$machine/ram"

# Both have the same notes, so that memory alone makes a difference
$meminspect regions --json "$log/regions.core" >"$log/regions.json"
moved=$($meminspect vmcoreinfo "$log/regions.core" KERNELOFFSET | sed -n 's/^KERNELOFFSET=//p')
rm "$log/regions.core"
drgn_on() { printf '%q ' "$tools_bin/drgn" -q -c "$1" -s "$vmlinux" --no-default-symbols; }
{
	$(drgn_on "$log/full") tests/consumers/unmarked.py "$log/objects"
	python3 tests/consumers/sparse-core.py "$log/full" "$log/regions.json" "$log/objects" "$full" --whole
} >"$log/whole.out" 2>&1 || die "no full dump with the notes of the core: $(tail -n 1 "$log/whole.out")"
rm -f "$log/full"
nm "$vmlinux" >"$log/nm"

crash_on() {	# CORE, as users start it
	if [ "$1" = "$full" ]; then
		printf '%q ' "$crash" "$vmlinux" "$1"
	else
		printf '%q ' $meminspect open --crash="$crash" --vmlinux "$vmlinux" "$1" --
	fi
}
gdb_on() {	# CORE, as users start it; of the full dump, what that would do
	if [ "$1" = "$full" ]; then
		printf '%q ' gdb-multiarch -ex "symbol-file -o 0x${moved:-0} $vmlinux" -c "$1"
	else
		printf '%q ' $meminspect open --gdb=gdb-multiarch --vmlinux "$vmlinux" "$1" --
	fi
}
asked=()
for name in "${levels[@]}"; do
	$meminspect check "$log/$name.core" >"$log/$name.check" || true
	asked+=(--check "$name=$log/$name.check")
done
for name in full "${levels[@]}"; do
	asked+=(--crash "$name=$(crash_on "$log/$name.core")"
		--drgn "$name=$(drgn_on "$log/$name.core") tests/consumers/ask-drgn.py $list")
done

printf '%s, Linux %s, 256 MiB of RAM, died by %s; commit %s\n\n' "$board" "$kernel_version" "$death" \
	"$(git describe --always --dirty --abbrev=12)"
status=0
python3 tests/bench/consumers.py $list "$log" --nm "$log/nm" --moved "${moved:-0}" --timeout 3600 \
	--minimal "$(printf '%q ' "$crash" --minimal "$vmlinux" "$full")" "${asked[@]}" || status=$?

# --- sizes ---
dumps=(full "${levels[@]}")
if [ "$board" = "$(uname -m)" ]; then
	# It reads dumps of its own machine only
	makedumpfile -c -d31 "$full" "$log/d31" >"$log/makedumpfile.out" 2>&1 ||
		die "makedumpfile -d31: $(tail -n 1 "$log/makedumpfile.out")"
	dumps+=(d31)
fi
file_of() { if [ "$1" = d31 ]; then echo "$log/d31"; else echo "$log/$1.core"; fi; }
print_sizes() {	# NAME FILE...
	printf '\n| dump | bytes | zstd -3 | zstd -19 |\n|---|---|---|---|\n'
	while [ $# -gt 0 ]; do
		printf '| %s | %s | %s | %s |\n' "$1" "$(stat -c %s "$2")" \
			"$(zstd -q -c -3 "$2" | wc -c)" "$(zstd -q -c -T1 -19 "$2" | wc -c)"
		shift 2
	done
}
files=()
for name in "${dumps[@]}"; do
	files+=("${name/d31/makedumpfile -c -d31}" "$(file_of "$name")")
done
print_sizes "${files[@]}"

# More CPUs and tasks, of which there are some 100 in it as it is
"$(lab_machine)" --board "$board" --death "$death" --dir "$large" --timeout 600 --keep --qemu "-smp 8" \
	--append "meminspect=current,stack,task lab.tasks=76"
files=()
for level in "${levels[@]}"; do
	collect "$level" "$large/qmp.sock" "$log/large-$level.core" >>"$log/collect.out" 2>&1
	files+=("$level" "$log/large-$level.core")
done
"$(lab_machine)" --stop "$large" >/dev/null
rm -f "$large/ram"
threads=$(lab_value "$large" threads)
printf '\nThe same with 8 CPUs and %d tasks:\n' $((threads + 8))
print_sizes "${files[@]}"

# --- times ---
best() {	# COMMAND...: microseconds
	local round started took least=
	for ((round = 0; round < rounds; round++)); do
		started=$(date +%s%N)
		"$@" </dev/null >"$log/time.out" 2>&1 || true
		took=$((($(date +%s%N) - started) / 1000))
		[ -n "$least" ] && [ "$least" -le "$took" ] || least=$took
	done
	echo "$least"
}
row() {	# WHAT MICROSECONDS REFERENCE
	awk -v what="$1" -v time="$2" -v full="$3" 'BEGIN {
		printf "| %s | %.2f | 1 : %.2f |\n", what, time / 1e6, full / time }'
}
echo quit >"$log/quit"
crash_took=()
printf '\n| start, best of %d | s | against full |\n|---|---|---|\n' "$rounds"
for tool in crash drgn gdb; do
	for name in full "${levels[@]}"; do
		case $tool in
		crash) eval "command=($(crash_on "$log/$name.core") -i '$log/quit')" ;;
		drgn) eval "command=($(drgn_on "$log/$name.core") -e 1)" ;;
		gdb) eval "command=($(gdb_on "$log/$name.core") -nx -batch)" ;;
		esac
		took=$(best "${command[@]}")
		[ "$name" != full ] || reference=$took
		[ $tool != crash ] || crash_took+=("$took")
		row "$tool, $name" "$took" "$reference"
	done
done
printf '\n| meminspect report, best of %d | s | against crash on the same core |\n|---|---|---|\n' "$rounds"
for at in "${!levels[@]}"; do
	row "${levels[at]}" "$(best $meminspect report "$log/${levels[at]}.core")" "${crash_took[at + 1]}"
done
exit $status
