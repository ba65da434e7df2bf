"""Keys and headers, as OpenAI's and as Anthropic's clients and upstreams want them."""

import hashlib
import re

import anthropic
import pytest

from support import raw, sse
from support.clients import anthropic_at, message
from support.speech import DIALECTS, Text

WIRE = DIALECTS.messages
VERSIONED = {"anthropic-version": "2023-06-01"}


def say(upstream, *parts):
    upstream.speaks(WIRE.stream(*parts), WIRE.whole(*parts))


def keyed(folder):
    key = folder / "model.key"
    key.write_text("sk-of-the-gate\n")
    key.chmod(0o600)
    return key


def clients(folder, secret):
    file = folder / "clients.keys"
    file.write_text(f"jo {hashlib.sha256(secret.encode()).hexdigest()}\n")
    file.chmod(0o600)
    return {"keys_file": str(file)}


@pytest.fixture
def with_key(configured, upstream, folder):
    upstreams = [{"name": "model", "path": "/v1", "url": upstream.url, "key_file": str(keyed(folder))}]
    return lambda **changes: configured(upstream.url, {"upstreams": upstreams, **changes})




@pytest.mark.parametrize("sent", [{}, {"x-api-key": "sk-client"}, {"authorization": "Bearer sk-client"}], ids=str)
def test_a_key_of_the_gates_goes_as_anthropic_wants_it(with_key, upstream, sent):
    say(upstream, Text("yes"))
    assert raw.ask(with_key(), WIRE.ask(), path=WIRE.path, headers={**sent, **VERSIONED}).status == 200
    got = upstream.last()
    assert got.header("x-api-key") == "sk-of-the-gate" and got.header("authorization") is None


@pytest.mark.parametrize("sent", [{}, {"authorization": "Bearer sk-client"}, {"x-api-key": "sk-client"}], ids=str)
def test_a_key_of_the_gates_goes_as_openai_wants_it(with_key, upstream, sent):
    upstream.says(DIALECTS.responses.whole(Text("yes")))
    assert raw.ask(with_key(), DIALECTS.responses.ask(), path=DIALECTS.responses.path, headers=sent).status == 200
    got = upstream.last()
    assert got.header("authorization") == "Bearer sk-of-the-gate" and got.header("x-api-key") is None


@pytest.mark.parametrize("header", [{"x-api-key": "sk-jo"}, {"authorization": "Bearer sk-jo"}], ids=lambda header: next(iter(header)))
def test_a_clients_key_in_either_header(with_key, upstream, folder, header):
    gate = with_key(clients=clients(folder, "sk-jo"))
    say(upstream, Text("yes"))
    answer = raw.ask(gate, WIRE.ask(), path=WIRE.path, headers={**header, **VERSIONED})
    assert answer.status == 200 and "jo" in gate.audit(answer.exchange).split("asked by", 1)[1].split("\n")[0]
    assert "sk-jo" not in str(upstream.last().headers)
    answer = raw.ask(gate, WIRE.ask(), path=WIRE.path, headers={"x-api-key": "sk-other", **VERSIONED})
    error = answer.json()
    assert answer.status == 401 and (error["type"], error["error"]["type"]) == ("error", "authentication_error")
    with pytest.raises(anthropic.AuthenticationError):
        anthropic_at(gate).messages.create(**message())


def test_a_clients_own_key_passes(gate, upstream):
    say(upstream, Text("yes"))
    anthropic_at(gate).messages.create(**message())
    sent = {name.lower(): value for name, value in upstream.last().headers}
    assert "sk-test-client" in (sent.get("x-api-key", "") + sent.get("authorization", ""))


def test_headers_both_ways(gate, upstream):
    more = [("request-id", "req_7"), ("anthropic-ratelimit-requests-remaining", "41"), ("anthropic-organization-id", "org_1"), ("set-cookie", "a=b"), ("x-other", "no")]
    upstream.answer = lambda connection, request: (
        connection.stream(WIRE.stream(Text("yes")), more=more) if request.json().get("stream") else connection.whole(WIRE.whole(Text("yes")), more=more))
    client = anthropic_at(gate)
    got = client.messages.with_raw_response.create(**message(extra_headers={"anthropic-beta": "one-2025-01-01,two-2025-02-02"}))
    assert got.parse()._request_id == "req_7" and got.headers["anthropic-ratelimit-requests-remaining"] == "41"
    assert got.headers["anthropic-organization-id"] == "org_1" and "set-cookie" not in got.headers and "x-other" not in got.headers
    sent = upstream.last()
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", sent.header("anthropic-version")) and sent.header("anthropic-beta") == "one-2025-01-01,two-2025-02-02"
    assert not [name for name, _ in sent.headers if name.lower().startswith("x-stainless")]
    with client.messages.stream(**message()) as stream:
        assert stream.request_id == "req_7" and stream.response.headers["anthropic-ratelimit-requests-remaining"] == "41"




@pytest.mark.parametrize("names", [
    ["one-2025-01-01,two-2025-02-02"],
    [",".join(f"some-feature-{number}-2025-05-14" for number in range(12))],
    ["one-2025-01-01", "two-2025-02-02"],
], ids=["short", "long", "lines"])
def test_betas_go_up(gate, upstream, names):
    say(upstream, Text("yes"))
    body = sse.dumps(WIRE.ask()).encode()
    lines = "".join(f"anthropic-beta: {name}\r\n" for name in names)
    head = f"POST {WIRE.path} HTTP/1.1\r\nhost: gate\r\ncontent-length: {len(body)}\r\n{lines}anthropic-version: 2023-06-01\r\n\r\n"
    with raw.Client(gate.port) as client:
        client.send(head.encode() + body)
        assert client.answer().status == 200
    sent = [value for name, value in upstream.last().headers if name.lower() == "anthropic-beta"]
    assert ",".join(sent).replace(", ", ",") == ",".join(names)
