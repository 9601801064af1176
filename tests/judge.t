#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""How `make bench-consumers` judges an answer: what must not pass for a right one."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "consumers"))
from judge import ERROR, ERROR_ON_BOTH, NO_END, PARTIAL, SAME, STOPPED, WRONG, judge  # noqa: E402

TABLE = """ZONE  NAME    SIZE
  0   DMA32   65503
  1   Normal    128"""
READ_ERROR = 'kmem: read error: kernel virtual address: ffffffff83e08480  type: "zone"'
TASK = 'PID: 7  TASK: ffff897c80228000  CPU: 1  COMMAND: "init"'
STOPPED_FULL = TASK + """
    [exception RIP: stop_this_cpu+96]
    RIP: ffffffffa3024790  RSP: ffffb4b600203f18  RFLAGS: 00000046
 #0 [ffffb4b600203f28] __sysvec_reboot at ffffffffa3037658
 #1 [ffffb4b600203f50] asm_sysvec_reboot at ffffffffa3600c66
 #2 [ffffb4b600203f58] cpu_idle at ffffffffa3600d00"""
STOPPED_OURS = TASK + """
 #0 [ffffb4b600203ef0] clear_local_APIC at ffffffffa303a2cb
 #1 [ffffb4b600203f10] stop_this_cpu at ffffffffa3024750
 #2 [ffffb4b600203f28] __sysvec_reboot at ffffffffa3037658
 #3 [ffffb4b600203f50] asm_sysvec_reboot at ffffffffa3600c66
 #4 [ffffb4b600203f58] cpu_idle at ffffffffa3600d00"""
CPU = "CPU: 0 PID: 1 COMMAND: init\n"
NEXT_ERROR = READ_ERROR.replace("08480", "09480")
TASKS = """PID: 1  TASK: ffff897c80220000  CPU: 0  COMMAND: "init"
 #0 [ffffb4b600013c80] __schedule at ffffffffa35f1a2b
 #1 [ffffb4b600013d10] schedule at ffffffffa35f1f5a

PID: 2  TASK: ffff897c80221000  CPU: 1  COMMAND: "kthreadd"
 #0 [ffffb4b60001be80] __schedule at ffffffffa35f1a2b
 #1 [ffffb4b60001bf10] schedule at ffffffffa35f1f5a

PID: 3  TASK: ffff897c80222000  CPU: 1  COMMAND: "pool"
 #0 [ffffb4b60002be80] __schedule at ffffffffa35f1a2b"""
CODE = """0xffffffff810fe100 <try_to_wake_up>:\tendbr64
0xffffffff810fe104 <try_to_wake_up+4>:\tpush   %r15
0xffffffff810fe106 <try_to_wake_up+6>:\tmov    %rdi,%rbx"""
CODE_CUT = CODE.replace("mov    %rdi,%rbx", ".byte 0x48\n") + READ_ERROR.replace("kmem", "dis")
BASES = """CPU: 0
  TIMER 1
  TIMER 2

CPU: 1
  TIMER 1
  TIMER 3"""


def without(text, *numbers, **replaced):
    """Lines by their numbers; one of them may be an error instead."""
    lines = text.split("\n")
    return "\n".join(replaced.get(f"line{at}", line) for at, line in enumerate(lines) if at not in numbers)



