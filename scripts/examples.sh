#!/bin/sh
# Builds plugins/examples, one small policy in four languages, and runs its cases on each.
#
#   examples.sh [rust] [c] [javascript] [python]      all of them when none is named
#
# Compilers come from the registries into the build folder (npm, PyPI, crates.io) and, for C, from Debian where we may install
# packages. A language whose tools cannot be had is passed over, and said to be. Exit codes: 0 done, 1 a case failed or a plugin
# would not build, 2 could not run.
set -eu
cd "$(dirname "$0")/.."
say() { printf '%s\n' "examples: $*" >&2; }

# The versions that were tried.
componentize_py=0.25.1 componentize_js=0.23.0 wit_bindgen=0.61.0

target=$(scripts/target-dir.sh)
witgate=${WITGATE_BIN:-$target/release/witgate}
[ -x "$witgate" ] || { say "$witgate is not there: make build"; exit 2; }
from=plugins/examples dir=$target/examples
log=$dir/log.txt
mkdir -p "$dir"
# The folder a tool reads: the plugins' world, and the contract as a dependency.
rm -rf "$dir/wit"
mkdir -p "$dir/wit/deps/witgate-policy"
cp "$from/wit/world.wit" "$dir/wit/"
cp wit/*.wit "$dir/wit/deps/witgate-policy/"

# Each `tools_*` says on stderr what it lacks, and each `build_*` writes $dir/LANGUAGE.wasm.
tools_rust() { :; }
build_rust() { "$witgate" plugin build "$from/rust" --out "$dir/rust.wasm"; }

tools_c() {
  if ! { command -v clang && command -v wasm-ld && [ -f /usr/include/wasm32-wasi/stdlib.h ]; } >/dev/null 2>&1; then
    command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || { say "c: needs Debian's packages clang, lld and wasi-libc"; return 1; }
    say "c: installing Debian's clang, lld and wasi-libc (about a minute, once)"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends clang lld wasi-libc; } >"$log" 2>&1 \
      || { say "c: clang, lld and wasi-libc could not be installed; see $log"; return 1; }
  fi
  [ "$("$dir/tools/bin/wit-bindgen" --version 2>/dev/null)" = "wit-bindgen-cli $wit_bindgen" ] && return
  say "c: compiling wit-bindgen-cli $wit_bindgen (about a minute, once)"
  CARGO_TARGET_DIR="$dir/tools/target" cargo install --quiet --locked --root "$dir/tools" --version "$wit_bindgen" \
    --no-default-features --features c wit-bindgen-cli >"$log" 2>&1 || { say "c: wit-bindgen-cli cannot be had; see $log"; return 1; }
}
build_c() {
  "$dir/tools/bin/wit-bindgen" c "$dir/wit" --world code-words --out-dir "$dir/c" >/dev/null
  # No start files and no entry: a plugin is a library, and with nothing of WASI called it imports none of it.
  clang --target=wasm32-wasi -O2 -Wall -Wextra -Wno-unused-parameter -nostartfiles -nodefaultlibs -I "$dir/c" \
    -Wl,--no-entry -Wl,-z,stack-size=16384 -Wl,--strip-debug \
    "$from/c/code_words.c" "$dir/c/code_words.c" "$dir/c/code_words_component_type.o" -lc -o "$dir/c/code-words.wasm"
  python3 "$from/manifest.py" "$dir/c/code-words.wasm" "$from/c/manifest.json" "$dir/c.wasm"
}

tools_javascript() {
  command -v npm >/dev/null || { say "javascript: needs Node.js and npm"; return 1; }
  mkdir -p "$dir/javascript"
  [ "$(cat "$dir/javascript/version" 2>/dev/null)" = "$componentize_js" ] && return
  say "javascript: fetching componentize-js $componentize_js (about 15 s, once)"
  npm install --prefix "$dir/javascript" --no-save --no-audit --no-fund --loglevel error \
    "@bytecodealliance/componentize-js@$componentize_js" >"$log" 2>&1 || { say "javascript: npm could not fetch it; see $log"; return 1; }
  printf '%s\n' "$componentize_js" > "$dir/javascript/version"
}
build_javascript() {
  cp "$from/javascript/app.js" "$from/javascript/build.mjs" "$dir/javascript/"
  node "$dir/javascript/build.mjs" "$dir/javascript/app.js" "$dir/wit" "$dir/javascript/code-words.wasm"
  python3 "$from/manifest.py" "$dir/javascript/code-words.wasm" "$from/javascript/manifest.json" "$dir/javascript.wasm"
}

tools_python() {
  [ "$(cat "$dir/python/version" 2>/dev/null)" = "$componentize_py" ] && return
  say "python: fetching componentize-py $componentize_py (about 15 s, once)"
  # The script that makes the tests' environment also sees to it that one can be made.
  { scripts/python-env.sh "$target/python" && "$target/python/bin/python" -m venv --clear "$dir/python" \
    && "$dir/python/bin/python" -m pip install --quiet --disable-pip-version-check "componentize-py==$componentize_py"; } >"$log" 2>&1 \
    || { say "python: pip could not fetch it; see $log"; return 1; }
  printf '%s\n' "$componentize_py" > "$dir/python/version"
}
build_python() {
  "$dir/python/bin/componentize-py" --quiet -d "$dir/wit" -w code-words componentize app -p "$from/python" -o "$dir/python/code-words.wasm"
  python3 "$from/manifest.py" "$dir/python/code-words.wasm" "$from/python/manifest.json" "$dir/python.wasm"
}

[ $# -gt 0 ] || set -- rust c javascript python
failed= passed_over=
for language in "$@"; do
  case $language in rust|c|javascript|python) ;; *) say "$language: no such example"; exit 2 ;; esac
  say "$language"
  if ! "tools_$language"; then passed_over="$passed_over $language"; continue; fi
  rm -f "$dir/$language.wasm"
  if ! (set -e; "build_$language") >"$log" 2>&1 || [ ! -f "$dir/$language.wasm" ]; then
    cat "$log" >&2
    failed="$failed $language"
    continue
  fi
  say "$language: $(($(wc -c < "$dir/$language.wasm") / 1024)) KiB"
  "$witgate" plugin test "$dir/$language.wasm" --cases "$from/cases.yaml" || failed="$failed $language"
done
[ -z "$passed_over" ] || say "passed over, for want of tools:$passed_over"
[ -z "$failed" ] || { say "failed:$failed"; exit 1; }
