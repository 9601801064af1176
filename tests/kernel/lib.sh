# SPDX-License-Identifier: GPL-2.0-only
# What the tests of the kernel sources share. Source it from bash, at the top of the tree.
. lab/lib.sh
. tests/tap.sh

pristine=$cache/linux-$kernel_version/pristine
# The unpatched files that patches touch, with what it takes to be a source tree
make_pristine() {
	# Tests run at the same time
	exec 8>"$cache/linux-$kernel_version/.pristine-lock"
	flock 8
	unpack_pristine
	local status=$?
	exec 8>&-
	return $status
}
unpack_pristine() {
	local wanted=$cache/linux-$kernel_version/.pristine-wanted
	{
		printf '%s\n' .gitattributes Makefile Kconfig COPYING scripts/checkpatch.pl \
			scripts/spelling.txt scripts/const_structs.checkpatch
		sed -n 's/^--- a\///p' linux/patches/"$kernel_version"/*.patch
	} | sort -u | sed "s|^|linux-source-$kernel_version/|" >"$wanted.new"
	cmp -s "$wanted" "$wanted.new" && [ -d "$pristine" ] && return
	rm -rf "$pristine" "$pristine.new"
	mkdir -p "$pristine.new"
	tar -C "$pristine.new" --strip-components=1 -xf "$(kernel_tarball "$kernel_version")" \
		-T "$wanted.new" || return
	mv "$pristine.new" "$pristine"
	mv "$wanted.new" "$wanted"
}

# Numbers of the patches that the cover letter says are enough by themselves
minimum() {
	sed -n '/^How small/,/alone/p' linux/patches/cover-letter | grep -oE '\b[0-9]+ \(' | tr -d ' ('
}

# objects_for ARCH CROSS_COMPILE DIRECTORY CONFIG-LINE... -- TARGET...: compiles some objects only
objects_for() {
	local arch=$1 cross=$2 output=$3 line
	shift 3
	mkdir -p "$output"
	: >"$output/.fragment.new"
	while [ "$1" != -- ]; do
		echo "$1" >>"$output/.fragment.new"
		shift
	done
	shift
	if ! cmp -s "$output/.fragment" "$output/.fragment.new" || [ ! -f "$output/.config" ]; then
		make -s -C "$kernel_source" O="$output" ARCH="$arch" CROSS_COMPILE="$cross" \
			KCONFIG_ALLCONFIG="$output/.fragment.new" allnoconfig || return
		mv "$output/.fragment.new" "$output/.fragment"
	fi
	while read -r line; do
		grep -qxF -e "$line" "$output/.config" || { echo "$arch: $line was not taken"; return 1; }
	done <"$output/.fragment"
	CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} make -s -j"$(nproc)" -C "$kernel_source" O="$output" ARCH="$arch" \
		CROSS_COMPILE="$cross" CC="ccache ${cross}gcc" HOSTCC="ccache gcc" "$@"
}
unset MAKEFLAGS MFLAGS MAKELEVEL
