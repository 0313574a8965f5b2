#!/usr/bin/env python3
"""samples/tools/qemu_start.py on the QEMU that is installed: `vitrine import` reads what it
writes, and the steps that a stripped QEMU still has names for are there.

Exit status 77 where gdb or QEMU is missing, or where nothing may be traced.

usage: qemu_start.py VITRINE
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORDER = ROOT / "samples" / "tools" / "qemu_start.py"
QEMU = ["qemu-system-x86_64", "-machine", "none", "-accel", "tcg", "-nodefaults",
        "-display", "none", "-S"]


def main():
    for program in ("gdb", QEMU[0]):
        if shutil.which(program) is None:
            print(f"skip  no {program} here")
            return 77
    with tempfile.TemporaryDirectory() as folder:
        start = pathlib.Path(folder, "start.json")
        done = subprocess.run([sys.executable, RECORDER, "-o", start, "--", *QEMU],
                              capture_output=True, text=True, timeout=180)
        if done.returncode != 0:
            traced = "ptrace" in done.stderr or "Operation not permitted" in done.stderr
            print(("skip  " if traced else "FAIL  ") + done.stderr[-1000:])
            return 77 if traced else 1
        events = json.loads(start.read_text(encoding="utf-8"))["events"]
        failed = [f"no event {event}" for event in (
            ["phase", "qdev_machine_creation_done"], ["new", "none-machine"],
            ["child", "container", "machine", "none-machine"]) if event not in events]
        functions = [event[1] for event in events if event[0] == "phase"]
        if functions[-1] not in ("qemu_main_loop", "main_loop"):
            failed.append(f"it ends with {functions[-1]}")
        view = pathlib.Path(folder, "view.json")
        for words in (["import", start, "-o", view], ["trace", "validate", view]):
            read = subprocess.run([sys.argv[1], *map(str, words)], capture_output=True,
                                  text=True, timeout=60)
            if read.returncode != 0:
                failed.append(f"vitrine {words[0]}: {read.stderr}")
        table = subprocess.run([sys.argv[1], "import", str(start), "--parity-run"],
                               capture_output=True, text=True, timeout=120).stdout
        if "whole start" not in table:
            failed.append(f"no parity: {table}")
    print("\n".join(failed or [f"ok  {len(events)} events"]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
