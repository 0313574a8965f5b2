#!/usr/bin/env python3
"""Runs sample guests under every accelerator this host has and checks what they
promise at their top: the text they print, how they end, and that the trace's
guest-visible events are the same under each accelerator.

The promises are comment lines of the guest's source:

    # run: -kernel NAME.bin OPTIONS   how to start it; images are in --images
    # expect: TEXT                    one line of output each, in this order, and no other
    # input: TEXT                     what is typed on its serial line
    # exit: N                         exit status
    # ends: triple-fault | signal     or how else it ends (4, or killed by our SIGINT)
    # compare: guest                  event categories that are equal in two runs
                                      (default: guest,device)
    # needs: ring3-calls              an accelerator that can do SYSCALL and INT in ring 3
    # needs: local-apic               one that takes message signalled interrupts
    # needs: own-irqchip              one whose interrupt controllers and timer are ours

Exit status: 0 all kept, 1 a promise broken, 77 nothing could be run.
"""
import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

SKIP = 77
TIMEOUT = 60  # seconds for one run; a guest needs well under one
TRIPLE_FAULT = 4  # launcher/exit_codes.h

BOARD = ["-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio",
         "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4"]


class Guest:
    """What a guest's source says about it."""

    def __init__(self, source: pathlib.Path):
        self.name = source.stem
        self.expect, self.run, self.input = [], [], ""
        self.exit, self.ends, self.needs = None, None, []
        self.compare = "guest,device"
        for line in source.read_text().splitlines():
            if not line.startswith("# "):
                continue
            key, _, value = line[2:].partition(":")
            value = value.strip()
            if key == "expect":
                self.expect.append(value)
            elif key == "run":
                self.run = value.split()
            elif key == "input":
                self.input = value
            elif key == "exit":
                self.exit = int(value)
            elif key == "ends":
                self.ends = value
            elif key == "compare":
                self.compare = value
            elif key == "needs":
                self.needs = value.split()
        if not self.run:
            raise SystemExit(f"{source}: no line '# run: -kernel ...'")

    def options(self, images: pathlib.Path):
        return [self.with_folder(word, images) for word in self.run]

    @staticmethod
    def with_folder(word, images):
        """NAME.elf, or the value of the last key in "if=virtio,file=NAME.bin"."""
        keys, equals, name = word.rpartition("=")
        return f"{keys}{equals}{images / name}" if word.endswith((".bin", ".elf")) else word


# KVM twice: with its own interrupt controllers in the kernel (the default), and with
# ours. The second has the same devices as tcg, so the two traces can be compared.
OURS = "kvm,kernel_irqchip=off"


def accelerators():
    """Name -> what it can do. Capabilities, not names, decide what is skipped."""
    found = {"tcg": {"ring3-calls", "own-irqchip"}}
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR))
    except OSError:
        return found
    hardware = any(pathlib.Path("/sys/module", m).exists() for m in ("kvm_intel", "kvm_amd"))
    calls = {"ring3-calls"} if hardware else set()
    found[OURS] = calls | {"own-irqchip"}
    found["kvm"] = calls | {"local-apic"}
    return found


