#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Folders as qdl and edl leave them, made from the formats alone, and a look at
the cores that are made of them.

  minidump.py make KIND DIR PLAN     KIND: whole, split, sections
  minidump.py check CORE PLAN [MISSING...]
  minidump.py registers CORE
  minidump.py rawdump PLAN FILE [FAULT...]

PLAN is what was planted. A core is right if each byte that it has was planted at
that address, if nothing is missing but parts of the regions named MISSING, and
if these do miss something. readelf says where in the core an address is.
"""
import json
import os
import random
import re
import struct
import subprocess
import sys
import zlib

PAGE = 4096
BASE = 0x80000000
LINEAR = 0xffff000000000000
IMAGE = 0xffff800081000000
RELEASE = "6.12.0-minidump"
KASLR = 0x1200000
COOKIE = 0x1340000          # differs, so that it is seen which one was believed
IMEM_TABLE, IMEM_KASLR = 0x10, 0x6d0
# docs/core-format.md: of a CPU behind one that has none, which crash would take for that one's
TYPE_REGISTERS = 0x4d454d04
NR_CPUS = 4
UNSAVED_CPU = 2
VALID, EMPTY = 0x3c9be817, 0x59544d45
NT_PRSTATUS = 1

rng = random.Random(20)


class Memory:
    """Physical memory: all that is not planted is noise, which differs everywhere."""
    def __init__(self, pages):
        self.bytes = bytearray(rng.randbytes(pages * PAGE))
        self.next = BASE

    def alloc(self, length, offset=0):
        at = self.next + offset
        self.next += (offset + length + PAGE - 1) // PAGE * PAGE
        return at

    def put(self, paddr, data):
        self.bytes[paddr - BASE:paddr - BASE + len(data)] = data

    def get(self, paddr, length):
        return bytes(self.bytes[paddr - BASE:paddr - BASE + length])


def seal(body, state=VALID):
    return struct.pack("<II", state, zlib.crc32(body) if state == VALID else 0) + body


class Directory:
    """From directory.rst: a head chunk and one more, each twice."""
    def __init__(self, memory):
        self.memory = memory
        self.chunks = [(memory.alloc(PAGE), memory.alloc(PAGE)) for _ in range(2)]
        self.rows = []
        self.serial = 0

    def add(self, name, cls, vaddr, extents, key_kind=0, key=0):
        self.serial += 1
        size = sum(length for _, length in extents)
        number = len(self.rows)
        more = number + 1 if len(extents) > 1 else 0xffffffff
        body = struct.pack("<HHIQQQQIIIHHQ56s", 1, cls, self.serial, vaddr, size, extents[0][0],
                           extents[0][1], len(extents), more, key, key_kind, 0, 0, name.encode())
        self.rows.append(seal(body))
        if len(extents) > 1:
            assert len(extents) <= 7
            body = struct.pack("<HHIIIQ", 2, len(extents) - 1, self.serial, number, 0xffffffff, 0)
            body += b"".join(struct.pack("<QQ", *extent) for extent in extents[1:])
            self.rows.append(seal(body.ljust(120, b"\0")))

    def write(self):
        ident = struct.pack("<IIIIII", 183, PAGE, NR_CPUS, 48, 20, 4)
        ident += struct.pack("<10Q", KASLR, IMAGE, BASE, LINEAR, BASE, 0,
                             (IMAGE - BASE) & (1 << 64) - 1, 0, 0, 1700000000000000000)
        ident += bytes(48) + b"minidump build ident" + bytes(4) + RELEASE.encode().ljust(72, b"\0")
        ident = seal(ident.ljust(504, b"\0"))
        empty = struct.pack("<I", EMPTY).ljust(128, b"\0")
        rows = self.rows + [empty] * (23 + 31 - len(self.rows))
        for index, rows_here in enumerate((rows[:23], rows[23:])):
            following = self.chunks[1] if index == 0 else (0, 0)
            header = struct.pack("<12I", 1, 0x01020304, index, PAGE, 128, 1152 if index == 0 else 128,
                                 len(rows_here), *((128, 512, 640, 512) if index == 0 else (0,) * 4), 0)
            header += struct.pack("<4Q", *self.chunks[index], *following) + bytes(24)
            magic = b"\x7fMEMINSPECT-HEAD" if index == 0 else b"\x7fMEMINSPECT-ROWS"
            chunk = magic + seal(header)
            if index == 0:
                chunk += ident + struct.pack("<I", EMPTY).ljust(512, b"\0")
            chunk += b"".join(rows_here)
            for paddr in self.chunks[index]:
                self.memory.put(paddr, chunk.ljust(PAGE, b"\0"))


def note(name, kind, description):
    name = name + b"\0"
    pad = lambda data: data + bytes(-len(data) % 4)
    return struct.pack("<III", len(name), len(description), kind) + pad(name) + pad(description)


def elf_header(phnum, shnum=0, shoff=0, shstrndx=0):
    return struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 4, 183, 1, 0, 64, shoff, 0, 64, 56,
                       phnum, 64 if shnum else 0, shnum, shstrndx)


def program(kind, offset, vaddr, paddr, size):
    return struct.pack("<IIQQQQQQ", kind, 6, offset, vaddr, paddr, size, size, 0)


def context(cpu):
    """What is left of a CPU: version 0x14 of it."""
    words = [0x1000 * (cpu + 1) + i for i in range(31)]
    words += [IMAGE + 0x100 * cpu, 4]                       # pc, CurrentEL: EL1
    words += [0xe3, 0xe30, 0x3c5, 0xe2, 0xe20, 0x3c9]       # EL3 was entered from EL1
    words += [0xffff800080001000 + cpu, 0xe10, 0x345, 0xe0, 0, 0, 0, 0]
    return (struct.pack("<4I", 3, 0, 0, 0) + struct.pack("<%dQ" % len(words), *words)).ljust(2048, b"\0")


def contexts(memory, entry_size=48, version=0x14):
    """memory-dump-v2: what the watchdog leaves of the CPUs; one was not saved."""
    area = memory.alloc(PAGE * 5)
    apps, descriptors, slots = area + 0x800, area + 0x1000, area + 0x2000
    entry = lambda ident, name, kind, addr: struct.pack("<I32sIQ", ident, name, kind, addr).ljust(entry_size, b"\0")
    memory.put(area, bytes(PAGE * 5))
    memory.put(area, struct.pack("<II", 2, 1) + entry(0, b"APPS", 1, apps))
    memory.put(apps, struct.pack("<II", 2, NR_CPUS + 1))
    for cpu in range(NR_CPUS):
        memory.put(apps + 8 + entry_size * cpu, entry(cpu, b"KCPU_CTX", 0, descriptors + 64 * cpu))
        saved = cpu != UNSAVED_CPU
        memory.put(descriptors + 64 * cpu,
                   struct.pack("<II32sQQI", version if saved else 0, 0x42445953 if saved else 0,
                               b"KCPU_CTX%d" % cpu, slots + 2048 * cpu, 2048, 0))
        if saved:
            memory.put(slots + 2048 * cpu, context(cpu))
    # A cache dump, which is none of our business.
    memory.put(apps + 8 + entry_size * NR_CPUS, entry(0x60, b"L1", 0, descriptors + 0x800))
    return area, PAGE * 5


def imem(table):
    data = bytearray(0x1000)
    struct.pack_into("<Q", data, IMEM_TABLE, table)
    struct.pack_into("<III", data, IMEM_KASLR, 0xdead4ead, COOKIE & 0xffffffff, COOKIE >> 32)
    return bytes(data)


def whole_pages(paddr, length):
    start = paddr // PAGE * PAGE
    return start, (paddr + length + PAGE - 1) // PAGE * PAGE - start


def vmcoreinfo(directory=None):
    text = "OSRELEASE=%s\nPAGESIZE=4096\nKERNELOFFSET=%x\nNUMBER(kimage_voffset)=0x%x\n" % (
        RELEASE, KASLR, (IMAGE - BASE) & (1 << 64) - 1)
    if directory:
        text += "NUMBER(meminspect_directory)=0x%x\nNUMBER(meminspect_directory_mirror)=0x%x\n" % directory.chunks[0]
    return text.encode()


class Plan:
    def __init__(self, memory):
        self.memory = memory
        self.regions = {}       # name -> extents
        self.files = {}         # name -> bytes
        self.table = []         # (address, length, file), as the firmware has it

    def region(self, name, data, vaddr=0, offset=0):
        paddr = self.memory.alloc(len(data), offset)
        self.memory.put(paddr, data)
        self.regions[name] = [(paddr, len(data))]
        return paddr

    def file(self, name, paddr, length):
        self.files[name] = self.memory.get(paddr, length)
        self.table.append((paddr, length, name))

    def write(self, folder, path):
        os.makedirs(folder)
        for name, data in self.files.items():
            with open(os.path.join(folder, name), "wb") as stream:
                stream.write(data)
        with open(path, "w") as stream:
            json.dump({"base": BASE, "memory": self.memory.bytes.hex(), "regions": self.regions,
                       "table": self.table}, stream)


def make_whole(hole=None, left_out=(0, 0), **context):
    memory = Memory(160)
    plan = Plan(memory)
    header = memory.alloc(PAGE * 3)
    directory = Directory(memory)
    rows = []                   # (name, paddr, length, vaddr)

    for index, copies in enumerate(directory.chunks):
        for copy, paddr in enumerate(copies):
            rows.append(("Kmeminsp%d%d" % (index, copy), paddr, PAGE, LINEAR + paddr - BASE))

    def add(name, cls, data, short, rounded=True, offset=0, key_kind=0, key=0, image=False):
        label = name if key_kind == 0 else "%s[cpu %d]" % (name, key)
        paddr = plan.region(label, data, offset=offset)
        vaddr = (IMAGE if image else LINEAR) + paddr - BASE
        directory.add(name, cls, vaddr, [(paddr, len(data))], key_kind, key)
        start, length = whole_pages(paddr, len(data)) if rounded else (paddr, len(data))
        rows.append((short, start, length, vaddr - (paddr - start)))

    text = ("Linux version %s (builder@host) (gcc) #1 SMP\n\0" % RELEASE).encode()
    add("linux_banner", 2, text, "Klinux_b", image=True, offset=96)
    add("vmcoreinfo", 2, vmcoreinfo(directory).ljust(PAGE, b"\0"), "Kvmcorei")
    add("jiffies_64", 7, rng.randbytes(8), "Kjiffies", rounded=False, offset=64, image=True)
    add("nr_irqs", 6, struct.pack("<I", 77), "Knr_irqs", rounded=False, offset=128, image=True)
    add("__cpu_possible_mask", 3, struct.pack("<Q", (1 << NR_CPUS) - 1), "Kcpu_pos", rounded=False, offset=512,
        image=True)
    add("prb_descs", 1, rng.randbytes(3 * PAGE), "Kprb_des", image=True)
    add("prb_infos", 1, rng.randbytes(5 * PAGE), "Kprb_inf", image=True)
    add("__log_buf", 1, rng.randbytes(20000), "Klog_buf", offset=100, image=True)
    for cpu in range(NR_CPUS):
        add("runqueue", 16, rng.randbytes(3000), "Krunqu%d" % cpu, key_kind=1, key=cpu)
    add("driver state", 10, rng.randbytes(6000), "Kdriver")
    # Two regions in one row.
    paddr = memory.alloc(2 * PAGE)
    for name, at, length in (("left", paddr + 40, 1000), ("right", paddr + 2000, 3000)):
        plan.regions[name] = [(at, length)]
        directory.add(name, 10, LINEAR + at - BASE, [(at, length)])
    rows.append(("Kleft", paddr, 2 * PAGE, LINEAR + paddr - BASE))
    # A region in three rows, in another order.
    extents = [(memory.alloc(PAGE), PAGE) for _ in range(3)]
    extents = [extents[1], extents[0], (extents[2][0], 1234)]
    plan.regions["stack"] = extents
    directory.add("stack", 12, 0xffff800080004000, extents)
    for number, (paddr, length) in enumerate(extents):
        start, size = whole_pages(paddr, length)
        rows.append(("Kstack%d" % number, start, size, 0xffff800080004000 + PAGE * number))
    area, length = contexts(memory, **context)
    rows.append(("Kmemdump", area, length, LINEAR + area - BASE))
    directory.write()

    notes = note(b"MEMINSPECT", 0x4d454d03, struct.pack("<QII", *left_out, 0))
    notes += note(b"VMCOREINFO", 0, vmcoreinfo(directory))
    start = 64 + 56 * (1 + len(rows) + bool(hole))
    size = (start + len(notes) + PAGE - 1) // PAGE * PAGE
    assert size <= 3 * PAGE
    programs, offset = program(4, start, 0, 0, len(notes)), size
    if hole:                    # a row that was given up keeps its number
        rows.insert(hole, None)
    for row in rows:
        if row:
            programs += program(1, offset, row[3], row[1], row[2])
            offset += row[2]
        else:
            programs += bytes(56)
    memory.put(header, (elf_header(1 + len(rows)) + programs + notes).ljust(size, b"\0"))
    plan.file("md_KELF1.BIN", header, size)
    for index, row in enumerate(rows):
        if not row:
            continue
        name, paddr, length, _ = row
        plan.file("md_%s%d.BIN" % (name[:12 - len(str(index + 2))], index + 2), paddr, length)
    plan.files["md_SHRDIMEM.BIN"] = imem(area)
    plan.files["load.cmm"] = b"a file that is nobody's\n"
    return plan


SPLIT_NAMES = ["config", "totalram", "cpu_possible", "cpu_present", "cpu_online", "cpu_active",
               "mem_section", "jiffies", "linux_banner", "nr_threads", "nr_irqs", "tainted_mask",
               "taint_flags", "node_states", "__per_cpu_offset", "nr_swapfiles", "init_uts_ns",
               "printk_rb_static", "printk_rb_dynamic", "prb", "prb_descs", "prb_infos", "prb_data",
               "high_memory", "init_mm"]
SPLIT_SIZES = [5000, 8, 8, 8, 8, 8, 8, 8, 160, 4, 4, 8, 60, 48, 32, 4, 400, 88, 88, 8, 3 * PAGE,
               5 * PAGE, 4 * PAGE, 8, 1024]


def make_split():
    memory = Memory(160)
    plan = Plan(memory)
    rows = [(3 + i, SPLIT_NAMES[i][:8], SPLIT_SIZES[i]) for i in range(len(SPLIT_NAMES))]
    rows += [(number, "unknown", 8) for number in range(29, 36)]
    rows += [(number, "unknown", 640) for number in (44, 45, 46)]
    text = vmcoreinfo()
    text += bytes(-len(text) % 4)
    notes = note(b"CORE", NT_PRSTATUS, bytes(392)) + note(b"CORE", 3, bytes(136))
    notes += struct.pack("<III", 11, len(text), 0) + b"VMCOREINFO\0\0"
    start = 64 + 56 * 201
    offset = start + len(notes) + len(text)
    programs = program(4, start, 0, 0, len(notes) + len(text))
    files = []
    for number, name, size in rows:
        size += -size % 4
        label = "%s[number %d]" % (name, number)
        paddr = plan.region(label, rng.randbytes(size), offset=64)
        programs += program(1, offset, IMAGE + paddr - BASE, paddr, size)
        files.append(("md_K%s%d.BIN" % (name, number), paddr, size))
        offset += size
    header = (elf_header(1 + len(rows)) + programs).ljust(start, b"\0") + notes
    at = memory.alloc(len(header))
    memory.put(at, header)
    plan.file("md_KELF1.BIN", at, len(header))
    at = memory.alloc(len(text))
    memory.put(at, text)
    plan.file("md_Kvmcorein2.BIN", at, len(text))
    for name, paddr, size in files:
        plan.file(name, paddr, size)
    area, length = contexts(memory)
    plan.files["md_MEMDUMP.BIN"] = memory.get(area, length)
    plan.files["md_SHRDIMEM.BIN"] = imem(area)
    return plan


def make_sections(cut=12, machine=""):
    memory = Memory(200)
    plan = Plan(memory)
    regions = [("KLOGBUF", 16384), ("LOG_DESC", 3000), ("KDATABSS", 9000), ("KTASK_STACK", 4096), ("KRUNQUEUE", 8192)]
    regions = [(name if name[0] == "K" else "K" + name, size) for name, size in regions]
    regions += [("KSTACK%d_%d" % (cpu, page), PAGE) for cpu in range(2) for page in range(4)]
    regions += [("KSPERCPU%d" % cpu, 7000 if cpu < 2 else 7100 + 4 * cpu) for cpu in range(12)]
    saved = {"KCPU_CTX0": context(0), "KMDT0x1": context(1), "KCPU_CTX2": bytes(2048), "KMDT0x3": context(3)}
    regions += [(name, 2048) for name in saved]
    banner = ("Linux version %s (builder@host)\n\0" % RELEASE).encode()
    names = b"\0STR_TBL\0minidump_table\0linux_banner\0"
    nr = len(regions)
    shoff, phoff = 64, 64 + 64 * 201
    strings = phoff + 56 * 201 + 4
    place = strings + 201 * 16
    section = lambda name, kind, addr, offset, size: struct.pack("<IIQQQQIIQQ", names.index(name + b"\0"), kind, 0, addr, offset, size, 0, 0, 0, 0)
    names += b"".join(name.encode() + b"\0" for name, _ in regions)
    # The banner's copy in the header has another address than the header.
    at = plan.region("linux_banner", banner, offset=32)
    sections = bytes(64) + section(b"STR_TBL", 3, 0, strings, 201 * 16)
    sections += section(b"minidump_table", 1, IMAGE + 0x500000, 0, 0)
    sections += section(b"linux_banner", 1, IMAGE + at - BASE, place, len(banner))
    programs = program(1, place, IMAGE + at - BASE, at, len(banner))
    offset, files = place + len(banner), []
    for name, size in regions:
        paddr = plan.region(name, saved.get(name) or rng.randbytes(size))
        sections += section(name.encode(), 1, LINEAR + paddr - BASE, offset, size)
        programs += program(1, offset, LINEAR + paddr - BASE, paddr, size)
        files.append(("md_%s%s.BIN" % (machine, name[:cut]), paddr, size))
        offset += size
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 4, 183, 1, 0, phoff, shoff, 0, 64, 56, 1 + nr, 64, 4 + nr, 1)
    header = (header + sections).ljust(phoff, b"\0")
    header = (header + programs).ljust(strings, b"\0")
    header = (header + names).ljust(place, b"\0") + banner
    paddr = memory.alloc(len(header))
    memory.put(paddr, header)
    plan.file("md_%sKELF_HEADER.BIN" % machine, paddr, len(header))
    for name, paddr, size in files:
        plan.file(name, paddr, size)
    return plan


def segments(core):
    """As readelf sees them: (physical address, offset, bytes in the file)."""
    listing = subprocess.run(["readelf", "-lW", core], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^  LOAD +(0x\S+) 0x\S+ (0x\S+) (0x\S+) (0x\S+)", listing, re.M)
    assert all(int(size, 16) == int(memsz, 16) for _, _, size, memsz in found), "a segment reads as zeros"
    return [(int(paddr, 16), int(offset, 16), int(size, 16)) for offset, paddr, size, _ in found if int(size, 16)]


def compare(core, path):
    """What is wrong in a core, and what it lacks: name -> bytes."""
    with open(path) as stream:
        plan = json.load(stream)
    memory, base = bytes.fromhex(plan["memory"]), plan["base"]
    with open(core, "rb") as stream:
        data = stream.read()
    there, faults = set(), []
    for paddr, offset, size in segments(core):
        planted = memory[paddr - base:paddr - base + size] if paddr >= base else b""
        if data[offset:offset + size] != planted:
            faults.append("%d bytes at %#x are not those that were planted" % (size, paddr))
        there.update(range(paddr, paddr + size))
    lost = {name: sum(paddr + i not in there for paddr, length in extents for i in range(length))
            for name, extents in plan["regions"].items()}
    return plan, faults, lost


def judge(core, path, status):
    """Why a core can't be right, whatever was lost; None if it can."""
    _, faults, lost = compare(core, path)
    if not faults and status == 0 and any(lost.values()):
        faults = ["%s lacks bytes, but the exit status is 0" % name for name in lost if lost[name]]
    return "; ".join(faults) or None


