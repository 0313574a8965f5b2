#!/bin/sh
# run.sh WHAT VITRINE FOLDER GUESTS: makes pages and drives them in Chromium. WHAT is
#
#   page     a start, with notes: every key and pane
#   big      hundreds of thousands of steps, and a page that was cut
#   hostile  a trace that means harm
#   diff     two boots side by side
#   golden   how the page and the pictures look (golden/, golden_test.mjs)
#
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
what=$1 vitrine=$2 folder=$3/$1 guests=$4
mkdir -p "$folder"
case $what in
page)
  "$vitrine" run -machine pc,accel=tcg -display none -stop-at machine.ready \
    -trace "file=$folder/page.json"
  "$vitrine" replay "$folder/page.json" -o "$folder/page.html" --notes "$here/lesson.md" \
    --title '<img src=x onerror="window.hacked=1">'
  exec node "$here/page_test.mjs" "$folder/page.html" "$folder/page.json"
  ;;
big)
  # The guest chooses the exit status: 33.
  "$vitrine" run -machine pc,accel=tcg -nodefaults -display none -no-reboot -serial null \
    -device isa-debug-exit,iobase=0xf4,iosize=0x4 -kernel "$guests/pio_loop.bin" \
    -trace "file=$folder/big.json" || [ $? = 33 ]
  total=$(grep -cE '"ph":"[XBi]"' "$folder/big.json")
  "$vitrine" replay "$folder/big.json" -o "$folder/big.html" --max-events 10000000
  "$vitrine" replay "$folder/big.json" -o "$folder/cut.html" --max-events 1000
  rm "$folder/big.json"
  exec node "$here/big_test.mjs" "$folder/big.html" "$folder/cut.html" "$total"
  ;;
hostile)
  node "$here/hostile.mjs" > "$folder/hostile.json"
  "$vitrine" replay "$folder/hostile.json" -o "$folder/hostile.html"
  exec node "$here/hostile_test.mjs" "$folder/hostile.html"
  ;;
diff)
  boots=$here/../../data/boots
  # The boots differ: that is exit status 1.
  "$vitrine" diff --html "$folder/diff.html" -o "$folder/diff.txt" "$boots/pc-kvm.json.zst" \
    "$boots/pc-tcg.json.zst" || [ $? = 1 ]
  exec node "$here/diff_test.mjs" "$folder/diff.html"
  ;;
golden)
  "$vitrine" replay "$here/golden/start.json.zst" -o "$folder/page.html" --title start \
    --notes "$here/golden/notes.md"
  "$vitrine" draw --gallery "$folder/gallery" "$here/golden/start.json.zst"
  exec node "$here/golden_test.mjs" "$folder/page.html" "$folder/gallery" "$here/golden"
  ;;
*)
  echo "no such test: $what"
  exit 1
  ;;
esac
