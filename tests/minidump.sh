# SPDX-License-Identifier: GPL-2.0-only
# What the tests of minidumps share. Source it behind tap.sh, from the top folder.
tool=build/tests/meminspect
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export ASAN_OPTIONS=detect_leaks=1

model() { python3 tests/minidump.py "$@"; }

# A new folder $work/d of that kind; files are made once.
fresh() {	# KIND
	[ -d "$work/$1" ] || model make "$1" "$work/$1" "$work/$1.plan" || exit 1
	plan=$work/$1.plan
	rm -rf "$work/d"
	cp -r "$work/$1" "$work/d"
}

# Collects from $work/d (or what is given), and leaves the output in $output, the core in $core.
collect() {	# [OPTION VALUE...]
	core=$work/core
	rm -f "$core"
	[ $# -gt 0 ] || set -- --minidump "$work/d"
	output=$(timeout -s KILL 60 "$tool" collect "$@" -o "$core" 2>&1)
	status=$?
}

# The core has all that was planted but these regions, and not a wrong byte; the exit status says so.
lacks() {	# NAME [REGION...]
	local name=$1
	shift
	is "$status" "$([ $# -eq 0 ] && [ -z "$dirty" ] && echo 0 || echo 1)" "$name: exit status" || comment <<<"$output"
	is "$(model check "$core" "$plan" "$@" 2>&1)" right "$name: what is there is right, and is all but what was lost" ||
		comment <<<"$output"
}

says() {	# TEXT NAME
	grep -qF -- "$1" <<<"$output"
	ok $? "$2" || comment <<<"$output"
}
