#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# meminspect kinfo on pages of each layout and on images of RAM, whole and damaged. The bytes come
# from tests/kinfo/*.py, which know the structures and kallsyms, and nothing of our code.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh

tool=build/tests/meminspect
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PYTHONDONTWRITEBYTECODE=1 NO_COLOR=1
base=0x80000000

page() { python3 tests/kinfo/page.py "$@" >"$work/page"; }
ram() { python3 tests/kinfo/ram.py "$work/ram" "$@" >"$work/truth"; }
run() {	# EXPECTED-STATUS ARGUMENT...: leaves out and err
	local expected=$1 status
	shift
	"$tool" kinfo "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	! grep -qE 'Sanitizer|runtime error' "$work/err" && [ $status -eq "$expected" ]
}
says() {	# WHAT NAME: on the standard error or output
	grep -qF -e "$1" "$work/err" "$work/out"
	ok $? "$2" || comment <"$work/err"
}
patch_file() {	# FILE OFFSET BYTES
	printf "$3" | dd of="$1" bs=1 seek=$(($2)) conv=notrunc status=none
}

# What USUAL in page.py has, in the words of the tool
usual='{ enabled_all: 1, enabled_base_relative: 1, enabled_absolute_percpu: 0, enabled_cfi: 0,
	num_syms: 98765, name_len: 512, bits_per_long: 64, module_name_len: 56, symbol_len: 675,
	addresses_pa: null, relative_pa: "0x80200000", text_pa: "0x80200000", stext_pa: "0x80210000",
	etext_pa: "0x80300000", sinittext_pa: "0x80500000", einittext_pa: "0x80510000",
	end_pa: "0x80700000", offsets_pa: "0x803a0000", names_pa: "0x80310000",
	token_table_pa: "0x80380000", token_index_pa: "0x80381000", markers_pa: "0x80370000",
	seqs_of_names_pa: "0x803c0000", v2_seqs_of_names_pa: "0x803c0000", thread_size: 16384,
	swapper_pg_dir_pa: "0x804ff000", release: "6.12.117-android16",
	build_info: "Linux version 6.12.117 (builder@host) #1 SMP", modules_tree_lookup: 1,
	mod_mem_offset: 384, mod_kallsyms_offset: 720, mod_core_layout_offset: 368,
	mod_init_layout_offset: 464, module_start_va: "0xffffffc000000000",
	module_end_va: "0xffffffc008000000", module_plt_start_va: "0xffffffc080000000",
	v2_reserved0: 0, v2_reserved1: 0, v2_reserved2: 0, v2_reserved3: 0 }'
declare -A sizes=([text]=472 [seqs]=472 [mem]=464 [v2]=504 [core]=484 [plt]=484 [first]=452 [short]=216)
declare -A counts=([text]=29 [seqs]=29 [mem]=28 [v2]=33 [core]=31 [plt]=30 [first]=25 [short]=28)

for layout in text seqs mem v2 core plt first short; do
	for order in little big; do
		page $layout $([ $order = little ] || echo big)
		run 0 --json "$work/page"
		ok $? "$layout, $order endian: is right" || comment <"$work/err"
		is "$(jq -r '[.byte_order, .checksum_good, (.readings[] | .layout, .size, .checksum_good)] | join(" ")' "$work/out")" \
			"$order true $layout ${sizes[$layout]} true" "$layout, $order endian: recognised"
	done
	is "$(jq ".readings[0].fields | to_entries | map(select(($usual)[.key] != .value)) | length" "$work/out")" \
		0 "$layout: values" || jq -c .readings[0].fields "$work/out" | comment
	is "$(jq '.readings[0].fields | length' "$work/out")" "${counts[$layout]}" "$layout: number of fields"
done

# The kernel's documentation has the same offsets, in the same order.
column=2
for layout in text seqs mem v2 core plt first short; do
	column=$((column + 1))
	is "$(awk -v column=$column '/^=======================  /{ table++ }
		table == 2 && !/^=/ { sub(/ to 3/, "_to_3"); if ($column != "-") print $column, $2 }' \
		linux/files/Documentation/dev-tools/meminspect/kinfo.rst)" \
		"$(python3 tests/kinfo/page.py --offsets | awk -v layout=$layout '$1 == layout && !reserved {
			if (layout == "v2" && $3 == 472) { print 472, 32; reserved = 1 } else print $3, $4 }')" \
		"$layout: as documented"
