"""Text that is held back for too long: the answer ends there, and nothing undecided goes out."""

import json
import time

import openai
import pytest

from support import binary, raw, sse
from support.speech import DIALECTS, Call, Text

every = pytest.mark.parametrize("dialect", [DIALECTS.chat, DIALECTS.completions, DIALECTS.messages, DIALECTS.responses], ids=lambda one: one.name)
SAID, OPEN, CARD = "Hello there, all of you.\n", "4111 1111", "4111 1111 1111 1111"


@pytest.fixture
def stalled(configured, upstream):
    """A gate in front of a model that says `text` and then nothing more. `closed` tells when the gate left it."""

    def start(dialect, text, **changes):
        hold = {"max_ms": 500, **changes.pop("hold", {})}
        gate = configured(upstream.url, {"hold": hold, "stream": {"keep_alive_ms": 100}, **changes})
        body = dialect.stream(Text(SAID, text, " and more"))
        end = body.index(b"\n\n", body.index(text.encode())) + 2
        gate.closed = []

        def answer(connection, _):
            connection.head()
            connection.chunk(body[:end])
            gate.closed.append(connection.wait_closed())

        upstream.answer = answer
        return gate

    return start


def ask(gate, dialect):
    return raw.ask(gate, dialect.ask(stream=True), path=dialect.path)


@every
def test_what_is_held_for_too_long_does_not_go_out(stalled, dialect):
    gate = stalled(dialect, OPEN)
    begun = time.monotonic()
    answer = ask(gate, dialect)
    took = time.monotonic() - begun
    assert answer.status == 200 and answer.clean and 0.4 < took < 10
    assert SAID.strip().encode() in answer.body and b"4111" not in answer.said
    # It was told meanwhile that the stream lives.
    assert answer.body.count(b": keep-alive\n\n") >= 2
    assert b"hold_expired" in answer.body and dialect.graceful.encode() in answer.body
    assert "hold_expired" in gate.audit(answer.exchange) and "DENY by witgate" in gate.audit(answer.exchange)
    assert gate.metric('witgate_refusals_total{code="hold_expired"}') == 1
    assert gate.closed and gate.closed[0], "the upstream is left"


@every
def test_what_is_held_is_decided_as_the_end_of_its_text(stalled, dialect):
    """Policies say of `4111 1111` as an end that it is no card."""
    gate = stalled(dialect, OPEN, hold={"on_max_ms": "complete"})
    answer = ask(gate, dialect)
    assert answer.clean and OPEN.encode() in answer.body and b"and more" not in answer.body
    assert b"hold_expired" in answer.body
    assert "hold_expired" in gate.audit(answer.exchange)


@every
def test_what_policies_find_in_it_does_not_go_out_even_then(stalled, dialect):
    gate = stalled(dialect, CARD, hold={"on_max_ms": "complete"})
    answer = ask(gate, dialect)
    assert answer.clean and b"4111" not in answer.said and SAID.strip().encode() in answer.body
    assert b"hold_expired" in answer.body


def test_the_sdk_raises_where_a_deny_is_an_error(stalled):
    gate = stalled(DIALECTS.chat, OPEN, stream={"on_deny": "error"})
    got = []
    with pytest.raises(openai.APIError) as ended:
        for chunk in gate.client().chat.completions.create(**raw.chat(stream=True)):
            got.append(chunk.choices[0].delta.content or "")
    assert "".join(got).startswith(SAID.strip()) and "4111" not in "".join(got)
    assert ended.value.code == "hold_expired" and "hold.max_ms" in ended.value.message


def test_a_slow_model_is_not_cut(configured, upstream):
    """Some byte is held at any time, none of them for long."""
    gate = configured(upstream.url, {"hold": {"max_ms": 2500}})
    body = DIALECTS.chat.stream(Text(*(f"word{number} 41" for number in range(14))))

    def answer(connection, _):
        connection.head()
        for event in body.split(b"\n\n"):
            if event:
                connection.chunk(event + b"\n\n")
                time.sleep(0.25)
        connection.end()

    upstream.answer = answer
    begun = time.monotonic()
    answer = ask(gate, DIALECTS.chat)
    assert time.monotonic() - begun > 3 and sse.without_comments(answer.body) == body
    assert gate.metric("witgate_held_seconds_count") == 1 and gate.metric("witgate_held_seconds_sum") < 2.5


def test_a_slow_client_is_not_cut(configured, upstream):
    """While the client does not read, the gate does not either, and what it holds grows no older."""
    gate = configured(upstream.url, {"hold": {"max_ms": 700}})
    many = ["x" * 8000 + " 41"] * 2000
    body = DIALECTS.chat.stream(Text(*many, " is no card."))
    upstream.says(body)
    with raw.Client(gate.port) as client:
        client.post(DIALECTS.chat.ask(stream=True))
        time.sleep(2.5)
        whole = client.head()
        pieces = []
        while chunk := client.read_chunk():
            pieces.append(chunk)
    whole.body = b"".join(pieces)
    assert b"hold_expired" not in whole.body and sse.without_comments(whole.body) == body


def test_a_tool_call_is_not_counted(configured, upstream):
    """It is held until it is whole, however long that takes."""
    gate = configured(upstream.url, {"hold": {"max_ms": 300}})
    body = DIALECTS.chat.stream(Call("get_weather", '{"city": "Rome"}', size=100))
    middle = body.index(b"Rome")

    def answer(connection, _):
        connection.head()
        connection.chunk(body[:middle])
        time.sleep(1.2)
        connection.chunk(body[middle:])
        connection.end()

    upstream.answer = answer
    assert sse.without_comments(ask(gate, DIALECTS.chat).body) == body


@pytest.mark.parametrize("hold, code", [({"max_ms": 0}, "out_of_range"), ({"on_max_ms": "release"}, "not_one_of")])
def test_validate_names_mistakes(configured, upstream, hold, code):
    gate = configured(upstream.url)
    gate.config.value["hold"] = hold
    gate.config.write()
    told = json.loads(binary.run("validate", gate.config.file, "--format", "json").stdout)
    assert [(one["code"], one["pointer"]) for one in told["mistakes"]] == [(code, f"/hold/{next(iter(hold))}")]
