"""A Linux guest for the nested machine: the distribution's kernel, unmodified, and an
initramfs of busybox with an /init of ours. Both are what makes the nested machine, too.
"""

import gzip
import pathlib
import stat
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import nested  # noqa: E402  (the folder is found above)


def kernel(root):
    return sorted(root.glob("boot/vmlinuz-*"))[-1]


def modules(root, names):
    """Those that the guest's kernel has as modules: (name, bytes) for initramfs()."""
    found = ((name, next(root.glob(f"lib/modules/*/kernel/**/{name}.ko*"), None))
             for name in names)
    return [(f"modules/{name}.ko", nested.unpacked(path)) for name, path in found if path]


def initramfs(root, init, files=()):
    """The bytes of an initial RAM disk; `init`: a script for busybox's shell; `files`:
    (name, bytes) of what else is in it."""
    busybox = next(p for p in (root / "bin/busybox", root / "usr/bin/busybox") if p.is_file())
    archive = nested.Archive()
    for folder in ("dev", "proc", "sys", "bin"):
        archive.add(folder, mode=stat.S_IFDIR | 0o755)
    archive.add("bin/busybox", busybox.read_bytes())
    for name, data in files:
        archive.add(name, data)
    archive.add("init", b"#!/bin/busybox sh\n" + init.encode())
    return gzip.compress(archive.bytes(), 1)
