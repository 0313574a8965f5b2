#!/usr/bin/env python3
"""A machine with a hardware-like /dev/kvm, anywhere: runs a command inside it.

QEMU's software CPU emulates AMD's SVM, so a Linux kernel started under it has a
/dev/kvm that runs everything. This program starts such a machine with the
distribution's own kernel, an initramfs that holds busybox, the kvm modules, the command's
programs with their libraries and the files it names, runs the command in it, and ends
with its output and exit status. No /dev/kvm, no root, no network of the host is used.

    nested.py [--file PATH[=NAME]]... [--timeout S] [--cpus N] [--memory MiB] -- COMMAND

COMMAND is one shell line, run in / with PATH=/bin. A --file goes to /NAME (default: its
last path part); a program is put into /bin with the shared libraries it needs.

Kernel and busybox come as packages, unpacked below --cache (default: build/nested): nothing
is installed into this machine. Exit status: the command's; 124 after a time-out; 125 if
the machine could not be made, with the reason on standard error.
"""

import argparse
import ctypes
import fcntl
import gzip
import mmap
import os
import pathlib
import platform
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
MARK = b"\n@@nested-status "

# Without nohz=off and highres=off the timer of a kernel under this emulation freezes now
# and then; without no_timer_check a kernel on a busy host takes late ticks for a broken
# board and stops; mitigations only cost time here.
APPEND = ("console=ttyS0 quiet panic=-1 nohz=off highres=off no_timer_check mitigations=off "
          "random.trust_cpu=on tsc=reliable")

INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin HOME=/ TERM=dumb
mount -t devtmpfs none /dev; mount -t proc none /proc; mount -t sysfs none /sys
mkdir -p /tmp /dev/pts; mount -t tmpfs none /tmp; mount -t devpts none /dev/pts
for module in irqbypass ccp kvm kvm-amd; do
  [ -e /modules/$module.ko ] && insmod /modules/$module.ko
done
stty -F /dev/ttyS1 raw -echo
cd /
sh /command </dev/null >/dev/ttyS1 2>&1
printf '\\n@@nested-status %d\\n' $? >/dev/ttyS1
poweroff -f
"""


class Unavailable(Exception):
    """The machine cannot be made here; the message says why and what to do."""


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def kernel_packages():
    """The newest distribution kernel and what carries its modules."""
    for meta in ("linux-image-cloud-amd64", "linux-image-virtual"):
        try:
            names, wanted = set(), [meta]
            while wanted:
                for line in output("apt-cache", "depends", "--no-recommends", "--no-suggests",
                                   wanted.pop()).splitlines():
                    match = re.match(r"\s*\|?Depends: (linux-(?:image|modules)-\d\S*)", line)
                    if match and match[1] not in names:
                        names.add(match[1])
                        wanted.append(match[1])
        except (OSError, subprocess.CalledProcessError):
            continue
        if any(name.startswith("linux-image-") for name in names):
            return sorted(names)
    raise Unavailable("no distribution kernel package is known to apt-cache: this needs "
                      "Debian or Ubuntu with package lists (apt-get update)")


def fetch(cache):
    """Unpacks kernel and busybox into cache/root, once, whoever comes first."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    with open(cache.with_suffix(".lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
        if not (cache / "complete").exists():
            unpack(cache)
    return cache / "root"


def unpack(cache):
    root = cache / "root"
    shutil.rmtree(cache, ignore_errors=True)
    root.mkdir(parents=True)
    packages = kernel_packages() + ["busybox-static"]
    try:
        subprocess.run(["apt-get", "download", *packages], cwd=cache, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for package in cache.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, root], check=True)
            package.unlink()
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(f"could not get {' '.join(packages)}: "
                          f"{getattr(error, 'stderr', None) or error}") from error
    (cache / "complete").touch()


