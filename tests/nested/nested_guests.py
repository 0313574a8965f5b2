#!/usr/bin/env python3
"""Runs every sample guest, and the tests of kvm/, in the nested machine: under a
/dev/kvm that can do everything a processor's can, on any host.

One machine is started for all. What each guest promises is read from the comments at
its top (tests/guests/run_guests.py says which). Exit status: 0 all kept, 1 a promise
broken, 77 the nested machine cannot be had here.

usage: nested_guests.py --vitrine PROGRAM --images FOLDER --sources FOLDER [--kvm-test PROGRAM]
"""

import argparse
import pathlib
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "guests"))
import run_guests  # noqa: E402  (the folder is found above)

ACCELERATORS = ("kvm", run_guests.OURS)
BEGIN, END = "@@guest ", "@@status "


def image_of(guest):
    return next(word for word in guest.run if word.endswith((".bin", ".elf")))


def shell_line(guest, accel):
    words = ["vitrine", "run", "-machine", f"pc,accel={accel}", *run_guests.BOARD,
             *guest.options(pathlib.Path("/")), "-trace", "file=/tmp/t.json"]
    run = f"printf %s {shlex.quote(guest.input)} | timeout 60 {shlex.join(words)} 2>/tmp/errors"
    return (f"echo; echo {shlex.quote(f'{BEGIN}{guest.name} {accel}')}; {run}; s=$?; "
            f"echo; echo {END}$s")


def results(text):
    """(name and accelerator) -> (lines printed, status)"""
    found = {}
    for part in text.split(BEGIN)[1:]:
        head, _, rest = part.partition("\n")
        body, _, status = rest.partition("\n" + END)
        lines = [line.rstrip() for line in body.replace("\r", "").splitlines()]
        while lines and not lines[-1]:
            lines.pop()
        found[head.strip()] = lines, int(status.split()[0]) if status.split() else -1
    return found


def accelerators_of(guest):
    """Without the kernel's interrupt controllers there is no local APIC."""
    if "local-apic" in guest.needs:
        return ["kvm"]
    return [a for a in ACCELERATORS if "own-irqchip" not in guest.needs or a != "kvm"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vitrine", required=True)
    parser.add_argument("--images", required=True, type=pathlib.Path)
    parser.add_argument("--sources", required=True, type=pathlib.Path)
    parser.add_argument("--kvm-test", help="the test program of kvm/")
    options = parser.parse_args()

    guests = [run_guests.Guest(s) for s in sorted(options.sources.glob("*.S"))]
    guests = [g for g in guests if g.ends != "signal"]
    command = [sys.executable, str(HERE / "nested.py"), "--timeout", "400", "--file", options.vitrine]
    for guest in guests:
        image = options.images / image_of(guest)
        command += ["--file", f"{image}={image.name}"]
    lines = [shell_line(g, a) for g in guests for a in accelerators_of(g)]
    if options.kvm_test:
        command += ["--file", options.kvm_test]
        lines.append(f"echo; echo '{BEGIN}kvm tests'; "
                     f"{pathlib.Path(options.kvm_test).name} --gtest_brief=1; s=$?; echo; echo {END}$s")
    done = subprocess.run([*command, "\n".join(lines)], capture_output=True, text=True,
                          errors="replace")
    if done.returncode == 125:
        print(f"skip  {done.stderr.strip()}")
        return run_guests.SKIP

    found, good = results(done.stdout), True
    for guest in guests:
        for accel in accelerators_of(guest):
            printed, status = found.get(f"{guest.name} {accel}", (["nothing"], -1))
            wanted = [line.rstrip() for line in guest.expect]
            end = run_guests.TRIPLE_FAULT if guest.ends == "triple-fault" else guest.exit
            kept = printed == wanted and status == end
            print(f"{'ok' if kept else 'FAIL'}  {guest.name} {accel}")
            if not kept:
                print(f"  printed {printed}\n  instead of {wanted}\n  status {status}, not {end}")
            good &= kept
    if options.kvm_test:
        printed, status = found.get("kvm tests", (["nothing"], -1))
        print(f"{'ok' if status == 0 else 'FAIL'}  kvm tests")
        if status != 0:
            print("  " + "\n  ".join(printed[-40:]))
        good &= status == 0
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
