#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Sahara's memory debug mode: the model of boot firmware against a host that is written here.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
. tests/firmware.sh

python <<'END'
from firmware_image import *
minidump('ram', [
    row('KELF', 1, 0x41000000, 8),
    row('Kbig', 2, 0x42000000, 1300000),
    row('Knext', 3, 0x42000000 + 1300000, 8),
    row('K12character', 0, 0x43000000, 4),
], [(0x41000000, b'\x7fELFcore'), (0x42000000, bytes(i * 7 & 255 for i in range(1300000))),
    (0x42000000 + 1300000, b'next one'), (0x43000000, b'last')])
END

# device NAME [OPTION...]: starts a device on $work/NAME.sock
device() {
	local name=$1
	shift
	"$firmware" sahara --ram "$work/ram" --socket "$work/$name.sock" --timeout 20 "$@" \
		>"$work/out" 2>"$work/err" &
	device=$!
	for _ in {1..200}; do
		[ -S "$work/$name.sock" ] && return
		kill -0 $device 2>/dev/null || return
		sleep 0.05
	done
}

# host NAME: a host talks to it; the standard input has Python of what it does. What it prints is
# the result. ends STATUS NAME: the device has ended so
host() {
	{ cat <<-'END'; cat; } | python "$1.sock"
		import socket, struct, sys
		link = socket.socket(socket.AF_UNIX)
		link.settimeout(20)
		link.connect(sys.argv[1])
		def get(length):
		    data = b''
		    while len(data) < length:
		        piece = link.recv(length - len(data))
		        if not piece:
		            raise EOFError(len(data))
		        data += piece
		    return data
		def packet():
		    command, length = struct.unpack('<II', get(8))
		    return command, length, get(length - 8)
		def send(command, *words, form='I', length=None):
		    body = struct.pack('<%d%s' % (len(words), form), *words)
		    link.sendall(struct.pack('<II', command, length or 8 + len(body)) + body)
		def hello(version=2, compatible=1, status=0, mode=2, command=2, **options):
		    first = packet()
		    send(command, version, compatible, status, mode, *range(6), **options)
		    return first
		def read(address, length):
		    send(0x11, address, length, form='Q')
		    return get(length)
		def refused(address, length):
		    send(0x11, address, length, form='Q')
		    return packet()
		def reset():
		    send(7)
		    return packet()
	END
}
ends() {
	local got
	wait $device
	got=$?
	is "$got" "$1" "$2" || comment <"$work/err"
}

device whole
is "$(host whole <<'END'
command, length, body = hello()
print(hex(command), hex(length), *struct.unpack('<4I', body[:16]), any(body[16:]))
command, length, body = packet()
print(hex(command), hex(length))
table, size = struct.unpack('<QQ', body)
print(hex(table), size)
for at in range(0, size, 64):
    preference, address, length, name, file = struct.unpack('<QQQ20s20s', read(table + at, 64))
    print(preference, hex(address), length, name.rstrip(b'\0').decode(), file.rstrip(b'\0').decode())
print(read(0x41000000, 8))
big = b''.join(read(0x42000000 + at, min(524288, 1300000 - at)) for at in range(0, 1300000, 524288))
print(big == bytes(i * 7 & 255 for i in range(1300000)))
print(read(0x42000000 + 5, 3) == big[5:8], read(0x43000003, 1))
print(reset())
END
)" "0x1 0x30 2 1 4096 2 False
0x10 0x18
0x60230000 320
1 0x41000000 8 md_KELF1 md_KELF1.BIN
1 0x42000000 1300000 md_Kbig2 md_Kbig2.BIN
1 0x4213d620 8 md_Knext3 md_Knext3.BIN
1 0x43000000 4 md_K12character md_K12character.BIN
1 0x60220000 4096 md_SHRDIMEM md_SHRDIMEM.BIN
b'\\x7fELFcore'
True
True b't'
(8, 8, b'')" 'a host reads the table, what it lists, in pieces, and resets'
ends 0 'the device ends when it is reset'
is "$(cat "$work/out")" 'firmware: 1300332 bytes to the host, and reset' 'it counts what it gave'
[ ! -e "$work/whole.sock" ]
ok $? 'its socket is gone'

device reads --unreadable md_KELF1.BIN
is "$(host reads <<'END'
hello(), packet()
for address, length in ((0x40000000, 4), (0x41000000, 8), (0x42000000, 1300001), (0x43000003, 2),
                        (0x42ffffff, 2), (0x43000000, 0), (0x43000000, 2 ** 64 - 1),
                        (2 ** 64 - 1, 2), (0x60230000, 321), (0x60230140, 1), (0x60000000, 4)):
    print(*refused(address, length))
