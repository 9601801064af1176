#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""registers.py SOCKET: the registers of each CPU of an arm64 guest, as QEMU shows them to people.

One line for each, `cpu NUMBER NAME VALUE`, as `firmware --registers` reads them.
"""
import json
import re
import socket
import sys

qmp = socket.socket(socket.AF_UNIX)
qmp.connect(sys.argv[1])
stream = qmp.makefile("rw")


def ask(command, **arguments):
    stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    stream.flush()
    while True:
        answer = json.loads(stream.readline())
        if "return" in answer:
            return answer["return"]
        if "error" in answer:
            sys.exit(f"{command}: {answer['error']}")


json.loads(stream.readline())
ask("qmp_capabilities")
text = ask("human-monitor-command", **{"command-line": "info registers -a"})
cpu = None
for word in re.finditer(r"CPU#(\d+)|\b(X\d\d|PC|SP)=([0-9a-f]{16})\b", text):
    if word[1]:
        cpu = int(word[1])
        continue
    name = {"PC": "pc", "SP": "sp_el1"}.get(word[2]) or f"x{int(word[2][1:])}"
    print("cpu", cpu, name, "0x" + word[3])