def check(core, path, missing):
    plan, faults, lost = compare(core, path)
    for name, number in lost.items():
        if bool(number) != (name in missing):
            faults.append("%s: %d bytes are missing" % (name, number))
    for name in set(missing) - set(plan["regions"]):
        faults.append("%s: no such region was planted" % name)
    print("\n".join(faults) if faults else "right")


def registers(core):
    """Of each struct elf_prstatus, crash's and ours: CPU, x0, x30, sp, pc, pstate."""
    with open(core, "rb") as stream:
        data = stream.read()
    listing = subprocess.run(["readelf", "-lW", core], capture_output=True, text=True, check=True).stdout
    offset, size = re.search(r"^  NOTE +(0x\S+) 0x\S+ 0x\S+ (0x\S+)", listing, re.M).groups()
    at, end = int(offset, 16), int(offset, 16) + int(size, 16)
    while at < end:
        namesz, descsz, kind = struct.unpack_from("<III", data, at)
        name = data[at + 12:at + 12 + namesz]
        at += 12 + (namesz + 3) // 4 * 4
        if (name, kind) in ((b"CORE\0", NT_PRSTATUS), (b"MEMINSPECT\0", TYPE_REGISTERS)):
            pid, = struct.unpack_from("<I", data, at + 32)
            values = struct.unpack_from("<34Q", data, at + 112)
            print("%d %#x %#x %#x %#x %#x" % (pid - 1, values[0], values[30], values[31], values[32], values[33]))
        at += (descsz + 3) // 4 * 4