done

page text
run 0 "$work/page"
ok $? "as text"
is "$(grep -cE '^(layout +text, 472 bytes|checksum +0x[0-9a-f]{8}, right|end_pa +0x80700000|release +6.12.117-android16)$' "$work/out")" \
	4 "shows layout, checksum and fields"
head -c 472 "$work/page" >"$work/short"
run 0 "$work/short"
ok $? "a file that ends with the layout will do"

# Which layout it is: neighbours of the same size, and flags as kernels without the option have them
layouts() { jq -r '[.readings[].layout] | join(" ")' "$work/out"; }
page text base_relative=0
run 0 --json "$work/page"
is "$(layouts)" text "a base, and the flag says there is none: still text"
page text base_relative=0 relative=0
run 0 --json "$work/page"
is "$(layouts)" text "no base at all: still text"
page seqs base_relative=0 relative=0
run 0 --json "$work/page"
is "$(layouts)" "text seqs" "neither base nor _text: two fit, and both are told"
run 0 "$work/page"
says "2 layouts fit" "in text as well"
page v2 seqs=0
run 0 --json "$work/page"
is "$(layouts)" mem "zeros where a longer layout has more: the shorter one"
page core tree=0 mod_core=0 mod_init=0 mod_kallsyms=0 module_start=0 module_end=0
run 0 --json "$work/page"
is "$(layouts)" first "even if many are longer"
page text names=0 pgd=0 release=: build=: stext=0 num_syms=0
run 0 --json "$work/page"
ok $? "what is not told is no damage"
is "$(jq -c '.readings[0].fields | [.names_pa, .swapper_pg_dir_pa, .release]' "$work/out")" '[null,null,""]' \
	"and is not made up"
run 0 "$work/page"
is "$(grep -E '^names_pa' "$work/out" | tr -s ' ')" "names_pa not told" "in text it says so"

# Damage
for offset in 8 12 40 139 140 471; do
	page text
	patch_file "$work/page" $offset '\xe5'
	run 1 --json "$work/page"
	ok $? "byte $offset changed: damaged"
	is "$(jq -r '[.checksum_good, .readings[0].layout, (.readings | length)] | join(" ")' "$work/out")" \
		"false text 1" "byte $offset changed: the checksum is wrong, of the layout that it looks like"
done
run 1 "$work/page"
says ", wrong: the bytes give 0x" "in text it says so"
page text
patch_file "$work/page" 4 '\x00\x00\x00\x00'
run 1 "$work/page"
ok $? "no checksum yet: damaged"
page text
patch_file "$work/page" 0 '\x00\x00\x00\x00'
run 2 "$work/page"
ok $? "no magic: no answer"
says "no kernel filled the page, or it was being changed" "and why"
head -c 4096 /dev/zero >"$work/page"
run 2 "$work/page"
ok $? "zeros: no answer"
(printf '\xff\xdd\xee\xcc'; head -c 4092 /dev/zero) >"$work/page"
run 1 --json "$work/page"
ok $? "nothing but a magic: the checksum is right, and the values can't be"
page text
for size in 0 7 8 215; do
	head -c $size "$work/page" >"$work/short"
	run 2 "$work/short"
	ok $? "$size bytes: no answer"
done
head -c 471 "$work/page" >"$work/short"
run 1 "$work/short"
ok $? "a byte less than the layout: damaged"
(cat "$work/page"; echo) >"$work/long"
run 2 "$work/long"
ok $? "more than a page: no answer"
says "use --ram" "but what to do"
run 2 "$work"
ok $? "a folder: no answer"
run 2 "$work/none"
ok $? "no file: no answer"

