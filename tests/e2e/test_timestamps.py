"""An authority stamps checkpoints with the time (RFC 3161): OpenSSL on its side, and OpenSSL checks what was kept."""

import json
import shutil

import pytest

from support import binary, raw
from support.authority import Authority
from support.poll import until

TOKENS = "witgate_ledger_timestamps_total"
FAILED = 'witgate_ledger_chore_failures_total{task="timestamp"}'


@pytest.fixture
def authority(folder):
    started = Authority(folder / "authority")
    yield started
    started.close()


def stamped(authority):
    return {"checkpoint_seconds": 1, "timestamp": {"url": authority.url, "every_seconds": 1}}


def verified(folder, gate, ca):
    told = binary.run("audit", "verify", folder, "--key", gate.public, "--tsa-ca", ca, "--format", "json")
    return told.returncode, json.loads(told.stdout)


def test_checkpoints_are_stamped_and_anyone_can_check_it(configured, upstream, folder, authority):
    gate = configured(upstream.url, {"ledger": stamped(authority)})
    raw.ask(gate)
    until(lambda: gate.metric(TOKENS) > 0, "a token")
    raw.ask(gate)
    until(lambda: gate.metric(TOKENS) > 1, "another")
    assert gate.metric("witgate_ledger_records_timestamped") > 0
    assert gate.stop() == 0
    code, report = verified(gate.ledger, gate, authority.ca)
    part = report["timestamps"]
    assert code == 0 and part["records"] == report["head"]["seq"] and part["tokens"] >= 3, report
    assert abs(part["time_ms"] - report["last"]["time_ms"]) < 60_000
    told = gate.verify("--tsa-ca", authority.ca)
    assert f"time-stamp tokens: up to record {part['records']} was there on 20" in told.stdout, told.stdout
    # OpenSSL says the same of each, over the checkpoint beside it.
    kept = sorted((gate.ledger / "timestamps").glob("*.tsr"))
    assert len(kept) == part["tokens"]
    assert all(authority.verifies(token, token.with_suffix(".note")) for token in kept)
    # What does not hold is found.
    other = Authority(folder / "other")
    other.close()

    def found(change, ca=authority.ca):
        copy = folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(gate.ledger, copy, ignore=shutil.ignore_patterns("lock"))
        change(sorted((copy / "timestamps").glob("*.tsr")))
        code, report = verified(copy, gate, ca)
        assert code == 1, report
        return report["failure"]["code"]

    def flip(tokens):
        data = tokens[0].read_bytes()
        tokens[0].write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])

    assert found(lambda tokens: None, other.ca) == "timestamp_certificate"
    assert found(lambda tokens: shutil.copy(tokens[0], tokens[1])) == "timestamp_of_another"
    assert found(flip) == "timestamp_signature"
    assert found(lambda tokens: tokens[0].write_bytes(b"")) == "timestamp_malformed"
    assert found(lambda tokens: [token.unlink() for token in tokens]) == "timestamp_missing"
    assert found(lambda tokens: tokens[0].with_suffix(".note").write_bytes(b"half")) == "timestamp_unreadable"
    assert found(lambda tokens: tokens[0].with_suffix(".note").unlink()) == "timestamp_unreadable"

    def forge(tokens):
        # A checkpoint that never was, with a token of its own.
        note = tokens[0].with_suffix(".note")
        lines = note.read_text().split("\n")
        lines[2] = ("B" if lines[2][0] == "A" else "A") + lines[2][1:]
        note.write_text("\n".join(lines))

    assert found(forge) in ("timestamp_of_another", "checkpoint_differs")


def test_an_answer_that_is_none_is_told_and_asked_for_again(configured, upstream, authority):
    authority.instead = b"<html>busy</html>"
    gate = configured(upstream.url, {"ledger": stamped(authority)})
    until(lambda: gate.metric(FAILED) > 0, "an answer that is no token", seconds=30)
    assert raw.ask(gate).status == 200 and gate.metric(TOKENS) == 0
    assert "no time-stamp as RFC 3161 describes it" in gate.log()
    authority.instead = None
    until(lambda: gate.metric(TOKENS) > 0, "a token", seconds=30)
    # An answer to another question, however well it is signed.
    authority.instead = authority.answers[-1]
    failed = gate.metric(FAILED)
    raw.ask(gate)
    until(lambda: gate.metric(FAILED) > failed, "an answer to another question", seconds=30)
    assert "it is over something else" in gate.log()
