#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The commands of docs/qualcomm.md, as they stand there, on a phone that died with the classes that the
# page asks for. crash for arm64 is emulated, and reads all of vmlinux: hence among the slow ones.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

page=$PWD/docs/qualcomm.md
words=$(sed -n 's/^    qcom_scm\.download_mode=mini \(.*\)/\1/p' "$page")
is "$words" meminspect=current,stack,task "the page says what to mark"
die_with_firmware minidump-guide panic --append "$words"
desk=$log/desk
mkdir -p "$desk/bin"
firmware_dumps "$desk/memory"
ok $? "firmware dumps it: $(tail -n 1 "$log/firmware.out")" || head -n 5 "$log/firmware.refused" | comment
stop

# What the page calls them
ln -s "$tools_bin/crash-arm64" "$desk/bin/crash"
ln -s "$tools_bin/drgn" "$desk/bin/drgn"
ln -s "$PWD/$meminspect" "$desk/bin/meminspect"
ln -s "$vmlinux" "$desk/vmlinux"
PATH=$PWD/$desk/bin:$PATH
console_lines >"$log/console.lines"
has_log() {	# OUTPUT NAME
	timed_lines <"$1" >"$1.lines"
	is "$(comm -23 "$log/console.lines" "$1.lines" | wc -l)" 0 "$2: every line of the console" ||
		tail -n 5 "$1" | comment
}

# Each line of a block is a command
number=0
while IFS= read -r command; do
	number=$((number + 1))
	out=$PWD/$log/command-$number
	(cd "$desk" && timeout 1200 bash -e -o pipefail -c "$command") >"$out" 2>&1
	status=$?
	# 1 is that something is missing: a task that came in the last moment has no row
	[ $status -eq 0 ] || { [ $status -eq 1 ] && [[ $command = meminspect* ]]; }
	ok $? "$command" || tail -n 5 "$out" | comment
	case $command in
	crash* | 'meminspect log'*) has_log "$out" "$command" ;;
	drgn*) is "$(cat "$out")" "$(said nodename)" "drgn: node name" ;;
	*gdb*) grep -q '^#0 ' "$out"; ok $? "gdb: where the CPU was" ;;
	esac
done < <(sed -n '/^```sh$/,/^```$/{/^```/!p}' "$page")
[ $number -ge 10 ]
ok $? "$number commands stand on the page"
done_testing
