#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Asks crash and drgn the questions of a list about a full dump and about cores of the same crash, and
prints a table of how they answer. consumers.sh calls it. Exit status 1 if an answer is wrong.

Each core is given as NAME=COMMAND, in which COMMAND starts the tool on the core. @SYMBOL in a question
for crash is the address of that symbol.
"""
import argparse
import os
import re
import shlex
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "consumers"))
from judge import ERROR, ERROR_ON_BOTH, NO_END, PARTIAL, SAME, STOPPED, WRONG, judge  # noqa: E402

START = "(start)"
MINIMAL = "minimal mode commands:"
AS_MINIMAL = "same (2)"
ANSWERED = (SAME, STOPPED, AS_MINIMAL)
# What `meminspect check` calls a question, where the list has an expression for it
AS_CHECK_SAYS = {
    "get_dmesg()": "get_dmesg",
    "prog.crashed_thread().object.comm": "crashed_thread",
    "stacks_of_cpus()": "stack_trace of each CPU",
    "((task.pid, task.comm) for task in for_each_task())": "for_each_task",
    '(per_cpu(prog["runqueues"], cpu).nr_running for cpu in for_each_possible_cpu())': "per_cpu(runqueues)",
    "((module.name, module.mem[0].base) for module in for_each_module())": "for_each_module",
    "((irq, irq_desc_action_names(desc)) for irq, desc in for_each_irq_desc())": "for_each_irq_desc",
    "((mount_dst(mount), mount_fstype(mount)) for mount in for_each_mount())": "for_each_mount",
    "((vma.vm_start, vma.vm_end) for vma in for_each_vma(find_task(1).mm))": "for_each_vma",
    "(cache.name.string_() for cache in for_each_slab_cache())": "for_each_slab_cache",
}
PROMPT = re.compile(r"(.*)(?:crash|drgn)> (.*)")	# behind what did not end its line


def run(command, log, timeout):
    """All that the tool prints, and its exit status; what it overwrites on a terminal is no answer."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout)
        output, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired as error:
        output, status = (error.stdout or b"") + b"\nended after %d s\n" % timeout, -1
    with open(log, "ab") as file:
        file.write(output)
    text = output.decode(errors="backslashreplace").replace("\r", "\n")
    lines = [re.sub(r"^please wait.*\)  *", "", line) for line in text.split("\n")]
    return [line for line in lines if not re.match(r" *DUMPFILE: |please wait", line)], status


def split(lines, questions):
    """A list of lines for each question that was reached, in the order that they were asked."""
    answers, at = {START: []}, START
    for line in lines:
        prompt = PROMPT.fullmatch(line)
        if prompt and (prompt[2] in questions or prompt[2] == "quit"):
            if prompt[1]:
                answers[at].append(prompt[1] + NO_END)
            at = prompt[2]
            answers[at] = []
        else:
            answers[at].append(line)
    return {question: trim(answer) for question, answer in answers.items()}


def trim(lines):
    while lines and not lines[-1].strip():
        lines.pop()
    while lines and not lines[0].strip():
        lines.pop(0)
    return lines


def ask_crash(command, questions, log, timeout):
    """Goes on with the next question in a new crash where one dies of a question."""
    answers, left = {}, list(questions)
    while left:
        with open(log + ".in", "w") as file:
            file.write("\n".join(left + ["quit"]) + "\n")
        lines, status = run(command + ["-i", log + ".in"], log, timeout)
        found = split(lines, left)
        for question, answer in found.items():
            answers.setdefault(question, answer)
        if "quit" in found:
            break
        reached = [question for question in left if question in found]
        last = reached[-1] if reached else START
        answers[last] = answers[last] + [f"crash ended with status {status}"]
        if last == START:
            break
        left = left[left.index(last) + 1:]
    return answers


def ask_drgn(command, questions, log, timeout):
    lines, status = run(command, log, timeout)
    answers = split(lines, questions)
    if "quit" not in answers:
        answers[list(answers)[-1]] += [f"drgn ended with status {status}"]
    return answers


def addresses(nm, moved):
    """Of each symbol that nm lists, as KASLR moved it."""
    fields = (line.split() for line in open(nm))
    return {name: int(address, 16) + moved for address, _, name in (field for field in fields if len(field) == 3)}


def described(verdict, answer):
    counted = sum(1 for line in answer if line.strip())
    return f"{verdict}, {counted} lines" if verdict == PARTIAL else verdict


def predictions(path):
    """For each tool and question that `meminspect check` knows, whether it says that there is an answer."""
    said = {}
    for line in open(path):
        answers = re.fullmatch(r"  (crash|drgn) answers: (.*)\n", line)
        lacks = re.match(r"  (crash|drgn) does not answer (.*?) for want of: ", line)
        if answers:
            said.update({(answers[1], question): True for question in answers[2].split(", ")})
        if lacks:
            said[lacks[1], lacks[2]] = False
    return said


