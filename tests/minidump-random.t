#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Folders with a few damages each, by chance: whatever was lost, no byte of the
core may be another one than that address had, and what is missing must be said.
Speaks TAP. MINIDUMP_ROUNDS and MINIDUMP_SEED run more, or others.
"""
import os
import random
import shutil
import subprocess
import sys
import tempfile

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, "tests")
sys.dont_write_bytecode = True
import minidump  # noqa: E402

TOOL = "build/tests/meminspect"
ROUNDS = int(os.environ.get("MINIDUMP_ROUNDS", "40"))
SEED = int(os.environ.get("MINIDUMP_SEED", "1"))


def strip_number(name):
    stem, dot = os.path.splitext(name)
    return (stem.rstrip("0123456789") or stem) + dot


def remove(folder, name, rng):
    os.unlink(os.path.join(folder, name))


def cut(folder, name, rng):
    path = os.path.join(folder, name)
    os.truncate(path, rng.randrange(os.path.getsize(path)) if os.path.getsize(path) else 0)


def lengthen(folder, name, rng):
    with open(os.path.join(folder, name), "ab") as stream:
        stream.write(rng.randbytes(rng.choice((1, 4, 100, 4096))))


def rename(new):
    def damage(folder, name, rng):
        target = os.path.join(folder, new(name))
        # What edl and qdl do with two files of one name
        os.replace(os.path.join(folder, name), target)
    return damage


def shorten(name):
    stem, dot = os.path.splitext(name)
    return stem[:9] + dot


def copy(folder, name, rng):
    shutil.copy(os.path.join(folder, name), os.path.join(folder, name.lower() + ".x.bin"
                if rng.random() < 0.3 else name.lower()))


def foreign(folder, name, rng):
    with open(os.path.join(folder, "md_Kalien%d.BIN" % rng.randrange(40, 90)), "wb") as stream:
        stream.write(rng.randbytes(rng.choice((4, 8, 640, 4096))))


def link(folder, name, rng):
    remove(folder, name, rng)
    os.symlink("/dev/zero", os.path.join(folder, name))


def folder_instead(folder, name, rng):
    remove(folder, name, rng)
    os.mkdir(os.path.join(folder, name))


DAMAGES = [remove, cut, lengthen, rename(strip_number), rename(str.lower), rename(shorten), copy, foreign, link,
           folder_instead]


def try_once(kind, work, number):
    rng = random.Random("%d %s %d" % (SEED, kind, number))
    folder, core = os.path.join(work, "d"), os.path.join(work, "core")
    shutil.copytree(os.path.join(work, kind), folder)
    names = sorted(name for name in os.listdir(folder) if name.startswith("md_K"))
    done = []
    for name in rng.sample(names, rng.choice((1, 2, 3, 8))):
        damage = rng.choice(DAMAGES)
        done.append("%s of %s" % (getattr(damage, "__qualname__", "?"), name))
        damage(folder, name, rng)
    result = subprocess.run([TOOL, "collect", "--minidump", folder, "-o", core], capture_output=True, text=True,
                            timeout=120)
    fault = None
    if result.returncode not in (0, 1, 2) or "Sanitizer" in result.stderr:
        fault = "the tool failed"
    elif result.returncode == 2:
        fault = None if not os.path.exists(core) and result.stderr else "no core, but no error"
    else:
        fault = minidump.judge(core, os.path.join(work, kind + ".plan"), result.returncode)
    if fault:
        print("# %s, round %d: %s\n# %s" % (kind, number, fault, "\n# ".join(done)))
        print("# " + (result.stdout + result.stderr).replace("\n", "\n# "))
    shutil.rmtree(folder)
    if os.path.exists(core):
        os.unlink(core)
    return not fault


def main():
    kinds = ["whole", "split", "sections"]
    with tempfile.TemporaryDirectory() as work:
        for number, kind in enumerate(kinds, 1):
            minidump.make(kind, os.path.join(work, kind), os.path.join(work, kind + ".plan"))
            good = sum(try_once(kind, work, i) for i in range(ROUNDS))
            print("%sok %d - %s: %d of %d damaged folders were told right" %
                  ("" if good == ROUNDS else "not ", number, kind, good, ROUNDS), flush=True)
    print("1..%d" % len(kinds))


main()
