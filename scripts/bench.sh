#!/bin/sh
# Measures the gate beside the upstream, in one run, and writes docs/benchmarks.md.
set -eu
cd "$(dirname "$0")/.."
scripts/build.sh
target=$(scripts/target-dir.sh)
cargo build --release --workspace --bin witgate-bench
exec "$target/release/witgate-bench" --witgate "$target/release/witgate" "$@"
