#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A watchdog bite: where firmware saves the registers of the CPUs, and when it cannot.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
. tests/firmware.sh

# RAM whose kernel has asked for registers of CPUs 0, 1 and 3, in memory that is a region too. The
# standard input has Python that changes it.
image() {
	rm -rf "$work/ram" "$work/out.d"
	{ cat <<-'END'; cat; } | python
		from firmware_image import *
		DUMP, APPS, DATA, CONTEXT = 0x48000000, 0x48001000, 0x48002000, 0x48003000
		def entry(number, kind, address):
		    return struct.pack('<I32sIQ', number, b'entry', kind, address)
		def data(cpu, size=2048):
		    return struct.pack('<II32sQQI4x', 7, 0, b'cpu', CONTEXT + cpu * 2048, size, 0)
		image = minidump('ram', [row('KCPU_CTX', 0, CONTEXT, 4 * 2048)])
		image.put(IMEM + 0x10, struct.pack('<Q', DUMP))
		image.put(DUMP, struct.pack('<II', 0x200000, 3) + entry(1, 1, RAM) + entry(0, 0, RAM) +
		          entry(0, 1, APPS))
		image.put(APPS, struct.pack('<II', 0x200000, 4) + entry(0x60, 0, RAM) +
		          b''.join(entry(cpu, 0, DATA + cpu * 64) for cpu in (3, 0, 1)))
		for cpu in (0, 1, 3):
		    image.put(DATA + cpu * 64, data(cpu))
		image.put(CONTEXT, b'\xee' * 4 * 2048)
	END
}
dump() {	# STATUS NAME
	run "$1" "$2" dump --ram "$work/ram" --bite --registers "$work/registers" "$work/out.d"
}
context() { bytes "$work/out.d/md_KCPU_CTX.BIN" "$@"; }

{
	echo '# what a lab script writes'
	echo
	for i in {0..30}; do
		echo "cpu 0 x$i $((0x100 + i))"
	done
	echo 'cpu 0 pc 0xffff800080123456'
	i=32
	for name in currentel sp_el3 elr_el3 spsr_el3 sp_el2 elr_el2 spsr_el2 sp_el1 elr_el1 spsr_el1 sp_el0; do
		echo "cpu 0 $name $((0x100 + i))"
		i=$((i + 1))
	done
	echo 'cpu 3 x30 0xfedcba9876543210'
} >"$work/registers"

image </dev/null
dump 0 'the watchdog bites'
words=
for i in {0..42}; do
	if [ "$i" = 31 ]; then
		words+=5634128000 words+=80ffff
	else
		words+=$(printf '%02x01000000000000' "$i")
	fi
done
is "$(context 0 16)" 23000000000000000000000000000000 'CPU 0: non-secure, watchdog, saved'
is "$(context 16 344)" "$words" 'x0 to x30, pc, level, sp elr spsr of EL3, EL2, EL1, sp_el0'
is "$(context 360 1688 | tr -d 0 | wc -c)" 0 'the rest of the 2048 bytes is zero'
is "$(context 2048 2048 | tr -d e | wc -c)$(context 4096 2048 | tr -d e | wc -c)" 00 \
	'CPUs without registers are left alone'
is "$(context 6144 16)" 25000000000000000000000000000000 'CPU 3: non-secure, interrupted, saved'
is "$(context $((6144 + 16 + 240)) 8)" 1032547698badcfe 'its x30'
slot() { bytes "$work/ram" $((0x8002000 + $1 * 64)) 64; }
is "$(slot 0 | cut -c 1-16) $(bytes "$work/ram" $((0x8003000)) 4)" '0700000000000000 eeeeeeee' \
	'the RAM file is as it was'

# In place
before=$(slot 1)
run 0 'a bite of its own' bite --ram "$work/ram" --registers "$work/registers"
is "$(slot 0 | cut -c 1-16)" 1400000053594442 'the memory of CPU 0 has a version and SYDB now'
is "$(slot 0 | cut -c 17-)" "$(slot 1 | cut -c 17- | sed 's/0038004800/0030004800/')" 'and is otherwise as it was'
is "$(slot 1)" "$before" 'that of CPU 1 is as it was'
rm -rf "$work/out.d"
run 0 'and then a dump' dump --ram "$work/ram" "$work/out.d"
is "$(context 0 4)" 23000000 'has the registers'

# What cannot be
cannot() {	# NAME WORDS; the standard input changes the image
	image
	dump 4 "$1"
	says "$2" "$2"
	is "$(context 0 4)" eeeeeeee 'nothing is saved, the regions are dumped all the same'
}
cannot 'no table' 'has left no dump table' <<<'image.put(IMEM + 0x10, bytes(8))'
cannot 'a table outside of RAM' 'table at 0x3ffffffc is not in RAM' \
	<<<'image.put(IMEM + 0x10, struct.pack("<Q", 0x3ffffffc))'
cannot 'a table of another version' 'version 0x100000, not 0x200000' \
	<<<'image.put(DUMP, struct.pack("<I", 0x100000))'
cannot 'too many entries' 'has 1025 entries' <<<'image.put(APPS + 4, struct.pack("<I", 1025))'
cannot 'a table that ends after RAM' 'has 1024 entries' <<-'END'
	image.put(DUMP + 8 + 2 * 48 + 40, struct.pack('<Q', RAM + SIZE - 1024))
	image.put(RAM + SIZE - 1024, struct.pack('<II', 0x200000, 1024))
END
cannot 'no table of these CPUs' 'no table of the application processors' \
	<<<'image.put(DUMP + 4, struct.pack("<I", 2))'
cannot 'no room for a CPU' 'CPU 0: the kernel has made no room' \
	<<<'image.put(APPS + 8 + 2 * 48, struct.pack("<I", 9))'
cannot 'an entry that leads outside' 'CPU 0: what the dump table points to' \
	<<<'image.put(APPS + 8 + 2 * 48 + 40, struct.pack("<Q", RAM + SIZE - 63))'
cannot 'too little room' 'is no room for 2048 bytes' <<<'image.put(DATA, data(0, 2047))'
cannot 'room outside of RAM' 'is no room for 2048 bytes' \
	<<<'image.put(DATA + 40, struct.pack("<Q", RAM + SIZE - 2047))'

# The file of registers
image </dev/null
for line in 'cpu 0 x31 1' 'cpu 32 x0 1' 'cpu 0 x0' 'cpu 0 x0 1 2' 'cpu 0 x0 -1' 'cpu 0 x0 0x1g' \
	'cpu 0 x0 0x10000000000000000' 'core 0 x0 1'; do
	printf 'cpu 1 pc 1\n%s\n' "$line" >"$work/registers"
	dump 1 "refused: '$line'"
	says 'registers: line 2' 'by line'
done
run 1 'no file of registers' bite --ram "$work/ram" --registers "$work/nothing"

done_testing
