#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What suffices: boots a board, lets it die, takes a full dump, and cuts from it a core that holds
# what the kernel marked, and the objects that docs/what-suffices.md lists besides. The real crash
# opens it without a flag, and answers as on the full dump; so it does on the core that
# `meminspect collect --vmlinux` makes. suffice-BOARD-DEATH.t are links to this file. WITHOUT="NAME..." leaves regions or objects out of the core, to see what they are there for.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

name=$(basename "$0" .t)
board=${name#suffice-}
death=${board##*-}
board=${board%-*}
commands=('sys' 'bt' 'bt -a' 'ps' 'log' 'runq' 'irq' 'timer' 'mod' 'sym -m lab_regions')
# Of what is marked, and what level default has no answer to, or not a whole one
of_marked=('p nr_irqs' 'p jiffies' 'p /x jiffies' 'p node_states' 'p crash_notes'
	'struct rq.nr_running,clock runqueues:a' 'dis schedule' 'mach' 'swap')
of_others=('dev' 'net')
consumers=tests/consumers

if [ "$kernel_version" != 6.12 ]; then
	skip "$name" "crash 9 does not open a full dump of Linux $kernel_version without flags either"
	done_testing
	exit
fi
die_by "$name" "$board" "$death" --append meminspect=current,stack,task
full=$log/full
trap 'finish; rm -f "$full" "$full".core' EXIT
build/tests/full-dump "$machine_dir/qmp.sock" "$PWD/$full" >"$log/full-dump.out" 2>&1 || give_up "no full dump"
$meminspect collect --qmp "$machine_dir/qmp.sock" -o "$core" >"$log/collect.out" 2>&1
ok $? "what the kernel marked is collected" || give_up "$(cat "$log/collect.out")"
$meminspect regions --json "$core" >"$log/regions.json"
$meminspect collect --qmp "$machine_dir/qmp.sock" --vmlinux "$vmlinux" -o "$log/ours.core" >>"$log/collect.out" 2>&1
ok $? "and what crash asks for besides is added" || comment <"$log/collect.out"
$meminspect collect --ram "$machine_dir/ram" --level rich --vmlinux "$vmlinux" -o "$log/rich-ram.core" >"$log/rich-ram.out" 2>&1
ok $? "and what pointers lead to" || comment <"$log/rich-ram.out"
for level in small default; do
	$meminspect collect --qmp "$machine_dir/qmp.sock" --level $level --vmlinux "$vmlinux" -o "$log/$level.core" >"$log/$level.collect" 2>&1
	ok $? "and less: level $level" || comment <"$log/$level.collect"
done
finish

timeout 120 "$tools_bin/drgn" -q -c "$full" -s "$vmlinux" --no-default-symbols \
	$consumers/unmarked.py "$log/objects" >"$log/unmarked.out" 2>&1
ok $? "drgn finds what is not marked" || give_up "$(tail -n 3 "$log/unmarked.out")"

# Both have the same notes, so that memory alone makes a difference
sparse_core() { python3 $consumers/sparse-core.py "$full" "$log/regions.json" "$log/objects" "$@" 2>&1; }
made=$(sparse_core "$log/cut.core" --without "${WITHOUT// /,}") && sparse_core "$full.core" --whole >"$log/whole.out"
ok $? "the core: $made" || give_up "no cores"

# ask OUT COMMAND...: puts all questions to crash. The answer to each goes to OUT.QUESTION
crash=$tools_bin/crash-$board
ask() {
	printf '%s\n' "${commands[@]}" quit >"$1.in"
	timeout 900 "${@:2}" -i "$1.in" </dev/null >"$1" 2>&1
	local status=$?
	# What it overwrites on a terminal is no answer; only the name of the file differs
	tr '\r' '\n' <"$1" | sed '/^please wait/s/.*)  *//; /^ *DUMPFILE: /d' | awk -v out="$1" -v file="$1.start" '
		/^crash> /{file = substr($0, 8); gsub(/[ \/]/, "", file); file = out "." file} {print >file}'
	return $status
}
file_of() { tr -d ' /' <<<"$1"; }
answer() { sed -n "s/^ *$1: //p" "$log/cut.out.start" | head -n 1; }

of_others+=("vtop $(said symbol.init_task)")
(commands+=("${of_marked[@]}" "${of_others[@]}"); ask "$log/full.out" "$crash" "$vmlinux" "$full.core") &
ask "$log/cut.out" "$crash" "$vmlinux" "$log/cut.core"
status=$?
wait $!
ok $? "crash opens the full dump" || give_up "it does not"
ok $status "and the core, without a flag" || { tail -n 5 "$log/cut.out" | comment; give_up "it does not"; }
ask "$log/ours.out" $meminspect open --crash="$crash" --vmlinux "$vmlinux" "$log/ours.core" --
ok $? "and ours" || tail -n 5 "$log/ours.out" | comment

# The log is the guest's own words; all else is crash's
errors=$(grep -hE 'WARNING|rror:|cannot|failed|invalid|NotDump|unavailable' \
	"$log"/cut.out.{start,sys,bt,bt-a,ps,runq,irq,timer,mod,sym-mlab_regions})
is "${errors:-none}" none "it says no word of anything missing"
for question in "${commands[@]}"; do
	one=${question// /}
	diff "$log/full.out.$one" "$log/cut.out.$one" >"$log/$one.diff" && [ "$(wc -l <"$log/cut.out.$one")" -gt 1 ]
	ok $? "$question: as on the full dump ($(wc -l <"$log/cut.out.$one") lines)" ||
		head -n 5 "$log/$one.diff" | comment
done

# The same in the other format. An emulated crash takes minutes
if [ "$board" != arm64 ]; then
	$meminspect core --format kdump "$log/ours.core" -o "$log/ours.kdump" >>"$log/collect.out" 2>&1
	ask "$log/kdump.out" "$crash" "$vmlinux" "$log/ours.kdump"
	ok $? "and kdump-compressed" || tail -n 5 "$log/kdump.out" | comment
	for one in sys log ps runq irq mod; do
		diff "$log/ours.out.$one" "$log/kdump.out.$one" >"$log/kdump.$one.diff" && [ "$(wc -l <"$log/kdump.out.$one")" -gt 1 ]
		ok $? "$one: kdump-compressed as ELF" || head -n 5 "$log/kdump.$one.diff" | comment
	done
fi

# Not in ours: queued timers, which nobody marks
same_as_full() {	# CORE COMMAND...
	local core=$1 question one
	for question in "${@:2}"; do
		one=$(file_of "$question")
		diff "$log/full.out.$one" "$log/$core.out.$one" >"$log/$core.$one.diff" && [ "$(wc -l <"$log/$core.out.$one")" -gt 1 ]
		ok $? "$question: $core as the full dump" || head -n 5 "$log/$core.$one.diff" | comment
	done
}
same_as_full ours 'sys' 'ps' 'log' 'runq' 'irq' 'mod' 'sym -m lab_regions'
# The full dump has the registers of the end, ours those of the CPU that panicked and of each other one
# when it was stopped: of each task, ours has the outer frames, none if it was in user mode. (There crash for
# x86_64 has nothing to start with, and takes what is left of functions above stop_this_cpu() for frames.)
outer_frames() {	# OURS FULL
	awk '/^PID: /{task = $4; order[NR == FNR, ++nr[NR == FNR]] = task}
		/^ *#[0-9]+ \[user space\]/ {next}
		/^ *#[0-9]+ \[/ {frames[NR == FNR, task] = $3 == "stop_this_cpu" ? "" : frames[NR == FNR, task] " " $3}
		END {
			for (i = 1; i <= nr[1] || i <= nr[0]; i++) {
				task = order[1, i]
				ours = frames[1, task]; full = frames[0, task]
				if (task != order[0, i] || ours != substr(full, length(full) - length(ours) + 1))
					print "task " task ":" ours " is not the end of" full
			}
			exit nr[1] == 0
		}' "$1" "$2"
}
for one in bt bt-a; do
	wrong=$(outer_frames "$log/ours.out.$one" "$log/full.out.$one") && [ -z "$wrong" ]
	ok $? "$one: ours has the same frames ($(grep -c ' #[0-9]* \[' "$log/ours.out.$one"))" || comment <<<"$wrong"
done
# Of a task in user mode, crash for arm64 asks what is mapped there.
errors=$(grep -hE 'WARNING|rror:|cannot|failed|invalid|NotDump|unavailable' \
	"$log"/ours.out.{start,sys,bt,bt-a,ps,runq,irq,mod,sym-mlab_regions} |
	grep -vE '^bt: read error: .*"mt_dump_node read maple_node"')
is "${errors:-none}" none "ours: no word of anything missing"

# --- which is what check expects: timer differs, all others were compared above ---
$meminspect check "$log/ours.core" >"$log/check.out" 2>&1
is "$(sed -n 's/^  crash answers: //p' "$log/check.out")" "sys, log, bt, bt -a, foreach bt, ps, runq, irq, mod" "check knows what crash answers"
! diff "$log/full.out.timer" "$log/ours.out.timer" >/dev/null && grep -q 'crash does not answer timer for want of: timer_list$' "$log/check.out"
ok $? "and what it does not, as no timer is marked"
timeout 300 "$tools_bin/drgn" -q -c "$log/ours.core" -s "$vmlinux" --no-default-symbols \
	tests/consumers/answers.py >"$log/answers.out" 2>"$log/answers.err"
is "$(sed -n 's/^  drgn answers: //p' "$log/check.out")" "$(cat "$log/answers.out")" "and what drgn answers" ||
	comment <"$log/answers.err"

# --- levels: less answers less, and as much as ours; what pointers lead to answers as the full dump ---
level_answers() {	# LEVEL QUESTION...
	local level=$1 question one
	shift
	commands=("$@" "${more[@]}")
	ask "$log/$level.out" "$crash" "$vmlinux" "$log/$level.core"
	ok $? "level $level: crash opens it without a flag" || tail -n 5 "$log/$level.out" | comment
	for question; do
		one=${question// /}
		diff "$log/ours.out.$one" "$log/$level.out.$one" >"$log/$level.$one.diff" && [ "$(wc -l <"$log/$level.out.$one")" -gt 1 ]
		ok $? "level $level: $question as ours" || head -n 5 "$log/$level.$one.diff" | comment
	done
}
more=()
level_answers small 'log' 'bt' 'bt -a' 'runq'
more=("${of_marked[@]}" "${of_others[@]}")
level_answers default 'sys' 'log' 'bt' 'bt -a' 'ps' 'runq' 'irq' 'mod'
same_as_full default "${of_marked[@]}"
for question in "${of_others[@]}"; do
	one=$(file_of "$question")
	verdict=$(python3 $consumers/judge.py "$log/full.out.$one" "$log/default.out.$one" 2>&1)
	[[ ${verdict%%$'\n'*} =~ ^(same|partial|clear error)$ ]]
	ok $? "$question: level default says what it lacks ($(head -n 1 <<<"$verdict"))" || comment <<<"$verdict"
done
errors=$(grep -hE 'WARNING|rror:|cannot|failed|invalid|NotDump|unavailable' "$log"/default.out.{start,sys,bt,bt-a,ps,runq,irq,mod} |
	grep -vE '^bt: read error: .*"mt_dump_node read maple_node"')
is "${errors:-none}" none "level default: no word of anything missing"

$meminspect extract "$full" --vmlinux "$vmlinux" -o "$log/rich.core" >"$log/extract.out" 2>&1
ok $? "extract makes a core of the full dump" || comment <"$log/extract.out"
commands=('sys' 'bt' 'bt -a' 'ps' 'foreach bt' 'files' 'foreach files' 'mount' 'timer' 'timer -r' 'kmem -s' 'kmem -z' 'swap' 'dev' 'net'
	'vm' 'sig' 'mach' 'task')
ask "$log/whole.out" "$crash" "$vmlinux" "$full.core" &
ask "$log/rich.out" "$crash" "$vmlinux" "$log/rich.core"
status=$?
wait
ok $status "level rich: crash opens it without a flag" || tail -n 5 "$log/rich.out" | comment
for question in "${commands[@]}"; do
	one=${question// /}
	case $question in
	# The full dump has the registers of the end, as above
	bt | 'bt -a' | 'foreach bt') outer_frames "$log/rich.out.$one" "$log/whole.out.$one" ;;
	*) diff "$log/whole.out.$one" "$log/rich.out.$one" ;;
	esac >"$log/rich.$one.diff" && [ ! -s "$log/rich.$one.diff" ] && [ "$(wc -l <"$log/rich.out.$one")" -gt 1 ]
	ok $? "$question: rich as the full dump ($(wc -l <"$log/rich.out.$one") lines)" || head -n 5 "$log/rich.$one.diff" | comment
done
grep -q '^  crash answers: .*, timer, ' <<<"$($meminspect check "$log/rich.core")"
ok $? "check knows that crash answers timer then"
# CPUs that hang go on from the one to the other: frames, and the code of them, may be others
without_code() {	# CORE
	$meminspect regions --json "$1" | jq -c '.regions[] | select(.name | test("^(text|orc_)") | not)'
}
without_code "$log/rich.core" >"$log/rich.regions"
without_code "$log/rich-ram.core" | diff "$log/rich.regions" - >"$log/rich-ram.diff" && [ -s "$log/rich.regions" ]
ok $? "a RAM image has the same" || head -n 5 "$log/rich-ram.diff" | comment

# --- drgn: of CPUs that were stopped, ours has the registers of then, as above ---
printf 'drgn|%s\n' 'stacks_of_cpus()' '(module.name.string_() for module in for_each_module())' >"$log/drgn.list"
ask_drgn() {	# CORE
	timeout 300 "$tools_bin/drgn" -q -c "$1" -s "$vmlinux" --no-default-symbols $consumers/ask-drgn.py "$log/drgn.list" >"$2" 2>&1
	sed -n '/^drgn> stacks/,/^drgn> (module/p' "$2" | sed '1d; $d' >"$2.stacks"
	sed '1,/^drgn> (module/d; /^drgn> quit/d' "$2" | sort >"$2.modules"
}
ask_drgn "$full.core" "$log/drgn-full.out"
for level in ours small default rich; do
	ask_drgn "$log/$level.core" "$log/drgn-$level.out"
	verdict=$(python3 $consumers/judge.py "$log/drgn-full.out.stacks" "$log/drgn-$level.out.stacks" 2>&1)
	[[ ${verdict%%$'\n'*} = same* ]] && [ "$(grep -c '^CPU: ' "$log/drgn-$level.out.stacks")" -eq 4 ]
	ok $? "drgn: the stack of each CPU: $level as the full dump" || comment <<<"$verdict"
	is "$(cat "$log/drgn-$level.out.modules")" "$(said modules | tr , '\n' | sort)" "drgn: modules: $level has the guest's"
done

# --- gdb ---
gdb_on() {	# CORE COMMAND...
	timeout 300 $meminspect open --gdb=gdb-multiarch --vmlinux "$vmlinux" "$1" -- -nx -batch "${@:2}" 2>&1
}
gdb_on "$log/ours.core" -ex 'thread apply all bt' >"$log/gdb.out"
# Of CPUs that were stopped, gdb has the registers from before, and crash what it finds of the stopping, too
cpus=$(jq '.capture.cpu // (0, 1, 2, 3)' "$log/regions.json")
wrong=$(python3 $consumers/callers.py "$log/ours.out.bt-a" "$log/gdb.out" $cpus)
ok $? "gdb: bt of CPU ${cpus//[[:space:]]/, } has the functions that crash's has" || comment <<<"$wrong"
gdb_on "$log/rich.core" -ex lx-ps >"$log/lx-ps.out"
# It lists init_task of the idle tasks, and each name as it is
awk '$1 ~ /^0x/ && $2 > 0 {print $2, $3}' "$log/lx-ps.out" | sort >"$log/lx-ps"
sed -n 's/^>* *\([1-9][0-9]*\)  *[0-9]* .* \(\S*\)$/\1 \2/p' "$log/rich.out.ps" | tr -d '[]' | sort >"$log/ps"
diff "$log/ps" "$log/lx-ps" >"$log/lx-ps.diff" && [ -s "$log/lx-ps" ]
ok $? "gdb: lx-ps has the tasks of crash's ps ($(wc -l <"$log/lx-ps"))" || head -n 5 "$log/lx-ps.diff" | comment

# --- others, on ours ---
others=vmcore-dmesg
# makedumpfile reads what was built for its own machine
if [ "$board" = "$(uname -m)" ]; then
	for format in core kdump; do
		others+=" makedumpfile-$format"
		makedumpfile --dump-dmesg "$log/ours.$format" "$log/makedumpfile-$format.log" >"$log/makedumpfile.out" 2>&1
		ok $? "makedumpfile opens ours ($format)" || comment <"$log/makedumpfile.out"
	done
fi
vmcore-dmesg "$log/ours.core" >"$log/vmcore-dmesg.log" 2>"$log/vmcore-dmesg.out"
ok $? "vmcore-dmesg opens ours" || comment <"$log/vmcore-dmesg.out"
console_lines >"$log/console.lines"
for one in $others; do
	is "$(timed_lines <"$log/$one.log" | comm -23 "$log/console.lines" - | wc -l)" 0 "$one: every line of the console"
done
eu-readelf -a "$log/ours.core" >"$log/readelf.out" 2>"$log/readelf.err" && [ ! -s "$log/readelf.err" ] && [ -s "$log/readelf.out" ]
ok $? "eu-readelf has no complaint" || head -n 3 "$log/readelf.err" | comment

# --- what both could have wrong: the guest knows better ---
is "$(answer NODENAME) $(answer RELEASE)" "$(said nodename) $(said release)" "NODENAME and RELEASE are the guest's"
# A machine that starts slowly loses ticks. They are counted from 5 minutes before they wrap at 32 bits
seconds=$(answer UPTIME | awk -F : '{print ($1 * 60 + $2) * 60 + $3}')
hz=$(sed -n 's/^CONFIG_HZ=//p' "$(kernel_build "$board")/.config")
before=$((($(said jiffies) - (1 << 32) + 300 * hz) / hz))
[ "$seconds" -ge "$before" ] && [ "$seconds" -le $((before + 60)) ]
ok $? "UPTIME ($seconds s) follows the guest's last look at its jiffies ($before s)"
timed_lines <"$log/cut.out.log" >"$log/cut.lines"
is "$(comm -23 "$log/console.lines" "$log/cut.lines" | wc -l)" 0 "log: every line of the console"
is "$(awk 'length($1) == 16 && $1 ~ /^[0-9a-f]+$/ {print $2}' "$log/cut.out.mod" | sort)" "$(said modules | tr , '\n' | sort)" "mod: the guest's modules"
is "$(grep -cE ' [0-9a-f]{16}  [A-Z]{2} ' "$log/cut.out.ps")" "$(answer TASKS)" "ps: every task"
is "$(grep -cE '^PID: ' "$log/cut.out.bt-a")" 4 "bt -a: a task for each CPU"
if [ "$death" = panic ]; then
	is "$(answer PANIC)" "\"$(sed -n 's/^.*\(Kernel panic - not syncing: .*\)/\1/p' "$log/console" | head -n 1)\"" \
		"PANIC is what the console said"
	grep -q sysrq_handle_crash "$log/cut.out.bt"
	ok $? "bt: the CPU that panicked was in sysrq's crash"
else
	is "$(answer PANIC)" '""' "no panic"
	is "$(grep -c lkdtm_HARDLOCKUP "$log/cut.out.bt-a")" 4 "bt -a: each CPU spins where it was sent"
fi
done_testing
