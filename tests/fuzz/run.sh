#!/usr/bin/env bash
# `./dev fuzz [NAME [SECONDS]]`: builds the libFuzzer targets and runs each (or those
# whose name has NAME in it) for a while from its corpus. What a target said is in
# build/fuzz/log/TARGET; a crash leaves its input in build/fuzz/crashes: add it to the
# corpus, where the replay test keeps it. Ends with 1 when any target found something.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=${1:-.}
export seconds=${2:-60}
jobs=${VITRINE_JOBS:-$(nproc)}
mkdir -p build
cmake -S . -B build/fuzz -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang \
  -DVITRINE_FUZZ=ON -DVITRINE_SANITIZE=address,undefined \
  -DCMAKE_CXX_FLAGS=-fsanitize=fuzzer-no-link -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  >build/fuzz.configure.log || { cat build/fuzz.configure.log >&2; exit 1; }
targets=()
for source in tests/fuzz/*_fuzz.cc; do
  target=$(basename "$source" .cc)
  if [[ $target =~ $name ]]; then targets+=("$target"); fi
done
if [ "${#targets[@]}" -eq 0 ]; then
  echo "no fuzz target has '$name' in its name; there are:" >&2
  ls tests/fuzz/*_fuzz.cc >&2
  exit 2
fi
cmake --build build/fuzz -j "$jobs" --target "${targets[@]}"
mkdir -p build/fuzz/log build/fuzz/crashes
python3 tests/fuzz/measured_lines.py build/fuzz/seeds/options_command_line_fuzz

# One target: its last lines when it found nothing, everything it said otherwise. The
# time limit of an input is long, for busy machines; an endless loop reaches it too.
run_target() {
  local target=$1 log=build/fuzz/log/$1
  mkdir -p "build/fuzz/corpus/$target" "build/fuzz/seeds/$target"
  if build/fuzz/bin/"$target" -max_total_time="$seconds" -timeout=30 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/crashes/$target-" \
    "build/fuzz/corpus/$target" "tests/fuzz/corpus/${target%_fuzz}" \
    "build/fuzz/seeds/$target" >"$log" 2>&1; then
    echo "== $target, $seconds s: nothing found, $(grep -o 'number_of_executed_units: *[0-9]*' "$log" | grep -o '[0-9]*$') inputs"
  else
    echo "== $target: found something, whole text in $log"
    tail -60 "$log"
    return 1
  fi
}
export -f run_target
printf '%s\n' "${targets[@]}" | xargs -P "$jobs" -I{} bash -c 'run_target {}' || exit 1
