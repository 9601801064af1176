# SPDX-License-Identifier: GPL-2.0-only
"""An image of the RAM of a machine that never was: a kinfo page, kallsyms, page tables.

ram.py FILE LAYOUT ENCODING TABLES [FIELD=VALUE...] writes FILE, and to the standard output
lines of: a virtual address, the name that belongs to it. kallsyms is built as scripts/kallsyms.c
of the kernel does it, in other words.
"""
import random
import struct
import sys

from page import TEXT, page, value

BASE, SIZE = 0x80000000, 0x1000000
PAGE, ROOT = BASE + 0x5000, TEXT + 0x320000
STEXT, ETEXT, END = TEXT + 0x10000, TEXT + 0x100000, TEXT + 0x500000
ARM64 = {"4k39": (12, 39), "4k48": (12, 48), "16k47": (14, 47), "64k42": (16, 42), "16k48": (14, 48)}


def symbols():
    """(address, type and name), in order of addresses, with aliases and a very long name."""
    generator = random.Random(4)
    words = ["tcp", "sched", "init", "page", "irq", "driver", "probe", "read", "write", "x", "9"]
    table = [(TEXT, "T_text"), (STEXT, "T_stext"), (STEXT, "Tfirst_alias"), (STEXT, "tsecond_alias")]
    address = STEXT + 0x40
    for i in range(700):
        name = "_".join(generator.choice(words) for _ in range(generator.randint(1, 5)))
        table.append((address, "t%s_%d" % (name, i)))
        address += generator.randrange(4, 0x500, 4)
    long_name = "".join(generator.choice("abcdefghijklmnopqrstuvwyz") for _ in range(300))
    table += [(address, "t" + long_name), (ETEXT, "D_etext"), (TEXT + 0x120000, "dsome_data"),
              (TEXT + 0x300000, "T_sinittext"), (TEXT + 0x300100, "tearly_setup"),
              (TEXT + 0x310000, "D_einittext"), (END, "B_end")]
    assert address < ETEXT
    return table


def compress(names):
    """Codes that no name uses stand for frequent parts of names."""
    used = sorted({character for name in names for character in name})
    tokens = {ord(character): character for character in used}
    free = [code for code in range(256) if code not in tokens]
    for part in ["driver_", "sched", "probe", "write", "tcp_", "page", "irq", "_in", "it", "tp"]:
        tokens[free.pop()] = part
    codes = sorted(((text, code) for code, text in tokens.items()), key=lambda x: -len(x[0]))
    records = []
    for name in names:
        packed = bytearray()
        while name:
            text, code = next(pair for pair in codes if name.startswith(pair[0]))
            packed.append(code)
            name = name[len(text):]
        length = len(packed)
        if length > 0x7f:
            records.append(bytes([length & 0x7f | 0x80, length >> 7]) + packed)
        else:
            records.append(bytes([length]) + packed)
    return records, [tokens.get(code, "") for code in range(256)]


def kallsyms(table, encoding, offsets_pa):
    records, tokens = compress([name for _, name in table])
    names, markers = b"", []
    for i, record in enumerate(records):
        if i % 256 == 0:
            markers.append(len(names))
        names += record
    index, token_table = [], b""
    for token in tokens:
        index.append(len(token_table))
        token_table += token.encode() + b"\0"
    addresses = []
    for i, (address, _) in enumerate(table):
        if encoding in ("relative", "text-relative"):
            addresses.append(struct.pack("<I", address - TEXT))
        elif encoding == "percpu":	# variables are at positive, absolute addresses
            addresses.append(struct.pack("<i", address if address < TEXT else TEXT - address - 1))
        elif encoding == "self":
            addresses.append(struct.pack("<i", address - (offsets_pa + 4 * i)))
        else:
            addresses.append(struct.pack("<Q", address + DISTANCE))
    return (names, struct.pack("<%dI" % len(markers), *markers), token_table,
            struct.pack("<256H", *index), b"".join(addresses))


class Memory:
    def __init__(self):
        self.bytes = bytearray(SIZE)
        self.free = ROOT

    def put(self, address, data):
        self.bytes[address - BASE:address - BASE + len(data)] = data

    def get(self, address):
        return struct.unpack_from("<Q", self.bytes, address - BASE)[0]

    def table(self, size):
        self.free += -self.free % size
        self.free += size
        return self.free - size


