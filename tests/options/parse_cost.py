#!/usr/bin/env python3
"""What 200 options cost, in instructions: less than a millisecond of them.

Counts the instructions of two starts that end when the command line is read, one without
options and one with 200 of them, under valgrind. A processor at 3 GHz that does one a cycle,
which is little, does three million in a millisecond. For optimised builds.
usage: parse_cost.py VITRINE. Exit 77: no valgrind.
"""

import re
import shutil
import subprocess
import sys

LIMIT = 3_000_000


def many_options():
    words = []
    for i in range(40):
        words += ["-device", f"isa-debug-exit,id=d{i},iobase={0x400 + 8 * i},iosize=4",
                  "-chardev", f"null,id=c{i},logfile=/dev/null,mux=on",
                  "-netdev", f"user,id=n{i},hostfwd=tcp::{5000 + i}-:22",
                  "-global", f"isa-debug-exit.iosize={i}",
                  "-object", f'{{"qom-type":"memory-backend-ram","id":"m{i}","size":65536}}']
    return words


def instructions(vitrine, words):
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", vitrine, "run",
         "-machine", "none,accel=tcg", "-stop-at", "options.done", *words],
        capture_output=True, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def main():
    if not shutil.which("valgrind"):
        print("valgrind is not installed")
        return 77
    words = many_options()
    empty = instructions(sys.argv[1], [])
    full = instructions(sys.argv[1], words)
    print(f"no options {empty}, {len(words) // 2} options {full}: "
          f"{full - empty} more, {LIMIT} allowed")
    return 0 if full - empty < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
