#!/usr/bin/env python3
"""Debian's gdb debugs sample guests through `-gdb`, under every accelerator of this host.

Each session is a gdb script and what its output and the program's exit status must be;
a session that needs a watchpoint in the processor is left out where the processor's
debug registers do not reach guest code (module kvm_pvm).

Exit status: 0 all as expected, 1 not, 77 there is no gdb.
"""
import argparse
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile

SKIP = 77
TIMEOUT = 120  # seconds for one program; each needs one or two
BOARD = ["-nodefaults", "-display", "none", "-no-reboot", "-serial", "null",
         "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4"]
QUIET = ["set pagination off", "set confirm off", "set height 0", "set width 0"]

HELLO, SWITCH, BUSY = "hello_long.elf", "mode_switch.bin", "busy_loop.bin"


def accelerators():
    yield "tcg"
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR))
    except OSError:
        print("skip  kvm: /dev/kvm is not usable")
        return
    yield "kvm"
    yield "kvm,kernel_irqchip=off"


class Session:
    """One run of the program with debuggers that come and go."""

    def __init__(self, options, accel, guest, more=(), device="tcp::0"):
        self.image = options.images / guest
        self.command = [options.vitrine, "run", "-machine", f"pc,accel={accel}", *BOARD,
                        "-kernel", str(self.image), "-gdb", device, *more]
        self.program = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        text=True)
        self.target, self.errors = None, ""
        for line in self.program.stderr:
            self.errors += line
            found = re.search(r"target remote (\S+)", line)
            if found:
                self.target = found.group(1)
                break

    def script(self, lines, connect=True):
        words = [f"file {self.image}"] if self.image.suffix == ".elf" else []
        words += QUIET + ([f"target remote {self.target}"] if connect else [])
        handle, path = tempfile.mkstemp(suffix=".gdb")
        os.write(handle, "\n".join(words + list(lines) + [""]).encode())
        os.close(handle)
        return path

    def gdb(self, lines):
        path = self.script(lines)
        try:
            done = subprocess.run(["gdb", "-nx", "-batch", "-x", path], text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=TIMEOUT)
            return done.stdout
        finally:
            os.unlink(path)

    def end(self):
        try:
            self.errors += self.program.communicate(timeout=TIMEOUT)[1]
        except subprocess.TimeoutExpired:
            self.program.kill()
            self.errors += self.program.communicate()[1] + "\nno end\n"
        return self.program.returncode


class Failure(Exception):
    pass


def expect(text, *patterns):
    """Each pattern is found, in this order."""
    at = 0
    for pattern in patterns:
        found = re.compile(pattern, re.M).search(text, at)
        if not found:
            raise Failure(f"not found: {pattern}\n--- in ---\n{text}")
        at = found.end()


def expect_status(session, wanted):
    status = session.end()
    if status != wanted:
        raise Failure(f"status {status} instead of {wanted}\n{session.errors}")


# ---- the sessions ---------------------------------------------------------------------

def breakpoints(options, accel):
    """A breakpoint at a symbol; registers, memory, a step; the guest ends as without us."""
    session = Session(options, accel, HELLO, ["-S"])
    text = session.gdb(["break puts", "continue", "print/x $rip == &puts", "x/s $rsi",
                        "print $efer", "print $cr0", "info registers cs eflags cr3",
                        "stepi", "print/x $rip > (long)&puts", "x/2i start",
                        "delete", "hbreak finish", "continue", "continue"])
    expect(text, r"Breakpoint 1, 0x\w+ in puts", r"\$1 = 0x1", r"Hello from long mode",
           r"LME.*LMA", r"PE.*PG", r"^cs ", r"^eflags ", r"^cr3 .*PDBR", r"\$4 = 0x1",
           r"<start>:\s+lea ", r"Breakpoint 2, 0x\w+ in finish", r"exited with code 041")
    expect_status(session, 33)


def detach(options, accel):
    """After detaching the guest runs to its own end, past the breakpoint left behind."""
    session = Session(options, accel, HELLO, ["-S"])
    text = session.gdb(["break puts", "break finish", "continue", "detach"])
    expect(text, r"Breakpoint 1, ", r"Inferior 1 .* detached")
    expect_status(session, 33)


