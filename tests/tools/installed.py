#!/usr/bin/env python3
"""An installed vitrine: the one program in bin/ finds the others in libexec/vitrine.

usage: installed.py CMAKE BUILD
"""
import os
import subprocess
import sys
import tempfile


def main():
    cmake, build = sys.argv[1:]
    with tempfile.TemporaryDirectory() as prefix:
        subprocess.run([cmake, "--install", build, "--prefix", prefix], check=True,
                       stdout=subprocess.DEVNULL)
        program = os.path.join(prefix, "bin", "vitrine")
        start = ["-machine", "none", "-nodefaults", "-display", "none", "-stop-at",
                 "machine.ready"]
        for words in (["--version"], ["events", "--json"],
                      ["run", "-accel", "tcg", *start], ["run", *start]):
            done = subprocess.run([program, *words], capture_output=True, text=True,
                                  timeout=60)
            if done.returncode != 0:
                print(f"vitrine {' '.join(words)}: exit {done.returncode}\n{done.stderr}")
                return 1
        if sorted(os.listdir(os.path.join(prefix, "bin"))) != ["vitrine"]:
            print("more than vitrine in bin/")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
