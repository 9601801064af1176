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

# The core series goes alone: its pages name nothing of what the drivers bring. Only the files that
# format-series gives it are in its tree, the drivers' are in no list here.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
core=$work/core
make_pristine && cp -r "$pristine" "$core" && git -C "$core" init -q && git -C "$core" add -f -A
export GIT_CONFIG_GLOBAL=$work/gitconfig GIT_CONFIG_NOSYSTEM=1
git config --global user.name tests
git config --global user.email tests@localhost
git -C "$core" commit -q -m base
linux/format-series "$pristine" 2>"$log" >"$work/series" && git -C "$core" am -q <"$work/series" >>"$log" 2>&1
ok $? "the core series alone is a tree" || comment <"$log"
git -C "$core" diff --name-only "$(git -C "$core" rev-list --max-parents=0 HEAD)" HEAD >"$work/core-files"
# What else sphinx wants is as it was: the other pages, and the sources that they name
(
	cd "$kernel_source" || exit
	find Documentation/dev-tools -path '*/meminspect/*' -prune -o -type f -print
	grep -rhoP '^\.\. kernel-(doc|include):: *\K.*' Documentation/dev-tools
) | sort -u | while read -r file; do
	[ -e "$core/$file" ] || [ -e "linux/files/$file" ] ||
		(cd "$kernel_source" && cp --parents -t "$core" "$file")
done
PYTHONPATH=$kernel_source/tools/lib/python:$kernel_source/tools/net/ynl/pyynl/lib srctree=$core sphinx-build -q -b html -c "$kernel_source/Documentation" -d "$work/doctrees" \
	-D version="$kernel_version" -D release="$kernel_version" \
	-D kerneldoc_srctree="$core" -D kerneldoc_bin="$kernel_doc" \
	"$core/Documentation/dev-tools" "$work/html" >"$log" 2>&1
ok $? "sphinx: the core" || tail -n 5 "$log" | comment
! sed "s|$core/||g; s|$kernel_source/||g" "$log" | grep -i meminspect
ok $? "no warning from the core's files"
[ -s "$work/html/meminspect/api.html" ] && [ ! -e "$work/html/meminspect/drivers.html" ]
ok $? "its pages are there, the drivers' are not"

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
missing "every macro that marks is" "$output/html/meminspect/api.html" 'id="c\.%s"' \
	< <(sed -n 's/^#define \(MEMINSPECT_[A-Z_]*_\?ENTRY\|meminspect_register[a-z_]*\)(.*/\1/p' \
		linux/files/include/linux/meminspect.h | sort -u)
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

# Sphinx says nothing of a document that is only named
grep '^Documentation/.*\.rst$' "$work/core-files" | sed "s|^|$core/|" >"$work/core-pages"
names=0
(cd "$kernel_source" && find Documentation -name '*.rst') | while read -r file; do
	[ -e "linux/files/$file" ] || echo "$file"
done >"$work/documents"
grep '\.rst$' "$work/core-files" >>"$work/documents"
missing "every document that the core names is in it" "$work/documents" '^%s$' \
	< <(sed "s|^|$core/|" "$work/core-files" | xargs grep -hoE 'Documentation/[a-z0-9/_.-]*\.rst' | sort -u)
names=0
missing "every file that its pages name is" "$work/core-files" '^%s$' \
	< <(xargs grep -hoE '[a-z/]*/meminspect/[a-z_]+\.[ch]' <"$work/core-pages" | sort -u)
names=0
cat "$core"/kernel/meminspect/Kconfig >"$work/options"
missing "every option of ours that they name is" "$work/options" '^config %s$' \
	< <(xargs grep -hoP 'CONFIG_\KMEMINSPECT[A-Z_]*' <"$work/core-pages" | sort -u)
names=0
sed -n 's/^early_param("\([a-z_]*\)".*/\1=/p' "$core"/kernel/meminspect/*.c >"$work/parameters"
missing "every parameter of ours that they name is" "$work/parameters" '^%s$' \
	< <(xargs grep -hoP '``\Kmeminspect[a-z_]*=' <"$work/core-pages" | sort -u)
done_testing
