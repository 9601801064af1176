#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""qmp.py SOCKET COMMAND...: what tests ask of a QEMU.

stop, cont and other commands of QMP without arguments print nothing. registers prints the
registers of each CPU of an arm64 guest as QEMU shows them to people, one line `cpu NUMBER NAME
VALUE` each, as `firmware --registers` reads them.
"""
import json
import re
import socket
import sys

qmp = socket.socket(socket.AF_UNIX)
qmp.settimeout(60)
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


def registers():
    text = ask("human-monitor-command", **{"command-line": "info registers -a"})
    cpu = None
    for word in re.finditer(r"CPU#(\d+)|\b(X\d\d|PC|SP)=([0-9a-f]{16})\b", text):
        if word[1]:
            cpu = int(word[1])
            continue
        name = {"PC": "pc", "SP": "sp_el1"}.get(word[2]) or f"x{int(word[2][1:])}"
        print("cpu", cpu, name, "0x" + word[3])


json.loads(stream.readline())
ask("qmp_capabilities")
for command in sys.argv[2:]:
    registers() if command == "registers" else ask(command)