doubtful() {	# WHAT FIELD=VALUE...
	local what=$1
	shift
	page text "$@"
	run 1 "$work/page"
	ok $? "$what: in doubt"
	says "in doubt: $what" "$what: told"
	says ", right" "$what: though the checksum is right"
}
doubtful "etext_pa is 0x80100000, expected not before stext_pa" etext=0x80100000
doubtful "end_pa is 0x80700000, expected not before names_pa" names=0x80700001
doubtful "bits_per_long is 65" bits=65
doubtful "thread_size is 12288, expected a power of two" thread_size=12288
doubtful "enabled_all is 2" all=2
doubtful "symbol_len is 300" symbol_len=300
doubtful "release has no end in its 64 bytes" "release=:$(printf 'x%.0s' {1..64})"
doubtful "build_info has the byte 0x1b" "build=:$(printf 'a\033[31mb')"
! grep -q "$(printf '\033')" "$work/out"
ok $? "nothing from a page steers the terminal"
run 1 --json "$work/page"
jq -e '.readings[0].fields.build_info == "a\\x1b[31mb"' "$work/out" >"$work/null"
ok $? "nor is it lost in JSON"

# Names
for encoding in relative text-relative percpu self absolute; do
	layout=text
	[ $encoding != absolute ] || layout=seqs
	ram $layout $encoding 4k39
	addresses=$(cut -d' ' -f1 "$work/truth")
	run 0 --ram "$work/ram" --base $base --symbolize $addresses
	ok $? "$encoding: all addresses have names" || comment <"$work/err"
	is "$(cat "$work/out")" "$(cat "$work/truth")" "$encoding: the right ones"
done
for tables in 4k48 16k47 16k48 64k42 x86-4 x86-5; do
	ram text relative $tables
	cut -d' ' -f1 "$work/truth" | "$tool" kinfo --ram "$work/ram" --base $base --symbolize >"$work/out" 2>"$work/err"
	ok $? "page tables of $tables: addresses from the standard input have names" || comment <"$work/err"
	is "$(cat "$work/out")" "$(cat "$work/truth")" "page tables of $tables: the right ones"
done
ram mem percpu x86-4
run 0 --ram "$work/ram" --base $base --symbolize $(cut -d' ' -f1 "$work/truth")
is "$(cat "$work/out")" "$(cat "$work/truth")" "another layout"

