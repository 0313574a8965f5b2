#!/bin/sh
# run.sh SAMPLE_PROGRAM FOLDER: writes a trace and lets viewers' importers read it.
# 77: skipped, with the reason on standard output.
set -e
if ! command -v node >/dev/null; then
  echo "skipped: node is not installed"
  exit 77
fi
# The importer's script and the page it is given need what node has since 16 (Ubuntu
# 22.04 has 12).
version=$(node -p 'process.versions.node.split(".")[0]')
if [ "$version" -lt 16 ]; then
  echo "skipped: speedscope's importer needs node 16 or later, this is node $version"
  exit 77
fi
"$1" "$2/importers.json"
exec node "$(dirname "$0")/speedscope_test.mjs" "$2/importers.json"
