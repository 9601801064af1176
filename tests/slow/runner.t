#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A run ends in bounded time whatever the guest does, and says what it saw.
cd "$(dirname "$0")/../.." || exit 1
. lab/lib.sh
. tests/tap.sh

log=$PWD/build/log/$kernel_version/machine-runner
rm -rf "$log"
mkdir -p "$log"

run() {	# EXPECTED-STATUS EXPECTED-TEXT AT-MOST-SECONDS ARGUMENT...
	local status started=$SECONDS name=$tests expected=$1 text=$2 limit=$3
	shift 3
	"$(lab_machine)" --dir "$log/$name" "$@" >"$log/$name.out" 2>&1
	status=$?
	rm -f "$log/$name/ram"
	[ $status -eq "$expected" ] && [ $((SECONDS - started)) -le "$limit" ] &&
		grep -q "$text" "$log/$name.out" && ! pgrep -f "qemu.*$log/$name/" >/dev/null
	ok $? "$(head -n 1 "$log/$name.out")" || {
		echo "status $status after $((SECONDS - started)) s, expected $expected within $limit s" | comment
		comment <"$log/$name.out"
	}
}

# A kernel that is one endless loop ("b ."), where the real one would be: not a line comes
fake=$log/fake-cache/linux-$kernel_version/build-arm64
mkdir -p "$fake/arch/arm64/boot"
for ((i = 0; i < 16384; i++)); do printf '\x00\x00\x00\x14'; done >"$fake/arch/arm64/boot/Image"
touch "$fake/vmlinux"
MEMINSPECT_CACHE=$log/fake-cache run 3 'never came up' 30 --board arm64 --death panic --timeout 6
# It comes up, but not far enough to be asked to die: it is told to wait for its root device
run 3 'never got ready' 70 --board x86_64 --death panic --timeout 20 --append 'rdinit=/nowhere rootdelay=300'
# What it would die by is kept from it
run 4 'time limit' 80 --board x86_64 --death irq-bug --timeout 35 --append module_blacklist=lab_death
# It dies before it could do what it was asked
run 5 'panic' 120 --board x86_64 --death hang --timeout 90 --append 'rdinit=/nowhere'
run 2 'usage' 5 --no-such-option
done_testing
