#!/usr/bin/env python3
"""`vitrine draw --gallery`: every picture of a start, and the page that shows them.

Each picture of `vitrine draw --list` must be there, light and dark, as well-formed XML;
what the page links to must exist; and a picture drawn again gives the same bytes.
usage: gallery.py VITRINE GUEST.bin
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

RUN = ["-machine", "pc,accel=tcg", "-nodefaults", "-display", "none", "-no-reboot",
       "-serial", "null", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4"]


def vitrine(program, *words):
    return subprocess.run([program, *words], check=True, capture_output=True, text=True).stdout


def faults(program, guest, folder):
    trace, gallery = folder / "boot.json", folder / "gallery"
    # The guest chooses the exit status.
    subprocess.run([program, "run", *RUN, "-kernel", guest, "-trace", f"file={trace}"],
                   capture_output=True, check=False, timeout=60)
    vitrine(program, "draw", "--gallery", gallery, trace)
    listed = re.findall(r"^([a-z]+)\b", vitrine(program, "draw", "--list"), re.MULTILINE)
    files = {path.name for path in gallery.iterdir()}
    for name in sorted(set(listed)):
        for mode in ("", "-dark"):
            if not any(file.startswith(f"{name}{mode}") for file in files):
                yield f"{name}{mode}: no picture"
    for file in gallery.glob("*.svg"):
        try:
            xml.etree.ElementTree.parse(file)
        except xml.etree.ElementTree.ParseError as error:
            yield f"{file.name}: {error}"
    for link in re.findall(r'(?:src|href)="([^"#:]+)"', (gallery / "index.html").read_text()):
        if link not in files:
            yield f"index.html: {link} does not exist"
    again = [vitrine(program, "draw", "objects", trace, "--format", "dot") for _ in "12"]
    if again[0] != again[1]:
        yield "objects: drawn twice, two different texts"


def main():
    with tempfile.TemporaryDirectory() as folder:
        found = list(faults(sys.argv[1], sys.argv[2], pathlib.Path(folder)))
    print("\n".join(found) or "every picture is there")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
