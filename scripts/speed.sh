#!/bin/sh
# Measures what each built-in policy takes on hostile texts of 1 KiB to 1 MiB, compiled, in fresh sandboxes; writes
# docs/detection-speed.md and docs/detection-speed.svg. Takes about half an hour, most of it to compile components.
#
#   speed.sh [POLICY,...]      by default all
#
# SPEED_OUT names another folder, WITGATE_BIN another binary. Exit codes: 0 written, 1 a time that grows faster than its text,
# 2 could not run.
set -eu
[ $# -le 1 ] || { echo "speed: usage: speed.sh [POLICY,...]" >&2; exit 2; }
cd "$(dirname "$0")/.."
if [ -z "${WITGATE_BIN:-}" ]; then scripts/build.sh; fi
witgate=${WITGATE_BIN:-$(scripts/target-dir.sh)/release/witgate}
python3 tests/eval/speed.py "$witgate" "${SPEED_OUT:-docs}" ${1:+--policies "$1"}