def rawdump(path, output, *faults):
    """The container on a disk: header, sections, bytes; nothing in it is aligned."""
    with open(path) as stream:
        plan = json.load(stream)
    memory, base = bytes.fromhex(plan["memory"]), plan["base"]
    rows = [(0x1000, b"not a region", "TZ.BIN")] + \
        [(address if "no-addresses" not in faults else 0, memory[address - base:address - base + length], name)
         for address, length, name in plan["table"]]
    offset, table, data = 56 + 64 * len(rows), b"", b""
    for address, contents, name in rows:
        valid = 0 if "invalid" in faults and "Klog_buf" in name else 1
        far = 1 << 50 if "far" in faults and "Klog_buf" in name else 0
        table += struct.pack("<IIIQQQQ20s", valid, 0x1000, 1, offset + len(data) + far, len(contents), address, 0,
                             name.encode())
        data += contents
    header = struct.pack("<8sIIQ8sIQQI", b"Raw_Dmp!" if "magic" not in faults else b"CopyDone", 0x1000,
                         2 if "no-space" in faults else 1, 0, b"", 0, offset + len(data), offset + len(data),
                         len(rows) if "many" not in faults else 1 << 31)
    with open(output, "wb") as stream:
        stream.write(header + table + data)


def make(kind, folder, path):
    makers = {"whole": make_whole, "split": make_split, "sections": make_sections,
              "sections-cut": lambda: make_sections(cut=9), "whole-long": lambda: make_whole(entry_size=56), "whole-hole": lambda: make_whole(hole=9),
              "whole-full": lambda: make_whole(left_out=(12345678901, 17)),
              "whole-newer": lambda: make_whole(version=0x20),
              "sections-machine": lambda: make_sections(machine="2d_")}
    makers[kind]().write(folder, path)


if __name__ == "__main__":
    command, arguments = sys.argv[1], sys.argv[2:]
    if command == "make":
        make(*arguments)
    elif command == "check":
        check(arguments[0], arguments[1], arguments[2:])
    elif command == "rawdump":
        rawdump(*arguments)
    elif command == "registers":
        registers(arguments[0])
