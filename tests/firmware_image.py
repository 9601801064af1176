# SPDX-License-Identifier: GPL-2.0-only
"""RAM of a dead machine as the formats describe it, for the tests of the model of boot firmware.

Nothing here comes from the model: addresses and layouts are written down a second time.
"""
import struct

RAM = 0x40000000
SMEM = 0x60000000
SMEM_SIZE = 0x200000
IMEM = 0x60220000
TABLE = 0x51000000
SIZE = 0x30000000


def tag(text):
    """Four characters as a number, the first one highest"""
    return int.from_bytes(text.encode(), 'big')


VALID = tag('VALI')


def row(name, sequence, address, size, valid=VALID):
    return struct.pack('<16sIIQQ', name.encode('latin-1'), sequence, valid, address, size)


def item(number, data, gap=0):
    """A private item; gap bytes lie between its header and its data"""
    padding = -len(data) % 8
    return struct.pack('<HHIHHI', 0xa5a5, number, len(data) + padding, padding, gap, 0) + \
        bytes(gap) + data + bytes(padding)


def toc(status=1, kernel=None, subsystems=10):
    """kernel: status, enabled, encryption status and whether required, count, address of the rows"""
    kernel = struct.pack('<IIIII4xQ', *kernel) if kernel else bytes(32)
    return struct.pack('<III4x', status, 1, 1) + kernel + bytes(32 * (subsystems - 1))


def smem(items, version=12):
    """Shared memory whose global partition is the second one of the table"""
    memory = bytearray(SMEM_SIZE)
    struct.pack_into('<I', memory, 64 + 7 * 4, version << 16)
    struct.pack_into('<IIII', memory, 192, 1, 0x4000, 0, 0)
    partitions = [(0x8000, 0x4000, 0, 1), (0x20000, 0x40000, 0xfffe, 0xfffe)]
    table = b'$TOC' + struct.pack('<II20x', 1, len(partitions))
    for offset, size, host0, host1 in partitions:
        table += struct.pack('<IIIHHI28x', offset, size, 0, host0, host1, 64)
    table += b'SIII' + struct.pack('<IIIH', SMEM_SIZE, SMEM, 0, 700)
    memory[SMEM_SIZE - 4096:SMEM_SIZE - 4096 + len(table)] = table
    for offset, size, host0, host1 in partitions:
        contents = b''.join(items) if host0 == 0xfffe else b''
        header = b'$PRT' + struct.pack('<HHIII12x', host0, host1, size, 32 + len(contents), size)
        memory[offset:offset + 32 + len(contents)] = header + contents
    return bytes(memory)


class Image:
    """A RAM file, which reads as zeros where nothing was put"""

    def __init__(self, path):
        self.file = open(path, 'wb')
        self.file.truncate(SIZE)

    def put(self, address, data):
        self.file.seek(address - RAM)
        self.file.write(data)


def minidump(path, rows, contents=(), status=1, ss_status=1, enabled='ENBL', done='DONE',
             required='NR', count=None, table=TABLE, **smem_options):
    """An image with shared memory, a table of rows, and contents: pairs of address and bytes"""
    image = Image(path)
    kernel = (ss_status, tag(enabled), tag(done), tag(required),
              len(rows) if count is None else count, table)
    # What comes before has bytes in all places where something may have to be skipped
    other = item(300, b'x' * 5, gap=8)
    image.put(SMEM, smem([other, item(602, toc(status, kernel), gap=16)], **smem_options))
    if RAM <= table < RAM + SIZE - 40 * len(rows):
        image.put(table, b''.join(rows))
    for address, data in contents:
        image.put(address, data)
    return image
