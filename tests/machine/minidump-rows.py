#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Prints the files of a folder of firmware's that hold no byte of a region that was marked.

minidump-rows.py FOLDER REGIONS.JSON: the program headers in the first file say where the others were.
"""
import json
import os
import re
import struct
import sys

folder, regions = sys.argv[1:]
files = {}
for name in os.listdir(folder):
    number = re.fullmatch(r"md_K.*?(\d+)\.BIN", name)
    if number:
        files[int(number[1])] = name
with open(os.path.join(folder, files[1]), "rb") as header:
    elf = header.read()
offset, = struct.unpack_from("<Q", elf, 32)
count, = struct.unpack_from("<H", elf, 56)
with open(regions) as table:
    marked = [(int(piece["paddr"], 16), int(piece["paddr"], 16) + piece["length"])
              for region in json.load(table)["regions"] for piece in region["pieces"]]
seen = 0
for number, name in sorted(files.items()):
    if number == 1 or number > count:
        continue
    paddr, length = struct.unpack_from("<QQ", elf, offset + 56 * (number - 1) + 24)
    seen += 1
    if not any(start < paddr + length and paddr < end for start, end in marked):
        print(f"{name}: {paddr:#x}, {length} bytes")
if seen < 10:
    print(f"only {seen} files")
