#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The crash-point test, with the kernel's sources broken in ways that it must see.
cd "$(dirname "$0")/../.." || exit 1
sources=linux/files/kernel/meminspect
out=build/mutants
rm -rf $out
count=0

result() { # good|bad, name
	count=$((count + 1))
	[ "$1" = good ] || printf 'not '
	echo "ok $count - $2"
}

# Builds the test as $2, of source $1 as the sed script $3 changes it
build() {
	mkdir -p $out/"$1"
	sed -E "$3" $sources/"$1".c >$out/"$1"/"$2".c
	make -s $out/"$1"/"$2" >$out/log 2>&1 && return
	sed 's/^/# /' $out/log
	return 1
}

broken() { # source, mutation, words of the check that must see it, sed script
	local caught=

	if ! build "$1" "$2" "$4"; then
		echo "# $2 does not compile"
	elif cmp -s $sources/"$1".c $out/"$1"/"$2".c; then
		echo "# the script of $2 changes nothing in $1.c: it has to follow the source"
	else
		caught=$(timeout 60 $out/"$1"/"$2" 2>&1 | grep -m1 "^not ok .*$3")
		[ "$caught" ] || echo "# no test of \"$3\" failed"
	fi
	result "${caught:+good}" "$1.c, $2: seen by a test of \"$3\""
}

if build directory as-it-is '' && timeout 120 $out/directory/as-it-is >$out/log; then
	result good 'nothing is seen in sources as they are'
else
	grep '^not ok' $out/log | sed 's/^/# /'
	result bad 'nothing is seen in sources as they are'
fi

# Of writing a record
broken directory no-busy 'after each store' '/set_state\(copy, MEMINSPECT_STATE_BUSY\);/d'
broken directory valid-first 'after each store' \
	's/set_state\(copy, MEMINSPECT_STATE_BUSY\);/set_state(copy, MEMINSPECT_STATE_VALID);/'
broken directory copy-1-first 'copy 0 is complete' '/write_copy\(copy\[/ y/01/10/'
broken directory copy-0-only 'copy 0 is complete' '/write_copy\(copy\[1\]/d'
broken directory empty-copy-1-first 'copy 0 is complete' '/set_state\(copy\[/ y/01/10/'
broken directory empty-copy-0-only 'flipped bit' '/set_state\(copy\[1\]/d'
broken directory wrong-checksum 'after each store' 's/size - skip\)/size - skip - 4)/'
broken directory stores-that-may-tear 'made by the primitive' \
	's/WRITE_ONCE\(to\[i\], words\[i\]\)/to[i] = words[i]/'

# Of barriers and caches
broken directory no-barrier 'every order of stores' '/wmb\(\);/d'
broken directory no-barrier-after-busy 'every order of stores' \
	's/set_state\(copy, MEMINSPECT_STATE_BUSY\);/WRITE_ONCE(*(u32 *)copy, MEMINSPECT_STATE_BUSY);/'
broken directory no-barrier-before-valid 'every order of stores' '/settle\(copy, size\);/d'
broken directory no-clean 'loses the caches' '/meminspect_clean\(start, size\);/d'
broken directory clean-of-half 'loses the caches' \
	's/meminspect_clean\(start, size\);/meminspect_clean(start, size \/ 2);/'
broken directory clean-before-barrier 'group of stores is cleaned' \
	's/wmb\(\);/meminspect_clean(start, size);/; t
	s/^	meminspect_clean\(start, size\);/	wmb();/'
broken directory zeros-not-cleaned 'loses the caches' \
	's/settle\(copy, MEMINSPECT_CHUNK_SIZE\);/wmb();\
	for (offset = 0; offset < MEMINSPECT_CHUNK_SIZE; offset += MEMINSPECT_ROW_SIZE)\
		meminspect_clean(copy + offset, 16);/'

# Of updates that take more than one record
broken directory header-before-rows 'after each store' '/^void meminspect_format_chunk/,/^}/ {
	/write_header/d
	s/for \(i = 0/write_header(chunk, NULL);\n&/
}'
broken storage linked-before-formatted 'after each store' '/^	meminspect_format_chunk\(chunk\);/d
	s/^	smp_store_release\(.*/	meminspect_format_chunk(chunk);\n&/'
broken table region-before-extents 'after each store' \
	'/^static void write_rows/,/^}/ s/^	write_extents_rows\(slot\);/	meminspect_get_row(slot->row, copies);\
	meminspect_write_record(copies, \&region, sizeof(region));\n&/'
broken table extents-removed-first 'after each store' \
	'/^static void remove\(/,/^}/ s/return_rows\(slot->row\);/return_rows(slot->next);\
	slot->next = MEMINSPECT_NO_ROW;\n&/'
broken table not-locked 'table is locked' '/^s64 meminspect_register_owned\(/,/^}/ {
	s/ret = meminspect_is_going/meminspect_table_release(flags);\n&/
	/ret = meminspect_is_going/ { n; d }
}'

# Of policy, which changes rows in place
broken table extents-emptied-first 'takes another one out.*after each store' \
	'/^static void leave_out\(/,/^}/ s/write_left_out\(slot\);/empty_rows(slot->next, false);\n	&/'
broken table extents-blanked-first 'takes another one out.*after each store' \
	'/^static void leave_out\(/,/^}/ {
	/write_left_out\(slot\);/d
	s/^	empty_rows\(.*/&\n	write_left_out(slot);/
}'
broken table left-out-by-a-new-row 'gives way to another.*after each store' \
	's/meminspect_get_row\(slot->row, copies\);/&\n	meminspect_empty_record(copies);/'
broken table wrong-reason 'waits for room is denied.*after each store' \
	'/^static void deny\(/,/^}/ s/write_left_out\(slot\);//'
broken table never-let-in 'another comes back.*after each store' \
	'/^static void take_in\(/,/^}/ s/list_region\(slot\);/break;/'

echo "1..$count"
