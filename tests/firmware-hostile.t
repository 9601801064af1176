#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# RAM with damage in random places of the tables: whatever is there, the model of boot firmware ends
# as it says it does, and the sanitizers have nothing to say.
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
. tests/firmware.sh
seed=${FIRMWARE_SEED:-1}

echo 'cpu 0 pc 1' >"$work/registers"
python "$firmware" "$seed" ${FIRMWARE_RUNS:-100} >"$work/result" <<'END'
import random, shutil, subprocess, sys
from firmware_image import *

firmware, seed, runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)
DUMP, APPS, DATA, CONTEXT = 0x48000000, 0x48001000, 0x48002000, 0x48003000
parts = {
    SMEM + 64 + 28: struct.pack('<I', 12 << 16),
    SMEM + SMEM_SIZE - 4096: smem([])[-4096:][:146],
    SMEM + 0x20000: None,
    TABLE: b''.join(row('K%d' % i, i, 0x41000000 + 64 * i, 64) for i in range(4)),
    IMEM + 0x10: struct.pack('<Q', DUMP),
    DUMP: struct.pack('<II', 0x200000, 1) + struct.pack('<I32sIQ', 0, b'', 1, APPS),
    APPS: struct.pack('<II', 0x200000, 1) + struct.pack('<I32sIQ', 0, b'', 0, DATA),
    DATA: struct.pack('<II32sQQI4x', 0, 0, b'', CONTEXT, 2048, 0),
}
parts[SMEM + 0x20000] = smem([item(300, b'x' * 5, gap=8), item(602, toc(1, (
    1, tag('ENBL'), tag('DONE'), tag('NR'), 4, TABLE)), gap=16)])[0x20000:0x20000 + 456]
values = [0, 1, 4, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff, 0x40000000, 0x6fffffff, 0x70000000]

image = minidump('ram', [])
ends = {}
for run in range(runs):
    for address, data in parts.items():
        image.put(address, data)
    for _ in range(chance.randint(0, 3)):
        address, data = chance.choice(list(parts.items()))
        at = chance.randrange(len(data) // 4 + 1) * 4
        if chance.random() < 0.5:
            image.put(address + at, struct.pack('<I', chance.choice(values)))
        else:
            image.put(address + chance.randrange(len(data)), bytes([chance.randrange(256)]))
    image.file.flush()
    result = subprocess.run([firmware, 'dump', '--ram', 'ram', '--bite', '--registers', 'registers',
                             'out.d'], capture_output=True, text=True)
    ends[result.returncode] = ends.get(result.returncode, 0) + 1
    if result.returncode not in (0, 3, 4) or 'runtime error' in result.stderr:
        print('run', run, 'status', result.returncode, result.stderr)
    shutil.rmtree('out.d', ignore_errors=True)
print('statuses', *sorted(ends))
END
is "$(cat "$work/result")" 'statuses 0 3 4' "damage from seed $seed"

done_testing
