#!/usr/bin/env python3
"""`vitrine run -watch`: the page of a run that goes on, as a browser meets it.

A guest that echoes its serial line is started, watched over HTTP, spoken to, and ended.
usage: live.py VITRINE
"""
import base64
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

import patient_guest

PATIENCE = 60  # seconds: a loaded machine, never the usual case
RUN = ["-machine", "pc,accel=tcg", "-nodefaults", "-display", "none", "-no-reboot",
       "-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4"]


class Failure(Exception):
    pass


def require(holds, what):
    if not holds:
        raise Failure(what)


class Run:
    """A watched run; its address is what it says on standard error."""

    def __init__(self, program, guest, *more, folder=None):
        self.process = subprocess.Popen(
            [program, "run", *RUN, "-kernel", guest, "-watch", *more], cwd=folder,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.url = None
        while self.url is None:
            line = self.process.stderr.readline().decode()
            require(line, "the run ended without saying where it can be watched")
            found = re.search(r"http://127\.0\.0\.1:\d+/[0-9a-f]{32}/", line)
            self.url = found and urllib.parse.urlsplit(found.group())

    def get(self, path=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.url.port, timeout=PATIENCE)
        connection.request("GET", path or self.url.path, headers=headers or {})
        return connection.getresponse()

    def messages(self):
        """The server-sent events, as (kind, data), until the server closes."""
        response = self.get(self.url.path + "events")
        require(response.status == 200, f"events: {response.status}")
        require(response.getheader("Content-Type") == "text/event-stream", "no event stream")
        kind = None
        for line in response:
            line = line.decode().rstrip("\n")
            if line.startswith("event: "):
                kind = line[len("event: "):]
            elif line.startswith("data: "):
                yield kind, json.loads(line[len("data: "):])

    def say(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=PATIENCE)


def numbers(data):
    """The varints of a part's bytes (viz/step_pack.h)."""
    value = shift = 0
    for byte in base64.b64decode(data):
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0


def only_the_address_with_its_token_is_answered(run):
    token = run.url.path.strip("/")
    page = run.get()
    text = page.read().decode()
    require(page.status == 200 and "EventSource" in text, "the page")
    require("default-src 'none'" in text and "connect-src 'self'" in text, "what it may load")
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    for path in ("/", "/events", f"/{wrong}/", f"/{wrong}/events", f"/{token}x/",
                 f"/x/{token}/", "//", "/%2e%2e/", f"/{token[:16]}/"):
        got = run.get(path)
        require(got.status == 403, f"{path}: {got.status}, not 403")
        require(token not in got.read().decode(), f"{path}: tells the token")
    got = run.get(headers={"Host": f"evil.example:{run.url.port}"})
    require(got.status == 403, f"another host name: {got.status}, not 403")
    require(run.get(f"/{token}/other").status == 404, "an unknown page is not missing")


def only_this_host_can_connect(run):
    listening = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in pathlib.Path(table).read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            if state == "0A" and int(local.split(":")[1], 16) == run.url.port:
                listening.append(local.split(":")[0])
    require(listening == ["0100007F"], f"listens on {listening}")


def steps_come_while_the_guest_runs(run):
    steps, texts, status, spoken = 0, [], {}, False
    for kind, data in run.messages():
        if kind == "steps":
            texts += data["texts"]
            steps += data["steps"]
            require(len(list(numbers(data["bytes"]))) >= data["steps"], "bytes of steps")
        elif kind == "status":
            status = data
        elif kind == "end":
            break
        running = any(p["name"] == "run" and p["open"] for p in status.get("phases", []))
        if running and not spoken:
            spoken = True
            run.say("hello glass case\n")
        if any("hello glass case" in text for text in texts):
            run.process.send_signal(signal.SIGTERM)
    require(spoken, "the phase `run` was never told")
    require(any("hello glass case" in text for text in texts), "what the guest printed")
    require("isa-serial" in texts and status["classes"] > 50, "types")
    require(status["reached"] >= 10 and status["of"] == 11, f"progress {status['reached']}")
    require(status["all_exits"] > 10, "exits")
    require(steps > 1000, f"only {steps} steps")
    return steps


def the_server_ends_with_the_run(run):
    run.end()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", run.url.port), 1).close()
        except OSError:
            return
        time.sleep(0.05)
    raise Failure("the server outlives its run")


def nothing_is_left_behind(folder):
    left = sorted(path.name for path in pathlib.Path(folder).iterdir())
    require(left == [], f"left behind: {left}")


def a_page_opened_late_gets_all(run):
    """Two readers: the second is told what the first was."""
    seen = []
    for _ in "12":
        steps = 0
        for kind, data in run.messages():
            if kind == "steps":
                steps += data["steps"]
            if kind == "status" and data["all_exits"] > 0 and steps >= 1000:
                break
        seen.append(steps)
    require(seen[1] >= seen[0], f"{seen[0]} steps, then {seen[1]}")


def the_trace_is_whole(program, guest, folder):
    run = Run(program, guest, "-trace", "file=boot.json", folder=folder)
    run.get().read()
    run.end()
    said = subprocess.run([program, "trace", "validate", "boot.json"], cwd=folder,
                          capture_output=True, text=True, check=False)
    require(said.returncode == 0, said.stderr)
    (pathlib.Path(folder) / "boot.json").unlink()


def without_the_other_program_it_says_what_is_missing(program, guest):
    with tempfile.TemporaryDirectory() as folder:
        alone = pathlib.Path(folder) / "vitrine"
        shutil.copy(pathlib.Path(program).resolve().parent / "vitrine-run", alone)
        said = subprocess.run([alone, "run", *RUN, "-kernel", guest, "-watch"], check=False,
                              capture_output=True, text=True, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL)
        require(said.returncode == 1 and "vitrine-full" in said.stderr, said.stderr)


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as images:
        os.environ["TMPDIR"] = folder
        guest = patient_guest.write(images)
        run = Run(program, guest, folder=folder)
        try:
            only_the_address_with_its_token_is_answered(run)
            only_this_host_can_connect(run)
            a_page_opened_late_gets_all(run)
            steps = steps_come_while_the_guest_runs(run)
            the_server_ends_with_the_run(run)
            nothing_is_left_behind(folder)
            the_trace_is_whole(program, guest, folder)
            if (pathlib.Path(program).resolve().parent / "vitrine-run").exists():
                without_the_other_program_it_says_what_is_missing(program, guest)
            nothing_is_left_behind(folder)
        except Failure as failure:
            print("FAULT", failure)
            return 1
        finally:
            run.end()
    print(f"watched: {steps} steps")
    return 0


if __name__ == "__main__":
    sys.exit(main())
