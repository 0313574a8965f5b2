#!/usr/bin/env python3
"""What comparing two traces costs, at three sizes: time, memory, and steps looked at.

The traces are made here: a start and a loop of exits, the second with edits spread over
it. Time and memory are of the whole `vitrine diff`, reading and reporting included.
Linear is: steps looked at divided by steps stays the same from size to size, and grows
with the number of edits no faster than they do.
"""
import argparse
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

KINDS = [
    ("vcpu_run", "vcpu", [("cpu", "identity", "integer")], [("reason", "state", "text")]),
    ("kvm_ioctl", "kvm", [("on", "identity", "text"), ("request", "identity", "text")],
     [("value", "state", "integer")]),
    ("cpu_out", "vcpu", [("port", "identity", "hex"), ("size", "identity", "natural"),
                         ("value", "state", "hex")], []),
    ("memory_region_ops_write", "device", [("device", "identity", "text"),
                                           ("offset", "identity", "hex")], []),
]


def field(name, role, kind):
    return f'{{"name":"{name}","role":"{role}","type":"{kind}","help":""}}'


def write_trace(path, groups):
    """`groups`: (value, port) of each exit; each is five events."""
    spans = 4 * len(groups)
    with open(path, "w", encoding="ascii") as out:
        out.write('[\n{"name":"vitrine_trace","ph":"M","pid":1,"tid":0,"args":{"schema":1,'
                  '"started":"2026-01-01T00:00:00.000Z","process":1,'
                  f'"spans":{spans},"instants":0,"counters":0,"open":0,"lost":0,'
                  '"unreadable":0,"metadata":{}}},\n'
                  '{"name":"process_name","ph":"M","pid":1,"tid":0,'
                  '"args":{"name":"vitrine"}},\n'
                  '{"name":"thread_name","ph":"M","pid":1,"tid":10,'
                  '"args":{"name":"vcpu 0"}},\n')
        for name, cat, fields, results in KINDS:
            out.write(f'{{"name":"event_kind","ph":"M","pid":1,"tid":0,"args":{{"name":"{name}",'
                      f'"cat":"{cat}","shape":"span","help":"",'
                      f'"fields":[{",".join(field(*f) for f in fields)}],'
                      f'"results":[{",".join(field(*f) for f in results)}]}}}},\n')
        seq = 0
        for value, port in groups:
            base = seq * 2.0

            def event(name, cat, par, args, offset, seq):
                out.write(f'{{"name":"{name}","cat":"{cat}","ph":"X","pid":1,"tid":10,'
                          f'"ts":{base + offset:.3f},"dur":{1.5 - offset / 10:.3f},'
                          f'"seq":{seq},"par":{par},"loc":"a.cc:1","args":{{{args}}}}},\n')

            event("vcpu_run", "vcpu", 0, '"cpu":0,"reason":"io"', 0, seq + 1)
            event("kvm_ioctl", "kvm", seq + 1,
                  '"on":"vcpu 0","request":"KVM_RUN","value":0', 0.1, seq + 2)
            event("cpu_out", "vcpu", 0, f'"port":"{port:#x}","size":1,"value":"{value:#x}"',
                  2, seq + 3)
            event("memory_region_ops_write", "device", seq + 3,
                  '"device":"isa-serial#1","offset":"0x0"', 2.1, seq + 4)
            seq += 4
        out.write('{"name":"trace_end","ph":"M","pid":1,"tid":0,"args":{"name":"end"}}\n]\n')


def edited(groups, edits, rng):
    """Inserted, removed and changed exits, spread evenly."""
    groups = list(groups)
    for at in sorted(rng.sample(range(len(groups)), edits), reverse=True):
        what = rng.randrange(3)
        if what == 0:
            groups.insert(at, (rng.randrange(256), 0x70 + rng.randrange(8)))
        elif what == 1:
            del groups[at]
        else:
            groups[at] = (rng.randrange(256), groups[at][1])
    return groups


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vitrine", default="build/release/bin/vitrine")
    parser.add_argument("--events", type=int, nargs="*",
                        default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--edits", type=int, nargs="*", default=[20, 200, 2000])
    parser.add_argument("--check", action="store_true",
                        help="fail unless the cost is linear (counts, not times)")
    options = parser.parse_args()
    print(f"{'events':>9} {'edits':>6} {'seconds':>8} {'MiB':>6} {'visits':>11} "
          f"{'a step':>7} {'found':>6}")
    per_step = {}
    with tempfile.TemporaryDirectory() as folder:
        a, b, report = (pathlib.Path(folder, n) for n in ("a.json", "b.json", "r.json"))
        for events in options.events:
            rng = random.Random(events)
            text = [rng.randrange(256) for _ in range(events // 4)]
            groups = [(c, 0x3f8 if i % 50 else 0x3f9) for i, c in enumerate(text)]
            write_trace(a, groups)
            for edits in options.edits:
                write_trace(b, edited(groups, edits, random.Random(edits)))
                start = time.monotonic()
                child = subprocess.Popen(
                    [options.vitrine, "diff", "--json", "--no-time", "-o", str(report),
                     str(a), str(b)])
                _, status, usage = os.wait4(child.pid, 0)
                seconds = time.monotonic() - start
                if os.waitstatus_to_exitcode(status) != 1:
                    raise SystemExit(f"vitrine diff ended with {status}")
                found = json.loads(report.read_text(encoding="utf-8"))
                per_step[events, edits] = found["visits"] / events
                print(f"{events:9} {edits:6} {seconds:8.2f} {usage.ru_maxrss / 1024:6.0f} "
                      f"{found['visits']:11} {found['visits'] / events:7.1f} "
                      f"{len(found['edits']):6}")
    if options.check:
        for edits in options.edits:
            costs = [per_step[events, edits] for events in options.events]
            if max(costs) > 2 * min(costs) + 2 * edits:
                raise SystemExit(f"not linear with {edits} edits: {costs}")


if __name__ == "__main__":
    sys.exit(main())
