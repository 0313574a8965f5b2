#!/bin/sh
# run.sh VITRINE FOLDER: records a start, makes its page and drives it in Chromium.
# 77: skipped, with the reason on standard output.
set -e
if ! command -v node >/dev/null; then
  echo "skipped: node is not installed"
  exit 77
fi
version=$(node -p 'process.versions.node.split(".")[0]')
if [ "$version" -lt 18 ]; then
  echo "skipped: playwright needs node 18 or later, this is node $version"
  exit 77
fi
here=$(dirname "$0")
mkdir -p "$2"
"$1" run -machine pc,accel=tcg -display none -stop-at machine.ready \
  -trace "file=$2/page.json"
"$1" replay "$2/page.json" -o "$2/page.html" --notes "$here/lesson.md" \
  --title '<img src=x onerror="window.hacked=1">'
exec node "$here/page_test.mjs" "$2/page.html"
