# SPDX-License-Identifier: GPL-2.0-only
"""Judges an answer of crash or drgn about a core by the answer about the full dump of the same crash.

same            the same bytes, and there is data in it
same (1)        the same, but for what differs by design of a CPU that was running: the full dump has its
                registers of the end, the core those of when it was stopped or panicked. The functions that it
                was in then, and where in all but the innermost, are the same
error on both   the same bytes, and an error is all
partial         it says that something is missing, and each line of data stands in the full answer, in order
clear error     it says that it can't tell, and nothing else
wrong           all else
"""
import difflib
import re

SAME, STOPPED, ERROR_ON_BOTH, PARTIAL, ERROR, WRONG = (
    "same", "same (1)", "error on both", "partial", "clear error", "wrong")

# By which crash and drgn begin a line that says what they can't do. IndexError and the like are no clear words
ERROR_LINE = re.compile(
    r"(?:[a-z]\w*|WARNING): .*(?:read error|seek error|cannot|can't|not (?:available|readable|found)|unavailable|"
    r"invalid|failed|unreadable|does not exist|do not exist|do not match)"
    r"|error: (?:FaultError|LookupError|ObjectNotFoundError|ObjectAbsentError|ValueError): "
    r"|.*Cannot access memory at address|NOTE: minimal mode commands:|crash ended with status [1-9]")
# An error in the middle of a line: crash had printed the start of it
BROKEN_OFF = re.compile(r"(.*\S)\s+([a-z]\w*: (?:read|seek) error: .*)")
# What stands between the pieces of a core, and what it is as a pointer or a number, from any byte on
POISON_TEXT = b"NotDump!"
POISON_NUMBERS = [int.from_bytes((POISON_TEXT * 2)[at:at + size], "little") for size in (4, 8) for at in range(8)]
POISON = re.compile("NotDump|" + "|".join(fr"\b(?:0x)?0*{number:x}\b|\b{number}\b" for number in POISON_NUMBERS))

UNKNOWN = "(unknown)"
# crash says so of a stack that it can't read, behind what it knows of it
UNAVAILABLE = " [unavailable]"
# Ends a line of an answer that had no end of its own
NO_END = "\0"
# gdb numbers its values by how many it could show before
VALUE_NUMBER = re.compile(r"\$\d+ = ")
ON_CPU = re.compile(r"CPU: \d+ PID: ")
BLOCK = re.compile("PID: |" + ON_CPU.pattern)
FRAME = re.compile(r" *#\d+ +")
FUNCTION = re.compile(r"#(?:\[[0-9a-f]+\] )?([^\s(+]+)")
# What a kernel calls to stop a CPU, or to save registers
STOP = re.compile(r"\b(?:stop_this_cpu|meminspect_panic)\b")
USER_MODE = re.compile(r"\bCS: 0033\b|\bPC: 0000")
REGISTERS = re.compile(r" +(?:\[exception RIP: |[A-Z][A-Z0-9_]*: +[0-9a-f]{4,16}\b|[A-Za-z]\w+: +[0-9a-f]{16}\b|PC: |LR: |SP: )")


def is_error(line):
    return bool(ERROR_LINE.match(line))


def blocks(lines):
    """A list for each task of a backtrace; what stands before the first is one, too."""
    found = [[]]
    for line in lines:
        if BLOCK.match(line):
            found.append([])
        found[-1].append(line)
    return found


def outer_frames(block, stop):
    """What a backtrace has besides registers it starts with and, if so asked, frames of the stopping itself."""
    start = next((at for at, line in enumerate(block) if FRAME.match(line)), len(block))
    rest = [line for line in block[start:] if line.strip()]
    if stop:
        rest = rest[max((at + 1 for at, line in enumerate(rest) if STOP.search(line)), default=0):]
    return [FRAME.sub("#", line) for line in rest]


