# SPDX-License-Identifier: GPL-2.0-only
"""Damages a full dump where a core has something: damage.py SEED CORE DUMP

A third of the seeds writes random words, a third words from elsewhere, which are mostly pointers,
a third flips one bit of each.
"""
import random
import struct
import sys


def segments(file):
    file.seek(0)
    header = file.read(64)
    offset, = struct.unpack_from("<Q", header, 32)
    count, = struct.unpack_from("<H", header, 56)
    file.seek(offset)
    table = file.read(56 * count)
    for kind, _, where, _, paddr, size in (struct.unpack_from("<IIQQQQ", table, 56 * i) for i in range(count)):
        if kind == 1:
            yield paddr, size, where


seed = int(sys.argv[1])
random.seed(seed)
with open(sys.argv[2], "rb") as core, open(sys.argv[3], "r+b") as dump:
    whole = list(segments(dump))
    # What the host made is where the dump has no memory
    parts = [(where + paddr - start, size) for paddr, size, _ in segments(core)
             for start, length, where in whole if start <= paddr and paddr + size <= start + length]

    def place():
        where, size = random.choice(parts)
        return (where + random.randrange(size)) & ~7

    for _ in range(20 * 10 ** random.randint(1, 3)):
        target = place()
        dump.seek(target if seed % 3 == 0 else place())
        word, = struct.unpack("<Q", dump.read(8))
        if seed % 3 == 0:
            word ^= 1 << random.randrange(64)
        elif seed % 3 == 1:
            word = random.getrandbits(64)
        dump.seek(target)
        dump.write(struct.pack("<Q", word))
