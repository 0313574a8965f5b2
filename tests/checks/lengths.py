#!/usr/bin/env python3
"""A report, never a failure: long files and long functions, longest first.

Aim: files near 200 lines, functions near 15; a hard look above 400 and 50.
"""

import re
import statistics

from sources import read, tracked

START = re.compile(r"^[A-Za-z_].*\)\s*(const|noexcept|override|\s)*\{\s*$")


def functions(name):
    """(line, length) of every function that starts in column 0 and ends with a lone }."""
    start = None
    for number, line in enumerate(read(name).splitlines(), 1):
        if start is None and START.match(line) and not line.startswith(("namespace", "struct",
                                                                        "class", "enum")):
            start = number
        elif start is not None and line.startswith("}"):
            yield start, number - start + 1
            start = None


def main():
    files = [f for f in tracked(".cc", ".h") if not f.startswith("tests/")]
    sizes = sorted(((len(read(f).splitlines()), f) for f in files), reverse=True)
    lengths = sorted(((n, f"{f}:{at}") for f in files for at, n in functions(f)), reverse=True)
    if not sizes:
        return
    print(f"{len(sizes)} files, median {statistics.median(s for s, _ in sizes):.0f} lines; "
          f"{len(lengths)} functions, median "
          f"{statistics.median([n for n, _ in lengths] or [0]):.0f}")
    for size, name in [s for s in sizes if s[0] > 400][:15]:
        print(f"  file     {size:5d}  {name}")
    for size, name in [n for n in lengths if n[0] > 50][:15]:
        print(f"  function {size:5d}  {name}")


if __name__ == "__main__":
    main()
