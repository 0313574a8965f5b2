#!/usr/bin/env python3
"""Writes the command lines that QEMU 4.0 was measured with as inputs for the fuzz target
options_command_line: one argument a line, one file a command line, in the given folder."""
import json
import pathlib
import sys

DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "qemu-4.0"


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for kind in ("accepted", "errors"):
        cases = json.loads((DATA / f"{kind}.json").read_text(encoding="utf-8"))["cases"]
        for number, case in enumerate(cases):
            text = "".join(argument + "\n" for argument in case["args"])
            (folder / f"{kind}_{number:03}").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
