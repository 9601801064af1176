# SPDX-License-Identifier: GPL-2.0-only
"""Kinfo pages, written field by field as Android's structures have them, packed.

As a program: page.py LAYOUT [big] [FIELD=VALUE...] writes a page to the standard output, and
page.py --offsets lines of: layout, number of the field, offset, size.
"""
import struct
import sys

MAGIC = 0xCCEEDDFF
FLAGS = [("all", "B"), ("base_relative", "B"), ("absolute_percpu", "B"), ("cfi", "B")]
START = FLAGS + [("num_syms", "I"), ("name_len", "H"), ("bits", "H"), ("module_name_len", "H"),
                 ("symbol_len", "H")]
IMAGE = [(name, "Q") for name in ("stext", "etext", "sinittext", "einittext", "end")]
TABLES = [(name, "Q") for name in ("offsets", "names", "token_table", "token_index", "markers")]
OLD = START + [("addresses", "Q"), ("relative", "Q")] + IMAGE + TABLES
NEW = START + [("relative", "Q"), ("text", "Q")] + IMAGE + TABLES + [("seqs", "Q")]
THREAD = [("thread_size", "I"), ("pgd", "Q"), ("release", "64s")]
BUILD = [("build", "256s")]
TREE, MEM, KALLSYMS = [("tree", "I")], [("mod_mem", "I")], [("mod_kallsyms", "I")]
SPACE = [("module_start", "Q"), ("module_end", "Q")]

LAYOUTS = {
    "text": NEW + THREAD + BUILD + TREE + MEM + KALLSYMS,
    "seqs": OLD + [("seqs", "Q")] + THREAD + BUILD + TREE + MEM + KALLSYMS,
    "mem": OLD + THREAD + BUILD + TREE + MEM + KALLSYMS,
    "v2": OLD + THREAD + BUILD + TREE + MEM + KALLSYMS + [("seqs", "Q"), ("r0", "Q"), ("r1", "Q"),
                                                         ("r2", "Q"), ("r3", "Q")],
    "core": OLD + THREAD + BUILD + TREE + [("mod_core", "I"), ("mod_init", "I")] + KALLSYMS + SPACE,
    "plt": OLD + THREAD + BUILD + TREE + KALLSYMS + SPACE + [("module_plt", "Q")],
    "first": OLD + THREAD + BUILD,
    "short": NEW + THREAD + TREE + MEM + KALLSYMS,
}

TEXT = 0x80200000
USUAL = {
    "all": 1, "base_relative": 1, "num_syms": 98765, "name_len": 512, "bits": 64,
    "module_name_len": 56, "symbol_len": 675, "relative": TEXT, "text": TEXT,
    "stext": TEXT + 0x10000, "etext": TEXT + 0x100000, "sinittext": TEXT + 0x300000,
    "einittext": TEXT + 0x310000, "end": TEXT + 0x500000, "offsets": TEXT + 0x1a0000,
    "names": TEXT + 0x110000, "token_table": TEXT + 0x180000, "token_index": TEXT + 0x181000,
    "markers": TEXT + 0x170000, "seqs": TEXT + 0x1c0000, "thread_size": 16384,
    "pgd": TEXT + 0x2ff000, "release": b"6.12.117-android16", "tree": 1, "mod_mem": 384,
    "build": b"Linux version 6.12.117 (builder@host) #1 SMP", "mod_kallsyms": 720,
    "mod_core": 368, "mod_init": 464, "module_start": 0xffffffc000000000,
    "module_end": 0xffffffc008000000, "module_plt": 0xffffffc080000000,
}


def page(layout, values=None, order="<"):
    facts = dict(USUAL, **(values or {}))
    info = b"".join(struct.pack(order + kind, facts.get(name, b"" if kind[-1] == "s" else 0))
                    for name, kind in LAYOUTS[layout])
    checksum = 0
    for (word,) in struct.iter_unpack(order + "I", info):
        checksum ^= word
    return (struct.pack(order + "II", MAGIC, checksum) + info).ljust(4096, b"\0")


def value(text):
    return text[1:].encode("latin-1") if text.startswith(":") else int(text, 0)


def print_offsets():
    for layout, fields in LAYOUTS.items():
        at = 8
        for number, (_, kind) in enumerate(fields):
            size = struct.calcsize("<" + kind)
            print(layout, number, at, size)
            at += size


if __name__ == "__main__":
    if sys.argv[1] == "--offsets":
        print_offsets()
        sys.exit()
    words = sys.argv[2:]
    byte_order = "<"
    if words and words[0] == "big":
        byte_order = ">"
        words = words[1:]
    given = {name: value(text) for name, text in (word.split("=", 1) for word in words)}
    sys.stdout.buffer.write(page(sys.argv[1], given, byte_order))