def is_stopped(full, ours):
    """Whether two backtraces of the same task differ by where it was stopped only."""
    if not full or not ours or full[0] != ours[0]:
        return False
    before = [line for line in ours[1:] if line.strip()]
    if any(not FRAME.match(line) and not REGISTERS.match(line) and line not in full for line in before):
        return False
    was_user = any(map(USER_MODE.search, full))
    full, ours = outer_frames(full, False), outer_frames(ours, True)
    if not ours:
        return was_user	# crash has nothing to start with there
    full = full[max(len(full) - len(ours), 0):]
    return ours[1:] == full[1:] and (ours[0] == full[0] or bool(
        FUNCTION.match(full[0]) and FUNCTION.match(ours[0]) and FUNCTION.match(full[0])[1] == FUNCTION.match(ours[0])[1]))


def with_stopped(full, ours, running):
    """The core's answer with the full dump's backtraces of running tasks, where only the stop differs."""
    old, new = blocks(full), blocks(ours)
    if [block[:1] for block in old] != [block[:1] for block in new]:
        return ours
    result = []
    for theirs, block in zip(old, new):
        running_block = theirs and (ON_CPU.match(theirs[0]) or theirs[0] in running)
        result += theirs if running_block and is_stopped(theirs, block) else block
    return result


def plain(line):
    """Columns are as wide as what is in them. With " *" crash says that it does not know a frame's size."""
    return re.sub(r" \*$", "", " ".join(line.split()))


def matches(line, full, broken_off):
    if line.endswith(UNAVAILABLE) and line[:-len(UNAVAILABLE)] == full:
        return True
    if UNKNOWN in line:
        return bool(re.fullmatch(r"\s*\S.*".join(map(re.escape, line.split(UNKNOWN))).replace(r"\ ", " ?"), full))
    return line == full or line in broken_off and full.startswith(line + " ")


def stray_lines(full, ours, broken_off):
    """Lines of data that do not stand in the full answer, in this order."""
    full, ours, at, stray = [plain(line.rstrip(NO_END)) for line in full], list(map(plain, ours)), 0, []
    broken_off = set(map(plain, broken_off))
    for line in ours:
        found = next((place for place in range(at, len(full)) if matches(line, full[place], broken_off)), None)
        if found is None:
            stray.append(line)
        else:
            at = found + 1
    # One that is too many was perhaps taken for a later one: which it is shows better
    return stray and [line[2:] for line in difflib.ndiff(full, ours) if line.startswith("+ ")] or stray


def split_broken(ours):
    """Lines in which an error stands behind data become two; and which lines an error may have cut short"""
    lines, broken_off = [], set()
    for line in ours:
        broken = BROKEN_OFF.fullmatch(line)
        if broken and not is_error(line):
            broken_off.add(broken[1])
            lines += broken.groups()
        else:
            lines.append(line.rstrip(NO_END))
            if line.endswith(NO_END):
                broken_off.add(lines[-1])
    return lines, broken_off


def judge(full, ours, running=()):
    """The verdict, and what tells why: lines. Both answers are lists of lines."""
    for line in ours:
        if POISON.search(line) and line not in full:
            return WRONG, ["poison: " + line]
    full, ours = ([VALUE_NUMBER.sub("$ = ", line) for line in lines] for lines in (full, ours))
    if ours == full:
        data = [line for line in ours if line.strip() and not is_error(line)]
        errors = [line for line in ours if is_error(line)]
        if not data:
            return (ERROR_ON_BOTH, errors) if errors else (WRONG, ["no answer"])
        return SAME, []
    replaced = with_stopped(full, ours, running)
    if replaced == full:
        return STOPPED, []
    replaced, broken_off = split_broken(replaced)
    data = [line for line in replaced if line.strip() and not is_error(line)]
    errors = [line for line in replaced if is_error(line)]
    said = [line for line in errors if line not in full] + [line for line in data if (UNKNOWN in line or line.endswith(UNAVAILABLE)) and line not in full]
    stray = stray_lines([line for line in full if line.strip()], data, broken_off)
    if stray:
        return WRONG, ["not in the full answer: " + line for line in stray]
    if not said:
        missing = [line for line in full if line.strip() and line not in replaced]
        return WRONG, ["missing without a word: " + line for line in missing] or ["other order"]
    return (PARTIAL, said) if data else (ERROR, said)
