"""Personal data: what leaves is a token, what comes back is the value."""

import json
import re

import pytest

from support import raw, sse

EMAIL, CARD = "jo.doe@example.org", "4111 1111 1111 1111"
TOKEN = re.compile(r"\[(EMAIL|CARD)_[0-9A-Z]{8}\]")


def echo(size):
    return [{"reply": {"echo": True, "chunk_bytes": size}}]


def ask(gate, text, streamed, **more):
    create = gate.client().chat.completions.create
    messages = [{"role": "user", "content": text}]
    if not streamed:
        return create(model="m", messages=messages, **more).choices[0].message.content
    chunks = create(model="m", messages=messages, stream=True, **more)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "streamed"])
def test_tokens_leave_and_values_come_back(configured, mock, streamed, size):
    model = mock(echo(size))
    gate = configured(model.url)
    text = f"Write to {EMAIL} about the card {CARD}, then to {EMAIL} again."
    got = ask(gate, text, streamed)
    sent = model.requests()[0]["body"]
    assert EMAIL not in sent and "4111" not in sent
    tokens = [match.group(0) for match in TOKEN.finditer(sent)]
    assert len(tokens) == 3 and tokens[0] == tokens[2] and tokens[0] != tokens[1], sent
    assert got == f"You said: {text}"


def test_tokens_of_two_exchanges_differ(configured, mock):
    model = mock(echo(16))
    gate = configured(model.url)
    for _ in range(2):
        ask(gate, EMAIL, False)
    first, second = (TOKEN.search(one["body"]).group(0) for one in model.requests())
    assert first != second


def test_a_token_of_another_exchange_is_not_put_back(configured, mock):
    model = mock(echo(16))
    gate = configured(model.url)
    ask(gate, EMAIL, False)
    token = TOKEN.search(model.requests()[0]["body"]).group(0)
    assert EMAIL not in ask(gate, f"what was {token}? ask {CARD}", False)


def everywhere(value):
    """The same value in every field a request has for text."""
    schema = {"type": "object", "description": value, "properties": {"to": {"type": "string", "enum": [value]}}}
    call = {"id": "c1", "type": "function", "function": {"name": "send", "arguments": json.dumps({"to": value})}}
    return {
        "model": "m",
        "messages": [
            {"role": "system", "content": f"a {value}"},
            {"role": "developer", "content": [{"type": "text", "text": f"b {value}"}]},
            {"role": "user", "content": f"c {value}"},
            {"role": "user", "content": [{"type": "text", "text": "d "}, {"type": "text", "text": value}]},
            {"role": "assistant", "content": f"e {value}", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": f"f {value}"},
            {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": f"g {value}"}]},
            {"role": "assistant", "refusal": f"h {value}", "content": None},
        ],
        "tools": [{"type": "function", "function": {"name": "send", "description": f"i {value}", "parameters": schema}}],
        "metadata": {"who": f"j {value}"},
        "stop": [f"k {value}"],
        "user": f"l {value}",
    }


@pytest.mark.parametrize("value", [EMAIL, CARD])
def test_in_every_field(gate, upstream, value):
    answer = raw.ask(gate, everywhere(value))
    assert answer.status == 200, answer.body
    sent = upstream.last().body.decode()
    assert value not in sent
    assert len(TOKEN.findall(sent)) == sse.dumps(everywhere(value)).count(value)


def test_escaped_in_json_is_seen(gate, upstream):
    body = b'{"model":"m","messages":[{"role":"user","content":"jo\\u002edoe\\u0040example.org"}]}'
    assert raw.ask(gate, body).status == 200
    assert TOKEN.search(upstream.last().json()["messages"][0]["content"])


def test_a_match_in_a_key_is_refused(gate, upstream):
    answer = raw.ask(gate, raw.chat("x", metadata={EMAIL: "x"}))
    assert answer.status == 403 and not upstream.requests


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "streamed"])
def test_what_the_model_brings_is_masked(gate, upstream, streamed):
    text = f"His card is {CARD}, keep it."
    upstream.speaks(sse.text(*text), sse.whole(text))
    answer = raw.ask(gate, raw.chat("x", stream=streamed))
    got = sse.content(answer.body) if streamed else answer.json()["choices"][0]["message"]["content"]
    assert b"4111" not in answer.said
    assert got.startswith("His card is ") and got.endswith(", keep it.") and "1111" not in got


def test_every_offset_of_a_card_in_a_stream(gate, upstream):
    text = f"card {CARD} end"
    for at in range(1, len(text)):
        upstream.says(sse.text(text[:at], text[at:]))
        answer = raw.ask(gate, raw.chat("x", stream=True))
        assert not re.search(rb"\d", sse.content(answer.body).encode()), at


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "streamed"])
@pytest.mark.parametrize("where", ["name", "id", "fingerprint", "model", "refusal"])
def test_in_every_field_of_the_answer(gate, upstream, where, streamed):
    """What the model brings is masked or refused wherever a string is, the name and the id of a call included."""
    value = CARD.encode()
    call = ("get_weather", "{}")
    stream, whole = sse.calls(call), sse.whole(None, [call])
    marks = {
        "name": (b'"get_weather"', b'"get_%s"' % value),
        "id": (b'"call_0"', b'"%s"' % value),
        "fingerprint": (b'"created"', b'"system_fingerprint":"%s","created"' % value),
        "model": (b'"model":"m"', b'"model":"%s"' % value),
        "refusal": (b'"role":"assistant"', b'"role":"assistant","refusal":"%s"' % value),
    }
    old, new = marks[where]
    whole = whole.replace(b'"refusal":null', b'"x":null') if where == "refusal" else whole
    upstream.speaks(stream.replace(old, new), whole.replace(old, new))
    answer = raw.ask(gate, raw.chat(stream=streamed))
    assert value not in answer.body
