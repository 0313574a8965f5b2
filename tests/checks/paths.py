#!/usr/bin/env python3
"""No file names a place of somebody's own machine, or ends without a newline."""

import re
import sys

from sources import read, tracked

HOST_PATH = re.compile(r"(/home/[a-z]|/Users/|/root/|/tmp/[a-z]+/build|[A-Z]:\\\\Users)")
TEXT = (".cc", ".h", ".c", ".S", ".py", ".sh", ".md", ".json", ".txt", ".cmake", ".mjs")


def main():
    found = []
    for name in tracked(*TEXT, "dev", ".ci/run"):
        if name.endswith(("checks/paths.py", "package-lock.json")) or "/corpus/" in name \
                or name.startswith("tests/data/"):
            continue
        text = read(name)
        for number, line in enumerate(text.splitlines(), 1):
            if HOST_PATH.search(line):
                found.append(f"{name}:{number}: names a path of one machine: {line.strip()}")
            if line != line.rstrip() and name.endswith((".cc", ".h", ".py", ".c")):
                found.append(f"{name}:{number}: blanks at the end of the line")
        if text and not text.endswith("\n"):
            found.append(f"{name}: no newline at the end of the file")
    print("\n".join(found) if found else "paths: no file names a place of one machine")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
