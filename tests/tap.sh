# SPDX-License-Identifier: GPL-2.0-only
# What shell tests use to speak TAP. Source it from bash.
tests=0

ok() {	# STATUS NAME
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
	else
		echo "not ok $tests - $2"
		echo "$0: not ok $tests - $2" | comment
		return 1
	fi
}

# What is empty is never what was expected: a tool that says nothing is wrong.
is() {	# GOT EXPECTED NAME
	[ "$1" = "$2" ] && [ -n "$2" ]
	ok $? "$3" || printf 'got:      %s\nexpected: %s\n' "$1" "$2" | comment
}

# For what cannot be there, never for what did not work
skip() {	# NAME WHY
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

# Why something failed: prove shows only what goes to the standard error
comment() { sed 's/^/# /' | tee -a /dev/stderr; }
done_testing() { echo "1..$tests"; }
