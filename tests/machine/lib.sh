# SPDX-License-Identifier: GPL-2.0-only
# What the tests of whole machines share. Source it from bash, at the top of the tree.
. lab/lib.sh
. tests/tap.sh

meminspect=build/meminspect

# A machine that did not die spoils only its own test.
give_up() { echo "$*; see $log" | comment; done_testing; exit 1; }

stop() { [ ! -e "${machine_dir-}/pid" ] || "$(lab_machine)" --stop "$machine_dir" >/dev/null 2>&1; }
finish() {
	stop
	rm -f "${machine_dir-}/ram"
}
trap finish EXIT

# die NAME BOARD DEATH ARGUMENT...: boots a machine and lets it die; it stays for the collector
die_by() {
	log=build/log/$kernel_version$variant/machine-$1
	machine_dir=$log/machine
	core=$log/qmp.core
	load_board "$2"
	vmlinux=$(kernel_vmlinux "$2")
	rm -rf "$log"
	mkdir -p "$log"
	"$(lab_machine)" --board "$2" --death "$3" --dir "$machine_dir" --timeout 120 --keep "${@:4}" \
		>"$log/machine.out" 2>&1
	local status=$?
	tr -d '\r' <"$machine_dir/serial.log" >"$log/console"
	ok $status "$1 came up and died as asked: $(head -n 1 "$log/machine.out")" || {
		tail -n 20 "$log/console" "$machine_dir/qemu.log" | comment
		give_up "$(cat "$log/machine.out")"
	}
}

# What the guest said of itself: said KEY
said() { lab_value "$machine_dir" "$1"; }

# One line a record line, each with its time: tools show a record of several lines differently.
timed_lines() {
	tr -d '\r' | sed 's/[[:space:]]*$//' |
		awk '/^\[ *[0-9]+\.[0-9]+\] /{time = $0; sub(/\].*/, "]", time); print; next}
			time != "" && NF {sub(/^[[:space:]]+/, ""); print time " " $0}' | sort -u
}

# What the kernel printed on the console
console_lines() { grep -aE '^\[ *[0-9]+\.[0-9]{6}\] ' "$log/console" | timed_lines; }

# The core has what debugfs listed in the guest: same_regions_as_guest JSON, of `meminspect regions`
same_regions_as_guest() {
	awk '!/^#/ {print $1, $2, $3, $6}' "$machine_dir/regions" | sort >"$log/regions.guest"
	jq -r '.regions[] | select(.name | startswith("meminspect_directory") | not) |
		[.vaddr[2:], .pieces[0].paddr[2:], (.size | tostring), .name] | join(" ")' "$1" | sort >"$log/regions.core"
	cmp -s "$log/regions.guest" "$log/regions.core" && [ -s "$log/regions.guest" ]
	ok $? "the core has the regions that the living kernel listed ($(wc -l <"$log/regions.guest"))" ||
		diff "$log/regions.guest" "$log/regions.core" | head -n 20 | comment
}

# no_reports BOARD [EXPECTED]: the kernel's own checks say nothing, but for lines that match EXPECTED,
# and it made no mistake that it lives on after: arm64 says neither BUG nor Oops of some of them
no_reports() {
	grep -aE 'BUG:|WARNING:|KASAN|UBSAN|possible recursive locking|possible circular|inconsistent lock|INFO: |Oops: |Unable to handle kernel|Internal error: ' \
		"$log/console" | grep -avE "${2-^$}" >"$log/reports"
	# KCSAN has much to say of others
	if [ "${VARIANT-}" = kcsan ]; then
		! sed -nE '/BUG: KCSAN/,/={40}/p' "$log/console" | grep -aE 'meminspect_|kernel/meminspect' |
			head -n 20 | comment | grep .
		ok $? "$1: no data race in meminspect ($(grep -ac 'BUG: KCSAN' "$log/reports") elsewhere)"
		sed -i '/KCSAN/d; /INFO: /d' "$log/reports"
	fi
	[ ! -s "$log/reports" ]
	ok $? "$1: no report of the kernel's own checks" ||
		grep -aF -A 30 -f "$log/reports" "$log/console" | head -n 40 | comment
}

# A phone: an arm64 board whose boot firmware has prepared memory.
# die_with_firmware NAME DEATH ARGUMENT...: as die_by
die_with_firmware() {
	local prepared=$PWD/build/log/$kernel_version$variant/firmware-$1 options
	rm -rf "$prepared"
	mkdir -p "$prepared"
	options=$(build/lab/firmware prepare "$prepared") &&
		lab/firmware/tree --board arm64 4 1G "$prepared/tree.dtb" >"$prepared/tree.log" 2>&1
	ok $? "firmware has prepared the memory" || comment <"$prepared/tree.log"
	die_by "$1" arm64 "$2" --memory 1G --qemu "$options -dtb $prepared/tree.dtb" "${@:3}"
}

# What firmware writes after the reset, into a new folder: firmware_dumps FOLDER ARGUMENT...
# Rows that are not in use are invalid, and it says so: that is not all that it may have to say.
firmware_dumps() {
	build/lab/firmware dump --ram "$machine_dir/ram" "${@:2}" "$1" >"$log/firmware.out" 2>&1
	local status=$?
	grep -v 'is not valid: 0x494e5641' "$log/firmware.out" | grep -v '[0-9] files in' >"$log/firmware.refused"
	[ $status -eq 0 ] || { [ $status -eq 4 ] && [ ! -s "$log/firmware.refused" ]; }
}
