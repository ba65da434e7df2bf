"""A witness of its own code gets every newest checkpoint over HTTP, checks that the ledger goes on, and cosigns."""

import json
import shutil

import pytest

from support import binary, raw
from support.certificates import Authority
from support.poll import until
from support.witness import Witness, verifier

QUICK = {"checkpoint_seconds": 1}


@pytest.fixture
def witness():
    started = []

    def start(*logs, **more):
        started.append(Witness(logs, **more))
        return started[-1]

    yield start
    for one in started:
        one.close()


def asked(witness, **more):
    return {**QUICK, "witness": {"url": witness.url, "key": witness.key, "proxy": "none", **more}}


def verified(gate, *more):
    told = binary.run("audit", "verify", gate.ledger, "--key", gate.public, "--format", "json", *more)
    return told.returncode, json.loads(told.stdout)


def cosigned(gate):
    return gate.metric("witgate_ledger_checkpoints_cosigned_total")


def introduced(witness, gate):
    """The witness's operator is given the ledger's key."""
    witness.logs = Witness([gate.public]).logs


def test_every_newest_checkpoint_is_cosigned(configured, upstream, folder, witness):
    authority = Authority(folder / "ca")
    token = folder / "token"
    token.write_text("a secret of two\n")
    token.chmod(0o600)
    one = witness(token="a secret of two", tls=authority.server())
    ledger = asked(one, ca_file=str(authority.file), token_file=str(token))
    gate = configured(upstream.url, {"ledger": ledger})
    # Nobody told the witness of this ledger yet: the gate says so, and goes on.
    until(lambda: gate.metric('witgate_ledger_chore_failures_total{task="cosign"}') > 0, "a refusal")
    assert raw.ask(gate).status == 200 and cosigned(gate) == 0
    assert "it trusts no key that signed the checkpoint" in gate.log()
    introduced(one, gate)
    until(lambda: cosigned(gate) > 0, "a cosigned checkpoint")
    before = cosigned(gate)
    raw.ask(gate)
    until(lambda: cosigned(gate) > before, "the next")
    assert gate.metric("witgate_ledger_records_cosigned") > 0
    assert gate.stop() == 0
    # The last one, too, which was written when the gate ended.
    code, report = verified(gate, "--witness-key", one.key)
    assert code == 0 and report["witnessed"][0]["records"] == report["head"]["seq"], report
    written = (gate.ledger / "checkpoint.witnessed").read_text()
    assert one.vouches(written) == report["head"]["seq"] and "stranger.example" not in written
    told = gate.verify("--witness-key", one.key)
    assert f"witness witness.example/w1 cosigned up to record {report['head']['seq']}, on 20" in told.stdout
    # Asked with the size it had seen, with a proof, and never refused since.
    answers = [answer for answer in one.answers if answer[0] != 403]
    assert {status for status, _ in answers} == {200} and answers[-1][1] != "old 0"
    # The second verifier says the same.
    other = verifier.Verifier(gate.ledger, None, [verifier.load_key(gate.public)], witnesses=[verifier.Witness(one.key)])
    [(name, records, _)] = other.run().witnessed
    assert (name, records) == (one.name, report["head"]["seq"])
    # Another witness vouches for nothing here; the key may stand in a file.
    kept = folder / "witness.key"
    kept.write_text(one.key + "\n")
    assert verified(gate, "--witness-key", kept)[0] == 0
    code, report = verified(gate, "--witness-key", witness().key)
    assert code == 1 and report["failure"]["code"] == "witness_wrong_key"


def test_a_restart_goes_on_where_the_witness_is(configured, upstream, witness):
    one = witness()
    gate = configured(upstream.url, {"ledger": asked(one)})
    introduced(one, gate)
    until(lambda: cosigned(gate) > 0, "a cosigned checkpoint", seconds=30)
    assert gate.stop() == 0
    # It knows no more what the witness saw: it asks with 0, is told, and asks again.
    (gate.ledger / "checkpoint.witnessed").unlink()
    one.answers.clear()
    gate.start()
    raw.ask(gate)
    until(lambda: cosigned(gate) > 1, "a cosigned checkpoint")
    assert one.answers[0] == (409, "old 0") and one.answers[1][0] == 200
    assert gate.metric('witgate_ledger_chore_failures_total{task="cosign"}') == 0
    # It forgot everything: it is told from the beginning.
    one.seen.clear()
    one.answers.clear()
    raw.ask(gate)
    until(lambda: (200, "old 0") in one.answers, "a checkpoint from the beginning")
    assert one.answers[0][0] == 409


def test_nobody_waits_for_a_witness(configured, upstream, witness):
    one = witness()
    one.away = True
    gate = configured(upstream.url, {"ledger": asked(one, timeout_seconds=1)})
    introduced(one, gate)
    failed = 'witgate_ledger_chore_failures_total{task="cosign"}'
    until(lambda: gate.metric(failed) > 1, "a witness that is away", seconds=30)
    assert raw.ask(gate).status == 200 and gate.admin("/readyz")[0] == 200
    assert "503 Service Unavailable: away" in gate.log()
    one.away = False
    until(lambda: cosigned(gate) > 0, "a cosigned checkpoint", seconds=30)


def test_a_ledger_that_was_put_back_is_found_by_the_witness(configured, upstream, folder, witness):
    one = witness()
    gate = configured(upstream.url, {"ledger": asked(one)})
    introduced(one, gate)
    raw.ask(gate)
    assert gate.stop() == 0
    earlier = folder / "earlier"
    shutil.copytree(gate.ledger, earlier, ignore=shutil.ignore_patterns("lock"))
    seen = dict(one.seen)
    gate.start()
    for _ in range(20):
        raw.ask(gate)
    assert gate.stop() == 0
    assert one.seen != seen
    # Whoever has the machine puts the earlier ledger back.
    shutil.rmtree(gate.ledger)
    shutil.copytree(earlier, gate.ledger)
    gate.start()
    until(lambda: gate.metric('witgate_ledger_chore_failures_total{task="cosign"}') > 0, "a witness that will not cosign")
    assert "records were cut, or another copy of the ledger goes on" in gate.log()
    # It grows past what the witness saw, and still is not the one that it saw.
    for _ in range(40):
        raw.ask(gate)
    until(lambda: "the ledger does not go on from what it saw" in gate.log(), "a fork that is found", seconds=60)
    assert cosigned(gate) == 0


def test_what_is_wrong_is_told_at_the_start(configured, upstream, witness):
    key = witness().key
    gate = configured(upstream.url)
    gate.stop()
    for block, code in [
        ({"witness": {"url": "https://w.example"}}, "witness_key_missing"),
        ({"witness": {"url": "https://w.example", "key": key.replace("w1", "w2")}}, "witness_key_form"),
        ({"witness": {"url": "http://w.example", "key": key}}, "url_not_https"),
        ({"witness": {"folder": "kept", "key": key}}, "url_missing"),
        ({"witness": {"folder": "kept", "token_file": "keys/receipt.key"}}, "url_missing"),
        ({"witness": {"url": "https://w.example", "key": key, "ca_file": "keys/receipt.key"}}, "no_certificate"),
        ({"timestamp": {}}, "missing_member"),
        ({"timestamp": {"url": "http://t.example", "token_file": "keys/receipt.key"}}, "url_not_https"),
    ]:
        gate.config.value["ledger"] = {**gate.config.value["ledger"], **block}
        gate.config.write()
        told = binary.run("validate", gate.config.file)
        assert told.returncode == 1 and code in told.stdout + told.stderr, (block, told.stdout, told.stderr)
        for name in block:
            del gate.config.value["ledger"][name]
    gate.config.write()
