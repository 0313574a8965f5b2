#!/usr/bin/env python3
"""The questions of `vitrine fleet` asked of ClickHouse, about the same thousand boots: the
answers are equal, row by row. The loader and the questions are those of samples/fleet.

A server of its own is started on loopback with its data in FOLDER. Exit status 77 where no
ClickHouse is installed (apt: clickhouse-server, clickhouse-client).

usage: fleet_clickhouse.py VITRINE FOLDER     (after fleet_answers.py)
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples" / "fleet" / "clickhouse"
SKIP = 77
CONFIG = """<yandex>
<logger><level>warning</level><console>true</console></logger>
<http_port>{http}</http_port><tcp_port>{tcp}</tcp_port>
<interserver_http_port>{between}</interserver_http_port><listen_host>127.0.0.1</listen_host>
<path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path>
<user_files_path>{folder}/files/</user_files_path><users_config>{folder}/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>268435456</mark_cache_size>
</yandex>
"""
USERS = """<yandex>
<profiles><default><max_memory_usage>3000000000</max_memory_usage></default></profiles>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default></users>
<quotas><default></default></quotas>
</yandex>
"""


def program(name):
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Server:
    def __init__(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        http, self.port, between = free_ports(3)
        (folder / "config.xml").write_text(
            CONFIG.format(http=http, tcp=self.port, between=between, folder=folder),
            encoding="utf-8")
        (folder / "users.xml").write_text(USERS, encoding="utf-8")
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen(
            [program("clickhouse-server"), f"--config-file={folder}/config.xml"],
            stdout=self.log, stderr=subprocess.STDOUT, cwd=folder)

    def wait(self):
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                time.sleep(0.1)
        return False

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def ask(server, question):
    text = subprocess.run(
        [program("clickhouse-client"), "--host", "127.0.0.1", "--port", str(server.port),
         "--format", "JSONEachRow", "--output_format_json_quote_64bit_integers", "0",
         "--query", (SAMPLES / f"{question}.sql").read_text(encoding="utf-8")],
        capture_output=True, text=True, timeout=600)
    if text.returncode != 0:
        raise SystemExit(f"FAIL {question}: {text.stderr}")
    return [json.loads(line) for line in text.stdout.splitlines()]


def compare(server, report):
    failed = 0
    for path in sorted(SAMPLES.glob("*.sql")):
        question = path.stem
        if question in ("schema", "work_out"):
            continue
        start = time.monotonic()
        theirs, ours = ask(server, question), report[question]
        if theirs == ours:
            print(f"ok  {question}: {len(ours)} rows, {time.monotonic() - start:.2f} s")
            continue
        failed += 1
        different = next((pair for pair in zip(ours, theirs) if pair[0] != pair[1]), None)
        print(f"FAIL {question}: {len(ours)} rows here, {len(theirs)} there; first difference "
              f"{different}")
    return failed


def main():
    folder = pathlib.Path(sys.argv[2]).resolve() / "work"
    if program("clickhouse-server") is None or program("clickhouse-client") is None:
        print("skip  no clickhouse-server and clickhouse-client here (apt install them)")
        return SKIP
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    start = time.monotonic()
    server = Server(folder / "clickhouse")
    try:
        if not server.wait():
            print((folder / "clickhouse" / "log").read_text(errors="replace")[-2000:])
            return 1
        subprocess.run([SAMPLES / "load.sh", "--host", "127.0.0.1", "--port", str(server.port),
                        "--", folder / "tables"], check=True, timeout=600)
        print(f"started and loaded in {time.monotonic() - start:.1f} s")
        failed = compare(server, report)
    finally:
        server.stop()
    missing = [key for key, value in report.items()
               if isinstance(value, list) and key not in ("bad", "structure_differences")
               and not (SAMPLES / f"{key}.sql").is_file()]
    if missing:
        print(f"FAIL no question in samples/fleet/clickhouse for {sorted(missing)}")
    return 1 if failed or missing else 0


if __name__ == "__main__":
    sys.exit(main())
