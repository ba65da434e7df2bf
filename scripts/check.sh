#!/bin/sh
# Formatting, lints, docs, dependencies; in that order, the fast ones first.
set -eu
cd "$(dirname "$0")/.."
say() { printf '%s\n' "check: $*" >&2; }

say "formatting"
cargo fmt --all --check
say "the contract: released text unchanged, reference page up to date"
python3 scripts/wit-frozen.py
python3 scripts/wit-reference.py --check
say "lints"
scripts/build-plugin.sh --prepare
cargo clippy --release --workspace --all-targets -- -D warnings
say "docs"
RUSTDOCFLAGS="-D warnings" cargo doc --release --workspace --no-deps --quiet
say "licences and sources of dependencies"
python3 scripts/dependencies.py
