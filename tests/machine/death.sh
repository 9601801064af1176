#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# One machine, one death: boots it, lets it die, collects over QMP and from the
# image of its RAM, and puts questions to our tool and to the real consumers.
# BOARD-DEATH.t are links to this file. What the guest printed on its console
# while it lived is what all answers are compared with.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

name=$(basename "$0" .t)
board=${name%%-*}
death=${name#*-}
answer() { sed -n "s/^$1=//p" "$log/drgn.out"; }

die_by "$name" "$board" "$death"

# --- collect ---
started=$(date +%s%N)
$meminspect collect --qmp "$machine_dir/qmp.sock" -o "$core" >"$log/collect.out" 2>&1
ok $? "collect over QMP finds everything" || comment <"$log/collect.out"
echo "# $(cat "$log/collect.out"); $((($(date +%s%N) - started) / 1000000)) ms"
stop
$meminspect collect --ram "$machine_dir/ram" -o "$log/ram.core" >>"$log/collect.out" 2>&1
ok $? "collect from the image of RAM finds everything" || comment <"$log/collect.out"
[ -f "$core" ] || give_up "no core"
[ "$(stat -c %s "$core")" -le $((2 << 20)) ]
ok $? "the core is not over 2 MiB: $(stat -c %s "$core") bytes"

$meminspect check "$core" >"$log/check.out" 2>&1
ok $? "check finds every region whole"
$meminspect regions --json "$core" >"$log/regions.json"
$meminspect regions --json "$log/ram.core" >"$log/ram-regions.json"
contents='[.regions[] | {name, key, size, verdict, pieces}]'
[ "$(jq -cS "$contents" "$log/regions.json")" = "$(jq -cS "$contents" "$log/ram-regions.json")" ]
ok $? "both ways of collecting found the same regions"

# --- regions, as the living kernel listed them in debugfs ---
same_regions_as_guest "$log/regions.json"
case $kernel_version in
6.12) named_by_version=(nr_irqs tk_core shadow_timekeeper) ;;
*) named_by_version=(total_nr_irqs timekeeper_data) ;;
esac
for region in linux_banner init_uts_ns vmcoreinfo prb_descs prb_infos prb_data prb printk_rb_static \
	printk_rb_dynamic clear_seq jiffies_64 tainted_mask __cpu_possible_mask __cpu_present_mask \
	__cpu_online_mask __cpu_active_mask __per_cpu_offset nr_threads node_states \
	_totalram_pages saved_command_line saved_command_line_text ${named_by_version[*]} \
	$([ "$board" = x86_64 ] && echo page_offset_base vmalloc_base vmemmap_base crash_notes); do
	[ "$(jq "[.regions[] | select(.name == \"$region\" and .verdict == \"present\")] | length" \
		"$log/regions.json")" = 1 ] || missing="${missing-} $region"
done
is "${missing-none}" none "each region that a core must have is there once"
is "$(jq '[.regions[] | select(.name == "crash_note") | .key] | sort == [0, 1, 2, 3]' \
	"$log/regions.json")" true "a note for each CPU"
is "$(jq '[.regions[] | select(.name == "linux_banner") | .size] | first' "$log/regions.json")" \
	$(($(said banner | wc -c) + 1)) "linux_banner has its true length"
is "$(jq '[.regions[] | select(.name == "saved_command_line_text") | .size] | first' \
	"$log/regions.json")" "$(said cmdline | wc -c)" "the command line has its true length"

# --- log ---
$meminspect log "$core" >"$log/log.out" 2>"$log/log.err"
ok $? "the log is whole"
console_lines >"$log/console.lines"
timed_lines <"$log/log.out" >"$log/log.lines"
is "$(comm -23 "$log/console.lines" "$log/log.lines" | wc -l)" 0 \
	"every line of the console is in the log ($(wc -l <"$log/console.lines"))" ||
	comm -23 "$log/console.lines" "$log/log.lines" | head -n 5 | comment
grep -q "LAB: marker=$(said marker)" "$log/log.out"
ok $? "the log has the random marker of this boot"

# --- identity ---
text=$(nm "$vmlinux" | sed -n 's/ T _text$//p')
is "$(jq -r .ident.kaslr_offset "$log/regions.json")" \
	"$(printf '0x%016x' $(($(said symbol._text) - 0x$text)))" \
	"the KASLR offset is what kallsyms and vmlinux differ by"
is "$(jq -r .ident.build_id "$log/regions.json")" \
	"$(readelf -n "$vmlinux" | sed -n 's/^ *Build ID: //p')" "the build-id is that of vmlinux"
is "$(jq -r .ident.release "$log/regions.json")" "$(said release)" "the release is the guest's"

# --- debugfs while it lived ---
is "$(said regions-as-root) $(said core-as-root)" "opened opened" "debugfs is for root"
is "$(said regions-without-rawio) $(said core-without-rawio)" \
	"Operation not permitted Operation not permitted" "but not without CAP_SYS_RAWIO"
live=$machine_dir/core
[ "$(readelf -lW "$live" 2>/dev/null | grep -c ' LOAD ')" -eq \
	"$(awk '!/^#/ {extents += $4} END {print extents}' "$machine_dir/regions")" ]
ok $? "the live core has a segment for each extent"
timeout 120 "$tools_bin/drgn" -q -c "$live" -s "$vmlinux" --no-default-symbols \
	tests/consumers/questions.py >"$log/live.out" 2>"$log/live.err"
ok $? "drgn answers every question on the live core" || tail -n 3 "$log/live.err" | comment
is "$(sed -n 's/^nodename=//p' "$log/live.out")" "$(said nodename)" "drgn: node name on the live core"

# --- the death ---
$meminspect report "$core" >"$log/report.out" 2>&1
ok $? "report answers"
sources=$(jq -c '[.registers[].source] | unique' "$log/regions.json")
is "$(jq -c '[.registers[].cpu]' "$log/regions.json")" "[0,1,2,3]" "registers of every CPU"
if [ "$death" = hang ]; then
	! grep -E 'soft lockup|LOCKUP on|watchdog: BUG|rcu.*(stall|self-detected)|Kernel panic|Oops:' \
		"$log/log.out" | comment | grep .
	ok $? "no watchdog, RCU or panic line is in the log"
	is "$(jq -c '.capture // "none"' "$log/regions.json")" '"none"' "no panic was captured"
	is "$sources" '["qemu"]' "no notes were saved: registers are QEMU's"
	is "$(jq -c '[.registers[].source] | unique' "$log/ram-regions.json")" '["none"]' \
		"the image of RAM has no registers, and this is said"
	grep -q 'no panic was recorded' "$log/report.out"
	ok $? "report says that no panic was recorded"
else
	is "$sources" '["kernel"]' "the kernel saved them all"
	is "$(jq -r .capture.text "$log/regions.json")" \
		"$(sed -n 's/^.*Kernel panic - not syncing: //p' "$log/log.out" | head -n 1)" \
		"the panic text is that of the log"
	reason=2
	[ "$death" != panic ] && [ "$death" != deaf-cpu ] || reason=1
	is "$(jq -r .capture.reason "$log/regions.json")" "$reason" "the reason: panic, or oops before it"
	is "$(jq -r .capture.nr_cpus_online "$log/regions.json")" 4 "4 CPUs were online"
	seconds=$(jq -r '.capture.realtime / 1e9 | floor' "$log/regions.json")
	before=$(said time)
	[ "$seconds" -ge "${before%.*}" ] && [ "$seconds" -le $((${before%.*} + 60)) ]
	ok $? "the time of death follows the guest's last look at the clock"
fi
[ "$death" != irq-bug ] || { grep -q 'Fatal exception in interrupt' "$log/log.out"; ok $? "it died in an interrupt"; }

# --- crash ---
# arm64's is emulated: half a minute each time
case $board-$death in
x86_64-* | arm64-panic | arm64-hang)
	printf 'log\nquit\n' | timeout 300 "$tools_bin/crash-$board" --minimal -s "$vmlinux" "$core" \
		>"$log/crash.out" 2>&1
	ok $? "crash --minimal opens the core" || tail -n 5 "$log/crash.out" | comment
	timed_lines <"$log/crash.out" >"$log/crash.lines"
	is "$(comm -23 "$log/console.lines" "$log/crash.lines" | wc -l)" 0 "crash's log has every line of the console" ;;
esac

# --- drgn ---
timeout 120 "$tools_bin/drgn" -q -c "$core" -s "$vmlinux" --no-default-symbols \
	tests/consumers/questions.py >"$log/drgn.out" 2>"$log/drgn.err"
ok $? "drgn answers every question" || tail -n 3 "$log/drgn.err" | comment
for key in release version machine nodename nr_irqs banner; do
	is "$(answer $key)" "$(said $key)" "drgn: $key"
done
# An oops taints the kernel: TAINT_DIE is bit 7. So does a warning, TAINT_WARN, bit 9: a machine that
# is slow enough gets one, before or after its panic, and says so on the console.
taint=$(said tainted)
[ "$death" != irq-bug ] && [ "$death" != null ] || taint=$((taint | 1 << 7))
! grep -a 'WARNING: .*CPU' "$machine_dir/serial.log" | comment | grep . || taint=$((taint | 1 << 9))
is "$(answer tainted)" "$taint" "drgn: tainted_mask"
is "$(answer command_line)" "$(said cmdline)" "drgn: command line"
is "$(answer totalram_pages)" "$(said memory-pages)" "drgn: _totalram_pages"
is "$(answer possible)" 0,1,2,3 "drgn: possible CPUs (the guest: $(said cpus-possible))"
is "$(answer present)" 0,1,2,3 "drgn: present CPUs (the guest: $(said cpus-present))"
is "$(said cpus-possible) $(said cpus-present) $(said nodes-online)" "0-3 0-3 0" "which is what the guest said"
is "$(answer nodes_online)" 0x1 "drgn: online nodes"
is "$(answer nodes_memory)" 0x1 "drgn: nodes with memory"
jiffies=$(answer jiffies)
# The guest printed it last before it died; the deaths take seconds at most.
[ "${jiffies:-0}" -ge "$(said jiffies)" ] && [ "$jiffies" -le $(($(said jiffies) + 30000)) ]
ok $? "drgn: jiffies_64 ($jiffies) is at or shortly after what the guest saw ($(said jiffies))"
sed -n 's/^dmesg=//p' "$log/drgn.out" | timed_lines >"$log/drgn.lines"
is "$(comm -23 "$log/console.lines" "$log/drgn.lines" | wc -l)" 0 "drgn's dmesg has every line of the console"

# --- and which questions drgn can answer is what check expects ---
$meminspect check "$core" >"$log/check.out" 2>&1
timeout 120 "$tools_bin/drgn" -q -c "$core" -s "$vmlinux" --no-default-symbols \
	tests/consumers/answers.py >"$log/answers.out" 2>"$log/answers.err"
is "$(sed -n 's/^  drgn answers: //p' "$log/check.out")" "$(cat "$log/answers.out")" "check knows what drgn answers" ||
	comment <"$log/answers.err"

# --- contents, through every kind of address, read as the dead kernel's pointers would ---
timeout 120 "$tools_bin/drgn" -q -c "$core" -s "$vmlinux" --no-default-symbols \
	tests/consumers/contents.py "$machine_dir/regions" >"$log/contents.out" 2>"$log/contents.err"
ok $? "drgn reads the regions of the lab's module" || tail -n 3 "$log/contents.err" | comment
is "$(sort "$log/contents.out" | tr '\n' ' ')" "$(printf '%s right ' lab_irq lab_kmalloc lab_module \
	'lab_percpu cpu=0' 'lab_percpu cpu=1' 'lab_percpu cpu=2' 'lab_percpu cpu=3' lab_stack lab_vmalloc)" \
	"vmalloc, slab, module, per-CPU, stack, and marked in an interrupt: each holds what was put there"
[ "$(jq '[.regions[] | select(.name == "lab_vmalloc") | .pieces | length] | first' "$log/regions.json")" -gt 1 ]
ok $? "the vmalloc region has more than one extent"
is "$(sed -n 's/^.*refused: //p' "$machine_dir/regions" | sed 's/ class-off=[0-9]*//')" \
	"invalid=2 not-ram=1 user=0 exists=1 no-rows=0 busy=0" "what cannot be marked was refused and counted"

# --- gdb ---
timeout 120 $meminspect open --gdb=gdb-multiarch --vmlinux "$vmlinux" "$core" -- -nx -batch -ex 'info threads' \
	-ex 'printf "jiffies=%lu\n", jiffies_64' -ex 'printf "nodename=%s\n", init_uts_ns.name.nodename' \
	-ex 'p init_uts_ns' -ex 'thread apply all -q info symbol $pc' -ex 'echo lx-dmesg\n' -ex lx-dmesg \
	>"$log/gdb-all.out" 2>&1
sed '/^lx-dmesg$/,$d' "$log/gdb-all.out" >"$log/gdb.out"
# It rounds times, which the kernel cuts off
untimed() { sed 's/^\[[^]]*\] //' "$1" | sort -u; }
sed '1,/^lx-dmesg$/d' "$log/gdb-all.out" | timed_lines >"$log/gdb.lines"
is "$(comm -23 <(untimed "$log/console.lines") <(untimed "$log/gdb.lines") | wc -l)" 0 \
	"gdb: the kernel's lx-dmesg has every line of the console"
is "$(grep -cE '^[* ]+[0-9]+ +(LWP|Thread)' "$log/gdb.out")" 4 "gdb: a thread for each CPU"
is "$(sed -n 's/^jiffies=//p' "$log/gdb.out")" "$jiffies" "gdb: jiffies_64, as drgn"
is "$(sed -n 's/^nodename=//p' "$log/gdb.out")" "$(said nodename)" "gdb: init_uts_ns"
# Threads are printed last first.
sed -n 's/\( + [0-9]*\)\{0,1\} in section .*//p; /^No symbol matches/p' "$log/gdb.out" | tac >"$log/gdb.places"
if [ "$death" = hang ]; then
	is "$(sort -u "$log/gdb.places")" lkdtm_HARDLOCKUP "gdb: all CPUs spin where they were sent"
else
	# The function that does what panic() is asked to
	panic=$(nm "$vmlinux" | sed -n 's/^.* T \(vpanic\)$/\1/p')
	declare -A place=([panic]=${panic:=panic} [deaf-cpu]=$panic [irq-bug]='No symbol matches $pc.' [null]=lkdtm_EXCEPTION)
	cpu=$(jq .capture.cpu "$log/regions.json")
	# irq-bug dies in a module, which vmlinux has no symbols of
	is "$(sed -n "$((cpu + 1))p" "$log/gdb.places")" "${place[$death]}" \
		"gdb: the panicking CPU is where it died" || comment <"$log/gdb.places"
	# It had interrupts off: an NMI, or on arm64 a pseudo-NMI, got at it
	[ "$death" != deaf-cpu ] || is "$(sed -n "$(($(said deaf-cpu) + 1))p" "$log/gdb.places")" \
		lkdtm_HARDLOCKUP "gdb: the CPU that had interrupts off spins where it was sent"
fi

done_testing
