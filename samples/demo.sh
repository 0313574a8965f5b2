#!/usr/bin/env bash
# `./dev demo`: boots a sample guest on the best accelerator and leaves what there is
# to see in out/. Usage: samples/demo.sh FOLDER_OF_VITRINE
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(cd "$1" && pwd)
guests=$bin/../guests
mkdir -p out
accel=kvm:tcg

echo "Booting samples/guests/mode_switch.S (real mode, protected mode, long mode) with -machine accel=$accel"
status=0
"$bin/vitrine" run -machine "pc,accel=$accel" -nodefaults -display none -no-reboot \
  -device isa-debug-exit,iobase=0xf4,iosize=0x4 -serial stdio \
  -kernel "$guests/mode_switch.bin" -trace file=out/boot.json || status=$?
echo "The guest ended the run with exit status $status."

"$bin/vitrine" types out/boot.json -o out/types.svg
"$bin/vitrine" replay out/boot.json -o out/replay.html
cat <<TEXT

out/boot.json    every step of that start, one event a line; open it at https://ui.perfetto.dev
                 or look at it with: $1/vitrine trace stats out/boot.json
out/types.svg    the types of the program: dashed on paper, blue with a class, green with objects
out/replay.html  the start step by step in a browser, from the file, no network needed
TEXT
