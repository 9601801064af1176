#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
A device in Sahara's memory debug, of the packets' layout alone, behind a Unix
socket: sahara-device.py SOCKET PLAN LOG [FAULT...]

It serves the table of PLAN (see minidump.py), and says in LOG what it was asked
for. It is there when the socket is. FAULTs are what a broken one does.
"""
import json
import os
import socket
import struct
import sys

TABLE = 0x1000


def serve(path, plan, log, faults):
    with open(plan) as stream:
        plan = json.load(stream)
    memory, base = bytes.fromhex(plan["memory"]), plan["base"]
    narrow = "narrow" in faults
    rows = [tuple(row) for row in plan["table"]]
    if "bad-name" in faults:
        rows.insert(1, (base, 16, "../evil.BIN"))
    if "huge" in faults:
        rows.insert(1, (base, 1 << 60, "md_Khuge.BIN"))
    if "same-name" in faults:
        rows = [(address, length, "md_Krunqu.BIN" if "Krunqu" in name else name) for address, length, name in rows]
    pack = (lambda a, n, name: struct.pack("<III20s20s", 1, a, n, b"region", name.encode())) if narrow else \
        (lambda a, n, name: struct.pack("<QQQ20s20s", 1, a, n, b"region", name.encode()))
    table = b"".join(pack(*row) for row in rows)

    server = socket.socket(socket.AF_UNIX)
    server.bind(path + ".new")
    server.listen(1)
    os.rename(path + ".new", path)
    server.settimeout(60)
    peer, _ = server.accept()
    peer.settimeout(60)

    def receive(length):
        data = b""
        while len(data) < length:
            part = peer.recv(length - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    if "noise" in faults:
        peer.sendall(b"<?xml version=\"1.0\" ?>" * 100)
    peer.sendall(struct.pack("<12I", 1, 0x30, 2, 1, 0x400, 0 if "other-mode" in faults else 2, *[0] * 6))
    command, length = struct.unpack("<II", receive(8))
    hello = struct.unpack("<10I", receive(length - 8))
    print("hello", command, length, hello[:4], file=log)
    if "silent" in faults:
        receive(1)
    size = len(table) if "long-table" not in faults else 1 << 20
    peer.sendall(struct.pack("<IIII", 9, 16, TABLE, size) if narrow else
                 struct.pack("<IIQQ", 0x10, 24, TABLE, size))
    read = 0
    while True:
        command, length = struct.unpack("<II", receive(8))
        body = receive(length - 8)
        if command == 7:
            print("reset", file=log)
            peer.sendall(struct.pack("<II", 8, 8))
            return
        address, length = struct.unpack("<II" if narrow else "<QQ", body)
        if (command == 10) != narrow:
            print("wrong command", command, file=log)
        if address == TABLE:
            peer.sendall(table[:length])
            continue
        read += length
        if "refuse" in faults and any(a <= address < a + n and "Klog_buf" in name for a, n, name in rows):
            peer.sendall(struct.pack("<IIII", 4, 16, 0, 0x19))
            continue
        data = memory[address - base:address - base + length]
        if "hang-up" in faults and read > 60000:
            peer.sendall(data[:len(data) // 2])
            return
        if "too-much" in faults and read > 60000:
            data += bytes(100)
        peer.sendall(data)


if __name__ == "__main__":
    with open(sys.argv[3], "w", buffering=1) as output:
        try:
            serve(sys.argv[1], sys.argv[2], output, sys.argv[4:])
        except (EOFError, OSError) as error:
            print("over:", type(error).__name__, file=output)
