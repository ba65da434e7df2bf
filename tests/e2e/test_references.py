"""Declared references: a request says which earlier exchanges it was made from; the gate finds each, or refuses."""

import hashlib
import json
import re
import shutil
import sys
import threading
from pathlib import Path

import anthropic
import openai
import pytest

from support import binary, raw
from support.gate import DIRECT
from support.poll import until
from support.speech import DIALECTS, Call, Text

sys.path.insert(0, str(binary.ROOT / "tests/verifier"))
import verifier  # noqa: E402

HEADER = "x-witgate-references"
VECTORS = Path(verifier.__file__).parent / "vectors"
every = pytest.mark.parametrize("dialect", [DIALECTS.chat, DIALECTS.messages, DIALECTS.responses], ids=lambda one: one.name)
SEND = Call("send_email", json.dumps({"to": "somebody"}))
TIERS = {"id": "tool-tiers", "plugin": "builtin:tool-tiers", "grants": ["escalate"], "limits": {"deadline_ms": 5000},
         "config": {"untrusted": {"tool_results": {"deny_at": "MEDIUM"}}, "irreversible": "allow"}}
LEVELS = {"id": "classification", "plugin": "builtin:classification", "limits": {"deadline_ms": 5000},
          "config": {"default_clearance": "TS_SCI"}}
BOTH = {"policies": {"set": [LEVELS, TIERS]}}


@pytest.fixture
def tiers(configured, upstream):
    """A gate that refuses calls after untrusted content, and knows levels."""
    return configured(upstream.url, BOTH)


@pytest.fixture(params=[False, True], ids=["unary", "streamed"])
def streamed(request):
    return request.param


def speak(upstream, *parts, dialect=DIALECTS.chat):
    upstream.speaks(dialect.stream(*parts), dialect.whole(*parts))


def ask(gate, text="hi", references=(), dialect=DIALECTS.chat, streamed=False, body=None, **headers):
    """One request; `references` are pairs of an earlier answer and a use, or members as they are written."""
    members = [one if isinstance(one, str) else f"{one[0].headers['x-witgate-record']};use={one[1]}" for one in references]
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if members:
        headers[HEADER] = ", ".join(members)
    return raw.ask(gate, body or dialect.ask(text, stream=streamed), path=dialect.path, headers=headers)


def read_a_page(gate, upstream, dialect=DIALECTS.chat):
    """An exchange in which the model read what a tool brought."""
    speak(upstream, Text("Noted."), dialect=dialect)
    answer = ask(gate, body=dialect.result("a page of the web"), dialect=dialect)
    assert answer.status == 200
    return answer


def wants_to_send(gate, upstream, *references, dialect=DIALECTS.chat, streamed=False):
    """What becomes of a call of MEDIUM tier after these."""
    speak(upstream, SEND, dialect=dialect)
    answer = ask(gate, references=references, dialect=dialect, streamed=streamed)
    assert answer.status == 200, answer.body
    heard = dialect.heard(answer, streamed)
    return answer, [call[0] for call in heard.calls], heard.withheld()


def records(gate, exchange):
    told = binary.run("audit", "tail", gate.ledger, "--exchange", exchange, "--since", 1, "--no-follow", "--format", "jsonl")
    return [json.loads(line) for line in told.stdout.splitlines()]


def intent(gate, exchange):
    return next(one["body"] for one in records(gate, exchange) if one["kind"] == "INTENT")


def on_disk(gate, exchange, kind):
    """The records of a kind, once they are on disk."""

    def there():
        status, body = gate.admin(f"/v1/snapshot?exchange={exchange}&kind={kind}")
        return status == 200 and json.loads(body)["records"]

    return until(there, f"the {kind} of {exchange} in a snapshot")


def name_of(gate, answer):
    """The name of an exchange's record, as it comes with its receipt."""
    with DIRECT.open(f"{gate.base_url.rsplit('/v1', 1)[0]}/witgate/receipts/{answer.exchange}") as receipt:
        return receipt.headers["x-witgate-record"]


