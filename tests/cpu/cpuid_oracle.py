#!/usr/bin/env python3
"""What a guest reads from CPUID here, against what it reads under a real QEMU.

The guest (dump_cpuid.S) writes a list of leaves to a debug port. For every CPU model it
runs under `qemu-system-x86_64 -machine pc-i440fx-4.0`, which keeps 4.0's models, and here,
once on the software CPUs and, where /dev/kvm can be used, once under KVM. Each leaf must be
equal, but for the exceptions below, each with its reason. Under KVM features must be equal
too; the software CPUs differ in what they execute, so there a feature may be off here that
is on in QEMU, never the other way round.

Exit status: 0 equal, 1 a difference, 77 no QEMU here.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

SKIP = 77
MACHINE = "pc-i440fx-4.0"
BOARD = ["-m", "16", "-display", "none", "-nodefaults", "-no-reboot",
         "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
REGISTERS = ("eax", "ebx", "ecx", "edx")

# Registers of feature bits.
FEATURES = {(1, "ecx"), (1, "edx"), (7, "ebx"), (7, "ecx"), (7, "edx"), (6, "eax"),
            (0x80000001, "ecx"), (0x80000001, "edx"), (0x80000008, "ebx"), (0x8000000a, "edx")}
# Leaves that are not compared, and why.
EXCEPTIONS = {
    "tcg": {
        0xd: "the XSAVE area follows features; ours has none (unit tests check the leaf)",
        0x8000000a: "SVM is not executed by our software CPU",
        0x8000001e: "7.2 numbers nodes in another way than 4.0",
    },
    "kvm": {
        0xd: "the kernel writes what is switched on; 7.2 adds parts that came after 4.0",
        0x8000001e: "7.2 numbers nodes in another way than 4.0",
    },
}
# 7.2 says how many bits number a CPU (bits 12 to 15), 4.0 did not. The width of linear
# addresses follows la57, a feature.
MASKS = {(0x80000008, "ecx"): 0xff, (0x80000008, "eax"): 0xff}


# Models that a release changed, or features KVM is given by default, on its machine.
OLDER = {"3.1": "Cascadelake-Server", "2.12": "EPYC", "2.8": "Haswell", "2.7": "Opteron_G3",
         "2.6": "qemu64", "2.4": "qemu64", "2.3": "SandyBridge", "2.2": "Conroe",
         "2.1": "n270", "2.0": "qemu64", "1.7": "qemu32", "1.6": "qemu64", "1.5": "Penryn",
         "1.4": "486"}


class Cannot(Exception):
    """A run that gave no dump, and what the program said."""


def dump(program, image, accel, cpu, smp, machine=MACHINE):
    """{(function, index): (eax, ebx, ecx, edx)}"""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "leaves")
        done = subprocess.run(
            [*program, "-machine", machine, "-accel", accel, "-cpu", cpu, "-smp", smp, *BOARD,
             "-bios", image, "-chardev", f"file,id=d,path={out}",
             "-device", "isa-debugcon,iobase=0x402,chardev=d"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=120, check=False)
        if done.returncode != 33 or not os.path.exists(out):
            raise Cannot(f"exit {done.returncode}: {done.stdout.decode(errors='replace')}")
        data = pathlib.Path(out).read_bytes()
    return {row[:2]: row[2:] for row in struct.iter_unpack("<6I", data)}


def level_of(leaves, function):
    region = function & 0xf0000000
    return 0x40000001 if region == 0x40000000 else leaves[(0, 0)][0] if region == 0 else \
        leaves.get((region, 0), (0,))[0]


def shows_its_own_features(options):
    """Whether this host's KVM lets a guest see features that its CPU was not given.

    One that works without hardware virtualisation cannot keep them from the guest.
    """
    given_none = dump([options.qemu], options.image, "kvm", "486", "1")
    return given_none[(1, 0)][3] & 1 << 26 != 0  # SSE2, in leaf 1 EDX


def compare(theirs, ours, accel, features):
    """Yields what differs, a line each. `features`: equal, fewer (here) or any."""
    for (function, index), registers in theirs.items():
        if function in EXCEPTIONS[accel] or function > level_of(theirs, function):
            continue
        for name, their, our in zip(REGISTERS, registers, ours[(function, index)]):
            mask = MASKS.get((function, name), 0xffffffff)
            if (function, name) in FEATURES:
                mask &= {"equal": mask, "fewer": ~(their & ~our), "any": 0}[features]
            if (their ^ our) & mask:
                yield f"{function:#x}.{index} {name}: {their:#010x} there, {our:#010x} here"


def models():
    table = pathlib.Path(__file__).resolve().parents[2] / "src/cpu/model_table.cc"
    names = re.findall(r'\.type = "(.*)-x86_64-cpu"', table.read_text(encoding="utf-8"))
    return [name for name in names if name != "Icelake-Client"]  # gone from newer QEMU


def lines(known):
    """(cpu, smp[, machine]) to run."""
    for name in known:
        yield name, "1"
    yield "EPYC", "8,sockets=1,cores=4,threads=2"
    yield "SandyBridge", "6,sockets=2,cores=3,threads=1"
    yield "qemu64", "4,sockets=4,cores=1,threads=1"
    yield "qemu64,l3-cache=off,level=5", "1"
    yield "Haswell,cpuid-0xb=off,xlevel=0x80000004", "2,sockets=1,cores=2,threads=1"
    yield "qemu64,-hypervisor,model-id=Someone,vendor=SomeoneElse1,family=7,stepping=9", "1"
    for machine, cpu in OLDER.items():
        yield cpu, "1", f"pc-i440fx-{machine}"


def check(options, accel, features, *line):
    """The differences, a line each."""
    try:
        theirs = dump([options.qemu], options.image, accel, *line)
        ours = dump([options.vitrine, "run"], options.image, accel, *line)
    except Cannot as problem:
        return [str(problem)]
    return list(compare(theirs, ours, accel, features))


def run_all(options, accel, features):
    """How many CPUs differ under one accelerator."""
    todo = [line for line in lines(models()) if options.only in (None, line[0])]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda line: check(options, accel, features, *line), todo))
    for line, problems in zip(todo, results):
        for problem in problems:
            print(f"{accel}: {' '.join(line)}: {problem}")
    wrong = sum(map(bool, results))
    print(f"{accel}: {len(todo) - wrong} of {len(todo)} CPUs have equal leaves; "
          f"features in them: {features}")
    for function, reason in EXCEPTIONS[accel].items():
        print(f"  not compared: {function:#x}, {reason}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vitrine", required=True)
    parser.add_argument("--image", required=True)
    parser.add_argument("--qemu", default="qemu-system-x86_64")
    parser.add_argument("--only", help="one CPU")
    options = parser.parse_args()
    if shutil.which(options.qemu) is None:
        print(f"SKIPPED: no {options.qemu} here to compare with")
        return SKIP
    wrong = run_all(options, "tcg", "fewer")
    if os.access("/dev/kvm", os.R_OK | os.W_OK):
        wrong += run_all(options, "kvm", "any" if shows_its_own_features(options) else "equal")
    else:
        print("kvm: SKIPPED, /dev/kvm cannot be used here")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
