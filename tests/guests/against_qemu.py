#!/usr/bin/env python3
"""Sample guests that say "# same: qemu" at their top print under a real QEMU what they
promise to print here: what a device answers is checked against the original.

QEMU starts no flat image by -kernel, so each is put into a ROM of 64 KiB that copies it to
0x7c00 and jumps there in real mode, the state it is started in here. The ROM is also tried
on our own program.

Exit status: 0 all the same, 1 not, 77 there is no QEMU (package qemu-system-x86).
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import run_guests  # noqa: E402  (the folder is found above)

QEMU = "qemu-system-x86_64"
ROM_SIZE, STUB_AT, RESET_AT = 0x10000, 0xff00, 0xfff0


def rom(image):
    """The image at the ROM's beginning, the reset vector, and what copies the image."""
    low, high = len(image) & 0xff, len(image) >> 8
    stub = bytes([0xfa,                    # cli
                  0xfc,                    # cld
                  0x31, 0xc0,              # xor %ax, %ax
                  0x8e, 0xc0,              # mov %ax, %es
                  0xb8, 0x00, 0xf0,        # mov $0xf000, %ax
                  0x8e, 0xd8,              # mov %ax, %ds
                  0x31, 0xf6,              # xor %si, %si
                  0xbf, 0x00, 0x7c,        # mov $0x7c00, %di
                  0xb9, low, high,         # mov $size, %cx
                  0xf3, 0xa4,              # rep movsb
                  0x31, 0xc0,              # xor %ax, %ax
                  0x8e, 0xd8,              # mov %ax, %ds
                  0xea, 0x00, 0x7c, 0, 0])  # ljmp $0, $0x7c00
    assert len(image) < STUB_AT
    out = bytearray(ROM_SIZE)
    out[:len(image)] = image
    out[STUB_AT:STUB_AT + len(stub)] = stub
    out[RESET_AT:RESET_AT + 5] = bytes([0xea, 0x00, 0xff, 0x00, 0xf0])  # ljmp $0xf000, $0xff00
    return bytes(out)


def printed(command):
    """(lines, exit status)"""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=run_guests.TIMEOUT)
    return done.stdout.decode(errors="replace").replace("\r", "").splitlines(), done.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--vitrine", required=True)
    parser.add_argument("--images", required=True, type=pathlib.Path)
    parser.add_argument("--sources", required=True, type=pathlib.Path)
    options = parser.parse_args()
    if shutil.which(QEMU) is None:
        print(f"skip  no {QEMU} here: apt-get install qemu-system-x86")
        return run_guests.SKIP
    good = True
    for source in sorted(options.sources.glob("*.S")):
        if "# same: qemu\n" not in source.read_text():
            continue
        guest = run_guests.Guest(source)
        with tempfile.TemporaryDirectory() as folder:
            image = pathlib.Path(folder) / "rom.bin"
            image.write_bytes(rom((options.images / f"{guest.name}.bin").read_bytes()))
            board = ["-machine", "pc,accel=tcg", *run_guests.BOARD, "-bios", str(image)]
            for name, program in (("qemu", [QEMU]), ("vitrine", [options.vitrine, "run"])):
                lines, status = printed(program + board)
                same = lines == guest.expect and status == guest.exit
                print(f"{'ok' if same else 'FAIL'}  {guest.name} under {name}")
                if not same:
                    print(f"  exit {status}; {run_guests.first_difference(guest.expect, lines)}")
                good &= same
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
