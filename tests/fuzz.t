#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs each libFuzzer target for a bounded time, from a fixed seed.
cd "$(dirname "$0")/.." || exit 1
seconds=${FUZZ_SECONDS:-8}

targets=(tests/fuzz-*.c)
echo "1..${#targets[@]}"
i=0
mkdir -p build/log
for source in "${targets[@]}"; do
	i=$((i + 1))
	name=${source#tests/fuzz-}
	name=${name%.c}
	log=build/log/fuzz-$name.log
	rm -rf "build/fuzz/corpus-$name"
	mkdir -p "build/fuzz/corpus-$name"
	if timeout $((seconds * 4 + 30)) "build/fuzz/$name" -seed=1 -max_total_time="$seconds" \
		-timeout=10 -rss_limit_mb=1024 -artifact_prefix="build/log/fuzz-$name-" \
		-print_final_stats=1 "build/fuzz/corpus-$name" >"$log" 2>&1; then
		echo "ok $i - $name"
	else
		echo "not ok $i - $name"
		tail -n 30 "$log" | sed 's/^/# /'
	fi
	echo "# $(grep -a number_of_executed_units "$log")"
done
