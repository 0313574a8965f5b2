#!/usr/bin/env python3
"""What a replay page costs in headless Chromium, at three sizes: loading, seeking, searching.

The trace is recorded here: a guest that makes 100 000 port accesses on the software CPU,
each an exit of several steps. `vitrine replay --max-events` takes the first so many of
them. Needs node, the packages of tests/viz/page (npm ci) and Chromium.
usage: page_scale.py VITRINE [SIZE...]
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent / "viz" / "page"
RUN = ["-machine", "pc,accel=tcg", "-nodefaults", "-display", "none", "-no-reboot",
       "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4"]


def record(vitrine, trace):
    guest = pathlib.Path(vitrine).resolve().parent.parent / "guests" / "pio_loop.bin"
    subprocess.run([vitrine, "run", *RUN, "-kernel", guest, "-trace", f"file={trace}"],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)


def main():
    vitrine, sizes = sys.argv[1], [int(s) for s in sys.argv[2:]] or [10_000, 100_000, 500_000]
    if not (PAGE / "node_modules").is_dir() or not shutil.which("node"):
        print("skipped: node and `npm ci` in tests/viz/page are needed")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        trace = pathlib.Path(folder) / "boot.json"
        record(vitrine, trace)
        size = trace.stat().st_size / 1e6
        print(f"trace: {size:.0f} MB")
        for steps in sizes:
            page = pathlib.Path(folder) / f"{steps}.html"
            begin = time.monotonic()
            subprocess.run([vitrine, "replay", trace, "-o", page, "--max-events", str(steps)],
                           check=True, stderr=subprocess.DEVNULL)
            made = time.monotonic() - begin
            print(f"made in {made:.2f} s, {page.stat().st_size / 1e6:.2f} MB: ", end="", flush=True)
            subprocess.run(["node", PAGE / "page_scale.mjs", page], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
