#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The patches apply, again and again or not at all; they make a series that git
# am takes and checkpatch has nothing new to say about.
cd "$(dirname "$0")/../.." || exit 1
. tests/kernel/lib.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make_pristine || { echo "Bail out! cannot unpack the kernel source"; exit 1; }
export GIT_CONFIG_GLOBAL=$work/gitconfig GIT_CONFIG_NOSYSTEM=1
git config --global user.name tests
git config --global user.email tests@localhost

cp -r "$pristine" "$work/tree"
linux/apply "$work/tree" >"$work/out" 2>&1
ok $? "applies to an unpatched tree" || comment <"$work/out"
linux/apply "$work/tree" >"$work/out" 2>&1 && grep -q ' 0 files changed now' "$work/out"
ok $? "a second time changes nothing" || comment <"$work/out"
diff -rq linux/files "$work/tree" | grep -v "^Only in $work/tree" | grep . | comment
[ "${PIPESTATUS[2]}" -ne 0 ]
ok $? "all new files are in the tree"

# What was a new file may come with a patch later
cp -r linux "$work/older"
moved=$(sed -n 's/^+++ b\///p' "$work/older/patches/$kernel_version"/*-add-google-*.patch)
mkdir -p "$work/older/files/$(dirname "$moved")"
echo "an older one" >"$work/older/files/$moved"
rm "$work/older/patches/$kernel_version"/*-add-google-*.patch
cp -r "$pristine" "$work/moved"
"$work/older/apply" "$work/moved" >"$work/out" 2>&1 && linux/apply "$work/moved" >"$work/out" 2>&1
ok $? "applies to a tree that has an older one" || comment <"$work/out"
diff -r -x .meminspect "$work/moved" "$work/tree" >"$work/out"
ok $? "and makes the same tree of it" || head -n 5 "$work/out" | comment

cp -r "$pristine" "$work/broken"
sed -i 's/pr_emerg("Kernel panic/pr_crit("Kernel panic/' "$work/broken/kernel/panic.c"
cp -r "$work/broken" "$work/before"
! linux/apply "$work/broken" >"$work/out" 2>&1
ok $? "a patch that does not apply is an error"
grep -q 'panic' "$work/out"
ok $? "which names the patch" || comment <"$work/out"
diff -r "$work/before" "$work/broken" >"$work/out"
ok $? "and leaves the tree as it was" || comment <"$work/out"
! linux/apply "$work" >"$work/out" 2>&1 && grep -q 'no Linux source tree' "$work/out"
ok $? "a directory that is no source tree is an error"

commits=$(ls linux/patches/"$kernel_version" | wc -l)
for series in "" --drivers; do
	linux/format-series $series "$pristine" 2>"$work/out" >>"$work/series"
	ok $? "the series can be printed: ${series:-the core}" || comment <"$work/out"
done
cp -r "$pristine" "$work/git"
git -C "$work/git" init -q
git -C "$work/git" add -f -A
git -C "$work/git" commit -q -m base
git -C "$work/git" am -q <"$work/series" >"$work/out" 2>&1
ok $? "git am takes it" || comment <"$work/out"
diff -r -x .git -x .meminspect "$work/git" "$work/tree" >"$work/out"
ok $? "and makes the tree that linux/apply makes" || comment <"$work/out"

# A kernel links after each patch, and after the few that the cover letter names
mkdir "$work/mail"
git mailsplit -d4 -o"$work/mail" "$work/series" >/dev/null
tests/kernel/series-order "$work"/mail/* >"$work/out"
ok $? "what a patch uses is there by then" || comment <"$work/out"
! tests/kernel/series-order $(ls -rd "$work"/mail/*) >"$work/out" && grep -q '^include/.* is used' "$work/out" &&
	grep -q 'memblock_mark_inspect is used' "$work/out"
ok $? "and would not be if they came the other way round" || comment <"$work/out"
few=$(minimum | xargs printf "$work/mail/%04d ")
is "$(sed -n 's/^Subject: \[[^]]*\] \([^:]*\): .*/\1/p' $few | xargs)" "meminspect init vmcore_info printk" \
	"the cover letter has a minimum"
tests/kernel/series-order --only "$(minimum)" "$work"/mail/* >"$work/out"
ok $? "which needs no other patch" || comment <"$work/out"

# The same with cover letters, which have no patch in them
git -C "$work/git" log -n "$commits" --reverse --format='  %s' >"$work/subjects"
listed=0
for series in "" --drivers; do
	letter=linux/patches/cover-letter${series#-}
	linux/format-series $series --cover-letter "$pristine" >"$work/covered" 2>"$work/out"
	ok $? "the series can be printed with a cover letter: ${series:-the core}" || comment <"$work/out"
	rm -rf "$work/mails"
	mkdir "$work/mails"
	mails=$(git mailsplit -o"$work/mails" "$work/covered")
	is "$(sed -n 's/^Subject: //p' "$work/mails/0001")" \
		"[RFC PATCH 00/$((mails - 1))] $(head -n 1 "$letter")" "which comes first"
	is "$(grep -cxF -f "$work/subjects" "$work/mails/0001")" $((mails - 1)) "it lists the commits"
	listed=$((listed + mails - 1))
	grep -qE '^ [0-9]+ files changed, [0-9]+ insertions' "$work/mails/0001"
	ok $? "and the files"
	[ "$(wc -l <"$letter")" -le 75 ]
	ok $? "it has one page"
done
is "$listed" "$commits" "both together are all of the patches"
! sed -n 's/^+++ b\///p' "$work"/mails/* | grep -vE 'pstore|kinfo|qcom|ramoops|dev-tools/|kernel-parameters|drivers/of/|kernel/meminspect/Makefile' |
	comment | grep .
ok $? "the drivers touch nothing of the core"

# The files of the patches are what comes back from a git tree of them
cp -r linux "$work/linux"
cp -r "$pristine" "$work/commits"
git -C "$work/commits" init -q
git -C "$work/commits" add -f -A
git -C "$work/commits" commit -q -m base
cat linux/patches/"$kernel_version"/*.patch | git -C "$work/commits" am -q >"$work/out" 2>&1 &&
	"$work/linux/export-series" "$work/commits" >"$work/out" 2>&1
ok $? "export-series writes the patches of a git tree" || comment <"$work/out"
diff -r linux/patches "$work/linux/patches" >"$work/out"
ok $? "and they are those that are here" || head -n 20 "$work/out" | comment

# Remarks that stay are explained in the message of the first patch.
cat >"$work/known" <<'END'
Please use a blank line after function/struct/union/enum declarations
Avoid CamelCase: <zlib_deflate
usage of NR_CPUS is often wrong
line length of 104 exceeds 100 columns
is not used in function-like macro
Macro argument reuse 'e' - possible side-effects?
Macro argument reuse 'R' - possible side-effects?
Macros with complex values should be enclosed in parentheses
Possible unnecessary KERN_WARNING
Prefer kmalloc_obj over kmalloc with sizeof
Prefer kzalloc_obj over kzalloc with sizeof
added, moved or deleted file(s), does MAINTAINERS need updating?
END
git -C "$work/git" format-patch -q -o "$work/patches" HEAD~"$commits"
# What passed once passes again: of the same patch, by the same script, it takes seconds to say so
passed=$cache/linux-$kernel_version/checkpatch-passed
mkdir -p "$passed"
for patch in "$work"/patches/*.patch; do
	stamp=$passed/$(sed '/^From [0-9a-f]\{40\} /d; /^Date: /d; s/^Subject: \[PATCH[^]]*\]//' "$patch" |
		cat - "$work/git"/scripts/{checkpatch.pl,spelling.txt,const_structs.checkpatch} "$work/known" | sha256sum | cut -c1-64)
	[ -e "$stamp" ] || (cd "$work/git" && perl scripts/checkpatch.pl --strict --no-tree -q --terse "$patch") |
		grep -E ': (ERROR|WARNING|CHECK): ' | grep -vF -f "$work/known" >"$work/out"
	[ -e "$stamp" ] || [ ! -s "$work/out" ]
	ok $? "checkpatch --strict: $(basename "$patch")" && touch "$stamp" || comment <"$work/out"
done
done_testing
