#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's documentation builds without a warning from our files, and says
# of everything that the code has what it is.
cd "$(dirname "$0")/../.." || exit 1
. tests/kernel/lib.sh

pages=linux/files/Documentation/dev-tools/meminspect
output=$cache/linux-$kernel_version/documentation
log=build/log/$kernel_version/documentation.log
mkdir -p "build/log/$kernel_version"

kernel_doc=$kernel_source/tools/docs/kernel-doc
[ -e "$kernel_doc" ] || kernel_doc=$kernel_source/scripts/kernel-doc
export srctree=$kernel_source BUILDDIR=$output PYTHONDONTWRITEBYTECODE=1

for file in $(cd linux/files && find * -name '*.[ch]' | sort); do
	"$kernel_doc" -none -Wall -Werror "$kernel_source/$file" >"$log" 2>&1 && [ ! -s "$log" ]
	ok $? "kernel-doc: $file" || comment <"$log"
done

# What `make SPHINXDIRS=dev-tools htmldocs` runs, without what that makes in the
# source tree for other parts of the documentation.
rm -rf "$output"
sphinx-build -q -b html -c "$kernel_source/Documentation" -d "$output/doctrees" \
	-D version="$kernel_version" -D release="$kernel_version" \
	-D kerneldoc_srctree="$kernel_source" -D kerneldoc_bin="$kernel_doc" \
	"$kernel_source/Documentation/dev-tools" "$output/html" >"$log" 2>&1
ok $? "sphinx" || tail -n 5 "$log" | comment
# The source tree may itself be in a folder of our name
! sed "s|$kernel_source/||g; s|$output/||g" "$log" | grep -i meminspect
ok $? "no warning from our files"
for page in "$pages"/*.rst; do
	[ -s "$output/html/meminspect/$(basename "${page%.rst}").html" ] &&
		grep -q "href=\"meminspect/$(basename "${page%.rst}").html" "$output/html/index.html" ||
		[ "$(basename "$page")" = index.rst ]
	ok $? "$(basename "$page") is a page, and found from the index"
done

# Each of these prints the names that the code has and the page has not.
missing() {	# NAME FILE PATTERN-WITH-%s
	local name lost=0
	while read -r name; do
		grep -qE -- "$(printf "$3" "$name")" "$2" || { echo "# $name"; lost=1; }
		names=$((names + 1))
	done
	[ $lost -eq 0 ] && [ $names -gt 0 ]
	ok $? "$1 ($names)"
}

names=0
missing "every exported function is on the page of the API" "$output/html/meminspect/api.html" 'id="c\.%s"' \
	< <(sed -n 's/^EXPORT_SYMBOL[A-Z_]*(\([a-z_]*\).*/\1/p' linux/files/kernel/meminspect/*.c)
names=0
missing "every option is on the page of policy" $pages/policy.rst '^CONFIG_%s ' \
	< <(sed -n 's/^config //p' linux/files/kernel/meminspect/Kconfig)
names=0
missing "every class is, with its default" $pages/policy.rst '^%s  ' \
	< <(sed -n 's/.*{ "\([a-z]*\)",[[:space:]]*[0-9]*, \(true\|false\) },/\1 \2/p' \
		linux/files/kernel/meminspect/policy.c |
		sed 's/\(.*\) true/\1 +on/; s/\(.*\) false/\1 +\\*\\*off\\*\\*/')
names=0
missing "every boot parameter is in the list of the kernel's" \
	"$kernel_source/Documentation/admin-guide/kernel-parameters.txt" '^	%s=' \
	< <(sed -n 's/^early_param("\([a-z_]*\)".*/\1/p' linux/files/kernel/meminspect/*.c)
names=0
(cd "$kernel_source" && find Documentation -name '*.rst') >"$output/documents"
missing "every document that our files name is there" "$output/documents" '^%s$' \
	< <(grep -rhoE 'Documentation/[a-z0-9/_.-]*\.rst' linux/files | sort -u)
done_testing