def map_page(memory, root, kind, va, pa, level=0):
    """A page, or a block at that level, in tables that are made on the way."""
    shift, bits = (12, 57 if kind == "x86-5" else 48) if kind.startswith("x86") else ARM64[kind]
    width, table = shift - 3, root
    for at in reversed(range(level, -(-(bits - shift) // width))):
        low = shift + at * width
        entry = table + 8 * ((va >> low) & ((1 << min(width, bits - low)) - 1))
        if at == level:
            flags = (0x8000000000000163 if not level else 0x80000000000001e3) \
                if kind.startswith("x86") else (0x60000000000703 if not level else 0x60000000000701)
            memory.put(entry, struct.pack("<Q", pa | flags))
        else:
            if not memory.get(entry):
                memory.put(entry, struct.pack("<Q", memory.table(1 << shift) |
                                              (0x63 if kind.startswith("x86") else 3)))
            table = memory.get(entry) & 0x0000fffffffff000


def map_kernel(memory, kind):
    shift = 12 if kind.startswith("x86") else ARM64[kind][0]
    root = memory.table(1 << shift)
    step, pa = 1 << shift, TEXT
    while pa < END:
        if shift == 12 and pa % 0x200000 == 0 and pa + 0x200000 <= END and pa != TEXT:
            map_page(memory, root, kind, pa + DISTANCE, pa, 1)
            pa += 0x200000
        else:
            map_page(memory, root, kind, pa + DISTANCE, pa)
            pa += step
    if shift == 12:	# the linear map, with one block of 1 GiB
        map_page(memory, root, kind, LINEAR + BASE, BASE, 2)
    return root


def expected(table, pa):
    at = max(address for address, _ in table if address <= pa)
    name = next(name for address, name in table if address == at)[1:]
    behind = min([address for address, _ in table if address > at] + [END])
    return "%s+%#x/%#x" % (name, pa - at, behind - at)


def main():
    global DISTANCE, LINEAR
    path, layout, encoding, kind = sys.argv[1:5]
    given = {name: value(text) for name, text in (word.split("=", 1) for word in sys.argv[5:])}
    if kind.startswith("x86"):
        DISTANCE = 0xffffffff92000000 - TEXT
        LINEAR = (0xff11000000000000 if kind == "x86-5" else 0xffff888000000000) - BASE
    else:
        start = (1 << 64) - (1 << ARM64.get(kind, (12, 39))[1])
        DISTANCE = start + 0x88a00000 - TEXT
        LINEAR = start - BASE
    memory, table = Memory(), symbols()
    if encoding == "percpu":
        table = [(0, "A__per_cpu_start"), (0x40, "Airq_count"), (0x2f000, "Asome_queue")] + table
    places = {"names": TEXT + 0x110000, "markers": TEXT + 0x130000, "token_table": TEXT + 0x131000,
              "token_index": TEXT + 0x140000, "offsets": TEXT + 0x150000}
    for name, data in zip(["names", "markers", "token_table", "token_index", "offsets"],
                          kallsyms(table, encoding, places["offsets"])):
        memory.put(places[name], data)
    facts = dict(places, num_syms=len(table), end=END, etext=ETEXT, stext=STEXT,
                 seqs=TEXT + 0x160000, pgd=map_kernel(memory, kind) if kind != "none" else 0)
    if encoding in ("self", "text-relative", "absolute"):
        facts.update(base_relative=0, relative=0)
    if encoding == "absolute":
        facts.update(addresses=places["offsets"], offsets=0)
    facts["absolute_percpu"] = int(encoding == "percpu")
    memory.put(PAGE, page(layout, dict(facts, **given)))
    with open(path, "wb") as file:
        file.write(memory.bytes)
    generator = random.Random(5)
    wanted = [STEXT, STEXT + 0x3f, STEXT + 0x40, table[200][0], table[256][0] + 3, ETEXT - 1,
              next(a for a, n in table if len(n) > 250) + 7, TEXT + 0x300104]
    wanted += [generator.randrange(STEXT, ETEXT) for _ in range(40)]
    for pa in wanted:
        print("%x %s" % (pa + DISTANCE, expected(table, pa)))


main()
