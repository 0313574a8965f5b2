#!/usr/bin/env python3
"""Writes src/cpu/model_table.cc: what the CPU models of QEMU 4.0 hold, asked of a real
QEMU (7.2 was used) whose machine pc-i440fx-4.0 keeps 4.0's models.

QMP's query-cpu-model-expansion gives every property of a model. The software CPU of
QEMU switches one feature off in every model (vme), so that one is asked under KVM;
without /dev/kvm the script stops. One model of 4.0 is gone from newer releases; it is
kept below by hand.

    python3 tests/cpu/measure_models.py [--qemu qemu-system-x86_64] > src/cpu/model_table.cc
    clang-format -i src/cpu/model_table.cc

With --check it writes nothing and says whether the file is what QEMU answers: exit status
0 equal, 1 different, 77 no QEMU or no /dev/kvm here.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]
MACHINE = "pc-i440fx-4.0"

MODELS = """486 Broadwell Broadwell-IBRS Broadwell-noTSX Broadwell-noTSX-IBRS Cascadelake-Server
Conroe EPYC EPYC-IBPB Haswell Haswell-IBRS Haswell-noTSX Haswell-noTSX-IBRS Icelake-Client
Icelake-Server IvyBridge IvyBridge-IBRS KnightsMill Nehalem Nehalem-IBRS Opteron_G1 Opteron_G2
Opteron_G3 Opteron_G4 Opteron_G5 Penryn SandyBridge SandyBridge-IBRS Skylake-Client
Skylake-Client-IBRS Skylake-Server Skylake-Server-IBRS Westmere Westmere-IBRS athlon core2duo
coreduo kvm32 kvm64 n270 pentium pentium2 pentium3 phenom qemu32 qemu64""".split()

# Removed in 7.1, because no such processor was ever made.
ICELAKE_CLIENT = {
    "model-id": "Intel Core Processor (Icelake)", "vendor": "GenuineIntel", "family": 6,
    "model": 126, "stepping": 0, "level": 13, "xlevel": 0x80000008, "legacy-cache": True,
    "like": "Skylake-Client",
    "more": """wbnoinvd avx512vbmi umip pku avx512vbmi2 gfni vaes vpclmulqdq avx512vnni
               avx512bitalg avx512-vpopcntdq spec-ctrl ssbd""",
}

HEAD = """// The x86 CPU models of QEMU 4.0, written by tests/cpu/measure_models.py from what a real
// QEMU answered. Change the script, not this file.
#include "cpu/model_table.h"

namespace cpu {
namespace {

constexpr std::string_view intel = "GenuineIntel", amd = "AuthenticAMD";

constinit const Model models[] = {
"""

TAIL = """};

}  // namespace

std::span<const Model> model_rows() {
  return models;
}

}  // namespace cpu
"""


class Qemu:
    """A stopped machine with a QMP console on its standard streams."""

    def __init__(self, program, accel):
        self.process = subprocess.Popen(
            [program, "-machine", MACHINE, "-accel", accel, "-display", "none", "-nodefaults",
             "-S", "-qmp", "stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        line = json.dumps({"execute": command, "arguments": arguments})
        print(line, file=self.process.stdin, flush=True)
        while True:
            answer = json.loads(self.process.stdout.readline())
            if "return" in answer or "error" in answer:
                return answer.get("return")

    def model(self, name):
        # Levels as the model has them, not as its features raise them.
        answer = self.ask("query-cpu-model-expansion", type="full",
                          model={"name": name, "props": {"full-cpuid-auto-level": False}})
        return answer and answer["model"]["props"]

    def quit(self):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()


def feature_names():
    """The names in the table of feature words, in its order, each once."""
    header = (ROOT / "src/cpu/feature_words.h").read_text(encoding="utf-8")
    table = header[header.index("feature_words{{"):header.index("}};")]
    rows = re.findall(r'\.names =\s*((?:"[^"]*"\s*)+)', table)
    words = " ".join("".join(re.findall(r'"([^"]*)"', row)) for row in rows).split()
    return [name for name in dict.fromkeys(words) if name != "."]


def row(name, model, names):
    vendor = {"GenuineIntel": "intel", "AuthenticAMD": "amd"}[model["vendor"]]
    caches = "" if model["legacy-cache"] else " .caches = CacheStyle::epyc,"
    features = textwrap.wrap(" ".join(names), 60, break_on_hyphens=False)
    quoted = "\n".join(f'"{line} "' for line in features[:-1]) + f'\n"{features[-1]}"'
    return (f'{{.type = "{name}-x86_64-cpu", .model_id = "{model["model-id"]}", '
            f'.vendor = {vendor}, .family = {model["family"]}, .model = {model["model"]}, '
            f'.stepping = {model["stepping"]}, .level = {model["level"]}, '
            f'.xlevel = {model["xlevel"]:#x},{caches} .features = feature_set({quoted})}},\n')


def table(qemu):
    """The text of the file."""
    tcg, kvm = Qemu(qemu, "tcg"), Qemu(qemu, "kvm")
    known = feature_names()
    text = HEAD
    for name in MODELS:
        base, more = name, []
        if name == "Icelake-Client":
            base, more = ICELAKE_CLIENT["like"], ICELAKE_CLIENT["more"].split()
        model, with_vme = tcg.model(base), kvm.model(base)
        has = [n for n in known if n != "hypervisor" and
               (model.get(n) or n in more or n == "vme" and with_vme["vme"])]
        text += row(name, ICELAKE_CLIENT if more else model, has)
    tcg.quit()
    kvm.quit()
    return text + TAIL


def words_of(text):
    """A C++ text without its layout: strings joined, blanks and final commas gone."""
    text = re.sub(r'"\s+"', "", text)
    return re.sub(r",(?=})", "", re.sub(r"\s+", "", text))


def check(qemu):
    if shutil.which(qemu) is None or not os.access("/dev/kvm", os.R_OK | os.W_OK):
        print(f"SKIPPED: needs {qemu} and a usable /dev/kvm")
        return 77
    file = (ROOT / "src/cpu/model_table.cc").read_text(encoding="utf-8")
    if words_of(file) == words_of(table(qemu)):
        print(f"src/cpu/model_table.cc is what {qemu} answers")
        return 0
    print(f"src/cpu/model_table.cc is not what {qemu} answers: write it again")
    return 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--qemu", default="qemu-system-x86_64")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()
    if options.check:
        return check(options.qemu)
    print(table(options.qemu), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