print(read(0x43000000, 4))
print(*reset())
END
)" "$(for _ in {1..11}; do echo "4 16 b'\\x00\\x00\\x00\\x00\\x19\\x00\\x00\\x00'"; done)
b'last'
8 8 b''" 'what is not listed, or not readable, is an invalid memory read; others still work'
ends 0 'and a reset too'

device commands
is "$(host commands <<'END'
hello(), packet()
for command, words, options in ((0x0a, (0x43000000, 4), {}), (0x0c, (3,), {}), (3, (1, 2, 3), {}),
                                (0x99, (), {}), (0x11, (0x43000000, 0, 4), {}), (7, (1,), {})):
    send(command, *words, **options)
    print(packet()[2][4])
print(*reset())
END
)" '1
1
1
1
5
5
8 8 b'"''" 'commands of other modes are invalid, as are wrong lengths'
ends 0 'the device goes on after them'

for wrong in 'length=7' 'length=0x1001' 'length=0xffffffff'; do
	device length
	is "$(host length <<-END
		hello(), packet()
		send(0x11, 1, 2, $wrong)
		print(packet()[2][4])
	END
	)" 5 "a packet with $wrong is none"
	ends 4 'the device gives up'
	says 'the host sends no packets' 'and says why'
done

while read -r wrong status; do
	device hello
	is "$(host hello <<-END
		hello($wrong)
		print(*packet())
	END
	)" "4 16 b'\\x00\\x00\\x00\\x00\\x$status\\x00\\x00\\x00'" "a host that answers HELLO with $wrong"
	ends 4 'the device gives up'
done <<'END'
version=0 02
compatible=3 02
status=1 15
mode=0 18
mode=3 18
command=7 01
length=0x2c 05
END

device thirty --table32 --lower-case
is "$(host thirty <<'END'
hello()
command, length, body = packet()
print(command, length)
table, size = struct.unpack('<II', body)
send(0x0a, table, size)
rows = get(size)
for at in range(0, size, 52):
    preference, address, length, name, file = struct.unpack('<III20s20s', rows[at:at + 52])
    print(preference, hex(address), length, file.rstrip(b'\0').decode())
send(0x0a, 0x41000000, 8)
print(get(8))
send(0x0a, 0x43000000, 5)
print(packet()[2][4])
send(0x11, 0x41000000, 8, form='Q')
print(packet()[2][4])
print(reset()[0])
END
)" "9 16
1 0x41000000 8 md_KELF1.bin
1 0x42000000 1300000 md_Kbig2.bin
1 0x4213d620 8 md_Knext3.bin
1 0x43000000 4 md_K12character.bin
1 0x60220000 4096 md_SHRDIMEM.bin
b'\\x7fELFcore'
25
1
8" 'older firmware has a table and reads of 32 bits'
ends 0 'and a reset'

device gone --hang-up-after 100
is "$(host gone <<'END'
hello(), packet()
read(0x60230000, 64)
try:
    read(0x42000000, 50)
except EOFError as end:
    print('after', *end.args)
END
)" 'after 36' 'a device that is pulled out'
ends 4 'says so'

device left
host left <<<'hello(), packet()'
ends 4 'a host that leaves without a reset'
says 'left without a reset' 'is missed'

device waiting --timeout 1
ends 4 'a host that never comes'
says 'no host came within 1 seconds' 'is not waited for without end'

touch "$work/there.sock"
run 1 'a name that is taken' sahara --ram "$work/ram" --socket "$work/there.sock"
[ -f "$work/there.sock" ]
ok $? 'stays as it is'
run 1 'a name that is too long' sahara --ram "$work/ram" --socket "$work/$(printf %0108d 0)"
run 2 'no name' sahara --ram "$work/ram"

# RAM that goes beyond addresses of 32 bits
python <<'END'
import firmware_image
firmware_image.SIZE = 0xc0001000
from firmware_image import *
minidump('ram', [row('Kbelow', 0, 0xfffffffc, 4), row('Kacross', 0, 0xfffffffc, 8),
                 row('Kabove', 0, 0x100000000, 4)])
END
device high --table32
is "$(host high <<'END'
hello()
print(struct.unpack('<II', packet()[2]) == (0x60230000, 2 * 52))
reset()
END
)" True 'what 32 bits do not reach is not in a table of 32 bits'
ends 4 'the device ends so'
says 'md_Kacross.BIN, address 0xfffffffc, is left out' 'and names it'
says 'md_Kabove.BIN, address 0x100000000, is left out' 'all of it'
done_testing