@every
def test_what_was_made_from_untrusted_content_stays_so(tiers, upstream, dialect, streamed):
    page = read_a_page(tiers, upstream, dialect)
    assert wants_to_send(tiers, upstream, dialect=dialect, streamed=streamed)[1:] == (["send_email"], [])
    refused = ([], [("send_email", "tool_after_untrusted")])
    second, *told = wants_to_send(tiers, upstream, (page, "governance"), dialect=dialect, streamed=streamed)
    assert tuple(told) == refused
    # Over as many hands as it goes through.
    third, *told = wants_to_send(tiers, upstream, (second, "governance"), dialect=dialect, streamed=streamed)
    assert tuple(told) == refused
    assert wants_to_send(tiers, upstream, (page, "execution"), dialect=dialect, streamed=streamed)[1:] == (["send_email"], [])
    body = intent(tiers, third.exchange)
    label = {"source": "tool-tiers", "key": "untrusted", "value": "tool-result"}
    assert label in body["inherited"]
    [reference] = body["references"]
    assert reference["exchange"] == second.exchange and reference["use"] == "governance"
    digest, at = re.fullmatch(r'"([0-9a-f]{64})";at=(\d+)', second.headers["x-witgate-record"]).groups()
    assert (reference["digest"], reference["seq"]) == (digest, int(at))
    [named] = [one for one in records(tiers, second.exchange) if one["seq"] == int(at)]
    assert named["digest"] == digest and named["kind"] == "DECISION" and named["body"]["stage"] == "admission"


def test_what_was_made_from_something_secret_stays_so(tiers, upstream, streamed):
    speak(upstream, Text("The plan."))
    secret = ask(tiers, x_classification="SECRET", streamed=streamed)
    assert secret.status == 200
    marked = ask(tiers, "SECRET//NOFORN the plan")
    assert marked.status == 403
    for earlier in (secret, marked):
        refused = ask(tiers, references=[(earlier, "governance")], streamed=streamed)
        assert refused.status == 403 and refused.json()["error"]["code"] == "marking_above_declared"
        assert ask(tiers, references=[(earlier, "governance")], x_classification="SECRET", streamed=streamed).status == 200
        assert ask(tiers, references=[(earlier, "execution")], streamed=streamed).status == 200


def test_a_marking_in_the_answer_counts_from_its_end_on(tiers, upstream):
    speak(upstream, Text("The plan is SECRET//NOFORN and so on."))
    cut = ask(tiers, streamed=True)
    speak(upstream, Text("fine"))
    refused = ask(tiers, references=[(cut, "governance")])
    assert refused.status == 403 and refused.json()["error"]["code"] == "marking_above_declared"


def test_the_sdks(tiers, upstream):
    page = read_a_page(tiers, upstream)
    named = {HEADER: f"{page.headers['x-witgate-record']};use=governance"}
    speak(upstream, SEND)
    client = tiers.client()
    answer = client.chat.completions.with_raw_response.create(**raw.chat(), extra_headers=named)
    assert answer.parse().witgate["withheld"][0]["code"] == "tool_after_untrusted"
    again = {HEADER: f"{answer.headers['x-witgate-record']};use=governance"}
    stream = client.chat.completions.create(**raw.chat(stream=True), extra_headers=again)
    told = [chunk.witgate for chunk in stream if getattr(chunk, "witgate", None)]
    assert told[-1]["withheld"][0]["code"] == "tool_after_untrusted"
    wrong = {HEADER: f'"{"0" * 64}";at={1 << 40};use=governance'}
    for streamed in (False, True):
        with pytest.raises(openai.BadRequestError) as refused:
            client.chat.completions.create(**raw.chat(stream=streamed), extra_headers=wrong)
        assert refused.value.code == "reference_unknown"
    claude = anthropic.Anthropic(base_url=tiers.base_url.rsplit("/v1", 1)[0], api_key="sk", max_retries=0)
    with pytest.raises(anthropic.BadRequestError) as refused:
        claude.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": "hi"}], extra_headers=wrong)
    assert refused.value.body["error"]["type"] == "invalid_request_error"
    assert refused.value.body["error"]["code"] == "reference_unknown"


