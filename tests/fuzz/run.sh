#!/usr/bin/env bash
# `./dev fuzz [NAME [SECONDS]]`: builds the libFuzzer targets and runs each (or NAME) for
# a while from its corpus. A crash leaves its input in build/fuzz; add it to the corpus.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=${1:-.}
seconds=${2:-60}
mkdir -p build
cmake -S . -B build/fuzz -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang \
  -DVITRINE_FUZZ=ON -DVITRINE_SANITIZE=address,undefined \
  -DCMAKE_CXX_FLAGS=-fsanitize=fuzzer-no-link -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null
targets=()
for source in tests/fuzz/*_fuzz.cc; do
  target=$(basename "$source" .cc)
  [[ $target =~ $name ]] && targets+=("$target")
done
cmake --build build/fuzz --target "${targets[@]}"
for target in "${targets[@]}"; do
  echo "== $target, $seconds s"
  scratch=build/fuzz/corpus/$target
  mkdir -p "$scratch"
  (cd build/fuzz && "bin/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 "corpus/$target" "../../tests/fuzz/corpus/${target%_fuzz}" 2>&1 | tail -4)
done
