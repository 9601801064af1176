# SPDX-License-Identifier: GPL-2.0-only
"""Reads the regions that lab_regions.ko marked, by their virtual addresses, and says
which hold what it filled them with: word n is a letter in the upper half, n in the lower.

Run as: drgn -q -c CORE -s VMLINUX --no-default-symbols contents.py REGIONS
REGIONS is the table as the living guest printed it.
"""
import struct
import sys

LETTERS = {"lab_vmalloc": "V", "lab_kmalloc": "K", "lab_module": "M", "lab_irq": "I"}


def words(letter, count):
    return struct.pack(f"<{count}Q", *(ord(letter) << 32 | n for n in range(count)))


for line in open(sys.argv[1]):
    fields = line.split()
    if line.startswith("#") or not fields[5].startswith("lab_"):
        continue
    address, size, name = int(fields[0], 16), int(fields[2]), fields[5]
    data = prog.read(address, size)
    if name == "lab_stack":
        good = words("S", 32) in data
    elif name == "lab_percpu":
        good = data == words(chr(ord("a") + int(fields[6].split("=")[1])), size // 8)
    else:
        good = data == words(LETTERS[name], size // 8)
    print(" ".join(fields[5:]), "right" if good else "wrong")