@every
def test_what_is_not_as_declared_never_leaves(gate, upstream, dialect, streamed):
    speak(upstream, Text("fine"), dialect=dialect)
    answer = ask(gate, dialect=dialect, streamed=streamed)
    on_disk(gate, answer.exchange, "execution")
    digest, at = re.fullmatch(r'"(\w+)";at=(\d+)', answer.headers["x-witgate-record"]).groups()
    written = {one["kind"]: one for one in records(gate, answer.exchange)}
    sent = len(upstream.requests)
    for member, code in {
        f'"{digest}";at={at}': "references_malformed",
        f'"{digest}";at={at};use=both': "references_malformed",
        "nothing": "references_malformed",
        ",".join(f'"{digest}";at={n};use=execution' for n in range(1, 18)): "references_too_many",
        "x" * 5000: "references_too_many",
        f'"{digest}";at={1 << 40};use=execution': "reference_unknown",
        f'"{digest}";at={int(at) - 1};use=execution': "reference_unknown",
        f'"{"0" * 64}";at={at};use=governance': "reference_mismatch",
        f'"{written["INTENT"]["digest"]}";at={written["INTENT"]["seq"]};use=execution': "reference_kind",
        f'"{written["EXECUTION"]["digest"]}";at={written["EXECUTION"]["seq"]};use=governance': "reference_kind",
    }.items():
        refused = ask(gate, references=[member], dialect=dialect, streamed=streamed)
        assert refused.status == 400 and refused.json()["error"]["code"] == code, (member, refused.body)
        assert refused.headers["x-should-retry"] == "false" and "x-witgate-record" not in refused.headers
        [end] = until(lambda: records(gate, refused.exchange), "the refusal's record")
        assert (end["kind"], end["body"]["outcome"], end["body"]["code"]) == ("EXECUTION", "refused", code)
        if dialect is DIALECTS.messages:
            assert refused.json()["type"] == "error" and refused.json()["error"]["type"] == "invalid_request_error"
    # The second of two is as bad as the first.
    good = (answer, "governance")
    refused = ask(gate, references=[good, f'"{digest}";at={1 << 40};use=execution'], dialect=dialect)
    assert refused.status == 400 and "member 2" in refused.json()["error"]["message"]
    assert len(upstream.requests) == sent
    assert ask(gate, references=[good], dialect=dialect, streamed=streamed).status == 200
    assert upstream.last().header(HEADER) is None and "x-witgate" not in str(upstream.last().headers).lower()


def test_another_callers_record_is_like_none(configured, upstream, folder):
    keys = {name: f"key-of-{name}" for name in ("ada", "bob")}
    clients = folder / "clients"
    clients.write_text("".join(f"{name} {hashlib.sha256(key.encode()).hexdigest()}\n" for name, key in keys.items()))
    clients.chmod(0o600)
    gate = configured(upstream.url, {"clients": {"keys_file": str(clients)}})
    speak(upstream, Text("fine"))
    hers = ask(gate, authorization=f"Bearer {keys['ada']}")
    assert hers.status == 200
    record = hers.headers["x-witgate-record"]
    at = int(record.split("at=")[1])

    def his(member):
        answer = ask(gate, references=[member], authorization=f"Bearer {keys['bob']}")
        answer.headers.pop("x-witgate-exchange")
        told = answer.json()
        told.pop("witgate")
        return answer.status, told

    right, wrong, none = (his(f"{member};use=governance") for member in (record, f'"{"0" * 64}";at={at}', f'"{"0" * 64}";at={1 << 40}'))
    assert right == wrong == none, "whether there is a record, and which, is not told"
    assert right[0] == 400 and right[1]["error"]["code"] == "reference_unknown"
    assert ask(gate, references=[(hers, "governance")], authorization=f"Bearer {keys['ada']}").status == 200


def test_an_exchange_that_is_still_running(gate, upstream):
    held, begun = threading.Event(), threading.Event()

    def answer(connection, request):
        connection.head()
        connection.chunk(b": wait\n\n")
        begun.set()
        held.wait(20)
        connection.chunk(DIALECTS.chat.stream(Text("one ", "two ")))
        connection.end()

    upstream.answer = answer
    with raw.Client(gate.port) as client:
        client.post(raw.chat(stream=True))
        head = client.head()
        assert begun.wait(20)
        named = head.headers["x-witgate-record"]
        speak(upstream, Text("fine"))
        refused = ask(gate, references=[f"{named};use=governance"])
        assert refused.status == 409 and refused.json()["error"]["code"] == "reference_open"
        assert refused.headers["x-should-retry"] == "true"
        # What is only recorded need not be over.
        assert ask(gate, references=[f"{named};use=execution"]).status == 200
        held.set()
        while client.read_chunk():
            pass
    assert ask(gate, references=[f"{named};use=governance"]).status == 200


def test_an_exchange_that_a_crash_cut(configured, upstream):
    gate = configured(upstream.url)
    begun = threading.Event()

    def answer(connection, request):
        connection.head()
        connection.chunk(b": wait\n\n")
        begun.set()
        connection.wait_closed()
        connection.close()

    upstream.answer = answer
    with raw.Client(gate.port) as client:
        client.post(raw.chat(stream=True))
        named = client.head().headers["x-witgate-record"]
        assert begun.wait(20)
        gate.kill()
    gate.start()
    speak(upstream, Text("fine"))
    refused = ask(gate, references=[f"{named};use=governance"])
    assert refused.status == 400 and refused.json()["error"]["code"] == "reference_lost"
    assert ask(gate, references=[f"{named};use=execution"]).status == 200


