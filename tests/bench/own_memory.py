#!/usr/bin/env python3
"""Memory that a hypervisor holds beside its guest's, here and in QEMU.

Each program starts the same machine and is looked at while it stands (stopped before the
first instruction) or, ours, while a guest runs that never ends. Told is what the kernel
tells in /proc/PID/smaps without the mapping of the guest's RAM: all resident pages, those
of program files included (RSS), and what is this process's alone and written to. Goal:
at most 5 MiB resident, untraced.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

QEMU = "qemu-system-x86_64"
RAM_MIB = 128
BOARD = ["-machine", "pc", "-m", str(RAM_MIB), "-nodefaults", "-display", "none"]


def beside_ram(process):
    """(resident, written) KiB of a process without mappings as large as the guest's RAM."""
    maps = pathlib.Path(f"/proc/{process}/smaps").read_text(encoding="ascii")
    resident = written = 0
    for text in re.split(r"\n(?=[0-9a-f]+-[0-9a-f]+ )", maps):
        sizes = {key: int(kib) for key, kib in re.findall(r"^(\w+):\s+(\d+) kB", text, re.M)}
        if sizes.get("Size", 0) < RAM_MIB * 1024:
            resident += sizes.get("Rss", 0)
            written += sizes.get("Private_Dirty", 0)
    return resident, written


def settled(command, seconds=10):
    """What a program holds once that has not grown for a quarter of a second."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE) as process:
        seen, end = [], time.monotonic() + seconds
        try:
            while time.monotonic() < end and (len(seen) < 8 or seen[-1] != seen[-6]):
                time.sleep(0.05)
                if process.poll() is not None:
                    raise SystemExit(f"{' '.join(command)} ended: {process.stderr.read()}")
                seen.append(beside_ram(process.pid))
        finally:
            process.kill()
    return seen[-1]


def programs(vitrine, images, accel, trace):
    ours = [vitrine, "run", *BOARD, "-accel", accel]
    yield "vitrine, stopped", [*ours, "-S"]
    yield "vitrine, traced, stopped", [*ours, "-S", "-trace", f"file={trace}"]
    yield "vitrine, running", [*ours, "-kernel", str(images / "busy_loop.bin")]
    if shutil.which(QEMU):
        yield "QEMU, stopped", [QEMU, *BOARD, "-accel", accel, "-S"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vitrine", default="build/release/bin/vitrine")
    options = parser.parse_args()
    vitrine = pathlib.Path(options.vitrine).resolve()
    accels = ["kvm", "tcg"] if pathlib.Path("/dev/kvm").exists() else ["tcg"]
    print(f"{'':34} {'resident MiB':>13} {'written MiB':>12}")
    with tempfile.TemporaryDirectory() as folder:
        for accel in accels:
            trace = pathlib.Path(folder, "t.json")
            for name, command in programs(str(vitrine), vitrine.parent.parent / "guests",
                                          accel, trace):
                resident, written = settled(command)
                print(f"{accel}: {name:29} {resident / 1024:13.2f} {written / 1024:12.2f}")


if __name__ == "__main__":
    sys.exit(main())
