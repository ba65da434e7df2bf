#!/bin/sh
# All tests. Installs or finds whatever is missing: a wasm toolchain, and the SDKs of PyPI and npm in the build folder.
set -eu
cd "$(dirname "$0")/.."
say() { printf '\n%s\n' "test: $*" >&2; }

scripts/build.sh
target=$(scripts/target-dir.sh)
witgate="$target/release/witgate"

say "plugins that misbehave, for the tests"
scripts/build-plugin.sh Cargo.toml "$target/wasm-plugins" witgate-test-hostile witgate-test-counter witgate-test-noop
export WITGATE_TEST_PLUGINS="$target/wasm-plugins/wasm32-unknown-unknown/release"

say "Rust"
if command -v cargo-nextest >/dev/null; then
  cargo nextest run --release --workspace --no-fail-fast --status-level fail
else
  cargo test --release --workspace --lib --bins --tests --no-fail-fast
fi
cargo test --release --workspace --doc

say "the fuzzer, five seconds a target"
scripts/fuzz.sh 5

say "the plugins' cases, against the compiled components"
for plugin in pii secrets injection payloads classification tool-tiers patterns; do
  "$witgate" plugin test "builtin:$plugin" --cases "plugins/$plugin/cases.yaml"
done

say "one policy in four languages; a language whose compiler cannot be had is passed over"
scripts/examples.sh
# Where the examples' compilers are, projects of an author are built with them, too.
tools=$target/examples
PATH="$PATH:$tools/tools/bin:$tools/python/bin:$tools/javascript/node_modules/.bin"

say "end to end, with the real SDKs"
scripts/python-env.sh "$target/python"
# SDKs of an older major, and those of npm: their tests are passed over, with the reason, where they cannot be had.
scripts/python-env.sh "$target/python-older" tests/e2e/requirements-older.txt || [ $? = 3 ]
scripts/node-env.sh "$target/node" || [ $? = 3 ]
WITGATE_BIN="$witgate" "$target/python/bin/python" -m pytest -q -n 2 tests/e2e

say "the second verifier, on ledgers that the first one wrote"
scripts/python-env.sh "$target/python-verifier" tests/verifier/requirements.txt
"$target/python-verifier/bin/python" -m pytest -q -p no:cacheprovider tests/verifier

say "the demo"
"$witgate" demo
