#!/usr/bin/env python3
"""Debian's SeaBIOS boots a virtio disk, under every accelerator of this host.

The disk is a raw image whose first sector is the sample guest boot_sector; it says its
line on the serial port and ends the machine. SeaBIOS has drivers for both faces of the
disk, so it is asked three times: with both, with the legacy one, with the modern one.

Exit status: 0 as expected, 1 not, 77 there is no SeaBIOS (package seabios).
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

SKIP = 77
TIMEOUT = 100  # seconds for one run; a few are needed
FIRMWARE = "/usr/share/seabios/bios-256k.bin"
LINE = "These bytes were sector 0."
STATUS = 33  # 2 * 16 + 1, by isa-debug-exit
SIZE = 4 << 20  # less than a cylinder cannot be booted from
FACES = ["", ",disable-modern=on", ",disable-legacy=on"]


def accelerators():
    yield "tcg"
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR))
    except OSError:
        return
    yield "kvm"


def boots(options, accel, face, image):
    command = [options.vitrine, "run", "-machine", f"pc,accel={accel}", "-nodefaults",
               "-display", "none", "-m", "64", "-bios", FIRMWARE, "-serial", "stdio",
               "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4",
               "-drive", f"file={image},format=raw,if=none,id=d0",
               "-device", f"virtio-blk-pci,drive=d0{face}"]
    try:
        run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                             text=True, errors="replace", timeout=TIMEOUT)
    except subprocess.TimeoutExpired as expired:
        return False, f"no end after {TIMEOUT} seconds: {expired.stdout}"
    said = LINE in run.stdout.replace("\r", "").splitlines()
    return said and run.returncode == STATUS, \
        f"status {run.returncode}, said {run.stdout!r} {run.stderr!r}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--vitrine", required=True)
    parser.add_argument("--sector", required=True, type=pathlib.Path)
    options = parser.parse_args()
    if not os.path.exists(FIRMWARE):
        print(f"skip: no {FIRMWARE}; apt-get install seabios")
        return SKIP
    status = 0
    with tempfile.TemporaryDirectory() as folder:
        image = pathlib.Path(folder, "disk.raw")
        image.write_bytes(options.sector.read_bytes().ljust(SIZE, b"\0"))
        for accel in accelerators():
            for face in FACES:
                fine, why = boots(options, accel, face, image)
                print(f"{'ok' if fine else 'FAIL'}  a virtio disk{face} under {accel}")
                if not fine:
                    print(f"  {why}")
                    status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
