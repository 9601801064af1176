#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's semantic patches have nothing to report about our files.
cd "$(dirname "$0")/../.." || exit 1
. tests/kernel/lib.sh

output=build/log/$kernel_version/coccicheck
rm -rf "$output"
mkdir -p "$output/planted"

# What scripts/coccicheck runs in its mode "report"
report() {	# SEMANTIC-PATCH DIRECTORY OUTPUT
	local options
	options=$(sed -n 's/^.*Options://p' "$1")
	# The options are words
	spatch -D report --no-show-diff --very-quiet --cocci-file "$1" $options --include-headers \
		--dir "$2" >"$3" 2>"$3.log" || echo "spatch failed: $(tail -n 1 "$3.log")" >>"$3"
}
export -f report

printf 'void f(void *p)\n{\n\tif (p)\n\t\tkfree(p);\n}\n' >"$output/planted/fault.c"
report "$kernel_source/scripts/coccinelle/free/ifnullfree.cocci" "$output/planted" "$output/found"
grep -q 'fault.c:4' "$output/found"
ok $? "what is wrong is reported" || comment <"$output/found.log"

# Those with scripts in OCaml would need its compiler.
(cd "$kernel_source/scripts/coccinelle" && grep -rl --include='*.cocci' '^virtual.*report' |
	xargs grep -L 'script:ocaml') | sort >"$output/patches"
[ "$(wc -l <"$output/patches")" -gt 50 ]
ok $? "there are $(wc -l <"$output/patches") semantic patches"
xargs -P 2 -I{} bash -c 'report "$0/scripts/coccinelle/$1" linux/files "$2/$(tr / - <<<"$1")"' \
	"$kernel_source" {} "$output" <"$output/patches"
while read -r patch; do
	[ -e "$output/$(tr / - <<<"$patch")" ] && ! grep . "$output/$(tr / - <<<"$patch")"
	ok $? "$patch"
done <"$output/patches"
done_testing
