#!/usr/bin/env python3
"""Proves the recipes of CONTRIBUTING.md: each adds one file, and that is enough.

The ```cpp file=PATH blocks of the page are written into a copy of the sources; the copy
is built once, without tests; then every ```sh proves=NAME block is run with the new
programs on the PATH. usage: extend.py SCRATCH_FOLDER
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = re.compile(r"^```cpp file=(\S+)\n(.*?)^```$", re.M | re.S)
PROOF = re.compile(r"^```sh proves=(\S+)\n(.*?)^```$", re.M | re.S)


def copy_sources(target):
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                           cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in sorted(set(names.split("\0")) - {""}):
        if (ROOT / name).is_file() and not name.startswith(("book/", "tests/data")):
            destination = target / name
            destination.parent.mkdir(parents=True, exist_ok=True)
            if not destination.is_file() or destination.read_bytes() != (ROOT / name).read_bytes():
                shutil.copyfile(ROOT / name, destination)


def main():
    scratch = pathlib.Path(sys.argv[1]).resolve()
    sources, build = scratch / "sources", scratch / "build"
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    files, proofs = FILE.findall(page), PROOF.findall(page)
    if len(files) < 5 or len(files) != len(proofs):
        print(f"{len(files)} recipe files and {len(proofs)} proofs: the page lost one")
        return 1

    copy_sources(sources)
    for name, text in files:
        if (ROOT / name).exists():
            print(f"{name}: the recipe's file exists already")
            return 1
        (sources / name).write_text(text, encoding="utf-8")
    subprocess.run(["cmake", "-S", sources, "-B", build, "-G", "Ninja", "-DVITRINE_BUILD_TESTS=OFF",
                    "-DCMAKE_BUILD_TYPE=", "-DVITRINE_WERROR=ON"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", build], check=True, stdout=subprocess.DEVNULL)

    environment = dict(os.environ, PATH=f"{build}/bin{os.pathsep}{os.environ['PATH']}")
    failed = 0
    for name, script in proofs:
        done = subprocess.run(["sh", "-ec", script], cwd=scratch, env=environment, text=True,
                              capture_output=True, timeout=60)
        print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name}")
        if done.returncode:
            failed += 1
            print(script, done.stdout, done.stderr, sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
