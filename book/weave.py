#!/usr/bin/env python3
"""Weaves the book: code by anchor, output by command, figures by command.

A chapter is plain Markdown. Three kinds of block are written by this program and
by nobody else; everything between their fences is replaced:

    ```cpp anchor=qom/module.cc#register_module_init     code between two lines
    ```                                                  `// [register_module_init]`

    ```console run="vitrine events --cat module"         the command and its output,
    ```                                                  run in an empty folder

    <!-- figure types.svg: vitrine types --root accel -o types.svg -->
    ![caption](figures/types.svg)

Commands run one after another in one scratch folder a chapter, with `vitrine` and
`samples/` in reach, through `sh`; ` ;; ` puts several into one block, each above its
own output. `keep=N` shows the first N lines, `grep=REGEX` the lines that match,
`status=N` expects that exit status (0 otherwise).

  weave.py --bin DIR            update every chapter in place, build the site
  weave.py --bin DIR --check    change nothing; fail on a lost or unused anchor, on a
                                changed output, on a failed command, on a dead link
"""

import argparse
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import publish
import reference

BOOK = pathlib.Path(__file__).resolve().parent
ROOT = BOOK.parent
SOURCES = ("trace", "qom", "kvm", "viz", "src")
BLOCK = re.compile(r"^```(?P<info>\w+ [^\n]*(?:anchor|run)=[^\n]*)\n.*?^```$"
                   r"|^<!-- figure (?P<figure>[\w.-]+): (?P<command>[^\n]*) -->$", re.M | re.S)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)")
MARK = re.compile(r"^\s*(?://|#|;) \[([\w-]+)\]\s*$")
TIMEOUT = 120

# The one list of what varies between two runs of the same command.
NORMALISE = [
    (re.compile(r'"(ts|dur)":[0-9.]+'), r'"\1":0.000'),
    (re.compile(r'(\.(?:cc|h)):\d+\b'), r"\1:N"),
    (re.compile(r"\b\d+(\.\d+)? ?(ms|us|µs|ns)\b"), r"N \2"),
    (re.compile(r"\b\d+(\.\d+)? M insn/s"), "N M insn/s"),
    (re.compile(r"0x[0-9a-f]{9,}"), "0x..."),
    (re.compile(r"/tmp/[\w./-]+"), "DIR"),
]


class Fault(Exception):
    """Something the reader would see wrong; the message names the place."""


def options(info):
    """`cpp anchor=a#b keep=3` -> {"anchor": "a#b", "keep": "3"}"""
    return dict(part.split("=", 1) for part in shlex.split(info)[1:] if "=" in part)


def anchored(reference_text):
    """The lines between the two `// [name]` marks of FILE#name, dedented."""
    name, _, anchor = reference_text.partition("#")
    path = ROOT / name
    if not path.is_file():
        raise Fault(f"anchor {reference_text}: there is no {name}")
    lines = path.read_text(encoding="utf-8").splitlines()
    at = [i for i, line in enumerate(lines) if MARK.findall(line) == [anchor]]
    if len(at) != 2:
        raise Fault(f"anchor {reference_text}: {len(at)} marks in the file, "
                    "a begin and an end are needed")
    body = lines[at[0] + 1:at[1]]
    indent = min((len(l) - len(l.lstrip()) for l in body if l.strip()), default=0)
    return "\n".join(line[indent:] for line in body).strip("\n")


def normalise(text):
    for pattern, replacement in NORMALISE:
        text = pattern.sub(replacement, text)
    return text


