#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The KUnit suite passes in a kernel that is a program (ARCH=um).
cd "$(dirname "$0")/../.." || exit 1
. tests/kernel/lib.sh

output=$cache/linux-$kernel_version/uml
log=build/log/$kernel_version/uml
mkdir -p "$log"
cases=$(sed -n 's/^\tKUNIT_CASE(\([a-z_]*\)),$/\1/p' linux/files/kernel/meminspect/meminspect_kunit.c)

objects_for um "" "$output" CONFIG_64BIT=y CONFIG_PRINTK=y CONFIG_SYSFS=y CONFIG_PROC_FS=y CONFIG_MODULES=y \
	CONFIG_TTY=y CONFIG_STDERR_CONSOLE=y CONFIG_KUNIT=y CONFIG_MEMINSPECT=y CONFIG_MEMINSPECT_CURRENT=y \
	CONFIG_MEMINSPECT_KUNIT_TEST=y -- -j"$(nproc)" linux >"$log/build" 2>&1
ok $? "the kernel is built" || grep -E 'error|not taken' "$log/build" | head -n 5 | comment
! grep -E 'meminspect[^ ]*:[0-9]+.*warning' "$log/build"
ok $? "without a warning from ours"

# There is nothing to boot into: it panics behind its tests.
TMPDIR=$log timeout 120 "$output/linux" mem=128M con=null con0=fd:0,fd:1 kunit.enable=1 kunit.autorun=1 \
	kunit.filter_glob=meminspect panic=-1 </dev/null >"$log/console" 2>&1
for name in $cases; do
	grep -qE "^ +ok [0-9]+ $name( # SKIP .*)?\$" "$log/console"
	ok $? "$name" || tail -n 20 "$log/console" | comment
done
is "$(grep -E '^(not )?ok ' "$log/console")" "ok 1 meminspect" "the suite"
! grep -E 'BUG:|WARNING:' "$log/console"
ok $? "no report from the kernel"
done_testing
