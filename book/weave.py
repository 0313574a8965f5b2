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
`samples/` in reach, through `sh`. `keep=N` shows the first N lines, `grep=REGEX` the
lines that match, `status=N` expects that exit status (0 otherwise).

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

BOOK = pathlib.Path(__file__).resolve().parent
ROOT = BOOK.parent
BLOCK = re.compile(r"^```(?P<info>\w+ [^\n]*(?:anchor|run)=[^\n]*)\n.*?^```$"
                   r"|^<!-- figure (?P<figure>[\w.-]+): (?P<command>[^\n]*) -->$", re.M | re.S)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)")

# The one list of what varies between two runs of the same command.
NORMALISE = [
    (re.compile(r'"(ts|dur)":[0-9.]+'), r'"\1":0.000'),
    (re.compile(r"\b\d+(\.\d+)? ?(ms|us|µs|ns)\b"), r"N \2"),
    (re.compile(r"\b\d+(\.\d+)? M insn/s"), "N M insn/s"),
    (re.compile(r"0x[0-9a-f]{9,}"), "0x..."),
    (re.compile(r"/tmp/[\w./-]+"), "DIR"),
]


class Fault(Exception):
    """Something the reader would see wrong; the message names chapter and place."""


def options(info):
    """`cpp anchor=a#b keep=3` -> {"anchor": "a#b", "keep": "3"}"""
    return dict(part.split("=", 1) for part in shlex.split(info)[1:] if "=" in part)


def anchored(reference):
    """The lines between the two `// [name]` marks of FILE#name, dedented."""
    name, _, anchor = reference.partition("#")
    path = ROOT / name
    if not path.is_file():
        raise Fault(f"anchor {reference}: there is no {name}")
    mark = re.compile(rf"^\s*(//|#|;) \[{re.escape(anchor)}\]\s*$")
    lines = path.read_text(encoding="utf-8").splitlines()
    at = [i for i, line in enumerate(lines) if mark.match(line)]
    if len(at) != 2:
        raise Fault(f"anchor {reference}: {len(at)} marks, a begin and an end are needed")
    body = lines[at[0] + 1:at[1]]
    indent = min((len(l) - len(l.lstrip()) for l in body if l.strip()), default=0)
    return "\n".join(line[indent:] for line in body)


def normalise(text):
    for pattern, replacement in NORMALISE:
        text = pattern.sub(replacement, text)
    return text


def run(command, folder, bin_dir, status=0):
    environment = dict(os.environ, PATH=f"{bin_dir}{os.pathsep}{os.environ['PATH']}",
                       LANG="C.UTF-8", COLUMNS="90", NO_COLOR="1",
                       VITRINE_GUESTS=str(bin_dir.parent / "guests"))
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=environment, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120)
    if done.returncode != status:
        raise Fault(f"`{command}` ended with status {done.returncode}, not {status}:\n"
                    f"{done.stdout}")
    return done.stdout


def listing(wanted, folder, bin_dir):
    """What a console block shows: the command behind a `$`, then its output."""
    text = normalise(run(wanted["run"], folder, bin_dir, int(wanted.get("status", 0))))
    lines = [line.rstrip() for line in text.splitlines()]
    if "grep" in wanted:
        lines = [line for line in lines if re.search(wanted["grep"], line)]
        if not lines:
            raise Fault(f"`{wanted['run']}`: no line matches {wanted['grep']}")
    if "keep" in wanted and len(lines) > int(wanted["keep"]):
        lines = lines[:int(wanted["keep"])] + ["..."]
    return "\n".join([f"$ {wanted['run']}"] + lines)


