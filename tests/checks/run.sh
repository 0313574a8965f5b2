#!/usr/bin/env bash
# Every check that reads sources instead of running them. Each prints what it
# found and why it is a fault; the length report only informs.
set -uo pipefail
cd "$(dirname "$0")/../.."
status=0
for check in layers headers paths format; do
  echo "-- $check"
  python3 "tests/checks/$check.py" || status=1
done
echo "-- lengths (a report)"
python3 tests/checks/lengths.py
exit $status
