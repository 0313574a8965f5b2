#!/usr/bin/env python3
"""The folders are the architecture: a folder includes only what its row names.

A line `#include "folder/file.h"` is an edge. Any edge that the table does not
allow is a fault, because a reader must know from the folder what a line may touch.
"""

import re
import sys

from sources import read, tracked

# folder -> folders it may include besides itself.
ALLOWED = {
    "trace": set(),
    "trace/read": {"trace"},
    "qom": {"trace"},
    "kvm": {"trace"},
    "viz": {"trace", "trace/read"},
    "src/core": {"trace", "qom"},
    "src/hw": {"trace", "qom", "src/core"},
    "src/cpu": {"trace", "qom", "src/core"},
    "src/machine": {"trace", "qom", "src/core", "src/hw", "src/cpu"},
    "src/softcpu": {"trace", "src/core"},
    "src/accel": {"trace", "qom", "kvm", "src/core", "src/softcpu"},
    "src/backend": {"trace", "qom", "src/core"},
    "src/gdbstub": {"trace", "qom", "src/core"},
    "src/options": {"trace", "qom", "src/core"},
    "src/launcher": {"trace", "qom", "src/core", "src/options", "src/machine", "src/hw",
                     "src/cpu", "src/backend", "src/gdbstub", "src/tools"},
    "src/tools": {"trace", "trace/read", "qom", "kvm", "viz", "src/core", "src/softcpu",
                  "src/options", "src/launcher", "src/machine", "src/cpu"},
    # main.cc, and kvm_edition.cc: what stands in for a file that an edition leaves out
    # defines that file's function, so it includes its header.
    "src": {"trace", "qom", "src/core", "src/accel", "src/launcher", "src/tools",
            "src/options"},
}
# Headers of the outside world that one folder alone may name, with the reason.
ONLY_IN = [
    (re.compile(r"<linux/kvm\.h>"), {"kvm"}, "KVM's interface is spoken in one folder"),
    (re.compile(r"<(gvc|cgraph|graphviz/)"), {"viz"}, "Graphviz is hidden behind viz/graph.h"),
    (re.compile(r"<sqlite3\.h>"), {"viz"}, "SQLite is hidden behind viz/fleet/database.h"),
    (re.compile(r"<Zydis/"), {"src/softcpu"}, "only the software CPU decodes instructions"),
]
# The software CPU runs anywhere: no header of an operating system.
OS_HEADER = re.compile(r"<(sys|linux|unistd|fcntl|pthread|signal|poll|dlfcn|arpa|netinet)[/.]")
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|(<[^>]+>))', re.M)


def folder_of(name):
    parts = name.split("/")[:-1]
    for depth in range(len(parts), 0, -1):
        candidate = "/".join(parts[:depth])
        if candidate in ALLOWED:
            return candidate
    return None


def resolve(include):
    """The folder an include names: "core/irq.h" and "qom/type.h" differ by root."""
    first = include.split("/")[0]
    name = include if first in ("trace", "qom", "kvm", "viz") else "src/" + include
    return folder_of(name)


def faults():
    for name in tracked(".cc", ".h"):
        folder = folder_of(name)
        if folder is None or name.startswith(("tests/", "samples/", "book/")):
            continue
        for match in INCLUDE.finditer(read(name)):
            ours, system = match.groups()
            line = read(name)[:match.start()].count("\n") + 1
            where = f"{name}:{line}"
            if ours:
                target = resolve(ours)
                if target is None:
                    yield f'{where}: "{ours}" is in no folder of the table'
                elif target != folder and target not in ALLOWED[folder]:
                    yield f"{where}: {folder} may not include {target} ({ours})"
            else:
                for pattern, owners, why in ONLY_IN:
                    if pattern.match(system) and folder not in owners:
                        yield f"{where}: {system} belongs to {', '.join(owners)}: {why}"
                if folder == "src/softcpu" and OS_HEADER.match(system):
                    yield f"{where}: {system}: the software CPU knows no operating system"


def main():
    found = list(faults())
    print("\n".join(found) if found else "layers: every include is an allowed edge")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
