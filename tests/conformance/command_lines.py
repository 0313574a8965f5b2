#!/usr/bin/env python3
"""The command lines that QEMU 4.0 was measured with, given to vitrine.

  errors    bad lines: the same text on stderr and the same exit status
  accepted  legal lines: the machine is started too, of the same type, with the same
            warnings

A line of vitrine's answer beyond QEMU's (the hint) is allowed. Prints agreement in
percent for each category and lists every disagreement with its reason, which
reasons.json gives: "later" is a feature still to be built, "host" depends on the host
that was measured, "differs" is deliberate. A disagreement without a reason, or a reason
without a disagreement, fails.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent / "data" / "qemu-4.0"
NAME = "qemu-system-x86_64"


def needs_other_host(case):
    """Lines measured where /dev/kvm was absent or forbidden, or whose text tells the host."""
    return case["category"] == "accel-no-kvm" or case.get("host_dependent", False)


def make_folder(folder, vitrine):
    """What the working directory of the measurement held."""
    os.symlink(os.path.abspath(vitrine), os.path.join(folder, NAME))
    with open(os.path.join(folder, "DISK.raw"), "wb") as disk:
        disk.truncate(16 << 20)
    pathlib.Path(folder, "notqcow.img").write_bytes(b"x" * 4096)
    pathlib.Path(folder, "nomach.cfg").write_text('[drive]\n  if = "none"\n')
    if shutil.which("qemu-img"):
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "DISK.qcow2", "16M"],
                       cwd=folder, check=True)


def run(folder, arguments):
    """(exit status, stderr, machine type) of one start that goes as far as it can."""
    trace = os.path.join(folder, "trace.json")
    command = [os.path.join(folder, NAME), "-stop-at", "machine.ready", "-trace",
               f"file={trace}", *arguments]
    try:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, timeout=20,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except subprocess.TimeoutExpired:
        return "timeout", "", None
    machine = None
    if os.path.exists(trace):
        with open(trace, encoding="utf-8") as text:
            header = json.load(text)[0]
        machine = header["args"]["metadata"].get("machine")
        os.unlink(trace)
    return done.returncode, done.stderr.decode(errors="replace"), machine


def same_text(theirs, ours):
    """Every line of theirs, in order; ours may say one line more."""
    theirs, ours = theirs.splitlines(), ours.splitlines()
    return ours[:len(theirs)] == theirs and len(ours) <= len(theirs) + 1


def check_error(folder, case):
    status, text, _ = run(folder, case["args"])
    want = 0 if case.get("accepted") else case["exit"]
    if status == want and same_text(case["stderr"], text):
        return None
    return f"exit {status}, not {want}\n{text}"


def check_accepted(folder, case):
    status, text, machine = run(folder, [*case["args"], "-display", "none", "-S"])
    started = status == 0
    if started != case["started"]:
        return f"started: {started}\n{text}"
    if not same_text(case["stderr"], text):
        return text or "(said nothing)\n"
    want = case.get("observed", {}).get("machine_type")
    return None if machine == want or not started else f"machine {machine}\n"


def examine(folder, kind, check, only):
    """Yields (category, arguments, disagreement or None, the measured text)."""
    with open(DATA / f"{kind}.json", encoding="utf-8") as text:
        cases = json.load(text)["cases"]
    for case in cases:
        line = " ".join(case["args"])
        if needs_other_host(case):
            continue
        if only is None or only in line:
            yield case["category"], line, check(folder, case), case["stderr"]


def report(kind, results, reasons, verbose):
    """Prints the table; returns how many answers are unexplained."""
    wrong = 0
    groups = {}
    for category, line, problem, theirs in results:
        reason = reasons.get(line)
        good, explained, all_of = groups.get(category, (0, 0, 0))
        groups[category] = (good + (problem is None),
                            explained + (problem is not None and reason is not None),
                            all_of + 1)
        if problem is None and reason is None:
            continue
        if problem is not None and reason is not None and not verbose:
            continue
        wrong += (problem is None) != (reason is None)
        print(f"\n{kind} / {category}: {line}")
        print(f"  reason: {reason}" if reason else "  NO REASON KNOWN"
              if problem else "  AGREES; its reason is out of date")
        if problem is not None:
            print("  4.0: " + theirs.replace("\n", "\n       "))
            print("  we:  " + problem.replace("\n", "\n       "))
    print(f"\n{kind:14}{'agree':>8}{'explained':>11}{'cases':>7}{'percent':>9}")
    for category, (good, explained, all_of) in sorted(groups.items()):
        print(f"{category:14}{good:8}{explained:11}{all_of:7}{100 * good / all_of:9.0f}")
    good = sum(g for g, _, _ in groups.values())
    total = sum(a for _, _, a in groups.values())
    explained = sum(e for _, e, _ in groups.values())
    in_scope = max(total - explained, 1)
    print(f"{'all':14}{good:8}{explained:11}{total:7}{100 * good / max(total, 1):9.0f}"
          f"   in scope: {100 * good / in_scope:.1f} %")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vitrine", required=True)
    parser.add_argument("--only", help="lines that contain this")
    parser.add_argument("--verbose", action="store_true", help="explained ones too")
    options = parser.parse_args()
    with open(HERE / "reasons.json", encoding="utf-8") as text:
        reasons = json.load(text)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        make_folder(folder, options.vitrine)
        for kind, check in (("errors", check_error), ("accepted", check_accepted)):
            results = list(examine(folder, kind, check, options.only))
            wrong += report(kind, results, reasons, options.verbose)
    print(f"\n{wrong} unexplained")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
