#!/bin/sh
# Puts the npm packages that tests/e2e/node/package.json pins into a folder, or finds those put there earlier.
#
#   node-env.sh DIR        afterwards `node` resolves them from DIR/node_modules
#
# Does nothing when they are there for the same pins and the same Node.js. Progress goes to stderr.
# Exit codes: 0 ready, 3 there is no Node.js or no npm here, or npm's registry could not be reached; 2 anything else.
set -eu

say() { printf '%s\n' "node-env: $*" >&2; }

[ $# = 1 ] || { say "usage: node-env.sh DIR"; exit 2; }
dir=$1
tests=$(cd "$(dirname "$0")/.." && pwd)/tests/e2e/node
for tool in node npm; do
  command -v "$tool" >/dev/null || { say "no $tool on this machine: install Node.js 20 or later (Debian: apt-get install nodejs npm)"; exit 3; }
done

# The folder is as good as what it was made from: the pins, this script, and the interpreter.
stamp=$({ node --version; cat "$tests/package.json" "$0"; } | cksum)
if [ ! -d "$dir/node_modules" ] || [ "$(cat "$dir/stamp" 2>/dev/null)" != "$stamp" ]; then
  say "fetching the SDKs from npm into $dir (about 10 s, once)"
  rm -rf "$dir"
  mkdir -p "$dir"
  cp "$tests/package.json" "$dir/"
  if ! npm install --prefix "$dir" --no-audit --no-fund --no-package-lock --ignore-scripts --loglevel error >&2; then
    say "npm could not fetch them; its message stands above"
    exit 3
  fi
  printf '%s\n' "$stamp" > "$dir/stamp"
fi
# Modules are looked for beside the file that wants them, so the tests stand beside the packages.
cp "$tests"/*.mjs "$dir/"
