#!/usr/bin/env bash
# Loads the tables of `vitrine export --to ndjson -o FOLDER ...` into ClickHouse and works
# out what is usual. For sites whose boots outgrow one machine; 18.16 (Debian 12) or later.
#
#   load.sh [options of clickhouse-client] -- FOLDER...
#
# The tables are made if they are not there. Boots are numbered by their export: load
# exports of one database only, or give each a database of its own (--database).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
client=(clickhouse-client)
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  client+=("$1")
  shift
done
[ $# -gt 1 ] || { sed -n '2,9p' "$0" >&2; exit 2; }
shift
tables="file boot step took"
if [ "$("${client[@]}" --query "EXISTS TABLE took")" = 0 ]; then
  "${client[@]}" --multiquery <"$here/schema.sql"
fi
for folder in "$@"; do
  for table in $tables; do
    "${client[@]}" --query "INSERT INTO $table FORMAT JSONEachRow" <"$folder/$table.ndjson"
  done
done
for table in usual pace; do
  "${client[@]}" --query "TRUNCATE TABLE $table"
done
"${client[@]}" --multiquery <"$here/work_out.sql"
"${client[@]}" --query "SELECT concat(toString(count()), ' boots') FROM boot"
