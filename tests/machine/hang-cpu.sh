#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# One CPU hangs with interrupts off, in a task or in an interrupt of the idle task, while all others idle and nothing
# watches: who opens the core is led to it. BOARD-hang-task.t and BOARD-hang-irq.t are links to this file.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

name=$(basename "$0" .t)
board=${name%%-*}
death=${name#*-}
cpu=2	# lab/guest/death.c
case $death in
hang-task) function=lkdtm_HARDLOCKUP caller=lkdtm_do_action ;;
hang-irq) function=lab_death_hang caller=do_idle ;;
esac
# Where the CPU came from
case $board-$death in
x86_64-hang-task) outermost=entry_SYSCALL_64 ;;
x86_64-hang-irq) outermost=secondary_startup_64 ;;
arm64-hang-task) outermost=el0t_64_sync ;;
arm64-hang-irq) outermost=__secondary_switched ;;
esac
crash=$tools_bin/crash-$board

die_by "$name" "$board" "$death" \
	--append "nowatchdog rcupdate.rcu_cpu_stall_suppress=1 meminspect=current,stack,task"
$meminspect collect --qmp "$machine_dir/qmp.sock" --vmlinux "$vmlinux" -o "$core" >"$log/collect.out" 2>&1
ok $? "collect over QMP finds everything" || { comment <"$log/collect.out"; [ -f "$core" ] || give_up "no core"; }
finish

# What each CPU ran, by the scheduler's own word
timeout 120 "$tools_bin/drgn" -q -c "$core" -s "$vmlinux" --no-default-symbols \
	tests/consumers/current.py >"$log/current" 2>"$log/drgn.err"
ok $? "drgn reads what each CPU ran" || tail -n 3 "$log/drgn.err" | comment
read -r task pid < <(awk -v cpu=$cpu '$1 == cpu {print $2, $3}' "$log/current")
[ "$death" = hang-task ] && [ "${pid:-0}" -gt 1 ] || { [ "$death" = hang-irq ] && [ "$pid" = 0 ]; }
ok $? "CPU $cpu hangs in process ${pid-none}"
# That does not hinder the others from looking after their timers now and then
[ "$(awk -v cpu=$cpu '$1 != cpu && $3 == 0' "$log/current" | wc -l)" -ge 2 ]
ok $? "the others idle" || comment <"$log/current"
is "$(readelf -n "$core" 2>"$log/readelf.err" | sed -n '/^ *MEMINSP /,/description data/s/^ *description data: *//p' |
	tr ' ' '\n' | tac | tr -d '\n')" "$task" "the note for crash names the task of CPU $cpu"

if [ "$kernel_version" != 6.12 ]; then
	skip "$name" "crash 9 opens no core of Linux $kernel_version without a flag"
	done_testing
	exit
fi

timeout 300 $meminspect open --gdb=gdb-multiarch --vmlinux "$vmlinux" "$core" -- -nx -batch \
	-ex 'thread apply all bt' >"$log/gdb.out" 2>&1
# It has no symbols of a module
is "$(sed -n "/^Thread $((cpu + 1)) /,/^\$/p" "$log/gdb.out" | grep -oE " ($function|$caller|$outermost) \(" | tr -d ' (' | tr '\n' ' ')" \
	"$([ "$death" = hang-irq ] || echo "$function ")$caller $outermost " "gdb: bt leads from where CPU $cpu hangs to where it came from"

# arm64's crash is emulated: tests/slow asks it
if [ "$board" = arm64 ] && [[ $0 != */slow/* ]]; then
	done_testing
	exit
fi
printf '%s\n' bt 'bt -a' quit >"$log/crash.in"
timeout 900 "$crash" "$vmlinux" "$core" -i "$log/crash.in" </dev/null >"$log/crash.out" 2>&1
ok $? "crash opens it without a flag" || tail -n 5 "$log/crash.out" | comment
panel() { tr '\r' '\n' <"$log/crash.out" | sed -n "/^crash> /q; s/^ *$1: //p"; }
is "$(panel CPU)" $cpu "crash: CPU"
is "$(panel TASK | awk '{print $1}')" "$task" "crash: TASK"
is "$(panel PANIC)" '""' "crash: PANIC"
sed -n '/^crash> bt$/,/^crash> bt -a/p' "$log/crash.out" >"$log/bt"
grep -q "^PID: $pid  *TASK: $task  *CPU: $cpu " "$log/bt" && grep -qE "[ :]$function(\+[0-9]+\]| at )" "$log/bt" &&
	grep -q " $caller at " "$log/bt"
ok $? "crash: bt shows that CPU $cpu is in $function(), and who called it" || comment <"$log/bt"
# Code of a module, which the other one hangs in, is not marked
[ "$death" = hang-irq ] || is "$(grep 'rror:' "$log/bt" || echo none)" none "crash: bt says no word of anything missing"

sed '1,/^crash> bt -a/d' "$log/crash.out" >"$log/bt-a"
wrong=$(python3 tests/consumers/callers.py "$log/bt-a" "$log/gdb.out" 0 1 2 3)
ok $? "gdb: bt of each CPU has the functions that crash's has" || comment <<<"$wrong"
done_testing
