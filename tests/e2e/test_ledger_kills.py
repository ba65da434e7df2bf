"""The gate is killed at random moments under load, again and again, with one ledger.

`WITGATE_KILLS` says how often (12 unless said); `WITGATE_KILL_SEED` repeats a run's moments. A thousand:
`WITGATE_KILLS=1000 python -m pytest tests/e2e/test_ledger_kills.py`, about an hour.
"""

import json
import os
import random
import time

import pytest

from support import binary, raw, sse
from support.load import Load

KILLS = int(os.environ.get("WITGATE_KILLS", "12"))
SEED = int(os.environ.get("WITGATE_KILL_SEED", str(random.randrange(1 << 32))))


@pytest.mark.timeout(60 + KILLS * 30)
def test_kills_at_random_moments(configured, upstream, folder):
    print("seed", SEED)
    moments = random.Random(SEED)
    upstream.speaks(sse.text("a ", "b"), sse.whole("fine"))
    shipped = folder / "shipped"
    shipped.mkdir()
    # Small segments, so that packing, shipping and letting go are killed, too.
    ledger = {"segment_mib": 1, "checkpoint_seconds": 1, "retention": {"mib": 4}, "ship": {"folder": str(shipped)}}
    gate = configured(upstream.url, {"ledger": ledger})
    acknowledged = 0
    for kill in range(KILLS):
        load = Load(gate, threads=4)
        time.sleep(moments.choice([moments.uniform(0, 0.05), moments.uniform(0.05, 1.5)]))
        gate.kill()
        told = load.stop()
        # As it was left, before anybody mends it: at most a torn write at the very end.
        gate.start()
        if told:
            acknowledged += len(told)
            exchange, at = max(told.items(), key=lambda one: one[1])
            status, receipt = gate.get(f"/witgate/receipts/{exchange}")
            assert status == 200 and receipt["seq"] == at, (kill, SEED)
        checked = gate.verify("--format", "json")
        report = json.loads(checked.stdout)
        assert checked.returncode == 0, (kill, SEED, report["failure"])
        assert report["head"]["seq"] >= max(told.values(), default=0)
        if report["let_go"] is None:
            # No effect without its record.
            assert report["exchanges"]["begun"] >= len(upstream.requests), (kill, SEED)
    assert acknowledged > 0
    assert raw.ask(gate).status == 200
    assert gate.stop() == 0
    if any(shipped.iterdir()):
        assert binary.run("audit", "verify", shipped, "--key", gate.public).returncode == 0
