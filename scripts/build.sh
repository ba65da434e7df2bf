#!/bin/sh
# Builds the binary. The whole workspace decides the features of shared dependencies, so that this, the tests and the
# benchmarks compile wasmtime once.
set -eu
cd "$(dirname "$0")/.."
scripts/build-plugin.sh --prepare
printf '%s\n' "build: witgate with its built-in plugins (the first time some minutes, mostly wasmtime)" >&2
exec cargo build --release --workspace --bin witgate