class Run:
    """One guest under one accelerator: what came out of it."""

    def __init__(self, guest, accel, options, trace):
        command = [options.vitrine, "run", "-machine", f"pc,accel={accel}", *BOARD,
                   *guest.options(options.images), "-trace", f"file={trace}", *options.extra]
        self.command, self.trace = command, trace
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        try:
            if guest.ends == "signal":
                self.output = self.interrupt(process, len(guest.expect))
            else:
                self.output, self.errors = process.communicate(guest.input.encode(), TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            self.output, self.errors = process.communicate()
            self.errors += f"\nno end after {TIMEOUT} seconds".encode()
        self.status = process.returncode
        self.lines = self.output.decode(errors="replace").replace("\r", "").splitlines()

    def interrupt(self, process, lines):
        """Waits until the guest has said everything, then presses ^C."""
        output = b"".join(process.stdout.readline() for _ in range(lines))
        process.send_signal(signal.SIGINT)
        rest, self.errors = process.communicate(timeout=TIMEOUT)
        return output + rest


def broken_promises(guest, run):
    wanted = [line.rstrip() for line in guest.expect]
    got = [line.rstrip() for line in run.lines]
    if got != wanted:
        yield f"printed {got}\n  instead of {wanted}"
    status = {"triple-fault": TRIPLE_FAULT, "signal": -signal.SIGINT}.get(guest.ends, guest.exit)
    if run.status != status:
        yield f"ended with status {run.status} instead of {status}"


def guest_events(options, guest, trace):
    """The canonical form of what a guest did and what devices answered."""
    result = subprocess.run([options.vitrine, "trace", "canon", "--cat", guest.compare, trace],
                            capture_output=True, timeout=TIMEOUT)
    if result.returncode != 0:
        raise SystemExit(f"trace canon failed on {trace}: {result.stderr.decode()}")
    return result.stdout.decode().splitlines()


def first_difference(a, b):
    for number, (left, right) in enumerate(zip(a, b), 1):
        if left != right:
            return f"line {number}:\n    {left}\n    {right}"
    return f"one has {len(a)} lines, the other {len(b)}"


def check(guest, options, folder):
    """Prints one line for each thing tried; returns (runs made, all promises kept)."""
    events, kept, runs = {}, True, 0
    for accel, abilities in accelerators().items():
        missing = set(guest.needs) - abilities
        unwanted = options.accel and accel.partition(",")[0] not in options.accel
        if missing or unwanted:
            if missing:
                print(f"skip  {guest.name} {accel}: it cannot do {', '.join(sorted(missing))}")
            continue
        trace = os.path.join(folder, f"{guest.name}-{accel.replace(',', '-')}.json")
        run = Run(guest, accel, options, trace)
        problems = list(broken_promises(guest, run))
        print(f"{'FAIL' if problems else 'ok'}  {guest.name} {accel}")
        for problem in problems:
            print(f"  {problem}")
        if problems:
            print("  " + " ".join(run.command))
            print("  " + run.errors.decode(errors="replace").strip().replace("\n", "\n  "))
            kept = False
            continue
        runs += 1
        if accel != "kvm" and not options.no_events:
            events[accel] = guest_events(options, guest, trace)
    if len(events) == 2 and guest.ends != "signal":
        a, b = events.values()
        same = a == b
        print(f"{'ok' if same else 'FAIL'}  {guest.name}: the same {len(a)} guest events "
              f"under {' and '.join(events)}")
        if not same:
            print("  " + first_difference(a, b))
            kept = False
    return runs, kept


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vitrine", required=True, help="the program")
    parser.add_argument("--images", required=True, type=pathlib.Path, help="folder of images")
    parser.add_argument("--sources", required=True, type=pathlib.Path, help="folder of *.S")
    parser.add_argument("--accel", action="append", help="only this accelerator")
    parser.add_argument("--no-events", action="store_true", help="do not compare traces")
    parser.add_argument("--keep", help="leave the traces in this folder")
    parser.add_argument("--extra", nargs="*", default=[], help="more options for vitrine run")
    parser.add_argument("guests", nargs="*", help="names; default: all")
    options = parser.parse_args()

    if not os.access(options.vitrine, os.X_OK):
        print(f"{options.vitrine} is not built")
        return SKIP
    names = options.guests or sorted(s.stem for s in options.sources.glob("*.S"))
    total, good = 0, True
    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            guest = Guest(options.sources / f"{name}.S")
            runs, kept = check(guest, options, options.keep or scratch)
            total += runs
            good &= kept
    if not good:
        return 1
    return 0 if total else SKIP


if __name__ == "__main__":
    sys.exit(main())
