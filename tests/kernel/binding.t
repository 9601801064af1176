#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Our device tree bindings are good schemas, their examples obey them, and what
# they forbid is found. Checked by dt-schema, as `make dt_binding_check` does.
cd "$(dirname "$0")/../.." || exit 1
. tests/kernel/lib.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bindings=$work/Documentation/devicetree/bindings
cat linux/patches/"$kernel_version"/*-dt-bindings-*-add-google-*.patch | patch -d "$work" -p1 -s
PATH=$dt_schema_bin:$PATH
for program in dt-doc-validate dt-extract-example dt-mk-schema dt-validate dtc; do
	command -v $program >"$work/out" || { echo "Bail out! no $program: run 'make setup'"; exit 1; }
done
# What kernels ask for
newest=$(printf '%s\n' 2023.9 "$(dt-doc-validate --version)" | sort -V | tail -n 1)
is "$(dt-doc-validate --version)" "$newest" "dt-schema is new enough"

find $bindings -name '*.yaml' >"$work/files"
[ -s "$work/files" ]
ok $? "there are bindings"
while read -r file; do
	dt-doc-validate -u $bindings "$file" >"$work/out" 2>&1 && [ ! -s "$work/out" ]
	ok $? "$(basename "$file") is a schema" || comment <"$work/out"
	grep -q "^\$id: http://devicetree.org/schemas/${file#$bindings/}#$" "$file"
	ok $? "$(basename "$file") has the id of its place"
	! awk 'length > 80' "$file" | grep .
	ok $? "$(basename "$file") is 80 columns wide"
done <"$work/files"

kinfo=$bindings/reserved-memory/google,debug-kinfo.yaml
dt-mk-schema -j -o "$work/schema.json" "$kinfo" >"$work/out" 2>&1
ok $? "a schema of the core's and ours" || comment <"$work/out"
dt-extract-example "$kinfo" >"$work/example.dts" && grep -q google,pixel-debug-kinfo "$work/example.dts"
ok $? "the binding has an example"

# check SED-EXPRESSION: what is said of the example with that change is in $work/said
check() {
	sed -E -e "$1" "$work/example.dts" >"$work/changed.dts"
	[ -z "$1" ] || ! cmp -s "$work/example.dts" "$work/changed.dts" || return 1
	dtc -q -I dts -O dtb -o "$work/changed.dtb" "$work/changed.dts" >"$work/out" 2>&1 || return
	dt-validate -s "$work/schema.json" "$work/changed.dtb" >"$work/all" 2>&1
	# The frame around the example is no machine
	grep -F debug-kinfo "$work/all" >"$work/said"
	true
}
check "" && [ ! -s "$work/said" ]
ok $? "the example obeys" || comment <"$work/all"
check 's/"google,pixel-debug-kinfo", //' && [ ! -s "$work/said" ]
ok $? "the older compatible alone will do" || comment <"$work/all"

forbidden() {	# NAME SED-EXPRESSION
	check "$2" && [ -s "$work/said" ]
	ok $? "$1 is found" || comment <"$work/out"
}
forbidden "no no-map" '/no-map;/d'
forbidden "no reg" '/reg = /d'
forbidden "two regions" 's/(reg = <.*>);/\1, <0xfd400000 0x1000>;/'
forbidden "the compatibles the other way round" 's/("google,pixel-debug-kinfo"), ("google,debug-kinfo")/\2, \1/'
forbidden "the newer compatible alone" 's/, "google,debug-kinfo"//'
forbidden "a property that nobody knows" 's/no-map;/no-map; memory-region = <1>; nonsense = <2>;/'
done_testing
