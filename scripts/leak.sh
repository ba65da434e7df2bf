#!/bin/sh
# Scores a proxy: how many bytes of planted values reach the other side. `--proxy URL` scores any; without it a gate is
# started from tests/leak/gate.yaml and scored. Everything else is passed on; see tests/leak/README.md.
set -eu
cd "$(dirname "$0")/.."
target=$(scripts/target-dir.sh)
cargo build --release --quiet -p witgate-leak
leak="$target/release/witgate-leak"
for word in "$@"; do
  case $word in --proxy | --proxy=* | --list | --help | -h) exec "$leak" "$@" ;; esac
done

witgate=${WITGATE_BIN:-}
if [ -z "$witgate" ]; then
  scripts/build.sh
  witgate="$target/release/witgate"
fi
work=$(mktemp -d "$target/leak.XXXXXX")
gate=
harness=
end() {
  for process in $harness $gate; do kill "$process" 2>/dev/null || true; done
  [ -z "$gate" ] || wait "$gate" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM

"$witgate" init "$work/gate" >/dev/null
addresses=$(python3 -c '
import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*("%s:%d" % one.getsockname() for one in held))')
# Three words.
# shellcheck disable=SC2086
set -- $addresses "$@"
listen=$1 admin=$2 upstream=$3
shift 3
mkdir -p "$target/leak-cache"
chmod 700 "$target/leak-cache"
sed -e "s|LISTEN|$listen|; s|ADMIN|$admin|; s|UPSTREAM|$upstream|; s|CACHE|$target/leak-cache|" \
  tests/leak/gate.yaml >"$work/gate/witgate.yaml"
(cd "$work/gate" && exec "$witgate" serve --config witgate.yaml) >"$work/log" 2>&1 &
gate=$!
python3 - "$admin" "$gate" <<'PYTHON' || { cat "$work/log" >&2; exit 2; }
import json, os, sys, time, urllib.request

direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
end = time.monotonic() + 180
while time.monotonic() < end:
    try:
        with direct.open(f"http://{sys.argv[1]}/admin/policy", timeout=5) as answer:
            json.load(answer)
        with direct.open(f"http://{sys.argv[1]}/readyz", timeout=5) as answer:
            sys.exit(0)
    except OSError:
        os.kill(int(sys.argv[2]), 0)
        time.sleep(0.05)
sys.exit("leak: the gate does not become ready")
PYTHON

"$leak" --proxy "http://$listen/v1" --upstream-listen "$upstream" --pid "$gate" "$@" &
harness=$!
code=0
wait "$harness" || code=$?
harness=
if ! kill -0 "$gate" 2>/dev/null; then
  printf '%s\n' "leak: the gate ended by itself:" >&2
  tail -n 40 "$work/log" >&2
  code=2
fi
exit "$code"
