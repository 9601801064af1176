#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes a core that holds only chosen objects of a full dump.

OBJECTS is what cut.py lists. Nothing else of the dump gets into the core, besides its
notes: what a tool cannot find, it would not find in a core that the kernel's own marks
led to either. Page tables are made here, at physical addresses that no machine has,
unless those of the kernel are asked for.
"""
import argparse
import bisect
import json
import struct
import sys

PAGE = 4096
POISON = b"NotDump!"
PT_LOAD, PT_NOTE = 1, 4
NT_PRSTATUS, NT_TASKSTRUCT = 1, 4
EM_X86_64, EM_AARCH64 = 62, 183
EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
PHDR = struct.Struct("<IIQQQQQQ")
NHDR = struct.Struct("<III")


def align(value, size=PAGE):
    return -(-value // size) * size


class Dump:
    """A full ELF dump, read by physical address."""

    def __init__(self, path):
        self.file = open(path, "rb")
        fields = EHDR.unpack(self.file.read(EHDR.size))
        self.machine, phoff, self.phnum = fields[2], fields[5], fields[10]
        if fields[0][:4] != b"\x7fELF" or self.phnum == 0xFFFF:
            sys.exit(f"{path}: not a dump that this reads")
        self.segments, self.notes = [], []
        self.file.seek(phoff)
        headers = self.file.read(PHDR.size * self.phnum)
        for kind, _, offset, _, paddr, size, _, _ in PHDR.iter_unpack(headers):
            if kind == PT_LOAD:
                self.segments.append((paddr, size, offset))
            elif kind == PT_NOTE:
                self.file.seek(offset)
                self.read_notes(self.file.read(size))
        texts = [text for name, _, text in self.notes if name == b"VMCOREINFO"]
        if not texts:
            sys.exit(f"{path}: no VMCOREINFO")
        self.vmcoreinfo = dict(line.split("=", 1) for line in texts[0].decode().split("\n") if "=" in line)

    def read_notes(self, data):
        at = 0
        while at + NHDR.size <= len(data):
            name_size, size, kind = NHDR.unpack_from(data, at)
            at += NHDR.size
            name = data[at:at + name_size].rstrip(b"\0")
            at += align(name_size, 4)
            self.notes.append((name, kind, data[at:at + size]))
            at += align(size, 4)

    def read(self, paddr, size):
        for start, length, offset in self.segments:
            if start <= paddr and paddr + size <= start + length:
                self.file.seek(offset + paddr - start)
                return self.file.read(size)
        sys.exit(f"physical {paddr:#x}+{size:#x} is not in the dump")


class Paging:
    """How this kernel's page tables are laid out, and where the top one is."""

    def __init__(self, dump):
        info = dump.vmcoreinfo
        self.x86 = dump.machine == EM_X86_64
        self.bits = 9
        if self.x86:
            self.levels = 5 if int(info.get("NUMBER(pgtable_l5_enabled)", "0")) else 4
            self.va_bits = 12 + 9 * self.levels
            top = int(info["SYMBOL(swapper_pg_dir)"], 16)
            self.top = top - 0xFFFFFFFF80000000 + int(info["NUMBER(phys_base)"])
            self.table, self.leaf, self.present, self.large = 0x63, 0x63, 1, 0x80
        else:
            self.va_bits = int(info["NUMBER(VA_BITS)"])
            self.levels = -(-(self.va_bits - 12) // 9)
            top = int(info["SYMBOL(swapper_pg_dir)"], 16)
            self.top = top - int(info["NUMBER(kimage_voffset)"], 16)
            self.table, self.leaf, self.present, self.large = 3, 0x703, 1, None
        # Where no machine has memory, but the linear map would still have it: crash for arm64
        # reads tables through that
        last = 1 << int(info["NUMBER(MAX_PHYSMEM_BITS)"])
        if not self.x86:
            last = min(last, int(info["NUMBER(PHYS_OFFSET)"], 16) + (1 << (self.va_bits - 1)))
        self.spare = last // PAGE * PAGE - (1 << 30)

    def index(self, address, level):
        shift = 12 + self.bits * level
        width = min(self.bits, self.va_bits - shift)
        return (address >> shift) & ((1 << width) - 1)

    def walked(self, dump, address):
        """The kernel's own tables that translate an address."""
        table = self.top
        for level in range(self.levels - 1, -1, -1):
            yield table
            entry, = struct.unpack("<Q", dump.read(table + 8 * self.index(address, level), 8))
            leaf = entry & self.large if self.x86 else not entry & 2
            if not entry & self.present or leaf:
                return
            table = entry & 0x000FFFFFFFFFF000

    def made(self, pages):
        """Tables that translate exactly these pages: {physical address: 512 entries}"""
        tables = {self.top: [0] * 512}
        for vaddr, paddr in pages.items():
            table = self.top
            for level in range(self.levels - 1, 0, -1):
                index = self.index(vaddr, level)
                if not tables[table][index]:
                    new = self.spare + PAGE * len(tables)
                    tables[new] = [0] * 512
                    tables[table][index] = new | self.table
                table = tables[table][index] & 0x000FFFFFFFFFF000
            tables[table][self.index(vaddr, 0)] = paddr | self.leaf
        return tables


def merge(ranges):
    """Overlapping and adjacent (start, end) become one."""
    merged = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(end, merged[-1][1])
        else:
            merged.append([start, end])
    return merged


def note(name, kind, contents):
    name += b"\0"
    return (NHDR.pack(len(name), len(contents), kind) + name.ljust(align(len(name), 4), b"\0") +
            contents.ljust(align(len(contents), 4), b"\0"))


def chosen(lines, arguments):
    classes = arguments.classes.split(",")
    without = set(arguments.without.split(","))
    for line in lines:
        one = json.loads(line)
        if one["class"] in classes and one["name"] not in without:
            yield one


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dump")
    parser.add_argument("objects")
    parser.add_argument("core")
    parser.add_argument("--classes", required=True)
    parser.add_argument("--without", default="", help="names of objects to leave out")
    parser.add_argument("--exact", action="store_true", help="bytes, where else whole pages are kept")
    parser.add_argument("--page-tables", choices=("host", "kernel", "none"), default="host")
    parser.add_argument("--task-of", type=int, metavar="CPU", help="the task to start with")
    parser.add_argument("--note-per-cpu", action="store_true",
                        help="a note by which crash takes the notes for those of all CPUs")
    arguments = parser.parse_args()
    dump = Dump(arguments.dump)
    paging = Paging(dump)
    unit = 1 if arguments.exact else PAGE

    lines = open(arguments.objects)
    machine = json.loads(next(lines))
    runs = {}	# by how far the virtual address is from the physical one
    count = 0
    for one in chosen(lines, arguments):
        count += 1
        vaddr = one["address"]
        for paddr, length in one["extents"]:
            start = paddr // unit * unit
            runs.setdefault(vaddr - paddr, []).append((start, align(paddr + length, unit)))
            vaddr += length
    collected = sum(end - start for start, end in
                    merge(piece for pieces in runs.values() for piece in pieces))

    # Tables translate whole pages: what of a page was not collected is still missing by its address
    pages = {}
    for delta, pieces in runs.items():
        if delta in (machine["linear"], machine["image"]):
            continue
        for start, end in pieces:
            for page in range(start // PAGE * PAGE, end, PAGE):
                pages[page + delta] = page
    tables = {}
    if arguments.page_tables == "host":
        tables = paging.made(pages)
    elif arguments.page_tables == "kernel":
        for page in sorted(pages):
            for table in paging.walked(dump, page):
                tables[table] = struct.unpack("<512Q", dump.read(table, PAGE))
    for table in tables:
        # A table of the host's own has no virtual address; the top one has that of the kernel's
        delta = machine["image" if table == paging.top else "linear"]
        runs.setdefault(delta, []).append((table, table + PAGE))

    segments = []	# (vaddr, start, end) by physical address
    for delta, pieces in runs.items():
        segments += [(start + delta, start, end) for start, end in merge(pieces)]
    # Of the segments that hold the first byte of a read, crash should find the farthest reaching one
    segments.sort(key=lambda segment: (-segment[2], segment[1]))
    contents = merge((start, end) for _, start, end in segments)
    starts = [start for start, _ in contents]

    notes = notes_of(dump, machine, arguments)
    headers = EHDR.size + PHDR.size * (len(segments) + 1)
    offset = align(headers + len(notes))
    offsets = []
    for start, end in contents:
        offsets.append(offset + start % PAGE)
        offset = align(offsets[-1] + end - start)

    with open(arguments.core, "wb") as core:
        core.write(EHDR.pack(b"\x7fELF\2\1\1".ljust(16, b"\0"), 4, dump.machine, 1, 0, EHDR.size, 0, 0,
                             EHDR.size, PHDR.size, len(segments) + 1, 0, 0, 0))
        core.write(PHDR.pack(PT_NOTE, 0, headers, 0, 0, len(notes), len(notes), 0))
        for vaddr, start, end in segments:
            place = bisect.bisect_right(starts, start) - 1
            core.write(PHDR.pack(PT_LOAD, 7, offsets[place] + start - starts[place],
                                 vaddr & (1 << 64) - 1, start, end - start, end - start, 0))
        core.write(notes)
        for (start, end), at in zip(contents, offsets):
            pad(core, at)
            core.write(bytes_of(dump, tables, start, end))
        pad(core, offset)
    print(f"{arguments.core}: {count} objects, {collected} bytes, {len(segments)} segments, "
          f"{len(tables)} page tables, {offset} bytes in all")


def pad(core, offset):
    """Poison up to an offset: what reads past an object's end shall see that it does."""
    at = core.tell()
    core.write((POISON * ((offset - at) // len(POISON) + 2))[at % 8:][:offset - at])


def bytes_of(dump, tables, start, end):
    data = bytearray()
    while start < end:
        length = min(end, start // PAGE * PAGE + PAGE) - start
        page = start // PAGE * PAGE
        if page in tables:
            data += struct.pack("<512Q", *tables[page])[start - page:start - page + length]
        else:
            data += dump.read(start, length)
        start += length
    return data


def notes_of(dump, machine, arguments):
    notes = b""
    for name, kind, contents in dump.notes:
        if name == b"CORE" and kind == NT_PRSTATUS:
            notes += note(b"CORE", NT_PRSTATUS, contents)
        elif name == b"VMCOREINFO":
            notes += note(b"VMCOREINFO", 0, contents)
    if arguments.task_of is not None:
        notes += note(b"MEMINSP", NT_TASKSTRUCT, struct.pack("<Q", machine["current"][arguments.task_of]))
    if arguments.note_per_cpu:
        notes += note(b"QEMU", 0, b"")
    return notes


if __name__ == "__main__":
    main()