def weave(path, bin_dir):
    """The chapter's text as it should read."""
    text = path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as scratch:
        (pathlib.Path(scratch) / "samples").symlink_to(ROOT / "samples")

        def block(match):
            if match["figure"]:
                return figure(match["figure"], match["command"], match[0])
            wanted = options(match["info"])
            body = anchored(wanted["anchor"]) if "anchor" in wanted else listing(
                wanted, scratch, bin_dir)
            return f"```{match['info']}\n{body}\n```"

        def figure(name, command, comment):
            run(command, scratch, bin_dir)
            made = pathlib.Path(scratch) / name
            if not made.is_file():
                raise Fault(f"`{command}` made no {name}")
            target = path.parent / "figures" / name
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(made, target)
            return comment

        return BLOCK.sub(block, text)


def dead_links(path, text):
    for target in LINK.findall(text):
        if not (path.parent / target).exists():
            yield f"{path.relative_to(ROOT)}: link to {target}, which is not there"


def unused_anchors(chapters):
    """Marks in the sources that no chapter asks for."""
    used = {options(m["info"])["anchor"] for text in chapters.values()
            for m in BLOCK.finditer(text) if "anchor=" in (m["info"] or "")}
    mark = re.compile(r"^\s*// \[(\w+)\]\s*$", re.M)
    for folder in ("trace", "qom", "kvm", "viz", "src"):
        for path in sorted((ROOT / folder).rglob("*.[ch]*")):
            name = path.relative_to(ROOT).as_posix()
            for anchor in sorted(set(mark.findall(path.read_text(encoding="utf-8")))):
                if f"{name}#{anchor}" not in used:
                    yield f"{name}: anchor [{anchor}] is used by no chapter"


def reference_pages(bin_dir):
    """Pages generated whole: events, options and types as the program tells them."""
    pages = {
        "events.md": ("Trace events", "vitrine events --markdown"),
        "options.md": ("Options of `vitrine run`", "vitrine run -help"),
        "types.md": ("Types", "vitrine types --format txt"),
    }
    for name, (title, command) in pages.items():
        body = normalise(run(command, ROOT, bin_dir))
        if not command.endswith("--markdown"):
            body = f"```text\n{body}```\n"
        yield BOOK / "reference" / name, f"# {title}\n\nMade by `{command}`.\n\n{body}"


def chapters():
    return [p for p in sorted(BOOK.glob("*/*.md")) if p.parent.name[:2].isdigit()]


def site():
    """mkdocs wants its pages below its configuration: both are copied to build/book."""
    stage = ROOT / "build" / "book"
    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(BOOK, stage / "docs", ignore=shutil.ignore_patterns("site", "*.py", "*.yml"))
    shutil.copyfile(BOOK / "mkdocs.yml", stage / "mkdocs.yml")
    return subprocess.run(["mkdocs", "build", "-q", "-f", stage / "mkdocs.yml",
                           "-d", BOOK / "site"]).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of vitrine")
    parser.add_argument("--check", action="store_true", help="change nothing, report faults")
    arguments = parser.parse_args()
    bin_dir = arguments.bin.resolve()

    faults, woven = [], {}
    for path in chapters():
        try:
            woven[path] = weave(path, bin_dir)
        except Fault as fault:
            faults.append(f"{path.relative_to(ROOT)}: {fault}")
    for path, text in list(woven.items()):
        faults += dead_links(path, text)
    faults += unused_anchors(woven)
    try:
        woven.update(reference_pages(bin_dir))
    except Fault as fault:
        faults.append(str(fault))

    for path, text in woven.items():
        old = path.read_text(encoding="utf-8") if path.is_file() else ""
        if old == text:
            continue
        if arguments.check:
            faults.append(f"{path.relative_to(ROOT)}: the program now says something else; "
                          "run ./dev book and read the difference")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if faults:
        print("\n".join(faults), file=sys.stderr)
        return 1
    if arguments.check:
        print(f"book: {len(woven)} pages say what the program says")
        return 0
    if not shutil.which("mkdocs"):
        print("book: pages updated; mkdocs is missing, so no site (./dev setup book)")
        return 0
    return site()


if __name__ == "__main__":
    sys.exit(main())
