#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A phone dies while regions come and go, at random moments: each time firmware takes the table, and
# a valid core comes of what it wrote. STRESS_STOPS says how many.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

stops=${STRESS_STOPS:-5}
die_with_firmware minidump-stops none --append "lab.stress=$((30 + stops * 3)) meminspect=all meminspect_consumers=lab_stress,lab_block movablecore=512M"

seed=${SEED:-$RANDOM}
RANDOM=$seed
echo "# SEED=$seed"
refused=() broken=() wrong=() unsaid=() rows=0
for ((i = 0; i < stops; i++)); do
	sleep "0.$((RANDOM % 900 + 100))"
	rm -rf "$log/folder" "$core"
	tests/machine/qmp.py "$machine_dir/qmp.sock" stop || give_up "QEMU does not answer"
	firmware_dumps "$log/folder" || { refused+=("$i"); cp "$log/firmware.refused" "$log/refused-$i"; }
	tests/machine/qmp.py "$machine_dir/qmp.sock" cont
	$meminspect collect --minidump "$log/folder" -o "$core" >"$log/collect.out" 2>&1
	# 1 is that something is missing: what came a moment before, or had no row
	[ $? -le 1 ] && [ -f "$core" ] && $meminspect log "$core" >"$log/log.out" 2>&1 &&
		grep -q 'LAB: marker=' "$log/log.out" || { broken+=("$i"); cp "$log/collect.out" "$log/broken-$i"; }
	grep -q 'the kernel had no row for [0-9]* ranges of memory' "$log/collect.out" || unsaid+=("$i")
	$meminspect check "$core" >"$log/check.out" 2>&1
	! grep -q ' corrupt ' "$log/check.out" || { wrong+=("$i"); cp "$log/check.out" "$log/wrong-$i"; }
	rows=$((rows + $(ls "$log/folder" | wc -l)))
done
is "${refused[*]-}${refused:-none}" none "firmware takes every row of the table, $stops times ($((rows / stops)) on average)"
is "${broken[*]-}${broken:-none}" none "a core with the whole log comes of it each time"
is "${wrong[*]-}${wrong:-none}" none "nothing in it is corrupt"
is "${unsaid[*]-}${unsaid:-none}" none "that not all had a row is recorded each time"
# What stress.sh knows of Linux 6.12 is no complaint of ours
! grep -aE 'BUG:|WARNING:|Oops|Unable to handle kernel|Internal error: ' "$machine_dir/serial.log" |
	grep -avE 'kernel/sched/deadline\.c:.*__sub_running_bw' | head -n 5 | comment | grep .
ok $? "the kernel complains of nothing"
done_testing
