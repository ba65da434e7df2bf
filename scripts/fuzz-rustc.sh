#!/bin/sh
# The compiler as scripts/fuzz.sh uses it: cargo calls it for the crates of this workspace and only for those
# (RUSTC_WORKSPACE_WRAPPER), so that dependencies stay as every other build made them. Adds what libFuzzer looks at,
# which the pinned stable compiler has, and every check that release builds leave out.
set -eu
rustc=$1
shift
case " $* " in
  *" --crate-name fuzz_"*) set -- "$@" -Clink-arg="$WITGATE_LIBFUZZER" -Clink-arg="${WITGATE_LIBCXX:--lstdc++}" ;;
esac
case " $* " in
  *" --crate-name witgate_"* | *" --crate-name fuzz_"*)
    exec "$rustc" "$@" --cfg fuzzing \
      -Cpasses=sancov-module \
      -Cllvm-args=-sanitizer-coverage-level=4 \
      -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
      -Cllvm-args=-sanitizer-coverage-pc-table \
      -Cllvm-args=-sanitizer-coverage-trace-compares \
      -Cdebug-assertions=on -Coverflow-checks=on -Cdebuginfo=line-tables-only -Cstrip=none
    ;;
esac
exec "$rustc" "$@"
