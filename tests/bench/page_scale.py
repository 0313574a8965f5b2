#!/usr/bin/env python3
"""What a replay page costs in headless Chromium, at three sizes: loading, seeking, searching.

The trace is recorded here: SeaBIOS' power-on self test on the software CPU, each port
access an exit. `vitrine replay --max-events` takes the first so many steps of it. Needs
node, the packages of tests/viz/page (npm ci) and Chromium.
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
RUN = ["-machine", "pc,accel=tcg", "-nodefaults", "-display", "none", "-m", "64", "-no-reboot",
       "-boot", "reboot-timeout=1"]


def record(vitrine, trace, seconds):
    """SeaBIOS looks for something to boot for as long as it is let: ended by a signal."""
    run = subprocess.Popen([vitrine, "run", *RUN, "-trace", f"file={trace}"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        run.wait(seconds)
    except subprocess.TimeoutExpired:
        run.terminate()
        run.wait(120)


def main():
    vitrine, sizes = sys.argv[1], [int(s) for s in sys.argv[2:]] or [10_000, 100_000, 500_000]
    if not (PAGE / "node_modules").is_dir() or not shutil.which("node"):
        print("skipped: node and `npm ci` in tests/viz/page are needed")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        trace = pathlib.Path(folder) / "boot.json"
        record(vitrine, trace, 20)
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
