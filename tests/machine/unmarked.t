#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A kernel that marks neither tasks nor stacks, as it is without a word on its command line: what pointers
# lead to in a full dump is enough for crash, from each format of dump; and what a dump lacks is said.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

name=unmarked
# Without KASLR the directory is below what is cut off below
die_by "$name" x86_64 panic --append nokaslr

if [ "$kernel_version" != 6.12 ]; then
	# There is nothing to compare with: crash 9 opens a full dump with flags only
	$meminspect collect --ram "$machine_dir/ram" --level rich --vmlinux "$vmlinux" -o "$log/rich.core" >"$log/collect.out" 2>&1
	ok $? "a core of all of RAM" || comment <"$log/collect.out"
	finish
	printf '%s\n' sys ps 'bt' quit >"$log/crash.in"
	timeout 300 $meminspect open --crash="$tools_bin/crash-x86_64" --vmlinux "$vmlinux" "$log/rich.core" -- \
		-i "$log/crash.in" </dev/null >"$log/crash.out" 2>&1
	ok $? "crash opens it, with the flag that meminspect open adds" || tail -n 5 "$log/crash.out" | comment
	grep -q '^meminspect: no modules for crash: ' "$log/crash.out"
	ok $? "which says what that leaves out"
	sed '1,/^crash> sys/d' "$log/crash.out" >"$log/answers"
	is "$(sed -n 's/^ *PANIC: "\(.*\)"$/\1/p' "$log/answers")" \
		"$(sed -n 's/^.*\(Kernel panic - not syncing: .*\)/\1/p' "$log/console" | head -n 1)" "PANIC is what the console said"
	is "$(grep -cE ' [0-9a-f]{16}  [A-Z]{2} ' "$log/answers")" "$(sed -n 's/^ *TASKS: //p' "$log/answers")" "ps: every task"
	grep -q 'sysrq_handle_crash at ' "$log/answers"
	ok $? "bt: the CPU that panicked was in sysrq's crash"
	skip "$name" "as on the full dump: none of Linux $kernel_version is opened"
	done_testing
	exit
fi
full=$log/full
trap 'finish; rm -f "$full" "$full".*' EXIT
build/tests/full-dump "$machine_dir/qmp.sock" "$PWD/$full" >"$log/full-dump.out" 2>&1 || give_up "no full dump"
finish
extract() { $meminspect extract "$full$1" --vmlinux "$vmlinux" -o "$log/rich$1.core" >"$log/extract$1.out" 2>&1; }
extract ""
ok $? "a core from QEMU's full dump" || { comment <"$log/extract.out"; give_up "no core"; }
is "$(grep -cE '^ *[a-z]+ +(task|stack|current) .* (task_struct|irq_stack|current_stack)\[' <<<"$($meminspect regions "$log/rich.core")")" 0 \
	"no task and no stack was marked"

# --- by DWARF alone ---
objcopy --remove-section .BTF --remove-section .BTF_ids "$vmlinux" "$full.vmlinux" 2>"$log/objcopy.out"
$meminspect extract "$full" --vmlinux "$full.vmlinux" -o "$log/dwarf.core" >"$log/dwarf.out" 2>&1
ok $? "a core without BTF" || comment <"$log/dwarf.out"
rm -f "$full.vmlinux"
for one in rich dwarf; do
	$meminspect regions --json "$log/$one.core" | jq -c '.regions[]' >"$log/$one.regions"
done
diff "$log/rich.regions" "$log/dwarf.regions" >"$log/dwarf.diff" && [ -s "$log/dwarf.regions" ]
ok $? "DWARF leads to the same regions as BTF ($(wc -l <"$log/dwarf.regions"))" || head -n 5 "$log/dwarf.diff" | comment

# --- crash, on both; the notes of the full dump are the core's, so that memory alone makes a difference ---
$meminspect regions --json "$log/rich.core" >"$log/regions.json"
timeout 120 "$tools_bin/drgn" -q -c "$full" -s "$vmlinux" --no-default-symbols \
	tests/consumers/unmarked.py "$log/objects" >"$log/unmarked.out" 2>&1 || give_up "drgn: $(tail -n 1 "$log/unmarked.out")"
