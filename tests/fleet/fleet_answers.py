#!/usr/bin/env python3
"""What `vitrine fleet` says about a thousand boots, against what make_boots.py planted in
them: nothing lost, nothing invented, the same after a second look, after a loading that was
killed, and from a database that was exported.

usage: fleet_answers.py VITRINE FOLDER
"""

import contextlib
import json
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

FAILED = []


def true(claim, holds, *seen):
    if not holds:
        FAILED.append(claim)
        print(f"FAIL {claim}", *(str(one)[:1500] for one in seen))


def vitrine(program, *words, codes=(0,)):
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=800)
    if done.returncode not in codes:
        raise SystemExit(f"vitrine {words[0]} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def number_of(path):
    return int(re.search(r"boot-(\d+)", path)[1])


def answers(report):
    """A report without what tells how the boots were loaded."""
    return {key: value for key, value in report.items() if key != "files"}


def upper_median(values):
    return sorted(values)[len(values) // 2]


def check_files(report, planted):
    files = report["files"]
    true("every file is accounted for",
         files["loaded"] + files["bad"] + files["same_bytes"] + files["known"]
         == files["asked_for"] == planted["boots"] + 3, files)
    true("all boots are there", report["boots"] == planted["boots"], report["boots"])
    true("bad files are told", [pathlib.Path(bad["path"]).name for bad in report["bad"]]
         == ["cut.json", "rubbish.json"], report["bad"])
    true("the copy is no boot", files["same_bytes"] == 1, files)
    true("what is no trace by its name is counted", files["not_named_as_traces"] == 1, files)


def check_answers(report, planted):
    slow = report["slow"]
    true("exactly the slow boots are found",
         sorted(number_of(row["path"]) for row in slow) == planted["slow"], slow)
    ids = {row["boot"] for row in slow}
    first = {}
    for row in report["slow_steps"]:
        first.setdefault(row["boot"], row)
    true("each with the step that was slow",
         set(first) == ids and all(row["label"] == "class_init pci-device"
                                   for row in first.values()), first)
    rare = {(row["label"], row["boots"], row["lacking"]) for row in report["rare"]}
    few, lack = len(planted["extra"]), len(planted["lacking"])
    true("the step of three boots is rare",
         ("register_module_init QOM planted_rare", few, planted["boots"] - few) in rare, rare)
    true("the step that four boots lack is, too",
         ("register_module_init QOM pci_edu_register_types", planted["boots"] - lack, lack) in rare,
         rare)
    medians = {row["phase"]: (row["boots"], row["median_ns"]) for row in report["phases"]}
    expected = {f"phase {name}": (len(times), upper_median(times))
                for name, times in planted["phases"].items()}
    true("phases have the medians of the boots as written", medians == expected,
         medians, expected)
    true("ten days", [row["boots"] for row in report["periods"]] == [planted["boots"] // 10] * 10,
         report["periods"])
    true("the step that drifted is found",
         {row["label"] for row in report["drift"]} == {"class_init device"}, report["drift"])
    came = {row["label"]: row["came"][:10] for row in report["came_and_went"]}
    true("the step that came on the sixth day is found",
         came.get("register_module_init QOM planted_new") == "2026-01-06", came)
    true("every boot is in one structure",
         sum(row["boots"] for row in report["structures"]) == planted["boots"])
    # Each kind of boot before and after the new step; the edited ones by themselves.
    true("there are as many sets of steps as kinds and edits make",
         2 * len(planted["kinds"]) <= len(report["step_sets"])
         <= 2 * len(planted["kinds"]) + few + lack, len(report["step_sets"]))


def loaded_so_far(database):
    """Boots that another program sees in the database while it is being filled."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as seen:
            return seen.execute("SELECT count(*) FROM boot").fetchone()[0]
    except sqlite3.OperationalError:  # not there yet, or being made
        return 0


def killed_while_loading(program, folders, database):
    """Ends a loading by a signal once some boots are in the database for good."""
    loading = subprocess.Popen([program, "fleet", "--db", database, *folders],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while time.monotonic() < until and loading.poll() is None:
        if loaded_so_far(database) > 0:
            loading.send_signal(signal.SIGKILL)
            break
        time.sleep(0.005)
    return loading.wait() == -signal.SIGKILL


def kill_and_resume(program, ask, traces, work):
    part = [traces / "day-0", traces / "day-1"]
    whole = json.loads(vitrine(program, *ask, work / "whole.db", *part))
    broken = work / "killed.db"
    true("the loading was killed", killed_while_loading(program, part, broken))
    resumed = json.loads(vitrine(program, *ask, broken, *part))
    true("a killed loading left whole boots and is resumed",
         0 < resumed["files"]["known"] < whole["boots"]
         and answers(resumed) == answers(whole), resumed["files"])


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    traces, work = folder / "traces", folder / "work"
    planted = json.loads((folder / "planted.json").read_text(encoding="utf-8"))
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    database = work / "fleet.db"
    start = time.monotonic()
    ask = ["fleet", "--json", "--per", "day", "--db"]
    report = json.loads(vitrine(program, *ask, database, traces, codes=(2,)))
    print(f"{report['boots']} boots, {report['events']} events loaded and asked in "
          f"{time.monotonic() - start:.1f} s")
    check_files(report, planted)
    check_answers(report, planted)
    start = time.monotonic()
    again = json.loads(vitrine(program, *ask, database, traces, codes=(2,)))
    print(f"asked again in {time.monotonic() - start:.1f} s")
    true("a second look reads nothing and says the same",
         again["files"]["known"] == again["files"]["asked_for"]
         and answers(again) == answers(report), again["files"])
    kill_and_resume(program, ask, traces, work)
    vitrine(program, "export", "--to", "ndjson", "--db", database, "-o", work / "tables",
            codes=(2,))
    vitrine(program, "export", "--to", "sqlite", "--db", database, "-o", work / "copy.db",
            codes=(2,))
    copy = json.loads(vitrine(program, *ask, work / "copy.db", codes=(2,)))
    true("an exported database gives the same answers", answers(copy) == answers(report))
    (work / "report.json").write_text(json.dumps(report), encoding="utf-8")
    text = vitrine(program, "fleet", "--db", database, codes=(2,))
    true("the text names the slow boots", all(f"boot-{boot:04}" in text
                                              for boot in planted["slow"]))
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
