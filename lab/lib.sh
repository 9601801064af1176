# SPDX-License-Identifier: GPL-2.0-only
# Where things are, for the scripts of the lab and of the tests. Source it from bash; the current
# directory does not matter.

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top_dir=$(dirname "$lab_dir")
cache=${MEMINSPECT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/meminspect}
kernel_version=${KERNEL:-6.12}
kernel_source=$cache/linux-$kernel_version/source
tools_bin=$cache/tools/bin
dt_schema_bin=$cache/dt-schema/bin

say() { printf '%s: %s\n' "${0##*/}" "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# The variables that describe a board: kernel_arch, cross_compile, kernel_image
load_board() {
	local file=$lab_dir/board/$1/board
	[ -r "$file" ] || die "no board '$1': $file is not there; boards: $(boards)"
	. "$file"
}
boards() { (cd "$lab_dir/board" && printf '%s ' */ | tr -d /); }

[ -d "$top_dir/linux/patches/$kernel_version" ] ||
	die "no patches for Linux '$kernel_version'; there are: $(ls "$top_dir/linux/patches" | tr '\n' ' ')"

# kernel_tarball VERSION: the pristine source, as lab/setup left it. What lab/packages does not list
# comes from a newer Debian, and is kept in the cache.
kernel_tarball() {
	if grep -qx "linux-source-$1" "$lab_dir/packages"; then
		echo "/usr/src/linux-source-$1.tar.xz"
	else
		echo "$cache/linux-$1/linux-source-$1.tar.xz"
	fi
}

# VARIANT names a file of lab/variant: what a kernel has besides what is asked for the board
variant=${VARIANT:+-$VARIANT}
kernel_build() { echo "$cache/linux-$kernel_version/build-$1$variant"; }
kernel_vmlinux() { echo "$(kernel_build "$1")/vmlinux"; }
lab_machine() { echo "$top_dir/build/lab/machine"; }

# lab_value DIRECTORY KEY: what the guest said as "LAB: KEY=...", the last time it did. The console
# alone has what it said later, and what it said through the kernel's log.
lab_value() {
	{
		tr -d "\r" <"$1/serial.log" | sed -n "s/^.*LAB: $2=//p"
		sed -n "s/^LAB: $2=//p" "$1/facts"
	} | tail -n 1
}
