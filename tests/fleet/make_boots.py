#!/usr/bin/env python3
"""A thousand boots to ask questions about, with answers that are known.

A few real boots of vitrine with different options are recorded; each becomes many by
edits that a seed decides: how fast the machine was, a step that takes longer, a step more,
a step less. Their times are made, ten microseconds for each beginning and end, so that what is
slow does not depend on the machine that recorded them. What was planted is written to FOLDER/planted.json, the traces to
FOLDER/traces.

usage: make_boots.py VITRINE FOLDER [BOOTS]
"""

import gzip
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys

BARE = ["-nodefaults", "-display", "none", "-stop-at", "machine.ready"]
# name, arguments, how many of a hundred boots are like this
KINDS = [
    ("pc", ["-machine", "pc,accel=tcg"], 60),
    ("pc-edu", ["-machine", "pc,accel=tcg", "-device", "edu"], 20),
    ("pc-2.12", ["-machine", "pc-i440fx-2.12,accel=tcg"], 10),
    ("isapc", ["-machine", "isapc,accel=tcg"], 8),
    ("none", ["-machine", "none,accel=tcg"], 2),
]
DAYS = 10
EVENT = re.compile(r'^(.*?"ts":)([\d.]+)(?:(,"dur":)([\d.]+))?(.*)$')
NUMBERS = re.compile(r'^(.*?"seq":)(\d+)(,"par":)(\d+)(,.*)$')
PLANTED = ('{"name":"register_module_init","cat":"module","ph":"i","pid":1,"tid":1,"ts":',
           ',"s":"t","seq":', 0, ',"par":', 0,
           ',"loc":"qom/module.h:1","args":{"type":"QOM","function":"%s"}},')


def ns(microseconds):
    whole, _, part = microseconds.partition(".")
    return int(whole) * 1000 + int((part + "000")[:3])


def us(nanoseconds):
    return f"{nanoseconds // 1000}.{nanoseconds % 1000:03}"


class Base:
    """A recorded boot, taken apart so that it can be written again with edits."""

    def __init__(self, text):
        self.lines = []  # (head, start, end or None, tail); tail is split where it has seq
        self.before, self.after = [], []
        for line in text.splitlines():
            match = EVENT.match(line)
            if match is None:
                (self.after if self.lines else self.before).append(line)
                continue
            head, start, dur, length, tail = match.groups()
            start = ns(start)
            numbers = NUMBERS.match(tail)
            tail = ((numbers[1], int(numbers[2]), numbers[3], int(numbers[4]), numbers[5])
                    if numbers else (tail, 0, "", 0, ""))
            self.lines.append((head, start, None if dur is None else start + ns(length), tail))
        self.set_times()
        self.length = max(end or start for _, start, end, _ in self.lines)
        self.header = next(i for i, line in enumerate(self.before) if '"vitrine_trace"' in line)
        self.phases = {re.search(r'"name":"([^"]*)"}}', tail[4])[1]: at
                       for at, (head, _, _, tail) in enumerate(self.lines)
                       if '"name":"phase","cat"' in head}

    def set_times(self):
        clock, around, ends = 0, [], {}

        def close(until):
            nonlocal clock
            while around and around[-1][0] != until:
                clock += 10_000
                ends[around.pop()[1]] = clock

        begins = []
        for at, (head, _, end, (_, seq, _, par, _)) in enumerate(self.lines):
            if seq:  # else an object's flow, which takes no time
                close(par)
                clock += 10_000
                if end is not None or '"ph":"B"' in head:
                    around.append((seq, at))
            begins.append(clock)
        close(0)
        self.lines = [(head, begins[at], None if end is None else ends[at], tail)
                      for at, (head, _, end, tail) in enumerate(self.lines)]

    def leaf(self, name, what):
        """The index of the first span of that name."""
        return next(i for i, (head, _, end, tail) in enumerate(self.lines)
                    if end is not None and f'"name":"{name}"' in head and what in tail[4])

    def instant(self, what):
        return next(i for i, (_, _, end, tail) in enumerate(self.lines)
                    if end is None and tail[1] and what in tail[4])

    def write(self, started, process, speed, delays=(), extra=(), drop=()):
        """The text of a boot; also the nanoseconds of its phases. `delays`: (index of a
        span, nanoseconds); `extra`: functions registered in front of the first step;
        `drop`: indices of instants."""
        late = sorted((self.lines[at][2], more) for at, more in delays)

        def place(time):
            return int(time * speed) + sum(more for end, more in late if time >= end)

        out = list(self.before)
        out[self.header] = self.renamed(started, process, len(extra) - len(drop))
        numbers, seq = {0: 0}, 0
        for name in extra:
            seq += 1
            head, one, _, two, _, tail = PLANTED
            out.append(f"{head}0.000{one}{seq}{two}0{tail % name}")
        phases = {}
        for at, (head, start, end, (one, old, two, par, tail)) in enumerate(self.lines):
            if at in drop:
                continue
            begin = place(start)
            dur = ""
            if end is not None:
                length = place(end) - begin
                dur = f',"dur":{us(length)}'
                if '"name":"phase","cat"' in head:
                    phases[tail[tail.rindex(":") + 2:tail.rindex('"')]] = length
            if old:
                seq += 1
                numbers[old] = seq
                out.append(f"{head}{us(begin)}{dur}{one}{seq}{two}{numbers[par]}{tail}")
            else:
                out.append(f"{head}{us(begin)}{dur}{one}")
        return "\n".join(out + self.after) + "\n", phases

    def renamed(self, started, process, more):
        line = re.sub(r'"started":"[^"]*"', f'"started":"{started}"', self.before[self.header])
        line = re.sub(r'"process":\d+', f'"process":{process}', line)
        return re.sub(r'"instants":(\d+)', lambda m: f'"instants":{int(m[1]) + more}', line)


