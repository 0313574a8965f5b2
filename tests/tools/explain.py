#!/usr/bin/env python3
"""Every command line of tests/data/command-lines, explained and started.

A file there holds one argument a line; comments tell where it comes from. `vitrine
explain` must explain each argument, as text, as JSON and as a drawing; `vitrine run` must
start the machine or refuse it with a reason. Neither may crash. The two lines of the
lecture have their known pairs. usage: explain.py VITRINE [--run|--explain]
"""

import json
import pathlib
import subprocess
import sys
import tempfile

LINES = pathlib.Path(__file__).resolve().parent.parent / "data" / "command-lines"
STATUSES = {"works", "ignored", "not built", "refused"}
TEXT_KEYS = {"text", "option", "group", "id", "type", "half", "status"}
# Argument -> (key, argument it belongs to), by their first words.
LECTURE = {
    "38-lecture-1.args": [("-net nic,", "hub", "-net tap,")],
    "40-lecture-2.args": [("-device virtio-blk-pci,", "drive", "-drive "),
                          ("-device virtio-net-pci,", "netdev", "-netdev tap,")],
    "libvirt-03-nova-lecture.args": [('-device {"driver":"virtio-blk-pci"', "drive",
                                      '-blockdev {"node-name":"libvirt-1-format"'),
                                     ('-device {"driver":"virtio-net-pci"', "netdev",
                                      "-netdev "),
                                     ("-mon ", "chardev", "-chardev socket,id=charmonitor")],
}


def words_of(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#") and line]


def call(command, folder):
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=60,
                          stdin=subprocess.DEVNULL)


def faults_of_shape(explained):
    for argument in explained["arguments"]:
        place = f"argument {argument.get('number')}"
        if not all(isinstance(argument.get(key), str) for key in TEXT_KEYS):
            yield f"{place}: a text is missing"
        if argument["status"] not in STATUSES:
            yield f"{place}: status {argument['status']!r}"
        if not all(argument["meaning"].get(lang) for lang in ("en", "zh")):
            yield f"{place}: {argument['text']} has no meaning"
        if argument["status"] in ("refused", "not built") and not argument["notes"]:
            yield f"{place}: {argument['status']} without a reason"
        for named in argument["names"]:
            if named["with"] is not None and argument["number"] not in \
                    explained["arguments"][named["with"] - 1]["used_by"]:
                yield f"{place}: its partner does not know it"


def faults_of_pairs(name, explained):
    arguments = explained["arguments"]
    for user, key, owner in LECTURE.get(name, []):
        found = [argument for argument in arguments if argument["text"].startswith(user)]
        partners = [arguments[named["with"] - 1]["text"] for argument in found
                    for named in argument["names"] if named["key"] == key and named["with"]]
        if not any(text.startswith(owner) for text in partners):
            yield f"{user}...: {key} leads to {partners}, not to {owner}..."


def option_words(help_text):
    """Every option that -help lists, with an argument where it takes one."""
    for line in help_text.splitlines():
        if line.startswith("-") and line.split()[0] not in ("-help", "-version"):
            name, _, rest = line.partition("  ")[0].partition(" ")
            yield [name, "x"] if rest else [name]


def meaning_faults(vitrine, folder):
    shown = call([vitrine, "run", "-help"], folder).stdout.decode()
    words = [word for option in option_words(shown) for word in option]
    done = call([vitrine, "explain", "--json", "--", *words], folder)
    for argument in json.loads(done.stdout)["arguments"]:
        if not argument["option"] or not argument["meaning"]["zh"]:
            yield f"{argument['text']}: no meaning"
    if len(words) < 150:
        yield "the help lists too few options"


def explain_faults(vitrine, path, folder):
    command = [vitrine, "explain"]
    for form in ([], ["--lang", "zh"], ["--json"], ["--format", "dot"]):
        done = call([*command, *form, "--", *words_of(path)], folder)
        if done.returncode != 0 or not done.stdout:
            yield f"explain {' '.join(form)}: {done.returncode} {done.stderr.decode()}"
            return
        if form == ["--json"]:
            explained = json.loads(done.stdout)
            yield from faults_of_shape(explained)
            yield from faults_of_pairs(path.name, explained)
    by_file = call([*command, "--json", "--file", str(path)], folder)
    if by_file.returncode != 0 or json.loads(by_file.stdout) != explained:
        yield "explain --file: not the same"


def run_faults(vitrine, path, folder):
    words = words_of(path)[1:]  # without the emulator's name
    done = call([vitrine, "run", *words, "-stop-at", "machine.ready"], folder)
    if done.returncode not in (0, 1):
        yield f"run: exit status {done.returncode}: {done.stderr.decode()}"
    if done.returncode == 1 and not done.stderr.startswith(b"vitrine"):
        yield f"run: refused without a reason: {done.stderr.decode()}"
    first = done.stderr.decode(errors="replace").splitlines()
    verdict = "started" if done.returncode == 0 else "refused"
    print(f"{path.name:36} {verdict}  {first[-1] if verdict == 'refused' else ''}"[:150])


def main():
    vitrine, which = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    with tempfile.TemporaryDirectory() as folder:
        found = list(meaning_faults(vitrine, folder))
    paths = sorted(LINES.glob("*.args"))
    for path in paths:
        with tempfile.TemporaryDirectory() as folder:
            checks = [] if which == "--run" else [explain_faults]
            checks += [] if which == "--explain" else [run_faults]
            for check in checks:
                found += [f"{path.name}: {fault}" for fault in check(vitrine, path, folder)]
    if len(paths) < 30:
        found.append(f"only {len(paths)} command lines")
    print("\n".join(found) or f"{len(paths)} command lines: each explained and started or "
          "refused for a reason")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