def many_breakpoints(options, accel):
    """More than the processor has debug registers."""
    session = Session(options, accel, HELLO, ["-S"])
    text = session.gdb([*(f"break *(start+{offset})" for offset in (7, 12, 22, 29, 34, 37)),
                        "break puts", "break put_hex", "break finish",
                        "continue", "continue", "delete 7", *["continue"] * 6,
                        "delete 8", "continue", "continue"])
    expect(text, *(rf"Breakpoint {number}, " for number in (1, 7, 2, 3, 4, 5, 6, 8, 9)),
           "exited with code 041")
    expect_status(session, 33)


def modes(options, accel):
    """Steps from real through protected to long mode; the program counter stays true."""
    session = Session(options, accel, SWITCH, ["-S"])
    text = session.gdb(["print $pc", "print $cs",
                        "while ((long)$cr0 & 1) == 0", "stepi", "end", "print/x $cs",
                        "stepi", "print/x $cs",
                        "while ((long)$efer & 0x400) == 0", "stepi", "end",
                        "while $cs == 8", "stepi", "end",
                        "print/x $cs", "print/x *(long*)0x10000", "print $cr4",
                        "python", "try:", "  gdb.execute('x/x 0x40000000')",
                        "except gdb.MemoryError as error:", "  print(error)", "end",
                        "continue"])
    expect(text, r"\$1 = .*0x7c00", r"\$2 = 0", r"\$3 = 0x0", r"\$4 = 0x8", r"\$5 = 0x18",
           r"\$6 = 0x11003|\$6 = 0x11023", r"PAE", r"Cannot access memory",
           r"exited with code 041")
    expect_status(session, 33)


def watchpoints(options, accel):
    """A write into memory is caught, with the old and the new value."""
    session = Session(options, accel, SWITCH, ["-S"])
    text = session.gdb(["watch *(int*)0x11000", "continue", "print/x *(int*)0x11000",
                        "delete", "continue"])
    expect(text, r"[Ww]atchpoint 1", r"Old value = 0", r"New value = 73731",
           r"\$1 = 0x12003", r"exited with code 041")
    expect_status(session, 33)


def changes(options, accel):
    """What the debugger writes into registers and memory is what the guest sees."""
    session = Session(options, accel, HELLO, ["-S"])
    text = session.gdb(["hbreak puts", "continue", "set var *(char*)$rsi = 0x59",
                        "x/s $rsi", "set $r9 = 0x123456789", "delete", "hbreak finish",
                        "continue", "print/x $r9", "set $rip = finish", "continue"])
    expect(text, "Yello from long mode", r"\$1 = 0x123456789", r"exited with code 041")
    expect_status(session, 33)


def threads(options, accel):
    """CPUs are threads; one may be stepped while the other stands still."""
    session = Session(options, accel, HELLO, ["-S", "-smp", "2"])
    text = session.gdb(["info threads", "thread 2", "print/x $pc", "thread 1",
                        "set scheduler-locking on", "stepi", "stepi", "info threads",
                        "monitor info cpus", "monitor info status", "detach"])
    expect(text, r"\* 1 +Thread 1.1 \(CPU#0 ", r"  2 +Thread 1.2 \(CPU#1 ",
           r"Switching to thread 2", r"\* 1 +Thread 1.1", r"CPU #1", r"VM status: paused")
    expect_status(session, 33)


def interrupt(options, accel):
    """^C stops a guest that loops, and kill ends the run.

    A ^C that comes before gdb has sent its "continue" ends the script instead; a busy host
    then gets more time."""
    session = Session(options, accel, BUSY)
    for delay in (1, 4, 16):
        text = session.gdb([f"shell (sleep {delay}; kill -INT $PPID) &", "continue",
                            "info registers rip", "detach"])
        if "SIGINT" in text:
            break
    expect(text, r"SIGINT", r"^rip ", r"detached")
    expect(session.gdb(["kill"]), r"killed")
    expect_status(session, 0)