def run(command, folder, bin_dir, status=0):
    environment = dict(os.environ, PATH=f"{bin_dir}{os.pathsep}{os.environ['PATH']}",
                       LANG="C.UTF-8", LC_ALL="C.UTF-8", COLUMNS="90", NO_COLOR="1",
                       VITRINE_GUESTS=str(bin_dir.parent / "guests"))
    try:
        done = subprocess.run(["sh", "-c", command], cwd=folder, env=environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        raise Fault(f"`{command}` did not end within {TIMEOUT} s") from None
    if done.returncode != status:
        raise Fault(f"`{command}` ended with status {done.returncode}, not {status}:\n"
                    f"{done.stdout}")
    return normalise(done.stdout)


def listing(wanted, folder, bin_dir):
    """What a console block shows: each command behind a `$`, then its output."""
    shown = []
    for command in wanted["run"].split(" ;; "):
        lines = [line.rstrip() for line in
                 run(command, folder, bin_dir, int(wanted.get("status", 0))).splitlines()]
        if "grep" in wanted:
            lines = [line for line in lines if re.search(wanted["grep"], line)]
            if not lines:
                raise Fault(f"`{command}`: no line matches {wanted['grep']}")
        if "keep" in wanted and len(lines) > int(wanted["keep"]):
            lines = lines[:int(wanted["keep"])] + ["..."]
        shown += [f"$ {command}"] + lines
    return "\n".join(shown)


def weave(path, bin_dir):
    """The chapter's text as it should read, and its figures: {path: bytes}."""
    figures = {}
    with tempfile.TemporaryDirectory() as scratch:
        (pathlib.Path(scratch) / "samples").symlink_to(ROOT / "samples")

        def figure(name, command):
            run(command, scratch, bin_dir)
            made = pathlib.Path(scratch) / name
            if not made.is_file():
                raise Fault(f"`{command}` made no {name}")
            figures[path.parent / "figures" / name] = made.read_bytes()

        def block(match):
            if match["figure"]:
                figure(match["figure"], match["command"])
                return match[0]
            wanted = options(match["info"])
            body = (anchored(wanted["anchor"]) if "anchor" in wanted
                    else listing(wanted, scratch, bin_dir))
            return f"```{match['info']}\n{body}\n```"

        return BLOCK.sub(block, path.read_text(encoding="utf-8")), figures


def dead_links(path, text, made):
    for target in LINK.findall(text):
        there = pathlib.Path(os.path.normpath(path.parent / target))
        if there not in made and not there.exists():
            yield f"{path.relative_to(ROOT)}: link to {target}, which is not there"


def unused_anchors(texts):
    """Marks in the sources that no chapter asks for."""
    used = {options(m["info"]).get("anchor") for text in texts
            for m in BLOCK.finditer(text) if m["info"]}
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in (".cc", ".h"):
                continue
            name = path.relative_to(ROOT).as_posix()
            lines = path.read_text(encoding="utf-8").splitlines()
            for anchor in sorted({a for line in lines for a in MARK.findall(line)}):
                if f"{name}#{anchor}" not in used:
                    yield f"{name}: anchor [{anchor}] is used by no chapter"


def everything(bin_dir):
    """All pages as they should be {path: text}, all figures {path: bytes}, all faults."""
    pages, figures, faults, failed = {}, {}, [], set()
    for path in sorted(BOOK.glob("[0-9][0-9]-*/*.md")):
        try:
            pages[path], made = weave(path, bin_dir)
            figures.update(made)
        except Fault as fault:
            faults.append(f"{path.relative_to(ROOT)}: {fault}")
            pages[path] = path.read_text(encoding="utf-8")
            failed.add(path)
    faults += unused_anchors(pages.values())
    try:
        for name, text in reference.pages(lambda command: run(command, ROOT, bin_dir)):
            pages[BOOK / "reference" / name] = text
    except Fault as fault:
        faults.append(f"book/reference: {fault}")
    plain = {path: path.read_text(encoding="utf-8") for path in BOOK.glob("*.md")}
    for path, text in {**pages, **plain}.items():
        if path not in failed:  # its figures were not made
            faults += dead_links(path, text, set(pages) | set(figures))
    return pages, figures, faults


def differences(path, new):
    """The first line that is not as it should be, for the fault's message."""
    old = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    pairs = zip(old + [None], new.splitlines() + [None])
    number, (was, should) = next((i, p) for i, p in enumerate(pairs, 1) if p[0] != p[1])
    return f"line {number} says\n    {was}\n  and the program says\n    {should}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of vitrine")
    parser.add_argument("--check", action="store_true", help="change nothing, report faults")
    arguments = parser.parse_args()

    pages, figures, faults = everything(arguments.bin.resolve())
    for path, text in pages.items():
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if arguments.check:
            faults.append(f"{path.relative_to(ROOT)}: {differences(path, text)}\n"
                          "  Run ./dev book and read what has changed.")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if faults:
        print("\n".join(faults), file=sys.stderr)
        return 1
    if arguments.check:
        print(f"book: {len(pages)} pages say what the program says")
        return 0
    for path, content in figures.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    if not shutil.which("mkdocs"):
        print("book: pages updated; mkdocs is missing, so no site (./dev setup book)")
        return 0
    return publish.site(BOOK, ROOT / "build" / "book")


if __name__ == "__main__":
    sys.exit(main())