cases = [
    ("equal bytes", SAME, TABLE, TABLE),
    ("an error on both", ERROR_ON_BOTH, READ_ERROR, READ_ERROR),
    ("no answer to either", WRONG, "", ""),
    ("no answer", WRONG, TABLE, ""),
    ("another value", WRONG, TABLE, TABLE.replace("128", "129")),
    ("a stack that is unavailable", PARTIAL, "CPU 0: fffffe2b\nCPU 1: fffffe2c [unavailable]\n",
     "CPU 0: fffffe2b [unavailable]\nCPU 1: fffffe2c [unavailable]\n"),
    ("another one that is", WRONG, "STACKS:\n  CPU 0: fffffe2b\n", "STACKS:\n  CPU 0: fffffe2c [unavailable]\n"),
    ("zero", WRONG, TABLE, TABLE.replace("65503", "0")),
    ("another value and an error", WRONG, TABLE, TABLE.replace("128", "129") + "\n" + READ_ERROR),
    ("a line less without a word", WRONG, TABLE, TABLE[:TABLE.rindex("\n")]),
    ("a line less and an error", PARTIAL, TABLE, TABLE[:TABLE.rindex("\n") + 1] + READ_ERROR),
    ("a line less, and an error behind the end", WRONG, TABLE, without(TABLE, 0) + "\n" + READ_ERROR),
    ("an error, and lines behind it", PARTIAL, TASKS, without(TASKS, 2, line1=READ_ERROR)),
    ("an error, and a line less in another block", WRONG, TASKS, without(TASKS, 2, 6, line1=READ_ERROR)),
    ("an error, and a line less in the block before", WRONG, TASKS, without(TASKS, 1, line5=READ_ERROR)),
    ("an error, and a line less before it", WRONG, TASKS, without(TASKS, 5, line7=READ_ERROR)),
    ("an error, and a block less behind", WRONG, TASKS, without(TASKS, 4, 5, 6, line2=READ_ERROR)),
    ("an error in place of the rest", PARTIAL, TASKS, "\n".join(TASKS.split("\n")[:6]) + "\n" + READ_ERROR),
    ("an error for each of two", PARTIAL, TASKS, without(TASKS, 2, 6, line1=READ_ERROR, line5=NEXT_ERROR)),
    ("an error before the title of what it is about", PARTIAL, TASKS,
     TASKS.replace("PID: 2", NEXT_ERROR + "\nPID: 2").replace("\n" + TASKS.split("\n")[6], "")),
    ("an error between blank lines, and a line less between others", WRONG, BASES,
     without(BASES, 1, line6=READ_ERROR)),
    ("an error, and one of two lines that are alike", PARTIAL, BASES, without(BASES, line1=READ_ERROR)),
    ("the same behind it", PARTIAL, BASES, without(BASES, line5=READ_ERROR)),
    ("an unknown name, and a line less behind it", PARTIAL, TABLE, without(TABLE, 2).replace("DMA32", "(unknown)")),
    ("an unknown name, and a line less before it", WRONG, TABLE, without(TABLE, 1).replace("Normal", "(unknown)")),
    ("an error in the middle of a line", PARTIAL, TABLE, TABLE[:TABLE.rindex(" ")] + " " + READ_ERROR),
    ("an error behind what is not in the full answer", WRONG, TABLE, TABLE + "\n  2   Mov  " + READ_ERROR),
    ("a last line without an end, and an error", PARTIAL, TABLE, READ_ERROR + "\n" + TABLE[:TABLE.rindex(" ")] + NO_END),
    ("a last line with an end that lacks something, and an error", WRONG, TABLE, READ_ERROR + "\n" + TABLE[:TABLE.rindex(" ")]),
    ("lines in another order and an error", WRONG, TABLE, "\n".join(reversed(TABLE.split("\n"))) + "\n" + READ_ERROR),
    ("a line twice and an error", WRONG, TABLE, TABLE + TABLE[TABLE.rindex("\n"):] + "\n" + READ_ERROR),
    ("narrower columns and an error", PARTIAL, TABLE, "ZONE  NAME  SIZE\n" + READ_ERROR),
    ("narrower columns without a word", WRONG, TABLE, TABLE.replace("      ", "  ").replace("   ", "  ")),
    ("unknown names", PARTIAL, TABLE, TABLE.replace("DMA32", "(unknown)").replace("Normal", "(unknown)")),
    ("an unknown name, and another value", WRONG, TABLE, TABLE.replace("DMA32", "(unknown)").replace("128", "129")),
    ("an error only", ERROR, TABLE, READ_ERROR),
    ("an error where the full dump has another", ERROR, "ipcs: invalid kernel virtual address: 1b0", READ_ERROR),
    ("the end by an error", ERROR, TABLE, READ_ERROR + "\ncrash ended with status 1"),
    ("the end by a signal", WRONG, TABLE, READ_ERROR + "\ncrash ended with status -11"),
    ("no word for it", WRONG, TABLE, "error: IndexError: list index out of range"),
    ("drgn's error", ERROR, TABLE, "error: FaultError: could not find physical memory segment: 0xc322308"),
    ("poison as text", WRONG, TABLE, "NotDump!\n" + READ_ERROR),
    ("poison as a pointer in an error", WRONG, TABLE, "timer: invalid list entry: 21706d7544746f4e"),
    ("poison from the middle of it", WRONG, TABLE, "timer: invalid list entry: 6f4e21706d754474"),
    ("poison as a number", WRONG, TABLE, "kmem: invalid size: %d" % int.from_bytes(b"NotD", "little")),
    ("an instruction that is cut off", PARTIAL, CODE, CODE_CUT),
    ("cut off where there is none", WRONG, CODE, CODE_CUT.replace("+6>", "+5>")),
    ("cut off without a word", WRONG, CODE, CODE_CUT.split("\n" + READ_ERROR.replace("kmem", "dis"))[0]),
    ("the number of a value in gdb", SAME, "$7 = 20", "$3 = 20"),
    ("another value in gdb", WRONG, "$7 = 20", "$7 = 21"),
    ("stopped elsewhere", STOPPED, STOPPED_FULL, STOPPED_OURS),
    ("stopped elsewhere, another outer frame", WRONG, STOPPED_FULL, STOPPED_OURS.replace("cpu_idle", "do_idle")),
    ("stopped elsewhere, another task", WRONG, STOPPED_FULL, STOPPED_OURS.replace("PID: 7", "PID: 8")),
    ("stopped elsewhere, no outer frame", WRONG, STOPPED_FULL, "\n".join(STOPPED_OURS.split("\n")[:3])),
    ("panicked in another line", STOPPED, CPU + "#0  notify (a.c:5)\n#1  panic (p.c:442:2)\n#2  crash (b.c:1)",
     CPU + "#0  meminspect_panic (m.h:3)\n#1  panic (p.c:406:2)\n#2  crash (b.c:1)"),
    ("panicked in another line, called from another", WRONG, CPU + "#0  panic (p.c:442:2)\n#1  crash (b.c:1)",
     CPU + "#0  panic (p.c:406:2)\n#1  crash (b.c:2)"),
]

cases.append(("stopped elsewhere, but was not running", WRONG, STOPPED_FULL, STOPPED_OURS))
print(f"1..{len(cases)}")
failed = 0
for number, (name, expected, full, ours) in enumerate(cases, 1):
    running = () if "was not running" in name else (TASK,)
    verdict, why = judge(full.split("\n"), ours.split("\n"), running)
    failed += verdict != expected
    print(f"{'ok' if verdict == expected else 'not ok'} {number} - {name}: {expected}")
    if verdict != expected:
        print(f"# is {verdict}: {why}")
sys.exit(failed != 0)
