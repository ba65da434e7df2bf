#!/bin/sh
# Makes a Python virtual environment with what a file pins, or finds the one made earlier.
#
#   python-env.sh DIR [REQUIREMENTS]        afterwards DIR/bin/python has them; without a file, tests/e2e/requirements.txt
#
# Does nothing when the environment was made for the same requirements and the same Python. Progress goes to stderr.
# Exit codes: 0 ready, 3 the packages could not be fetched, 2 anything else.
set -eu

say() { printf '%s\n' "python-env: $*" >&2; }
fail() { say "$*"; exit 2; }

[ $# = 1 ] || [ $# = 2 ] || fail "usage: python-env.sh DIR [REQUIREMENTS]"
dir=$1
wanted=${2:-$(cd "$(dirname "$0")/.." && pwd)/tests/e2e/requirements.txt}
python=${PYTHON:-python3}
command -v "$python" >/dev/null || fail "no $python on this machine: install Python 3.9 or later (Debian: apt-get install python3 python3-venv)"

# The environment is as good as what it was made from: the pins, this script, and the interpreter.
version=$("$python" -c 'import sys; print(sys.version, sys.executable)')
stamp=$({ printf '%s\n' "$version"; cat "$wanted" "$0"; } | cksum)
[ -x "$dir/bin/python" ] && [ "$(cat "$dir/stamp" 2>/dev/null)" = "$stamp" ] && exit 0

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || fail "$python cannot make virtual environments: install $package (Debian: apt-get install $package)"
  say "installing Debian's $package (once)"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package"; } >/dev/null 2>&1 || true
  "$python" -c 'import ensurepip, venv' 2>/dev/null || fail "$package could not be installed: apt-get install $package"
fi

say "making $dir with $(grep -c '^[a-z]' "$wanted") pinned packages (about 15 s, once)"
mkdir -p "$(dirname "$dir")"
"$python" -m venv --clear "$dir" || fail "no virtual environment could be made in $dir"
"$dir/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$wanted" >&2 \
  || { say "the packages of $wanted could not be fetched; pip's message stands above"; exit 3; }
printf '%s\n' "$stamp" > "$dir/stamp"
say "ready"
