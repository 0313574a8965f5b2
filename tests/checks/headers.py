#!/usr/bin/env python3
"""Every header compiles alone and twice: what it needs it includes itself."""

import concurrent.futures
import os
import shutil
import subprocess
import sys

from sources import ROOT, tracked

COMPILER = os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")


def check(name):
    include = name[4:] if name.startswith("src/") else name
    text = f'#include "{include}"\n#include "{include}"\n'
    command = [COMPILER, "-std=c++20", f"-I{ROOT}", f"-I{ROOT}/src", "-Wall", "-Wextra",
               "-Werror", "-fsyntax-only", "-x", "c++", "-"]
    result = subprocess.run(command, input=text, capture_output=True, text=True)
    return name, result.returncode, result.stderr


def main():
    headers = [h for h in tracked(".h")
               if h.startswith(("trace/", "qom/", "kvm/", "viz/", "src/"))]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, status, errors in pool.map(check, headers):
            if status:
                failed += 1
                print(f"{name} does not compile alone and twice:\n{errors}")
    print(f"headers: {len(headers) - failed} of {len(headers)} compile alone and twice")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
