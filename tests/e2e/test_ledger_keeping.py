"""Finished segments are compressed, shipped and let go; checkpoints reach a witness; several ledgers are checked at once."""

import json
import resource
import shutil
import sys

import pytest

from support import binary, raw, sse
from support.load import Load
from support.poll import until

sys.path.insert(0, str(binary.ROOT / "tests/verifier"))
import verifier  # noqa: E402

SMALL = {"segment_mib": 1, "checkpoint_seconds": 1}


def fill(gate, done, upstream, most=6000):
    """Traffic until `done`."""
    upstream.speaks(sse.text("a ", "b"), sse.whole("fine"))
    for _ in range(most // 400):
        Load(gate, threads=4, limit=400).join()
        if done():
            return
    raise AssertionError("it did not happen: " + gate.admin("/metrics")[1])


def outsider(gate, folder, *more):
    return binary.run("audit", "verify", folder, "--key", gate.public, "--format", "json", *more)


@pytest.mark.timeout(240)
def test_old_segments_are_packed_shipped_and_let_go(configured, upstream, folder):
    shipped, witnessed = folder / "shipped", folder / "witnessed"
    witnessed.mkdir()
    ledger = {**SMALL, "retention": {"mib": 2}, "ship": {"folder": str(shipped)}, "witness": {"folder": str(witnessed)}}
    gate = configured(upstream.url, {"ledger": ledger})
    # The folder is not there yet: nothing is let go, the gate goes on, and says so.
    fill(gate, lambda: gate.metric('witgate_ledger_chore_failures_total{task="ship"}') > 0, upstream)
    assert gate.metric("witgate_ledger_segments_let_go_total") == 0
    assert gate.admin("/readyz")[0] == 200 and "ledger_chore_failed" in gate.log()
    shipped.mkdir()
    fill(gate, lambda: gate.metric("witgate_ledger_segments_let_go_total") > 1, upstream)
    assert gate.metric("witgate_ledger_segments_packed_total") > 1
    assert gate.verify().returncode == 0
    assert gate.stop() == 0
    told = outsider(gate, gate.ledger)
    report = json.loads(told.stdout)
    assert told.returncode == 0 and report["let_go"]["rule"] == "size" and report["let_go"]["shipped"] is True
    told = gate.verify()
    assert told.returncode == 0 and "were let go by the operator's rule (more than 2 MiB together)" in told.stdout
    # The second verifier says the same, of what is left and of what was shipped.
    key = verifier.load_key(gate.public)
    run = verifier.Verifier(gate.ledger, verifier.load_key(gate.key), [key]).run()
    assert run.let_go["through"] == report["let_go"]["through"] and run.seq == report["head"]["seq"]
    whole = verifier.Verifier(shipped, None, [key]).run()
    assert whole.let_go is None and whole.seq >= report["let_go"]["through"]
    assert outsider(gate, shipped).returncode == 0
    # One more taken away is missing.
    shutil.copytree(gate.ledger, folder / "less", ignore=shutil.ignore_patterns("lock", "witness"))
    first, *_ = sorted((folder / "less").glob("ledger-*"))
    first.unlink()
    found = outsider(gate, folder / "less")
    assert found.returncode == 1 and json.loads(found.stdout)["failure"]["code"] == "first_segment_missing"
    with pytest.raises(verifier.Wrong, match="first_segment_missing"):
        verifier.Verifier(folder / "less", None, [key]).run()
    # The witness has the end of the ledger.
    newest = sorted(witnessed.iterdir())[-1]
    assert int(newest.name.split("-")[-1]) == report["head"]["seq"]


def test_a_cut_tail_shows_against_a_witnessed_checkpoint(configured, upstream, folder):
    kept = folder / "kept"
    kept.mkdir()
    command = ["sh", "-c", 'cp -- "$2" "$1"', "sh", str(kept)]
    gate = configured(upstream.url, {"ledger": {**SMALL, "witness": {"command": command}}})
    raw.ask(gate)
    until(lambda: gate.metric("witgate_ledger_checkpoints_witnessed_total") > 0, "a witnessed checkpoint")
    for _ in range(3):
        raw.ask(gate)
    assert gate.stop() == 0
    witnessed = sorted(kept.iterdir())
    assert len(witnessed) >= 2
    more = [word for path in witnessed for word in ("--checkpoint", path)]
    assert outsider(gate, gate.ledger, *more).returncode == 0
    # Whoever takes the machine cuts the tail, and puts back the earlier checkpoint that covers what is left.
    cut = folder / "cut"
    shutil.copytree(gate.ledger, cut, ignore=shutil.ignore_patterns("lock", "witness"))
    [segment] = cut.glob("*.wgl")
    data, earlier = segment.read_bytes(), verifier.Checkpoint(witnessed[0].read_bytes().decode())
    at = 128
    for _ in range(earlier.size):
        at += int.from_bytes(data[at : at + 4], "big") + 44
    segment.write_bytes(data[:at])
    shutil.copy(witnessed[0], cut / "checkpoint")
    assert outsider(gate, cut).returncode == 0, "alone it looks whole"
    found = outsider(gate, cut, *more)
    assert found.returncode == 1 and json.loads(found.stdout)["failure"]["code"] == "tail_cut"


def test_several_ledgers_are_checked_at_once(configured, upstream, folder):
    gates = [configured(upstream.url) for _ in range(3)]
    for gate in gates:
        raw.ask(gate)
        assert gate.stop() == 0
    folders = [gate.ledger for gate in gates]
    told = binary.run("audit", "verify", *folders)
    assert told.returncode == 0 and "3 ledgers: 3 intact, 0 not, 0 could not be checked" in told.stdout, told.stderr
    kept = gates[1].ledger / "checkpoint"
    assert binary.run("audit", "verify", *folders, "--checkpoint", kept).returncode == 0
    # Its ledger is not among them.
    told = binary.run("audit", "verify", folders[0], folders[2], "--checkpoint", kept)
    assert told.returncode == 1 and "error[ledger_missing]" in told.stdout
    bad = folder / "bad"
    shutil.copytree(folders[1], bad, ignore=shutil.ignore_patterns("lock"))
    [segment] = bad.glob("*.wgl")
    data = segment.read_bytes()
    segment.write_bytes(data[:300] + bytes([data[300] ^ 1]) + data[301:])
    key = ["--chain-key", gates[1].key, "--key", gates[1].public]
    told = binary.run("audit", "verify", bad, folders[1], "--format", "json", *key)
    report = json.loads(told.stdout)
    assert told.returncode == 1 and [one["intact"] for one in report["ledgers"]] == [False, True]
    told = binary.run("audit", "verify", folders[0], bad, folders[1], *key)
    # The first was made with another key, which is worse: it was not checked at all.
    assert told.returncode == 2 and "1 intact, 1 not, 1 could not be checked" in told.stdout


def test_a_full_disk_stops_the_gate_and_it_resumes(gate, upstream, folder):
    """No file may grow beyond a limit: for the gate that is a disk without room, whoever it runs as."""
    upstream.speaks(sse.text("a ", "b"), sse.whole("fine"))
    while gate.verify("--format", "json").stdout and json.loads(gate.verify("--format", "json").stdout)["head"]["seq"] < 60:
        Load(gate, threads=2, limit=20).join()
    asked = len(upstream.requests)
    _, hard = resource.prlimit(gate.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(gate.process.pid, resource.RLIMIT_FSIZE, (16 << 10, hard))
    try:
        answers = [raw.ask(gate, raw.chat(stream=streamed)) for streamed in (False, True)]
        assert [answer.status for answer in answers] == [503, 503]
        assert all(b"ledger_unavailable" in answer.body for answer in answers)
        status, body = gate.admin("/readyz")
        assert status == 503 and json.loads(body)["ledger"]["code"] == "ledger_disk_full", body
        assert gate.metric("witgate_ledger_healthy") == 0
        assert gate.admin("/healthz")[0] == 200
        assert len(upstream.requests) == asked, "no request left without its record"
    finally:
        resource.prlimit(gate.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
    until(lambda: gate.admin("/readyz")[0] == 200, "ready again")
    assert raw.ask(gate).status == 200 and len(upstream.requests) == asked + 1
    assert gate.metric("witgate_ledger_healthy") == 1


def test_a_ledger_folder_of_another_disk_that_is_taken_away(gate, upstream, folder):
    """The folder is gone: a segment that is open goes on, and nothing is begun anew in silence."""
    raw.ask(gate)
    moved = folder / "moved"
    gate.ledger.rename(moved)
    raw.ask(gate)
    moved.rename(gate.ledger)
    assert raw.ask(gate).status == 200


def test_hand_overs_are_checked_at_the_start(configured, upstream):
    gate = configured(upstream.url)
    gate.stop()
    for block, code in [({"ship": {}}, "hand_over_nowhere"), ({"witness": {"command": [""]}}, "command_form")]:
        gate.config.value["ledger"] = {**gate.config.value["ledger"], **block}
        gate.config.write()
        told = binary.run("serve", "--config", gate.config.file)
        assert told.returncode == 2 and code in told.stderr, told.stderr
        for name in block:
            del gate.config.value["ledger"][name]
    gate.config.write()
