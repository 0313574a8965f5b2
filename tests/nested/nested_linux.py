#!/usr/bin/env python3
"""Boots the distribution's own Linux kernel, unmodified, under KVM in the nested machine:
the kernel and busybox that make that machine are the guest's too.

Guests in one nested machine: one with several CPUs that finds them by ACPI's tables and
switches the machine off, one that is told not to use ACPI (so its interrupts come by the
8259 pair, and PCI is looked for by trying) and resets it, and, where SeaBIOS and QEMU's
option ROM for it are installed, one that the firmware starts. What each /init printed and
how each run ended is compared. Exit status: 0 all as promised, 1 not (and what was printed), 77 the nested
machine cannot be had here.

usage: nested_linux.py --vitrine PROGRAM
"""

import argparse
import base64
import binascii
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import linux_guest  # noqa: E402  (the folder is found above)
import nested  # noqa: E402

SKIP = 77
BEGIN, END, TRACE = "@@guest ", "@@status ", "@@trace"
# The guest tells what it sees, waits by its own timer, and ends as its command line says.
INIT = """/bin/busybox mount -t proc none /proc
/bin/busybox mount -t sysfs none /sys
echo "/init: process $$, $(/bin/busybox nproc) CPUs"
echo "/init: command line $(/bin/busybox cat /proc/cmdline)"
echo "/init: $(/bin/busybox awk '/MemTotal/ {print int($2 / 1024 / 32) * 32}' /proc/meminfo) MiB"
echo "/init: PCI" $(/bin/busybox cat /sys/bus/pci/devices/0000:00:00.0/vendor /sys/bus/pci/devices/0000:00:00.0/device)
echo "/init: made by" $(/bin/busybox cat /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_version 2>/dev/null)
echo "/init: tables" $(cd /sys/firmware/acpi/tables 2>/dev/null && echo [A-Z]*)
/bin/busybox sleep 1
echo "/init: slept"
case $(/bin/busybox cat /proc/cmdline) in
*acpi=off*) /bin/busybox reboot -f ;;
*) /bin/busybox poweroff -f ;;
esac
"""
GUESTS = (
    # name, options, command line, promised lines
    ("acpi", ["-smp", "4", "-m", "256M"], "console=ttyS0 panic=-1 quiet one=1",
     ["/init: process 1, 4 CPUs", "/init: command line console=ttyS0 panic=-1 quiet one=1",
      "/init: 192 MiB", "/init: PCI 0x8086 0x1237", "/init: slept"]),
    ("no-acpi", ["-m", "192M", "-no-reboot", "-trace", "enable=guest_*,file=/console.json"],
     "console=ttyS0 panic=-1 acpi=off",
     ["/init: process 1, 1 CPUs", "/init: 128 MiB", "/init: PCI 0x8086 0x1237",
      "/init: slept"]),
)
# By firmware: its tables come by fw_cfg, and so does the kernel.
FIRMWARE = (("/usr/share/seabios/bios-256k.bin", "bios.bin"),
            ("/usr/share/qemu/linuxboot_dma.bin", "linuxboot_dma.bin"))
BY_FIRMWARE = ("firmware", ["-bios", "/bios.bin", "-L", "/", "-smp", "2", "-m", "256M"],
               "console=ttyS0 panic=-1 quiet two=2",
               ["/init: process 1, 2 CPUs",
                "/init: command line console=ttyS0 panic=-1 quiet two=2",
                "/init: made by Vitrine pc-i440fx-4.0", "/init: tables APIC DSDT FACP FACS",
                "/init: slept"])
if all(pathlib.Path(path).exists() for path, _ in FIRMWARE):
    GUESTS += (BY_FIRMWARE,)


# Phases of a kernel that says what it does.
PHASES = ("kernel start", "memory", "file systems and network", "before user space",
          "user space", "shutdown")


def shell_lines(timeout):
    lines = []
    for name, options, append, _ in GUESTS:
        run = shlex.join(["vitrine", "run", "-machine", "pc,accel=kvm", *options, "-nodefaults",
                          "-display", "none", "-serial", "stdio", "-kernel", "/kernel",
                          "-initrd", "/initrd", "-append", append])
        lines.append(f"echo; echo {shlex.quote(BEGIN + name)}; timeout {timeout} {run}; s=$?; "
                     f"echo; echo {END}$s")
    lines.append(f"echo {TRACE}; gzip -c /console.json | base64; echo {TRACE}")
    return "\n".join(lines)


def boot(options, root, kernel, init):
    with tempfile.TemporaryDirectory() as scratch:
        initrd = pathlib.Path(scratch) / "initrd"
        initrd.write_bytes(linux_guest.initramfs(root, init))
        firmware = [word for path, name in FIRMWARE if pathlib.Path(path).exists()
                    for word in ("--file", f"{path}={name}")]
        return subprocess.run(
            [sys.executable, str(HERE / "nested.py"), "--timeout", str(options.timeout),
             "--cpus", "2", *firmware, "--file", options.vitrine, "--file", f"{kernel}=kernel",
             "--file", f"{initrd}=initrd", shell_lines(options.timeout // 3)],
            capture_output=True, text=True, errors="replace")


def check(name, promised, text):
    """Whether the guest's part of the output has what was promised; says what has not."""
    part = text.partition(BEGIN + name + "\n")[2].partition(BEGIN)[0]
    part = part.partition(TRACE)[0].replace("\r", "")
    body, _, status = part.rpartition(END)
    missing = [line for line in promised if line not in body.splitlines()]
    if status.strip() != "0":
        missing.append(f"exit status 0 (it was {status.strip() or 'none'})")
    for line in missing:
        print(f"FAIL  {name}: {line}")
    if missing:
        print(f"  it printed:\n{body[-4000:]}")
    else:
        print(f"ok  {name}")
    return not missing


def check_phases(vitrine, text):
    """Whether the traced console tells the phases of the kernel; says what it does not."""
    with tempfile.TemporaryDirectory() as scratch:
        trace = pathlib.Path(scratch) / "console.json.gz"
        try:
            trace.write_bytes(base64.b64decode(text.replace("\r", "").split(TRACE)[1]))
        except (IndexError, binascii.Error) as error:
            print(f"FAIL  phases: no trace of the console: {error}")
            return False
        done = subprocess.run([vitrine, "diff", "--guest", "--json", trace, trace],
                              capture_output=True, text=True)
    found = ([phase["name"] for phase in json.loads(done.stdout)["phases"]]
             if done.returncode == 0 else [])
    missing = [phase for phase in PHASES if phase not in found]
    print(f"FAIL  phases: {missing} not among {found}; {done.stderr}" if missing
          else f"ok  phases: {len(found)}")
    return not missing


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vitrine", required=True)
    parser.add_argument("--timeout", type=int, default=800, help="seconds for all guests")
    parser.add_argument("--cache", type=pathlib.Path, default=nested.ROOT / "build" / "nested")
    options = parser.parse_args()
    try:
        root = nested.fetch(options.cache)
    except nested.Unavailable as reason:
        print(f"skip  {reason}")
        return SKIP
    done = boot(options, root, linux_guest.kernel(root), INIT)
    if done.returncode == 125:
        print(f"skip  {done.stderr.strip()}")
        return SKIP
    good = [check(name, promised, done.stdout) for name, _, _, promised in GUESTS]
    good.append(check_phases(options.vitrine, done.stdout))
    if done.returncode == 124:
        print(done.stderr.strip())
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
