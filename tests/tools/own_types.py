#!/usr/bin/env python3
"""Every type this program registers is QEMU 4.0's: name, parent, abstract.

Compares `vitrine types --format json`, which walks the whole type table, with the
types measured on QEMU 4.0 (tests/data). usage: own_types.py VITRINE MEASURED.json
"""

import json
import subprocess
import sys

# Types that upstream 4.0 has not, and why we have them.
OURS = {"pc-i440fx-trusty-machine": "a distribution's machine, named by the lecture",
        "microvm-machine": "a second, small board, from 4.2",
        "virtio-mmio": "where microvm's virtio devices sit; x86 has it from 4.2 on",
        "virtio-mmio-bus": "its bus"}


def faults(own, measured):
    for name, row in own.items():
        real = measured.get(name)
        if real is None:
            if name not in OURS:
                yield f"{name}: 4.0 has no such type"
            continue
        for key in ("parent", "abstract"):
            if (row[key] or None) != (real[key] or None):
                yield f"{name}: {key} is {row[key]!r}, in 4.0 {real[key]!r}"


def main():
    shown = subprocess.run([sys.argv[1], "types", "--format", "json"], capture_output=True,
                           text=True, check=True).stdout
    own = {row["name"]: row for row in json.loads(shown)["types"]}
    with open(sys.argv[2], encoding="utf-8") as file:
        measured = {row["name"]: row for row in json.load(file)["types"]}
    found = list(faults(own, measured))
    if len(own) < 100:
        found.append(f"only {len(own)} types: the table was not walked")
    print("\n".join(found) or f"{len(own)} types: names, parents and abstract as in 4.0")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
