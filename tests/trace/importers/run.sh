#!/bin/sh
# run.sh VIEWER SAMPLE_PROGRAM FOLDER: writes a trace and lets a viewer's importer read
# it. VIEWER: speedscope, devtools (the Performance panel of Chromium).
# 77: skipped, with the reason on standard output.
set -e
if ! command -v node >/dev/null; then
  echo "skipped: node is not installed"
  exit 77
fi
# The importers and the pages they are given need what node has since 16 (Ubuntu 22.04
# has 12).
version=$(node -p 'process.versions.node.split(".")[0]')
if [ "$version" -lt 16 ]; then
  echo "skipped: the importers need node 16 or later, this is node $version"
  exit 77
fi
"$2" "$3/$1.json"
exec node "$(dirname "$0")/$1_test.mjs" "$3/$1.json"
