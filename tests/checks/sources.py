"""What all checks agree on: which files are ours, and which folder is which layer."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def tracked(*suffixes):
    """Files of the project (tracked, or new and not ignored) with these suffixes."""
    out = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = sorted(set(out.split("\0")) - {""})
    return [n for n in names if n.endswith(suffixes) and (ROOT / n).is_file()]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")
