#!/usr/bin/env python3
"""`vitrine top` in a terminal: what is on the screen, at several sizes, and how it ends.

The terminal is a pseudo terminal; a small interpreter keeps the screen and refuses what
`vitrine top` has no business to send.
usage: top.py VITRINE HELLO_GUEST.bin
"""
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

import patient_guest

PATIENCE = 60
RUN = ["-machine", "pc,accel=tcg", "-nodefaults", "-display", "none", "-no-reboot",
       "-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4"]


class Failure(Exception):
    pass


def require(holds, what):
    if not holds:
        raise Failure(what)


class Screen:
    """The sequences `vitrine top` uses: home, clear, alternate screen, cursor."""

    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.lines, self.row, self.column = [""] * rows, 0, 0
        self.alternate = self.hidden = False
        self.ever, self.rest = "", ""

    def feed(self, text):
        text = self.rest + text
        self.rest = ""
        while text:
            if text[0] == "\x1b":
                found = re.match(r"\x1b\[(\??\d*)([A-Za-z])", text)
                if not found:
                    require(len(text) < 12, f"an unknown sequence {text[:12]!r}")
                    self.rest = text
                    return
                self.control(*found.groups())
                text = text[found.end():]
                continue
            self.put(text[0])
            text = text[1:]

    def control(self, number, letter):
        if (number, letter) == ("", "H"):
            self.row = self.column = 0
        elif (number, letter) == ("", "K"):
            self.lines[self.row] = self.lines[self.row][:self.column]
        elif (number, letter) in (("", "J"), ("2", "J")):
            if self.alternate:
                self.lines[self.row] = self.lines[self.row][:self.column]
                self.lines[self.row + 1:] = [""] * (self.rows - self.row - 1)
        elif number == "?1049":
            self.alternate = letter == "h"
        elif number == "?25":
            self.hidden = letter == "l"
        else:
            raise Failure(f"an unknown sequence {number}{letter}")

    def put(self, letter):
        if not self.alternate:
            self.ever += letter
            return
        if letter == "\r":
            self.column = 0
        elif letter == "\n":
            require(self.row + 1 < self.rows, "it scrolled")
            self.row += 1
        else:
            require(letter.isprintable(), f"{letter!r} on the screen")
            require(self.column < self.columns, "a line is longer than the screen")
            self.lines[self.row] = self.lines[self.row][:self.column] + letter
            self.column += 1

    def text(self):
        return "\n".join(self.lines)


class Top:
    def __init__(self, words, rows, columns):
        self.screen = Screen(rows, columns)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(words[0], words)
        self.resize(rows, columns)
        self.status = None

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        """Reads what comes within that time; False once it has ended."""
        deadline = time.monotonic() + seconds
        while True:
            ready, _, _ = select.select([self.fd], [], [], max(0, deadline - time.monotonic()))
            if not ready:
                return True
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            if not data:
                _, status = os.waitpid(self.pid, 0)
                self.status = os.waitstatus_to_exitcode(status)
                return False
            self.screen.feed(data.decode("ascii"))

    def wait_for(self, wanted):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            going = self.read(0.05)
            if wanted in self.screen.text():
                return
            require(going, f"it ended before {wanted!r} was on the screen:\n{self.screen.text()}"
                    f"\n{self.screen.ever}")
        raise Failure(f"{wanted!r} is not on the screen:\n{self.screen.text()}")

    def wait(self):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not self.read(0.2):
                require(not self.screen.alternate, "the screen is not given back")
                require(not self.screen.hidden, "the cursor is not given back")
                return self.status
        raise Failure("it does not end")