python3 tests/consumers/sparse-core.py "$full" "$log/regions.json" "$log/objects" "$full.elf" --whole >"$log/whole.out" 2>&1
ok $? "the full dump gets the notes of the core" || comment <"$log/whole.out"
commands=('sys' 'ps' 'foreach task -R comm,stack' 'foreach files' 'mount' 'runq' 'irq' 'timer' 'kmem -s')
ask() {	# OUT DUMP
	printf '%s\n' "${commands[@]}" quit >"$1.in"
	timeout 300 "$tools_bin/crash-x86_64" "$vmlinux" "$2" -i "$1.in" </dev/null >"$1" 2>&1
	local status=$?
	tr '\r' '\n' <"$1" | sed -n '/^crash> /,$p' | grep -v '^ *DUMPFILE: ' >"$1.answers"
	return $status
}
ask "$log/crash-full.out" "$full.elf" &
ask "$log/crash-rich.out" "$log/rich.core"
status=$?
wait
ok $status "crash opens it without a flag" || tail -n 5 "$log/crash-rich.out" | comment
diff "$log/crash-full.out.answers" "$log/crash-rich.out.answers" >"$log/crash.diff" &&
	[ "$(grep -c '^crash> ' "$log/crash-rich.out.answers")" -eq $((${#commands[@]} + 1)) ]
ok $? "and answers as on the full dump ($(wc -l <"$log/crash-rich.out.answers") lines)" || head -n 10 "$log/crash.diff" | comment
is "$($meminspect check "$log/rich.core" | sed -n 's/^  crash answers: //p')" \
	"sys, log, bt, bt -a, foreach bt, ps, runq, irq, mod, timer, files, mount, vm, sig, net, dev, kmem -i, kmem -s" "which is what check expects"

# --- other formats ---
lines() {	# what the core has of each 64 bytes of RAM; where that stands in the file does not matter
	python3 -c '
import hashlib, struct, sys
core = open(sys.argv[1], "rb").read()
offset, = struct.unpack_from("<Q", core, 32)
count, = struct.unpack_from("<H", core, 56)
for at in range(offset, offset + 56 * count, 56):
    kind, flags, where, vaddr, paddr, size = struct.unpack_from("<IIQQQQ", core, at)
    end = paddr + size
    while kind == 1 and paddr < end and paddr < 256 << 20:
        part = min(64 - paddr % 64, end - paddr)
        print(hex(vaddr), hex(paddr), part, hashlib.sha1(core[where:where + part]).hexdigest())
        vaddr, paddr, where = vaddr + part, paddr + part, where + part
' "$1" | sort
}
lines "$log/rich.core" >"$log/lines"
for format in '-c -d0' '-l -d1'; do
	suffix=.${format// /}
	makedumpfile $format "$full.elf" "$full$suffix" >"$log/makedumpfile.out" 2>&1 && extract "$suffix"
	ok $? "a core from what makedumpfile $format makes" || comment <"$log/extract$suffix.out"
	lines "$log/rich$suffix.core" | diff "$log/lines" - >"$log/lines$suffix.diff" && [ -s "$log/lines" ]
	ok $? "with the same bytes (in $(wc -l <"$log/lines") places)" || head -n 5 "$log/lines$suffix.diff" | comment
done

# --- dumps that were cut off: libkdumpfile reads zeros where there is nothing ---
cut_off() {	# FILE BYTES
	local size
	size=$(stat -c %s "$1")
	head -c $((size - $2)) "$1" >"$full.short"
	rm -f "$log/rich.short.core"
	extract .short
	is $? 1 "${1##*/} without its last $2 bytes gives a core that is not whole" || comment <"$log/extract.short.out"
	grep -qF "full.short: was cut off: it has $((size - $2)) of $size bytes" "$log/extract.short.out" &&
		grep -qE '^  [a-z_]+(\[[^]]*\])?: (truncated|absent): [0-9]+ of [0-9]+ bytes are missing, from physical address 0x[0-9a-f]+ on: the dump was cut off$' "$log/extract.short.out"
	ok $? "and says so, and of which region" || comment <"$log/extract.short.out"
	lines "$log/rich.short.core" >"$log/lines.short"
	is "$(comm -13 "$log/lines" "$log/lines.short" | wc -l)" 0 "no byte of it is another than in the whole dump's ($(wc -l <"$log/lines.short"))"
}
cut_off "$full.elf" $((64 << 20))
cut_off "$full.-c-d0" 200000

# --- damaged memory: pointers lead anywhere. libkdumpfile loses memory of its own where it can't make sense of it ---
for seed in 1 2 3 4 5 6; do
	cp "$full" "$full.damaged" && chmod u+w "$full.damaged" &&
		python3 tests/consumers/damage.py $seed "$log/rich.core" "$full.damaged" 2>&1 | comment
	rm -f "$log/damaged.core"
	ASAN_OPTIONS=detect_leaks=0 timeout 120 build/tests/meminspect extract "$full.damaged" --vmlinux "$vmlinux" \
		-o "$log/damaged.core" >"$log/damaged.out" 2>&1
	status=$?
	[ $status -le 2 ] && ! grep -E 'Sanitizer|runtime error' "$log/damaged.out" | comment | grep . &&
		{ [ $status -eq 2 ] || [ -s "$log/damaged.core" ]; }
	ok $? "a dump with damages of kind $((seed % 3)): $(head -n 1 "$log/damaged.out" | sed 's/^[^:]*: //; s/;.*//')" || tail -n 3 "$log/damaged.out" | comment
done
done_testing