def tsc_khz():
    """How fast the processor's time stamp counter runs, which QEMU passes on as it is; None
    where there is none. Both clocks run on while this process waits for its turn."""
    if platform.machine() != "x86_64":
        return None
    # rdtsc; shl rdx,32; or rax,rdx; ret
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("0f31 48c1e220 4809d0 c3"))
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    counter = ctypes.CFUNCTYPE(ctypes.c_uint64)(address)

    def together():
        """Both clocks at one moment: of several tries the one that took the least time."""
        tries = []
        for _ in range(20):
            before = time.monotonic_ns()
            ticks = counter()
            after = time.monotonic_ns()
            tries.append((after - before, ticks, (before + after) // 2))
        return min(tries)[1:]

    ticks, start = together()
    time.sleep(0.05)
    more_ticks, end = together()
    return round((more_ticks - ticks) * 1e6 / (end - start))


def append():
    """The kernel's command line. A kernel that has to find out by itself how fast the time
    stamp counter runs gets a wrong answer while the host is busy, and then its seconds are
    too short or too long by a factor."""
    khz = tsc_khz()
    return f"{APPEND} tsc_early_khz={khz}" if khz else APPEND


def unpacked(path):
    """A module's bytes; Ubuntu compresses them."""
    if path.suffix == ".zst":
        return subprocess.run(["zstd", "-dc", path], check=True, capture_output=True).stdout
    if path.suffix == ".xz":
        return subprocess.run(["xz", "-dc", path], check=True, capture_output=True).stdout
    return path.read_bytes()


def libraries(program):
    """Shared libraries of a program, its loader among them; none for a static one."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True)
    return re.findall(r"(/\S+) \(0x", listed.stdout) if listed.returncode == 0 else []


class Archive:
    """A cpio archive in the newc form the kernel unpacks."""

    def __init__(self):
        self.parts, self.seen, self.inode = [], set(), 0

    def add(self, name, data=b"", mode=stat.S_IFREG | 0o755):
        name = name.strip("/")
        if name in self.seen:
            return
        if "/" in name:
            self.add(name.rsplit("/", 1)[0], mode=stat.S_IFDIR | 0o755)
        self.seen.add(name)
        self.inode += 1
        encoded = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
        entry = b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
        entry += b"\0" * (-len(entry) % 4) + data
        self.parts.append(entry + b"\0" * (-len(entry) % 4))

    def bytes(self):
        self.add("TRAILER!!!", mode=0)
        return b"".join(self.parts)


def initramfs(root, files, command):
    archive = Archive()
    for folder in ("dev", "proc", "sys", "bin", "modules"):
        archive.add(folder, mode=stat.S_IFDIR | 0o755)
    busybox = [p for p in (root / "bin/busybox", root / "usr/bin/busybox") if p.is_file()]
    archive.add("bin/busybox", busybox[0].read_bytes())
    archive.add("init", INIT.encode())
    archive.add("command", command.encode() + b"\n")
    for module in root.glob("**/*.ko*"):
        name = module.name.split(".ko")[0]
        if name in ("irqbypass", "ccp", "kvm", "kvm-amd"):
            archive.add(f"modules/{name}.ko", unpacked(module))
    for given in files:
        source, _, name = given.partition("=")
        path = pathlib.Path(source)
        if not path.is_file():
            raise Unavailable(f"--file {source}: there is no such file")
        needed = libraries(path) if os.access(path, os.X_OK) else []
        folder = "bin/" if os.access(path, os.X_OK) and not name else ""
        archive.add(folder + (name or path.name), path.read_bytes())
        for library in needed:
            archive.add(library, pathlib.Path(library).read_bytes())
    return archive.bytes()


def run(arguments):
    qemu = shutil.which("qemu-system-x86_64")
    if not qemu:
        raise Unavailable("qemu-system-x86_64 is not installed (apt package qemu-system-x86)")
    root = fetch(arguments.cache)
    kernels = sorted(root.glob("boot/vmlinuz-*"))
    with tempfile.TemporaryDirectory() as scratch:
        image = pathlib.Path(scratch) / "initramfs.gz"
        image.write_bytes(gzip.compress(initramfs(root, arguments.file, arguments.command), 1))
        console = pathlib.Path(scratch) / "console"
        result = pathlib.Path(scratch) / "result"
        machine = [qemu, "-accel", "tcg,thread=multi", "-cpu", "EPYC,+svm,+npt", "-m",
                   str(arguments.memory), "-smp", str(arguments.cpus), "-nodefaults",
                   "-no-user-config", "-display", "none", "-no-reboot", "-kernel", kernels[-1],
                   "-initrd", image, "-append", append(), "-serial", f"file:{console}",
                   "-serial", f"file:{result}"]
        try:  # QEMU warns about features its CPU lacks: of interest only if it fails
            said = subprocess.run(machine, timeout=arguments.timeout, text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT).stdout
        except subprocess.TimeoutExpired:
            sys.stdout.buffer.write(result.read_bytes() if result.exists() else b"")
            print(f"nested: no end after {arguments.timeout} s", file=sys.stderr)
            return 124
        text = result.read_bytes() if result.exists() else b""
        body, mark, status = text.rpartition(MARK)
        if not mark:
            log = console.read_text(errors="replace") if console.exists() else ""
            raise Unavailable("the machine ended before the command did; QEMU and its "
                              f"console said:\n{said}{log[-2000:]}")
        sys.stdout.buffer.write(body)
        return int(status)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--file", action="append", default=[], metavar="PATH[=NAME]")
    parser.add_argument("--timeout", type=float, default=120, metavar="S")
    parser.add_argument("--cpus", type=int, default=1)
    parser.add_argument("--memory", type=int, default=1024, metavar="MiB")
    parser.add_argument("--cache", type=pathlib.Path, default=ROOT / "build" / "nested")
    parser.add_argument("command", metavar="COMMAND")
    try:
        return run(parser.parse_args())
    except Unavailable as reason:
        print(f"nested: {reason}", file=sys.stderr)
        return 125


if __name__ == "__main__":
    sys.exit(main())
