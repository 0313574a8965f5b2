#!/usr/bin/env python3
"""Whole start-ups, fully traced, against qemu-system-x86_64 of the same machine.

Each program starts a stopped machine and is told to quit at once; whole processes in
turn (A B A B ...), medians of wall clock and CPU time, their end included. Goal: at most
0.2 times QEMU's wall and CPU.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

QEMU = "qemu-system-x86_64"
QMP_QUIT = b'{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n'


def run(command, text):
    """(wall ms, CPU ms) of one process from fork to its end."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        process.stdin.write(text)
        process.stdin.close()
    except BrokenPipeError:
        pass  # it ended already; its status tells
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begin
    if status != 0:
        raise SystemExit(f"{' '.join(command)} ended with status {status}")
    return wall * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3


def compare(vitrine, machine, accel, rounds, trace):
    common = ["-machine", machine, "-accel", accel, "-nodefaults", "-display", "none", "-S"]
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(run([QEMU, *common, "-qmp", "stdio"], QMP_QUIT))
        ours.append(run([vitrine, "run", *common, "-monitor", "stdio", "-trace",
                         f"file={trace}"], b"quit\n"))
    a = [statistics.median(column) for column in zip(*ours)]
    b = [statistics.median(column) for column in zip(*theirs)]
    print(f"{machine:6}{accel:5}{a[0]:12.1f}{b[0]:12.1f}{a[0] / b[0]:8.2f}"
          f"{a[1]:12.1f}{b[1]:12.1f}{a[1] / b[1]:8.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vitrine", required=True)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    if not shutil.which(QEMU):
        print(f"skipped: {QEMU} is not installed")
        return 0
    accels = ["tcg"] + (["kvm"] if os.access("/dev/kvm", os.R_OK | os.W_OK) else [])
    print(f"{'':11}{'wall ms':>12}{'QEMU':>12}{'ratio':>8}{'CPU ms':>12}{'QEMU':>12}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for machine in ("none", "pc"):
            for accel in accels:
                compare(options.vitrine, machine, accel, options.rounds, f"{folder}/t.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