def test_it_is_shown_wherever_records_are(tiers, upstream):
    page = read_a_page(tiers, upstream)
    second, *_ = wants_to_send(tiers, upstream, (page, "governance"))
    told = tiers.audit(second.exchange)
    digest, at = re.fullmatch(r'"(\w+)";at=(\d+)', page.headers["x-witgate-record"]).groups()
    assert f"made from   #{at} of {page.exchange} (governance), digest {digest}" in told
    assert "inherits    label untrusted = tool-result of tool-tiers" in told
    [shown] = on_disk(tiers, second.exchange, "intent")
    assert shown["body"]["references"] == [{"seq": int(at), "digest": digest, "exchange": page.exchange, "use": "governance"}]
    # The name is kept with the receipt, and made anew from the ledger when it is old.
    assert name_of(tiers, page) == page.headers["x-witgate-record"]
    tiers.stop()
    stats = json.loads(binary.run("audit", "stats", tiers.ledger, "--format", "json").stdout)
    assert stats["references"] == {"governance": 1}
    assert "from 1 earlier exchange" in binary.run("audit", "tail", tiers.ledger, "--no-follow", "--since", 1).stdout
    for form, wanted in {"jsonl": f'"references":[{{"seq":{at},"digest":"{digest}"', "csv": f"{at}:{digest}:governance",
                         "ocsf": f'"references":[{{"seq":{at},"digest":"{digest}"'}.items():
        out = tiers.folder / f"export.{form}"
        made = binary.run("audit", "export", tiers.ledger, "--format", form, "--out", out)
        assert made.returncode == 0 and wanted in out.read_text(), form
        checked = binary.run("audit", "check-proof", *sorted(tiers.folder.glob(f"export.{form}.proof-*")), "--key", tiers.public, "--export", out)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    tiers.start()
    assert name_of(tiers, page) == page.headers["x-witgate-record"]
    tiers.stop()
    report = json.loads(tiers.verify("--format", "json").stdout)
    assert report["references"] == {"held": 1, "let_go": 0}
    assert "1 reference to an earlier exchange names the record it says" in tiers.verify().stdout
    run = verifier.Verifier(tiers.ledger, verifier.load_key(tiers.key), [verifier.load_key(tiers.public)]).run()
    assert run.references == {"held": 1, "let_go": 0}


def test_a_replay_sees_the_same_labels(configured, upstream):
    ledger = {"directory": "ledger", "hmac_key_file": "keys/ledger.key", "receipt_key_file": "keys/receipt.key", "bodies": {}}
    gate = configured(upstream.url, {**BOTH, "ledger": ledger})
    page = read_a_page(gate, upstream)
    for streamed in (False, True):
        assert wants_to_send(gate, upstream, (page, "governance"), streamed=streamed)[2]
        assert not wants_to_send(gate, upstream, (page, "execution"), streamed=streamed)[2]
    speak(upstream, Text("fine"))
    secret = ask(gate, x_classification="SECRET")
    assert ask(gate, references=[(secret, "governance")]).status == 403
    gate.stop()
    done = binary.run("replay", gate.ledger, "--format", "json")
    report = json.loads(done.stdout)
    assert done.returncode == 0 and report["same"] == report["replayed"] == report["seen"] == 7, done.stdout


def test_both_verifiers_and_the_binary_name_what_is_wrong(folder):
    """A ledger that is chained and signed as it should be, and names what is not so, is one that no gate writes."""
    for name, code in {
        "references": None,
        "references-let-go": None,
        "reference-to-another-digest": "reference_differs",
        "reference-to-another-record": "reference_differs",
        "reference-to-another-exchange": "reference_differs",
        "reference-ahead": "reference_ahead",
        "approval-without-intent": "approval_without_intent",
    }.items():
        ledger = folder / name
        shutil.copytree(VECTORS / name, ledger)
        for keys in (["--key", VECTORS / "one.pub"], ["--key", VECTORS / "one.pub", "--chain-key", chain(folder)]):
            told = binary.run("audit", "verify", ledger, "--format", "json", *keys)
            report = json.loads(told.stdout)
            assert (report["failure"] or {}).get("code") == code and told.returncode == (1 if code else 0), told.stdout
    told = binary.run("audit", "verify", folder / "references-let-go", "--key", VECTORS / "one.pub").stdout
    assert "1 reference to an earlier exchange names the record it says; 2 not checked, since their records were let go" in told


def chain(folder):
    """The vectors' chain key, as only its owner may read it."""
    path = folder / "chain.key"
    if not path.exists():
        path.write_bytes((VECTORS / "chain.key").read_bytes())
        path.chmod(0o600)
    return path
