#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The commands of docs/qualcomm.md, as they stand there, on a phone that is told to mark what the page
# says. Its blocks say where a command runs: `sh phone` in the guest, `sh` on the host, `sh series` on
# files that have the names of the posted series, `sh elsewhere` not in the lab. crash for arm64 is
# emulated, and reads all of vmlinux: hence among the slow ones.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

page=$PWD/docs/qualcomm.md
block() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/{/^\`\`\`/!p}" "$page"; }

# --- Kconfig ---
config=$(kernel_build arm64)/.config
lines=0 missing=()
while IFS= read -r line; do
	lines=$((lines + 1))
	grep -qxF -e "$line" "$config" || missing+=("$line")
done < <(block kconfig)
is "$lines lines, not in the board's: ${missing[*]:-none}" "15 lines, not in the board's: none" \
	"the page's configuration is in the board's"
is "$(grep -c '^CONFIG_CRASH_DUMP=' "$config")" 0 "without CONFIG_CRASH_DUMP, which the page calls unnecessary"

# --- on the phone ---
words=$(sed -n 's/^    \(qcom_scm\.download_mode=mini .*\)/\1/p' "$page")
is "$words" "qcom_scm.download_mode=mini meminspect=current,stack,task" "the page says what to tell the kernel"
mapfile -t phone < <(block 'sh phone')
is "${#phone[@]} ${phone[-1]}" "5 echo c >/proc/sysrq-trigger" "on the phone, five commands, the last its death"
mode=/sys/module/qcom_scm/parameters/download_mode
# The kernel's command line has set it: see that it does, and take it back for the page to set
typed="cat $mode;echo off >$mode"
for command in "${phone[@]}"; do
	typed+=";$command"
done
die_with_firmware minidump-guide panic --append "$words lab.type=${typed// /+}"
# Where the kernel's log has a thread to print it, it may break into a line of others.
tr -d '\r' <"$log/console" | sed -E 's/\[ *[0-9]+\.[0-9]{6}\] .*//' >"$log/typed"
# answer COMMAND: what it printed when it was typed the last time
answer() {
	awk -v command="LAB: type=$1" '
		/^LAB: type=/{if ((on = $0 == command)) text = ""}
		on && sub(/^LAB: typed=/, "") {text = text $0 "\n"} END {printf "%s", text}' "$log/typed"
}
is "$(sed -n 's/^LAB: type=//p' "$log/typed")" "$(tr ';' '\n' <<<"$typed")" "all of them were typed"
is "$(sed -n 's/^LAB: typed=\(off\|full\|mini\|full,mini\)$/\1/p' "$log/typed" | tr '\n' ' ')" "mini mini " \
	"the download mode is the command line's, and then what echo wrote"
[[ $(answer "${phone[2]}") = *uevent* ]]
ok $? "${phone[2]}: the driver has its device" || answer "${phone[2]}" | comment
answer "${phone[3]}" >"$log/regions.typed"
is "$(awk '$6 == "linux_banner" {print "0x" $1}' "$log/regions.typed")" "$(said symbol.linux_banner)" \
	"${phone[3]}: a table of regions ($(wc -l <"$log/regions.typed") lines)"

# --- on the host ---
desk=$log/desk
mkdir -p "$desk/bin"
stop
# What the page calls them
ln -s "$tools_bin/crash-arm64" "$desk/bin/crash"
ln -s "$tools_bin/drgn" "$desk/bin/drgn"
ln -s "$PWD/$meminspect" "$desk/bin/meminspect"
ln -s "$vmlinux" "$desk/vmlinux"
# In the place of the USB cable
socket=$PWD/$log/socket
cat >"$desk/bin/qdl" <<-END
	#!/bin/sh
	QDL_USB_SOCKET=$socket LD_PRELOAD=$PWD/build/tests/qdl-usb.so exec $tools_bin/qdl "\$@"
END
chmod +x "$desk/bin/qdl"
build/lab/firmware sahara --ram "$machine_dir/ram" --socket "$socket" --timeout 60 >"$log/sahara.out" 2>&1 &
for _ in {1..200}; do
	[ ! -S "$socket" ] || break
	sleep 0.05
done
PATH=$PWD/$desk/bin:$PATH
console_lines >"$log/console.lines"
has_log() {	# OUTPUT NAME
	timed_lines <"$1" >"$1.lines"
	is "$(comm -23 "$log/console.lines" "$1.lines" | wc -l)" 0 "$2: every line of the console" ||
		tail -n 5 "$1" | comment
}

# The guest printed its own trace as it died. Behind panic() stands what follows a call that never returns.
grep -a 'Call trace:' -A 60 "$log/console" | tr -d '\r' | sed -n 's/^\[[^]]*\]  \([a-z0-9_]*\)+0x[1-9a-f][0-9a-f]*\/.*/\1/p' |
	sed -n '/^v*panic$/,$p' | sed 's/^vpanic$/panic/; 1a sysrq_handle_crash' >"$log/frames"
is "$(sed -n '1,4p' "$log/frames" | tr '\n' ' ')" "panic sysrq_handle_crash __handle_sysrq write_sysrq_trigger " \
	"the guest said how it came to its panic ($(wc -l <"$log/frames") frames)"
cpu=$(tr -d '\r' <"$log/console" | sed -n 's/^\[[^]]*\] CPU: \([0-9]*\) .*/\1/p' | head -n 1)
pid=$(tr -d '\r' <"$log/console" | sed -n 's/^\[[^]]*\] CPU: .* PID: \([0-9]*\) .*/\1/p' | head -n 1)
# has_frames OUTPUT: one below the other, whatever stands between
has_frames() {
	awk 'NR == FNR {frame[++frames] = $1; next}
		/^ *#[0-9]+/{for (i = 2; i <= NF; i++) if ($i == frame[found + 1]) {found++; break}}
		{sub(/\+0x.*/, "", $2)} /^ *#[0-9]+/ && $2 == frame[found + 1] {found++}
		END {exit found != frames || !frames}' "$log/frames" "$1"
}

number=0
run() {	# FOLDER COMMAND
	number=$((number + 1))
	out=$PWD/$log/command-$number
	(cd "$1" && HOME=$PWD timeout 1200 bash -e -o pipefail -c "$2") >"$out" 2>&1
	status=$?
	# 1 is that something is missing: a task that came in the last moment has no row
	[ $status -eq 0 ] || { [ $status -eq 1 ] && [[ $2 = meminspect* && $2 != 'meminspect open'* ]]; }
	ok $? "$2" || tail -n 5 "$out" | comment
}
while IFS= read -r command; do
	run "$desk" "$command"
	case $command in
	qdl*)
		firmware_dumps "$log/dump"
		gone=$(sed -n "s/.*\(row [0-9]*, 'K[^']*'\), is not valid: 0x494e5641$/\1/p" "$log/firmware.out" | tr '\n' ' ')
		is "${gone:-none}" none "no row was taken back right before the death: what cat makes would have all behind it elsewhere"
		is "$(ls "$desk/memory" | grep -vx minidump.elf)" "$(ls "$log/dump")" "qdl fetches a file for each row of the table" ;;
	'meminspect collect'*)
		lacks=$(grep '^  ' "$out" | grep -vE ': no row of the minidump has memory there$|^  the kernel had no row for ')
		is "${lacks:-nothing}" nothing "what is missing had no row" ;;
	crash* | 'meminspect log'*) has_log "$out" "$command" ;;
	'meminspect open core'*)
		grep -q "^PID: $pid  *TASK: .* CPU: $cpu " "$out" && has_frames "$out"
		ok $? "crash: the backtrace is the guest's own, of CPU $cpu" || tail -n 25 "$out" | comment ;;
	'meminspect open --drgn'*)
		has_frames "$out"
		ok $? "drgn: the backtrace is the guest's own" || comment <"$out" ;;
	'meminspect open --gdb'*)
		grep -q "^\[Switching to thread $((cpu + 1)) (LWP $((cpu + 1)))\]" "$out" && grep -qE '^#[0-9]+ .* *v?panic \(fmt=' "$out" &&
			has_frames "$out"
		ok $? "gdb: the backtrace is the guest's own, of CPU $cpu, which is in panic()" || tail -n 10 "$out" | comment ;;
	esac
	[[ $command != *--zero_excluded* ]] || {
		grep -qE "^> +$pid .* $cpu +[0-9a-f]{16} " "$out"
		ok $? "crash: what ran on CPU $cpu is in ps" || tail -n 5 "$out" | comment
	}
done < <(block sh)
is "$number" 12 "commands on the host"

# --- the series' own command, on files that have its names and what ours have ---
series=$(block 'sh series')
mkdir -p "$desk/series/memory"
mapfile -t names < <(grep -o 'memory/md_K[^ ]*' <<<"$series")
mapfile -t ours <"$desk/order"
for i in "${!names[@]}"; do
	cp "$desk/${ours[i]}" "$desk/series/${names[i]}"
done
is "${#names[@]}" 56 "the series' cat has its 56 files"
run "$desk/series" "$series"
size=$(stat -c %s "$desk/series/minidump_image")
cmp -n "$size" "$desk/series/minidump_image" "$desk/minidump_image"
ok $? "the general command makes the same of the first ${#names[@]} files, and goes on ($size bytes)"
run "$desk/series" "$(block sh | grep '^ls memory/')"
is "$(cat "$desk/series/order")" "$(printf '%s\n' "${names[@]}")" "and has the series' order"

# --- what the lab has not ---
is "$(block 'sh elsewhere')" "edl memorydump" "only this is not run"
is "$(grep -c '^```' "$page") $(grep -cE '^```(sh( phone| series| elsewhere)?|kconfig|dts)$' "$page")" "30 15" \
	"each block of the page is of a kind that is looked at"
done_testing
