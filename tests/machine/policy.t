#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What may be in a dump is decided on the command line: a secret that is denied is nowhere, whatever
# it is marked as; what is over the budget is named; classes come and go.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

collect() {
	$meminspect collect --qmp "$machine_dir/qmp.sock" -o "$core" >"$log/collect.out" 2>&1
	ok $? "$1: everything else is collected" || comment <"$log/collect.out"
	$meminspect regions --json "$core" >"$log/regions.json"
}
verdict() { jq -r "[.regions[] | select(.name == \"$1\") | .verdict] | unique | join(\" \")" "$log/regions.json"; }

# How many of the first words of the secret, as lab_secret.c makes them, are in a file:
# secret_in FILE [WORDS]
secret_in() {
	python3 - "$1" "${2:-64}" <<-'END'
		import struct, sys
		data = open(sys.argv[1], "rb").read()
		seed = 0x9D7F3C5B1E864A2D
		words = [seed * (2 * n + 1) % 2**64 for n in range(int(sys.argv[2]))]
		print(sum(data.count(struct.pack("<Q", word)) for word in words))
	END
}

# The living kernel writes that one, from what is listed then, by code of its own. One that came in
# part would have no secret either.
live_core_has_no_secret() {
	local segments
	segments=$(readelf -lW "$machine_dir/core" 2>/dev/null | grep -c ' LOAD ')
	[ "$segments" -gt 0 ] &&
		[ "$segments" = "$(awk '!/^#/ {extents += $4} END {print extents}' "$machine_dir/regions")" ]
	ok $? "$1: the core in debugfs has a segment for each extent ($segments)"
	is "$(secret_in "$machine_dir/core")" 0 "$1: and no word of the secret"
}

die_by x86_64-no-policy x86_64 panic --append lab.secret
collect "nothing denied"
[ "$(secret_in "$core")" -ge 128 ]
ok $? "a secret that is marked is in the core ($(secret_in "$core") words)"
is "$(verdict lab_alias) $(verdict lab_before) $(verdict lab_secret) $(verdict lab_secret_annotated)" \
	"present present present present" "by all its names"
ram_has=$(secret_in "$machine_dir/ram" 4)
[ "$ram_has" -ge 8 ]
ok $? "and in the guest's memory ($ram_has words)"
grep -qa '^KERNELOFFSET=' "$machine_dir/core"
ok $? "the core in debugfs has VMCOREINFO"
[ "$(secret_in "$machine_dir/core")" -ge 128 ]
ok $? "and the secret ($(secret_in "$machine_dir/core") words)"
finish

for board in x86_64 arm64; do
	rodata=
	# Without, arm64 has no memfd_secret()
	[ $board = x86_64 ] || rodata=rodata=full
	die_by $board-denied $board hang --append "lab.secret lab.memfd_secret $rodata meminspect_deny=name:lab_secret*"
	collect "$board, denied by name"
	[ "$(secret_in "$machine_dir/ram" 4)" -ge 8 ]
	ok $? "$board: the secret is in the guest's memory"
	is "$(secret_in "$core")" 0 "$board: and nowhere in the core"
	live_core_has_no_secret "$board"
	is "$(verdict lab_before) $(verdict lab_secret) $(verdict lab_alias) $(verdict lab_part)" \
		"left-out left-out left-out left-out" "$board: marked before, itself, mapped elsewhere, in part: left out"
	is "$(verdict lab_secret_annotated)" left-out "$board: by annotation: left out"
	is "$(verdict lab_neighbour)" present "$board: its neighbour in the page is there"
	$meminspect report "$core" | grep -q 'left-out'
	ok $? "$board: report says that something was left out"
	is "$(said secret-page)" "Permission denied" "$board: a page of memfd_secret() is refused"
	is "$(said kernel-page)" marked "$board: by its frame number, one of the kernel is marked"
	grep -q "^# left out, denied: .* lab_secret\$" "$machine_dir/regions"
	ok $? "$board: debugfs says so too"
	finish
done

die_by x86_64-classes x86_64 panic --append "lab.secret meminspect=-driver,-time meminspect_deny=class:cpu,range:0x1000-0x2000,name:vmcoreinfo*"
collect "classes"
is "$(jq '[.regions[] | select(.name | startswith("lab_"))] | length' "$log/regions.json")" 0 \
	"a class that is off is not there"
is "$(jq '[.regions[] | select(.class == 7)] | length' "$log/regions.json")" 0 "nor is another one, the time"
is "$(jq -c '[.regions[] | select(.class == 3) | .verdict] | unique' "$log/regions.json")" '["left-out"]' \
	"a class that is denied is left out"
[ -s "$machine_dir/core" ] && ! grep -qa '^KERNELOFFSET=' "$machine_dir/core"
ok $? "VMCOREINFO is denied: the core in debugfs does not have it"
is "$(secret_in "$core")" 0 "no word of the secret is there"
live_core_has_no_secret classes
finish

die_by x86_64-budget x86_64 panic --append "lab.secret meminspect_budget=700K"
collect "budget"
total=$(jq '[.regions[] | select(.verdict == "present" and (.name | startswith("meminspect_directory") | not)) | .size] | add' "$log/regions.json")
[ "$total" -le $((700 << 10)) ] && [ "$total" -gt $((500 << 10)) ]
ok $? "the budget of 700 KiB holds ($total bytes)"
is "$(jq -c '[.regions[] | select(.verdict == "left-out") | .why] | unique | length' "$log/regions.json")" 1 \
	"what is left out says why: $(jq -c '[.regions[] | select(.verdict == "left-out") | .why] | unique' "$log/regions.json")"
finish

die_by x86_64-nonsense x86_64 panic --append "meminspect_deny=what:ever lab.stress=1"
is "$(grep -vc '^#' "$machine_dir/regions")" 0 "a deny list that is not understood denies all"
grep -q "cannot deny 'what'" "$log/console"
ok $? "and the kernel says why"
is "$(said error)" "cannot load lab_stress.ko: Operation not permitted" \
	"a module that is not listed as a consumer is none"
grep -q 'module lab_stress is no consumer' "$log/console"
ok $? "and the kernel says why"
done_testing
