# SPDX-License-Identifier: GPL-2.0-only
# What the tests of the model of boot firmware share. Source it from bash, after tap.sh, at the top.
firmware=$PWD/build/tests/firmware
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Python that knows firmware_image.py, and makes files in $work; the script is on the standard input
python() { (cd "$work" && PYTHONPATH=$OLDPWD/tests /usr/bin/python3 -B - "$@"); }

# bytes FILE OFFSET LENGTH: in hexadecimal
bytes() { od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d ' \n'; }

# run STATUS NAME ARGUMENT...: the model ends with that status; its messages are in $work/err
run() {
	local status=$1 name=$2 got
	shift 2
	"$firmware" "$@" >"$work/out" 2>"$work/err"
	got=$?
	is "$got" "$status" "$name" || comment <"$work/err"
}

# says WORDS NAME: the last run did so
says() {
	grep -qF -- "$1" "$work/err"
	ok $? "$2" || comment <"$work/err"
}
