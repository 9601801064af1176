#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The driver for boot firmware, and the configuration, as modules: what they mark and tell comes when
# they are loaded, and goes when they are unloaded.
cd "$(dirname "$0")/../.." || exit 1
export VARIANT=module
. tests/machine/lib.sh
make --no-print-directory "build/lab/initramfs-arm64-$kernel_version-module.cpio" >"build/log/modules-build.log" 2>&1
ok $? "the kernel is built" || { tail -n 5 build/log/modules-build.log | comment; done_testing; exit; }
has_config() { $meminspect regions --json "$1" | jq -e '.regions[] | select(.name == "kernel_config_data" and .verdict == "present")' >/dev/null; }

die_with_firmware minidump-module panic --append lab.load=qcom_minidump,configs
is "$(said loaded.qcom_minidump)$(said loaded.configs)" 11 "the modules load"
module=$(find "$(kernel_build arm64)" -name qcom_minidump.ko)
alias=$(modinfo -F alias "$module" | grep -x "$(said modalias)")
[ -n "$alias" ]
ok $? "the driver has the alias of the device: $(said modalias)"
firmware_dumps "$log/folder"
ok $? "firmware takes the table: $(tail -n 1 "$log/firmware.out")" || head -n 5 "$log/firmware.refused" | comment
stop
$meminspect collect --minidump "$log/folder" -o "$core" >"$log/collect.out" 2>&1 &&
	$meminspect check "$core" >"$log/check.out" 2>&1
ok $? "and there is a whole core" || cat "$log/collect.out" "$log/check.out" | grep -v ' present ' | head -n 5 | comment
has_config "$core"
ok $? "with the configuration"
finish

die_with_firmware minidump-unloaded hang --append "lab.load=qcom_minidump,configs lab.unload=qcom_minidump,configs"
is "$(said unloaded.qcom_minidump)$(said unloaded.configs)" 11 "they are unloaded"
build/lab/firmware dump --ram "$machine_dir/ram" "$log/folder" >"$log/firmware.out" 2>&1
is $? 3 "firmware takes no table: $(tail -n 1 "$log/firmware.out")"
$meminspect collect --qmp "$machine_dir/qmp.sock" -o "$core" >"$log/collect.out" 2>&1
ok $? "what else is marked is collected" || comment <"$log/collect.out"
! has_config "$core"
ok $? "without the configuration, which is no more"
grep -aE 'BUG:|WARNING:|Oops' "$log/console" | comment
[ "${PIPESTATUS[0]}" -ne 0 ]
ok $? "the kernel has nothing to say of it"
finish
done_testing
