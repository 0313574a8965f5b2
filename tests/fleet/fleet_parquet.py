#!/usr/bin/env python3
"""The tables of a thousand boots as Parquet, made by DuckDB with the script that
`vitrine export --to parquet-ready` writes: every table, row by row, as in SQLite.

usage: fleet_parquet.py VITRINE FOLDER
"""

import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys

HERE = pathlib.Path(__file__).parent / "parquet"
SKIP = 77


def columns(tables):
    schema = json.loads((tables / "schema.json").read_text(encoding="utf-8"))
    return {name: [(column["name"], "''" if column["physical"] == "BYTE_ARRAY" else "0")
                   for column in table["columns"]]
            for name, table in schema["tables"].items()}


def question(names, source):
    """Every row as texts. Nothing is absent in the tables: nought or no text stands there."""
    texts = ", ".join(f"CAST(COALESCE({column}, {absent}) AS TEXT)"
                      for column, absent in names)
    return f"SELECT {texts} FROM {source}"


def main():
    vitrine, folder = sys.argv[1], pathlib.Path(sys.argv[2]).resolve() / "work"
    if shutil.which("node") is None or not (HERE / "node_modules" / "@duckdb").is_dir():
        print(f"skip  no DuckDB here (npm ci in {HERE})")
        return SKIP
    tables = folder / "parquet"
    shutil.rmtree(tables, ignore_errors=True)
    subprocess.run([vitrine, "export", "--db", folder / "fleet.db", "--to", "parquet-ready",
                    "-o", tables], timeout=600)
    names = columns(tables)
    asked = subprocess.run(
        ["node", HERE / "ask.mjs",
         *(question(names[name], f"'{name}.parquet'") for name in names)],
        cwd=tables, capture_output=True, text=True, timeout=600)
    if asked.returncode != 0:
        print("FAIL", asked.stderr[-2000:])
        return 1
    failed = 0
    with sqlite3.connect(folder / "fleet.db") as database:
        for name, line in zip(names, asked.stdout.splitlines(), strict=True):
            theirs = sorted(map(tuple, json.loads(line)))
            ours = sorted(database.execute(question(names[name], name)))
            same = theirs == ours and len(ours) > 0
            failed += not same
            print(f"{'ok  ' if same else 'FAIL'} {name}: {len(ours)} rows, {len(theirs)} there",
                  "" if same else next((pair for pair in zip(ours, theirs)
                                        if pair[0] != pair[1]), None))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
