#!/bin/sh
# Fuzzes: scripts/fuzz.sh [SECONDS] [TARGET...], by default each target of tests/fuzz for 60 seconds.
# What is found lies in the target folder, with the corpus that grows there. Ends with 1 if something is found.
set -eu
cd "$(dirname "$0")/.."
say() { printf '%s\n' "fuzz: $*" >&2; }

seconds=60
case "${1:-}" in
  '') ;;
  *[!0-9]*) ;;
  *) seconds=$1; shift ;;
esac
every=$(cd tests/fuzz/corpus && echo *)
[ $# -gt 0 ] || set -- $every
for name; do
  [ -d "tests/fuzz/corpus/$name" ] || { say "there is no target \`$name\`; there are: $every"; exit 2; }
done

if ! command -v "${CXX:-c++}" >/dev/null; then
  say "NOT RUN: libFuzzer needs a C++ compiler (\`${CXX:-c++}\`). The same bodies run over seeds and generated inputs in \`make test\`."
  exit 0
fi

target=$(scripts/target-dir.sh)
# Where the build script of `libfuzzer-sys` put libFuzzer.
WITGATE_LIBFUZZER=$(cargo build --release --locked --manifest-path tests/fuzz/runtime/Cargo.toml --target-dir "$target" \
  --message-format json-render-diagnostics | python3 -c '
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message["reason"] == "build-script-executed" and "libfuzzer-sys" in message["package_id"]:
        print(message["out_dir"] + "/libfuzzer.a")')
[ "$(uname)" != Darwin ] || export WITGATE_LIBCXX=-lc++
export WITGATE_LIBFUZZER
bins=
for name; do bins="$bins --bin fuzz-$name"; done
# The whole workspace, as everywhere, so that dependencies keep their features.
RUSTC_WORKSPACE_WRAPPER="$PWD/scripts/fuzz-rustc.sh" \
  cargo build --release --workspace --features witgate-fuzz/libfuzzer $bins >&2

found=
for name; do
  corpus="$target/fuzz/corpus/$name"
  findings="$target/fuzz/findings/$name"
  log="$target/fuzz/$name.log"
  mkdir -p "$corpus" "$findings"
  bin="$target/release/fuzz-$name"
  last="$target/fuzz/$name.last"
  if RUST_BACKTRACE=1 WITGATE_FUZZ_LAST="$last" "$bin" "$corpus" "tests/fuzz/corpus/$name" -max_total_time="$seconds" -max_len=8192 -timeout=10 \
    -rss_limit_mb=2048 -artifact_prefix="$findings/" -print_final_stats=1 >"$log" 2>&1; then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    cover=$(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -1)
    say "$name: nothing found; $runs runs in $seconds s; $cover"
  else
    found="$found $name"
    say "$name: FOUND SOMETHING"
    # What was broken, without the fuzzer's own words.
    grep -aE -A2 'panicked at|ERROR: libFuzzer' "$log" | head -20 >&2 || true
    input=$(sed -n 's/^artifact_prefix=.*Test unit written to //p' "$log" | tail -1)
    if [ -z "$input" ]; then
      # Killed from outside, or the stack ran over: the fuzzer itself could not write.
      input="$findings/killed-$(cksum <"$last" | cut -d' ' -f1)"
      cp "$last" "$input"
      tail -1 "$log" >&2
    fi
    say "  input:  $input"
    say "  re-run: $bin $input"
    say "  then:   make it small ($bin -minimize_crash=1 -runs=100000 $input) and keep it in tests/fuzz/corpus/$name"
  fi
done
[ -z "$found" ] || { say "found something in:$found"; exit 1; }
