#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Records as a dying kernel leaves them in pstore, made from the pages directory.rst and pstore.rst.

  records.py make FOLDER      a folder of records for each case, and the memory that they are of
  records.py compare CORE FOLDER
                              whether what a core has of that memory is right, and how much it has
"""
import itertools
import os
import struct
import sys
import zlib

BASE = 0x40000000
MAGIC = b"\x7fMIPSTOR"
HEAD, DATA, END = 1, 2, 3
BYTES, SAME, UNREADABLE = 1, 2, 3
DIRECTORY = 0xffff
EMPTY, VALID = 0x59544d45, 0x3c9be817
LOG, IDENTITY, CPU, DRIVER = 1, 2, 3, 10
RELEASE = b"6.12.0-records"
BOOT_TIME = 1700000000 * 10**9
PAGES = 64

# Copies of the head chunk at pages 2 and 5
COPIES = [BASE + 2 * 4096, BASE + 5 * 4096]


def sealed(body):
    return struct.pack("<II", VALID, zlib.crc32(body)) + body


def region(number, name, kind, vaddr, extents, extents_row=0xffffffff):
    size = sum(length for _, length in extents)
    return sealed(struct.pack("<HHIQQQQIIIHHQ56s", 1, kind, number + 1, vaddr, size, *extents[0],
                              len(extents), extents_row, 0, 0, 0, 0, name))


def extents_row(owner, extents):
    packed = b"".join(struct.pack("<QQ", *extent) for extent in extents)
    return sealed(struct.pack("<HHIIIQ96s", 2, len(extents), owner + 1, owner, 0xffffffff, 0,
                              packed))


def vmcoreinfo():
    return (b"OSRELEASE=" + RELEASE + b"\nPAGESIZE=4096\n"
            b"NUMBER(meminspect_directory)=0x%x\nNUMBER(meminspect_directory_mirror)=0x%x\n"
            % tuple(COPIES)).ljust(4096, b"\0")


class Machine:
    """Memory with a directory in it; regions in the order in which they are stored."""

    def __init__(self):
        self.memory = bytearray(PAGES * 4096)
        banner = b"Linux version " + RELEASE + b" (nobody@nowhere)\n\0"
        log = b"".join(b"line %d of the log\n" % i for i in range(1200))[:20000]
        noise = bytes((i * i * 31 + i * 7 + (i >> 5)) & 0xff for i in range(9000))
        self.regions = [
            (b"a_log", LOG, [(BASE + 10 * 4096 + 100, len(log))], log),
            (b"linux_banner", IDENTITY, [(BASE + 20 * 4096, len(banner))], banner),
            (b"vmcoreinfo", IDENTITY, [(BASE + 21 * 4096, 4096)], vmcoreinfo()),
            (b"cpu_word", CPU, [(BASE + 22 * 4096 + 8, 8)], b"\1\2\3\4\5\6\7\10"),
            (b"a_driver", DRIVER, [(BASE + 40 * 4096, 4096), (BASE + 30 * 4096, 4904)], noise),
        ]
        rows = []
        for number, (name, kind, extents, contents) in enumerate(self.regions):
            more = len(self.regions) if len(extents) > 1 else 0xffffffff
            rows.append(region(number, name, kind, 0xffff888000000000 + extents[0][0], extents,
                               more))
            for paddr, length in extents:
                self.put(paddr, contents[:length])
                contents = contents[length:]
        rows.append(extents_row(4, self.regions[4][2][1:]))
        rows += [struct.pack("<I124x", EMPTY)] * (23 - len(rows))
        header = sealed(struct.pack("<12IQQQQ24x", 1, 0x01020304, 0, 4096, 128, 1152, 23, 128, 512,
                                    640, 512, 0, *COPIES, 0, 0)[:104])
        ident = sealed(struct.pack("<IIIIII10Q48x20s4x72s256x", 62, 4096, 4, 48, 20, 4, 0,
                                   0xffffffff81000000, 0x1000000, 0xffff888000000000, 0, 0, 0, 0,
                                   0, BOOT_TIME, bytes(range(20)), RELEASE))
        assert len(header) == 112 and len(ident) == 512
        chunk = (b"\x7fMEMINSPECT-HEAD" + header + ident + struct.pack("<I508x", EMPTY) +
                 b"".join(rows))
        assert len(chunk) == 4096
        for copy in COPIES:
            self.put(copy, chunk)

    def put(self, paddr, contents):
        self.memory[paddr - BASE:paddr - BASE + len(contents)] = contents

    def get(self, paddr, length):
        return bytes(self.memory[paddr - BASE:paddr - BASE + length])

    def run(self, kind, paddr, length):
        return (struct.pack("<QIHH", paddr, length, BYTES, kind) + self.get(paddr, length))


def record(kind, sequence, contents, deflated=False, crash=1, time=BOOT_TIME + 10**12,
           boot=b"0123456789abcdef", version=1, order=0x01020304, size=None, total=None):
    stored = contents
    if deflated:
        squeeze = zlib.compressobj(6, zlib.DEFLATED, -15)
        stored = squeeze.compress(contents) + squeeze.flush()
    if total is None:
        total = sequence + 1 if kind == END else 0
    behind = struct.pack("<IIHHIIIIIIQ16s", version, order, 72, kind, sequence, total, len(stored),
                         len(contents) if size is None else size, int(deflated), crash, time,
                         boot) + stored
    return MAGIC + struct.pack("<I", zlib.crc32(behind)) + behind


CLASSES = [(LOG, 1, 20000), (IDENTITY, 2, 4096 + 47), (CPU, 1, 8), (DRIVER, 1, 9000)]


def summary(stop=0, error=0, unreadable=0, classes=None, written=0):
    classes = CLASSES if classes is None else classes
    return struct.pack("<QQQQQQIIIIII", *COPIES, 65536, written, 4096, unreadable, 1024, 1, stop,
                       error, len(classes), 0) + b"".join(struct.pack("<HHIQ", kind, 0, nr, size)
                                                          for kind, nr, size in classes)


def contents_of(machine):
    """Contents of the data records: the directory, its mirror, the regions in pieces."""
    yield machine.run(DIRECTORY, COPIES[0], 4096)
    yield struct.pack("<QIHHQ", COPIES[1], 4096, SAME, DIRECTORY, COPIES[0])
    for _, kind, extents, _ in machine.regions:
        for paddr, length in extents:
            for at in range(0, length, 3000):
                yield machine.run(kind, paddr + at, min(3000, length - at))


def crash(machine, end=None, **what):
    records = [record(HEAD, 0, summary(), **what)]
    for contents in contents_of(machine):
        # Half of them as they are
        records.append(record(DATA, len(records), contents, deflated=len(records) % 2 == 0, **what))
    records.append(record(END, len(records), summary(stop=1) if end is None else end, **what))
    return records


def save(folder, case, records, name="meminspect-efi_pstore-%d"):
    path = os.path.join(folder, case)
    os.makedirs(path, exist_ok=True)
    for number, one in enumerate(records):
        with open(os.path.join(path, name % (170000000000100 + number * 1000)), "wb") as file:
            file.write(one)


def save_file(folder, case, name, contents):
    path = os.path.join(folder, case, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(contents)


def flipped(one, at, bit=4):
    one = bytearray(one)
    one[at] ^= 1 << bit
    return bytes(one)


def resealed(one, at, value):
    """Other bytes in a record, with the right checksum."""
    one = bytearray(one)
    one[at:at + len(value)] = value
    one[8:12] = struct.pack("<I", zlib.crc32(one[12:]))
    return bytes(one)


def make(folder):
    machine = Machine()
    whole = crash(machine)
    last = len(whole) - 1
    driver = last - 4       # first record of the driver's region
    save_file(folder, ".", "memory", machine.memory)

    save(folder, "whole", whole)
    save(folder, "reversed", whole[::-1])
    save_file(folder, "one-file", "meminspect-ramoops-0", b"".join(whole))
    save_file(folder, "ecc", "meminspect-ramoops-0",
              b"".join(whole) + b"\nECC: No errors detected\n")
    save_file(folder, "ecc-damage", "meminspect-ramoops-0",
              b"".join(whole) + b"\nECC: 3 Corrected bytes, 1 unrecoverable blocks\n")
    save(folder, "systemd/1700001000/001", whole[:5])
    save(folder, "systemd/1700001000/002", whole[5:])
    save_file(folder, "systemd/1700001000", "dmesg.txt", b"Panic#1 Part1\n<6>[    0.0] hello\n")
    save_file(folder, "systemd", "console-ramoops-0", bytes(range(256)) * 4)

    save(folder, "missing", whole[:driver] + whole[driver + 1:])
    save(folder, "missing-two", whole[:4] + whole[6:])
    for at in (9, 30, 60, 72, 100):
        save(folder, "damaged-%d" % at, whole[:driver] + [flipped(whole[driver], at)] +
             whole[driver + 1:])
    save_file(folder, "damaged-inside", "meminspect-ramoops-0",
              b"".join(whole[:driver] + [flipped(whole[driver], 200)] + whole[driver + 1:]))
    save(folder, "no-magic", whole[:driver] + [flipped(whole[driver], 3)] + whole[driver + 1:])
    save_file(folder, "cut", "meminspect-ramoops-0", b"".join(whole)[:-len(whole[last]) - 100])
    save_file(folder, "cut-header", "meminspect-ramoops-0", b"".join(whole)[:-len(whole[last]) + 30])
    save(folder, "twice", whole)
    save(folder, "twice/again", whole)
    other = crash_record_with(machine, whole[driver])
    save(folder, "differs", whole + [other])
    save(folder, "two-crashes", whole)
    older = crash(altered(), time=BOOT_TIME + 10**11, boot=b"an earlier boot!")
    save(folder, "two-crashes", older, "meminspect-efi_pstore-9%d")
    save(folder, "mixed-boots", whole[:driver] + [older[driver]] + whole[driver + 1:])
    save(folder, "second-oops", crash(altered(), crash=1, time=BOOT_TIME + 10**12) +
         crash(machine, crash=2, time=BOOT_TIME + 10**12))

    save(folder, "no-head", whole[1:])
    save(folder, "no-end", whole[:-1])
    save(folder, "no-head-no-end", whole[1:-1])
    save(folder, "no-directory", whole[:1] + whole[2:])
    save(folder, "no-directory-no-head", whole[2:-1])
    save(folder, "no-mirror", whole[:2] + whole[3:])

    short = [(LOG, 1, 20000), (IDENTITY, 2, 4143), (CPU, 1, 8), (DRIVER, 1, 4096)]
    save(folder, "budget", whole[:driver + 2] +
         [record(END, driver + 2, summary(stop=2, classes=short))])
    save(folder, "refused", whole[:driver] +
         [record(END, driver, summary(stop=3, error=28, written=12345))])
    save(folder, "refused-same-number", whole[:driver + 2] +
         [record(END, driver + 1, summary(stop=3, error=5, written=12345))])
    hole = struct.pack("<QIHH", BASE + 40 * 4096, 3000, UNREADABLE, DRIVER)
    save(folder, "unreadable", whole[:driver] + [record(DATA, driver, hole)] +
         whole[driver + 1:-1] + [record(END, last, summary(stop=1, unreadable=3000))])

    save_file(folder, "foreign", "dmesg-ramoops-0", b"Panic#1 Part1\n")
    os.makedirs(os.path.join(folder, "empty"))
    save(folder, "garbage", whole)
    save_file(folder, "garbage", "meminspect-efi_pstore-1", b"what is this?" * 20)
    save_file(folder, "garbage", "meminspect-efi_pstore-2", b"")
    save(folder, "other-order", [record(HEAD, 0, summary(), order=0x04030201)])
    save(folder, "other-version", [record(HEAD, 0, summary(), version=2)])

    save(folder, "bomb", whole[:driver] +
         [record(DATA, driver, bytes(10**6), deflated=True, size=3000)] + whole[driver + 1:])
    save(folder, "short-stream", whole[:driver] +
         [record(DATA, driver, next(contents_from(machine, driver)), deflated=True, size=9000)] +
         whole[driver + 1:])
    save(folder, "bad-deflate", whole[:driver + 1] +
         [resealed(whole[driver + 1], 40, b"\1\0\0\0")] + whole[driver + 2:])
    for name, run in (
            ("long", struct.pack("<QIHH", BASE + 40 * 4096, 0xffffffff, BYTES, DRIVER)),
            ("wraps", struct.pack("<QIHH", 2**64 - 10, 4096, UNREADABLE, DRIVER)),
            ("kind", struct.pack("<QIHH", BASE, 16, 9, DRIVER) + bytes(16)),
            ("none", struct.pack("<QIHH", BASE, 0, BYTES, DRIVER)),
            ("half", struct.pack("<QIH", BASE, 16, BYTES))):
        save(folder, "run-" + name, whole[:driver] + [record(DATA, driver, run)] +
             whole[driver + 1:])
    save(folder, "same-as-nothing", whole[:2] +
         [record(DATA, 2, struct.pack("<QIHHQ", COPIES[1], 4096, SAME, DIRECTORY, BASE + 2**40))] +
         whole[3:])
    save(folder, "many-classes", [record(HEAD, 0, summary()[:64] + b"\xff\xff\xff\xff" * 2)] +
         whole[1:])
    save(folder, "huge", [record(DATA, 0, b"", size=2**32 - 1, deflated=True)] + whole)


def contents_from(machine, sequence):
    return itertools.islice(contents_of(machine), sequence - 1, None)


def altered():
    """A machine that has other contents."""
    machine = Machine()
    machine.put(BASE + 10 * 4096 + 100, b"not this crash's")
    machine.put(BASE + 40 * 4096, b"not this crash's")
    return machine


def crash_record_with(machine, like):
    return resealed(like, 72 + 20, b"other bytes")


def loads(core):
    with open(core, "rb") as file:
        elf = file.read()
    offset, = struct.unpack_from("<Q", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 54)
    for i in range(count):
        kind, _, start, _, paddr, length, _, _ = struct.unpack_from("<IIQQQQQQ", elf,
                                                                    offset + i * size)
        if kind == 1:
            yield paddr, elf[start:start + length]


def compare(core, folder):
    with open(os.path.join(folder, "memory"), "rb") as file:
        memory = file.read()
    right = wrong = 0
    for paddr, contents in loads(core):
        for i, byte in enumerate(contents):
            # Pages of the core may have a filling around what is known
            at = paddr + i - BASE
            if 0 <= at < len(memory) and memory[at] == byte:
                right += 1
            else:
                wrong += 1
    print("%d right, %d wrong" % (right, wrong))


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "make":
        make(sys.argv[2])
    elif len(sys.argv) == 4 and sys.argv[1] == "compare":
        compare(*sys.argv[2:])
    else:
        sys.exit(__doc__)
