#!/usr/bin/env python3
"""A pc as vitrine shows it with -d, compared with what was measured on QEMU 4.0.

  qom-tree  the objects. Numbers that depend on how many other devices there are
            (device[7], non-qdev-gpio[12]) are replaced by the type and a count of its own
  qtree     the lines of every device on its bus
  pci       the lines of every PCI device
  mtree     the lines of every address space and region

Prints matched / missing / extra; each missing or extra one has its reason in
composition_reasons.json, or the test fails. A reason nobody needs fails too.
"""
import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent / "data" / "qemu-4.0"


def measured(name):
    """[(path, type)] of a file of lines "PATH TYPE"; a path may hold blanks."""
    lines = (DATA / f"{name}.txt").read_text().splitlines()
    return [tuple(line.rsplit(" ", 1)) for line in lines]


def printed(text):
    """The same of the lines that -d qom-tree prints."""
    rows, path = [], []
    for line in text.splitlines():
        match = re.fullmatch(r"( *)/(.*) \((.*)\)", line)
        if not match:
            continue
        depth = len(match[1]) // 2
        path[depth:] = [match[2]]
        if depth:
            rows.append(("/" + "/".join(path), match[3]))
    return rows


def canonical(rows):
    """{path: type} with numbered names replaced, e.g. device[3] by PIIX3#0."""
    def number(path):
        return [int(n) for n in re.findall(r"\[(\d+)\]", path)]

    names, counts, result = {}, collections.Counter(), {}
    for path, kind in sorted(rows, key=lambda row: (row[0].count("/"), number(row[0]), row[0])):
        parent, _, name = path.rpartition("/")
        stem = re.fullmatch(r"(device|non-qdev-gpio)\[\d+\]", name)
        if stem and parent.endswith("/unattached"):
            name = f"{kind}#{counts[kind]}"
            counts[kind] += 1
        names[path] = names.get(parent, parent) + "/" + name
        result[names[path]] = kind
    return result


def tree_items(rows):
    return collections.Counter(f"{path} {kind}" for path, kind in canonical(rows).items())


def qtree_items(text):
    """Each line with the device it belongs to: "isa-pit#0: iobase = 64 (0x40)"."""
    counts, items, owner = collections.Counter(), collections.Counter(), {}
    for line in text.splitlines():
        depth, words = len(line) - len(line.lstrip()), line.strip()
        for deeper in [d for d in owner if d >= depth]:
            del owner[deeper]
        name = owner[max(owner)] if owner else ""
        if words.startswith("dev: "):
            kind = words[5:].partition(",")[0]
            items[f"{name}: {words}"] += 1
            owner[depth] = f"{kind}#{counts[kind]}"
            counts[kind] += 1
        elif words.startswith("bus: "):
            items[f"{name}: {words}"] += 1
            owner[depth] = words[5:]
        elif words:
            items[f"{name}: {words}"] += 1
    return items


def block_items(text):
    """Each line with the last one less indented than all others: the block's head."""
    items, head = collections.Counter(), ""
    heads = re.compile(r"  Bus .*:|address-space: .*|memory-region: .*")
    for line in text.splitlines():
        if heads.fullmatch(line):
            head = " ".join(line.split())
        if line.strip():
            items[f"{head}: {line.strip()}"] += 1
    return items


VIEWS = {"qom-tree": lambda text: tree_items(printed(text)), "qtree": qtree_items,
         "pci": block_items, "mtree": block_items}

# What was measured, with which options, and how the file is read.
MEASURED = [("qom-tree", "tree-pc-nodefaults", ["-nodefaults"]),
            ("qom-tree", "tree-pc-default", []),
            ("qtree", "qtree-pc-nodefaults", ["-nodefaults"]),
            ("pci", "pci-pc-nodefaults", ["-nodefaults"]),
            ("mtree", "mtree-pc-default", [])]


def facts(view, name):
    if view == "qom-tree":
        return tree_items(measured(name))
    return VIEWS[view]((DATA / f"{name}.txt").read_text())


def build(vitrine, view, options, firmware):
    with tempfile.NamedTemporaryFile("r") as log:
        command = [vitrine, "run", "-machine", "pc,accel=tcg", "-display", "none", "-bios",
                   firmware, *options, "-stop-at", "machine.ready", "-d",
                   view, "-D", log.name]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
        return VIEWS[view](log.read())


def reason_for(reasons, path):
    """The key of the first reason whose pattern fits, or None."""
    return next((key for key in reasons if re.search(key, path)), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vitrine", required=True)
    options = parser.parse_args()
    reasons = json.loads((HERE / "composition_reasons.json").read_text())
    used, bad = set(), []
    with tempfile.NamedTemporaryFile() as firmware:
        firmware.write(bytes(256 << 10))
        firmware.flush()
        for view, name, given in MEASURED:
            theirs = facts(view, name)
            ours = build(options.vitrine, view, given, firmware.name)
            lost, extra = theirs - ours, ours - theirs
            total = theirs.total()
            print(f"{name}: matched {total - lost.total()} of {total}, "
                  f"missing {lost.total()}, extra {extra.total()}")
            for kind, items in (("missing", lost), ("extra", extra)):
                for item in items:
                    key = reason_for(reasons[kind], f"{view} {item}")
                    used.add((kind, key))
                    if key is None:
                        bad.append(f"{kind} without a reason: {view} {item}")
    for kind, rows in reasons.items():
        for key, why in rows.items():
            print(f"  {kind} {key}: {why}")
            if (kind, key) not in used:
                bad.append(f"a reason nobody needs: {kind} {key}")
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
