# SPDX-License-Identifier: GPL-2.0-only
"""Compares what gdb's `thread apply all bt` says of CPUs with what crash's `bt -a` says of the same core.

callers.py CRASH GDB CPU...

gdb also shows functions that were inlined: each function that crash shows has to be there, in that order, and
the outermost is the same. It has no name for those of modules. Exit status 1 if one is not there.
"""
import re
import sys

FRAME_OF_CRASH = re.compile(r" *#\d+ \[[0-9a-f]+\] (\S+) at ")
# An address of 0 is the end
FRAME_OF_GDB = re.compile(r"#\d+ +(?!0x0+ in )(?:0x[0-9a-f]+ in )?(\S+) ")
NAMELESS = "??"
# What stops a CPU calls functions that may leave nothing on its stack but what crash takes for frames
STOP = "stop_this_cpu"


# Code of assembly is known to gdb by its start only
PLACES = {"entry_SYSCALL_64_after_hwframe": "entry_SYSCALL_64", "common_startup_64": "secondary_startup_64"}
STARTS = ("__primary_switched", "__secondary_switched", "ret_from_fork")


def name(function):
    """Copies that the compiler made have a suffix in vmlinux's symbols"""
    function = function.partition(".")[0]
    return PLACES.get(function, function)


def backtraces(path, title, frame, first_cpu):
    """Of each CPU, its functions, innermost first."""
    found, cpu = {}, None
    for line in open(path, errors="replace"):
        start = title.match(line)
        if start:
            cpu = int(start[1]) - first_cpu
            found[cpu] = []
        elif cpu is not None and frame.match(line):
            found[cpu].append(name(frame.match(line)[1]))
    return found


crash = backtraces(sys.argv[1], re.compile(r"PID: .* CPU: (\d+) "), FRAME_OF_CRASH, 0)
gdb = backtraces(sys.argv[2], re.compile(r"Thread (\d+) "), FRAME_OF_GDB, 1)
failed, compared = False, 0
for cpu in map(int, sys.argv[3:]):
    theirs, ours = crash.get(cpu, []), gdb.get(cpu, [])
    if STOP in theirs:
        theirs = theirs[theirs.index(STOP) + 1:]
    if ours[:1] == [NAMELESS]:
        theirs = theirs[1:]
    # One in user mode has none
    compared += bool(theirs)
    # crash for arm64 leaves out where it all began
    if ours and ours[-1] in STARTS and ours[-1] not in theirs:
        ours.pop()
    rest = iter(ours)
    missing = [function for function in theirs if function not in rest]
    if theirs and (missing or ours[-1] != theirs[-1]):
        failed = True
        print(f"CPU {cpu}: crash: {' '.join(theirs)}\n       gdb: {' '.join(ours)}")
sys.exit(failed or not compared)
