#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Firmware is told nothing any more when the driver let go, and all again when it is back.
cd "$(dirname "$0")/../.." || exit 1
. tests/machine/lib.sh

die_with_firmware minidump-unbind hang --append lab.unbind=qcom-minidump
is "$(said unbound)" qcom-minidump "the driver let go of the device"
build/lab/firmware dump --ram "$machine_dir/ram" "$log/folder" >"$log/firmware.out" 2>&1
is $? 3 "firmware takes no table: $(tail -n 1 "$log/firmware.out")"
[ ! -e "$log/folder" ]
ok $? "and dumps nothing"
finish

die_with_firmware minidump-rebind hang --append "lab.unbind=qcom-minidump lab.rebind"
is "$(said bound)" qcom-minidump "the driver took the device again"
firmware_dumps "$log/folder"
ok $? "firmware takes its table: $(tail -n 1 "$log/firmware.out")" || head -n 5 "$log/firmware.refused" | comment
stop
$meminspect collect --minidump "$log/folder" -o "$core" >"$log/collect.out" 2>&1 &&
	$meminspect check "$core" >"$log/check.out" 2>&1
ok $? "and there is a whole core" || cat "$log/collect.out" "$log/check.out" | grep -v ' present ' | head -n 5 | comment
done_testing
