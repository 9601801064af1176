# SPDX-License-Identifier: GPL-2.0-only
"""Judges an answer of crash or drgn about a core by the answer about the full dump of the same crash.

same            the same bytes, and there is data in it
same (1)        the same, but for what differs by design of a CPU that was running: the full dump has its
                registers of the end, the core those of when it was stopped or panicked. The functions that it
                was in then, and where in all but the innermost, are the same
error on both   the same bytes, and an error is all
partial         it says that something is missing, each line of data stands in the full answer, in order, and each
                that is missing would stand where it says so, or behind that in the same block: of a task, or
                between blank lines
clear error     it says that it can't tell, and nothing else
wrong           all else
"""
import difflib
import re
import sys

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
# An instruction of which the core has the first bytes only: gdb shows one of them, then the error stands
CUT_OFF = re.compile(r"(0x[0-9a-f]+ <[^>]+>:)\s+(?:\.byte 0x[0-9a-f]+|\(bad\))")
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


def places_of(full, ours, broken_off, backward=False):
    """Where in the full answer each line of data stands, in this order; None if it does not."""
    full, ours = [plain(line.rstrip(NO_END)) for line in full], list(map(plain, ours))
    broken_off = set(map(plain, broken_off))
    step = -1 if backward else 1
    end, at, places = (-1, len(full) - 1, []) if backward else (len(full), 0, [])
    for line in ours[::step]:
        found = next((place for place in range(at, end, step) if matches(line, full[place], broken_off)), None)
        places.append(found)
        if found is not None:
            at = found + step
    return places[::step]


def stray_lines(full, ours, broken_off):
    """Lines of data that do not stand in the full answer, in this order."""
    stray = [plain(line) for line, place in zip(ours, places_of(full, ours, broken_off)) if place is None]
    # One that is too many was perhaps taken for a later one: which it is shows better
    return stray and [line[2:] for line in difflib.ndiff(
        [plain(line.rstrip(NO_END)) for line in full], list(map(plain, ours))) if line.startswith("+ ")] or stray


def block_numbers(lines):
    """Of each line that is not blank, the number of its block: of a task, or between blank lines."""
    numbers, number, blank = [], 0, False
    for line in lines:
        if not line.strip():
            blank = True
            continue
        number += blank or bool(BLOCK.match(line))
        numbers.append(number)
        blank = False
    return numbers


def silent_losses(full, ours, said, broken_off, backward):
    """
    Lines of the full answer that are missing where nothing is said of it. A word covers what is missing from
    there to the next line of data, but of tasks one only, unless it is the last, and the rest of its block.
    """
    numbers = block_numbers(full)
    full = [line for line in full if line.strip()]
    data = [line for line in ours if not is_error(line)]
    places = iter(places_of(full, data, broken_off, backward))
    missing = {at for at, line in enumerate(full) if not is_error(line)}
    words, last = [], -1	# words: last line of data before each, or the one that says it
    for line in ours:
        if not is_error(line):
            last = next(places)
            missing.discard(last)
        if line in said:
            words.append(last)
    present = [at for at in range(len(full)) if at not in missing and not is_error(full[at])]
    covered = set()
    for last in set(words):
        following = next((at for at in present if at > last), len(full))
        left, blocks = words.count(last), {numbers[last]} if last >= 0 else set()
        lost = [at for at in range(last + 1, following) if at in missing]
        for at in lost:
            if following < len(full) and (BLOCK.match(full[at]) or at == lost[0]):
                left -= 1
            if left < 0:
                break
            covered.add(at)
            blocks.add(numbers[at])
        # Where nothing is missing before the next line, it may be meant: an error can precede a title
        if not lost and following < len(full):
            blocks.add(numbers[following])
        covered |= {at for at in missing if at >= following and numbers[at] in blocks}
    return [full[at] for at in sorted(missing - covered)]


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
    for at, (line, following) in enumerate(zip(lines, lines[1:])):
        cut = CUT_OFF.fullmatch(line)
        if cut and is_error(following):
            lines[at] = cut[1]
            broken_off.add(cut[1])
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
    # Of lines that are alike, either may be the one that is there
    lines = [line for line in replaced if line.strip()]
    silent = min((silent_losses(full, lines, said, broken_off, backward) for backward in (False, True)), key=len)
    if silent:
        return WRONG, ["missing without a word: " + line for line in silent]
    return (PARTIAL, said) if data else (ERROR, said)


def main():
    """judge.py FULL OURS: the verdict of two files of one answer, in which all backtraces are of running tasks, then why"""
    full, ours = ([line.rstrip("\n") for line in open(path, errors="backslashreplace")] for path in sys.argv[1:])
    # crash repeats the question
    full, ours = ([line for line in lines if not line.startswith("crash> ")] for lines in (full, ours))
    verdict, why = judge(full, ours, {line for line in full if BLOCK.match(line)})
    print("\n".join([verdict, *why]))


if __name__ == "__main__":
    main()
