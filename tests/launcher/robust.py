#!/usr/bin/env python3
"""What a run must survive, and what it may use. One case a call:

  limits         -limit wall=, exits=, output= end a run with exit code 8
  hang           -explain-hang says what a guest does that does nothing new
  stop_and_go    SIGSTOP and SIGCONT change nothing
  full_disk      a disk without room for the trace does not stop the guest, and is told
  little_memory  guest memory the host does not have is an error, not a crash
  cycles         a thousand starts and ends leave nothing behind

Exit status: 0 all as promised, 1 not.
"""
import argparse
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import time

TIMEOUT = 60
LIMIT_REACHED, CONTENT = 8, 33
BOARD = ["-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio",
         "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4"]


class Case:
    def __init__(self, options, folder):
        self.vitrine, self.images = options.vitrine, options.images
        self.folder = pathlib.Path(folder)
        self.good = True

    def command(self, guest, *more, accel="tcg"):
        return [self.vitrine, "run", "-machine", f"pc,accel={accel}", *BOARD, "-kernel",
                str(self.images / guest), *more]

    def run(self, guest, *more, **how):
        return subprocess.run(self.command(guest, *more), stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=TIMEOUT, **how)

    def expect(self, what, holds, seen=""):
        print(f"{'ok' if holds else 'FAIL'}  {what}")
        if not holds:
            print(f"  {seen}")
            self.good = False


def limits(case):
    begin = time.monotonic()
    done = case.run("busy_loop.bin", "-limit", "wall=0.5")
    took = time.monotonic() - begin
    case.expect("wall time ends a guest that never exits", done.returncode == LIMIT_REACHED,
                done)
    case.expect("and says so", b"-limit wall= was reached" in done.stderr, done.stderr)
    case.expect("after that time, not much later", 0.5 <= took < 20, took)
    done = case.run("hello_long.elf", "-limit", "exits=5")
    case.expect("so many exits are enough", done.returncode == LIMIT_REACHED, done)
    done = case.run("hello_long.elf", "-limit", "output=5")
    case.expect("so much output is enough",
                (done.returncode, done.stdout) == (LIMIT_REACHED, b"Hello"), done)
    done = case.run("hello_long.elf", "-limit", "wall=50,exits=1000000,output=1M")
    case.expect("a run within its limits ends as it likes", done.returncode == CONTENT, done)
    done = case.run("hello_long.elf", "-limit", "wall=soon")
    case.expect("a limit that is no number is refused",
                done.returncode == 1 and b"expects a number of seconds" in done.stderr, done)


def hang(case):
    trace = case.folder / "hang.json"
    done = case.run("port61_hang.bin", "-machine", "pit=off", "-explain-hang", "0.5", "-limit",
                    "wall=3", "-trace", f"file={trace}")
    case.expect("a hang at port 0x61 is explained",
                b"reads of port 0x61 (nobody answers)" in done.stderr, done.stderr)
    case.expect("once", done.stderr.count(b"nothing new") == 1, done.stderr)
    events = [json.loads(line.rstrip(",\n")) for line in trace.open() if '"guest_hang"' in line]
    told = [event for event in events if event.get("ph") == "i"]
    case.expect("and an event of the trace",
                len(told) == 1 and told[0]["args"]["doing"] ==
                "reads of port 0x61 (nobody answers)", told)
    done = case.run("busy_loop.bin", "-explain-hang", "0.5", "-limit", "wall=2")
    case.expect("a guest that touches nothing is told where it is",
                b"touches no device; CPU 0 at 0x7c" in done.stderr, done.stderr)
    done = case.run("hello_long.elf", "-explain-hang", "0.5")
    case.expect("a guest that works is left alone",
                done.returncode == CONTENT and b"nothing new" not in done.stderr, done)


def stop_and_go(case):
    trace = case.folder / "stopped.json"
    process = subprocess.Popen(case.command("timer.elf", "-trace", f"file={trace}"),
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    for _ in range(20):
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.01)
        process.send_signal(signal.SIGCONT)
        time.sleep(0.002)
    output, errors = process.communicate(timeout=TIMEOUT)
    case.expect("a run that was stopped now and then ends as if it had not been",
                (process.returncode, output.splitlines()[-1:]) == (CONTENT, [b"done"]),
                (process.returncode, output, errors))
    valid = subprocess.run([case.vitrine, "trace", "validate", str(trace)],
                           capture_output=True, timeout=TIMEOUT)
    case.expect("and its trace is whole", valid.returncode == 0, valid)


def full_disk(case):
    def with_room(size):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return {"preexec_fn": limit, "restore_signals": False}

    trace = case.folder / "full.json"
    done = case.run("check_pic.bin", "-trace", f"file={trace}", **with_room(1 << 16))
    case.expect("no room from the start is an error that names the file",
                done.returncode == 1 and trace.name.encode() in done.stderr, done)
    done = case.run("check_pic.bin", "-trace", f"file={trace}", **with_room(1 << 20))
    case.expect("a disk that becomes full does not stop the guest",
                done.stdout.endswith(b"mask after a new start: 00000000\n"), done)
    case.expect("it is told, and how the records are saved",
                done.returncode == 1 and b"vitrine trace recover" in done.stderr, done)
    saved = subprocess.run([case.vitrine, "trace", "recover", f"{trace}.rec"],
                           capture_output=True, timeout=TIMEOUT)
    case.expect("which they are, with room", saved.returncode == 0 and trace.exists(), saved)


def little_memory(case):
    limit = 4 << 30

    def little():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    done = case.run("hello_long.elf", "-m", "64G", preexec_fn=little)
    case.expect("memory that cannot be had is an error with a reason",
                done.returncode == 1 and
                b"cannot set up guest memory 'pc.ram': Cannot allocate memory" in done.stderr,
                done)
    done = case.run("hello_long.elf", "-m", "64M", preexec_fn=little)
    case.expect("memory that can be had is had", done.returncode == CONTENT, done)


def cycles(case):
    def left_behind():
        return {name for name in os.listdir(tempfile.gettempdir()) if name.startswith("vitrine")}

    before, bad = left_behind(), 0
    accel = "kvm" if os.access("/dev/kvm", os.R_OK | os.W_OK) else "tcg"
    command = case.command("hello_real.bin", accel=f"{accel}:tcg")
    usage = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    for _ in range(1000):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=TIMEOUT)
        bad += done.returncode != CONTENT
    case.expect(f"a thousand runs under {accel} end well", bad == 0, bad)
    case.expect("and leave no files", left_behind() <= before, left_behind() - before)
    print(f"  greatest memory of a run: {max(usage, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)} KiB")


CASES = {case.__name__: case
         for case in (limits, hang, stop_and_go, full_disk, little_memory, cycles)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--vitrine", required=True)
    parser.add_argument("--images", required=True, type=pathlib.Path)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], help="default: all")
    options = parser.parse_args()
    good = True
    for name in options.cases or CASES:
        with tempfile.TemporaryDirectory() as folder:
            case = Case(options, folder)
            CASES[name](case)
            good &= case.good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
