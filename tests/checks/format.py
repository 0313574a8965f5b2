#!/usr/bin/env python3
"""clang-format agrees with every source file. Without clang-format: says so, passes."""

import shutil
import subprocess
import sys

from sources import ROOT, tracked


def main():
    tool = shutil.which("clang-format") or shutil.which("clang-format-14")
    if not tool:
        print("format: SKIPPED, clang-format is not installed (./dev setup lint)")
        return 0
    files = tracked(".cc", ".h", ".c")
    result = subprocess.run([tool, "--dry-run", "--Werror", *files], cwd=ROOT,
                            capture_output=True, text=True)
    wrong = sorted({line.split(":")[0] for line in result.stderr.splitlines()
                    if "error:" in line})
    if wrong:
        print("format: run `./dev fmt`; these differ:\n  " + "\n  ".join(wrong))
        return 1
    print(f"format: {len(files)} files as clang-format writes them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