ram text relative 4k39
symbolize() { run "$1" --ram "$work/ram" --base $base "${@:2}"; }
read -r address name < <(sed -n 3p "$work/truth")
name=${name%/*}
symbolize 0 --json --symbolize "$address" "0x$address"
is "$(jq -r '.symbols[] | .physical + " " + .symbol + "+0x" + (.offset | tostring)' "$work/out" | uniq)" \
	"0x80210040 $name" "as JSON, with and without 0x"
is "$(jq -r '.encoding + ", " + .readings[0].layout' "$work/out")" "relative to relative_pa, text" \
	"JSON has encoding and page, too"
symbolize 0 --symbolize 80210041
is "$(cat "$work/out")" "80210041 ${name%+*}+0x1/0x32c" "a physical address"
symbolize 0 --symbolize ffffff8000210041
is "$(cut -d/ -f1 "$work/out")" "ffffff8000210041 ${name%+*}+0x1" "the linear map"
symbolize 0 --symbolize "92a4ac${address:6}"
is "$(cut -d' ' -f2 "$work/out" | cut -d/ -f1)" "$name" "a signed pointer"
symbolize 1 --symbolize -- ffffff9012345678 "$address" zzz -1 ffffff8000001000 '' 0
ok $? "some have no name: said by the status"
is "$(cut -d' ' -f2- "$work/out" | cut -d/ -f1 | tr '\n' ';')" \
	"? (not mapped, or its page tables are not in memory);$name;? (no hexadecimal address);? (no hexadecimal address);? (not in a symbol of the kernel's image);? (no hexadecimal address);? (not mapped, or its page tables are not in memory);" \
	"and why"
symbolize 0
ok $? "the page is shown without --symbolize"
is "$(sed -n 's/^page *//p' "$work/out")" 0x80005000 "and where it was found"
symbolize 0 --at 0x80005000
ok $? "the page is where one says"
symbolize 2 --at 0x80006000
ok $? "there is no page elsewhere"
symbolize 2 --at 0x90000000
says "there is no memory at 0x90000000" "nor outside"
run 2 --ram "$work/ram"
ok $? "no base, and no directory to tell it: no answer"
says "--base" "but what to do"
run 2 --ram "$work/ram" --base 0x70000000 --symbolize "$address"
ok $? "another base: tables are not where the page says"

# Two pages; a damaged one in front of a good one
page text
dd if="$work/page" of="$work/ram" bs=4096 seek=1 conv=notrunc status=none
symbolize 0
says "1 more pages are kinfo pages" "two pages: said"
is "$(sed -n 's/^page *//p' "$work/out")" 0x80001000 "the first one is taken"
patch_file "$work/ram" 0x1010 '\x01'
symbolize 0
is "$(sed -n 's/^page *//p' "$work/out")" 0x80005000 "a damaged one is passed over"
patch_file "$work/ram" 0x5010 '\x01'
symbolize 1
is "$(sed -n 's/^page *//p' "$work/out")" 0x80001000 "unless all are damaged"

# Only code has names
ram text relative 4k39 all=0
data=$(printf %x $((0x80320000)))
symbolize 1 --symbolize "$data" "$address"
is "$(cut -d' ' -f2 "$work/out" | cut -d/ -f1 | tr '\n' ' ')" "? $name " "without KALLSYMS_ALL data has no name"

# No page tables
ram text relative none
symbolize 1 --symbolize "$address"
ok $? "without page tables a virtual address has no name"
symbolize 0 --text 0xffffff8088a00000 --symbolize "$address"
is "$(cut -d' ' -f2 "$work/out" | cut -d/ -f1)" "$name" "but where _text was gives one"
ram text relative 4k39
truncate -s $((0x520000)) "$work/ram"
symbolize 1 --symbolize "$address"
ok $? "the same if the image of RAM ends before them"

broken() {	# NAME WHAT-IS-SAID
	symbolize 2 --symbolize "$address"
	ok $? "$1: no answer" || comment <"$work/out"
	says "$2" "$1: told"
}
for field in names markers token_table token_index offsets; do
	ram text relative 4k39 $field=0
	broken "$field not told" "does not tell ${field}_pa"
	ram text relative 4k39 $field=0x7fff0000
	broken "$field is not in memory" "only 0 are in memory"
	ram text relative 4k39 $field=0x80ffffff
	broken "$field is cut" "memory"
done
ram text relative 4k39 num_syms=0
broken "no symbols" "num_syms is 0"
ram text relative 4k39 num_syms=0xffffffff
broken "too many symbols" "num_syms is 4294967295, expected 1 to"
ram text relative 4k39 num_syms=2000000
broken "more symbols than there are" "names"
ram text relative 4k39
patch_file "$work/ram" 0x330004 '\xff'
broken "a marker is wrong" "marker 1 of kallsyms says"
ram text relative 4k39
patch_file "$work/ram" 0x330008 '\xff\xff\xff\xff'
broken "the last marker is far away" "last marker"
ram text relative 4k39
patch_file "$work/ram" 0x310000 '\x00'
broken "an empty name" "name 0 of 711"
ram text relative 4k39
patch_file "$work/ram" 0x310000 '\x04'
broken "a name that is shorter" "kallsyms"
ram text relative 4k39 stext=0x80210040
broken "symbols are elsewhere" "elsewhere than the page says"
ram text relative 4k39 relative=0x80200040
symbolize 0 --symbolize "$address"
is "$(cut -d' ' -f2 "$work/out" | cut -d/ -f1)" "$name" "a base that is wrong is found out, and _text taken"

# Arguments
for arguments in "" "--symbolize" "$work/page $work/page" "--base 0x1 $work/page" "--ram $work/ram x" \
	"--ram $work/ram --base x" "--ram $work/ram --at -1" "--ram" "--nonsense" "--text 5 $work/page"; do
	run 2 $arguments && [ -s "$work/err" ] && [ ! -s "$work/out" ]
	ok $? "kinfo ${arguments//$work/DIR}: refused with a reason" || comment <"$work/err"
done
run 0 --help && grep -q -- --symbolize "$work/out"
ok $? "--help"
done_testing
