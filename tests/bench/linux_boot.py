#!/usr/bin/env python3
"""How long Linux takes to boot under vitrine and under QEMU, one after the other.

Both run under KVM in the nested machine (tests/nested), the distribution's kernel with
an initial RAM disk of busybox, console on the serial port, `quiet`. Measured: seconds
from starting the program to the first line of /init, by the nested machine's clock (10 ms
steps), and whether the run ended as it should. The two take turns, so that a slow
moment of the host hits both; the medians are compared. Goal: at most 0.75 times QEMU.

usage: linux_boot.py --vitrine PROGRAM [--rounds N] [--traced] [--smp N]
"""

import argparse
import pathlib
import re
import shlex
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "nested"))
import linux_guest  # noqa: E402  (the folder is found above)
import nested  # noqa: E402

INIT = """echo "/init runs"
/bin/busybox poweroff -f
"""
BOARD = ["-m", "256M", "-nodefaults", "-display", "none", "-serial", "stdio", "-kernel",
         "/kernel", "-initrd", "/initrd", "-append", "console=ttyS0 panic=-1 quiet"]
# QEMU's files, and where in the nested machine it is told to look for them (-L).
QEMU_DATA = "usr/share/qemu"
QEMU_FILES = ("bios-256k.bin", "linuxboot_dma.bin", "kvmvapic.bin")
FOLDERS = ("/usr/share/seabios", "/usr/share/qemu", "/usr/lib/ipxe/qemu")

# t0: started, t1: first line seen, both in seconds since the nested machine started.
TIMED = """timed() {
  name=$1; shift; read t0 rest </proc/uptime
  timeout 120 "$@" 2>/tmp/errors | {
    t1=never
    while IFS= read -r line; do
      case "$line" in */init\\ runs*) read t1 rest </proc/uptime ;; esac
    done
    read t2 rest </proc/uptime
    echo "@@ $name $t0 $t1 $t2"
  }
  [ -s /tmp/errors ] && head -n 3 /tmp/errors
}
"""


def subjects(options):
    vitrine = ["vitrine", "run", "-machine", "pc,accel=kvm", "-cpu", "host"]
    smp = ["-smp", str(options.smp)]
    commands = {"vitrine": [*vitrine, *smp, *BOARD]}
    if options.traced:
        commands["traced"] = [*vitrine, *smp, *BOARD, "-trace", "file=/tmp/trace.json"]
    commands["qemu"] = ["qemu-system-x86_64", "-L", f"/{QEMU_DATA}", "-machine", "pc,accel=kvm",
                        "-cpu", "host", *smp, *BOARD]
    return commands


def qemu_files():
    found = ["--file", "/usr/bin/qemu-system-x86_64"]
    for name in QEMU_FILES:
        path = next((p for f in FOLDERS if (p := pathlib.Path(f, name)).is_file()), None)
        if path:
            found += ["--file", f"{path}={QEMU_DATA}/{name}"]
    return found


def measure(options, root, commands):
    """Name -> seconds to /init, in the order they were measured."""
    lines = [f"timed {name} {shlex.join(command)}"
             for _ in range(options.rounds + 1) for name, command in commands.items()]
    with tempfile.TemporaryDirectory() as scratch:
        initrd = pathlib.Path(scratch) / "initrd"
        initrd.write_bytes(linux_guest.initramfs(root, INIT))
        done = subprocess.run(
            [sys.executable, str(HERE.parent / "nested" / "nested.py"), "--timeout",
             str(options.timeout), "--cpus", str(options.cpus), "--memory", "2048",
             "--file", options.vitrine, *qemu_files(),
             "--file", f"{linux_guest.kernel(root)}=kernel", "--file", f"{initrd}=initrd",
             TIMED + "\n".join(lines)],
            capture_output=True, text=True, errors="replace")
    if done.returncode == 125:
        raise nested.Unavailable(done.stderr.strip())
    results = {name: [] for name in commands}
    for name, start, first, _ in re.findall(r"@@ (\w+) (\S+) (\S+) (\S+)", done.stdout):
        results[name].append(float("inf") if first == "never" else float(first) - float(start))
    for name, times in results.items():
        if len(times) != options.rounds + 1 or float("inf") in times:
            raise SystemExit(f"{name} reached /init {sum(t != float('inf') for t in times)} "
                             f"times of {options.rounds + 1}:\n{done.stdout[-2000:]}{done.stderr}")
    return {name: times[1:] for name, times in results.items()}  # the first only warms up


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vitrine", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--timeout", type=int, default=900, help="seconds for all of it")
    parser.add_argument("--cpus", type=int, default=2, help="of the nested machine")
    parser.add_argument("--smp", type=int, default=1, help="CPUs of the guests")
    parser.add_argument("--traced", action="store_true", help="measure a traced run, too")
    parser.add_argument("--cache", type=pathlib.Path, default=nested.ROOT / "build" / "nested")
    options = parser.parse_args()
    try:
        results = measure(options, nested.fetch(options.cache), subjects(options))
    except nested.Unavailable as reason:
        print(f"skip  {reason}")
        return 0
    qemu = statistics.median(results["qemu"])
    for name, times in results.items():
        print(f"{name:8} {statistics.median(times):6.2f} s to /init, {statistics.median(times) / qemu:.2f} "
              f"times QEMU   ({' '.join(f'{t:.2f}' for t in times)})")
    return 0 if statistics.median(results["vitrine"]) <= 0.75 * qemu else 1


if __name__ == "__main__":
    sys.exit(main())
