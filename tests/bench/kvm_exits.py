#!/usr/bin/env python3
"""What vitrine adds to KVM, against a bare KVM_RUN loop in C (bare_kvm_loop.c).

Two questions, each answered by whole processes run in turn (A B C A B C ...), so that
a slow moment of the machine hits all of them, and by medians:

  exits   how long 100 000 port exits take, from the guest's '<' to its '>' on the
          serial line; and the whole process with its end
  start   from starting the process to the guest's first OUT, its third instruction,
          as the process that started it sees it

Goals: exits, traced, at most 1.05 times the bare loop; start, traced, at most 3 ms.
"""
import argparse
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
# mov dx,0x3f8; mov al,'!'; out dx,al; mov dx,0xf4; mov al,0x10; out dx,al; hlt
FIRST_OUT = bytes.fromhex("baf803 b021 ee baf400 b010 ee f4")
BOARD = ["-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio",
         "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4"]


def build_bare(folder):
    binary = os.path.join(folder, "bare_kvm_loop")
    subprocess.run(["cc", "-O2", "-pthread", "-o", binary, str(HERE / "bare_kvm_loop.c")], check=True)
    return binary


def subjects(options, bare, trace, irqchip):
    """Name -> command without the image, for one way of placing the irqchip. "bare pc" is
    the bare loop that makes a PC's requests: no start can be shorter."""
    machine = f"pc,accel=kvm,kernel_irqchip={irqchip}"
    vitrine = [options.vitrine, "run", "-machine", machine, *BOARD]
    chips = ["irqchip"] if irqchip == "on" else []
    return {
        "bare loop": lambda image: [bare, image, *chips],
        "bare pc": lambda image: [bare, image, *chips, "pc"],
        "vitrine": lambda image: [*vitrine, "-kernel", image],
        "vitrine traced": lambda image: [*vitrine, "-kernel", image, "-trace", f"file={trace}"],
    }


def cpu_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(command, characters):
    """For each of the guest's characters the seconds from start; seconds to the end; CPU
    seconds of the whole process."""
    cpu = cpu_of_children()
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, bufsize=0)
    seen = {}
    while chunk := os.read(process.stdout.fileno(), 4096):
        now = time.perf_counter() - start
        for byte in chunk.decode():
            seen.setdefault(byte, now)
    errors = process.stderr.read().decode()
    process.wait()
    end = time.perf_counter() - start
    if process.returncode != 33 or any(c not in seen for c in characters):
        raise SystemExit(f"{' '.join(command)}\nended with {process.returncode}: {errors}")
    return [seen[c] for c in characters], end, cpu_of_children() - cpu


def measure(options, commands, image, characters):
    """Name -> list of results, taken in turn; the first round only warms up."""
    results = {name: [] for name in commands}
    for turn in range(options.rounds + 1):
        for name, command in commands.items():
            result = run(command(image), characters)
            if turn > 0:
                results[name].append(result)
    return results


def table(title, columns, rows):
    """rows: name -> list of tuples, one a round. The ratio is of the first column, each
    round against the same round of the first row, and then the median and, as a measure of
    the machine's noise, the quartiles: a slow minute of the machine is in both."""
    print(f"\n{title}")
    print(f"  {'':16}" + "".join(f"{c:>16}" for c in columns) +
          f"{'ratio':>9}{'quartiles':>16}")
    floor = next(iter(rows.values()))
    for name, rounds in rows.items():
        medians = [statistics.median(column) for column in zip(*rounds)]
        ratios = [mine[0] / bare[0] for mine, bare in zip(rounds, floor)]
        low, ratio, high = statistics.quantiles(ratios, n=4)
        print(f"  {name:16}" + "".join(f"{v:16.3f}" for v in medians) +
              f"{ratio:9.3f}{low:9.3f} {high:.3f}")


def exits(options, commands, irqchip):
    image = str(options.images / "pio_loop.bin")
    rows = {}
    for name, results in measure(options, commands, image, "<>").items():
        rows[name] = [((end - begin) * 10, whole * 1000, cpu * 1000)
                      for (begin, end), whole, cpu in results]
    table(f"100 000 exits, kernel_irqchip={irqchip} (median of {options.rounds})",
          ("us an exit", "process ms", "process CPU ms"), rows)


def start(options, commands, irqchip, folder):
    image = pathlib.Path(folder) / "first_out.bin"
    image.write_bytes(FIRST_OUT)
    rows = {}
    for name, results in measure(options, commands, str(image), "!").items():
        rows[name] = [(marks[0] * 1000, whole * 1000) for marks, whole, _ in results]
    table(f"start to the guest's first OUT, kernel_irqchip={irqchip} "
          f"(median of {options.rounds})", ("ms", "process ms"), rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vitrine", default="build/release/bin/vitrine")
    parser.add_argument("--images", type=pathlib.Path, help="default: guests/ beside bin/")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--irqchip", nargs="*", default=["off", "on"])
    parser.add_argument("--only", choices=["exits", "start"])
    options = parser.parse_args()
    options.images = options.images or pathlib.Path(options.vitrine).resolve().parents[1] / "guests"
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        print("/dev/kvm is not usable here: nothing to measure")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        bare = build_bare(folder)
        for irqchip in options.irqchip:
            commands = subjects(options, bare, os.path.join(folder, "trace.json"), irqchip)
            if options.only != "start":
                exits(options, commands, irqchip)
            if options.only != "exits":
                start(options, commands, irqchip, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
