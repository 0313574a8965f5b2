#!/usr/bin/env python3
"""The order of a start, ours beside QEMU 4.0's.

4.0's was recorded with a debugger (tests/data/qemu-4.0/startup-*.json): functions of the
start entered, classes made, objects made, children added, devices realized. Ours is taken
from the trace of the same command line. For each kind of step it prints how many agree in
order, how many of 4.0's are missing here, and how many of ours are extra.

Classes come in the order of a hash table in 4.0, so only what belongs to each is compared:
which are made at all, and the interface classes made within one, in order.

A missing or extra step must have its reason in startup_reasons.json unless it concerns a
type this program does not register; a reason that explains nothing fails too.
"""
import argparse
import difflib
import fnmatch
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent / "data" / "qemu-4.0"


# ---- the two sides ----------------------------------------------------------------------

def trace_of(vitrine, arguments):
    """The events of a start of ours with these arguments, up to the ready machine."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "trace.json")
        done = subprocess.run([vitrine, "run", *arguments, "-stop-at", "machine.ready",
                               "-trace", f"file={file}"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        if done.returncode != 0:
            raise SystemExit(f"vitrine run {' '.join(arguments)}: {done.stderr.decode()}")
        return json.loads(file.read_text(encoding="utf-8"))[1:]


def type_of(object_id):
    return object_id.rpartition("#")[0]


def our_steps(trace):
    """The trace in the words of the measured file: [kind, ...] in order."""
    words = {
        "object_new": lambda a: ["new", a["type"]],
        "object_initialize": lambda a: ["new", a["type"]],
        "object_property_add_child":
            lambda a: ["child", type_of(a["parent"]), a["name"], type_of(a["child"])],
        "device_set_realized":
            lambda a: ["realize" if a["value"] else "unrealize", type_of(a["device"])],
        "type_initialize": lambda a: ["class", a["name"]],
        "startup_step": lambda a: ["phase", a["function"]],
        "machine_set_property":
            lambda a: ["phase", f"machine_set_property {a['property']}={a['value']}"],
    }
    steps = []
    for event in trace:
        if event.get("ph") not in ("X", "B", "i"):
            continue
        word = words.get(event["name"], lambda a, name=event["name"]: ["phase", name])
        steps.append(word(event["args"]))
    return steps


def registered_types(trace):
    return {e["args"]["name"] for e in trace if e["name"] == "type_register"}


# ---- comparing --------------------------------------------------------------------------

def phases(steps, known):
    return [s[1] for s in steps if s[0] == "phase" and s[1].partition(" ")[0] in known]


def numbered_alike(name):
    """"irq[3]" and "irq[*]" are the same request: the first free index."""
    head, bracket, _ = name.partition("[")
    return head + "[*]" if bracket else name


def objects(steps, kind):
    found = [s[1:] for s in steps if s[0] == kind]
    if kind == "child":
        found = [[parent, numbered_alike(name), child] for parent, name, child in found]
    return [" ".join(step) for step in found]


def class_facts(steps):
    """One text for each class made: its name and its interface classes in order."""
    made = {s[1]: [] for s in steps if s[0] == "class" and "::" not in s[1]}
    for step in steps:
        if step[0] == "class" and "::" in step[1]:
            owner, _, interface = step[1].partition("::")
            made.setdefault(owner, []).append(interface)
    return [" ".join([name, *interfaces]) for name, interfaces in sorted(made.items())]


def types_in(text):
    """The types a step names: "new T", "child PARENT NAME CHILD"."""
    words = text.split()
    return {words[0], words[-1]}


def difference(theirs, ours):
    """(agreeing, missing here, extra here), all in order."""
    matcher = difflib.SequenceMatcher(None, theirs, ours, autojunk=False)
    agree, missing, extra = 0, [], []
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            agree += b - a
        else:
            missing += theirs[a:b]
            extra += ours[c:d]
    return agree, missing, extra


class Reasons:
    """Patterns ("new irq", "child * pam-*[*] *") with the reason each stands for."""

    def __init__(self, table):
        self.table = table
        self.used = set()

    def of(self, what, side, text):
        for pattern, reason in self.table.items():
            if fnmatch.fnmatchcase(f"{side} {what} {text}", pattern.replace("[", "[[]")):
                self.used.add(pattern)
                return reason
        return None

    def unused(self):
        return [pattern for pattern in self.table if pattern not in self.used]


def report(what, result, ignore, reasons, verbose):
    """Prints one row; returns the steps nobody explains."""
    agree, missing, extra = result
    not_ours = [text for text in missing if ignore(text)]
    missing = [text for text in missing if not ignore(text)]
    unexplained = []
    explained = {}
    for side, texts in (("missing", missing), ("extra", extra)):
        for text in texts:
            reason = reasons.of(what, side, text)
            if reason is None:
                unexplained.append(f"{side} {what} {text}")
            else:
                explained.setdefault(f"{side}: {reason}", []).append(text)
    print(f"  {what:9}{agree:6} agree{len(missing):6} missing{len(extra):6} extra"
          f"{len(not_ours):6} of types not registered here")
    if verbose:
        for reason, texts in explained.items():
            print(f"    {len(texts):4}  {reason}")
    return unexplained


def compare(measured, trace, reasons, verbose):
    theirs, ours = measured["events"], our_steps(trace)
    types = registered_types(trace)
    known_phases = {s[1].partition(" ")[0] for s in theirs if s[0] == "phase"}

    def foreign(text):
        return not types_in(text) <= types

    unexplained = report("phase", difference(phases(theirs, known_phases),
                                             phases(ours, known_phases)),
                         lambda text: False, reasons, verbose)
    their_classes, our_classes = class_facts(theirs), class_facts(ours)
    unexplained += report("class", difference(their_classes, our_classes),
                          lambda text: text.split()[0] not in types, reasons, verbose)
    for kind in ("new", "child", "realize"):
        unexplained += report(kind, difference(objects(theirs, kind), objects(ours, kind)),
                              foreign, reasons, verbose)
    return unexplained


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vitrine", default="build/release/bin/vitrine")
    parser.add_argument("--verbose", action="store_true", help="list the reasons too")
    parser.add_argument("measured", nargs="*", type=pathlib.Path,
                        help="default: those of tests/data/qemu-4.0")
    options = parser.parse_args()
    table = json.loads((HERE / "startup_reasons.json").read_text(encoding="utf-8"))
    reasons = Reasons(table)
    failed = skipped = False
    for file in options.measured or sorted(DATA.glob("startup-*.json")):
        measured = json.loads(file.read_text(encoding="utf-8"))
        arguments = measured["command_line"].split()[1:]
        print(" ".join(arguments))
        if "kvm" in measured["command_line"] and not pathlib.Path("/dev/kvm").exists():
            print("  skipped: no /dev/kvm here")
            skipped = True
            continue
        unexplained = compare(measured, trace_of(options.vitrine, arguments), reasons,
                              options.verbose)
        for text in unexplained:
            print(f"  no reason known: {text}")
        failed = failed or bool(unexplained)
    if not options.measured and not skipped:
        for pattern in reasons.unused():
            print(f"reason that explains nothing: {pattern}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
