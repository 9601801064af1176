#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes a core that holds of a full dump what is marked, and what unmarked.py lists.

REGIONS is what `meminspect regions --json` says, OBJECTS what unmarked.py lists. Nothing else of
the dump gets into the core, besides its notes: around what is chosen there is poison, also in the
same page. Page tables are made here, at physical addresses that no machine has.
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
EM_X86_64 = 62
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
        self.machine, phoff, phnum = fields[2], fields[5], fields[10]
        if fields[0][:4] != b"\x7fELF" or phnum == 0xFFFF:
            sys.exit(f"{path}: not a dump that this reads")
        self.segments, self.notes = [], []
        self.file.seek(phoff)
        for kind, _, offset, _, paddr, size, _, _ in PHDR.iter_unpack(self.file.read(PHDR.size * phnum)):
            if kind == PT_LOAD:
                self.segments.append((paddr, paddr + size, offset))
            elif kind == PT_NOTE:
                self.file.seek(offset)
                self.read_notes(self.file.read(size))

    def read_notes(self, data):
        at = 0
        while at + NHDR.size <= len(data):
            name_size, size, kind = NHDR.unpack_from(data, at)
            at += NHDR.size
            name = data[at:at + name_size].rstrip(b"\0")
            at += align(name_size, 4)
            self.notes.append((name, kind, data[at:at + size]))
            at += align(size, 4)

    def read(self, start, end):
        for first, last, offset in self.segments:
            if first <= start and end <= last:
                self.file.seek(offset + start - first)
                return self.file.read(end - start)
        sys.exit(f"physical {start:#x}-{end:#x} is not in the dump")


class Paging:
    """How this kernel's page tables are laid out, and where the top one is."""

    def __init__(self, ident):
        x86 = ident["machine"] == EM_X86_64
        self.levels, self.va_bits = ident["pgtable_levels"], ident["va_bits"]
        self.top = int(ident["swapper_pg_dir"], 16)
        self.table, self.leaf = (0x63, 0x63) if x86 else (3, 0x703)
        # Where no machine has memory, but the linear map would still have it: crash for arm64
        # reads tables through that
        self.spare = int(ident["phys_offset"], 16) + (1 << min(self.va_bits - 2, 46)) - (1 << 30)

    def index(self, address, level):
        shift = 12 + 9 * level
        return address >> shift & (1 << min(9, self.va_bits - shift)) - 1

    def tables(self, pages):
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
                table = tables[table][index] & -PAGE
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


def chosen(regions, objects, without):
    """What the core shall hold: (virtual address, physical address, length, whether to copy it)"""
    for region in regions:
        if region["name"] not in without:
            for piece in region["pieces"]:
                if int(piece["vaddr"], 16):
                    yield int(piece["vaddr"], 16), int(piece["paddr"], 16), piece["length"], True
    for one in objects:
        vaddr = one["address"]
        if one["name"] not in without:
            for paddr, length in one["extents"]:
                yield vaddr, paddr, length, one["class"] != "poison"
                vaddr += length


def note(name, kind, contents):
    name += b"\0"
    return (NHDR.pack(len(name), len(contents), kind) + name.ljust(align(len(name), 4), b"\0") +
            contents.ljust(align(len(contents), 4), b"\0"))


def notes(dump, task):
    written = b""
    for name, kind, contents in dump.notes:
        if name == b"CORE" and kind == NT_PRSTATUS or name == b"VMCOREINFO":
            written += note(name, kind, contents)
    written += note(b"MEMINSP", NT_TASKSTRUCT, struct.pack("<Q", task))
    # By this name, crash takes a note for each CPU, whether it is in cpu_online_mask or not
    return written + note(b"QEMU", 0, b"")


def poison(start, length):
    """What stands where nothing was copied: who reads past an object's end shall see it."""
    return (POISON * (length // len(POISON) + 2))[start % 8:][:length]


def contents(dump, copied, tables, start, end):
    """The bytes of a range of physical memory, as far as they were copied or made."""
    data = bytearray(poison(start, end - start))
    for first, last in copied[max(bisect.bisect_right(copied, [start]) - 1, 0):]:
        if first >= end:
            break
        low, high = max(start, first), min(end, last)
        if low < high:
            data[low - start:high - start] = dump.read(low, high)
    for page in range(align(start), end, PAGE):
        if page in tables:
            data[page - start:page - start + PAGE] = struct.pack("<512Q", *tables[page])
    return data


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("dump", "regions", "objects", "core"):
        parser.add_argument(name)
    parser.add_argument("--without", default="", metavar="NAMES", help="regions and objects to leave out")
    parser.add_argument("--whole", action="store_true", help="all of the dump, but with the notes that the core has")
    arguments = parser.parse_args()
    dump = Dump(arguments.dump)
    description = json.load(open(arguments.regions))
    machine, *objects = map(json.loads, open(arguments.objects))

    runs, copied, tables, pages = {}, [], {}, {}	# runs: by how far virtual and physical address differ
    if arguments.whole:
        runs[machine["linear"]] = copied = [list(segment[:2]) for segment in dump.segments]
    else:
        for vaddr, paddr, length, copy in chosen(description["regions"], objects, arguments.without.split(",")):
            delta = vaddr - paddr
            runs.setdefault(delta, []).append((paddr, paddr + length))
            if copy:
                copied.append((paddr, paddr + length))
            if delta not in (machine["linear"], machine["image"]):
                for page in range(paddr & -PAGE, paddr + length, PAGE):
                    pages[page + delta] = page
        copied = merge(copied)
        paging = Paging(description["ident"])
        tables = paging.tables(pages)
        for table in tables:
            delta = machine["image" if table == paging.top else "linear"]
            runs.setdefault(delta, []).append((table, table + PAGE))

    # Of the segments that hold the first byte of a read, crash should find the farthest reaching one
    segments = sorted(((start + delta, start, end) for delta, run in runs.items() for start, end in merge(run)),
                      key=lambda segment: (-segment[2], segment[1]))
    places = merge((start, end) for _, start, end in segments)
    starts = [start for start, _ in places]
    header = EHDR.size + PHDR.size * (len(segments) + 1)
    written = notes(dump, machine["task"])
    offset = align(header + len(written))
    offsets = []
    for start, end in places:
        offsets.append(offset + start % PAGE)
        offset = align(offsets[-1] + end - start)

    with open(arguments.core, "wb") as core:
        core.write(EHDR.pack(b"\x7fELF\2\1\1".ljust(16, b"\0"), 4, dump.machine, 1, 0, EHDR.size, 0, 0,
                             EHDR.size, PHDR.size, len(segments) + 1, 0, 0, 0))
        core.write(PHDR.pack(PT_NOTE, 0, header, 0, 0, len(written), len(written), 0))
        for vaddr, start, end in segments:
            place = bisect.bisect_right(starts, start) - 1
            core.write(PHDR.pack(PT_LOAD, 7, offsets[place] + start - starts[place],
                                 vaddr & (1 << 64) - 1, start, end - start, end - start, 0))
        core.write(written)
        for (start, end), at in zip(places, offsets):
            core.write(poison(core.tell(), at - core.tell()))
            for part in range(start, end, 16 << 20):
                core.write(contents(dump, copied, tables, part, min(part + (16 << 20), end)))
        core.write(poison(core.tell(), offset - core.tell()))
    print(f"{sum(end - start for start, end in copied)} bytes copied, {len(tables)} page tables, "
          f"{len(segments)} segments, {offset} bytes in all")


if __name__ == "__main__":
    main()