def machines():
    """Runs of ours that are there: none may outlive a test."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"run" in words[:2] and any(os.environ["TMPDIR"].encode() in w for w in words):
            found.append(path.parent.name)
    return found


def a_screen_of_any_size(program, echo, rows, columns):
    top = Top([program, "top", "--", *RUN, "-kernel", echo], rows, columns)
    if columns >= 40 and rows >= 10:
        top.wait_for("exits")
        top.wait_for("10/11 run")
    else:
        top.read(1.5)
    if rows >= 24:
        for phase in ("modules", "machine-class", "board", "run"):
            require(phase in top.screen.text(), f"no phase {phase}:\n{top.screen.text()}")
    os.write(top.fd, b"q")
    top.wait()
    require(machines() == [], "the machine goes on")


def control_c_ends_it_and_the_machine(program, echo):
    top = Top([program, "top", "--", *RUN, "-kernel", echo], 24, 80)
    top.wait_for("10/11 run")
    os.write(top.fd, b"\x03")
    code = top.wait()
    require(code == 128 + signal.SIGTERM, f"exit code {code}")
    require(machines() == [], "the machine goes on")


def a_smaller_terminal_is_obeyed(program, echo):
    top = Top([program, "top", "--", *RUN, "-kernel", echo], 24, 80)
    top.wait_for("10/11 run")
    top.resize(5, 20)
    top.read(0.5)
    top.screen.rows, top.screen.columns = 5, 20
    top.screen.lines = [""] * 5
    top.read(0.5)
    os.write(top.fd, b"q")
    top.wait()


def the_guests_end_is_its_end(program, hello):
    top = Top([program, "top", "--", *RUN, "-kernel", hello], 24, 80)
    code = top.wait()
    require(code == 33, f"exit code {code}: {top.screen.ever}")
    require("ended: debug-exit" in top.screen.ever, f"its last words: {top.screen.ever!r}")


def lines_where_there_is_no_terminal(program, hello):
    said = subprocess.run([program, "top", "--", *RUN, "-kernel", hello], check=False,
                          capture_output=True, text=True, timeout=PATIENCE)
    require(said.returncode == 33, f"exit code {said.returncode}: {said.stderr}")
    require("\x1b" not in said.stdout, "it steers a terminal that is none")
    for wanted in ("phase modules ", "phase board ", "console ", "exits ", "ended: debug-exit"):
        require(f"\n{wanted}" in "\n" + said.stdout, f"no line {wanted!r}:\n{said.stdout}")


def a_run_of_somebody_else_is_joined(program, echo, folder):
    trace = folder / "boot.json"
    run = subprocess.Popen([program, "run", *RUN, "-kernel", echo, "-trace", f"file={trace}"],
                           stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
    try:
        top = Top([program, "top", str(trace)], 24, 80)
        top.wait_for("10/11 run")
        run.stdin.write(b"hello there\n")
        run.stdin.flush()
        top.wait_for("hello there")
        run.send_signal(signal.SIGTERM)
        require(top.wait() == 0, "its exit code")
    finally:
        run.kill()
        run.wait()
    trace.unlink(missing_ok=True)


def mistakes_are_told(program):
    for words, wanted in ((["nowhere.json"], "nowhere.json.rec"), (["--"], "options"),
                          (["--", "-machine", "nonsense"], "nonsense"), ([], "TRACE")):
        said = subprocess.run([program, "top", *words], check=False, capture_output=True,
                              text=True, timeout=PATIENCE)
        require(said.returncode == 1 and wanted in said.stdout + said.stderr,
                f"top {words}: {said.returncode} {said.stdout} {said.stderr}")


def main():
    program, hello = map(os.path.abspath, sys.argv[1:3])
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as images:
        folder = pathlib.Path(name)
        os.environ["TMPDIR"] = name
        echo = patient_guest.write(images)
        try:
            for rows, columns in ((24, 80), (60, 200), (10, 40), (3, 10), (1, 1)):
                a_screen_of_any_size(program, echo, rows, columns)
            control_c_ends_it_and_the_machine(program, echo)
            a_smaller_terminal_is_obeyed(program, echo)
            the_guests_end_is_its_end(program, hello)
            lines_where_there_is_no_terminal(program, hello)
            a_run_of_somebody_else_is_joined(program, echo, folder)
            mistakes_are_told(program)
            left = [path.name for path in folder.iterdir()]
            require(left == [], f"left behind: {left}")
        except Failure as failure:
            print("FAULT", failure)
            return 1
    print("every screen held")
    return 0


if __name__ == "__main__":
    sys.exit(main())