def record(vitrine, folder):
    bases = {}
    for name, arguments, _ in KINDS:
        file = folder / f"{name}.json"
        subprocess.run([vitrine, "run", *arguments, *BARE, "-trace", f"file={file}"],
                       check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        bases[name] = Base(file.read_text(encoding="utf-8"))
    return bases


def started(boot, boots):
    day, second = boot * DAYS // boots, boot % (boots // DAYS or 1)
    return (f"2026-01-{day + 1:02}T{second // 3600:02}:{second // 60 % 60:02}:"
            f"{second % 60:02}.000Z")


def make(bases, folder, boots, rng):
    """Writes the boots; returns what was planted in which."""
    kinds = [name for name, _, share in KINDS for _ in range(share)]
    names = [rng.choice(kinds) for _ in range(boots)]
    pcs = [i for i, name in enumerate(names) if name == "pc"]
    slow = sorted(rng.sample(pcs, 5))
    extra = sorted(rng.sample([i for i in pcs if i not in slow], 3))
    lacking = sorted(rng.sample([i for i in range(boots) if i not in slow + extra], 4))
    phases = {}
    for boot, name in enumerate(names):
        base = bases[name]
        day = boot * DAYS // boots
        delays = []
        if boot in slow:
            # Twice as long, however slow the machine was that recorded it.
            delays.append((base.leaf("class_init", '"pci-device"'), base.length + 5_000_000))
        if day >= 7:
            delays.append((base.leaf("class_init", '"device"'), base.length // 20 + 2_000_000))
        text, times = base.write(
            started(boot, boots), 1000 + boot, rng.uniform(0.95, 1.05), delays,
            (["planted_rare"] if boot in extra else []) +
            (["planted_new"] if day >= 5 else []),
            [base.instant('"function":"pci_edu_register_types"')] if boot in lacking else [])
        for phase, length in times.items():
            phases.setdefault(phase, []).append(length)
        file = folder / f"day-{day}" / f"boot-{boot:04}.json"
        file.parent.mkdir(exist_ok=True)
        if boot % 4 == 0:
            file = file.with_name(file.name + ".gz")
            file.write_bytes(gzip.compress(text.encode(), 1))
        else:
            file.write_text(text, encoding="utf-8")
    return {"slow": slow, "extra": extra, "lacking": lacking, "phases": phases,
            "kinds": {name: names.count(name) for name in set(names)}}


def spoil(folder):
    """Files that are no boots, or no other ones."""
    good = sorted(folder.glob("day-3/*.json"))[0]
    (folder / "cut.json").write_bytes(good.read_bytes()[:100_000])
    (folder / "rubbish.json").write_text("no trace\n", encoding="utf-8")
    (folder / "notes.txt").write_text("not looked at\n", encoding="utf-8")
    shutil.copyfile(good, folder / "zz-copy.json")


def main():
    vitrine, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    boots = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "traces").mkdir(parents=True)
    planted = make(record(vitrine, folder), folder / "traces", boots, random.Random(4))
    spoil(folder / "traces")
    planted["boots"] = boots
    (folder / "planted.json").write_text(json.dumps(planted), encoding="utf-8")


if __name__ == "__main__":
    main()
