"""A call that a person must agree to: nobody can be asked yet, and the ledger says which call that was, to the byte."""

import hashlib
import json
import sys
import uuid

import pytest

from support import binary, raw
from support.poll import until
from support.speech import DIALECTS, Call, Text

sys.path.insert(0, str(binary.ROOT / "tests/verifier"))
import verifier  # noqa: E402

WEATHER = Call("get_weather", '{"city":"Oslo"}')
DELETE = Call("delete_records", '{"table": "customers", "n": 2}')
every = pytest.mark.parametrize("dialect", [DIALECTS.chat, DIALECTS.messages, DIALECTS.responses], ids=lambda one: one.name)


@pytest.fixture(params=[False, True], ids=["unary", "streamed"])
def streamed(request):
    return request.param


def ask(gate, upstream, *parts, dialect=DIALECTS.chat, streamed=False, **headers):
    upstream.speaks(dialect.stream(*parts), dialect.whole(*parts))
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return raw.ask(gate, dialect.ask("do it", stream=streamed), path=dialect.path, headers=headers)


def records(gate, exchange):
    told = binary.run("audit", "tail", gate.ledger, "--exchange", exchange, "--since", 1, "--no-follow", "--format", "jsonl")
    return [json.loads(line) for line in told.stdout.splitlines()]


@every
def test_each_escalated_call_has_its_approval(gate, upstream, dialect, streamed):
    answer = ask(gate, upstream, Text("I will."), WEATHER, DELETE, DELETE, dialect=dialect, streamed=streamed, x_witgate_thread_id="t-7")
    heard = dialect.heard(answer, streamed)
    assert heard.withheld() == [("delete_records", "approval_unavailable")] * 2
    gate.audit(answer.exchange)
    told = records(gate, answer.exchange)
    asked = [one for one in told if one["kind"] == "APPROVAL"]
    assert len(asked) == 2 and len({one["body"]["approval"] for one in asked}) == 2
    [intent] = [one["body"] for one in told if one["kind"] == "INTENT"]
    for one in asked:
        body, decision = one["body"], next(before for before in told if before["seq"] == one["seq"] - 1)
        # It stands right behind the decision that asked, and is bound to the same arguments.
        assert (decision["kind"], decision["body"]["verdict"]) == ("DECISION", "escalate")
        assert body["asked_by"] == decision["body"]["reason"] == {"plugin": "tool-tiers", "code": "tool_irreversible"}
        assert body["outcome"] == "unavailable" and body["queue"] == "tool-approvals"
        assert uuid.UUID(body["approval"]).version == 7
        assert body["principal"] == intent["principal"] and body["policy_set"] == intent["policy_set"]
        assert one["attributes"] == {"thread_id": "t-7"}
        call = body["call"]
        assert (call["kind"], call["name"], call["index"]) == ("tool_use", "delete_records", decision["body"]["subject"]["index"])
        assert call["arguments"] == decision["body"]["subject"]["arguments"] == decision["body"]["withheld"][0]["arguments"]
        salt, value = bytes.fromhex(call["arguments"]["salt"]), json.loads(DELETE.all)
        # A whole answer of Anthropic's has an object where the others have its text.
        exact = {DELETE.all, json.dumps(value), json.dumps(value, separators=(",", ":"))}
        found = [text for text in exact if hashlib.sha256(salt + text.encode()).hexdigest() == call["arguments"]["hash"]]
        assert found, "the hash is that of the arguments as they were judged"
        assert call["id"]
    assert len({one["body"]["call"]["id"] for one in asked}) == 2
    # Nothing of the arguments is in clear.
    assert "customers" not in json.dumps(told)


def test_it_is_durable_before_the_result_is_told(gate, upstream):
    answer = ask(gate, upstream, DELETE)
    # The answer is there, and the process dies at once: what was not on disk by now never will be.
    gate.kill()
    kinds = [one["kind"] for one in records(gate, answer.exchange)]
    assert kinds[:4] == ["INTENT", "DECISION", "DECISION", "APPROVAL"]
    gate.start()
    assert gate.verify().returncode == 0


def test_what_is_refused_or_allowed_asks_nobody(configured, upstream, streamed):
    tiers = {"tools": [{"name": "get_*", "tier": "LOW"}], "max_tier": "LOW"}
    gate = configured(upstream.url, {"policies": {"set": [{"id": "tool-tiers", "plugin": "builtin:tool-tiers", "config": tiers}]}})
    answer = ask(gate, upstream, WEATHER, DELETE, streamed=streamed)
    gate.audit(answer.exchange)
    assert [one["kind"] for one in records(gate, answer.exchange)].count("APPROVAL") == 0
    monitored = {"id": "tool-tiers", "plugin": "builtin:tool-tiers", "grants": ["escalate"], "mode": "monitor"}
    gate = configured(upstream.url, {"policies": {"set": [monitored]}})
    answer = ask(gate, upstream, DELETE, streamed=streamed)
    gate.audit(answer.exchange)
    assert [one["kind"] for one in records(gate, answer.exchange)].count("APPROVAL") == 0


def test_it_is_shown_wherever_records_are(gate, upstream):
    answer = ask(gate, upstream, DELETE, streamed=True)
    told = gate.audit(answer.exchange)
    assert "approval  UNAVAILABLE, asked for by tool-tiers: tool_irreversible" in told
    assert "call        delete_records (call_0), arguments" in told and "queue       tool-approvals" in told

    def snapshot():
        status, body = gate.admin(f"/v1/snapshot?exchange={answer.exchange}&kind=approval&plugin=tool-tiers")
        return status == 200 and json.loads(body)["records"]

    [shown] = until(snapshot, "the APPROVAL in a snapshot")
    assert shown["body"]["call"]["name"] == "delete_records"
    gate.stop()
    assert "unavailable of delete_records, asked for by tool-tiers: tool_irreversible" in binary.run(
        "audit", "tail", gate.ledger, "--no-follow", "--since", 1, "--kind", "approval").stdout
    stats = json.loads(binary.run("audit", "stats", gate.ledger, "--format", "json").stdout)
    assert stats["approvals"] == {"unavailable": 1} and stats["kinds"]["APPROVAL"] == 1
    assert "approvals   unavailable 1" in binary.run("audit", "stats", gate.ledger).stdout
    code = ["--code", "tool_irreversible", "--kind", "approval"]
    for form, wanted in {"jsonl": '"outcome":"unavailable"', "csv": ",delete_records,"}.items():
        out = gate.folder / f"export.{form}"
        made = binary.run("audit", "export", gate.ledger, "--format", form, "--out", out, *code)
        assert made.returncode == 0 and wanted in out.read_text() and shown["body"]["approval"] in out.read_text(), form
        checked = binary.run("audit", "check-proof", *sorted(gate.folder.glob(f"export.{form}.proof-*")), "--key", gate.public, "--export", out)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    run = verifier.Verifier(gate.ledger, verifier.load_key(gate.key), [verifier.load_key(gate.public)]).run()
    assert run.kinds["APPROVAL"] == 1
