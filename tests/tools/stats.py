#!/usr/bin/env python3
"""The account of a run: its numbers are those of the trace they were taken from.

usage: stats.py VITRINE GUEST.elf
"""
import json
import pathlib
import subprocess
import sys
import tempfile


def main():
    vitrine, guest = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        trace = str(pathlib.Path(folder) / "run.json")
        board = ["-machine", "pc,accel=tcg", "-nodefaults", "-display", "none", "-no-reboot",
                 "-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4"]
        printed = subprocess.run([vitrine, "run", *board, "-kernel", guest, "-trace",
                                  f"file={trace}"], stdin=subprocess.DEVNULL,
                                 capture_output=True, check=False, timeout=60).stdout
        runs = subprocess.run([vitrine, "trace", "grep", "-c", "vcpu_run", trace],
                              capture_output=True, text=True, check=True).stdout
        ask = [vitrine, "stats", trace, "--symbols", guest, "--phase", "Hello"]
        account = json.loads(subprocess.run([*ask, "--json"], capture_output=True, text=True,
                                            check=True).stdout)
        text = subprocess.run(ask, capture_output=True, text=True, check=True).stdout
        wrong = subprocess.run([vitrine, "stats", trace, "--symbols", trace],
                               capture_output=True, text=True, check=False)

    def total(rows, key="exits"):
        return sum(row[key] for row in account[rows])

    registers = {row["name"]: row["exits"] for row in account["registers"]}
    places = {row["name"] for row in account["places"]}
    sent = registers.get("isa-serial#1 serial+0x0 write", 0)
    checks = {
        "every turn of a CPU is an exit": account["exits"] == int(runs.rpartition(" ")[2]) > 0,
        "reasons add up": total("reasons") == account["exits"],
        "phases add up": total("phases") == account["exits"],
        "times of phases add up": total("phases", "host_ns") == account["host_ns"],
        "each letter is a write to the serial port":
            sent == len(printed) > 0,
        "places have names": any(name.startswith("putc") for name in places),
        "a line begins a phase": any("Hello" in row["name"] for row in account["phases"]),
        "the text has every table": all(title in text for title in (
            "by reason", "by device register", "by place in the guest", "by phase")),
        "a file without names is refused": wrong.returncode == 1 and
            "names no places" in wrong.stderr,
    }
    for what, holds in checks.items():
        print(f"{'ok' if holds else 'FAIL'}  {what}")
    if not all(checks.values()):
        print(json.dumps(account, indent=1)[:4000], text, wrong.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
