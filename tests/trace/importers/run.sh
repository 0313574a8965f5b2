#!/bin/sh
# run.sh SAMPLE_PROGRAM FOLDER: writes a trace and lets viewers' importers read it.
# 77: skipped, with the reason on standard output.
set -e
if ! command -v node >/dev/null; then
  echo "skipped: node is not installed"
  exit 77
fi
"$1" "$2/importers.json"
exec node "$(dirname "$0")/speedscope_test.mjs" "$2/importers.json"