def unlike_predicted(path, verdicts):
    """Sentences on what was answered, and `check` had denied, or the other way round; and how many were right."""
    unlike, right = [], 0
    for (tool, question), promised in predictions(path).items():
        verdict = verdicts.get((tool, question))
        if verdict is None:
            unlike.append(f"{tool} was not asked '{question}', of which check speaks")
        elif promised != (verdict in ANSWERED):
            unlike.append(f"{tool} {question}: check says {'an' if promised else 'no'} answer, it is: {verdict}")
        else:
            right += 1
    return unlike, right


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list", help="tool|question, one a line")
    parser.add_argument("log", help="folder for all that the tools say")
    parser.add_argument("--crash", action="append", default=[], metavar="NAME=COMMAND", help="the full dump first")
    parser.add_argument("--minimal", required=True, metavar="COMMAND", help="crash --minimal on the full dump")
    parser.add_argument("--drgn", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--check", action="append", default=[], metavar="NAME=FILE", help="what meminspect check printed")
    parser.add_argument("--nm", required=True, metavar="FILE", help="what nm says of vmlinux")
    parser.add_argument("--moved", required=True, metavar="HEX", help="by how much KASLR moved symbols")
    parser.add_argument("--timeout", type=int, default=900, metavar="SECONDS", help="for all questions to one tool")
    arguments = parser.parse_args()

    address = addresses(arguments.nm, int(arguments.moved, 16))
    # How a question is asked, and how it stands in the list
    questions = {"crash": {}, "drgn": {}}
    for line in open(arguments.list):
        tool, separator, question = line.rstrip("\n").partition("|")
        if separator and not line.startswith("#"):
            if tool not in questions:
                sys.exit(f"{arguments.list}: '{line.strip()}': the tool has to be crash or drgn")
            asked = re.sub(r"@(\w+)", lambda name: f"{address[name[1]]:x}", question)
            questions[tool][asked] = question

    counts, verdicts, wrong, names = {}, {}, [], []
    for tool, ask, cores in (("crash", ask_crash, arguments.crash), ("drgn", ask_drgn, arguments.drgn)):
        if not cores:
            continue
        answers = {}
        for core in cores:
            name, _, command = core.partition("=")
            answers[name] = ask(shlex.split(command), questions[tool], f"{arguments.log}/{tool}.{name}", arguments.timeout)
        full, *names = answers
        minimal = {}
        if tool == "crash" and any(MINIMAL in "\n".join(answers[name].get(START, [])) for name in names):
            minimal = ask(shlex.split(arguments.minimal), questions[tool], f"{arguments.log}/{tool}.minimal", arguments.timeout)
        running = {line for line in answers[full].get("bt -a", []) if line.startswith("PID: ")}
        if tool == "crash":
            print(f"| tool | question | {full} | " + " | ".join(names) + " |")
            print("|---" * (len(names) + 3) + "|")
        for question in [START, *questions[tool]]:
            theirs = answers[full].get(question)
            if question == START and not theirs and not any(answers[name].get(START) for name in names):
                continue	# drgn opens without a word
            if not theirs:
                sys.exit(f"{tool} gives no answer to '{question}' on the full dump: take it off {arguments.list}, "
                         f"or look into {arguments.log}/{tool}.{full}")
            row = []
            for name in names:
                ours = answers[name].get(question, [])
                if not ours and START in answers[name] and question != START and len(answers[name]) == 1:
                    # It did not open: what it said then is its answer to all
                    ours = answers[name][START]
                verdict, why = judge(theirs, ours, running)
                if verdict == WRONG and MINIMAL in "\n".join(answers[name].get(START, [])) and ours == minimal.get(question):
                    verdict = AS_MINIMAL
                listed = questions[tool].get(question, START)
                verdicts.setdefault(name, {})[tool, AS_CHECK_SAYS.get(listed, listed)] = verdict
                counts.setdefault(name, {}).setdefault(verdict, 0)
                counts[name][verdict] += 1
                row.append(described(verdict, ours))
                with open(f"{arguments.log}/verdicts", "a") as file:
                    file.write(f"{name}: {tool} {questions[tool].get(question, START)}: {verdict}\n" + "".join(f"\t{line}\n" for line in why))
                if verdict == WRONG:
                    wrong.append((name, tool, questions[tool].get(question, START), why))
            shown = questions[tool].get(question, START).replace("|", "\\|")
            print(f"| {tool} | `{shown}` | {sum(1 for line in theirs if line.strip())} lines | " + " | ".join(row) + " |")
            sys.stdout.flush()
    print()
    for name in names:
        print(f"{name}: " + ", ".join(f"{counts[name].get(verdict, 0)} {verdict}" for verdict in
                                      (SAME, STOPPED, AS_MINIMAL, ERROR_ON_BOTH, PARTIAL, ERROR, WRONG)))
    print("\n(1) but for registers and inner frames of CPUs that were running: the full dump has those of the end, the core\n"
          "those of when each CPU was stopped or panicked. The frames from there on are the same.\n"
          "(2) as of crash --minimal on the full dump, which answers otherwise than crash without the flag.")
    all_predicted = True
    for name, _, path in (check.partition("=") for check in arguments.check):
        unlike, right = unlike_predicted(path, verdicts[name])
        all_predicted &= right > 0 and not unlike
        print(f"\nmeminspect check, {name}: {right} predictions are true, {len(unlike)} are not")
        for line in unlike:
            print(f"    {line}")
    for name, tool, question, why in wrong:
        print(f"\nwrong: {name}: {tool} {question}")
        print("\n".join("    " + line[:160] for line in why[:4]))
        if len(why) > 4:
            print(f"    and {len(why) - 4} lines more")
    return 1 if wrong or not all_predicted else 0


if __name__ == "__main__":
    sys.exit(main())
