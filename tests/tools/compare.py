#!/usr/bin/env python3
"""`vitrine diff`, `check` and `import` as their users call them: what they print, and
their exit codes.

usage: compare.py VITRINE
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
BOOTS = ROOT / "tests" / "data" / "boots"
KVM, TCG = BOOTS / "pc-kvm.json.zst", BOOTS / "pc-tcg.json.zst"
GUEST = BOOTS / "guest-tcg.json.zst"
RULES = ROOT / "samples" / "rules" / "first-boot.json"
BARE = ["-nodefaults", "-display", "none"]


class Tests:
    def __init__(self, vitrine, folder):
        self.vitrine = vitrine
        self.folder = pathlib.Path(folder)
        self.failed = 0

    def run(self, *words):
        return subprocess.run([self.vitrine, *map(str, words)], capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, timeout=300)

    def expect(self, words, code, *texts):
        """Runs; the exit code and each text of the output must be as told."""
        done = self.run(*words)
        output = done.stdout + done.stderr
        missing = [text for text in texts if text not in output]
        if done.returncode != code or missing:
            self.failed += 1
            print(f"FAIL {' '.join(map(str, words))}\n  exit {done.returncode}, expected "
                  f"{code}; missing {missing}\n{output[:2000]}")
        return done.stdout

    def true(self, claim, holds):
        if not holds:
            self.failed += 1
            print(f"FAIL {claim}")

    # ---- diff -----------------------------------------------------------------------

    def diff_of_traces(self):
        self.expect(["diff", KVM, KVM], 0, "The same steps.")
        self.expect(["diff", KVM, TCG], 1, "The structure differs.", "First divergence",
                    "kvm-accel → tcg-accel", "Phase accelerator")
        self.expect(["diff", "--explain", KVM, TCG], 1,
                    "-machine accel=kvm  →  -machine accel=tcg")
        self.expect(["diff", "--all", KVM, TCG], 1, "kvm/", "in phase accelerator")
        self.expect(["diff", "--cat", "module", KVM, TCG], 0)
        report = json.loads(self.expect(["diff", "--json", KVM, TCG], 1))
        self.true("the first edit is the command line",
                  report["edits"][report["first"]]["b"]["step"] == "lookup_opt machine")
        self.expect(["diff", "-o", self.folder / "report", KVM, TCG], 1)
        self.true("the report is in the file",
                  "differs" in (self.folder / "report").read_text(encoding="utf-8"))

    def diff_of_runs(self):
        pair = ["--", "-M", "pc,accel=tcg", *BARE, "--", "-M", "isapc,accel=tcg", *BARE]
        self.expect(["diff", "--explain", *pair], 1, "isapc-machine")
        self.expect(["diff", "--a", "-smp 1", "--b", "-smp 1", "--", "-M", "none,accel=tcg",
                     *BARE], 0, "The same steps.")
        self.expect(["diff", "--confirm", "--a", "", "--b", "-smp 2", "--",
                     "-M", "pc,accel=tcg", *BARE], 1, "confirmed: changed alone",
                    "no -smp  →  -smp 2")

    def rows(self):
        files = {}
        for form in ("json", "ndjson"):
            files[form] = self.folder / f"boot.{form}"
            self.run("run", "-M", "pc,accel=tcg", *BARE, "-stop-at", "machine.ready",
                     "-trace", f"file={files[form]}")
        self.expect(["diff", files["json"], files["ndjson"]], 0, "The same steps.")

    def drawing(self):
        dot = self.folder / "objects.dot"
        done = self.run("diff", "--draw", dot, KVM, TCG)
        if "Graphviz" in done.stderr:
            print("drawing skipped: built without Graphviz")
            return
        self.true("the drawing names what was replaced",
                  "kvm-pit → isa-pit" in dot.read_text(encoding="utf-8"))
        types = self.folder / "types.dot"
        self.run("diff", "--draw-types", types, KVM, TCG)
        text = types.read_text(encoding="utf-8")
        self.true("the types of both accelerators fared differently",
                  "~ kvm-accel" in text and "1 object → class" in text
                  and "class → 1 object" in text)

    def page(self):
        page = self.folder / "diff.html"
        self.expect(["diff", "--html", page, "-o", self.folder / "report", KVM, TCG], 1)
        text = page.read_text(encoding="utf-8")
        self.true("the page asks for nothing from elsewhere",
                  "http" not in text.partition('type="application/json"')[0])

    # ---- guests ---------------------------------------------------------------------

    def guests(self):
        log = ROOT / "tests" / "data" / "linux" / "debian-6.1-boot.log"
        slow = self.folder / "slow.log"
        slow.write_text(log.read_text(encoding="utf-8").replace(
            "[    9.796755] Run /init", "[   14.796755] Run /init").replace(
            "[   10.553337] reboot", "[   15.553337] reboot"), encoding="utf-8")
        self.expect(["diff", "--guest", log, log], 0, "drivers", "user space")
        self.expect(["diff", "--guest", log, slow], 2, "! before user space",
                    'before "Run /init as init process"')
        report = json.loads(self.expect(["diff", "--guest", "--json", log, slow], 2))
        self.true("the phase that is slower is told", [
            phase["name"] for phase in report["phases"] if phase["time_differs"]]
            == ["before user space"])
        self.expect(["diff", "--guest", log, GUEST], 3, "no line here has a time stamp")
        self.expect(["diff", "--guest", log], 3, "2 traces are needed")

    def golden(self):
        golden = self.folder / "golden.json.zst"
        self.expect(["diff", "--golden", golden, KVM], 3, "write it with --update")
        self.expect(["diff", "--golden", golden, "--update", KVM], 0)
        self.expect(["diff", "--golden", golden, KVM], 0)
        self.expect(["diff", "--golden", golden, TCG], 1)
        self.expect(["diff", "--golden", golden, "--update", TCG], 0)
        self.expect(["diff", "--golden", golden, TCG], 0)

    def diff_errors(self):
        self.expect(["diff", KVM], 3, "2 traces are needed")
        self.expect(["diff", KVM, self.folder / "absent.json"], 3, "absent.json")
        self.expect(["diff", KVM, RULES], 3, "not a Vitrine trace")
        self.expect(["diff", "--", "-M", "pc"], 3, "of one side are missing")
        self.expect(["diff", "--a", "-M 'pc", "--b", "", "--", "-S"], 3, "a quote is not")
        self.expect(["diff", "--frobnicate", KVM, TCG], 3)
        # A start that fails is one that can be compared, too.
        self.expect(["diff", "--", "-M", "nonesuch", "--", "-M", "none"], 1,
                    "unsupported machine type")

    # ---- check ----------------------------------------------------------------------

    def check(self):
        self.expect(["check", GUEST, RULES], 0, "9 of 9 rules hold")
        self.expect(["check", RULES, "--", "-M", "pc,accel=tcg", *BARE], 0, "9 of 9")
        rules = self.folder / "rules.json"
        rules.write_text('{"schema":1,"rules":[{"id":"two","hint":"one is enough",'
                         '"count":{"event":"object_new type=*-machine","exactly":2}}]}',
                         encoding="utf-8")
        junit = self.folder / "junit.xml"
        self.expect(["check", "--junit", junit, GUEST, rules], 1, "expected", "got",
                    "where", "why", "hint      one is enough")
        suite = xml.etree.ElementTree.parse(junit).getroot()
        self.true("JUnit counts the failure", suite.get("failures") == "1")
        result = json.loads(self.expect(["check", "--json", GUEST, rules], 1))
        self.true("JSON counts the failure", result["failed"] == 1)
        rules.write_text('{"schema":1,"rules":[{"id":"x","cuont":1}]}', encoding="utf-8")
        self.expect(["check", GUEST, rules], 3, "rule 1 (x): a rule has no `cuont`")
        self.expect(["check", GUEST], 3, "give a trace and the rules")

    # ---- import ---------------------------------------------------------------------

    def imported(self):
        start = ROOT / "tests" / "data" / "qemu-4.0" / "startup-none-tcg.json"
        view = self.folder / "qemu.json"
        self.expect(["import", start, "-o", view], 0)
        self.expect(["trace", "validate", view], 0, "valid")
        self.expect(["diff", view, view], 0)
        table = self.expect(["import", start, "--parity-run"], 0, "select_machine", "parity")
        whole = table.splitlines()[-1].split()
        self.true("most of the bare start is as QEMU's", float(whole[-1].rstrip("%")) > 80)
        self.expect(["import", start, "--parity", GUEST], 0, "whole start")
        self.expect(["import", start], 1, "say what to do")


def main():
    with tempfile.TemporaryDirectory() as folder:
        tests = Tests(sys.argv[1], folder)
        tests.diff_of_traces()
        tests.diff_of_runs()
        tests.rows()
        tests.drawing()
        tests.page()
        tests.guests()
        tests.golden()
        tests.diff_errors()
        tests.check()
        tests.imported()
    return 1 if tests.failed else 0


if __name__ == "__main__":
    sys.exit(main())
