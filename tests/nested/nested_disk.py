#!/usr/bin/env python3
"""The distribution's Linux kernel with a virtio disk, under KVM in the nested machine.

Outside, mkfs makes an ext4 file system in a raw image. The guest loads its own virtio
drivers, mounts /dev/vda, reads a file, writes one, syncs and switches off. Outside again,
e2fsck finds nothing to repair and the file has the bytes that its checksum promises. Both
faces of the disk, and interrupts as messages (the modern one, with MSI-X) and by pin
(legacy, no vectors).

Beside it a virtio serial device of the same face: the guest prints on its console hvc0,
which is the standard output here, and reads there what is typed.

Exit status: 0 all as promised, 1 not (and what was printed), 77 the nested machine or
e2fsprogs cannot be had here.

usage: nested_disk.py --vitrine PROGRAM
"""

import argparse
import base64
import gzip
import hashlib
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import linux_guest  # noqa: E402  (the folder is found above)
import nested  # noqa: E402

SKIP = 77
SIZE = 16 << 20
TOOLS = ("mkfs.ext4", "e2fsck", "debugfs")
MODULES = ("virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev",
           "virtio_pci", "virtio_blk", "virtio_console")
LINES = 20000
CONTENT = "".join(f"{n}\n" for n in range(1, LINES + 1)).encode()
GREETING = b"put here by mkfs\n"
BEGIN, STATUS, IMAGE, END = "@@guest ", "@@status ", "@@image", "@@end"

INIT = f"""b=/bin/busybox
$b mount -t devtmpfs none /dev
$b mount -t proc none /proc
$b mkdir -p /mnt
for m in {' '.join(MODULES)}; do
  [ ! -e /modules/$m.ko ] || $b insmod /modules/$m.ko || echo "/init: no $m"
done
$b mount -t ext4 /dev/vda /mnt && echo "/init: mounted"
echo "/init: $($b cat /mnt/greeting)"
$b seq 1 {LINES} >/mnt/numbers && $b sync && echo "/init: written"
$b umount /mnt && echo "/init: unmounted"
echo "/init: $($b grep -c virtio /proc/interrupts) interrupts"
exec 3<>/dev/hvc0  # kept open: what was typed is forgotten when a terminal is closed
echo "hvc0 of the guest" >&3 && read line <&3 && echo "/init: typed $line"
for port in /dev/vport*p1; do echo "stream of the guest" >$port; done
$b poweroff -f
"""
PROMISED = ["/init: mounted", f"/init: {GREETING.decode().strip()}", "/init: written",
            "/init: unmounted", "hvc0 of the guest", "/init: typed by the host",
            "stream of the guest"]
FACES = (("modern", "disable-legacy=on"), ("legacy", "disable-modern=on,vectors=0"))


def make_image(path):
    path.write_bytes(b"")
    with path.open("r+b") as image:
        image.truncate(SIZE)
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "greeting").write_bytes(GREETING)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-d", folder, str(path)], check=True)


def shell_lines(timeout):
    lines = []
    for name, properties in FACES:
        run = shlex.join(["vitrine", "run", "-machine", "pc,accel=kvm", "-m", "256M",
                          "-nodefaults", "-display", "none", "-serial",
                          "file:/tmp/serial", "-kernel", "/kernel", "-initrd",
                          "/initrd", "-append", "console=ttyS0 panic=-1 quiet", "-drive",
                          "file=/tmp/disk,format=raw,if=none,id=d0", "-device",
                          f"virtio-blk-pci,drive=d0,{properties}", "-device",
                          f"virtio-serial-pci,{properties}", "-chardev", "stdio,id=c0",
                          "-device", "virtconsole,chardev=c0", "-chardev",
                          "file,id=c1,path=/tmp/stream", "-device",
                          "virtserialport,chardev=c1,name=org.example.stream"])
        lines += ["cp /disk /tmp/disk", f"echo; echo {shlex.quote(BEGIN + name)}",
                  f"echo by the host | timeout {timeout} {run}; s=$?; echo; "
                  f"cat /tmp/serial /tmp/stream; echo; echo {STATUS}$s",
                  f"echo {IMAGE}; gzip -c /tmp/disk | base64; echo {END}"]
    return "\n".join(lines)


def boot(options, root, scratch):
    image, initrd = scratch / "disk", scratch / "initrd"
    make_image(image)
    initrd.write_bytes(
        linux_guest.initramfs(root, INIT, linux_guest.modules(root, MODULES)))
    return subprocess.run(
        [sys.executable, str(HERE / "nested.py"), "--timeout", str(options.timeout),
         "--memory", "1024", "--file", options.vitrine, "--file",
         f"{linux_guest.kernel(root)}=kernel", "--file", f"{initrd}=initrd", "--file",
         f"{image}=disk", shell_lines(options.timeout // 3)],
        capture_output=True, text=True, errors="replace")


def faults_of_image(encoded, scratch):
    image = scratch / "after"
    try:
        image.write_bytes(gzip.decompress(base64.b64decode(encoded)))
    except (ValueError, EOFError, OSError) as error:
        yield f"the image did not come back: {error}"
        return
    fsck = subprocess.run(["e2fsck", "-f", "-n", str(image)], capture_output=True, text=True)
    if fsck.returncode != 0:
        yield f"e2fsck: {fsck.stdout}"
    numbers = subprocess.run(["debugfs", "-R", "cat /numbers", str(image)],
                             capture_output=True).stdout
    if hashlib.sha256(numbers).digest() != hashlib.sha256(CONTENT).digest():
        yield f"/numbers has {len(numbers)} bytes and another checksum"


def check(name, text, scratch):
    part = text.partition(BEGIN + name + "\n")[2].partition(BEGIN)[0].replace("\r", "")
    said, _, rest = part.partition(STATUS)
    status, _, image = rest.partition(IMAGE)
    # Not as whole lines: a terminal's echo of what is typed may come between.
    faults = [f"not said: {words}" for words in PROMISED if words not in said]
    if status.strip() != "0":
        faults.append(f"exit status {status.strip() or 'none'}")
    faults += faults_of_image(image.partition(END)[0], scratch)
    for fault in faults:
        print(f"FAIL  {name}: {fault}")
    print(f"  it printed:\n{said[-4000:]}" if faults else f"ok  {name}: e2fsck is content")
    return not faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--vitrine", required=True)
    parser.add_argument("--timeout", type=int, default=500, help="seconds for both guests")
    parser.add_argument("--cache", type=pathlib.Path, default=nested.ROOT / "build" / "nested")
    options = parser.parse_args()
    missing = [tool for tool in TOOLS if shutil.which(tool, path="/usr/sbin:/sbin:/usr/bin:/bin")
               is None]
    if missing:
        print(f"skip  no {missing[0]} here: apt-get install e2fsprogs")
        return SKIP
    try:
        root = nested.fetch(options.cache)
    except nested.Unavailable as reason:
        print(f"skip  {reason}")
        return SKIP
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        done = boot(options, root, scratch)
        if done.returncode == 125:
            print(f"skip  {done.stderr.strip()}")
            return SKIP
        good = [check(name, done.stdout, scratch) for name, _ in FACES]
    if done.returncode == 124:
        print(done.stderr.strip())
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
