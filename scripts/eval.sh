#!/bin/sh
# Measures the built-in policies on labelled rows, and beside them what can be had from PyPI without a model, on the same rows in
# the same run; writes docs/detection.md.
#
#   eval.sh [FOLDER]        the rows: POLICY.jsonl or POLICY.PART.jsonl for each of pii, secrets, injection, payloads;
#                           without it, the folder EVAL_DATA names. Their format: docs/policies.md.
#
# EVAL_OUT names another file to write, WITGATE_BIN another binary. A policy that the binary does not have, or that there are no
# rows for, is passed over, and said to be. Exit codes: 0 written, 1 a policy faulted, 2 could not run.
set -eu
say() { printf '%s\n' "eval: $*" >&2; }

[ $# -le 1 ] || { say "usage: eval.sh [FOLDER]"; exit 2; }
data=${1:-${EVAL_DATA:-}}
[ -n "$data" ] || { say "there is no data in this repository: name a folder of labelled rows, EVAL_DATA=FOLDER make eval (see docs/policies.md)"; exit 2; }
[ -d "$data" ] || { say "$data is no folder"; exit 2; }
data=$(cd "$data" && pwd)
cd "$(dirname "$0")/.."

target=$(scripts/target-dir.sh)
if [ -z "${WITGATE_BIN:-}" ]; then scripts/build.sh; fi
witgate=${WITGATE_BIN:-$target/release/witgate}
work=$target/eval
rm -rf "$work"
mkdir -p "$work"

python=$target/python-eval/bin/python
scripts/python-env.sh "$target/python-eval" tests/eval/requirements.txt || {
  [ $? = 3 ] || exit 2
  say "without the other detectors, then: only a list of regular expressions stands beside the policies"
  python=python3
}

"$python" tests/eval/long.py > "$work/long.jsonl" || exit 2
code=0
for policy in pii secrets injection payloads; do
  if ! "$witgate" plugin inspect "builtin:$policy" >/dev/null 2>&1; then
    say "$policy: passed over, the binary has no such policy"
    continue
  fi
  some=
  for file in "$data/$policy.jsonl" "$data/$policy".*.jsonl; do
    [ -f "$file" ] || continue
    some=1
    part=$(basename "$file" .jsonl)
    say "$part"
    status=0
    "$witgate" plugin eval "builtin:$policy" --data "$file" --format json > "$work/$part.policy.json" || status=$?
    [ "$status" -le 1 ] || exit 2
    [ "$status" = 0 ] || { say "$part: rows without an answer, see the table"; code=1; }
    "$python" tests/eval/baselines.py "$policy" "$file" > "$work/$part.others.json" || exit 2
  done
  say "$policy: long ordinary texts"
  status=0
  "$witgate" plugin eval "builtin:$policy" --data "$work/long.jsonl" --format json > "$work/$policy.long.json" || status=$?
  [ "$status" -le 1 ] || exit 2
  [ -n "$some" ] || say "$policy: passed over, there is no $policy.jsonl or $policy.PART.jsonl"
done
ls "$work"/*.policy.json >/dev/null 2>&1 || { say "nothing was measured, and nothing is written"; exit 2; }
"$python" tests/eval/report.py "$("$witgate" --version)" "$work" > "$work/detection.md" || exit 2
out=${EVAL_OUT:-docs/detection.md}
cp "$work/detection.md" "$out"
say "wrote $out"
exit "$code"
