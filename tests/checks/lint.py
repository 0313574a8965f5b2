#!/usr/bin/env python3
"""clang-tidy over every source file of the program, several at once.

  lint.py BUILD [-j N] [PATH...]     files below PATH only, otherwise all

BUILD is a folder with compile_commands.json. One file takes some seconds, the whole some
minutes, so a clean answer is kept in BUILD/lint: a file is asked again when it changed,
a header of ours that it includes, its command, or .clang-tidy. Files that were never
asked come first. Ends with 1 when there are findings.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDERS = ("trace", "qom", "kvm", "viz", "src")
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


class Sources:
    """What a file consists of: its own bytes and those of our headers behind it."""

    def __init__(self):
        self.found = {}

    def headers(self, path):
        """The headers that a file names, as far as they are ours."""
        if path not in self.found:
            names = [name.decode() for name in INCLUDE.findall(path.read_bytes())]
            places = (path.parent, ROOT, ROOT / "src")
            self.found[path] = [next(place / name for place in places
                                     if (place / name).is_file())
                                for name in names
                                if any((place / name).is_file() for place in places)]
        return self.found[path]

    def parts(self, path):
        parts, waiting = set(), [path]
        while waiting:
            part = waiting.pop()
            if part not in parts:
                parts.add(part)
                waiting += self.headers(part)
        return sorted(parts)


def state_of(sources, path, commands):
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
    digest.update(json.dumps(commands).encode())
    for part in sources.parts(path):
        digest.update(str(part).encode() + b"\0" + part.read_bytes() + b"\0")
    return digest.hexdigest()


def commands_by_file(build):
    entries = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    commands = {}
    for entry in entries:
        path = pathlib.Path(entry["directory"], entry["file"])
        if path.is_relative_to(ROOT) and path.relative_to(ROOT).parts[0] in FOLDERS:
            commands.setdefault(path, []).append(entry["command"])
    return commands


def chosen(path, wanted):
    return not wanted or any(path.is_relative_to(part) for part in wanted)


def answer_file(build, path):
    return build / "lint" / str(path.relative_to(ROOT)).replace(os.sep, "+")


def ask(build, path, commands):
    """(exit status, findings); a clean answer is kept with the state asked about."""
    state = state_of(Sources(), path, commands)
    done = subprocess.run(["clang-tidy", "-p", str(build), "--quiet", str(path)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    text = done.stdout.decode(errors="replace")
    if done.returncode != 0 and not text:
        text = done.stderr.decode(errors="replace")
    if done.returncode == 0:
        answer_file(build, path).write_text(state, encoding="utf-8")
    return done.returncode, text


def to_ask(build, wanted):
    """(path, its commands) of every file without a clean answer, oldest answers first."""
    sources, waiting = Sources(), []
    for path, commands in commands_by_file(build).items():
        if not chosen(path, wanted) or not path.is_file():
            continue
        state, answer = state_of(sources, path, commands), answer_file(build, path)
        known = answer.read_text(encoding="utf-8") if answer.is_file() else None
        if known != state:
            age = answer.stat().st_mtime if known is not None else 0
            waiting.append((age, str(path), path, commands))
    return [(path, commands) for _, _, path, commands in sorted(waiting)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("paths", nargs="*", type=pathlib.Path)
    parser.add_argument("-j", type=int, default=os.cpu_count())
    options = parser.parse_intermixed_args()
    build = options.build.resolve()
    (build / "lint").mkdir(exist_ok=True)
    waiting = to_ask(build, [path.resolve() for path in options.paths])
    findings = 0
    with concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        asked = {pool.submit(ask, build, path, commands): path
                 for path, commands in waiting}
        for number, answer in enumerate(concurrent.futures.as_completed(asked), start=1):
            status, text = answer.result()
            name = asked[answer].relative_to(ROOT)
            print(f"[{number}/{len(waiting)}] {name}", flush=True)
            if status != 0:
                findings += 1
                print(text, flush=True)
    print(f"clang-tidy: {len(waiting)} files asked, {findings} with findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
