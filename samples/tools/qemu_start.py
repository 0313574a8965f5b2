#!/usr/bin/env python3
"""Records the start of any x86-64 QEMU whose functions have names: which functions of the
start are entered, which classes and objects are made, who becomes whose child, which
devices are realized. `vitrine import` reads what it writes:

    qemu_start.py -o start.json -- qemu-system-x86_64 -machine none -S
    vitrine import start.json --parity-run

It is a script for gdb and runs it by itself. Nothing of QEMU is changed or built. Arguments
are read from the registers in which the ABI passes them, and an object's type by following
three first members (object, its class, its type, the type's name), which have stood first
in every QEMU since there are objects. So no debugging information is needed, only names.

What names there are decides what is seen:

  * A QEMU built without stripping has them all: everything below is recorded.
  * A distribution's QEMU is stripped; left are the functions that modules may call. In
    Debian's 7.2 that is 9459 of them: `object_new`, `object_initialize`, `qdev_realize`,
    `object_property_add_child` and a part of the start's functions. Static ones are gone:
    `type_initialize` (so no classes), `device_set_realized` (so only what is realized by
    `qdev_realize`, not what a property or a bus realizes), `select_machine` and others. The
    result names them under "missing", and `vitrine import --parity` counts such steps as
    missing in it.
  * A call that the compiler inlined is seen in neither.

Ends when the main loop is entered, after --seconds, or with the program.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

# Functions of a start, of QEMU 2.x to 9.x: entered is all that is recorded.
FUNCTIONS = """qemu_init qemu_read_default_config_file user_register_global_props
module_call_init select_machine object_set_machine_compat_props set_memory_options
qemu_init_main_loop smp_parse machine_parse_smp_config configure_accelerator
configure_accelerators accel_init_machine kvm_init kvm_irqchip_create
object_set_accelerator_compat_props migration_object_init net_init_clients parse_numa_opts
numa_complete_configuration machine_run_board_init pc_init1 pc_cpus_init x86_cpus_init
pc_memory_init qdev_machine_creation_done qemu_run_machine_init_done_notifiers
rom_check_and_register_reset qdev_prop_check_globals accel_setup_post qmp_x_exit_preconfig
main_loop qemu_main_loop""".split()
ENDS = ("qemu_main_loop", "main_loop")

# What tells of types and objects. Of each line the first that has a name is enough: the
# later ones are what calls it.
SOURCES = {
    "class": [["type_initialize"]],
    "new": [["object_initialize_with_type"],
            ["object_new", "object_new_with_class", "object_initialize"]],
    "child": [["object_property_try_add_child", "object_property_add_child"]],
    "realize": [["device_set_realized"], ["qdev_realize"]],
}


# ---- inside gdb -------------------------------------------------------------------------

def inside_gdb():
    import gdb  # only there

    settings = json.loads(os.environ["QEMU_START"])
    events, missing, seen_end = [], [], []

    def word(address):
        return int.from_bytes(gdb.selected_inferior().read_memory(address, 8).tobytes(),
                              "little")

    def text(address, most=200):
        if address == 0:
            return ""
        out = b""
        while len(out) < most and b"\0" not in out:
            out += gdb.selected_inferior().read_memory(address + len(out), 1).tobytes()
        return out.split(b"\0")[0].decode(errors="replace")

    def register(name):
        return int(gdb.selected_frame().read_register(name)) & (2 ** 64 - 1)

    def type_of(thing):  # an object
        return text(word(word(word(thing))))

    def made(name):
        return {"object_new": lambda: text(register("rdi")),
                "object_new_with_class": lambda: text(word(word(register("rdi")))),
                "object_initialize": lambda: text(register("rdx")),
                "object_initialize_with_type": lambda: text(word(register("rdx")))}[name]()

    def class_begins():
        # Called again for a type that has its class: nothing happens then. It is the class
        # of one that was never seen.
        name = text(word(register("rdi")))
        if name in classes:
            return None
        classes.add(name)
        return ["class", name]

    def realized(name):
        if name == "device_set_realized":
            return ["realize" if register("rsi") & 0xff else "unrealize",
                    type_of(register("rdi"))]
        return ["realize", type_of(register("rdi"))]

    classes = set()
    HANDLERS = {
        "class": lambda name: class_begins(),
        "new": lambda name: ["new", made(name)],
        "child": lambda name: ["child", type_of(register("rdi")), text(register("rsi")),
                               type_of(register("rdx"))],
        "realize": realized,
    }

    class Point(gdb.Breakpoint):
        def __init__(self, address, name, kind):
            super().__init__(f"*{address:#x}", internal=True)
            self.silent = True
            self.name, self.kind = name, kind

        def stop(self):
            try:
                event = (["phase", self.name] if self.kind == "phase"
                         else HANDLERS[self.kind](self.name))
            except gdb.error as error:
                event = ["unreadable", self.name, str(error)]
            if event and not (event[0] == "child" and events and events[-1] == event):
                events.append(event)
            if self.kind == "phase" and self.name in ENDS:
                seen_end.append(self.name)
                return True
            return False

    def address_of(name):
        try:
            return int(gdb.parse_and_eval(f"(unsigned long)&{name}"))
        except gdb.error:
            return None

    gdb.execute("set pagination off")
    gdb.execute("set confirm off")
    gdb.execute("set print thread-events off")
    gdb.execute("handle SIGUSR1 SIGPIPE SIGALRM nostop noprint pass")
    gdb.execute("starti", to_string=True)
    points = 0
    for name in FUNCTIONS:
        if (address := address_of(name)) is None:
            missing.append(name)
        else:
            Point(address, name, "phase")
            points += 1
    for kind, lines in SOURCES.items():
        for names in lines:
            known = [(name, address_of(name)) for name in names]
            for name, address in known:
                if address is None:
                    missing.append(name)
                else:
                    Point(address, name, kind)
                    points += 1
            if all(address is not None for _, address in known):
                break
    try:
        if points:
            gdb.execute("continue", to_string=True)
    except gdb.error as error:
        events.append(["unreadable", "the program", str(error)])
    with open(settings["output"], "w", encoding="utf-8") as out:
        json.dump({"events": [e for e in events if e[0] != "unreadable"],
                   "unreadable": [e for e in events if e[0] == "unreadable"],
                   "missing": missing, "points": points,
                   "ended": seen_end[0] if seen_end else "the program ended first"}, out)
    if gdb.selected_inferior().pid:
        gdb.execute("kill")
    gdb.execute("quit 0")


# ---- outside ----------------------------------------------------------------------------

def write(path, recorded, command):
    kinds = [event[0] for event in recorded["events"]]
    with open(path, "w", encoding="utf-8") as out:
        out.write("{\n")
        for key, value in (
                ("what", "Startup of a QEMU, recorded by qemu_start.py with gdb"),
                ("command_line", " ".join([os.path.basename(command[0]), *command[1:]])),
                ("ended", recorded["ended"]), ("missing", recorded["missing"]),
                ("unreadable", recorded["unreadable"]),
                ("counts", {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)})):
            out.write(f' {json.dumps(key)}: {json.dumps(value)},\n')
        out.write(' "events": [\n')
        out.write(",\n".join("  " + json.dumps(event) for event in recorded["events"]))
        out.write("\n ]\n}\n")


def main():
    parser = argparse.ArgumentParser(
        description="Records the start of a QEMU with gdb, for `vitrine import`.",
        epilog="What is seen depends on the names the program still has: see the top of this "
               "file.")
    parser.add_argument("-o", "--output", required=True, help="the recorded start (JSON)")
    parser.add_argument("--gdb", default="gdb")
    parser.add_argument("--seconds", type=int, default=120, help="then it is given up")
    parser.add_argument("command", nargs="+", help="behind --: QEMU and its arguments")
    options = parser.parse_args()
    program = shutil.which(options.command[0])
    if program is None or shutil.which(options.gdb) is None:
        absent = options.gdb if program else options.command[0]
        raise SystemExit(f"qemu_start: there is no program {absent} here")
    with tempfile.TemporaryDirectory() as folder:
        found = os.path.join(folder, "found.json")
        environment = {**os.environ, "QEMU_START": json.dumps({"output": found})}
        try:
            done = subprocess.run(
                [options.gdb, "-nx", "-batch", "-q", "-x", os.path.abspath(__file__), "--args",
                 program, *options.command[1:]],
                env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                errors="replace", timeout=options.seconds)
        except subprocess.TimeoutExpired:
            raise SystemExit(f"qemu_start: not at the main loop after {options.seconds} s "
                             "(--seconds)") from None
        if not os.path.exists(found):
            raise SystemExit("qemu_start: gdb could not run the program:\n"
                             + (done.stderr or done.stdout)[-2000:])
        with open(found, encoding="utf-8") as file:
            recorded = json.load(file)
    if recorded["points"] == 0:
        raise SystemExit(f"qemu_start: {program} has no names of functions at all; "
                         "take one that is not stripped")
    write(options.output, recorded, options.command)
    print(f"{options.output}: {len(recorded['events'])} events, ended at {recorded['ended']}; "
          f"functions without a name here: {', '.join(recorded['missing']) or 'none'}")


if "QEMU_START" in os.environ:
    inside_gdb()
elif __name__ == "__main__":
    sys.exit(main())
