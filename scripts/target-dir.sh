#!/bin/sh
# Prints the folder that cargo builds into: the environment's, the configuration's, or ./target.
set -eu
cd "$(dirname "$0")/.."
if [ -n "${CARGO_TARGET_DIR:-}" ]; then
  printf '%s\n' "$CARGO_TARGET_DIR"
else
  cargo metadata --format-version 1 --no-deps | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])'
fi
