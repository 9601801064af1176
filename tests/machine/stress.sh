#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A machine under stress: regions come and go on all CPUs, in threads and in interrupts, while
# modules, CPUs and blocks of memory do. It is stopped at random moments of all that time, and each time the
# directory has to be valid, every row where the machine's page tables have it, and the memory what
# the row says, by what the stress, or the kernel for itself, keeps there. BOARD-stress.t are links
# to this file.
# STRESS_SECONDS and STRESS_STOPS make it longer.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

name=$(basename "$0" .t)
board=${name%%-*}
seconds=${STRESS_SECONDS:-25}
stops=${STRESS_STOPS:-25}

# Blocks of memory that can go offline: arm64 keeps all of the boot's, and a kernel that KASLR put into
# one keeps it
memory="movablecore=512M nokaslr"
[ "$board" != arm64 ] || memory="mem=768M lab.memory=0x70000000,0x10000000"
die_by "$name" "$board" none --memory 1G --timeout 240 --append \
	"$memory lab.stress=$seconds meminspect=all meminspect_consumers=lab_stress,lab_block nmi_watchdog=0 softlockup_panic=0"

# The stress began some time ago
build/tests/stress-rows "$machine_dir/qmp.sock" "$stops" "$((seconds * 9 / 10))" "$vmlinux" "$log/console" \
	>"$log/stops" 2>&1
ok $? "$(tail -n 1 "$log/stops")" || grep '^#' "$log/stops" | head -n 20 | tee -a /dev/stderr

for ((waited = 0; waited < 4 * seconds + 120; waited++)); do
	! grep -qaE 'LAB: stress-done|Kernel panic' "$machine_dir/serial.log" || break
	sleep 1
done
tr -d '\r' <"$machine_dir/serial.log" >"$log/console"
grep -a 'LAB: stress' "$log/console" | sed 's/^/# /'
grep -qa 'LAB: stress-done' "$log/console"
ok $? "the stress came to its end"

# marked and unmarked by the module, added and removed as the consumer was told, left in the table
counts=$(sed -n 's/^.*lab: stress: //p' "$log/console" | tr -c '0-9\n' ' ')
read -r marked unmarked refused added removed there <<<"$counts"
[ "${marked:-0}" -gt 1000 ] && [ "$marked" = "$unmarked" ]
ok $? "all that was marked was unmarked (${marked:-none}; ${refused:-none} refused)"
is "$added $removed $there" "$marked $unmarked 0" "the consumer was told of each once, and none is left"

# Of each CPU: what interrupts marked on it, of that after it came back, and how often it did
sed -n 's/^.*lab: stress-cpu //p' "$log/console" | tr -c '0-9\n' ' ' >"$log/cpus"
is "$(awk '$2 > 0 && ($4 == 0 || $3 > 0) {print $1}' "$log/cpus" | tr '\n' ' ')" "0 1 2 3 " \
	"interrupts marked on each CPU, and again when it was back" || comment <"$log/cpus"

# What was marked in blocks of memory that went offline: by the module, found there by it afterwards, added
# and removed as the consumer was told. A block that stays in the end is in the latter only.
read -r in_blocks _ left added removed <<<"$(sed -n 's/^.*lab: block: //p' "$log/console" | tr -c '0-9\n' ' ')"
[ "${in_blocks:-0}" -gt 0 ] && [ "$left" = 0 ] && [ "$added" = "$removed" ] && [ "$added" -ge "$in_blocks" ]
ok $? "what was marked in blocks that went offline was dropped: ${in_blocks:-none} pages, ${left:-?} left, $added added, $removed removed"
done=$(sed -n 's/^.*LAB: stress=//p' "$log/console")
read -r modules _ cpus _ blocks _ <<<"$done"
[ "${modules:-0}" -gt 0 ] && [ "${cpus:-0}" -gt 0 ] && [ "${blocks:-0}" -gt 0 ]
ok $? "modules, CPUs and blocks of memory came and went: ${done:-none}"

# Few stops may miss what a slow machine did a few times only
saw=1
mapfile -t states < <(sed -n 's/^# .*: \([0-9]*\) states seen.*/\1/p' "$log/stops")
[ ${#states[@]} -eq 3 ] || saw=0
turns=("${modules:-0}" "${cpus:-0}" "${blocks:-0}")
for i in 0 1 2; do
	[ "$stops" -lt 100 ] && [ "${turns[i]}" -lt 8 ] || [ "${states[i]:-0}" -gt 1 ] || saw=0
done
[ $saw -eq 1 ]
ok $? "stops saw ${states[0]:-no} states of modules, ${states[1]:-no} of online CPUs, ${states[2]:-no} of memory"

# On a busy host, Linux 6.12 counts the bandwidth of dl_server below 0 when a CPU goes: dl_server_stop()
no_reports "$board" 'WARNING: .*kernel/sched/deadline\.c:.*__sub_running_bw'
done_testing