def one_after_the_other(options, accel):
    """A debugger comes while the guest runs, goes, and the next one comes."""
    session = Session(options, accel, BUSY)
    for _ in range(3):
        expect(session.gdb(["print/x $cs", "stepi", "detach"]), r"\$1 = 0x",
               r"Inferior 1 .* detached")
    expect(session.gdb(["kill"]), r"killed")
    expect_status(session, 0)


def hostile(options, accel):
    """Whatever comes over the line, the next debugger is served."""
    session = Session(options, accel, BUSY)
    host, port = session.target.rsplit(":", 1)
    for bytes_sent in (b"$" + b"a" * 9000, b"\x00\xff" * 4000, b"$g#67$m0,ffffffffffff#00",
                       b"$G12#00$vCont;c:p1.ff#77\x03\x03", b"$qXfer:features:read:#00+"):
        with socket.create_connection((host, int(port)), TIMEOUT) as line:
            line.sendall(bytes_sent)
    expect(session.gdb(["print/x $cs", "kill"]), r"\$1 = 0x", r"killed")
    expect_status(session, 0)


def local_socket(options, accel):
    """-gdb unix:PATH"""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "gdb")
        session = Session(options, accel, HELLO, ["-S"], device=f"unix:{path}")
        expect(session.gdb(["break finish", "continue", "continue"]),
               r"Breakpoint 1, 0x\w+ in finish", r"exited with code 041")
        expect_status(session, 33)
        if os.path.exists(path):
            raise Failure("the socket is left behind")


def by_chardev(options, accel):
    """-gdb chardev:ID"""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "gdb")
        session = Session(options, accel, HELLO, device="chardev:line", more=[
            "-S", "-chardev", f"socket,id=line,path={path},server=on,wait=off"])
        expect(session.gdb(["detach"]), r"detached")
        expect_status(session, 33)


def over_a_pipe(options, accel):
    """-gdb stdio: gdb starts the program itself."""
    command = [options.vitrine, "run", "-machine", f"pc,accel={accel}", *BOARD, "-S",
               "-kernel", str(options.images / HELLO), "-gdb", "stdio"]
    lines = [f"file {options.images / HELLO}", *QUIET, "target remote | " + " ".join(command),
             "break finish", "continue", "continue"]
    with tempfile.NamedTemporaryFile("w", suffix=".gdb") as script:
        script.write("\n".join(lines) + "\n")
        script.flush()
        done = subprocess.run(["gdb", "-nx", "-batch", "-x", script.name], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TIMEOUT)
    expect(done.stdout, r"Breakpoint 1, 0x\w+ in finish", r"exited with code 041")


def port_in_use(options, accel):
    """Two cannot listen at one port: the second says so and ends."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        session = Session(options, accel, HELLO, device=f"tcp::{port}")
        expect_status(session, 1)
        expect(session.errors, rf"-gdb tcp::{port}: Failed to find an available port: "
               "Address already in use")


SESSIONS = [breakpoints, detach, many_breakpoints, modes, watchpoints, changes, threads,
            interrupt, one_after_the_other, hostile, local_socket, by_chardev, over_a_pipe,
            port_in_use]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vitrine", required=True, help="the program")
    parser.add_argument("--images", required=True, type=pathlib.Path, help="folder of images")
    parser.add_argument("--accel", action="append", help="only this accelerator")
    parser.add_argument("sessions", nargs="*", help="names; default: all")
    options = parser.parse_args()
    if not shutil.which("gdb"):
        print("skip: gdb is not installed (package gdb)")
        return SKIP
    if not os.access(options.vitrine, os.X_OK) or not (options.images / HELLO).exists():
        print("skip: the program or the sample guests are not built")
        return SKIP
    good = True
    for accel in options.accel or accelerators():
        for run in SESSIONS:
            if options.sessions and run.__name__ not in options.sessions:
                continue
            try:
                run(options, accel)
                print(f"ok    {run.__name__} {accel}", flush=True)
            except (Failure, subprocess.TimeoutExpired) as failure:
                print(f"FAIL  {run.__name__} {accel}: {failure}", flush=True)
                good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
