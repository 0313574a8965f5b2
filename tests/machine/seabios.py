#!/usr/bin/env python3
"""Debian's SeaBIOS through its power-on self test, under every accelerator of this host.

It sizes memory by fw_cfg, copies itself to RAM through the host bridge's memory
attributes, gives every PCI card its addresses and interrupt lines, takes ACPI's tables and
SMBIOS's from the board, and looks for a disk. What it says about that on its debug port is
what it says under QEMU.

Exit status: 0 as expected, 1 not, 77 there is no SeaBIOS (package seabios).
"""
import argparse
import os
import re
import subprocess
import sys

SKIP = 77
TIMEOUT = 100  # seconds for one run; a few are needed
FIRMWARE = "/usr/share/seabios/bios-256k.bin"

# In this order. Under QEMU there is one card more, the IDE controller.
EXPECTED = [
    r"Running on QEMU \(i440fx\)",
    r"Found QEMU fw_cfg",
    r"QEMU fw_cfg DMA interface supported",
    r"qemu/e820: addr 0x0000000000000000 len 0x0000000004000000 \[RAM\]",
    r"Found 5 PCI devices \(max PCI bus is 00\)",
    r"PCI: map device bdf=00:03\.0 +bar 1, addr 0000c000, size 00000100 \[io\]",
    r"PCI: map device bdf=00:02\.0 +bar 0, addr fea00000, size 00100000 \[mem\]",
    r"PIIX3/PIIX4 init: elcr=00 0c",
    r"Found 1 cpu\(s\)",
    r"Copying SMBIOS from 0x[0-9a-f]+ to 0x000f",
    r"table\(50434146\)=0x03fe[0-9a-f]+ \(via rsdt\)",
    r"ACPI: parse DSDT at 0x03fe[0-9a-f]+",
    r"Press ESC for boot menu",
    r"Booting from Hard Disk",
]


def accelerators():
    yield "tcg"
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR))
    except OSError:
        return
    yield "kvm"


def missing_lines(vitrine, accel):
    """What was expected and did not come, from the first such line on."""
    command = [vitrine, "run", "-machine", f"pc,accel={accel}", "-nodefaults", "-display",
               "none", "-m", "64", "-bios", FIRMWARE, "-chardev", "stdio,id=log", "-device",
               "isa-debugcon,iobase=0x402,chardev=log", "-device", "edu", "-device",
               "pci-testdev", "-boot", "menu=on"]
    left = list(EXPECTED)
    process = subprocess.Popen(["timeout", str(TIMEOUT), *command], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               errors="replace")
    for line in process.stdout:
        if left and re.search(left[0], line):
            del left[0]
        if not left:
            break
    process.terminate()
    process.wait()
    return left


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vitrine", required=True)
    options = parser.parse_args()
    if not os.path.exists(FIRMWARE):
        print(f"skip: no {FIRMWARE}; apt-get install seabios")
        return SKIP
    status = 0
    for accel in accelerators():
        left = missing_lines(options.vitrine, accel)
        print(f"{'FAIL' if left else 'ok'}  SeaBIOS under {accel}")
        for line in left[:1]:
            print(f"  never said: {line}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
