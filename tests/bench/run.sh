#!/usr/bin/env bash
# `./dev bench`: every benchmark as a ratio against its floor or its peer, measured in
# turn in the same run. Usage: tests/bench/run.sh BUILD_FOLDER [name filter]
set -euo pipefail
build=$(cd "$1" && pwd)
filter=${2:-.}
cd "$(dirname "$0")"
for program in "$build"/bin/*_bench; do
  [[ $(basename "$program") =~ $filter ]] || continue
  echo "== $(basename "$program")"
  "$program" --benchmark_repetitions=5 --benchmark_report_aggregates_only=true
done
for script in *.py; do
  [[ $script =~ $filter ]] || continue
  echo "== $script"
  python3 "$script" --vitrine "$build/bin/vitrine"
done
