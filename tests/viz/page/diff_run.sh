#!/bin/sh
# diff_run.sh VITRINE FOLDER BOOTS: makes the page of two recorded boots side by side and
# drives it in Chromium. 77: skipped, with the reason on standard output.
if ! command -v node >/dev/null; then
  echo "skipped: node is not installed"
  exit 77
fi
version=$(node -p 'process.versions.node.split(".")[0]')
if [ "$version" -lt 18 ]; then
  echo "skipped: playwright needs node 18 or later, this is node $version"
  exit 77
fi
mkdir -p "$2"
"$1" diff --html "$2/diff.html" -o "$2/diff.txt" "$3/pc-kvm.json.zst" "$3/pc-tcg.json.zst"
if [ $? -ne 1 ]; then
  echo "vitrine diff did not find that the boots differ"
  exit 1
fi
exec node "$(dirname "$0")/diff_test.mjs" "$2/diff.html"
